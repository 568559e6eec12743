"""Kernels over the bricks: rotations, elastic forces, and the product of the stiffness with a vector.

Bricks travel in blocks of LANES of one material, so that the inner loops run over lanes and the compiler makes vector
instructions of them. Vectors are flat, node n at 3 n; the node after the last is no node: padding reads and writes it.
A brick that was cut away, and padding, has a rotation of zeros, which makes all that it does zero.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]
U4 = NDArray[np.uint32]
I8 = NDArray[np.int64]
LANES = 64
"""Bricks in a block. because: measured; numba unrolls shorter loops and then makes no vector instructions of them."""
SCRATCH = 33 * LANES
"""Numbers of scratch that the kernels need."""
NEARLY_FLAT = 0.05
"""Share of its volume below which a brick's rotation is sought by eigenvectors. because: design; Newton's iteration
for the polar factor needs a positive determinant."""


class Bricks(NamedTuple):
    """What the kernels know of all bricks.

    conn: 3 times the node at each corner, shape (blocks, 8, LANES); kind: material of each block; blocks: see
    `tissue_element.Brick`, shape (materials, 8, 6) [N/m]; rest: the linear modes at rest, -4 times the edges [m], (3,).
    """

    conn: U4
    kind: I8
    blocks: F8
    rest: F8


@njit(cache=True)
def hat(b: F8) -> None:
    """Replace the corner values in the rows 3 k + c of `b` by their sums with signs, or back but for a factor 8."""
    for k in (0, 2, 4, 6):
        for c in range(3):
            _fly(b, 3 * k + c, 3 * k + 3 + c)
    for k in (0, 1, 4, 5):
        for c in range(3):
            _fly(b, 3 * k + c, 3 * k + 6 + c)
    for k in range(4):
        for c in range(3):
            _fly(b, 3 * k + c, 3 * k + 12 + c)


@njit(cache=True)
def _fly(b: F8, i: int, j: int) -> None:
    for m in range(LANES):
        p = b[LANES * i + m]
        q = b[LANES * j + m]
        b[LANES * i + m] = p + q
        b[LANES * j + m] = p - q


@njit(cache=True)
def pull(x: F8, conn: U4, rot: F8, e: int, b: F8) -> None:
    """Write the modes of block e, turned into the bricks' own frames, into the rows 0 to 23 of `b`."""
    for k in range(8):
        for m in range(LANES):
            n = conn[e, k, m]
            b[LANES * (3 * k) + m] = x[n]
            b[LANES * (3 * k + 1) + m] = x[n + 1]
            b[LANES * (3 * k + 2) + m] = x[n + 2]
    for k in range(9):
        for m in range(LANES):
            b[LANES * (24 + k) + m] = rot[e, k, m]
    hat(b)
    for k in range(1, 8):
        for m in range(LANES):
            u, v, w = b[LANES * 3 * k + m], b[LANES * (3 * k + 1) + m], b[LANES * (3 * k + 2) + m]
            b[LANES * 3 * k + m] = b[LANES * 24 + m] * u + b[LANES * 27 + m] * v + b[LANES * 30 + m] * w
            b[LANES * (3 * k + 1) + m] = b[LANES * 25 + m] * u + b[LANES * 28 + m] * v + b[LANES * 31 + m] * w
            b[LANES * (3 * k + 2) + m] = b[LANES * 26 + m] * u + b[LANES * 29 + m] * v + b[LANES * 32 + m] * w


@njit(cache=True)
def stiffen(b: F8, blocks: F8, g: int, scale: float) -> None:
    """Multiply the modes in `b` by B of material g times `scale`."""
    for q in range(8):
        i, j, k = 3 * (q ^ 4), 3 * (q ^ 2) + 1, 3 * (q ^ 1) + 2
        a0, a1, a2 = scale * blocks[g, q, 0], scale * blocks[g, q, 1], scale * blocks[g, q, 2]
        a3, a4, a5 = scale * blocks[g, q, 3], scale * blocks[g, q, 4], scale * blocks[g, q, 5]
        for m in range(LANES):
            u, v, w = b[LANES * i + m], b[LANES * j + m], b[LANES * k + m]
            b[LANES * i + m] = a0 * u + a1 * v + a2 * w
            b[LANES * j + m] = a1 * u + a3 * v + a4 * w
            b[LANES * k + m] = a2 * u + a4 * v + a5 * w


@njit(cache=True)
def push(b: F8, conn: U4, e: int, y: F8) -> None:
    """Turn the modes in `b` back into W, by the rotations that `pull` left there, and add them to the nodes."""
    for m in range(LANES):
        b[m] = 0.0
        b[LANES + m] = 0.0
        b[2 * LANES + m] = 0.0
    for k in range(1, 8):
        for m in range(LANES):
            u, v, w = b[LANES * 3 * k + m], b[LANES * (3 * k + 1) + m], b[LANES * (3 * k + 2) + m]
            b[LANES * 3 * k + m] = b[LANES * 24 + m] * u + b[LANES * 25 + m] * v + b[LANES * 26 + m] * w
            b[LANES * (3 * k + 1) + m] = b[LANES * 27 + m] * u + b[LANES * 28 + m] * v + b[LANES * 29 + m] * w
            b[LANES * (3 * k + 2) + m] = b[LANES * 30 + m] * u + b[LANES * 31 + m] * v + b[LANES * 32 + m] * w
    hat(b)
    for k in range(8):
        for m in range(LANES):
            n = conn[e, k, m]
            y[n] += b[LANES * (3 * k) + m]
            y[n + 1] += b[LANES * (3 * k + 1) + m]
            y[n + 2] += b[LANES * (3 * k + 2) + m]


@njit(cache=True)
def multiply(x: F8, body: Bricks, rot: F8, gain: F8, y: F8, b: F8) -> None:
    """Add sum R K R^T x to `y`, K of each material times `gain` (materials,).

    Matrix-free: reads 36 bytes of a brick's data and about 500 flops a brick. Measured 66 ns a brick, half of it for
    gathering and scattering.
    """
    for e in range(body.conn.shape[0]):
        pull(x, body.conn, rot, e, b)
        stiffen(b, body.blocks, body.kind[e], gain[body.kind[e]])
        push(b, body.conn, e, y)


@njit(cache=True)
def stretch(x: F8, body: Bricks, rot: F8, out: F8, b: F8) -> None:
    """Write the modes of R^T x - X of each brick into `out`, shape (blocks, 24 LANES)."""
    for e in range(body.conn.shape[0]):
        pull(x, body.conn, rot, e, b)
        for m in range(LANES):
            b[LANES * 12 + m] -= body.rest[0]
            b[LANES * 7 + m] -= body.rest[1]
            b[LANES * 5 + m] -= body.rest[2]
        for m in range(24 * LANES):
            out[e, m] = b[m]


@njit(cache=True)
def resist(x: F8, body: Bricks, rot: F8, viscous: F8, old: F8, y: F8, b: F8) -> None:
    """Add the forces [N] with which the bricks resist to `y`.

    f = R K (u + viscous (u - old)), u = R^T x - X; `old` are the modes of u at the beginning of the step, `viscous`
    (materials,) damping time over time step. A rigid motion has u = old: it is not damped.
    """
    for e in range(body.conn.shape[0]):
        pull(x, body.conn, rot, e, b)
        for m in range(LANES):
            b[LANES * 12 + m] -= body.rest[0]
            b[LANES * 7 + m] -= body.rest[1]
            b[LANES * 5 + m] -= body.rest[2]
        c = viscous[body.kind[e]]
        if c > 0.0:
            for m in range(24 * LANES):
                b[m] += c * (b[m] - old[e, m])
        stiffen(b, body.blocks, body.kind[e], 1.0)
        push(b, body.conn, e, y)


@njit(cache=True)
def turn(x: F8, body: Bricks, alive: F8, rot: F8, f: F8, s: F8) -> None:
    """Write the rotation of each brick (row by row) into `rot`, shape (blocks, 9, LANES); zeros where not `alive`.

    The rotation is that of the gradient amid the brick. f (3, 3) and s (4, 9) are scratch.
    """
    for e in range(body.conn.shape[0]):
        for m in range(LANES):
            if alive[e, m] == 0.0:
                for k in range(9):
                    rot[e, k, m] = 0.0
                continue
            for r in range(3):
                gx, gy, gz = 0.0, 0.0, 0.0
                for k in range(8):
                    v = x[body.conn[e, k, m] + r]
                    gx += v if k < 4 else -v
                    gy += v if k & 2 == 0 else -v
                    gz += v if k & 1 == 0 else -v
                f[r, 0], f[r, 1], f[r, 2] = gx / body.rest[0], gy / body.rest[1], gz / body.rest[2]
            polar(f, s)
            for k in range(9):
                rot[e, k, m] = f[k // 3, k % 3]


@njit(cache=True)
def polar(f: F8, s: F8) -> None:
    """Replace `f` (3, 3) by the proper rotation nearest to it, also where f is flat or turned inside out.

    Newton's iteration for the orthogonal factor (Higham, Functions of Matrices, 8.3), quadratic, about 50 flops a
    turn; where the volume is nearly lost, the eigenvector of Horn's 4 x 4 matrix (J. Opt. Soc. Am. A 4 (1987) 629).
    s (4, 9) is scratch.
    """
    size = 0.0
    for r in range(3):
        for c in range(3):
            size += f[r, c] * f[r, c]
    size = math.sqrt(size / 3.0)
    d = _determinant(f)
    if not d > NEARLY_FLAT * size * size * size:
        _horn(f, s)
        return
    for _ in range(40):
        d = _determinant(f)
        moved = 0.0
        for r in range(3):
            r1, r2 = (r + 1) % 3, (r + 2) % 3
            for c in range(3):
                c1, c2 = (c + 1) % 3, (c + 2) % 3
                s[r, c] = 0.5 * (f[r, c] + (f[r1, c1] * f[r2, c2] - f[r1, c2] * f[r2, c1]) / d)
        for r in range(3):
            for c in range(3):
                moved += (s[r, c] - f[r, c]) ** 2
                f[r, c] = s[r, c]
        if not moved > 1e-18:
            return


@njit(cache=True)
def _determinant(f: F8) -> float:
    return (  # type: ignore[no-any-return]
        f[0, 0] * (f[1, 1] * f[2, 2] - f[1, 2] * f[2, 1])
        - f[0, 1] * (f[1, 0] * f[2, 2] - f[1, 2] * f[2, 0])
        + f[0, 2] * (f[1, 0] * f[2, 1] - f[1, 1] * f[2, 0])
    )


@njit(cache=True)
def _horn(f: F8, s: F8) -> None:
    """Write the rotation that maximises tr(R^T f) into `f`: cyclic Jacobi on Horn's matrix; s (4, 9) is scratch."""
    a, v = s[:, :4], s[:, 4:8]
    a[0, 0] = f[0, 0] + f[1, 1] + f[2, 2]
    a[0, 1], a[0, 2], a[0, 3] = f[2, 1] - f[1, 2], f[0, 2] - f[2, 0], f[1, 0] - f[0, 1]
    for r in range(3):
        a[r + 1, 0] = a[0, r + 1]
        for c in range(3):
            a[r + 1, c + 1] = f[r, c] + f[c, r]
        a[r + 1, r + 1] -= a[0, 0]
    for r in range(4):
        for c in range(4):
            v[r, c] = 1.0 if r == c else 0.0
    for _ in range(12):
        for p in range(3):
            for q in range(p + 1, 4):
                if a[p, q] == 0.0:
                    continue
                t = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
                t = (1.0 if t >= 0.0 else -1.0) / (abs(t) + math.sqrt(t * t + 1.0))
                c0 = 1.0 / math.sqrt(t * t + 1.0)
                s0 = t * c0
                for k in range(4):
                    g, h = a[k, p], a[k, q]
                    a[k, p], a[k, q] = c0 * g - s0 * h, s0 * g + c0 * h
                for k in range(4):
                    g, h = a[p, k], a[q, k]
                    a[p, k], a[q, k] = c0 * g - s0 * h, s0 * g + c0 * h
                    g, h = v[k, p], v[k, q]
                    v[k, p], v[k, q] = c0 * g - s0 * h, s0 * g + c0 * h
    best = 0
    for k in range(1, 4):
        if a[k, k] > a[best, best]:
            best = k
    w, x, y, z = v[0, best], v[1, best], v[2, best], v[3, best]
    f[0, 0], f[0, 1], f[0, 2] = 1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)
    f[1, 0], f[1, 1], f[1, 2] = 2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)
    f[2, 0], f[2, 1], f[2, 2] = 2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)

"""Kernels over the bricks: rotations, elastic forces, and the product of the stiffness with a vector.

Bricks travel in blocks of LANES, so that the inner loops run over lanes and the compiler makes vector instructions of
them; for that, rows of the scratch are numbered by literals. Vectors are components over the dense lattice of
`tissue_lattice`, shape (3, size). A kernel works in the precision of its arrays.

Corner values of a brick are replaced by their sums with signs ("modes"), slots 0 to 6: x, y, z, xy, xz, yz, xyz. The
sum without signs is a shift and is not kept. Row 3 slot + c of the scratch holds component c.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_kernel import WIDE, turn_lanes

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
F: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
I8 = NDArray[np.int64]
LANES = WIDE
"""Bricks in a block. because: measured; numba unrolls shorter loops and then makes no vector instructions of them, and
the scratch of longer ones does not stay in the innermost cache."""
ROWS = 24
"""Rows of scratch of the kernels, each LANES long."""
FLOPS = 450
"""Operations of one brick in one product: to modes 69, to the brick's frame 105, stiffness 81, back 195."""
BYTES = 76
"""What a product moves for one brick in single precision [B]: rotation 36, ratio 4, x 12, y 24 (read and written)."""
FORCE_FLOPS, FORCE_BYTES = 800, 380
"""The same of `resist`, operations and bytes: to modes 69, four goes of the rotation 260, to the frame 105, viscous and
stiff 170, back 195; in double precision modes at the beginning 168, rotations in both precisions 108, numbers of the
brick 32, x 24, y 48."""


class Bricks(NamedTuple):
    """What the kernels know of all bricks.

    at: lowest node of the first brick of each block, (blocks,); corner: how far off the corners (0, 0), (0, 1), (1, 0)
    and (1, 1) in x and y are, (4,); table, small: see `tissue_element.shear_and_volume`, (9, 6), in both precisions
    [m]; rest: the linear modes at rest, -4 times the edges [m], (3,).
    """

    at: I8
    corner: I8
    table: F8
    small: F4
    rest: F8


class Lanes(NamedTuple):
    """Numbers of each brick, shape (blocks, LANES), zero where there is none.

    shear: modulus [Pa]; ratio, small: of the bulk to the shear modulus, in both precisions; viscous: damping time over
    time step; root: square root of shear (1 + viscous).
    """

    shear: F8
    ratio: F8
    small: F4
    viscous: F8
    root: F8


@njit(cache=True)
def _take(x: F, first: int, i: int, j: int, b: F) -> None:
    """Write sums and differences of neighbours along z into the rows i and j."""
    v = x[first : first + LANES + 1]
    for m in range(LANES):
        p, q = v[m], v[m + 1]
        b[LANES * i + m] = p + q
        b[LANES * j + m] = p - q


@njit(cache=True)
def _rise(b: F, c: int) -> None:
    """Make modes of component c of what `_take` has left."""
    for m in range(LANES):
        p0, q0, p1, q1 = b[LANES * c + m], b[LANES * (3 + c) + m], b[LANES * (6 + c) + m], b[LANES * (9 + c) + m]
        p2, q2, p3, q3 = (
            b[LANES * (12 + c) + m], b[LANES * (15 + c) + m], b[LANES * (18 + c) + m], b[LANES * (21 + c) + m],
        )  # fmt: skip
        r0, r1, r2, r3 = p0 + p1, p2 + p3, q0 + q1, q2 + q3
        s0, s1, s2, s3 = p0 - p1, p2 - p3, q0 - q1, q2 - q3
        b[LANES * c + m] = r0 - r1
        b[LANES * (3 + c) + m] = s0 + s1
        b[LANES * (6 + c) + m] = r2 + r3
        b[LANES * (9 + c) + m] = s0 - s1
        b[LANES * (12 + c) + m] = r2 - r3
        b[LANES * (15 + c) + m] = s2 + s3
        b[LANES * (18 + c) + m] = s2 - s3


@njit(cache=True)
def pull(x: F, body: Bricks, e: int, b: F) -> None:
    """Write the modes of block e into `b`. 69 flops a brick."""
    o, a = body.at[e], body.corner
    x0, x1, x2 = x[0], x[1], x[2]
    _take(x0, o, 0, 3, b)
    _take(x0, o + a[1], 6, 9, b)
    _take(x0, o + a[2], 12, 15, b)
    _take(x0, o + a[3], 18, 21, b)
    _take(x1, o, 1, 4, b)
    _take(x1, o + a[1], 7, 10, b)
    _take(x1, o + a[2], 13, 16, b)
    _take(x1, o + a[3], 19, 22, b)
    _take(x2, o, 2, 5, b)
    _take(x2, o + a[1], 8, 11, b)
    _take(x2, o + a[2], 14, 17, b)
    _take(x2, o + a[3], 20, 23, b)
    _rise(b, 0)
    _rise(b, 1)
    _rise(b, 2)


@njit(cache=True)
def _sink(b: F, c: int) -> None:
    """Make values at corners of the modes of component c."""
    for m in range(LANES):
        x, y, z = b[LANES * c + m], b[LANES * (3 + c) + m], b[LANES * (6 + c) + m]
        xy, xz = b[LANES * (9 + c) + m], b[LANES * (12 + c) + m]
        yz, xyz = b[LANES * (15 + c) + m], b[LANES * (18 + c) + m]
        s0, s1, t0, t1, u0, u1 = y + xy, y - xy, z + xz, z - xz, yz + xyz, yz - xyz
        a0, a1, a2, a3 = x + s0, x - s0, s1 - x, -x - s1
        b0, b1, b2, b3 = t0 + u0, t0 - u0, t1 + u1, t1 - u1
        b[LANES * c + m] = a0 + b0
        b[LANES * (3 + c) + m] = a0 - b0
        b[LANES * (6 + c) + m] = a1 + b1
        b[LANES * (9 + c) + m] = a1 - b1
        b[LANES * (12 + c) + m] = a2 + b2
        b[LANES * (15 + c) + m] = a2 - b2
        b[LANES * (18 + c) + m] = a3 + b3
        b[LANES * (21 + c) + m] = a3 - b3


@njit(cache=True)
def _give(b: F, i: int, j: int, first: int, y: F) -> None:
    """Add the rows i and j, of neighbours along z, to the nodes."""
    y[first] += b[LANES * i]
    y[first + LANES] += b[LANES * j + LANES - 1]
    v = y[first + 1 : first + LANES]
    for m in range(LANES - 1):
        v[m] += b[LANES * i + 1 + m] + b[LANES * j + m]


@njit(cache=True)
def push(b: F, body: Bricks, e: int, y: F) -> None:
    """Add the modes in `b` to the nodes of block e. 90 flops a brick."""
    _sink(b, 0)
    _sink(b, 1)
    _sink(b, 2)
    o, a = body.at[e], body.corner
    y0, y1, y2 = y[0], y[1], y[2]
    _give(b, 0, 3, o, y0)
    _give(b, 1, 4, o, y1)
    _give(b, 2, 5, o, y2)
    _give(b, 6, 9, o + a[1], y0)
    _give(b, 7, 10, o + a[1], y1)
    _give(b, 8, 11, o + a[1], y2)
    _give(b, 12, 15, o + a[2], y0)
    _give(b, 13, 16, o + a[2], y1)
    _give(b, 14, 17, o + a[2], y2)
    _give(b, 18, 21, o + a[3], y0)
    _give(b, 19, 22, o + a[3], y1)
    _give(b, 20, 23, o + a[3], y2)


@njit(cache=True)
def _home(b: F, r: F, k: int) -> None:
    for m in range(LANES):
        u, v, w = b[LANES * 3 * k + m], b[LANES * (3 * k + 1) + m], b[LANES * (3 * k + 2) + m]
        b[LANES * 3 * k + m] = r[m] * u + r[3 * LANES + m] * v + r[6 * LANES + m] * w
        b[LANES * (3 * k + 1) + m] = r[LANES + m] * u + r[4 * LANES + m] * v + r[7 * LANES + m] * w
        b[LANES * (3 * k + 2) + m] = r[2 * LANES + m] * u + r[5 * LANES + m] * v + r[8 * LANES + m] * w


@njit(cache=True)
def _out(b: F, r: F, k: int) -> None:
    for m in range(LANES):
        u, v, w = b[LANES * 3 * k + m], b[LANES * (3 * k + 1) + m], b[LANES * (3 * k + 2) + m]
        b[LANES * 3 * k + m] = r[m] * u + r[LANES + m] * v + r[2 * LANES + m] * w
        b[LANES * (3 * k + 1) + m] = r[3 * LANES + m] * u + r[4 * LANES + m] * v + r[5 * LANES + m] * w
        b[LANES * (3 * k + 2) + m] = r[6 * LANES + m] * u + r[7 * LANES + m] * v + r[8 * LANES + m] * w


@njit(cache=True)
def turn_home(b: F, r: F) -> None:
    """Turn the modes by the transposed rotations `r` (9 LANES, row by row) into the bricks' own frames."""
    _home(b, r, 0)
    _home(b, r, 1)
    _home(b, r, 2)
    _home(b, r, 3)
    _home(b, r, 4)
    _home(b, r, 5)
    _home(b, r, 6)


@njit(cache=True)
def turn_out(b: F, r: F) -> None:
    """Turn the modes by the rotations `r` back into W."""
    _out(b, r, 0)
    _out(b, r, 1)
    _out(b, r, 2)
    _out(b, r, 3)
    _out(b, r, 4)
    _out(b, r, 5)
    _out(b, r, 6)


@njit(cache=True)
def _couple(b: F, i: int, j: int, one: float, both: float, other: float) -> None:
    for m in range(LANES):
        u, v = b[LANES * i + m], b[LANES * j + m]
        b[LANES * i + m] = one * u + both * v
        b[LANES * j + m] = both * u + other * v


@njit(cache=True)
def _scale(b: F, i: int, factor: float) -> None:
    for m in range(LANES):
        b[LANES * i + m] *= factor


@njit(cache=True)
def stiffen(b: F, a: F, ratio: F) -> None:
    """Multiply the modes in `b` by the stiffness over the shear modulus; `a`: see `shear_and_volume`. 81 flops."""
    _couple(b, 12, 16, a[1, 0], a[1, 1], a[1, 3])
    _couple(b, 9, 17, a[2, 0], a[2, 2], a[2, 5])
    _couple(b, 10, 14, a[4, 3], a[4, 4], a[4, 5])
    _couple(b, 7, 5, a[3, 3], a[3, 4], a[3, 5])
    _couple(b, 6, 2, a[5, 0], a[5, 2], a[5, 5])
    _couple(b, 3, 1, a[6, 0], a[6, 1], a[6, 3])
    _scale(b, 18, a[3, 0])
    _scale(b, 19, a[5, 3])
    _scale(b, 20, a[6, 5])
    c0, c1, c2, c3, c4, c5 = a[7, 0], a[7, 1], a[7, 2], a[7, 3], a[7, 4], a[7, 5]
    for m in range(LANES):
        x, y, z = b[LANES * 15 + m], b[LANES * 13 + m], b[LANES * 11 + m]
        b[LANES * 15 + m] = c0 * x + c1 * y + c2 * z
        b[LANES * 13 + m] = c1 * x + c3 * y + c4 * z
        b[LANES * 11 + m] = c2 * x + c4 * y + c5 * z
    a0, a1, a2, a3, a4, a5 = a[0, 0], a[0, 1], a[0, 2], a[0, 3], a[0, 4], a[0, 5]
    v0, v1, v2 = a[8, 0], a[8, 1], a[8, 2]
    for m in range(LANES):
        x, y, z = b[m], b[LANES * 4 + m], b[LANES * 8 + m]
        t = ratio[m] * (v0 * x + v1 * y + v2 * z)
        b[m] = a0 * x + a1 * y + a2 * z + t * v0
        b[LANES * 4 + m] = a1 * x + a3 * y + a4 * z + t * v1
        b[LANES * 8 + m] = a2 * x + a4 * y + a5 * z + t * v2


@njit(cache=True)
def multiply(x: F, body: Bricks, rot: F, table: F, ratio: F, y: F, b: F) -> None:
    """Add sum R K R^T x to `y`.

    rot: rotations times the root of the stiffness of each brick, (blocks, 9 LANES), so that K needs only the ratio of
    its moduli, (blocks, LANES); table: `small` or `table` of `body`; b: scratch (ROWS LANES). Matrix-free: FLOPS a
    brick, and reads at least BYTES (single) or twice as many.
    """
    for e in range(body.at.shape[0]):
        pull(x, body, e, b)
        turn_home(b, rot[e])
        stiffen(b, table, ratio[e])
        turn_out(b, rot[e])
        push(b, body, e, y)


@njit(cache=True)
def _gradient(b: F8, rest: F8, r: F8, i: int) -> None:
    one, two, three = 1.0 / rest[0], 1.0 / rest[1], 1.0 / rest[2]
    for m in range(LANES):
        r[LANES * 3 * i + m] = one * b[LANES * i + m]
        r[LANES * (3 * i + 1) + m] = two * b[LANES * (3 + i) + m]
        r[LANES * (3 * i + 2) + m] = three * b[LANES * (6 + i) + m]


@njit(cache=True)
def strain_modes(x: F8, body: Bricks, e: int, live: F8, r: F8, b: F8, s: F8) -> None:
    """Write the modes of R^T x - X of block e into `b`, and R into `r`, shape (9 LANES,); the identity if not `live`.

    R is the rotation of the gradient amid the brick. s: scratch of `turn_lanes`.
    """
    pull(x, body, e, b)
    _gradient(b, body.rest, r, 0)
    _gradient(b, body.rest, r, 1)
    _gradient(b, body.rest, r, 2)
    turn_lanes(r, live, s)
    turn_home(b, r)
    for m in range(LANES):
        b[m] -= body.rest[0]
        b[LANES * 4 + m] -= body.rest[1]
        b[LANES * 8 + m] -= body.rest[2]


@njit(cache=True)
def resist(
    x: F8, body: Bricks, lanes: Lanes, old: F8, first: bool, y: F8, rot: F8, small: F4, r: F8, b: F8, s: F8
) -> None:
    """Add the forces [N] with which the bricks resist to `y`, and leave their frames in `rot` and `small`.

    f = R K (u + viscous (u - old)), u = R^T x - X; `old` are the modes of u at the beginning of the step, written here
    at the `first` go of a step, which is where it begins. A rigid motion has u = old: it is not damped. rot, small:
    see `multiply`, in both precisions. r (9 LANES), b (ROWS LANES), s: scratch. About 900 flops a brick.
    """
    for e in range(body.at.shape[0]):
        strain_modes(x, body, e, lanes.shear[e], r, b, s)
        o, v, g, root = old[e], lanes.viscous[e], lanes.shear[e], lanes.root[e]
        if first:
            for m in range(21 * LANES):
                o[m] = b[m]
        else:
            for k in range(21):
                w, u = b[LANES * k : LANES * (k + 1)], o[LANES * k : LANES * (k + 1)]
                for m in range(LANES):
                    w[m] += v[m] * (w[m] - u[m])
        stiffen(b, body.table, lanes.ratio[e])
        for k in range(21):
            w = b[LANES * k : LANES * (k + 1)]
            for m in range(LANES):
                w[m] *= g[m]
        turn_out(b, r)
        push(b, body, e, y)
        big, little = rot[e], small[e]
        for k in range(9):
            w, u, z = (
                big[LANES * k : LANES * (k + 1)],
                r[LANES * k : LANES * (k + 1)],
                little[LANES * k : LANES * (k + 1)],
            )
            for m in range(LANES):
                w[m] = root[m] * u[m]
                z[m] = w[m]

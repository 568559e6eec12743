"""The rotation nearest to a gradient, for a block of bricks at a time, also where it is flat or turned inside out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]
WIDE = 64
"""Bricks in a block, `tissue_brick.LANES`."""
TURN_SCRATCH = 11 * WIDE + 45
"""Numbers of scratch of `turn_lanes`."""
NEARLY_FLAT = 0.05
"""Share of its volume below which a brick's rotation is sought by eigenvectors. because: design; Newton's iteration
for the polar factor needs a positive determinant."""
CLOSE = 1e-15
"""Square of the last change at which the iteration stops: it is quadratic, so that the error is 1e-15 then."""


@njit(cache=True)
def _row(r: F8, live: F8, k: int, one: float) -> None:
    for m in range(WIDE):
        v = r[WIDE * k + m]
        r[WIDE * k + m] = v if live[m] > 0.0 else one


@njit(cache=True)
def _flat_lanes(r: F8, bad: F8) -> None:
    """Mark in `bad` (WIDE,) which gradients Newton's iteration is not safe for."""
    for m in range(WIDE):
        a, b, c = r[m], r[WIDE + m], r[2 * WIDE + m]
        d, e, f = r[3 * WIDE + m], r[4 * WIDE + m], r[5 * WIDE + m]
        g, h, i = r[6 * WIDE + m], r[7 * WIDE + m], r[8 * WIDE + m]
        det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
        size = (a * a + b * b + c * c + d * d + e * e + f * f + g * g + h * h + i * i) / 3.0
        # det > flat * size^1.5, without the root
        bad[m] = 0.0 if det > 0.0 and det * det > NEARLY_FLAT * NEARLY_FLAT * size * size * size else 1.0


@njit(cache=True)
def _newton(r: F8, moved: F8) -> None:
    """Take one step of Newton's iteration for the orthogonal factor, all lanes at once; 65 flops each."""
    for m in range(WIDE):
        a, b, c = r[m], r[WIDE + m], r[2 * WIDE + m]
        d, e, f = r[3 * WIDE + m], r[4 * WIDE + m], r[5 * WIDE + m]
        g, h, i = r[6 * WIDE + m], r[7 * WIDE + m], r[8 * WIDE + m]
        aa, bb, cc = e * i - f * h, f * g - d * i, d * h - e * g
        one = np.divide(0.5, a * aa + b * bb + c * cc)  # a plain division checks for zero, lane by lane
        na, nb, nc = 0.5 * a + one * aa, 0.5 * b + one * bb, 0.5 * c + one * cc
        nd, ne, nf = 0.5 * d + one * (c * h - b * i), 0.5 * e + one * (a * i - c * g), 0.5 * f + one * (b * g - a * h)
        ng, nh, ni = 0.5 * g + one * (b * f - c * e), 0.5 * h + one * (c * d - a * f), 0.5 * i + one * (a * e - b * d)
        r[m], r[WIDE + m], r[2 * WIDE + m] = na, nb, nc
        r[3 * WIDE + m], r[4 * WIDE + m], r[5 * WIDE + m] = nd, ne, nf
        r[6 * WIDE + m], r[7 * WIDE + m], r[8 * WIDE + m] = ng, nh, ni
        moved[m] = (
            (na - a) * (na - a) + (nb - b) * (nb - b) + (nc - c) * (nc - c)
            + (nd - d) * (nd - d) + (ne - e) * (ne - e) + (nf - f) * (nf - f)
            + (ng - g) * (ng - g) + (nh - h) * (nh - h) + (ni - i) * (ni - i)
        )  # fmt: skip


@njit(cache=True)
def _most(v: F8) -> float:
    out = 0.0
    for m in range(WIDE):
        out = max(out, v[m])
    return out


@njit(cache=True)
def turn_lanes(r: F8, live: F8, s: F8) -> None:
    """Replace the gradients of a block `r` (9 WIDE,), row by row, by their rotations; by the identity if not `live`.

    Newton's iteration as in `polar`, as often as the worst of the block needs; lanes that it is not safe for one by
    one. s (TURN_SCRATCH,) is scratch. Four goes of 65 flops at strains of a fifth.
    """
    for k in range(9):
        _row(r, live, k, 1.0 if k % 4 == 0 else 0.0)
    bad, moved = s[:WIDE], s[WIDE : 2 * WIDE]
    _flat_lanes(r, bad)
    flat = _most(bad) > 0.0
    kept = s[2 * WIDE : 11 * WIDE]
    if flat:
        for m in range(WIDE):
            if bad[m] > 0.0:
                for k in range(9):
                    kept[WIDE * k + m] = r[WIDE * k + m]
                    r[WIDE * k + m] = 1.0 if k % 4 == 0 else 0.0
    for _ in range(40):
        _newton(r, moved)
        if not _most(moved) > CLOSE:
            break
    if flat:
        f, q = s[11 * WIDE : 11 * WIDE + 9].reshape(3, 3), s[11 * WIDE + 9 : 11 * WIDE + 45].reshape(4, 9)
        for m in range(WIDE):
            if bad[m] > 0.0:
                for k in range(9):
                    f[k // 3, k % 3] = kept[WIDE * k + m]
                _horn(f, q)
                for k in range(9):
                    r[WIDE * k + m] = f[k // 3, k % 3]


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

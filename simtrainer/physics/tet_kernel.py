"""Kernels over domains of tetrahedra: rotations, elastic forces, and the product of the stiffness with a vector.

Vectors are flat, node n at 3 n. Each domain turns with the rotation R nearest to its mean gradient F, and resists
R^T F - I linearly; since both commute, its forces have neither sum nor moment (as long as they are not damped).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tet_domain import Domains
from simtrainer.physics.tissue_kernel import NEARLY_FLAT, polar

F8 = NDArray[np.float64]
TURNS, ENOUGH = 40, 1e-16
"""Most turns of the iteration for a rotation, and the square of the last change: it converges quadratically."""


@njit(cache=True)
def turn(x: F8, part: Domains, rot: F8, f: F8, s: F8) -> None:
    """Write the rotation of each domain (row by row) into `rot` (d, 9); f (3, 3), s (4, 9) are scratch.

    Newton's iteration for the orthogonal factor (Higham, Functions of Matrices, 8.3), 50 flops a turn, in registers; a
    domain that has nearly lost its volume is left to `tissue_kernel.polar`.
    """
    for d in range(part.volume.shape[0]):
        a, b, c, p, q, r, u, v, w = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(part.first[d], part.first[d + 1]):
            n = part.node[k]
            x0, x1, x2 = x[n], x[n + 1], x[n + 2]
            g0, g1, g2 = part.slope[k, 0], part.slope[k, 1], part.slope[k, 2]
            a += x0 * g0
            b += x0 * g1
            c += x0 * g2
            p += x1 * g0
            q += x1 * g1
            r += x1 * g2
            u += x2 * g0
            v += x2 * g1
            w += x2 * g2
        size = math.sqrt((a * a + b * b + c * c + p * p + q * q + r * r + u * u + v * v + w * w) / 3.0)
        flat = not a * (q * w - r * v) + b * (r * u - p * w) + c * (p * v - q * u) > NEARLY_FLAT * size**3
        if flat:
            f[0, 0], f[0, 1], f[0, 2], f[1, 0], f[1, 1], f[1, 2] = a, b, c, p, q, r
            f[2, 0], f[2, 1], f[2, 2] = u, v, w
            polar(f, s)
            a, b, c, p, q, r, u, v, w = (
                f[0, 0], f[0, 1], f[0, 2], f[1, 0], f[1, 1], f[1, 2], f[2, 0], f[2, 1], f[2, 2],
            )  # fmt: skip
        for _ in range(0 if flat else TURNS):
            ka, kb, kc = q * w - r * v, r * u - p * w, p * v - q * u
            kp, kq, kr = c * v - b * w, a * w - c * u, b * u - a * v
            ku, kv, kw = b * r - c * q, c * p - a * r, a * q - b * p
            half = 0.5 / (a * ka + b * kb + c * kc)
            da, db, dc = half * ka - 0.5 * a, half * kb - 0.5 * b, half * kc - 0.5 * c
            dp, dq, dr = half * kp - 0.5 * p, half * kq - 0.5 * q, half * kr - 0.5 * r
            du, dv, dw = half * ku - 0.5 * u, half * kv - 0.5 * v, half * kw - 0.5 * w
            a, b, c, p, q, r, u, v, w = a + da, b + db, c + dc, p + dp, q + dq, r + dr, u + du, v + dv, w + dw
            if not da * da + db * db + dc * dc + dp * dp + dq * dq + dr * dr + du * du + dv * dv + dw * dw > ENOUGH:
                break
        rot[d, 0], rot[d, 1], rot[d, 2], rot[d, 3], rot[d, 4], rot[d, 5] = a, b, c, p, q, r
        rot[d, 6], rot[d, 7], rot[d, 8] = u, v, w


@njit(cache=True)
def turn_slopes(part: Domains, rot: F8, out: F8) -> None:
    """Write the slopes as they stand in W, R g, into `out` (k, 3)."""
    for d in range(part.volume.shape[0]):
        for k in range(part.first[d], part.first[d + 1]):
            a, b, c = part.slope[k, 0], part.slope[k, 1], part.slope[k, 2]
            for r in range(3):
                out[k, r] = rot[d, 3 * r] * a + rot[d, 3 * r + 1] * b + rot[d, 3 * r + 2] * c


@njit(cache=True)
def strain(x: F8, part: Domains, rot: F8, d: int, e: F8) -> None:
    """Write sym(R^T G), G the gradient of `x` in domain d, into e: xx, yy, zz, xy, yz, zx (tensor shears)."""
    g00, g01, g02, g10, g11, g12, g20, g21, g22 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(part.first[d], part.first[d + 1]):
        n = part.node[k]
        u, v, w = x[n], x[n + 1], x[n + 2]
        a, b, c = part.slope[k, 0], part.slope[k, 1], part.slope[k, 2]
        g00 += u * a
        g01 += u * b
        g02 += u * c
        g10 += v * a
        g11 += v * b
        g12 += v * c
        g20 += w * a
        g21 += w * b
        g22 += w * c
    r0, r1, r2, r3, r4, r5, r6, r7, r8 = (
        rot[d, 0], rot[d, 1], rot[d, 2], rot[d, 3], rot[d, 4], rot[d, 5], rot[d, 6], rot[d, 7], rot[d, 8],
    )  # fmt: skip
    e[0] = r0 * g00 + r3 * g10 + r6 * g20
    e[1] = r1 * g01 + r4 * g11 + r7 * g21
    e[2] = r2 * g02 + r5 * g12 + r8 * g22
    e[3] = 0.5 * (r0 * g01 + r3 * g11 + r6 * g21 + r1 * g00 + r4 * g10 + r7 * g20)
    e[4] = 0.5 * (r1 * g02 + r4 * g12 + r7 * g22 + r2 * g01 + r5 * g11 + r8 * g21)
    e[5] = 0.5 * (r2 * g00 + r5 * g10 + r8 * g20 + r0 * g02 + r3 * g12 + r6 * g22)


@njit(cache=True)
def push(part: Domains, rot: F8, d: int, e: F8, gain: float, y: F8) -> None:
    """Add the forces of the strain `e` in domain d times `gain` to `y`: R (2 mu e + (k - 2/3 mu) tr e I) g."""
    two = 2.0 * gain * part.shear[d]
    more = gain * (part.bulk[d] - 2.0 / 3.0 * part.shear[d]) * (e[0] + e[1] + e[2])
    s0, s1, s2, s3, s4, s5 = two * e[0] + more, two * e[1] + more, two * e[2] + more, two * e[3], two * e[4], two * e[5]
    r0, r1, r2, r3, r4, r5, r6, r7, r8 = (
        rot[d, 0], rot[d, 1], rot[d, 2], rot[d, 3], rot[d, 4], rot[d, 5], rot[d, 6], rot[d, 7], rot[d, 8],
    )  # fmt: skip
    p00, p01, p02 = r0 * s0 + r1 * s3 + r2 * s5, r0 * s3 + r1 * s1 + r2 * s4, r0 * s5 + r1 * s4 + r2 * s2
    p10, p11, p12 = r3 * s0 + r4 * s3 + r5 * s5, r3 * s3 + r4 * s1 + r5 * s4, r3 * s5 + r4 * s4 + r5 * s2
    p20, p21, p22 = r6 * s0 + r7 * s3 + r8 * s5, r6 * s3 + r7 * s1 + r8 * s4, r6 * s5 + r7 * s4 + r8 * s2
    for k in range(part.first[d], part.first[d + 1]):
        n = part.node[k]
        a, b, c = part.slope[k, 0], part.slope[k, 1], part.slope[k, 2]
        y[n] += p00 * a + p01 * b + p02 * c
        y[n + 1] += p10 * a + p11 * b + p12 * c
        y[n + 2] += p20 * a + p21 * b + p22 * c


@njit(cache=True)
def swelling(x: F8, part: Domains, turned: F8, d: int) -> float:
    """Return tr(R^T G), G the gradient of `x` in domain d: 6 flops a node."""
    total = 0.0
    for k in range(part.first[d], part.first[d + 1]):
        n = part.node[k]
        total += turned[k, 0] * x[n] + turned[k, 1] * x[n + 1] + turned[k, 2] * x[n + 2]
    return total


@njit(cache=True)
def press_out(part: Domains, turned: F8, d: int, size: float, y: F8) -> None:
    """Add the forces of the pressure times volume `size` [N m] in domain d to `y`."""
    for k in range(part.first[d], part.first[d + 1]):
        n = part.node[k]
        y[n] += size * turned[k, 0]
        y[n + 1] += size * turned[k, 1]
        y[n + 2] += size * turned[k, 2]


@njit(cache=True)
def multiply(x: F8, shape: Domains, rot: F8, full: Domains, turned: F8, gain: F8, y: F8, e: F8) -> None:
    """Add sum R K R^T x over the domains of both kinds to `y`, K of each material times `gain`; e (6,) is scratch.

    Matrix-free: 36 flops for each node of a domain and 90 for each domain of `shape`, 12 a node for those of `full`.
    """
    for d in range(shape.volume.shape[0]):
        strain(x, shape, rot, d, e)
        push(shape, rot, d, e, gain[shape.kind[d]], y)
    for d in range(full.volume.shape[0]):
        if full.bulk[d] > 0.0:
            size = gain[full.kind[d]] * full.bulk[d] * swelling(x, full, turned, d)
            press_out(full, turned, d, size, y)


@njit(cache=True)
def measure(x: F8, shape: Domains, rot: F8, full: Domains, turned: F8, small: F8, swollen: F8, e: F8) -> None:
    """Write the strains of the domains at nodes `x` into `small` (d, 6) and `swollen` (f,)."""
    for d in range(shape.volume.shape[0]):
        strain(x, shape, rot, d, e)
        for m in range(6):
            small[d, m] = e[m] - (1.0 if m < 3 else 0.0)
    for d in range(full.volume.shape[0]):
        swollen[d] = swelling(x, full, turned, d) - 3.0


@njit(cache=True)
def resist(
    x: F8, shape: Domains, rot: F8, full: Domains, turned: F8, viscous: F8, small: F8, swollen: F8, y: F8, e: F8
) -> None:
    """Add the forces [N] with which the domains resist to `y`.

    Stress = C (strain + viscous (strain - old)); old, `small` and `swollen`, at the beginning of the step; `viscous`
    (materials,) damping time over time step. A rigid motion has the old strain: it is not damped.
    """
    for d in range(shape.volume.shape[0]):
        strain(x, shape, rot, d, e)
        c = viscous[shape.kind[d]]
        for m in range(6):
            now = e[m] - (1.0 if m < 3 else 0.0)
            e[m] = now + c * (now - small[d, m])
        push(shape, rot, d, e, 1.0, y)
    for d in range(full.volume.shape[0]):
        if full.bulk[d] > 0.0:
            now = swelling(x, full, turned, d) - 3.0
            c = viscous[full.kind[d]]
            press_out(full, turned, d, full.bulk[d] * (now + c * (now - swollen[d])), y)

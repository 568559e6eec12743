"""Bending, natural curvature and twist of a discrete elastic rod at one node: energy, gradient, exact Hessian.

Source: Bergou et al., Discrete Elastic Rods (SIGGRAPH 2008) and Discrete Viscous Threads (SIGGRAPH 2010); the
isotropic part is written in the cosine u of the turning angle, |kb|^2 = 4 (1 - u) / (1 + u).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.vector import V, add, cross, dot, mul, sub

F8 = NDArray[np.float64]


@njit(cache=True)
def outer_add(h: F8, k: float, a: V, b: V) -> None:
    """Add k a b^T to the 3 x 3 matrix `h`."""
    for r in range(3):
        for c in range(3):
            h[r, c] += k * a[r] * b[c]


@njit(cache=True)
def skew_add(h: F8, k: float, a: V) -> None:
    """Add k [a]x to the 3 x 3 matrix `h`, where [a]x v = a x v."""
    h[0, 1] -= k * a[2]
    h[0, 2] += k * a[1]
    h[1, 0] += k * a[2]
    h[1, 2] -= k * a[0]
    h[2, 0] -= k * a[1]
    h[2, 1] += k * a[0]


@njit(cache=True)
def diag_add(h: F8, k: float) -> None:
    """Add k I to the 3 x 3 matrix `h`."""
    h[0, 0] += k
    h[1, 1] += k
    h[2, 2] += k


@njit(cache=True)
def isotropic(te: V, tf: V, le: float, lf: float, stiff: float, g: F8, h: F8) -> None:
    """Add the isotropic bending energy's derivatives; stiff = EI / voronoi [N mm].

    `g` (2, 3): derivatives by the edges e and f. `h` (3, 3, 3): blocks ee, ff, fe (row f, column e).
    """
    u = dot(te, tf)
    e1 = -4.0 * stiff / (1.0 + u) ** 2
    e2 = 8.0 * stiff / (1.0 + u) ** 3
    a = mul(sub(tf, mul(te, u)), 1.0 / le)
    b = mul(sub(te, mul(tf, u)), 1.0 / lf)
    for r in range(3):
        g[0, r] += e1 * a[r]
        g[1, r] += e1 * b[r]
    outer_add(h[0], e2, a, a)
    outer_add(h[1], e2, b, b)
    outer_add(h[2], e2, b, a)
    k = e1 / (le * le)
    outer_add(h[0], 3.0 * u * k, te, te)
    outer_add(h[0], -k, te, tf)
    outer_add(h[0], -k, tf, te)
    diag_add(h[0], -u * k)
    k = e1 / (lf * lf)
    outer_add(h[1], 3.0 * u * k, tf, tf)
    outer_add(h[1], -k, te, tf)
    outer_add(h[1], -k, tf, te)
    diag_add(h[1], -u * k)
    k = e1 / (le * lf)
    diag_add(h[2], k)
    outer_add(h[2], -k, tf, tf)
    outer_add(h[2], -k, te, te)
    outer_add(h[2], k * u, tf, te)


@njit(cache=True)
def natural(te: V, tf: V, le: float, lf: float, m1e: V, m1f: V, moment: float, g: F8, h: F8, gt: F8, hx: F8) -> float:
    """Add the derivatives of -moment kappa1, the coupling to a natural curvature in the plane of m1.

    moment = EI times natural curvature [N mm]; kappa1 = kb . (m2e + m2f) / 2. `gt` (5,): by theta e, theta f, then
    second derivatives ee, ff, ef. `hx` (4, 3): e by theta e, e by theta f, f by theta e, f by theta f. Returns kappa1.
    """
    chi = 1.0 + dot(te, tf)
    kb = mul(cross(te, tf), 2.0 / chi)
    m2e = cross(te, m1e)
    m2f = cross(tf, m1f)
    tt = mul(add(te, tf), 1.0 / chi)
    d2 = mul(add(m2e, m2f), 1.0 / chi)
    kap = 0.5 * (dot(kb, m2e) + dot(kb, m2f))
    p = cross(tf, d2)
    q = cross(te, d2)
    for r in range(3):
        g[0, r] += -moment / le * (-kap * tt[r] + p[r])
        g[1, r] += -moment / lf * (-kap * tt[r] - q[r])
    k = -moment / (le * le)
    outer_add(h[0], 2.0 * kap * k, tt, tt)
    outer_add(h[0], -k, p, tt)
    outer_add(h[0], -k, tt, p)
    diag_add(h[0], -k * kap / chi)
    outer_add(h[0], k * kap / chi, te, te)
    outer_add(h[0], 0.25 * k, kb, m2e)
    outer_add(h[0], 0.25 * k, m2e, kb)
    k = -moment / (lf * lf)
    outer_add(h[1], 2.0 * kap * k, tt, tt)
    outer_add(h[1], k, q, tt)
    outer_add(h[1], k, tt, q)
    diag_add(h[1], -k * kap / chi)
    outer_add(h[1], k * kap / chi, tf, tf)
    outer_add(h[1], 0.25 * k, kb, m2f)
    outer_add(h[1], 0.25 * k, m2f, kb)
    k = -moment / (le * lf)  # the block d2/de df, transposed into row f, column e
    diag_add(h[2], -k * kap / chi)
    outer_add(h[2], -k * kap / chi, tf, te)
    outer_add(h[2], 2.0 * kap * k, tt, tt)
    outer_add(h[2], -k, tt, p)
    outer_add(h[2], k, q, tt)
    skew_add(h[2], k, d2)
    gt[0] += 0.5 * moment * dot(kb, m1e)
    gt[1] += 0.5 * moment * dot(kb, m1f)
    gt[2] += 0.5 * moment * dot(kb, m2e)
    gt[3] += 0.5 * moment * dot(kb, m2f)
    ae = 0.5 * dot(kb, m1e)
    af = 0.5 * dot(kb, m1f)
    cfe, cff = cross(tf, m1e), cross(tf, m1f)
    cee, cef = cross(te, m1e), cross(te, m1f)
    for r in range(3):
        hx[0, r] += -moment / le * (ae * tt[r] - cfe[r] / chi)
        hx[1, r] += -moment / le * (af * tt[r] - cff[r] / chi)
        hx[2, r] += -moment / lf * (ae * tt[r] + cee[r] / chi)
        hx[3, r] += -moment / lf * (af * tt[r] + cef[r] / chi)
    return kap


@njit(cache=True)
def torsion(te: V, tf: V, le: float, lf: float, stiff: float, angle: float, g: F8, h: F8, gt: F8, hx: F8) -> None:
    """Add the derivatives of stiff angle^2 / 2, angle = theta f - theta e + reference twist; stiff = GJ / voronoi."""
    chi = 1.0 + dot(te, tf)
    kb = mul(cross(te, tf), 2.0 / chi)
    tt = mul(add(te, tf), 1.0 / chi)
    de = mul(kb, 0.5 / le)
    df = mul(kb, 0.5 / lf)
    moment = stiff * angle
    for r in range(3):
        g[0, r] += moment * de[r]
        g[1, r] += moment * df[r]
        hx[0, r] -= stiff * de[r]
        hx[1, r] += stiff * de[r]
        hx[2, r] -= stiff * df[r]
        hx[3, r] += stiff * df[r]
    gt[0] -= moment
    gt[1] += moment
    gt[2] += stiff
    gt[3] += stiff
    gt[4] -= stiff
    outer_add(h[0], stiff, de, de)
    outer_add(h[1], stiff, df, df)
    outer_add(h[2], stiff, df, de)
    k = -0.25 * moment / (le * le)
    s = add(te, tt)
    outer_add(h[0], k, kb, s)
    outer_add(h[0], k, s, kb)
    k = -0.25 * moment / (lf * lf)
    s = add(tf, tt)
    outer_add(h[1], k, kb, s)
    outer_add(h[1], k, s, kb)
    k = 0.5 * moment / (le * lf)
    skew_add(h[2], -2.0 * k / chi, te)
    outer_add(h[2], -k, tt, kb)

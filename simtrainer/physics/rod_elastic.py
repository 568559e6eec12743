"""Stretch, bending, natural curvature and twist of a discrete elastic rod: energy, gradient, exact Hessian.

Source: Bergou et al., Discrete Elastic Rods (SIGGRAPH 2008) and Discrete Viscous Threads (SIGGRAPH 2010); the
isotropic part is written in the cosine u of the turning angle, |kb|^2 = 4 (1 - u) / (1 + u).

Coaxial devices share one centreline. Their bending stiffness adds up, and so do the vectors EI kappa m2 of their
natural curvature, so that the blocks of positions cost the same for any number of devices.
"""

from __future__ import annotations

import math

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_problem import (
    ALONG,
    BEND,
    BENT,
    CELL,
    COUPLE,
    DIRECTOR,
    F8,
    FELT,
    FRAME,
    LONG,
    PRESENT,
    REST,
    STORED,
    STRAIN,
    STRETCH,
    TANGENT,
    TURN,
)
from simtrainer.physics.vector import cross, dot, mul, norm, row, sub, transport

TE, TF, KB, TT, ME, MF, P, Q, D2, BA, BB, DE, DF, SE, SF = range(15)
"""Rows of the scratch array: vectors of one node, named as in the sources."""
SCRATCH = 15


@njit(cache=True)
def stretch_edges(node: F8, x: F8, size: int, a: F8, b: F8, edge: F8, felt: F8) -> float:
    """Write tangent, length and carried director of every edge; add stretch energy [N mm] and its derivatives."""
    total = 0.0
    for j in range(x.shape[0] - 1):
        e = sub(row(x, j + 1), row(x, j))
        length = norm(e)
        t = mul(e, 1.0 / length)
        a1 = transport(
            (node[j, FRAME], node[j, FRAME + 1], node[j, FRAME + 2]),
            (node[j, TANGENT], node[j, TANGENT + 1], node[j, TANGENT + 2]),
            t,
        )
        for r in range(3):
            edge[j, ALONG + r] = t[r]
            edge[j, DIRECTOR + r] = a1[r]
        edge[j, LONG] = length
        strain = length / node[j, REST] - 1.0
        felt[j, STRAIN] = strain
        tension = node[j, STRETCH] * strain
        total += 0.5 * tension * strain * node[j, REST]
        across = tension / length
        along = node[j, STRETCH] / node[j, REST] - across
        p0, p1 = j * size, (j + 1) * size
        for r in range(3):
            b[p0 + r] -= tension * t[r]
            b[p1 + r] += tension * t[r]
            for c in range(3):
                k = along * t[r] * t[c]
                if c == r:
                    k += across
                a[p0 + r, size + c - r] -= k
                if c >= r:
                    a[p0 + r, c - r] += k
                    a[p1 + r, c - r] += k
    return total


@njit(cache=True)
def cross_rows(v: F8, to: int, a: int, b: int, k: float) -> None:
    """Write k (row a) x (row b) of `v` into its row `to`."""
    v[to, 0] = k * (v[a, 1] * v[b, 2] - v[a, 2] * v[b, 1])
    v[to, 1] = k * (v[a, 2] * v[b, 0] - v[a, 0] * v[b, 2])
    v[to, 2] = k * (v[a, 0] * v[b, 1] - v[a, 1] * v[b, 0])


@njit(cache=True)
def bend_blocks(v: F8, u: float, le: float, lf: float, stiff: float, moment: float, spin: float, h: F8) -> None:
    """Write the blocks ee, ff and fe (row f, column e) of isotropic bending and twist into `h` (3, 3, 3).

    stiff = EI / cell; moment and spin: sums over devices of GJ / cell times the angle, and of GJ / cell [N mm].
    """
    chi = 1.0 + u
    e1, e2 = -4.0 * stiff / chi**2, 8.0 * stiff / chi**3
    ke, kf, km = e1 / (le * le), e1 / (lf * lf), e1 / (le * lf)
    te, tf, tm = -0.25 * moment / (le * le), -0.25 * moment / (lf * lf), 0.5 * moment / (le * lf)
    for r in range(3):
        for c in range(3):
            back = v[TE, r] * v[TF, c] + v[TF, r] * v[TE, c]
            one = 1.0 if r == c else 0.0
            h[0, r, c] = (
                e2 * v[BA, r] * v[BA, c]
                + ke * (3.0 * u * v[TE, r] * v[TE, c] - back - u * one)
                + spin * v[DE, r] * v[DE, c]
                + te * (v[KB, r] * v[SE, c] + v[SE, r] * v[KB, c])
            )
            h[1, r, c] = (
                e2 * v[BB, r] * v[BB, c]
                + kf * (3.0 * u * v[TF, r] * v[TF, c] - back - u * one)
                + spin * v[DF, r] * v[DF, c]
                + tf * (v[KB, r] * v[SF, c] + v[SF, r] * v[KB, c])
            )
            h[2, r, c] = (
                e2 * v[BB, r] * v[BA, c]
                + km * (one - v[TF, r] * v[TF, c] - v[TE, r] * v[TE, c] + u * v[TF, r] * v[TE, c])
                + spin * v[DF, r] * v[DE, c]
                - tm * v[TT, r] * v[KB, c]
            )
    skew_add(h, -2.0 * tm / chi, v, TE)


@njit(cache=True)
def skew_add(h: F8, k: float, v: F8, q: int) -> None:
    """Add k [q]x to the block fe, where [q]x w = q x w and q is a row of `v`."""
    h[2, 0, 1] -= k * v[q, 2]
    h[2, 0, 2] += k * v[q, 1]
    h[2, 1, 0] += k * v[q, 2]
    h[2, 1, 2] -= k * v[q, 0]
    h[2, 2, 0] -= k * v[q, 1]
    h[2, 2, 1] += k * v[q, 0]


@njit(cache=True)
def natural_blocks(v: F8, u: float, le: float, lf: float, kap: float, h: F8) -> None:
    """Add the blocks of -kap, the coupling to natural curvature; kap = kb . (Me + Mf) / 2."""
    chi = 1.0 + u
    ke, kf, km = -1.0 / (le * le), -1.0 / (lf * lf), -1.0 / (le * lf)
    for r in range(3):
        for c in range(3):
            twice = 2.0 * kap * v[TT, r] * v[TT, c]
            one = kap / chi if r == c else 0.0
            h[0, r, c] += ke * (
                twice
                - v[P, r] * v[TT, c]
                - v[TT, r] * v[P, c]
                - one
                + kap / chi * v[TE, r] * v[TE, c]
                + 0.25 * (v[KB, r] * v[ME, c] + v[ME, r] * v[KB, c])
            )
            h[1, r, c] += kf * (
                twice
                + v[Q, r] * v[TT, c]
                + v[TT, r] * v[Q, c]
                - one
                + kap / chi * v[TF, r] * v[TF, c]
                + 0.25 * (v[KB, r] * v[MF, c] + v[MF, r] * v[KB, c])
            )
            h[2, r, c] += km * (twice - one - kap / chi * v[TF, r] * v[TE, c] - v[TT, r] * v[P, c] + v[Q, r] * v[TT, c])
    skew_add(h, km, v, D2)


@njit(cache=True)
def scatter(a: F8, i: int, size: int, h: F8) -> None:
    """Add the blocks of node i (edges i - 1 and i) to the band."""
    p0, p1, p2 = (i - 1) * size, i * size, (i + 1) * size
    for r in range(3):
        for c in range(3):
            ee, ff, fe, ef = h[0, r, c], h[1, r, c], h[2, r, c], h[2, c, r]
            if c >= r:
                a[p0 + r, c - r] += ee
                a[p1 + r, c - r] += ee + ff - fe - ef
                a[p2 + r, c - r] += ff
            a[p0 + r, size + c - r] += ef - ee
            a[p0 + r, 2 * size + c - r] -= ef
            a[p1 + r, size + c - r] += ef - ff


@njit(cache=True)
def shape(c: float, i: int, d: int, theta: F8, edge: F8, v: F8, felt: F8, m: F8) -> float:
    """Write m1e, m1f, m2e, m2f of device d at node i into `m` (4, 3), add c m2 to ME and MF; return the energy.

    c = EI times natural curvature [N mm].
    """
    total = 0.0
    for side in range(2):
        angle = theta[i - 1 + side, d]
        cos, sin = math.cos(angle), math.sin(angle)
        e, at = i - 1 + side, TE + side
        a1x, a1y, a1z = edge[e, DIRECTOR], edge[e, DIRECTOR + 1], edge[e, DIRECTOR + 2]
        tx, ty, tz = v[at, 0], v[at, 1], v[at, 2]
        a2x, a2y, a2z = ty * a1z - tz * a1y, tz * a1x - tx * a1z, tx * a1y - ty * a1x
        m[side, 0], m[side, 1], m[side, 2] = cos * a1x + sin * a2x, cos * a1y + sin * a2y, cos * a1z + sin * a2z
        m[2 + side, 0], m[2 + side, 1], m[2 + side, 2] = (
            cos * a2x - sin * a1x,
            cos * a2y - sin * a1y,
            cos * a2z - sin * a1z,
        )
        for r in range(3):
            v[ME + side, r] += c * m[2 + side, r]
            total += 0.5 * v[KB, r] * m[2 + side, r]
    felt[i, FELT + 2 * d] = total
    return -c * total


@njit(cache=True)
def twist_rows(
    i: int, d: int, size: int, c: float, turn: float, angle: float, chi: float, le: float, lf: float,
    v: F8, m: F8, a: F8, b: F8,
) -> None:  # fmt: skip
    """Add the derivatives by the twists of device d on both sides of node i; see `shape` for c and `m`."""
    p0, p1 = (i - 1) * size, i * size
    e, f = p0 + 3 + d, p1 + 3 + d
    ge, gf, ee, ff, he, hf = -turn * angle, turn * angle, turn, turn, 0.0, 0.0
    if c != 0.0:
        for r in range(3):
            he += 0.5 * v[KB, r] * m[0, r]
            hf += 0.5 * v[KB, r] * m[1, r]
            ee += 0.5 * c * v[KB, r] * m[2, r]
            ff += 0.5 * c * v[KB, r] * m[3, r]
        ge += c * he
        gf += c * hf
    b[e] += ge
    b[f] += gf
    a[e, 0] += ee
    a[f, 0] += ff
    a[e, size] -= turn
    for r in range(3):
        r1, r2 = (r + 1) % 3, (r + 2) % 3
        xe, xf = -turn * v[DE, r], turn * v[DE, r]
        ye, yf = -turn * v[DF, r], turn * v[DF, r]
        if c != 0.0:
            k = c / chi
            xe -= c / le * he * v[TT, r] - k / le * (v[TF, r1] * m[0, r2] - v[TF, r2] * m[0, r1])
            xf -= c / le * hf * v[TT, r] - k / le * (v[TF, r1] * m[1, r2] - v[TF, r2] * m[1, r1])
            ye -= c / lf * he * v[TT, r] + k / lf * (v[TE, r1] * m[0, r2] - v[TE, r2] * m[0, r1])
            yf -= c / lf * hf * v[TT, r] + k / lf * (v[TE, r1] * m[1, r2] - v[TE, r2] * m[1, r1])
        a[p0 + r, 3 + d - r] -= xe
        a[p0 + r, size + 3 + d - r] -= xf
        a[e, size + r - 3 - d] += xe - ye
        a[p1 + r, 3 + d - r] += xf - yf
        a[e, 2 * size + r - 3 - d] += ye
        a[f, size + r - 3 - d] += yf


@njit(cache=True)
def bend_nodes(node: F8, device: F8, x: F8, theta: F8, a: F8, b: F8, edge: F8, felt: F8, v: F8, h: F8, m: F8) -> float:
    """Add bending, natural curvature and twist energy [N mm] and its derivatives; v, h, m (4, 3) are scratch."""
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    total = 0.0
    for i in range(1, n - 1):
        le, lf = edge[i - 1, LONG], edge[i, LONG]
        te = (edge[i - 1, ALONG], edge[i - 1, ALONG + 1], edge[i - 1, ALONG + 2])
        tf = (edge[i, ALONG], edge[i, ALONG + 1], edge[i, ALONG + 2])
        ae = (edge[i - 1, DIRECTOR], edge[i - 1, DIRECTOR + 1], edge[i - 1, DIRECTOR + 2])
        af = (edge[i, DIRECTOR], edge[i, DIRECTOR + 1], edge[i, DIRECTOR + 2])
        u = dot(te, tf)
        chi = 1.0 + u
        kb = mul(cross(te, tf), 2.0 / chi)
        carried = transport(ae, te, tf)
        twist = math.atan2(dot(cross(carried, af), tf), dot(carried, af))
        stiff = node[i, BEND] / node[i, CELL]
        felt[i, BENT] = 2.0 * (1.0 - u) / chi
        total += stiff * felt[i, BENT] + node[i, STORED]
        moment, spin, curved = 0.0, 0.0, False
        for r in range(3):
            v[TE, r], v[TF, r], v[KB, r] = te[r], tf[r], kb[r]
            v[TT, r] = (te[r] + tf[r]) / chi
            v[DE, r], v[DF, r] = 0.5 / le * kb[r], 0.5 / lf * kb[r]
            v[BA, r], v[BB, r] = (tf[r] - u * te[r]) / le, (te[r] - u * tf[r]) / lf
            v[SE, r], v[SF, r] = te[r] + v[TT, r], tf[r] + v[TT, r]
            v[ME, r], v[MF, r] = 0.0, 0.0
        for d in range(devices):
            if device[i, d, PRESENT] == 0.0:
                continue
            angle = theta[i, d] - theta[i - 1, d] + twist
            turn = device[i, d, TURN]
            felt[i, FELT + 2 * d] = 0.0
            felt[i, FELT + 2 * d + 1] = angle
            total += 0.5 * turn * angle * angle
            moment += turn * angle
            spin += turn
            c = device[i, d, COUPLE]
            if c != 0.0:
                curved = True
                total += shape(c, i, d, theta, edge, v, felt, m)
            twist_rows(i, d, size, c, turn, angle, chi, le, lf, v, m, a, b)
        bend_blocks(v, u, le, lf, stiff, moment, spin, h)
        e1 = -4.0 * stiff / chi**2
        kap = 0.0
        if curved:
            kap = 0.5 * (kb[0] * (v[ME, 0] + v[MF, 0]) + kb[1] * (v[ME, 1] + v[MF, 1]) + kb[2] * (v[ME, 2] + v[MF, 2]))
            for r in range(3):
                v[D2, r] = (v[ME, r] + v[MF, r]) / chi
            cross_rows(v, P, TF, D2, 1.0)
            cross_rows(v, Q, TE, D2, 1.0)
            natural_blocks(v, u, le, lf, kap, h)
        scatter(a, i, size, h)
        for r in range(3):
            ge = e1 * v[BA, r] + moment * v[DE, r]
            gf = e1 * v[BB, r] + moment * v[DF, r]
            if curved:
                ge += (kap * v[TT, r] - v[P, r]) / le
                gf += (kap * v[TT, r] + v[Q, r]) / lf
            b[(i - 1) * size + r] -= ge
            b[i * size + r] += ge - gf
            b[(i + 1) * size + r] += gf
    return total

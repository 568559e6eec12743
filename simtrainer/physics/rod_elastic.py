"""Stretch, bending, natural curvature and twist of a discrete elastic rod: energy, gradient, exact Hessian.

Source: Bergou et al., Discrete Elastic Rods (SIGGRAPH 2008) and Discrete Viscous Threads (SIGGRAPH 2010); the
isotropic part is written in the cosine u of the turning angle, |kb|^2 = 4 (1 - u) / (1 + u).

Coaxial devices share one centreline. Their bending stiffness adds up, and so do the vectors EI kappa m2 of their
natural curvature, so that the blocks of positions cost the same for any number of devices.

Energy and gradient are one pass, the Hessian of bending and twist another: a point that is only tried needs no Hessian.
Every block is written in the two tangents and the curvature binormal, so that it takes three products of vectors.
"""

from __future__ import annotations

import math
from typing import TypeAlias

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
    TWIST,
)
from simtrainer.physics.vector import V, add, cross, dot, mul, norm, row, sub, transport, vec

Turned: TypeAlias = tuple[V, V, V, V]
"""Material directors m1 of the edges before and behind a node, then m2 of both."""
Upper: TypeAlias = tuple[float, float, float, float, float, float]
"""Row by row the upper half of a symmetric block."""


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
        pull, along = mul(t, tension), mul(t, node[j, STRETCH] / node[j, REST] - across)
        p0, p1 = j * size, (j + 1) * size
        for r in range(3):
            b[p0 + r] -= pull[r]
            b[p1 + r] += pull[r]
        r0 = (along[0] * t[0] + across, along[0] * t[1], along[0] * t[2])
        r1 = (along[1] * t[0], along[1] * t[1] + across, along[1] * t[2])
        r2 = (along[2] * t[0], along[2] * t[1], along[2] * t[2] + across)
        upper = (r0[0], r0[1], r0[2], r1[1], r1[2], r2[2])
        add_upper(a, p0, upper)
        add_upper(a, p1, upper)
        add_block(a, p0, size, mul(r0, -1.0), mul(r1, -1.0), mul(r2, -1.0))
    return total


@njit(cache=True)
def turned(theta: F8, edge: F8, i: int, d: int) -> Turned:
    """Return the material directors of device d on both sides of node i."""
    te, tf = vec(edge, i - 1, ALONG), vec(edge, i, ALONG)
    ae, af = vec(edge, i - 1, DIRECTOR), vec(edge, i, DIRECTOR)
    be, bf = cross(te, ae), cross(tf, af)
    ce, se = math.cos(theta[i - 1, d]), math.sin(theta[i - 1, d])
    cf, sf = math.cos(theta[i, d]), math.sin(theta[i, d])
    return (
        add(mul(ae, ce), mul(be, se)), add(mul(af, cf), mul(bf, sf)),
        sub(mul(be, ce), mul(ae, se)), sub(mul(bf, cf), mul(af, sf)),
    )  # fmt: skip


@njit(cache=True)
def bend_forces(node: F8, device: F8, theta: F8, b: F8, edge: F8, felt: F8) -> float:
    """Add bending, natural curvature and twist: their gradient into `b`; write `felt`; return their energy [N mm].

    Cost about 250 flops a node, and for a curved device 150 more.
    """
    n, devices = node.shape[0], theta.shape[1]
    size = 3 + devices
    total = 0.0
    for i in range(1, n - 1):
        at, per_e, per_f = i * size, 1.0 / edge[i - 1, LONG], 1.0 / edge[i, LONG]
        te, tf = vec(edge, i - 1, ALONG), vec(edge, i, ALONG)
        af = vec(edge, i, DIRECTOR)
        u = dot(te, tf)
        per = 1.0 / (1.0 + u)
        kb = mul(cross(te, tf), 2.0 * per)
        carried = transport(vec(edge, i - 1, DIRECTOR), te, tf)
        twist = math.atan2(dot(cross(carried, af), tf), dot(carried, af))
        stiff = node[i, BEND] / node[i, CELL]
        bent = 2.0 * (1.0 - u) * per
        felt[i, BENT], felt[i, TWIST] = bent, twist
        total += stiff * bent + node[i, STORED]
        moment, curved, sum_m = 0.0, False, (0.0, 0.0, 0.0)
        for d in range(devices):
            if device[i, d, PRESENT] == 0.0:
                continue
            angle = theta[i, d] - theta[i - 1, d] + twist
            turn, c = device[i, d, TURN], device[i, d, COUPLE]
            felt[i, FELT + 2 * d] = 0.0
            felt[i, FELT + 2 * d + 1] = angle
            total += 0.5 * turn * angle * angle
            moment += turn * angle
            ge, gf = -turn * angle, turn * angle
            if c != 0.0:
                curved = True
                m1e, m1f, m2e, m2f = turned(theta, edge, i, d)
                both = add(m2e, m2f)
                sum_m = add(sum_m, mul(both, c))
                plane = 0.5 * dot(kb, both)
                felt[i, FELT + 2 * d] = plane
                total -= c * plane
                ge += 0.5 * c * dot(kb, m1e)
                gf += 0.5 * c * dot(kb, m1f)
            b[at - size + 3 + d] += ge
            b[at + 3 + d] += gf
        e1 = -4.0 * stiff * per * per
        ge3 = add(mul(sub(tf, mul(te, u)), e1), mul(kb, 0.5 * moment))
        gf3 = add(mul(sub(te, mul(tf, u)), e1), mul(kb, 0.5 * moment))
        if curved:
            along = mul(add(te, tf), 0.5 * dot(kb, sum_m) * per)
            d2 = mul(sum_m, per)
            ge3 = add(ge3, sub(along, cross(tf, d2)))
            gf3 = add(gf3, add(along, cross(te, d2)))
        ge3, gf3 = mul(ge3, per_e), mul(gf3, per_f)
        for r in range(3):
            b[at - size + r] -= ge3[r]
            b[at + r] += ge3[r] - gf3[r]
            b[at + size + r] += gf3[r]
    return total


@njit(cache=True)
def bend_stiffness(node: F8, device: F8, theta: F8, a: F8, edge: F8, felt: F8) -> None:
    """Add the Hessian of bending, natural curvature and twist to the band, where `bend_forces` was last.

    Cost about 500 flops a node, and for a curved device 250 more.
    """
    n, devices = node.shape[0], theta.shape[1]
    size = 3 + devices
    for i in range(1, n - 1):
        per_e, per_f = 1.0 / edge[i - 1, LONG], 1.0 / edge[i, LONG]
        te, tf = vec(edge, i - 1, ALONG), vec(edge, i, ALONG)
        u = dot(te, tf)
        per = 1.0 / (1.0 + u)
        kb = mul(cross(te, tf), 2.0 * per)
        tt = mul(add(te, tf), per)
        moment, spin, me, mf = 0.0, 0.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        for d in range(devices):
            if device[i, d, PRESENT] == 0.0:
                continue
            turn, c = device[i, d, TURN], device[i, d, COUPLE]
            moment += turn * felt[i, FELT + 2 * d + 1]
            spin += turn
            ee, ff = turn, turn
            xe, ye = mul(kb, -0.5 * turn), mul(kb, -0.5 * turn)
            xf, yf = mul(kb, 0.5 * turn), mul(kb, 0.5 * turn)
            if c != 0.0:
                m1e, m1f, m2e, m2f = turned(theta, edge, i, d)
                me, mf = add(me, mul(m2e, c)), add(mf, mul(m2f, c))
                ee += 0.5 * c * dot(kb, m2e)
                ff += 0.5 * c * dot(kb, m2f)
                le, lf = mul(tt, 0.5 * c * dot(kb, m1e)), mul(tt, 0.5 * c * dot(kb, m1f))
                k = c * per
                xe = add(sub(xe, le), mul(cross(tf, m1e), k))
                xf = add(sub(xf, lf), mul(cross(tf, m1f), k))
                ye = sub(sub(ye, le), mul(cross(te, m1e), k))
                yf = sub(sub(yf, lf), mul(cross(te, m1f), k))
            scatter_twist(
                a, i, d, size, (ee, ff, turn), (mul(xe, per_e), mul(xf, per_e), mul(ye, per_f), mul(yf, per_f))
            )
        stiff = node[i, BEND] / node[i, CELL]
        scatter(a, i, size, (u, per, per_e, per_f), (stiff, moment, spin), (te, tf, kb, me, mf))


@njit(cache=True)
def scatter_twist(a: F8, i: int, d: int, size: int, k: V, v: Turned) -> None:
    """Add the derivatives by the twists of device d on both sides of node i to the band.

    k: by the twist before twice, by that behind twice, and less by both. v: by the edge before the node and the twist
    before, by that edge and the twist behind, then the same of the edge behind.
    """
    xe, xf, ye, yf = v
    p0, p1 = (i - 1) * size, i * size
    e, f = p0 + 3 + d, p1 + 3 + d
    a[e, 0] += k[0]
    a[f, 0] += k[1]
    a[e, size] -= k[2]
    right = 3 + d
    add_column(a, p0, right, mul(xe, -1.0))
    add_column(a, p0, size + right, mul(xf, -1.0))
    add_column(a, p1, right, sub(xf, yf))
    add_row(a, e, size - right, sub(xe, ye))
    add_row(a, e, 2 * size - right, ye)
    add_row(a, f, size - right, yf)


@njit(cache=True)
def add_row(a: F8, at: int, right: int, k: V) -> None:
    """Add three numbers to row `at` of the band, from its place `right` on."""
    a[at, right] += k[0]
    a[at, right + 1] += k[1]
    a[at, right + 2] += k[2]


@njit(cache=True)
def add_column(a: F8, at: int, right: int, k: V) -> None:
    """Add three numbers below each other to the band, where row `at` has its place `right`."""
    a[at, right] += k[0]
    a[at + 1, right - 1] += k[1]
    a[at + 2, right - 2] += k[2]


@njit(cache=True)
def scatter(a: F8, i: int, size: int, w: tuple[float, float, float, float], load: V, v: tuple[V, V, V, V, V]) -> None:
    """Add the blocks of positions of node i, of the edges before (e) and behind (f) it, to the band.

    w: cosine u of the turning angle, 1 / (1 + u), one over the length of either edge. load: EI / cell, and sums over
    devices of GJ / cell times the angle, and of GJ / cell [N mm]. v: tangents, kb, and sums of EI kappa m2 on either
    side. Each block is sum of p q^T over p = te, tf, kb with what stands with p gathered in q, and a multiple of one.
    """
    u, per, per_e, per_f = w
    stiff, moment, spin = load
    te, tf, kb, me, mf = v
    e1, e2 = -4.0 * stiff * per * per, 8.0 * stiff * per * per * per
    both = add(me, mf)
    kap = 0.5 * dot(kb, both)
    d2 = mul(both, per)
    p, q = cross(tf, d2), cross(te, d2)
    tt = mul(add(te, tf), per)
    ba, bb = sub(tf, mul(te, u)), sub(te, mul(tf, u))
    one = kap * per - e1 * u
    # ee: sym(te, .) + sym(tf, .) + sym(kb, .) with sym(p, q) = p q^T + q p^T; likewise ff
    turn = sub(p, mul(tt, kap))
    ee1 = add(mul(te, 1.5 * e1 * u - 0.5 * kap * per), sub(mul(turn, per), mul(ba, 0.5 * e2 * u)))
    ee2 = add(mul(te, -e1), add(mul(turn, per), mul(ba, 0.5 * e2)))
    ee3 = sub(mul(kb, 0.125 * spin), mul(add(mul(add(te, tt), moment), me), 0.25))
    turn = add(q, mul(tt, kap))
    ff1 = add(mul(tf, 1.5 * e1 * u - 0.5 * kap * per), sub(mul(turn, -per), mul(bb, 0.5 * e2 * u)))
    ff2 = add(mul(tf, -e1), add(mul(turn, -per), mul(bb, 0.5 * e2)))
    ff3 = sub(mul(kb, 0.125 * spin), mul(add(mul(add(tf, tt), moment), mf), 0.25))
    # fe, row f, column e: te, tf, kb and q times what follows, and the skew part of a vector
    turn = sub(mul(sub(p, mul(tt, 2.0 * kap)), per), mul(kb, 0.5 * moment * per))
    fe1 = add(sub(mul(ba, e2), mul(te, e1)), turn)
    fe2 = add(sub(mul(te, u * e1 + kap * per), mul(tf, e1)), sub(turn, mul(ba, u * e2)))
    fe3 = mul(kb, 0.25 * spin)
    skew = add(mul(te, moment * per), d2)
    ke, kf, km = per_e * per_e, per_f * per_f, per_e * per_f
    one_e, one_f, one_m = ke * one, kf * one, km * (e1 + kap * per)
    p0, p1, p2 = (i - 1) * size, i * size, (i + 1) * size
    e00, e01, e02, e11, e12, e22 = pairs(ke, one_e, (te, tf, kb), (ee1, ee2, ee3))
    f00, f01, f02, f11, f12, f22 = pairs(kf, one_f, (tf, te, kb), (ff1, ff2, ff3))
    m0, m1, m2 = products(km, one_m, (te, tf, kb, q), (fe1, fe2, fe3, mul(tt, -1.0)), mul(skew, km))
    add_upper(a, p0, (e00, e01, e02, e11, e12, e22))
    add_upper(a, p2, (f00, f01, f02, f11, f12, f22))
    add_upper(
        a, p1,
        (
            e00 + f00 - 2.0 * m0[0], e01 + f01 - m0[1] - m1[0], e02 + f02 - m0[2] - m2[0],
            e11 + f11 - 2.0 * m1[1], e12 + f12 - m1[2] - m2[1], e22 + f22 - 2.0 * m2[2],
        ),
    )  # fmt: skip
    c0, c1, c2 = (m0[0], m1[0], m2[0]), (m0[1], m1[1], m2[1]), (m0[2], m1[2], m2[2])
    add_block(a, p0, size, sub(c0, (e00, e01, e02)), sub(c1, (e01, e11, e12)), sub(c2, (e02, e12, e22)))
    add_block(a, p0, 2 * size, mul(c0, -1.0), mul(c1, -1.0), mul(c2, -1.0))
    add_block(a, p1, size, sub(c0, (f00, f01, f02)), sub(c1, (f01, f11, f12)), sub(c2, (f02, f12, f22)))


@njit(cache=True)
def pairs(k: float, one: float, v: tuple[V, V, V], w: tuple[V, V, V]) -> Upper:
    """Return k times the sum of v w^T + w v^T over three pairs, and `one` on the diagonal."""
    (p, q, s), (x, y, z) = v, w
    return (
        k * 2.0 * (p[0] * x[0] + q[0] * y[0] + s[0] * z[0]) + one,
        k * (p[0] * x[1] + x[0] * p[1] + q[0] * y[1] + y[0] * q[1] + s[0] * z[1] + z[0] * s[1]),
        k * (p[0] * x[2] + x[0] * p[2] + q[0] * y[2] + y[0] * q[2] + s[0] * z[2] + z[0] * s[2]),
        k * 2.0 * (p[1] * x[1] + q[1] * y[1] + s[1] * z[1]) + one,
        k * (p[1] * x[2] + x[1] * p[2] + q[1] * y[2] + y[1] * q[2] + s[1] * z[2] + z[1] * s[2]),
        k * 2.0 * (p[2] * x[2] + q[2] * y[2] + s[2] * z[2]) + one,
    )


@njit(cache=True)
def products(k: float, one: float, v: tuple[V, V, V, V], w: tuple[V, V, V, V], skew: V) -> tuple[V, V, V]:
    """Return the rows of k times the sum of v w^T over four pairs, with `one` on the diagonal, less [skew]x."""
    (p, q, s, t), (x, y, z, u) = v, w
    row0 = mul(add(add(mul(x, p[0]), mul(y, q[0])), add(mul(z, s[0]), mul(u, t[0]))), k)
    row1 = mul(add(add(mul(x, p[1]), mul(y, q[1])), add(mul(z, s[1]), mul(u, t[1]))), k)
    row2 = mul(add(add(mul(x, p[2]), mul(y, q[2])), add(mul(z, s[2]), mul(u, t[2]))), k)
    return (
        (row0[0] + one, row0[1] + skew[2], row0[2] - skew[1]),
        (row1[0] - skew[2], row1[1] + one, row1[2] + skew[0]),
        (row2[0] + skew[1], row2[1] - skew[0], row2[2] + one),
    )


@njit(cache=True)
def add_upper(a: F8, at: int, k: Upper) -> None:
    """Add a symmetric block to the band, where its first row is row `at`."""
    a[at, 0] += k[0]
    a[at, 1] += k[1]
    a[at, 2] += k[2]
    a[at + 1, 0] += k[3]
    a[at + 1, 1] += k[4]
    a[at + 2, 0] += k[5]


@njit(cache=True)
def add_block(a: F8, at: int, right: int, r0: V, r1: V, r2: V) -> None:
    """Add a block of three rows to the band, where its first row is row `at` and its first column is `right` on."""
    a[at, right] += r0[0]
    a[at, right + 1] += r0[1]
    a[at, right + 2] += r0[2]
    a[at + 1, right - 1] += r1[0]
    a[at + 1, right] += r1[1]
    a[at + 1, right + 1] += r1[2]
    a[at + 2, right - 2] += r2[0]
    a[at + 2, right - 1] += r2[1]
    a[at + 2, right] += r2[2]

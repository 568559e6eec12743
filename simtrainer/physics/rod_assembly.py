"""Gradient and banded Hessian of the energy of one implicit step of a rod."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import sample_one
from simtrainer.core.kernel import njit
from simtrainer.physics.rod_bend import isotropic, natural, torsion
from simtrainer.physics.rod_energy import carried, contact_law, friction_slip, reference_twist
from simtrainer.physics.rod_problem import Problem
from simtrainer.physics.vector import dot, norm, row, turn

F8 = NDArray[np.float64]


@njit(cache=True)
def put(a: F8, r: int, c: int, value: float) -> None:
    """Add `value` to the symmetric band matrix at (r, c); the mirror element is not added."""
    w = a.shape[1] - 1
    if r >= c:
        a[r, c - r + w] += value
    else:
        a[c, r - c + w] += value


@njit(cache=True)
def scatter(a: F8, b: F8, i: int, size: int, g: F8, h: F8) -> None:
    """Add edge-space derivatives of node i (edges i - 1 and i) to the node blocks of gradient and band."""
    w = a.shape[1] - 1
    p0, p1, p2 = (i - 1) * size, i * size, (i + 1) * size
    ee, ff, fe = h[0], h[1], h[2]
    for r in range(3):
        b[p0 + r] -= g[0, r]
        b[p1 + r] += g[0, r] - g[1, r]
        b[p2 + r] += g[1, r]
        for c in range(r + 1):
            a[p0 + r, c - r + w] += ee[r, c]
            a[p1 + r, c - r + w] += ee[r, c] + ff[r, c] - fe[r, c] - fe[c, r]
            a[p2 + r, c - r + w] += ff[r, c]
        for c in range(3):
            a[p1 + r, c - r - size + w] += fe[r, c] - ee[r, c]
            a[p2 + r, c - r - size + w] += fe[r, c] - ff[r, c]
            a[p2 + r, c - r - 2 * size + w] -= fe[r, c]


@njit(cache=True)
def scatter_twist(a: F8, b: F8, i: int, size: int, d: int, gt: F8, hx: F8) -> None:
    """Add the twist derivatives of device d at node i."""
    p0, p1, p2 = (i - 1) * size, i * size, (i + 1) * size
    te, tf = p0 + 3 + d, p1 + 3 + d
    b[te] += gt[0]
    b[tf] += gt[1]
    put(a, te, te, gt[2])
    put(a, tf, tf, gt[3])
    put(a, tf, te, gt[4])
    for r in range(3):
        put(a, p0 + r, te, -hx[0, r])
        put(a, p0 + r, tf, -hx[1, r])
        put(a, p1 + r, te, hx[0, r] - hx[2, r])
        put(a, p1 + r, tf, hx[1, r] - hx[3, r])
        put(a, p2 + r, te, hx[2, r])
        put(a, p2 + r, tf, hx[3, r])


@njit(cache=True)
def assemble_elastic(p: Problem, x: F8, theta: F8, a: F8, b: F8, g: F8, h: F8, gt: F8, hx: F8) -> None:
    """Add stretch, bending, natural curvature and twist; g, h, gt, hx are scratch."""
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    te, le, ae = carried(p, x, 0)
    for j in range(n - 1):
        tf, lf, af = carried(p, x, j)
        strain = lf / p.rest[j] - 1.0
        tension = p.stretch[j] * strain
        p0, p1 = j * size, (j + 1) * size
        for r in range(3):
            b[p0 + r] -= tension * tf[r]
            b[p1 + r] += tension * tf[r]
            for c in range(3):
                k = (p.stretch[j] / p.rest[j] - tension / lf) * tf[r] * tf[c] + (tension / lf if r == c else 0.0)
                put(a, p1 + r, p0 + c, -k)
                if c <= r:
                    put(a, p0 + r, p0 + c, k)
                    put(a, p1 + r, p1 + c, k)
        if j > 0:
            g[:] = 0.0
            h[:] = 0.0
            m = reference_twist(te, ae, tf, af)
            stiff = p.base[j]
            for d in range(devices):
                stiff += p.bend[j, d]
                if p.present[j, d] > 0.0:
                    gt[:] = 0.0
                    hx[:] = 0.0
                    if p.couple[j, d] != 0.0:
                        m1e = turn(ae, te, theta[j - 1, d])
                        m1f = turn(af, tf, theta[j, d])
                        natural(te, tf, le, lf, m1e, m1f, p.couple[j, d], g, h, gt, hx)
                    angle = theta[j, d] - theta[j - 1, d] + m
                    torsion(te, tf, le, lf, p.twist[j, d] / p.cell[j], angle, g, h, gt, hx)
                    scatter_twist(a, b, j, size, d, gt, hx)
            isotropic(te, tf, le, lf, stiff / p.cell[j], g, h)
            scatter(a, b, j, size, g, h)
        te, le, ae = tf, lf, af


@njit(cache=True)
def assemble_friction(p: Problem, x: F8, theta: F8, i: int, a: F8, b: F8) -> None:
    """Add friction of node i: slide and spin together, with their coupling blocks.

    Along the direction of sliding 2 % of the sticking stiffness is kept, which keeps Newton's steps short.
    """
    devices = theta.shape[1]
    size = 3 + devices
    s = friction_slip(p, x, theta, i)
    z = norm(s)
    k, along = p.stick[i], p.stick[i]
    if k * z > p.limit[i]:
        k = p.limit[i] / z
        along = 0.02 * p.stick[i]
    f = (k * s[0], k * s[1], k * s[2])
    u = (s[0] / z, s[1] / z, s[2] / z) if z > 0.0 else (0.0, 0.0, 0.0)
    n, c = row(p.normal, i), row(p.spin, i)
    o, at = p.outer[i], i * size
    uc = dot(u, c)
    for r in range(3):
        b[at + r] += f[r] - dot(f, n) * n[r]
        un = u[r] - dot(u, n) * n[r]
        for q in range(r + 1):
            uq = u[q] - dot(u, n) * n[q]
            flat = (1.0 if r == q else 0.0) - n[r] * n[q]
            put(a, at + r, at + q, k * flat + (along - k) * un * uq)
    kc = k * dot(c, c) + (along - k) * uc * uc
    for side in range(2):
        j = i - 1 + side
        w = p.spin_weight[i, side]
        if w == 0.0:
            continue
        th = j * size + 3 + o
        b[th] += w * dot(f, c)
        put(a, th, th, w * w * kc)
        for r in range(3):
            un = u[r] - dot(u, n) * n[r]
            put(a, th, at + r, w * (k * (c[r] - dot(c, n) * n[r]) + (along - k) * uc * un))
    if p.spin_weight[i, 0] != 0.0 and p.spin_weight[i, 1] != 0.0:
        put(a, at + 3 + o, (i - 1) * size + 3 + o, p.spin_weight[i, 0] * p.spin_weight[i, 1] * kc)


@njit(cache=True)
def assemble_other(p: Problem, x: F8, theta: F8, a: F8, b: F8, work: F8) -> None:
    """Add hub, inertia, load, spin drag, contact and friction; the Hessian of contact is Gauss-Newton."""
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    for d in range(devices):
        b[3 + d] += p.hub_rate[d] * (theta[0, d] - p.hub_angle[d])
        put(a, 3 + d, 3 + d, p.hub_rate[d])
    for j in range(n - 1):
        for d in range(devices):
            if p.present[j, d] > 0.0:
                at = j * size + 3 + d
                b[at] += p.spin_drag[j] * (theta[j, d] - p.theta0[j, d])
                put(a, at, at, p.spin_drag[j])
    for i in range(n):
        if p.free[i] == 0.0:
            continue
        at = i * size
        for r in range(3):
            b[at + r] += p.inertia[i] * (x[i, r] - p.inertia_at[i, r]) - p.load[i, r]
            put(a, at + r, at + r, p.inertia[i])
        if sample_one(p.grid_index, p.grid_values, p.grid_origin, p.grid_spacing, x[i, 0], x[i, 1], x[i, 2], work):
            _, force, stiff = contact_law(work[0] - p.radius[i], p.blend)
            for r in range(3):
                b[at + r] -= p.wall[i] * force * work[1 + r]
                for c in range(r + 1):
                    put(a, at + r, at + c, p.wall[i] * stiff * work[1 + r] * work[1 + c])
        if p.limit[i] > 0.0:
            assemble_friction(p, x, theta, i, a, b)


@njit(cache=True)
def constrain(p: Problem, x: F8, theta: F8, a: F8, b: F8) -> None:
    """Replace the rows of held nodes and absent twists by the identity."""
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    total, w = a.shape[0], a.shape[1] - 1
    for i in range(n):
        for r in range(size):
            held = p.free[i] == 0.0 if r < 3 else (i == n - 1 or p.present[i, r - 3] == 0.0)
            if not held:
                continue
            at = i * size + r
            b[at] = 0.0
            for c in range(w):
                a[at, c] = 0.0
            for q in range(at + 1, min(total, at + w + 1)):
                a[q, at - q + w] = 0.0
            a[at, w] = 1.0


@njit(cache=True)
def assemble(p: Problem, x: F8, theta: F8, a: F8, b: F8, scratch: tuple[F8, F8, F8, F8, F8]) -> None:
    """Write gradient `b` (n (3 + d),) [N, N mm] and lower band `a` (n (3 + d), w + 1) of the energy.

    Unknowns in the order x, y, z, twist of each device, node by node; the half band w is 2 (3 + d) + 2. Cost about
    2.5 kflop a node for two devices.
    """
    a[:] = 0.0
    b[:] = 0.0
    g, h, gt, hx, work = scratch
    assemble_elastic(p, x, theta, a, b, g, h, gt, hx)
    assemble_other(p, x, theta, a, b, work)
    constrain(p, x, theta, a, b)

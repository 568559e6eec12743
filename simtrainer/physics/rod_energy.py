"""The energy that one implicit step of a rod minimises: elasticity, hub, inertia, contact, friction."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import sample_one
from simtrainer.core.kernel import njit
from simtrainer.physics.rod_problem import Problem
from simtrainer.physics.vector import V, cross, dot, mul, norm, row, sub, transport, turn

F8 = NDArray[np.float64]


@njit(cache=True)
def carried(p: Problem, x: F8, j: int) -> tuple[V, float, V]:
    """Return unit tangent, length and time-parallel director a1 of edge j at positions `x`."""
    e = sub(row(x, j + 1), row(x, j))
    length = norm(e)
    t = mul(e, 1.0 / length)
    return t, length, transport(row(p.frame, j), row(p.tangent, j), t)


@njit(cache=True)
def reference_twist(te: V, ae: V, tf: V, af: V) -> float:
    """Return the angle from a1 of edge e, carried to edge f without twist, to a1 of edge f."""
    b = transport(ae, te, tf)
    return math.atan2(dot(cross(b, af), tf), dot(b, af))


@njit(cache=True)
def contact_law(gap: float, blend: float) -> tuple[float, float, float]:
    """Return energy, force and stiffness, per unit stiffness, of a wall met at `gap` = clearance - radius [mm].

    A quadratic blend over +- `blend` makes the force C1; a kink there keeps Newton from converging.
    """
    if gap >= blend:
        return 0.0, 0.0, 0.0
    if gap > -blend:
        d = blend - gap
        return d * d * d / (12.0 * blend), d * d / (4.0 * blend), d / (2.0 * blend)
    return 0.5 * gap * gap + blend * blend / 6.0, -gap, 1.0


@njit(cache=True)
def friction_slip(p: Problem, x: F8, theta: F8, i: int) -> V:
    """Return the tangential displacement [mm] of the surface of node i against the wall, anchor included."""
    n = row(p.normal, i)
    d = sub(row(x, i), row(p.start, i))
    o = p.outer[i]
    spin = 0.0
    if i > 0:
        spin += p.spin_weight[i, 0] * (theta[i - 1, o] - p.theta0[i - 1, o])
    if i < x.shape[0] - 1:
        spin += p.spin_weight[i, 1] * (theta[i, o] - p.theta0[i, o])
    k = dot(d, n)
    return (
        d[0] - k * n[0] + p.slip0[i, 0] + spin * p.spin[i, 0],
        d[1] - k * n[1] + p.slip0[i, 1] + spin * p.spin[i, 1],
        d[2] - k * n[2] + p.slip0[i, 2] + spin * p.spin[i, 2],
    )


@njit(cache=True)
def friction_energy(p: Problem, x: F8, theta: F8, i: int) -> float:
    """Return the Huber potential of node i: elastic up to the Coulomb limit, then linear [N mm]."""
    z = norm(friction_slip(p, x, theta, i))
    f: float = p.limit[i]
    stick: float = p.stick[i]
    if stick * z <= f:
        return 0.5 * stick * z * z
    return f * z - 0.5 * f * f / stick


@njit(cache=True)
def elastic_energy(p: Problem, x: F8, theta: F8) -> float:
    """Return stretch, bending, natural-curvature and twist energy [N mm]."""
    n, devices = x.shape[0], theta.shape[1]
    total = 0.0
    te, _, ae = carried(p, x, 0)
    for j in range(n - 1):
        tf, lf, af = carried(p, x, j)
        strain = lf / p.rest[j] - 1.0
        total += 0.5 * p.stretch[j] * strain * strain * p.rest[j]
        if j > 0:
            u = dot(te, tf)
            kb = mul(cross(te, tf), 2.0 / (1.0 + u))
            m = reference_twist(te, ae, tf, af)
            lb = p.cell[j]
            stiff = p.base[j]
            for d in range(devices):
                stiff += p.bend[j, d]
                c = p.couple[j, d]
                if c != 0.0:
                    m2e = cross(te, turn(ae, te, theta[j - 1, d]))
                    m2f = cross(tf, turn(af, tf, theta[j, d]))
                    total -= 0.5 * c * (dot(kb, m2e) + dot(kb, m2f))
                if p.present[j, d] > 0.0:
                    angle = theta[j, d] - theta[j - 1, d] + m
                    total += 0.5 * p.twist[j, d] / lb * angle * angle
            total += 2.0 * stiff / lb * (1.0 - u) / (1.0 + u) + p.stored[j]
        te, ae = tf, af
    return total


@njit(cache=True)
def other_energy(p: Problem, x: F8, theta: F8, work: F8) -> float:
    """Return hub, inertia, load, spin drag, contact and friction energy [N mm]."""
    n, devices = x.shape[0], theta.shape[1]
    total = 0.0
    for d in range(devices):
        total += 0.5 * p.hub_rate[d] * (theta[0, d] - p.hub_angle[d]) ** 2
    for j in range(n - 1):
        for d in range(devices):
            if p.present[j, d] > 0.0:
                total += 0.5 * p.spin_drag[j] * (theta[j, d] - p.theta0[j, d]) ** 2
    for i in range(n):
        if p.free[i] == 0.0:
            continue
        for r in range(3):
            total += 0.5 * p.inertia[i] * (x[i, r] - p.inertia_at[i, r]) ** 2 - p.load[i, r] * x[i, r]
        if sample_one(p.grid_index, p.grid_values, p.grid_origin, p.grid_spacing, x[i, 0], x[i, 1], x[i, 2], work):
            total += p.wall[i] * contact_law(work[0] - p.radius[i], p.blend)[0]
        if p.limit[i] > 0.0:
            total += friction_energy(p, x, theta, i)
    return total


@njit(cache=True)
def energy(p: Problem, x: F8, theta: F8, work: F8) -> float:
    """Return the whole energy of the step [N mm]; `work` (4,) is scratch."""
    return elastic_energy(p, x, theta) + other_energy(p, x, theta, work)

"""One implicit step of coaxial devices on a shared centreline: carry, build the problem, minimise, read off."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import sample_one
from simtrainer.core.kernel import njit
from simtrainer.physics.rod_energy import elastic_energy, friction_slip, reference_twist
from simtrainer.physics.rod_layout import layout, middles, resample_curve, resample_linear, restore_lengths
from simtrainer.physics.rod_newton import descend
from simtrainer.physics.rod_problem import Problem
from simtrainer.physics.vector import cross, dot, mul, norm, row, sub, transport

F8 = NDArray[np.float64]
BEND, COUPLE, STORED, TWIST, MASS, RADIUS = 0, 1, 2, 3, 4, 5
"""Columns of a device's table, by distance from its tip. The first five are integrals from the tip: of EI [N mm3], EI
times natural curvature [N mm2], EI curvature^2 / 2 [N mm], GJ [N mm3], mass [g]; the last is the outer radius [mm]."""
TABLE_STEP_MM = 0.25
"""Step of that table [mm]."""
ANCHOR_MM = 0.02
"""Elastic slip before sliding [mm]; the field's presliding distances are of the order of asperities, 0.01-0.05 mm."""
WALL_N_MM2 = 5.0
"""Contact stiffness per length of device [N/mm2]: 1 N on 4 mm of wire sinks in 0.05 mm."""
STRETCH_N = 2000.0
"""EA [N]; because: reference comparison, 2000 N stretches 0.1 % at 2 N, the true 5900 N only slows Newton."""
STRETCH_PER_BEND_MM2 = 20.0
"""EA over EI where that is less [1/mm2]: a floppy tip of 6 N mm2 buckles below 0.1 N and stretches 0.1 % at that."""


class Model(NamedTuple):
    """What does not change during a run, in kernel units."""

    table: F8
    """Tables of the devices, shape (d, k, 6); beyond the last row integrals go on at their last slope."""
    entry: F8
    """Position of node 0, direction of edge 0, director a1 of edge 0: shape (3, 3) [mm]."""
    sheath: F8
    """Length [mm], EI [N mm2] and outer radius [mm] of the introducer sheath, which is always there."""
    steps: F8
    """Coarse step, fine step, fine zone [mm]."""
    tolerance: float
    """Residual at which Newton stops [N]."""
    friction: float
    drag: F8
    """Linear drag [N ms/mm2], 0.5 rho Cd [g/mm3], spin drag [N ms]: per length of rod."""
    gravity: F8
    """Acceleration [mm/ms2] times (1 - buoyancy), shape (3,)."""
    grid_index: NDArray[np.int32]
    grid_values: NDArray[np.float32]
    grid_origin: F8
    grid_spacing: float
    total: F8
    """Total length of each device [mm], (d,)."""


class Shape(NamedTuple):
    """State of a rod between steps, in kernel units."""

    s: F8
    x: F8
    theta: F8
    """Twist of each device in the Bishop frame of the centreline [rad], (n - 1, d)."""
    v: F8
    anchor: F8
    press: F8
    """Normal force per length of wall [N/mm], (n,)."""
    inserted: F8
    hub: F8


@njit(cache=True)
def looked_up(table: F8, d: int, column: int, at: float) -> float:
    """Return a column of device d's table at distance `at` [mm] from its tip, linear between rows."""
    last = table.shape[1] - 1
    u = max(at, 0.0) / TABLE_STEP_MM
    k = min(int(u), last - 1)
    u -= k
    if column == RADIUS:
        u = min(u, 1.0)
    return (1.0 - u) * table[d, k, column] + u * table[d, k + 1, column]  # type: ignore[no-any-return]


@njit(cache=True)
def bishop(x: F8, a1: F8, frame: F8, tangent: F8) -> None:
    """Write twist-free directors and unit tangents of the edges, beginning with director `a1` (3,) of edge 0."""
    n = x.shape[0]
    t0 = sub(row(x, 1), row(x, 0))
    t0 = mul(t0, 1.0 / norm(t0))
    a = (a1[0], a1[1], a1[2])
    k = dot(a, t0)
    a = sub(a, mul(t0, k))
    a = mul(a, 1.0 / norm(a))
    for j in range(n - 1):
        t = sub(row(x, j + 1), row(x, j))
        t = mul(t, 1.0 / norm(t))
        a = transport(a, t0, t)
        for r in range(3):
            frame[j, r] = a[r]
            tangent[j, r] = t[r]
        t0 = t


@njit(cache=True)
def stiffnesses(m: Model, s: F8, inserted: F8, lead: float) -> tuple[F8, F8, F8, F8, F8, F8, F8, F8, F8, F8]:
    """Return rest, voronoi, cell, base, bend, couple, stored, twist, present and mass for the given insertions.

    All are integrals over each node's cell, so that they move on smoothly while a device slides past the nodes.
    """
    n, devices = s.shape[0], m.table.shape[0]
    rest = np.empty(n - 1)
    for j in range(n - 1):
        rest[j] = (lead if j == n - 2 else s[j + 1]) - s[j]
    voronoi, cell, base, mass, stored = np.empty(n), np.empty(n), np.empty(n), np.zeros(n), np.zeros(n)
    bend, couple, twist = np.zeros((n, devices)), np.zeros((n, devices)), np.zeros((n, devices))
    present = np.zeros((n - 1, devices))
    for i in range(n):
        a = s[i] - 0.5 * rest[i - 1] if i > 0 else s[0]
        b = s[i] + 0.5 * rest[i] if i < n - 1 else lead
        voronoi[i] = b - a
        if i == n - 2:
            b = lead  # the free end has no bending element of its own; without it stored energy would get lost there
        cell[i] = b - a
        base[i] = m.sheath[1] * min(max((m.sheath[0] - a) / (b - a), 0.0), 1.0)
        for d in range(devices):
            if inserted[d] <= a:
                continue
            far, near = inserted[d] - a, max(inserted[d] - b, 0.0)
            sums = np.empty(5)
            for c in range(5):
                sums[c] = looked_up(m.table, d, c, far) - looked_up(m.table, d, c, near)
            bend[i, d] = sums[BEND] / (b - a)
            couple[i, d] = sums[COUPLE] / (b - a)
            stored[i] += sums[STORED]
            twist[i, d] = sums[TWIST] / (far - near)
            mass[i] += sums[MASS] * voronoi[i] / cell[i]
    for d in range(devices):
        for j in range(n - 1):
            if inserted[d] > (s[j] - 0.5 * rest[j - 1] if j > 0 else 0.0):
                present[j, d] = 1.0  # as far as the device fills part of a node's cell, it needs a twist on both sides
    return rest, voronoi, cell, base, bend, couple, stored, twist, present, mass


@njit(cache=True)
def surface(m: Model, s: float, inserted: F8) -> tuple[int, float]:
    """Return the device whose surface faces the wall at arc length `s` (-1: the sheath) and its radius [mm]."""
    if s <= m.sheath[0]:
        return -1, m.sheath[2]
    outer, radius = 0, 0.0
    for d in range(inserted.shape[0]):
        if s <= inserted[d] + 1e-6:
            r = looked_up(m.table, d, RADIUS, inserted[d] - s)
            if r > radius:
                outer, radius = d, r
    return outer, radius


@njit(cache=True)
def build(m: Model, old: Shape, inserted: F8, hub: F8, dt: float) -> tuple[Problem, Shape]:
    """Carry `old` to the nodes of the new insertions and return the problem of the step and its starting shape."""
    devices = inserted.shape[0]
    lead = max(m.sheath[0], inserted.max())
    behind = 0.0
    for d in range(devices):
        if inserted[d] < lead - 1e-9 and inserted[d] > m.sheath[0]:
            behind = max(behind, inserted[d])
    s = layout(lead, behind, m.steps[0], m.steps[1], m.steps[2])
    x = resample_curve(old.s, old.x, s)
    restore_lengths(old.s, s, x)
    theta = resample_linear(middles(old.s), old.theta, middles(s))
    v = resample_linear(old.s, old.v, s)
    anchor = resample_linear(old.s, old.anchor, s)
    press = resample_linear(old.s, old.press.reshape(-1, 1), s)[:, 0].copy()
    n = s.shape[0]
    rest, voronoi, cell, base, bend, couple, stored, twist, present, mass = stiffnesses(m, s, inserted, lead)
    frame, tangent = np.empty((n - 1, 3)), np.empty((n - 1, 3))
    for r in range(3):
        x[0, r] = m.entry[0, r]
        x[1, r] = m.entry[0, r] + rest[0] * m.entry[1, r]
    bishop(x, m.entry[2], frame, tangent)
    inertia, at, load = np.empty(n), np.empty((n, 3)), np.zeros((n, 3))
    wall, radius, outer = np.empty(n), np.empty(n), np.zeros(n, dtype=np.int64)
    normal, limit, stick = np.zeros((n, 3)), np.zeros(n), np.ones(n)
    slip0, spin, weight, free = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros((n, 2)), np.ones(n)
    free[0] = 0.0
    free[1] = 0.0
    work = np.zeros(4)
    for i in range(n):
        o, radius[i] = surface(m, s[i], inserted)
        speed = np.sqrt(v[i, 0] ** 2 + v[i, 1] ** 2 + v[i, 2] ** 2)
        c = voronoi[i] * (m.drag[0] + m.drag[1] * 2.0 * radius[i] * speed) / dt
        k = mass[i] / (dt * dt)
        inertia[i] = k + c + 1e-9
        wall[i] = WALL_N_MM2 * voronoi[i]
        for r in range(3):
            at[i, r] = x[i, r] + k / inertia[i] * dt * v[i, r]
            load[i, r] = mass[i] * m.gravity[r]
        push = m.friction * press[i] * voronoi[i]
        if i < 2 or push < 1e-6:
            continue
        if not sample_one(m.grid_index, m.grid_values, m.grid_origin, m.grid_spacing, x[i, 0], x[i, 1], x[i, 2], work):
            continue
        g = (work[1], work[2], work[3])
        size = norm(g)
        if size < 1e-6:
            continue
        g = mul(g, 1.0 / size)
        t = row(tangent, min(i, n - 2))
        limit[i] = push
        stick[i] = push / ANCHOR_MM
        feed = inserted[o] - old.inserted[o] if o >= 0 else 0.0
        outer[i] = max(o, 0)
        a = row(anchor, i)
        a = sub(a, mul(g, dot(a, g)))
        turned = cross(t, mul(g, -radius[i])) if o >= 0 else (0.0, 0.0, 0.0)
        along = sub(t, mul(g, dot(t, g)))
        for r in range(3):
            normal[i, r] = g[r]
            slip0[i, r] = a[r] + feed * along[r]
            spin[i, r] = turned[r]
        before = present[i - 1, outer[i]] if i > 0 else 0.0
        behind_it = present[i, outer[i]] if i < n - 1 else 0.0
        if before + behind_it > 0.0:
            weight[i, 0] = before / (before + behind_it)
            weight[i, 1] = behind_it / (before + behind_it)
    rate = np.empty(devices)
    for d in range(devices):
        outside = max(m.total[d] - inserted[d], 20.0)
        last = m.table.shape[1] - 1
        shaft = (m.table[d, last, TWIST] - m.table[d, last - 1, TWIST]) / TABLE_STEP_MM
        rate[d] = shaft / outside if present[0, d] > 0.0 else 0.0
    edge = 0.5 * (voronoi[1:] + voronoi[:-1])
    stretch = np.empty(n - 1)
    for j in range(n - 1):
        stiff = base[j] + bend[j].sum()
        stretch[j] = min(STRETCH_N, STRETCH_PER_BEND_MM2 * stiff + 20.0) if j > 1 else STRETCH_N
    p = Problem(
        rest, voronoi, cell, bend, base, couple, stored, twist, present,
        stretch, frame, tangent, rate, hub,
        inertia, at, load, m.drag[2] * edge / dt, theta.copy(), wall, radius, 0.02,
        m.grid_index, m.grid_values, m.grid_origin, m.grid_spacing,
        normal, limit, stick, slip0, x.copy(), spin, outer, weight, free,
    )  # fmt: skip
    return p, Shape(s, x, theta, v, anchor, press, inserted.copy(), hub.copy())


@njit(cache=True)
def finish(m: Model, p: Problem, sh: Shape, dt: float) -> F8:
    """Write velocities, anchors, wall pressure and Bishop twist into `sh`; return (n, 6): wall force, friction [N]."""
    n, devices = sh.x.shape[0], sh.theta.shape[1]
    out = np.zeros((n, 6))
    work = np.zeros(4)
    for i in range(n):
        for r in range(3):
            sh.v[i, r] = (sh.x[i, r] - p.start[i, r]) / dt if p.free[i] > 0.0 else 0.0
        slip = friction_slip(p, sh.x, sh.theta, i) if p.limit[i] > 0.0 else (0.0, 0.0, 0.0)
        z = norm(slip)
        k = min(1.0, ANCHOR_MM / z) if z > 0.0 else 0.0
        sh.press[i] = 0.0
        for r in range(3):
            sh.anchor[i, r] = k * slip[r]
            out[i, 3 + r] = -p.stick[i] * k * slip[r] if p.limit[i] > 0.0 else 0.0
        if i > 1 and sample_one(
            m.grid_index, m.grid_values, m.grid_origin, m.grid_spacing, sh.x[i, 0], sh.x[i, 1], sh.x[i, 2], work
        ):
            gap = work[0] - p.radius[i]
            force = 0.0
            if gap < p.blend:
                d = p.blend - gap
                force = p.wall[i] * (d * d / (4.0 * p.blend) if gap > -p.blend else -gap)
            size = norm((work[1], work[2], work[3]))
            sh.press[i] = force * size / p.voronoi[i]
            for r in range(3):
                out[i, r] = force * work[1 + r]
    total = 0.0
    for j in range(1, n - 1):
        total += reference_twist(row(p.tangent, j - 1), row(p.frame, j - 1), row(p.tangent, j), row(p.frame, j))
        for d in range(devices):
            sh.theta[j, d] += total
    for d in range(devices):
        for j in range(1, n - 1):
            if p.present[j, d] == 0.0:
                sh.theta[j, d] = sh.theta[j - 1, d]
    return out


@njit(cache=True)
def attempt(m: Model, old: Shape, inserted: F8, hub: F8, dt: float, most: int) -> tuple[Shape, Problem, F8, float, int]:
    """Take one step of `dt` [ms]; return shape, problem, wall forces, residual [N] and iterations."""
    p, sh = build(m, old, inserted, hub, dt)
    worst, its = descend(p, sh.x, sh.theta, most, m.tolerance, 2.0)
    forces = finish(m, p, sh, dt)
    return sh, p, forces, worst, its


@njit(cache=True)
def hand_forces(m: Model, sh: Shape, p: Problem, forces: F8) -> F8:
    """Return push force [N] and torque [N mm] that each hub needs, shape (d, 2).

    Source: virtual work at fixed positions. Pushing device d by dL changes the stored energy (the tip gets longer, its
    natural curvature moves on: the force that a merely prescribed offset would forget) and drags its surface along the
    wall: F = dE/dL - sum of friction . tangent.
    """
    devices = sh.inserted.shape[0]
    n = sh.s.shape[0]
    out = np.zeros((devices, 2))
    eps = 5e-4
    frame, tangent = np.empty((n - 1, 3)), np.empty((n - 1, 3))
    bishop(sh.x, m.entry[2], frame, tangent)
    for d in range(devices):
        if sh.inserted[d] <= m.sheath[0]:
            continue
        value = np.zeros(2)
        for side in range(2):
            ins = sh.inserted.copy()
            ins[d] += eps if side == 1 else -eps
            lead = max(m.sheath[0], ins.max())
            rest, voronoi, cell, base, bend, couple, stored, twist, present, _ = stiffnesses(m, sh.s, ins, lead)
            q = Problem(
                rest, voronoi, cell, bend, base, couple, stored, twist, present,
                p.stretch, frame, tangent, p.hub_rate, p.hub_angle,
                p.inertia, p.inertia_at, p.load, p.spin_drag, p.theta0, p.wall, p.radius, p.blend,
                p.grid_index, p.grid_values, p.grid_origin, p.grid_spacing,
                p.normal, p.limit, p.stick, p.slip0, p.start, p.spin, p.outer, p.spin_weight, p.free,
            )  # fmt: skip
            value[side] = elastic_energy(q, sh.x, sh.theta)
        out[d, 0] = (value[1] - value[0]) / (2.0 * eps)
        for i in range(2, n):
            if p.limit[i] > 0.0 and p.outer[i] == d and sh.s[i] > m.sheath[0]:
                t = row(tangent, min(i, n - 2))
                out[d, 0] -= forces[i, 3] * t[0] + forces[i, 4] * t[1] + forces[i, 5] * t[2]
        out[d, 1] = p.hub_rate[d] * (sh.hub[d] - sh.theta[0, d])
    return out


@njit(cache=True)
def substep(
    m: Model, old: Shape, inserted: F8, hub: F8, dt: float, most: int, accept: float, report: F8
) -> tuple[Shape, Problem, F8]:
    """Move the hubs within `dt` [ms]; halve the step down to dt / 8 while the residual is above `accept` [N].

    What still is unconverged is taken and counted. Adds to `report` (4,): worst residual, iterations, halvings,
    unconverged steps.
    """
    done, depth = 0.0, 0
    first_in, first_hub = old.inserted.copy(), old.hub.copy()
    while True:
        part = 0.5**depth
        to = done + part
        ins = first_in + (inserted - first_in) * to
        ang = first_hub + (hub - first_hub) * to
        new, p, forces, worst, its = attempt(m, old, ins, ang, dt * part, most)
        report[1] += its
        if not (worst <= accept) and depth < 3:
            depth += 1
            report[2] += 1
            continue
        if not (worst <= accept):
            report[3] += 1
        report[0] = max(report[0], worst)
        old = new
        done = to
        if done >= 1.0 - 1e-9:
            return new, p, forces


@njit(cache=True)
def advance(
    m: Model, old: Shape, inserted: F8, hub: F8, dt: float, limits: tuple[int, int, float]
) -> tuple[Shape, F8, F8, F8]:
    """Move the hubs to `inserted` [mm] and `hub` [rad] within `dt` [ms], in limits[0] equal steps.

    limits: steps, Newton iterations a step, accepted residual [N]. Returns shape, wall forces (n, 6), hand forces
    (d, 2) and report (4,).
    """
    report = np.zeros(4)
    first_in, first_hub = old.inserted.copy(), old.hub.copy()
    k = 0
    while True:
        k += 1
        u = k / limits[0]
        ins = first_in + (inserted - first_in) * u
        ang = first_hub + (hub - first_hub) * u
        old, p, forces = substep(m, old, ins, ang, dt / limits[0], limits[1], limits[2], report)
        if k == limits[0]:
            return old, forces, hand_forces(m, old, p, forces), report

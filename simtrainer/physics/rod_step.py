"""One tick of coaxial devices on a shared centreline: carry, set up, minimise, read off; halve steps that resist.

A tick is one kernel: at 1 ms a step, calls and copies between kernels would cost a fifth of the tick.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_layout import layout
from simtrainer.physics.rod_newton import Bounds, descend
from simtrainer.physics.rod_prepare import MOTION, V, brace, prepare, recall, touch
from simtrainer.physics.rod_problem import ANGLE, F8, HELD, I8, RATE, SEEN, Grid
from simtrainer.physics.rod_read import WALL, finish, remember, survey, virtual_work
from simtrainer.physics.rod_sway import drift, surroundings

REACH_MM = 2.0
"""Longest move of a node in one iteration [mm]."""
FREE_SHAFT_MM = 20.0
"""Shortest length of shaft between hub and access that twists [mm]: a hub does not get nearer."""


RELAX_STEPS, RELAX_ITERATIONS, RELAX_MS, RELAX_N = 20, 60, 100.0, 1e-5
"""Most steps, iterations a step, length of a step [ms] and residual [N] when the empty sheath finds its place."""
SLIDE_MM, TURN_RAD = 2.0, 0.5
"""Longest push [mm] and largest turn of a hub in one implicit step; a control that asks for more gets more steps."""


class Model(NamedTuple):
    """What does not change during a run, in kernel units (mm, g, ms)."""

    table: F8
    """Tables of the devices, shape (d, k, 6); see rod_profile."""
    entry: F8
    """Position of node 0, direction of edge 0, director a1 of edge 0: shape (3, 3) [mm]."""
    sheath: F8
    """Length [mm], EI [N mm2] and outer radius [mm] of the introducer sheath, which is always there."""
    stand: F8
    """Places where nodes stand [mm], (k,); see rod_layout."""
    fine: float
    """Fine step [mm]."""
    mouth: float
    """Up to where nodes stand about the sheath's end [mm]."""
    zone: F8
    """Length of the fine nodes behind the tip of each device and, last, of the bare sheath [mm], (d + 1,)."""
    friction: float
    drag: F8
    """Linear drag [N ms/mm2], 0.5 rho Cd [g/mm3], spin drag [N ms]: per length of rod."""
    still: F8
    """Acceleration [mm/ms2] times (1 - buoyancy), 3 numbers, stiffness [N/mm2] and hardening [1/mm] of the wall."""
    modes: F8
    """Centre [mm] and 1 / reach [1/mm] of each mode by which the wall moves, (m, 6)."""
    grid: Grid
    total: F8
    """Total length of each device [mm], (d,)."""
    shaft: F8
    """Torsional rigidity GJ of each device's shaft [N mm2], (d,)."""


class Shape(NamedTuple):
    """State of a rod between steps, in kernel units."""

    s: F8
    x: F8
    theta: F8
    """Twist of each device in the Bishop frame of the centreline [rad], (n - 1, d)."""
    motion: F8
    """Velocity, anchor and wall pressure of each node, (n, MOTION)."""
    inserted: F8
    hub: F8
    sway: F8
    """Displacement of each mode of the wall [mm], (m, 3)."""


class Goal(NamedTuple):
    """What a step ends with: inserted lengths [mm] (d,), angles of the hubs [rad] (d,), displacements [mm] (m, 3)."""

    inserted: F8
    hub: F8
    sway: F8


class Solved(NamedTuple):
    """One solved step with what is needed to read forces off it."""

    shape: Shape
    ride: I8
    whose: I8
    hub: F8
    node: F8
    device: F8
    edge: F8
    felt: F8
    wall: F8
    outside: F8
    residual: float
    iterations: int


def blank(model: Model) -> Shape:
    """Return the empty sheath, straight, no device in it yet."""
    devices = model.table.shape[0]
    s, _ = layout(model.sheath[0], np.zeros(0), model.stand, model.fine, model.zone[-1:], model.mouth)
    n = len(s)
    x = model.entry[0] + s[:, None] * model.entry[1]
    zero = np.zeros(devices)
    return Shape(
        s, x, np.zeros((n - 1, devices)), np.zeros((n, MOTION)), zero, zero.copy(), np.zeros((len(model.modes), 3))
    )


def relaxed(m: Model, shape: Shape) -> Shape:
    """Return the equilibrium near `shape`: long, heavily damped steps until no node moves by a micrometre."""
    bounds = Bounds(RELAX_ITERATIONS, RELAX_N, REACH_MM)
    for _ in range(RELAX_STEPS):
        goal, seen = Goal(shape.inserted, shape.hub, shape.sway), remember(shape.x, np.zeros((len(shape.s), WALL)))
        new = attempt(m, shape, seen, goal, RELAX_MS, bounds).shape
        new.motion[:, V : V + 3] = 0.0
        moved = float(np.abs(new.x - shape.x).max())
        shape = new
        if moved < 1e-3:
            break
    return shape


def only(m: Model, shape: Shape, used: I8) -> tuple[Model, Shape]:
    """Return model and state of the devices `used` alone: four unknowns a node instead of five."""
    first, past = int(used[0]), int(used[-1]) + 1
    part: slice | I8 = slice(first, past) if past - first == len(used) else used  # a slice need not be copied
    zone = m.zone[np.append(used, len(m.zone) - 1)]
    model = Model(
        m.table[part], m.entry, m.sheath, m.stand, m.fine, m.mouth, zone, m.friction, m.drag, m.still, m.modes, m.grid,
        m.total[part], m.shaft[part],
    )  # fmt: skip
    theta = np.ascontiguousarray(shape.theta[:, part])
    return model, Shape(shape.s, shape.x, theta, shape.motion, shape.inserted[part], shape.hub[part], shape.sway)


def among(shape: Shape, used: I8, hub: F8) -> Shape:
    """Return the state of the devices `used` as a state of all: the others lie outside, turned as their hubs are."""
    theta = np.empty((len(shape.theta), len(hub)))
    theta[:] = hub
    theta[:, used] = shape.theta
    inserted, turned = np.zeros(len(hub)), hub.copy()
    inserted[used], turned[used] = shape.inserted, shape.hub
    return Shape(shape.s, shape.x, theta, shape.motion, inserted, turned, shape.sway)


@njit(cache=True)
def tips_behind(inserted: F8, lead: float, sheath: float) -> I8:
    """Return the devices whose tips lie beyond the sheath and behind `lead` [mm], the foremost first.

    Of tips at one place the first device stands for all.
    """
    order = np.empty(inserted.shape[0], dtype=np.int64)
    count = 0
    for d in range(inserted.shape[0]):
        if sheath < inserted[d] < lead - 1e-9:
            k = count
            while k > 0 and inserted[order[k - 1]] < inserted[d]:
                order[k] = order[k - 1]
                k -= 1
            order[k] = d
            count += 1
    apart = np.empty(count, dtype=np.int64)
    kept = 0
    for k in range(count):
        if k == 0 or inserted[order[k - 1]] - inserted[order[k]] > 1e-9:
            apart[kept] = order[k]
            kept += 1
    return apart[:kept].copy()


@njit(cache=True)
def zones(m: Model, inserted: F8, lead: float, followers: I8) -> F8:
    """Return the length of fine nodes behind `lead` and behind the tip of each follower [mm], (1 + k,).

    Of tips at one place the longest shape counts.
    """
    out = np.zeros(1 + followers.shape[0])
    for k in range(out.shape[0]):
        at = lead if k == 0 else inserted[followers[k - 1]]
        known = False
        for d in range(inserted.shape[0]):
            if abs(inserted[d] - at) <= 1e-9:
                out[k], known = max(out[k], m.zone[d]), True
        if not known:
            out[k] = m.zone[-1]
    return out


@njit(cache=True)
def attempt(m: Model, old: Shape, seen: F8, goal: Goal, dt: float, bounds: Bounds) -> Solved:
    """Take one step of `dt` [ms]; seen (n, 8): where the clearance was last looked up, as in rod_problem."""
    inserted = goal.inserted
    devices = inserted.shape[0]
    outside = surroundings(m.still, m.modes, old.sway, goal.sway)
    leader, lead = -1, m.sheath[0]
    for d in range(devices):
        if inserted[d] > lead:
            leader, lead = d, inserted[d]
    followers = tips_behind(inserted, lead, m.sheath[0])
    count = followers.shape[0]
    behind, whose, moves = np.empty(count), np.empty(count + 2, dtype=np.int64), np.empty(count + 2)
    feed = inserted - old.inserted
    whose[0], whose[1], moves[0], moves[1] = -1, leader, 0.0, lead - old.s[-1]
    for k in range(count):
        behind[k], whose[k + 2], moves[k + 2] = inserted[followers[k]], followers[k], feed[followers[k]]
    s, ride = layout(lead, behind, m.stand, m.fine, zones(m, inserted, lead, followers), m.mouth)
    start, theta, motion, node, device = prepare(
        old.s, old.x, old.theta, old.motion, s, moves[ride], m.table, m.entry, m.sheath, inserted, feed
    )
    recall(seen, drift(outside), ride, node)
    brace(start, motion, node, m.drag, dt)
    touch(start, motion, node, device, m.grid, outside, m.friction, feed)
    hubs, x = np.empty((devices, 2)), start.copy()
    for d in range(devices):
        hubs[d, RATE] = m.shaft[d] / max(m.total[d] - inserted[d], FREE_SHAFT_MM) if inserted[d] > 0.0 else 0.0
        hubs[d, ANGLE] = goal.hub[d]
    for i in range(HELD, x.shape[0]):
        for r in range(3):
            x[i, r] += dt * motion[i, V + r]
    edge, felt, worst, its = descend(node, device, hubs, m.grid, outside, x, theta, bounds)
    wall = finish(start, x, theta, motion, node, device, felt, m.grid, outside, dt)
    shape = Shape(s, x, theta, motion, inserted.copy(), goal.hub.copy(), goal.sway.copy())
    return Solved(shape, ride, whose, hubs, node, device, edge, felt, wall, outside, worst, its)


@njit(cache=True)
def felt_by_hands(m: Model, last: Solved) -> F8:
    """Return push force [N] and torque [N mm] that each hub needs, shape (d, 2).

    The force is the virtual work of pushing the device with the nodes that ride with its tip. The reaction at the
    access would be no better: where a rod touches the wall between two nodes, the force on the nearest node is not
    quite across the rod, and the reaction at the access contains the sum of all these false components.
    """
    sh = last.shape
    devices = sh.inserted.shape[0]
    out, push, ride = np.zeros((devices, 2)), np.zeros(devices), np.empty(sh.s.shape[0])
    for d in range(devices):
        out[d, 1] = last.hub[d, RATE] * (last.hub[d, ANGLE] - sh.theta[0, d])
        if not sh.inserted[d] > m.sheath[0]:
            continue
        push[:] = 0.0
        push[d] = 1.0
        for i in range(ride.shape[0]):
            ride[i] = 1.0 if last.whose[last.ride[i]] == d else 0.0
        out[d, 0] = virtual_work(
            sh.s, sh.x, sh.inserted, push, ride, m.table, m.sheath, m.still,
            last.node, last.device, last.edge, last.felt, last.wall,
        )  # fmt: skip
    return out


class Effort(NamedTuple):
    """What a tick cost: worst residual [N], iterations, halvings, steps that stayed above the accepted residual."""

    residual: float
    iterations: int
    halvings: int
    unconverged: int


class Limits(NamedTuple):
    """Equal steps in a tick, Newton iterations a step, residuals [N] that are accepted and that stop the iteration."""

    steps: int
    iterations: int
    accept: float
    tolerance: float


Ticked: TypeAlias = tuple[Shape, F8, F8, Effort]
"""Shape, wall, hand forces and effort after a tick."""


def advance(m: Model, old: Shape, wall: F8, goal: Goal, dt: float, limits: Limits) -> Ticked:
    """Move hubs and wall to `goal` within `dt` [ms]; `wall` is that of `old`.

    Devices that stay outside take no part.
    """
    inserted, hub = goal.inserted, goal.hub
    used = np.flatnonzero((old.inserted > 0.0) | (inserted > 0.0))
    used = used if len(used) else np.zeros(1, dtype=np.int64)
    if len(used) == len(inserted):
        return march(m, old, wall, goal, dt, limits)
    model, part = only(m, old, used)
    shape, wall, some, effort = march(model, part, wall, Goal(inserted[used], hub[used], goal.sway), dt, limits)
    hands = np.zeros((len(inserted), 2))
    hands[used] = some
    return among(shape, used, hub), wall, hands, effort


@njit(cache=True)
def between(old: Shape, goal: Goal, share: float) -> Goal:
    """Return what the hands hold, and where the wall is, at `share` of the way from `old` to `goal`."""
    return Goal(
        old.inserted + (goal.inserted - old.inserted) * share,
        old.hub + (goal.hub - old.hub) * share,
        old.sway + (goal.sway - old.sway) * share,
    )


@njit(cache=True)
def farthest(a: F8, b: F8) -> float:
    """Return the largest difference between two arrays of one shape, 0 where they are empty."""
    most = 0.0
    for k in range(a.size):
        most = max(most, abs(a.flat[k] - b.flat[k]))
    return most


@njit(cache=True)
def march(m: Model, old: Shape, wall: F8, goal: Goal, dt: float, limits: Limits) -> Ticked:
    """Move hubs and wall in equal steps, none longer than SLIDE_MM and TURN_RAD.

    A step whose residual stays above the accepted one is halved, down to an eighth; what still is unconverged then is
    taken and counted.
    """
    bounds = Bounds(limits.iterations, limits.tolerance, REACH_MM)
    first = old
    slide = max(farthest(goal.inserted, first.inserted), farthest(goal.sway, first.sway)) / SLIDE_MM
    turn = farthest(goal.hub, first.hub) / TURN_RAD
    steps = max(limits.steps, math.ceil(max(slide, turn) - 1e-9))
    worst, iterations, halvings, unconverged = 0.0, 0, 0, 0
    unit = 8  # a step consists of eight parts that cannot be halved
    total = unit * steps
    done, part = 0, unit
    seen = remember(old.x, wall)
    while True:
        new = attempt(m, old, seen, between(first, goal, (done + part) / total), dt * part / total, bounds)
        iterations += new.iterations
        if not new.residual <= limits.accept:
            if part > 1:
                part //= 2
                halvings += 1
                continue
            unconverged += 1
        worst = max(worst, new.residual)
        old, seen = new.shape, new.node[:, SEEN : SEEN + 8].copy()
        done += part
        if done == total:
            break
        if done % unit == 0:
            part = unit
    survey(new.shape.x, new.node, m.grid, new.outside, new.wall)
    return new.shape, new.wall, felt_by_hands(m, new), Effort(worst, iterations, halvings, unconverged)

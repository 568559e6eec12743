"""One tick of coaxial devices on a shared centreline: carry, set up, minimise, read off; halve steps that resist."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simtrainer.physics.rod_layout import layout
from simtrainer.physics.rod_newton import descend
from simtrainer.physics.rod_prepare import MOTION, V, brace, prepare, touch
from simtrainer.physics.rod_problem import ANGLE, F8, HELD, I8, RATE, Grid
from simtrainer.physics.rod_read import finish, survey, virtual_work
from simtrainer.physics.rod_sway import surroundings

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
    steps: tuple[float, float]
    """Coarse step and fine step [mm]."""
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

    def between(self, old: Shape, share: float) -> Goal:
        """Return what the hands hold at `share` of the way from `old`."""
        return Goal(
            old.inserted + (self.inserted - old.inserted) * share,
            old.hub + (self.hub - old.hub) * share,
            old.sway + (self.sway - old.sway) * share,
        )


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
    s, _ = layout(model.sheath[0], np.zeros(0), *model.steps, model.zone[-1:])
    n = len(s)
    x = model.entry[0] + s[:, None] * model.entry[1]
    zero = np.zeros(devices)
    return Shape(
        s, x, np.zeros((n - 1, devices)), np.zeros((n, MOTION)), zero, zero.copy(), np.zeros((len(model.modes), 3))
    )


def relaxed(m: Model, shape: Shape) -> Shape:
    """Return the equilibrium near `shape`: long, heavily damped steps until no node moves by a micrometre."""
    bounds = np.array([RELAX_ITERATIONS, RELAX_N, REACH_MM])
    for _ in range(RELAX_STEPS):
        new = attempt(m, shape, Goal(shape.inserted, shape.hub, shape.sway), RELAX_MS, bounds).shape
        new.motion[:, V : V + 3] = 0.0
        moved = float(np.abs(new.x - shape.x).max())
        shape = new
        if moved < 1e-3:
            break
    return shape


def only(m: Model, shape: Shape, used: I8) -> tuple[Model, Shape]:
    """Return model and state of the devices `used` alone: four unknowns a node instead of five."""
    zone = m.zone[np.append(used, len(m.zone) - 1)]
    model = m._replace(table=m.table[used], total=m.total[used], shaft=m.shaft[used], zone=zone)
    theta = np.ascontiguousarray(shape.theta[:, used])
    return model, shape._replace(theta=theta, inserted=shape.inserted[used], hub=shape.hub[used])


def among(shape: Shape, used: I8, hub: F8) -> Shape:
    """Return the state of the devices `used` as a state of all: the others lie outside, turned as their hubs are."""
    theta = np.tile(hub, (len(shape.theta), 1))
    theta[:, used] = shape.theta
    inserted, turned = np.zeros(len(hub)), hub.copy()
    inserted[used], turned[used] = shape.inserted, shape.hub
    return shape._replace(theta=theta, inserted=inserted, hub=turned)


def tips_behind(inserted: F8, lead: float, sheath: float) -> I8:
    """Return the devices whose tips lie beyond the sheath and behind `lead` [mm], the foremost first.

    Of tips at one place the first device stands for all.
    """
    found = [d for d in np.argsort(-inserted, kind="stable") if sheath < inserted[d] < lead - 1e-9]
    apart = [d for k, d in enumerate(found) if not k or inserted[found[k - 1]] - inserted[d] > 1e-9]
    return np.array(apart, dtype=np.int64)


def zones(m: Model, inserted: F8, lead: float, followers: I8) -> F8:
    """Return the length of fine nodes behind `lead` and behind the tip of each follower [mm], (1 + k,).

    Of tips at one place the longest shape counts.
    """
    out = np.full(1 + len(followers), m.zone[-1])
    for k, at in enumerate((lead, *inserted[followers])):
        out[k] = max(m.zone[:-1][np.abs(inserted - at) <= 1e-9], default=m.zone[-1])
    return out


def attempt(m: Model, old: Shape, goal: Goal, dt: float, limits: F8) -> Solved:
    """Take one step of `dt` [ms]; limits: iterations, residual that stops them [N], longest move [mm]."""
    inserted = goal.inserted
    outside = surroundings(m.still, m.modes, old.sway, goal.sway)
    lead = max(m.sheath[0], inserted.max())
    leader = int(inserted.argmax()) if inserted.max() > m.sheath[0] else -1
    followers = tips_behind(inserted, lead, m.sheath[0])
    s, ride = layout(lead, inserted[followers], *m.steps, zones(m, inserted, lead, followers))
    feed = inserted - old.inserted
    whose = np.array([-1, leader, *followers])
    moves = np.array([0.0, lead - old.s[-1], *feed[followers]])
    start, theta, motion, node, device = prepare(
        old.s, old.x, old.theta, old.motion, s, moves[ride], m.table, m.entry, m.sheath, inserted, feed
    )
    brace(start, motion, node, m.drag, dt)
    touch(start, motion, node, device, m.grid, outside, m.friction, feed)
    free = np.maximum(m.total - inserted, FREE_SHAFT_MM)
    hubs = np.column_stack([np.where(inserted > 0.0, m.shaft / free, 0.0), goal.hub])
    x = start.copy()
    x[HELD:] += dt * motion[HELD:, V : V + 3]
    edge, felt, worst, its = descend(node, device, hubs, m.grid, outside, x, theta, limits)
    wall = finish(start, x, theta, motion, node, device, edge, m.grid, outside, dt)
    shape = Shape(s, x, theta, motion, inserted.copy(), goal.hub.copy(), goal.sway.copy())
    return Solved(shape, ride, whose, hubs, node, device, edge, felt, wall, outside, worst, its)


def felt_by_hands(m: Model, last: Solved) -> F8:
    """Return push force [N] and torque [N mm] that each hub needs, shape (d, 2).

    The force is the virtual work of pushing the device with the nodes that ride with its tip. The reaction at the
    access would be no better: where a rod touches the wall between two nodes, the force on the nearest node is not
    quite across the rod, and the reaction at the access contains the sum of all these false components.
    """
    sh = last.shape
    out = np.zeros((len(sh.inserted), 2))
    out[:, 1] = last.hub[:, RATE] * (last.hub[:, ANGLE] - sh.theta[0])
    each = np.eye(len(sh.inserted))
    for d in np.flatnonzero(sh.inserted > m.sheath[0]):
        ride = (last.whose[last.ride] == d).astype(np.float64)
        out[d, 0] = virtual_work(
            sh.s, sh.x, sh.inserted, each[d], ride, m.table, m.sheath, m.still,
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


def advance(m: Model, old: Shape, goal: Goal, dt: float, limits: Limits) -> tuple[Shape, F8, F8, Effort]:
    """Move hubs and wall to `goal` within `dt` [ms]; return shape, wall, hand forces and effort.

    Devices that stay outside take no part.
    """
    inserted, hub = goal.inserted, goal.hub
    used = np.flatnonzero((old.inserted > 0.0) | (inserted > 0.0))
    used = used if len(used) else np.zeros(1, dtype=np.int64)
    if len(used) == len(inserted):
        last, effort = march(m, old, goal, dt, limits)
        return last.shape, last.wall, felt_by_hands(m, last), effort
    model, part = only(m, old, used)
    last, effort = march(model, part, Goal(inserted[used], hub[used], goal.sway), dt, limits)
    hands = np.zeros((len(inserted), 2))
    hands[used] = felt_by_hands(model, last)
    return among(last.shape, used, hub), last.wall, hands, effort


def march(m: Model, old: Shape, goal: Goal, dt: float, limits: Limits) -> tuple[Solved, Effort]:
    """Move hubs and wall in equal steps, none longer than SLIDE_MM and TURN_RAD.

    A step whose residual stays above the accepted one is halved, down to an eighth; what still is unconverged then is
    taken and counted.
    """
    bounds = np.array([limits.iterations, limits.tolerance, REACH_MM])
    first = old
    slide = (
        max(np.abs(goal.inserted - first.inserted).max(), np.abs(goal.sway - first.sway).max(initial=0.0)) / SLIDE_MM
    )
    turn = np.abs(goal.hub - first.hub).max() / TURN_RAD
    steps = max(limits.steps, int(np.ceil(max(slide, turn) - 1e-9)))
    worst, iterations, halvings, unconverged = 0.0, 0, 0, 0
    unit = 8  # a step consists of eight parts that cannot be halved
    total = unit * steps
    done, part = 0, unit
    while True:
        new = attempt(m, old, goal.between(first, (done + part) / total), dt * part / total, bounds)
        iterations += new.iterations
        if not new.residual <= limits.accept:
            if part > 1:
                part //= 2
                halvings += 1
                continue
            unconverged += 1
        worst = max(worst, new.residual)
        old = new.shape
        done += part
        if done == total:
            survey(new.shape.x, new.node, m.grid, new.outside, new.wall)
            return new, Effort(worst, iterations, halvings, unconverged)
        if done % unit == 0:
            part = unit

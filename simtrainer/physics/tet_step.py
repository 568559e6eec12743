"""One step of tetrahedra: balance of forces, Newton's iteration, and what tools felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tet_domain import Domains
from simtrainer.physics.tet_factor import Factor
from simtrainer.physics.tet_kernel import measure, resist, turn, turn_slopes
from simtrainer.physics.tet_solve import MOST_KNOWN, VECTORS, System, couple, find_root, operate, solve
from simtrainer.physics.tissue_contact import Law, Surface, add_up, find_near, spread, touch
from simtrainer.physics.tissue_tool import OWNER, bounds

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
REACH = 5e-3
"""How far around a tool points of the surface are watched in a step [m]. because: design; half a metre a second."""
FORCING = 0.1
"""Share of its residual to which a Newton iteration is solved. because: measured; the factor at rest gives a digit in
one or two iterations."""
HALVINGS = 3
"""Most halvings of a Newton step that makes the residual grow. because: design; as for bricks, see `tissue_step`."""


class Body(NamedTuple):
    """What does not change.

    shape, full: the domains; turner: the one of `full` that lends each node its rotation, (n,); mass [kg], drag [kg/s],
    (n,); free: 1 or 0, (n,); skin: points that feel tools; damping: time [s], (materials,).
    """

    shape: Domains
    full: Domains
    turner: I8
    mass: F8
    drag: F8
    free: F8
    skin: Surface
    damping: F8


class Task(NamedTuple):
    """A step to take.

    x, v: nodes [m] and velocities [m/s] (3 n,); slip, owner: of each point of the surface (s, 3), (s,); steady: weight
    and given forces [N] (3 n,); spring [N/m] (n,) and target [N] (3 n,): attachments and jaws; table: pieces of tools;
    dt [s].
    """

    x: F8
    v: F8
    slip: F8
    owner: I8
    steady: F8
    spring: F8
    target: F8
    table: F8
    dt: float


class Limits(NamedTuple):
    """Most Newton and conjugate gradient iterations, and the share of the load that stops them."""

    newton: int
    iterations: int
    tolerance: float


@dataclass(slots=True)
class Outcome:
    """What a step gave.

    x: nodes (3 n,); slip, owner: of points of the surface; sums: by piece, see `tissue_contact.add_up`; unbalanced: the
    residual, fixed nodes too [N] (3 n,); contact: force of tools on nodes [N] (3 n,); report: residual and load [N],
    iterations, contacts.
    """

    x: F8
    slip: F8
    owner: I8
    sums: F8
    unbalanced: F8
    contact: F8
    report: tuple[float, float, int, int]


class Step:
    """The arrays of one step, and what is done with them."""

    def __init__(self, body: Body, task: Task, law: Law, factor: Factor) -> None:
        """Find the points that may touch, and make room."""
        self.body, self.task, self.law, self.factor = body, task, law, factor
        self.near = self._watched()
        most, size = max(len(self.near), 1), len(task.x)
        self.rot, self.around = np.empty((len(body.shape.volume), 9)), np.empty((len(body.full.volume), 9))
        self.turned = np.empty((len(body.full.node), 3))
        self.small, self.swollen = np.zeros((len(body.shape.volume), 6)), np.zeros(len(body.full.volume))
        self.e, self.f, self.s, self.v = np.zeros(6), np.zeros((3, 3)), np.zeros((4, 9)), np.zeros((5, 3))
        self.at, self.force = np.zeros((most, 2), dtype=np.int64), np.zeros((most, 5))
        self.stiff, self.rub, self.count = np.zeros((most, 6)), np.zeros((most, 3)), 0
        known = min(most, MOST_KNOWN)
        self.root, self.lump = np.zeros((known, 9)), np.zeros((3 * known, 3 * known))
        self.work = np.empty((VECTORS, max(size, 3 * known)))
        self.viscous = body.damping / task.dt
        self.gain = 1.0 + self.viscous
        self._turned_at: F8 | None = None
        self.inert = body.mass / task.dt**2 + body.drag / task.dt

    def _watched(self) -> I8:
        task, skin = self.task, self.body.skin
        if not len(task.table):
            return np.zeros(0, dtype=np.int64)
        out = np.empty(len(skin.area), dtype=np.int64)
        return out[: find_near(task.x, skin, bounds(task.table, REACH), out)].copy()

    def balance(self, x: F8) -> tuple[F8, float]:
        """Return inertia less forces at `x` [N], and the size of the loads [N]; leaves rotations and contacts."""
        body, task = self.body, self.task
        self.turn(x)
        outside = task.steady + task.target - np.repeat(task.spring, 3) * x
        self.count = touch(
            x, task.x, body.skin, self.near, task.table, self.law, task.slip, task.owner, self.at, self.force,
            self.stiff, self.rub, self.v,
        )  # fmt: skip
        pushed = np.zeros_like(x)
        spread(self.force, self.at, self.count, body.skin, pushed)
        outside -= pushed
        out = np.repeat(self.inert, 3) * (x - task.x) - np.repeat(body.mass / task.dt, 3) * task.v - outside
        resist(
            x, body.shape, self.rot, body.full, self.turned, self.viscous, self.small, self.swollen, out, self.e
        )  # fmt: skip
        return out, float(np.linalg.norm(outside * np.repeat(body.free, 3)))

    def turn(self, x: F8) -> None:
        """Find the rotations of all domains at `x`, unless they are those found last."""
        if x is self._turned_at:
            return
        self._turned_at = x
        turn(x, self.body.shape, self.rot, self.f, self.s)
        turn(x, self.body.full, self.around, self.f, self.s)
        turn_slopes(self.body.full, self.around, self.turned)

    def begin(self) -> None:
        """Remember the strains at the beginning of the step, if anything is damped."""
        if self.viscous.any():
            self.turn(self.task.x)
            measure(
                self.task.x, self.body.shape, self.rot, self.body.full, self.turned, self.small, self.swollen, self.e
            )

    def system(self) -> System:
        """Return the linear system about the state that `balance` was last asked for."""
        body, known = self.body, min(self.count, len(self.root))
        nodes = np.ascontiguousarray(self.around[body.turner])
        find_root(self.stiff, known, self.root)
        if known and not couple(self.at, known, body.skin, self.factor, nodes, self.root, self.lump):
            known = 0
        return System(
            body.shape, self.rot, body.full, self.turned, self.gain, self.inert + self.task.spring, body.free,
            body.skin, self.at, self.stiff, self.count, self.factor, nodes, known, self.root, self.lump,
        )  # fmt: skip

    def outcome(self, x: F8, r: F8, report: tuple[float, float, int]) -> Outcome:
        """Read off what tools felt and where points of the surface stuck."""
        skin, table, count = self.body.skin, self.task.table, self.count
        sums, contact = np.zeros((len(table), 9)), np.zeros_like(x)
        add_up(x, self.force, self.at, count, skin, table, sums)
        spread(self.force, self.at, count, skin, contact)
        slip, owner = np.zeros((len(skin.area), 3)), np.full(len(skin.area), -1, dtype=np.int64)
        slip[self.at[:count, 0]] = self.rub[:count]
        owner[self.at[:count, 0]] = table[self.at[:count, 1], OWNER].astype(np.int64)
        return Outcome(x, slip, owner, sums, r, -contact, (*report, count))


def advance(body: Body, task: Task, law: Law, factor: Factor, limits: Limits) -> Outcome:
    """Take one implicit Euler step by Newton's iteration; its first turn begins from a straight flight.

    The turning of frames and contact normals is left out of the matrix, as for bricks, which keeps it positive.
    """
    step, mask = Step(body, task, law, factor), np.repeat(body.free, 3)
    step.begin()
    x, its = task.x, 0
    r, load = step.balance(x)
    size = float(np.linalg.norm(r * mask))
    enough = limits.tolerance * max(load, size)
    for number in range(limits.newton):
        if number > 0 and size <= enough:
            break
        d = mask * task.dt * task.v if number == 0 else np.zeros_like(x)
        system, left = step.system(), -(r * mask)
        if number == 0:
            product = np.empty_like(x)
            operate(d, system, product, step.e)
            left -= product
        goal = max(0.5 * enough, FORCING * float(np.linalg.norm(left)))
        its += solve(system, d, left, limits.iterations, goal, step.work, step.e)
        before, old = size, x
        for _ in range(HALVINGS + 1):
            x = old + d
            r, load = step.balance(x)
            size = float(np.linalg.norm(r * mask))
            if not size > before:
                break
            d = 0.5 * d
    return step.outcome(x, r, (size, load, its))

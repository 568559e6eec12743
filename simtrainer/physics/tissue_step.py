"""One tick of a tissue: forces, Newton's iteration, and what tools felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_contact import Law, Surface, add_up, find_near, spread, touch
from simtrainer.physics.tissue_factor import Coarse
from simtrainer.physics.tissue_kernel import LANES, SCRATCH, Bricks, resist, stretch, turn
from simtrainer.physics.tissue_solve import VECTORS, System, invert_nodes, operate, solve, turn_coarse
from simtrainer.physics.tissue_tool import OWNER, bounds

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
REACH = 5e-3
"""How far around a tool points of the surface are watched in a step [m]. because: design; half a metre a second."""
FORCING = 0.2
"""Share of its residual to which a Newton iteration is solved. because: measured; the next one turns bricks
and contacts anew, so that more is wasted: 10.2 iterations a step become 5.1."""

HALVINGS = 3
"""Most halvings of a Newton step that makes the residual grow. because: design; the matrix lacks the stiffness of
stress, so that a slack, strongly pulled piece may be moved too far.
"""


class Form(NamedTuple):
    """What follows from which bricks are there. One number a node has n + 1 of them, the last for no node."""

    mass: F8
    drag: F8
    firm: F8
    """Mean diagonal of the stiffness at each node by material, shape (materials, n + 1)."""
    live: F8
    free: F8
    skin: Surface


class Load(NamedTuple):
    """What acts in a step besides the bricks.

    steady: weight and forces given [N] (3 n + 3,); spring, target: springs of attachments and jaws [N/m] (n + 1,) and
    stiffness times where they pull to [N] (3 n + 3,); table: pieces of tools.
    """

    steady: F8
    spring: F8
    target: F8
    table: F8


class Bounds(NamedTuple):
    """Newton and conjugate gradient iterations, smoothing turns, and the share of the load that stops them."""

    newton: int
    iterations: int
    turns: int
    tolerance: float


class Start(NamedTuple):
    """State at the beginning of a step: nodes and velocities (3 n + 3,), slip (s, 3) and owner (s,) of each point."""

    x: F8
    v: F8
    slip: F8
    who: I8


@dataclass(slots=True)
class Result:
    """What a step gave.

    Parameters
    ----------
    sums
        By piece: force, moment about W's origin, share at end B; shape (p, 9).
    unbalanced
        Residual without the mask of free nodes [N], shape (3 n + 3,).
    contact
        Force of tools on each node [N], shape (3 n + 3,).
    """

    x: F8
    slip: F8
    who: I8
    sums: F8
    unbalanced: F8
    contact: F8
    residual: float
    load: float
    iterations: int
    contacts: int


class Frame:
    """Arrays of one step."""

    def __init__(self, body: Bricks, near: I8, size: int) -> None:
        """Make them for points `near` of the surface and vectors of `size`."""
        blocks, most = len(body.kind), max(len(near), 1)
        self.rot, self.old = np.zeros((blocks, 9, LANES)), np.zeros((blocks, 24 * LANES))
        self.b, self.f, self.s, self.v = np.zeros(SCRATCH), np.zeros((3, 3)), np.zeros((4, 9)), np.zeros((5, 3))
        self.at, self.force = np.zeros((most, 2), dtype=np.int64), np.zeros((most, 5))
        self.stiff, self.rub = np.zeros((most, 6)), np.zeros((most, 3))
        self.near, self.count = near, 0
        self.jacobi = np.zeros((size // 3, 6))
        self.work = np.zeros((VECTORS, size))


class Problem(NamedTuple):
    """A step to take: bricks, what follows from them, loads, start, contact law, factor, and its length [s]."""

    body: Bricks
    form: Form
    load: Load
    start: Start
    rule: Law
    coarse: Coarse
    damping: F8
    bound: float
    dt: float


def advance(p: Problem, limits: Bounds) -> Result:
    """Take one implicit Euler step by Newton's iteration (Baraff and Witkin 1998 is its first turn).

    Bricks turn with their nodes (corotational; M. Mueller, M. Gross, Interactive Virtual Materials, 2004); the turning
    of their frames is left out of the matrix, as is the turning of contact normals: that keeps it positive.
    """
    x = p.start.x.copy()
    near = watched(p)
    frame = Frame(p.body, near, len(x))
    gain, viscous = 1.0 + p.damping / p.dt, p.damping / p.dt
    diagonal = p.form.mass / p.dt**2 + p.form.drag / p.dt + p.load.spring
    mask = np.repeat(p.form.free, 3)
    its = 0
    r, load = measure_residual(p, x, viscous, frame, first=True)
    size = float(np.linalg.norm(r * mask))
    enough = limits.tolerance * max(load, size)
    for number in range(limits.newton):
        if number > 0 and size <= enough:
            break
        d = mask * p.dt * p.start.v if number == 0 else np.zeros_like(x)
        sys = build_system(p, gain, diagonal, frame)
        left = -(r * mask)
        if number == 0:
            product = np.empty_like(x)
            operate(d, sys, product, frame.b)
            left -= product
        goal = max(0.5 * enough, FORCING * float(np.linalg.norm(left)))
        band = np.zeros(2 * p.coarse.down.shape[1] + len(p.coarse.pivot) + 1)
        its += solve(sys, d, left, limits.turns, limits.iterations, goal, frame.work, band, frame.b)
        before, old = size, x
        for _ in range(HALVINGS + 1):
            x = old + d
            r, load = measure_residual(p, x, viscous, frame, first=False)
            size = float(np.linalg.norm(r * mask))
            if not size > before:
                break
            d = 0.5 * d
    return _result(p, x, frame, r, (size, load, its))


def watched(p: Problem) -> I8:
    """Return the points of the surface that come near a tool in this step."""
    if not len(p.load.table):
        return np.zeros(0, dtype=np.int64)
    out = np.empty(len(p.form.skin.area), dtype=np.int64)
    count = find_near(p.start.x, p.form.skin, bounds(p.load.table, REACH), out)
    return out[:count].copy()


def measure_residual(p: Problem, x: F8, viscous: F8, frame: Frame, *, first: bool) -> tuple[F8, float]:
    """Return inertia less forces at `x` [N], and the size of the loads [N]; leaves rotations, contacts in `frame`."""
    start, load, form = p.start, p.load, p.form
    turn(x, p.body, form.live, frame.rot, frame.f, frame.s)
    if first and viscous.any():
        stretch(x, p.body, frame.rot, frame.old, frame.b)
    inertia = np.repeat(form.mass / p.dt**2 + form.drag / p.dt, 3) * (x - start.x)
    inertia -= np.repeat(form.mass / p.dt, 3) * start.v
    held = np.repeat(load.spring, 3) * x - load.target
    outside = load.steady - held
    frame.count = touch(
        x, start.x, form.skin, frame.near, load.table, p.rule, start.slip, start.who, frame.at, frame.force,
        frame.stiff, frame.rub, frame.v,
    )  # fmt: skip
    out = inertia - outside
    pushed = np.zeros_like(x)
    spread(frame.force, frame.at, frame.count, form.skin, pushed)
    out += pushed
    size = float(np.linalg.norm((outside - pushed) * np.repeat(form.free, 3)))
    resist(x, p.body, frame.rot, viscous, frame.old, out, frame.b)
    return out, size


def build_system(p: Problem, gain: F8, diagonal: F8, frame: Frame) -> System:
    """Return the linear system about the state that `frame` was left in."""
    firm = diagonal + gain @ p.form.firm
    invert_nodes(firm, p.form.free, frame.stiff, frame.at, frame.count, p.form.skin, frame.jacobi)
    turned = np.zeros((len(p.coarse.pivot) // 3, 9))
    turn_coarse(frame.rot, p.coarse, turned, frame.f, frame.s)
    return System(
        p.body, frame.rot, gain, diagonal, p.form.free, frame.jacobi, p.form.skin, frame.at, frame.stiff, frame.count,
        p.coarse, turned, p.bound,
    )  # fmt: skip


def _result(p: Problem, x: F8, frame: Frame, r: F8, report: tuple[float, float, int]) -> Result:
    """Read off what tools felt and where points of the surface stuck."""
    count, skin, table = frame.count, p.form.skin, p.load.table
    sums = np.zeros((len(table), 9))
    add_up(x, frame.force, frame.at, count, skin, table, sums)
    slip, who = np.zeros((len(skin.area), 3)), np.full(len(skin.area), -1, dtype=np.int64)
    points = frame.at[:count, 0]
    slip[points] = frame.rub[:count]
    who[points] = table[frame.at[:count, 1], OWNER].astype(np.int64)
    contact = np.zeros_like(x)
    spread(frame.force, frame.at, count, skin, contact)
    residual, load, its = report
    return Result(x, slip, who, sums, r, -contact, residual, load, its, count)

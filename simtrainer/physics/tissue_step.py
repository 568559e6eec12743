"""One tick of a tissue: forces, Newton's iteration, and what tools felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_balance import Nodes, balance, clear, gather, invert_nodes, lay, oppose, place_contacts
from simtrainer.physics.tissue_brick import Lanes, resist
from simtrainer.physics.tissue_buffer import Buffers
from simtrainer.physics.tissue_coarse import turn_coarse
from simtrainer.physics.tissue_contact import Law, Surface, add_up, find_near, spread, touch
from simtrainer.physics.tissue_factor import Coarse
from simtrainer.physics.tissue_lattice import Layout
from simtrainer.physics.tissue_solve import Matrix, System, dot, operate, solve
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
    """What follows from which bricks are there. One number a node has n + 1 of them, the last for no node.

    firm, damped: mean diagonal of the stiffness at each node [N/m], and that times damping [N s/m], (n + 1,); lanes:
    numbers of bricks, whose `viscous` is still a time [s] and whose `root` is empty.
    """

    mass: F8
    drag: F8
    firm: F8
    damped: F8
    free: F8
    skin: Surface
    lanes: Lanes


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
    nodes
        What acted on nodes.
    contact
        Force of tools on each node [N], shape (3 n + 3,).
    """

    x: F8
    slip: F8
    who: I8
    sums: F8
    unbalanced: F8
    contact: F8
    nodes: Nodes
    residual: float
    load: float
    iterations: int
    contacts: int


class Problem(NamedTuple):
    """A step to take: lattice, what follows from the bricks, loads, start, contact law, factor, and its length [s]."""

    layout: Layout
    form: Form
    load: Load
    start: Start
    rule: Law
    coarse: Coarse
    bound: float
    dt: float


class Frame:
    """What is the same in all Newton iterations of one step, and contacts."""

    def __init__(self, p: Problem, buffers: Buffers) -> None:
        """Set up a step in `buffers`."""
        self.buffers = buffers
        self.near = watched(p)
        most, form = max(len(self.near), 1), p.form
        self.v = np.zeros((5, 3))
        self.at, self.force = np.zeros((most, 2), dtype=np.int64), np.zeros((most, 5))
        self.stiff, self.rub, self.count = np.zeros((most, 6)), np.zeros((most, 3)), 0
        self.pushed = np.zeros_like(p.start.x)
        inertia = form.mass / p.dt**2 + form.drag / p.dt
        self.nodes = Nodes(form.free, inertia, form.mass / p.dt, p.load.spring, p.load.target, p.load.steady)
        viscous = form.lanes.viscous / p.dt
        self.lanes = form.lanes._replace(viscous=viscous, root=np.sqrt(form.lanes.shear * (1.0 + viscous)))
        node, b = p.layout.node, buffers
        diagonal = (inertia + p.load.spring)[:-1]
        firm = diagonal + (form.firm + form.damped / p.dt)[:-1]
        free = form.free[:-1]
        b.diagonal[node], b.free[node], b.firm[node] = diagonal, free, firm
        b.rough[0, node], b.rough[1, node] = diagonal, free
        b.rough[2, node] = free / np.where(firm > 0.0, firm, 1.0)
        self.work = b.work._replace(band=np.zeros(2 * p.coarse.down.shape[1] + len(p.coarse.pivot) + 1))


def advance(p: Problem, limits: Bounds, buffers: Buffers) -> Result:
    """Take one implicit Euler step by Newton's iteration (Baraff and Witkin 1998 is its first turn).

    Bricks turn with their nodes (corotational; M. Mueller, M. Gross, Interactive Virtual Materials, 2004); the turning
    of their frames is left out of the matrix, as is the turning of contact normals: that keeps it positive.
    """
    frame, x, b = Frame(p, buffers), p.start.x.copy(), buffers
    size, load = measure_residual(p, x, frame, first=True)
    enough = limits.tolerance * max(load, size)
    d, its, spans = np.zeros_like(x), 0, p.layout.spans
    for number in range(limits.newton):
        if number > 0 and size <= enough:
            break
        sys = build_system(p, frame)
        clear(b.move, spans)
        if number == 0:
            lay(p.start.v, p.form.free * p.dt, p.layout.node, b.move)
            operate(b.move, sys.exact, b.work.more, b.work.b)
            b.right -= b.work.more
        left = np.sqrt(dot(b.right, b.right, spans, b.work.sums))
        goal = max(0.5 * enough, FORCING * float(left))
        its += solve(sys, b.move, b.right, (limits.turns, limits.iterations, goal), frame.work)
        gather(b.move, p.layout.node, d)
        before, old = size, x
        for _ in range(HALVINGS + 1):
            x = old + d
            size, load = measure_residual(p, x, frame, first=False)
            if not size > before:
                break
            d *= 0.5
    return _result(p, x, frame, (size, load, its))


def watched(p: Problem) -> I8:
    """Return the points of the surface that come near a tool in this step."""
    if not len(p.load.table):
        return np.zeros(0, dtype=np.int64)
    out = np.empty(len(p.form.skin.area), dtype=np.int64)
    count = find_near(p.start.x, p.form.skin, bounds(p.load.table, REACH), out)
    return out[:count].copy()


def measure_residual(p: Problem, x: F8, frame: Frame, *, first: bool) -> tuple[float, float]:
    """Return the size of inertia less forces at `x`, and that of the loads [N].

    Leaves the residual in the buffers' `out`, that of free nodes turned round in `right`, rotations and contacts in
    `frame` and its buffers.
    """
    start, skin, b, layout = p.start, p.form.skin, frame.buffers, p.layout
    frame.count = touch(
        x, start.x, skin, frame.near, p.load.table, p.rule, start.slip, start.who, frame.at, frame.force, frame.stiff,
        frame.rub, frame.v,
    )  # fmt: skip
    frame.pushed[:] = 0.0
    spread(frame.force, frame.at, frame.count, skin, frame.pushed)
    clear(b.out, layout.spans)
    load = balance(x, start.x, start.v, frame.nodes, frame.pushed, layout.node, b.at, b.out)
    resist(b.at, layout.bricks, frame.lanes, b.old, first, b.out, b.rot, b.small, b.r, b.work.b, b.s)
    oppose(b.out, b.free, layout.spans, b.right)
    return float(np.sqrt(dot(b.right, b.right, layout.spans, b.work.sums))), float(np.sqrt(load))


def build_system(p: Problem, frame: Frame) -> System:
    """Return the linear system about the state that `frame` was left in."""
    b, layout, count = frame.buffers, p.layout, frame.count
    node, exact = np.zeros((count, 4), dtype=np.int64), np.zeros((count, 6))
    rough = np.zeros((count, 6), dtype=np.float32)
    place_contacts(frame.at, frame.stiff, count, p.form.skin, layout.node, node, exact, rough)
    sore, cure = np.zeros(4 * count, dtype=np.int64), np.zeros((4 * count, 6), dtype=np.float32)
    many = invert_nodes(b.firm, b.free, node, exact, b.mark, sore, np.zeros((4 * count, 6)), cure)
    turn_coarse(b.small, p.coarse, b.cells, b.turned, b.live, b.s)
    one = Matrix(
        layout.bricks, b.rot, layout.bricks.table, frame.lanes.ratio, b.diagonal, b.free, node, exact, layout.spans
    )
    two = Matrix(
        layout.bricks,
        b.small,
        layout.bricks.small,
        frame.lanes.small,
        b.rough[0],
        b.rough[1],
        node,
        rough,
        layout.spans,
    )
    return System(one, two, b.rough[2], sore[:many], cure[:many], p.coarse, b.turned, p.bound)


def _result(p: Problem, x: F8, frame: Frame, report: tuple[float, float, int]) -> Result:
    """Read off what tools felt and where points of the surface stuck."""
    count, skin, table = frame.count, p.form.skin, p.load.table
    sums = np.zeros((len(table), 9))
    add_up(x, frame.force, frame.at, count, skin, table, sums)
    slip, who = np.zeros((len(skin.area), 3)), np.full(len(skin.area), -1, dtype=np.int64)
    points = frame.at[:count, 0]
    slip[points] = frame.rub[:count]
    who[points] = table[frame.at[:count, 1], OWNER].astype(np.int64)
    unbalanced = np.zeros_like(x)
    gather(frame.buffers.out, p.layout.node, unbalanced)
    residual, load, its = report
    return Result(x, slip, who, sums, unbalanced, -frame.pushed, frame.nodes, residual, load, its, count)

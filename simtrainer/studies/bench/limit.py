"""How near the limits of this machine a Newton iteration of the rod comes: operations counted, rates timed beside it.

Three limits stand beside the measured time: operations at the rate of matrix products, bytes at the rate of a copy,
and the chain of pivots, each of which waits for the one before. A fourth tells what the kernels are held by: they are
compiled to one number an instruction (numba leaves blocks of three unvectorised, and without fastmath it fuses no
product with a sum). Operations are counted from the code, a division or a root as one, an arc tangent as 20.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.core.units import MM, MS
from simtrainer.physics.band import width_of
from simtrainer.physics.rod import Rod, RodControl, RodState
from simtrainer.physics.rod_problem import EDGE, FELT, NODE
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest
from simtrainer.studies.bench.speed import Load, at_work

PULL, PULL_TWIST = 360, 18
"""Operations of energy and gradient: a node, and a device at a node."""
STIFFEN, STIFFEN_TWIST = 580, 75
"""Operations of the Hessian of bending and twist: a node, and a device at a node."""
TOUCH = 900
"""Operations of contact and friction at a node that touches: 27 samples with slopes and curvatures, two blocks."""
MOVE = 10
"""Operations an unknown of slope, length and move of the update."""
PASSES = 7
"""Times that the band goes past: cleared, added to (read, written), factored (read, written), solved with twice."""
FEW, MANY = 1, 2
"""Iterations of the two steps whose difference is timed. because: from the third on they only search in rounding"""
ROUNDS = 100
"""Differences, of which the middle one counts: the two steps stand beside each other, whatever speed the core has."""
COPIED, COPIES = 8_000, 1_000
"""Numbers of a copy, and how often it is made. because: 0.13 MB to and fro, as much as an iteration goes through"""
MEASURED = (Load(100, 1, 2.0), Load(100, 2, 2.0))
"""What `bench physics` shows the share of."""
LINKS = 100_000
"""Pivots in the chain that is timed, and rounds of the eight sums."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a Newton iteration consists of: floating point operations, bytes that go past, pivots one after another."""

    flops: float
    bytes: float
    pivots: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A Newton iteration beside what the machine allows.

    Parameters
    ----------
    touching
        Nodes that the wall pressed on.
    flops, bytes
        Counted from the code.
    iteration_us
        Measured work of a core.
    product_us, copy_us, pivots_us
        What the same operations would take at the rate of matrix products, the same bytes at the rate of a copy, and
        what the pivots alone take, each waiting for the one before.
    scalar_us
        What the same operations would take one number at a time.
    share, scalar_share
        The largest of the first three over the measured time; the fourth over it.
    """

    id: str
    segments: int
    devices: int
    touching: int
    flops: float
    bytes: float
    product_gflop_per_s: float
    copy_gb_per_s: float
    iteration_us: float
    product_us: float
    copy_us: float
    pivots_us: float
    scalar_us: float
    share: float
    scalar_share: float


def work(segments: int, devices: int, touching: int) -> Work:
    """Return what an iteration consists of, with one evaluation of the energy, as it is in all but few.

    The band costs w^2 operations a row to factor and 4 w to solve (see physics.band), w being its width.
    """
    nodes, size, width = segments + 1, 3 + devices, width_of(devices)
    rows = nodes * size
    node = PULL + STIFFEN + devices * (PULL_TWIST + STIFFEN_TWIST)
    flops = nodes * node + touching * TOUCH + rows * (width * width + 4 * width + MOVE)
    numbers = nodes * (2 * NODE + 4 * EDGE + 2 * (FELT + 2 * devices)) + rows * (PASSES * width + 8)
    return Work(float(flops), 8.0 * numbers, rows)


def measure(load: Load, clock: Clock) -> Limit:
    """Time an iteration of `load` at work, and matrix products, copies and divisions in a chain beside it."""
    rod, state = at_work(load)
    touching = int(np.count_nonzero(rod.read(state).wall_pressure))
    stick = Yardstick(clock)
    seconds = iteration(rod, state, clock, load.step_ms * MS)
    done = work(load.segments, load.devices, touching)
    rate = stick.flops / (stick.ms() * MS)
    bandwidth = copy_rate(clock)
    least = (done.flops / rate, done.bytes / bandwidth, done.pivots * link_seconds(clock))
    scalar = done.flops * sum_seconds(clock)
    return Limit(
        id=load.id, segments=load.segments, devices=load.devices, touching=touching, flops=done.flops,
        bytes=done.bytes, product_gflop_per_s=rate / 1e9, copy_gb_per_s=bandwidth / 1e9, iteration_us=1e6 * seconds,
        product_us=1e6 * least[0], copy_us=1e6 * least[1], pivots_us=1e6 * least[2], scalar_us=1e6 * scalar,
        share=_over(max(least), seconds), scalar_share=_over(scalar, seconds),
    )  # fmt: skip


def _over(least: float, seconds: float) -> float:
    return least / seconds if seconds > 0.0 else math.nan


def iteration(rod: Rod, state: RodState, clock: Clock, dt: float) -> float:
    """Return what an iteration more costs [s]: steps of `dt` [s] that never stop early, of FEW and of MANY."""
    control = RodControl(state.shape.inserted * MM + 0.1 * MM, np.array(state.shape.hub))
    solvers = []
    for count in (FEW, MANY):
        chosen = dataclasses.replace(rod.settings, substeps=1, iterations=count, accept=1e9, tolerance=0.0)
        solvers.append(Rod(rod.field, rod.entry, rod.direction, rod.devices, chosen))
        solvers[-1].step(state, control, dt)
    more = []
    for _ in range(ROUNDS):
        few, many = (quickest(clock, partial(solver.step, state, control, dt), 2)[0] for solver in solvers)
        more.append((many - few) / (MANY - FEW))
    return float(np.median(more))


def copy_rate(clock: Clock) -> float:
    """Return bytes a second that a copy within the caches moves, what it reads and what it writes counted."""
    source, target = np.zeros(COPIED), np.ones(COPIED)

    def copies() -> None:
        for _ in range(COPIES):
            np.copyto(target, source)

    seconds, _ = quickest(clock, copies, 5)
    return 2.0 * source.nbytes * COPIES / seconds


def link_seconds(clock: Clock) -> float:
    """Return how long a pivot waits for the one before [s]."""
    chain(2, 3.0)
    seconds, _ = quickest(clock, partial(chain, LINKS, 3.0), 5)
    return seconds / LINKS


def sum_seconds(clock: Clock) -> float:
    """Return how long a product or a sum takes [s] where nothing waits and each instruction takes one number."""
    sums(2, 0.5)
    seconds, _ = quickest(clock, partial(sums, LINKS, 0.5), 5)
    return seconds / (16.0 * LINKS)


@njit(cache=True)
def sums(count: int, by: float) -> float:
    """Return the total of eight geometric series of `count` terms side by side, in 16 `count` operations."""
    a, b, c, d, e, f, g, h = 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8
    for _ in range(count):
        a, b, c, d = a * by + 1.0, b * by + 1.0, c * by + 1.0, d * by + 1.0
        e, f, g, h = e * by + 1.0, f * by + 1.0, g * by + 1.0, h * by + 1.0
    return a + b + c + d + e + f + g + h


@njit(cache=True)
def chain(count: int, start: float) -> float:
    """Return the last of `count` pivots of a band of three equal numbers: p -> 3 - (1 (1 / p)) 1, all in a row."""
    pivot, beside = start, start / 3.0
    for _ in range(count):
        low = beside * (1.0 / pivot)
        pivot = start - low * beside
    return pivot

"""Random hands: pushes of up to 200 mm/s and turns of up to 20 rad/s, changed five times a second."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM, MS
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.studies.bench.clock import Clock, quickest
from simtrainer.studies.bench.patient import from_shelf, in_patient
from simtrainer.studies.rig import feed

Floats = NDArray[np.float64]
Kept: TypeAlias = tuple[float, int, RodState, RodControl]
"""A tick as it was timed: seconds, number, the state before it and what the hands did."""
DT, HOLD_TICKS = 0.01, 20
"""Length of a tick [s], and ticks between two changes of the hands' minds."""
PUSH, TURN = 0.2, 20.0
"""Fastest push [m/s] and turn [rad/s]. because: the stress test of the reference implementation"""
SHORTEST, LONGEST = np.array([0.15, 0.13]), np.array([0.95, 0.90])
"""Between which lengths [m] wire and catheter are pushed about: beyond the sheath, at most into the branches."""
BEGIN = np.array([0.5, 0.4])
"""Lengths [m] at which the shaking begins: wire in the arch, catheter behind it."""
SLOWEST, ROUNDS = 0.02, 2
"""Share of the ticks, the slowest, that is done again, and how often: the least time of a tick counts."""
PAIRS = (
    ("j_wire", "berenstein"), ("hydrophilic_wire", "simmons"), ("j_wire", "pigtail"), ("hydrophilic_wire", "jr4"),
)  # fmt: skip
"""Wires and catheters that patients are shaken with, in turn."""


@dataclass(frozen=True, slots=True)
class Shaken:
    """What happened tick by tick.

    Parameters
    ----------
    core_seconds
        Work of a core in each tick [s], shape (ticks,); the slowest ticks were timed again from the same state.
    force
        Largest force at a hub [N], shape (ticks,).
    penetration
        Depth beyond the wall [m], shape (ticks,).
    iterations, halvings
        What the solver spent on each tick, shape (ticks,).
    unconverged
        Steps of each tick whose residual stayed above the accepted one, shape (ticks,).
    escaped
        Whether a device lay outside the vessel, shape (ticks,).
    not_finite
        Ticks with a number that is not finite; the run ends with the first.
    """

    core_seconds: Floats
    force: Floats
    penetration: Floats
    iterations: NDArray[np.int64]
    halvings: NDArray[np.int64]
    unconverged: NDArray[np.int64]
    escaped: NDArray[np.bool_]
    not_finite: int


def shaken(rod: Rod, state: RodState, clock: Clock, *, seed: int, ticks: int) -> Shaken:
    """Shake both hubs for `ticks` of 10 ms."""
    streams = Streams(seed)
    inserted, hub = np.array(rod.read(state).inserted), np.array(state.shape.hub)
    speed = np.zeros(4)
    rows: list[tuple[float, ...]] = []
    slow: list[Kept] = []
    not_finite = 0
    for tick in range(ticks):
        if tick % HOLD_TICKS == 0:
            speed = streams.at("shake", tick).uniform(-1.0, 1.0, 4)
        inserted = np.clip(inserted + speed[:2] * PUSH * DT, SHORTEST, LONGEST)
        hub = hub + speed[2:] * TURN * DT
        control = RodControl(inserted, hub)
        before = state
        try:
            spent, state = quickest(clock, partial(rod.step, before, control, DT), 1)
        except DivergedError:
            not_finite += 1
            break
        _keep_slowest(slow, (spent, tick, before, control), max(1, int(SLOWEST * ticks)))
        read = rod.read(state)
        force = float(np.abs(read.hand_force).max())
        rows.append(
            (
                spent,
                force,
                read.penetration,
                float(read.escaped.any()),
                read.iterations,
                read.halvings,
                read.unconverged,
            )
        )
        if not (np.isfinite(read.points).all() and np.isfinite(read.hand_force).all()):
            not_finite += 1
            break
    for first, tick, before, control in slow:
        again, _ = quickest(clock, partial(rod.step, before, control, DT), ROUNDS)
        rows[tick] = (min(first, again), *rows[tick][1:])
    spent_s, forces, deep, escaped, *counts = np.array(rows, dtype=np.float64).reshape(-1, 7).T
    iterations, halvings, unconverged = (column.astype(np.int64) for column in counts)
    return Shaken(spent_s, forces, deep, iterations, halvings, unconverged, escaped > 0.0, not_finite)


def _keep_slowest(slow: list[Kept], tick: Kept, most: int) -> None:
    """Add `tick` to the slowest, of which the first is the quickest, and drop that where there are too many."""
    heapq.heappush(slow, tick)
    if len(slow) > most:
        heapq.heappop(slow)


@dataclass(frozen=True, slots=True)
class Robustness:
    """How a patient's vessels and random hands got on; every share is of ticks of 10 ms.

    Parameters
    ----------
    worst_at_s, worst_iterations, worst_halvings
        When the tick was that cost most, and on what it was spent.
    escapes
        Times that a device came to lie outside the vessel.
    nan
        Ticks with a number that is not finite.
    """

    vessel: str
    devices: tuple[str, str]
    seconds: float
    seed: int
    mean_core_ms_per_10ms: float
    p99_core_ms_per_10ms: float
    worst_core_ms_per_10ms: float
    worst_at_s: float
    worst_iterations: int
    worst_halvings: int
    p99_force_n: float
    max_force_n: float
    p99_penetration_mm: float
    max_penetration_mm: float
    escapes: int
    nan: int
    unconverged_share: float


def shake_patient(name: str, devices: tuple[str, str], clock: Clock, *, seed: int, seconds: float) -> Robustness:
    """Shake a wire and a catheter in a shipped patient."""
    rod, state = in_patient(name, RodSettings(), *from_shelf(*devices))
    state = feed(rod, state, np.array([BEGIN[0], 0.0]), ticks=300, dt=0.03)
    state = feed(rod, state, BEGIN, ticks=200, dt=0.03)
    found = shaken(rod, state, clock, seed=seed, ticks=max(round(seconds / DT), 1))
    times = found.core_seconds / MS
    worst = int(times.argmax())
    return Robustness(
        vessel=name, devices=devices, seconds=len(times) * DT, seed=seed,
        mean_core_ms_per_10ms=float(times.mean()), p99_core_ms_per_10ms=_p99(times),
        worst_core_ms_per_10ms=float(times[worst]), worst_at_s=(worst + 1) * DT,
        worst_iterations=int(found.iterations[worst]), worst_halvings=int(found.halvings[worst]),
        p99_force_n=_p99(found.force), max_force_n=float(found.force.max()),
        p99_penetration_mm=_p99(found.penetration) / MM, max_penetration_mm=float(found.penetration.max()) / MM,
        escapes=_begun(found.escaped), nan=found.not_finite,
        unconverged_share=float((found.unconverged > 0).mean()),
    )  # fmt: skip


def _p99(values: Floats) -> float:
    return float(np.percentile(values, 99.0))


def _begun(escaped: NDArray[np.bool_]) -> int:
    """Return how often an escape began."""
    return int(np.count_nonzero(escaped & ~np.concatenate(([False], escaped[:-1]))))

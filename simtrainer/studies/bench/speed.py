"""What a tick of the solver costs, over the number of segments and devices, beside a fixed matrix product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM, MS
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest
from simtrainer.studies.bench.patient import from_shelf, in_patient
from simtrainer.studies.rig import feed, uniform

PATIENT, WIRE, CATHETER = "adult_male_type1", "j_wire", "berenstein"
DT, BLOCK = 0.01, 25
"""Length of a tick [s], and ticks between two goes of the matrix product."""
ROUNDS = 2
"""Goes of each tick, from the same state, of which the quicker counts."""
WARM_TICKS = 10
"""Ticks before anything counts: they compile what is not compiled yet."""
LENGTHS = np.array([0.55, 0.45, 0.35])
"""Lengths [m] of wire, catheter and guide that are in, as far as there are so many: all in the aorta."""
SIDES = np.array([1.0, -1.0, 1.0])
"""Which way each hand pushes and turns while the others do theirs."""
GUIDE_N_MM2, GUIDE_RADIUS = 900.0, 1.15 * MM
"""EI and outer radius [m] of a guide of 7 Fr. because: design, twice the rigidity of a 5F shaft"""
PUSH, TURN, PERIOD = 0.03, 3.0, 1.0
"""A busy hand: fastest push [m/s] and turn [rad/s], and how long to and fro takes [s].

because: eve's simulation practice limits hands to 50 mm/s and 3.14 rad/s
"""
BUDGET_MS = 5.0
"""What a tick with 100 segments of one device may cost [core-ms]. because: design; half of the time it stands for"""


@dataclass(frozen=True, slots=True)
class Load:
    """What is timed.

    Parameters
    ----------
    segments
        Edges between nodes, all of one length, over the length of the wire in the patient.
    devices
        1 for a wire alone, 2 for a wire in a catheter, 3 for both in a guide.
    step_ms
        Length of an implicit step; the product's own is 5.
    """

    segments: int
    devices: int
    step_ms: float = 5.0

    @property
    def id(self) -> str:
        """Name in documents."""
        return f"segments_{self.segments}_devices_{self.devices}_step_{self.step_ms:g}ms"

    @property
    def title(self) -> str:
        """Name for people."""
        return f"{self.segments} segments, {('a wire', 'a wire in a catheter', 'both in a guide')[self.devices - 1]}"


LOADS = (
    *(Load(segments, devices) for devices in (1, 2, 3) for segments in (50, 100, 200, 400)),
    Load(100, 1, 2.0), Load(100, 2, 2.0), Load(100, 1, 1.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speed:
    """What a tick of 10 ms cost.

    Parameters
    ----------
    core_ms_per_10ms, worst_core_ms
        Mean and worst work of a core.
    matrix_product_ms
        Of the fixed matrix product, timed in between.
    ratio
        Mean work over that of the product.
    unconverged_share
        Share of ticks with a step that did not converge.
    """

    id: str
    title: str
    segments: int
    devices: int
    step_ms: float
    core_ms_per_10ms: float
    worst_core_ms: float
    matrix_product_ms: float
    ratio: float
    unconverged_share: float


def time_load(load: Load, clock: Clock, *, ticks: int) -> Speed:
    """Push and turn the devices of `load` to and fro for `ticks`, and time each tick."""
    rod, state = at_work(load)
    stick = Yardstick(clock)
    spent, products, unconverged = [], [stick.ms()], 0
    for tick, control in enumerate(_busy(state, load.devices, ticks + WARM_TICKS)):
        seconds, state = quickest(clock, partial(rod.step, state, control, DT), ROUNDS)
        if tick < WARM_TICKS:
            continue
        spent.append(seconds)
        unconverged += rod.read(state).unconverged > 0
        if tick % BLOCK == 0:
            products.append(stick.ms())
    mean, product = float(np.mean(spent)) / MS, float(np.median(products))
    return Speed(
        id=load.id, title=load.title, segments=load.segments, devices=load.devices, step_ms=load.step_ms,
        core_ms_per_10ms=mean, worst_core_ms=max(spent) / MS, matrix_product_ms=product, ratio=mean / product,
        unconverged_share=unconverged / ticks,
    )  # fmt: skip


def at_work(load: Load) -> tuple[Rod, RodState]:
    """Return the devices of `load` in the aorta of a patient, pushed in quickly, one over the other."""
    node_step = float(LENGTHS[0]) / load.segments
    settings = RodSettings(coarse=node_step, fine=node_step, substeps=round(DT / MS / load.step_ms))
    places = list(from_shelf(WIRE, CATHETER if load.devices > 1 else ""))
    if load.devices > 2:
        places.append(uniform(GUIDE_N_MM2, radius=GUIDE_RADIUS, mass=6e-3))
    rod, state = in_patient(PATIENT, settings, *places)
    to = np.zeros(len(places))
    for device, ticks in zip(range(load.devices), (120, 100, 80), strict=False):
        to[device] = LENGTHS[device]
        state = feed(rod, state, to, ticks=ticks, dt=0.05)
    return rod, state


def _busy(state: RodState, devices: int, ticks: int) -> Iterator[RodControl]:
    """Yield controls of hands that push and turn to and fro, the left against the right."""
    begin, hub = state.shape.inserted * MM, np.array(state.shape.hub)
    sides = np.where(np.arange(len(hub)) < devices, SIDES[: len(hub)], 0.0)
    for tick in range(1, ticks + 1):
        phase = 2.0 * np.pi * tick * DT / PERIOD
        along = PUSH * PERIOD / (2.0 * np.pi) * np.sin(phase)
        around = TURN * PERIOD / (2.0 * np.pi) * (1.0 - np.cos(phase))
        yield RodControl(begin + sides * along, hub + sides * around)


@dataclass(frozen=True, slots=True)
class Growth:
    """A straight line through cost over segments: cost = constant + slope * segments / 100, by least squares.

    Parameters
    ----------
    constant_ms, per_100_segments_ms
        Its two numbers [core-ms per 10 ms].
    largest_deviation
        Of a measured cost from the line, as a share of that cost.
    """

    devices: int
    constant_ms: float
    per_100_segments_ms: float
    largest_deviation: float


def growth(speeds: tuple[Speed, ...], devices: int) -> Growth | None:
    """Return how the cost of the product's own step grows with length; None with fewer than three numbers."""
    wanted = {load.id for load in LOADS if load.devices == devices and load.step_ms == Load(1, 1).step_ms}
    chosen = [one for one in speeds if one.id in wanted]
    if len(chosen) < 3:
        return None
    count: NDArray[np.float64] = np.array([one.segments for one in chosen]) / 100.0
    cost: NDArray[np.float64] = np.array([one.core_ms_per_10ms for one in chosen])
    slope, constant = (float(v) for v in np.polyfit(count, cost, 1))
    off = float(np.abs((constant + slope * count) / cost - 1.0).max())
    return Growth(devices, constant, slope, off)

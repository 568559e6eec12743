"""What a needle costs: a hand that pushes, rests and draws back at 1 kHz, beside a fixed matrix product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from simtrainer.core.units import MM, MS
from simtrainer.physics.needle import Needle
from simtrainer.physics.needle_preset import FASCIA, FAT, INTRODUCER_18G, LUMEN, MUSCLE, SKIN, SPINAL_22G, VEIN_WALL
from simtrainer.physics.needle_spec import NeedleControl, NeedleSpec
from simtrainer.physics.needle_tissue import Boundary, Cylinder, Tissue, stack
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest

DT = MS
"""Length of a step [s]. because: what a hand feels is given at 1 kHz"""
PER_TICK = 10
"""Steps in a tick of 10 ms."""
ROUNDS, BLOCK, WARM_STEPS = 2, 250, 20
"""Goes of each step of which the quicker counts, steps between two matrix products, steps before anything counts."""
DEEP, SWAY, PERIOD = 40.0 * MM, 1.0 * MM, 2.0
"""A busy hand: how deep, how far aside [m], and how long in and out takes [s]."""
BUDGET_MS = 5.0
"""What 10 ms may cost [core-ms]. because: design; as for the rod, half of the time that it stands for"""


@dataclass(frozen=True, slots=True)
class NeedleSpeed:
    """What 10 ms of a needle cost, ten steps of 1 ms.

    Parameters
    ----------
    core_ms_per_10ms, worst_core_ms
        Mean work of a core, and ten times that of the worst step.
    matrix_product_ms, ratio
        Of the fixed matrix product timed in between, and mean work over it.
    budget_ms
        What it may cost.
    """

    id: str
    title: str
    nodes: int
    core_ms_per_10ms: float
    worst_core_ms: float
    matrix_product_ms: float
    ratio: float
    budget_ms: float


NEEDLES: tuple[tuple[str, str, NeedleSpec], ...] = (
    ("needle_18g", "18G introducer needle, skin, fascia and a vein", INTRODUCER_18G),
    ("needle_22g", "22G spinal needle, skin, fascia and a vein", SPINAL_22G),
)


def tissue() -> Tissue:
    """Return skin, fat, fascia, muscle, and a vein of 9 mm across the needle's way."""
    layers = stack(np.zeros(3), np.array([0.0, 0.0, 1.0]), [(SKIN, FAT, 10.0 * MM), (FASCIA, MUSCLE, 0.1)])
    vein = Cylinder(np.array([0.0, 0.0, -22.0 * MM]), np.array([0.0, 1.0, 0.0]), 4.5 * MM)
    return Tissue((*layers, Boundary(vein, VEIN_WALL, LUMEN)))


def controls(spec: NeedleSpec, steps: int) -> Iterator[NeedleControl]:
    """Yield a hand that goes in and out, and sways."""
    for k in range(steps):
        phase = 2.0 * np.pi * k * DT / PERIOD
        deep = 0.5 * DEEP * (1.0 - np.cos(phase)) - 1.0 * MM
        place = np.array([SWAY * np.sin(phase), 0.0, spec.length - deep])
        yield NeedleControl.aimed(place, np.array([0.0, 0.0, -1.0]), up=np.array([1.0, 0.0, 0.0]))


def needle_speeds(clock: Clock, *, ticks: int) -> Iterator[NeedleSpeed]:
    """Yield what each needle costs over `ticks` of 10 ms."""
    for name, title, spec in NEEDLES:
        yield _timed(name, title, Needle(spec, tissue()), clock=clock, ticks=ticks)


def _timed(name: str, title: str, needle: Needle, *, clock: Clock, ticks: int) -> NeedleSpeed:
    """Time each step; the first few compile and do not count."""
    stick = Yardstick(clock)
    products, spent = [stick.ms()], []
    first, *others = controls(needle.spec, ticks * PER_TICK + WARM_STEPS + 1)
    state = needle.init(first)
    for k, control in enumerate(others):
        seconds, state = quickest(clock, partial(needle.step, state, control, DT), ROUNDS)
        if k >= WARM_STEPS:
            spent.append(seconds)
        if k % BLOCK == 0:
            products.append(stick.ms())
    mean, product = PER_TICK * float(np.mean(spent)) / MS, float(np.median(products))
    return NeedleSpeed(
        id=name, title=title, nodes=needle.read(state).points.shape[0], core_ms_per_10ms=mean,
        worst_core_ms=PER_TICK * max(spent) / MS, matrix_product_ms=product, ratio=mean / product, budget_ms=BUDGET_MS,
    )  # fmt: skip

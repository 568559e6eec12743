"""How many pictures a second the fluoroscope gives on one core, in a patient with devices and contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from simtrainer.core.stream import Streams
from simtrainer.core.units import ML, MS, rad
from simtrainer.imaging.carm import CArmPose
from simtrainer.imaging.contrast import Injection, advance_bolus
from simtrainer.imaging.dose import Mode
from simtrainer.procedures.selective_catheterisation.eye import FluoroscopeEye
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import IODINE, Exercise
from simtrainer.studies.bench.clock import Clock, Yardstick
from simtrainer.studies.bench.patient import package
from simtrainer.studies.bench.speed import CATHETER, LENGTHS, PATIENT, WIRE
from simtrainer.studies.rig import feed

PER_SECOND = 15.0
"""Frames a second that one core must give. because: the pulse rate of the machine that is simulated"""
BLOCK = 8
"""Frames between two goes of the matrix product."""
BOLUS_ML_S, BOLUS_S = 15.0, 1.5
"""Contrast that fills the aorta. because: a common setting for an aortogram is 15 to 20 ml/s (known)"""
SWING = rad(0.6)
"""Turn of the C-arm from frame to frame [rad]: 9 degrees a second at 15 frames."""


@dataclass(frozen=True, slots=True)
class PictureSpeed:
    """What a frame of 512 x 512 cost.

    Parameters
    ----------
    core_ms, p99_core_ms
        Median and 99th percentile of a core's work for a frame.
    frames_per_s
        That one core gives at the median.
    required_per_s
        What it must give.
    ratio
        Median over the fixed matrix product, timed in between.
    """

    id: str
    title: str
    core_ms: float
    p99_core_ms: float
    frames_per_s: float
    required_per_s: float
    matrix_product_ms: float
    ratio: float


def pictures(clock: Clock, *, frames: int) -> Iterator[PictureSpeed]:
    """Yield what each kind of picture costs."""
    world = Exercise(package(PATIENT))
    table = prepared(world)
    full = injected(world, table)
    runs: tuple[tuple[str, str, TableState, Callable[[int], CArmPose]], ...] = (
        ("fluoroscopy", "fluoroscopy, wire in catheter", _with(table, Mode.FLUORO), lambda k: table.pose),
        ("angiogram", "cine run, aorta full of contrast", _with(full, Mode.CINE), lambda k: table.pose),
        ("subtraction", "subtraction, aorta full of contrast", _with(full, Mode.DSA), lambda k: table.pose),
        ("moving", "fluoroscopy while the C-arm turns", _with(table, Mode.FLUORO), lambda k: _turned(table.pose, k)),
    )
    for name, title, state, pose in runs:
        yield _timed(name, title, world, state, pose=pose, clock=clock, frames=frames)


def prepared(world: Exercise) -> TableState:
    """Return the table with a wire in a catheter in the aorta, the C-arm over the catheter's tip."""
    state = world.init(Streams(1))
    rod = feed(world.rod(WIRE, CATHETER), state.rod, np.array([LENGTHS[0], 0.0]), ticks=120, dt=0.05)
    rod = feed(world.rod(WIRE, CATHETER), rod, np.array([LENGTHS[0], LENGTHS[1]]), ticks=100, dt=0.05)
    x, y, z = (float(v) for v in world.curve(world.rod(WIRE, CATHETER).read(rod), 1)[-1])
    return replace(state, rod=rod, wire=WIRE, catheter=CATHETER, pose=replace(state.pose, isocentre=(x, y, z)))


def injected(world: Exercise, state: TableState) -> TableState:
    """Return the table after an injection of contrast at the catheter's tip."""
    tip = world.curve(world.rod(WIRE, CATHETER).read(state.rod), 1)[-1]
    bolus, stroke = state.bolus, Injection(world.network.nearest(tip), BOLUS_ML_S * ML, IODINE)
    for _ in range(round(BOLUS_S * world.tick_hz)):
        bolus = advance_bolus(world.network, bolus, (stroke,), 1.0 / world.tick_hz)
    return replace(state, bolus=bolus)


def _with(state: TableState, mode: Mode) -> TableState:
    return replace(state, hands=replace(state.hands, beam=mode.value))


def _turned(pose: CArmPose, frame: int) -> CArmPose:
    return replace(pose, lao=SWING * (frame % 60))


def _timed(
    name: str, title: str, world: Exercise, state: TableState, *, pose: Callable[[int], CArmPose], clock: Clock,
    frames: int,
) -> PictureSpeed:  # fmt: skip
    """Expose `frames` and time each; the first two are not counted, they compile and draw the bones behind."""
    eye, stick = FluoroscopeEye(world, Streams(1)), Yardstick(clock)
    spent, products = [], [stick.ms()]
    for frame in range(frames + 2):
        seen = replace(state, pose=pose(frame))
        begin = clock()
        eye.expose(seen, frame)
        if frame >= 2:
            spent.append((clock() - begin) / MS)
        if frame % BLOCK == 0:
            products.append(stick.ms())
    middle, product = float(np.median(spent)), float(np.median(products))
    return PictureSpeed(
        id=name, title=title, core_ms=middle, p99_core_ms=float(np.percentile(spent, 99.0)),
        frames_per_s=1.0 / (middle * MS), required_per_s=PER_SECOND, matrix_product_ms=product, ratio=middle / product,
    )  # fmt: skip

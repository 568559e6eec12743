"""What the parts of a tick cost; run by `tools/dev.py bench`. Limits are those that the product promises."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from simtrainer.core.event import Event
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM, MS
from simtrainer.curriculum.course import load_course
from simtrainer.curriculum.monitor import Monitors
from simtrainer.physics.rod import RodControl
from simtrainer.procedures.selective_catheterisation.eye import FluoroscopeEye
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.studies.bench.patient import package
from simtrainer.studies.bench.picture import PER_SECOND, injected, prepared
from simtrainer.studies.bench.speed import BUDGET_MS, DT, PATIENT, Load, at_work
from simtrainer.ui import shipped
from tests.bench.conftest import Timed

pytestmark = [pytest.mark.slow, pytest.mark.benchmark(timer=time.thread_time, min_rounds=20, max_time=2.0)]
COURSE = "selective_left_carotid"


@pytest.fixture(scope="module")
def world() -> Exercise:
    return Exercise(package(PATIENT))


@pytest.fixture(scope="module")
def table(world: Exercise) -> TableState:
    return prepared(world)


@pytest.mark.parametrize("devices", [1, 2])
def test_a_tick_of_100_segments(timed: Timed, devices: int) -> None:
    rod, state = at_work(Load(100, devices))
    inserted = np.array(rod.read(state).inserted)
    pushed = RodControl(inserted + np.where(inserted > 0.0, 0.3 * MM, 0.0), state.shape.hub + 0.03)
    assert timed(lambda: rod.step(state, pushed, DT)) < BUDGET_MS


def test_a_tick_of_the_whole_exercise(timed: Timed, world: Exercise, table: TableState) -> None:
    pushing = replace(table, hands=replace(table.hands, wire_push=0.03, wire_twist=3.0, beam="fluoro"))
    luck = Streams(1)

    def tick() -> object:
        return world.snapshot(world.advance(pushing, (), pending=(), tick=1, streams=luck), 1)

    assert timed(tick) < 10.0  # ms: real time on one core


@pytest.mark.parametrize("mode", ["fluoro", "cine", "dsa"])
def test_a_frame_of_the_fluoroscope(timed: Timed, world: Exercise, table: TableState, mode: str) -> None:
    eye = FluoroscopeEye(world, Streams(1))
    full = injected(world, table)
    seen = replace(full, hands=replace(full.hands, beam=mode))
    assert timed(lambda: eye.expose(seen, 1)) < 1.0 / (PER_SECOND * MS)


def monitors(world: Exercise) -> Monitors:
    course = load_course(shipped.course_file(COURSE), shipped.vocabulary("selective_catheterisation"))
    return Monitors(course.spec, tuple(signal.name for signal in world.signals), world.tick_hz)


def test_monitors_of_a_tick_without_events(timed: Timed, world: Exercise) -> None:
    watching = monitors(world)
    state, sample = watching.init(world.facts), np.zeros(len(world.signals))
    timed(lambda: watching.advance(state, (), 100, sample))


def test_monitors_of_an_event(timed: Timed, world: Exercise) -> None:
    watching = monitors(world)
    state = watching.init(world.facts)
    entered = Event("VesselEntered", 100, {"vessel": "left_subclavian", "device": "j_wire"})
    timed(lambda: watching.advance(state, (entered,), 100, None))

"""Measurements of the product: what they count, with clocks that tick as the test wants."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from simtrainer.core.error import DivergedError
from simtrainer.core.units import MM
from simtrainer.physics.rod import RodControl, RodSettings
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest
from simtrainer.studies.bench.exercise import time_exercise
from simtrainer.studies.bench.patient import from_shelf, in_patient
from simtrainer.studies.bench.speed import LENGTHS, PUSH, Load, Speed, at_work, growth, time_load
from simtrainer.studies.bench.stress import LONGEST, PAIRS, SHORTEST, shake_patient, shaken
from simtrainer.studies.rig import feed

PATIENT = "adult_male_type1"


def ticking(step: float) -> Clock:
    """A clock that goes on by `step` [s] each time it is read."""
    seconds = count(0.0, step)
    return lambda: next(seconds)


def test_the_yardstick_gives_the_quickest_go_of_a_product_of_known_size() -> None:
    stick = Yardstick(ticking(0.25))
    assert stick.ms() == pytest.approx(250.0)
    assert stick.flops == 2 * 100 * 64**3


def test_a_load_is_timed_tick_by_tick_and_put_beside_the_product() -> None:
    found = time_load(Load(50, 1), ticking(2e-3), ticks=3)
    assert found.core_ms_per_10ms == pytest.approx(2.0)
    assert found.worst_core_ms == pytest.approx(2.0)
    assert found.matrix_product_ms == pytest.approx(2.0)
    assert found.ratio == pytest.approx(1.0)
    assert found.id == "segments_50_devices_1_step_5ms"
    assert found.unconverged_share == 0.0


@pytest.mark.parametrize("load", [Load(50, 1), Load(100, 2), Load(100, 1, 1.0)])
def test_a_load_has_the_segments_devices_and_steps_that_it_names(load: Load) -> None:
    rod, state = at_work(load)
    assert abs(len(state.shape.s) - 1 - load.segments) <= 1
    assert np.count_nonzero(rod.read(state).inserted) == load.devices
    assert rod.read(state).inserted[0] == pytest.approx(LENGTHS[0])
    assert rod.settings.substeps == 10.0 / load.step_ms


def speed(segments: int, cost: float, devices: int = 1, step_ms: float = 5.0) -> Speed:
    load = Load(segments, devices, step_ms)
    return Speed(load.id, load.title, segments, devices, step_ms, cost, cost, 1.0, cost, 0.0)


def test_growth_is_the_straight_line_through_cost_over_length() -> None:
    line = growth((speed(50, 0.75), speed(100, 1.0), speed(400, 2.5), speed(100, 9.0, 2), speed(100, 9.0, 1, 1.0)), 1)
    assert line is not None
    assert line.constant_ms == pytest.approx(0.5)
    assert line.per_100_segments_ms == pytest.approx(0.5)
    assert line.largest_deviation == pytest.approx(0.0, abs=1e-12)
    assert growth((speed(50, 1.0), speed(100, 1.0)), 1) is None


def test_a_patient_is_shaken_the_same_way_with_the_same_seed() -> None:
    one, again, other = (shake_patient(PATIENT, PAIRS[0], ticking(1e-3), seed=seed, seconds=0.3) for seed in (1, 1, 2))
    assert one == again
    assert one.max_force_n != other.max_force_n
    assert one.seconds == pytest.approx(0.3)
    assert one.worst_core_ms_per_10ms == pytest.approx(1.0)
    assert one.max_force_n >= one.p99_force_n > 0.0
    assert (one.escapes, one.nan, one.unconverged_share) == (0, 0, 0.0)


class Watched:
    """A rod that notes how it is held, and breaks or escapes on demand."""

    def __init__(self, breaks_at: int = 10**9, escapes_at: tuple[int, ...] = ()) -> None:
        self._rod, self.start = in_patient(PATIENT, RodSettings(), *from_shelf("j_wire", "berenstein"))
        self.start = feed(self._rod, self.start, np.array([0.3, 0.0]), ticks=30, dt=0.1)
        self.start = feed(self._rod, self.start, np.array([0.3, 0.2]), ticks=30, dt=0.1)
        self.controls: list[RodControl] = []
        self._breaks_at, self._escapes_at = breaks_at, escapes_at

    def step(self, state: Any, control: RodControl, dt: float) -> Any:
        if not any(control is one for one in self.controls):  # what is timed again is not new
            if len(self.controls) == self._breaks_at:
                raise DivergedError("broken on purpose")
            self.controls.append(control)
        return state

    def read(self, state: Any) -> Any:
        out = len(self.controls) in self._escapes_at
        read = self._rod.read(state)
        return replace(read, escaped=np.full(len(read.arc), out))


@pytest.fixture(scope="module")
def hands() -> list[RodControl]:
    watched = Watched()
    shaken(watched, watched.start, ticking(1e-3), seed=3, ticks=400)  # type: ignore[arg-type]  # only looks like a rod
    return watched.controls


def test_random_hands_are_fast_and_keep_within_their_lengths(hands: list[RodControl]) -> None:
    inserted = np.array([control.inserted for control in hands])
    hub = np.array([control.hub for control in hands])
    assert (inserted >= SHORTEST - 1e-12).all()
    assert (inserted <= LONGEST + 1e-12).all()
    assert 1.5 * MM < np.abs(np.diff(inserted, axis=0)).max() <= 2.0 * MM + 1e-12
    assert 0.15 < np.abs(np.diff(hub, axis=0)).max() <= 0.2 + 1e-12
    assert PUSH < 0.2


def test_a_rod_that_diverges_ends_the_shaking_and_is_counted() -> None:
    watched = Watched(breaks_at=5)
    found = shaken(watched, watched.start, ticking(1e-3), seed=1, ticks=50)  # type: ignore[arg-type]  # see above
    assert found.not_finite == 1
    assert len(found.force) == 5


def test_an_escape_is_seen_in_every_tick_that_it_lasts() -> None:
    watched = Watched(escapes_at=(3, 4, 7))
    found = shaken(watched, watched.start, ticking(1e-3), seed=1, ticks=10)  # type: ignore[arg-type]  # see above
    assert np.flatnonzero(found.escaped).tolist() == [2, 3, 6]


def test_of_several_goes_the_quickest_counts() -> None:
    ends = iter([0.0, 3.0, 3.0, 4.0, 4.0, 9.0])
    seconds, given = quickest(lambda: next(ends), lambda: "done", 3)
    assert (seconds, given) == (1.0, "done")


def test_a_tick_that_the_machine_held_up_is_timed_again() -> None:
    watched = Watched()
    ends = iter([float(at) for at in (0, 1, 1, 2, 2, 90, 90, 91)] + [100.0, 101.0, 101.0, 103.0])
    found = shaken(watched, watched.start, lambda: next(ends), seed=1, ticks=4)  # type: ignore[arg-type]  # see above
    assert found.core_seconds.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_the_whole_tick_is_timed_with_devices_that_move() -> None:
    found = time_exercise(ticking(1e-3), ticks=3)
    assert found.id == "exercise"
    assert found.core_ms_per_10ms == pytest.approx(1.0)
    assert found.segments > 100
    assert found.step_ms == 5.0
    assert growth((found, speed(50, 0.75), speed(100, 1.0), speed(400, 2.5)), 2) is None

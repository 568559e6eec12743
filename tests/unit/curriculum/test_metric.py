"""Metrics against closed forms, hand-counted examples and published values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.event import Event
from simtrainer.core.fact import SessionFacts
from simtrainer.curriculum.metric import Inputs, Measure, Recording, metrics
from simtrainer.curriculum.metrics.force_over_limit import area_above
from simtrainer.curriculum.metrics.sparc import spectral_arc_length
from simtrainer.curriculum.schema import Slope

NAMES = ("x", "y", "z", "v")
TICK_HZ = 100


def recording(columns: dict[str, NDArray[np.float64]], seconds: float, ideal_m: float = 0.0) -> Recording:
    ticks = np.arange(0, round(seconds * TICK_HZ) + 1, 2, dtype=np.int64)
    signals = np.column_stack([columns.get(name, np.zeros(len(ticks))) for name in NAMES])
    ideal = np.array([[0.0, 0.0, 0.0], [ideal_m, 0.0, 0.0]])
    return Recording(TICK_HZ, NAMES, ticks, signals, (), SessionFacts(ideal_path=ideal), end=int(ticks[-1]))


def times(seconds: float) -> NDArray[np.float64]:
    return np.arange(0, round(seconds * TICK_HZ) + 1, 2) / TICK_HZ


def measured(name: str, rec: Recording, inputs: Inputs) -> Measure:
    metric = metrics.get(name)
    assert set(inputs.signals) == set(metric.signals)
    assert set(inputs.facts) == set(metric.facts)
    assert set(inputs.numbers) == set(metric.numbers)
    return metric.measure(rec, inputs)


XYZ = {"x": "x", "y": "y", "z": "z"}


def test_every_metric_of_the_list_is_registered() -> None:
    assert set(metrics.names()) >= {
        "procedure_time", "path_length", "path_ratio", "sparc", "peak_force", "mean_force", "force_over_limit",
        "fluoroscopy_time", "contrast_volume", "wrong_vessels", "idle_time", "exchanges",
    }  # fmt: skip


def test_the_procedure_time_is_last_tick_minus_first() -> None:
    rec = recording({}, 12.34)
    assert measured("procedure_time", rec, Inputs()) == Measure(12.34, 1234)
    assert measured("procedure_time", rec.between(100, 350), Inputs()).value == 2.5


def test_one_turn_of_a_circle_is_as_long_as_its_inscribed_polygon() -> None:
    t = times(10)
    turn = {"x": 30 * np.cos(2 * np.pi * t / 10), "y": 30 * np.sin(2 * np.pi * t / 10)}
    n = len(t) - 1
    value = measured("path_length", recording(turn, 10), Inputs(signals=XYZ, numbers={"jump_mm": 50})).value
    assert value == pytest.approx(n * 2 * 30 * np.sin(np.pi / n), rel=1e-7)
    assert value == pytest.approx(2 * np.pi * 30, rel=1e-4)


def test_an_exchange_of_the_device_is_no_travel() -> None:
    x = np.array([0.0, 3, 6, 600, 603, 606])
    value = measured("path_length", recording({"x": x}, 0.1), Inputs(signals=XYZ, numbers={"jump_mm": 50})).value
    assert value == pytest.approx(12.0)


def test_going_out_and_back_and_out_again_is_three_times_the_ideal_path() -> None:
    t = times(3)
    x = 500 * np.abs((t + 1) % 2 - 1)
    inputs = Inputs(signals=XYZ, numbers={"jump_mm": 50})
    assert measured("path_ratio", recording({"x": x}, 3, ideal_m=0.5), inputs).value == pytest.approx(3.0)
    assert measured("path_ratio", recording({"x": x}, 3), inputs).value is None


def minimum_jerk(seconds: float, rate: float) -> NDArray[np.float64]:
    s = np.arange(0, seconds, 1 / rate) / seconds
    speed: NDArray[np.float64] = 30 * s**2 * (1 - s) ** 2
    return speed


def test_sparc_of_a_minimum_jerk_movement_is_the_published_value() -> None:
    # education.md section 5: minimum jerk -1.41; Balasubramanian 2015 gives the same for the reference code
    assert spectral_arc_length(minimum_jerk(1.0, 100.0), 100.0) == pytest.approx(-1.41, abs=0.01)
    assert spectral_arc_length(minimum_jerk(1.0, 100.0), 100.0) == pytest.approx(-1.4058293244, abs=1e-9)  # golden


def test_sparc_does_not_depend_on_the_size_of_a_movement_and_little_on_its_rate() -> None:
    speed = minimum_jerk(2.0, 50.0)
    one = spectral_arc_length(speed, 50.0)
    assert one is not None
    assert spectral_arc_length(1000 * speed, 50.0) == pytest.approx(one, rel=1e-12)
    assert spectral_arc_length(minimum_jerk(2.0, 200.0), 200.0) == pytest.approx(one, abs=0.01)


def test_three_submovements_are_less_smooth_than_one() -> None:
    one = minimum_jerk(1.0, 100.0)
    value = spectral_arc_length(np.concatenate([one, one, one]), 100.0)
    # education.md section 5 states -2.70 for three submovements
    assert value == pytest.approx(-2.70, abs=0.01)


def test_sparc_of_no_movement_is_nothing() -> None:
    rec = recording({}, 5)
    assert measured("sparc", rec, Inputs(signals={"speed": "v"})).value is None
    assert measured("sparc", rec.between(0, 0), Inputs(signals={"speed": "v"})).value is None
    assert metrics.get("sparc").per_device
    assert [name for name in metrics.names() if metrics.get(name).per_device] == ["sparc"]


def test_sparc_of_a_recording_takes_the_rate_from_its_ticks() -> None:
    speed = minimum_jerk(2.0, 50.0)
    rec = recording({"v": np.append(speed, 0.0)}, 2.0)
    value = measured("sparc", rec, Inputs(signals={"speed": "v"})).value
    assert value == pytest.approx(-1.41, abs=0.01)


def test_the_peak_of_a_force_comes_with_its_tick() -> None:
    t = times(10)
    rec = recording({"v": 2.0 - np.abs(t - 4.0)}, 10)
    assert measured("peak_force", rec, Inputs(signals={"force": "v"})) == Measure(2.0, 400)


def test_the_mean_of_a_ramp_is_half_its_end() -> None:
    rec = recording({"v": times(10) / 10 * 3.0}, 10)
    assert measured("mean_force", rec, Inputs(signals={"force": "v"})).value == pytest.approx(1.5)


def test_the_area_over_a_limit_is_exact_for_a_triangle() -> None:
    # a triangle of height 3 N and base 6 s over a limit of 1 N: a triangle of 2 N and 4 s remains, 4 N s
    t = times(10)
    rec = recording({"v": np.maximum(0.0, 3.0 - np.abs(t - 5.0))}, 10)
    inputs = Inputs(signals={"force": "v"}, facts={"limit": 1.0})
    value = measured("force_over_limit", rec, inputs)
    assert value.value == pytest.approx(4.0, abs=1e-12)
    assert value.tick == 500


@settings(deadline=None)
@given(st.lists(st.floats(0, 10), min_size=2, max_size=20), st.floats(0, 10))
def test_the_area_over_a_limit_equals_a_fine_sum(values: list[float], limit: float) -> None:
    at = np.arange(len(values), dtype=float)
    fine = (np.arange((len(values) - 1) * 400) + 0.5) / 400
    expected = np.maximum(0.0, np.interp(fine, at, values) - limit).sum() / 400
    assert area_above(at, np.array(values), limit) == pytest.approx(float(expected), abs=2e-3)


@settings(deadline=None)
@given(st.lists(st.floats(0, 10), min_size=2, max_size=20), st.floats(0, 9), st.floats(0, 1))
def test_a_higher_limit_never_has_a_greater_area(values: list[float], limit: float, more: float) -> None:
    at = np.arange(len(values), dtype=float)
    assert area_above(at, np.array(values), limit + more) <= area_above(at, np.array(values), limit) + 1e-12


@pytest.mark.parametrize("name", ["fluoroscopy_time", "contrast_volume"])
def test_a_counter_is_measured_by_its_rise_in_the_part_looked_at(name: str) -> None:
    rec = recording({"v": np.minimum(times(10), 7.0)}, 10)
    inputs = Inputs(signals={"counter": "v"})
    assert measured(name, rec, inputs).value == pytest.approx(7.0)
    assert measured(name, rec.between(300, 500), inputs).value == pytest.approx(2.0)


@pytest.mark.parametrize(("name", "tick"), [("wrong_vessels", 10), ("exchanges", 30)])
def test_events_are_counted(name: str, tick: int) -> None:
    events = tuple(Event("E", at) for at in (10, 20, 30))
    rec = recording({}, 1)
    assert metrics.get(name).event
    assert measured(name, rec, Inputs(events=events)) == Measure(3.0, tick)
    assert measured(name, rec, Inputs()) == Measure(0.0, 100)


def test_only_pauses_that_last_count_as_idle() -> None:
    t = times(30)
    still = ((t >= 5) & (t <= 8)) | ((t >= 10) & (t <= 20))
    rec = recording({"v": np.where(still, 0.0, 5.0)}, 30)
    inputs = Inputs(signals={"speed": "v"}, numbers={"below_mm_s": 1.0, "at_least_s": 5.0})
    pause = measured("idle_time", rec, inputs)
    assert pause.value == pytest.approx(10.0)
    assert pause.tick == 1000
    short = Inputs(signals={"speed": "v"}, numbers={"below_mm_s": 1.0, "at_least_s": 2.0})
    assert measured("idle_time", rec, short).value == pytest.approx(13.0)
    assert measured("idle_time", recording({"v": np.full(len(t), 9.0)}, 30), inputs).value == 0.0


@settings(deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=9))
def test_a_slope_gives_shares_from_none_to_all_and_never_turns(full: float, zero: float, values: list[float]) -> None:
    if full == zero:
        return
    slope = Slope(full_at=full, zero_at=zero)
    assert slope.share(full) == 1.0
    assert slope.share(zero) == 0.0
    shares = [slope.share(value) for value in sorted(values, reverse=full < zero)]
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert shares == sorted(shares)

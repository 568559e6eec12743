"""What a debrief tells, from the effects track of a recorded attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from simtrainer.core.attempt import Attempt
from simtrainer.core.error import InputError
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.score import Score
from simtrainer.debrief.advice import advice_of, well_done
from simtrainer.debrief.binding import bound
from simtrainer.debrief.chart import path_chart
from simtrainer.debrief.moment import key_moments
from simtrainer.debrief.picture import png
from simtrainer.debrief.report import build_debrief, flagged_ticks
from simtrainer.debrief.svg import Axis, project, round_step
from simtrainer.debrief.timeline import StepStatus, Weight, timeline_of
from simtrainer.debrief.trace import path_of, peaks, plots_of, thinned
from simtrainer.debrief.word import minutes, number
from tests.unit.debrief.conftest import scored, story
from tests.unit.debrief.scripted import Story, recorded_story


def test_the_key_moments_are_the_worst_force_the_target_and_the_last_angiogram(
    attempts: dict[str, Attempt], scores: dict[str, Score]
) -> None:
    moments = key_moments(attempts["hurried"], scores["hurried"])
    assert [(moment.id, moment.time_s) for moment in moments] == [
        ("worst_force", 41.0), ("target", 76.0), ("last_run", 90.0),
    ]  # fmt: skip
    assert moments[0].sentence == "Greatest force on the wall: 2.7 N"


def test_what_was_never_reached_gives_its_place_to_the_dearest_deduction(carotid: Course, tmp_path: Path) -> None:
    events: tuple[tuple[float, str, Mapping[str, float | str]], ...] = (
        (2, "DeviceLoaded", {"device": "j_wire"}),
        (5, "LandmarkReached", {"landmark": "ascending_aorta", "device": "j_wire"}),
        (9, "VesselPerforated", {"vessel": "aortic_arch", "force_n": 4.0}),
    )
    attempt = recorded_story(Story(events, 12.0), carotid, tmp_path / "short.attempt.jsonl", close=False)
    got = scored(carotid, attempt)
    moments = key_moments(attempt, got)
    assert [moment.tick for moment in moments] == sorted(moment.tick for moment in moments)
    assert any("perforated" in moment.sentence for moment in moments)
    assert not any(moment.id == "last_run" for moment in moments)
    told = build_debrief(attempt, carotid, got)
    assert told.beside.cut_off
    assert told.beside.familiarity is None
    assert (told.beside.patient, told.beside.difficulty) == ("fingerprint scripted-1", "unknown")


def test_the_timeline_holds_every_step_with_what_became_of_it(
    carotid: Course, attempts: dict[str, Attempt], scores: dict[str, Score]
) -> None:
    attempt, score = attempts["hurried"], scores["hurried"]
    line = timeline_of(attempt, carotid, score, binding=bound(carotid, attempt.header.signals), language="en")
    assert [step.id for step in line.steps] == [step.id for step in carotid.spec.steps]
    missed = {step.id for step in line.steps if step.status is StepStatus.MISSED}
    assert missed == {step.id for step in score.steps if step.tick < 0}
    assert len(line.events) == len(attempt.events)
    charged = [event.name for event in line.events if event.weight is Weight.COST]
    assert charged.count("WallForceExceeded") == 1, "the first one is let pass"
    assert [e.name for e in line.events if e.weight is Weight.TOLERATED].count("WallForceExceeded") == 1


def test_the_lanes_say_which_device_was_in_and_when_the_pedal_was_down(
    carotid: Course, attempts: dict[str, Attempt], scores: dict[str, Score]
) -> None:
    attempt = attempts["good"]
    binding = bound(carotid, attempt.header.signals)
    lanes = {
        lane.name: lane.spans
        for lane in timeline_of(attempt, carotid, scores["good"], binding=binding, language="en").lanes
    }
    assert [(span.start_s, span.end_s) for span in lanes["pigtail"]] == [(14.0, 32.0)]
    assert [(span.start_s, span.end_s) for span in lanes["simmons"]] == [(34.0, 150.0)]
    pedal = [(round(span.start_s, 1), round(span.end_s, 1)) for span in lanes["fluoroscopy"]]
    assert pedal == [(5.0, 20.0), (27.0, 31.0), (38.0, 66.0), (83.0, 92.0)]


def test_plots_keep_the_peak_and_name_the_limit(carotid: Course, attempts: dict[str, Attempt]) -> None:
    attempt = attempts["hurried"]
    force, speed = plots_of(attempt, bound(carotid, attempt.header.signals), "en")
    column = attempt.signals[:, attempt.header.signals.index("wall_force_max_n")]
    assert force.peak == pytest.approx(float(column.max()))
    assert max(force.values) == force.peak
    assert (force.unit, force.limit, force.peak_s) == ("N", 1.0, 41.0)
    assert (speed.unit, speed.limit) == ("mm/s", None)


@given(values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=400), buckets=st.integers(1, 60))
def test_thinning_a_signal_never_loses_its_greatest_value(values: list[float], buckets: int) -> None:
    array = np.array(values)
    rows, kept = peaks(array, buckets)
    assert kept.max() == array.max()
    assert len(kept) <= buckets
    assert np.all(np.diff(rows) > 0)
    assert np.array_equal(array[rows], kept)


@given(st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=1, max_size=60))
def test_thinning_a_way_keeps_both_ends_and_stays_near(points: list[tuple[float, float, float]]) -> None:
    array = np.array(points)
    thin = thinned(array, 1.0)
    assert np.array_equal(thin[0], array[0])
    assert np.array_equal(thin[-1], array[-1])
    near = np.linalg.norm(array[:, None] - thin[None], axis=2).min(axis=1)
    assert np.all(near < 1.0)


def test_the_way_is_cut_where_a_device_was_exchanged(carotid: Course, tmp_path: Path) -> None:
    track = [(0.0, 0.0), (1.0, 10.0), (2.0, 30.0), (2.02, 400.0), (4.0, 420.0)]
    tale = Story((), 5.0, {"catheter_tip_z_mm": track})
    attempt = recorded_story(tale, carotid, tmp_path / "jump.attempt.jsonl")
    path = path_of(attempt, bound(carotid, attempt.header.signals), lines=(), language="en")
    assert path is not None
    (way,) = [way for way in path.ways if way.id == "catheter_tip"]
    assert [(piece[0][2], piece[-1][2]) for piece in way.pieces] == [(0.0, 30.0), (400.0, 420.0)]


def test_the_views_are_radiological() -> None:
    """RAS+: the patient's left (-x) is on the right of the page from the front; anterior is left from the left."""
    patient_left, anterior, head = [-10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]
    assert project([patient_left], "ap").tolist() == [[10.0, 0.0]]
    assert project([anterior], "lateral").tolist() == [[-10.0, 0.0]]
    assert project([head], "ap").tolist() == [[0.0, -10.0]]


def test_a_path_without_vessels_or_ways_can_be_drawn(carotid: Course, attempts: dict[str, Attempt]) -> None:
    attempt = attempts["good"]
    path = path_of(attempt, bound(carotid, attempt.header.signals), lines=(), language="en")
    assert path is not None
    assert path_chart(replace(path, ways=()), "ap", "en").count("<polyline") == 1
    assert path_chart(replace(path, ideal_mm=()), "lateral", "en").count("<polyline") >= 2


def test_the_same_thing_said_of_several_steps_is_one_piece_of_advice(carotid: Course, scores: dict[str, Score]) -> None:
    advice = advice_of(carotid, scores["hurried"], "en")
    aspirate = [piece for piece in advice if piece.sentence.startswith("You went on without aspirating")]
    assert len(aspirate) == 1
    assert aspirate[0].items == ("aspirate_arch", "aspirate_engaged", "aspirate_carotid")
    assert aspirate[0].points == pytest.approx(9.0)
    assert aspirate[0].hint == "Draw back until blood flows freely, and look for bubbles."
    assert [piece.critical for piece in advice] == sorted((piece.critical for piece in advice), reverse=True)


def test_the_cause_is_told_and_not_each_of_its_consequences(carotid: Course, tmp_path: Path) -> None:
    events: tuple[tuple[float, str, Mapping[str, float | str]], ...] = (
        (1, "CaseCardRead", {}),
        (2, "TimeOutDone", {}),
        (3, "LandmarkReached", {"landmark": "ascending_aorta", "device": "j_wire"}),
    )
    attempt = recorded_story(Story(events, 5.0), carotid, tmp_path / "stuck.attempt.jsonl")
    got = scored(carotid, attempt)
    advice = advice_of(carotid, got, "en")
    assert advice[0].sentence == "Not done: Pigtail over the wire to the ascending aorta."
    assert advice[0].hint == "Hold the wire still and slide the pigtail over it."
    assert {"flush_carotid", "angiogram_second", "withdraw", "peak_wall_force"} <= set(advice[0].items)
    assert advice[0].blocked == 18
    assert advice[0].places == ("Pigtail over the wire to the ascending aorta",)
    assert not any("aspirating" in piece.sentence for piece in advice)
    assert sum(piece.points for piece in advice) == pytest.approx(sum(lost.points for lost in got.deductions))
    assert key_moments(attempt, got)[0].id == "last_step"


def test_advice_accounts_for_every_dear_deduction(carotid: Course, scores: dict[str, Score]) -> None:
    score = scores["hurried"]
    told = {item for piece in advice_of(carotid, score, "en") for item in piece.items}
    dear = {lost.item for lost in score.deductions if lost.critical or lost.points >= 0.5}
    assert dear <= told


def test_nothing_is_praised_that_was_not_done(carotid: Course, scores: dict[str, Score], tmp_path: Path) -> None:
    assert "All 9 critical steps done." in well_done(scores["good"], "en")
    assert not any("critical" in line or "forbidden" in line for line in well_done(scores["hurried"], "en"))
    idle = recorded_story(Story((), 3.0), carotid, tmp_path / "idle.attempt.jsonl")
    assert well_done(scored(carotid, idle), "en") == ()


def test_every_recorded_tick_that_did_not_converge_is_counted(attempts: dict[str, Attempt]) -> None:
    assert (flagged_ticks(attempts["good"]), flagged_ticks(attempts["hurried"])) == (0, 5)


def test_a_course_that_changed_since_the_attempt_is_said_so(
    carotid: Course, attempts: dict[str, Attempt], scores: dict[str, Score]
) -> None:
    assert not build_debrief(attempts["good"], carotid, scores["good"]).beside.course_changed
    changed = replace(carotid, spec=carotid.spec.model_copy(update={"version": "1.0.1"}))
    assert build_debrief(attempts["good"], changed, scores["good"]).beside.course_changed


def test_a_debrief_is_a_pure_function_of_what_it_is_given(
    carotid: Course, attempts: dict[str, Attempt], scores: dict[str, Score]
) -> None:
    one, other = (build_debrief(attempts["hurried"], carotid, scores["hurried"]) for _ in range(2))
    assert one == other


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_a_picture_survives_png(seed: int, height: int, width: int, colour: bool) -> None:
    shape = (height, width, 3) if colour else (height, width)
    picture: NDArray[np.uint8] = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    read = np.asarray(Image.open(BytesIO(png(picture))))
    assert np.array_equal(read, picture)


def test_a_picture_of_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="uint8"):
        png(np.zeros((4, 4, 2), np.uint8))


@given(st.floats(1e-3, 1e6), st.integers(2, 9))
def test_an_axis_has_round_marks_within_it(high: float, count: int) -> None:
    axis = Axis(0.0, high, 0.0, 100.0)
    marks = axis.ticks(count)
    assert 1 <= len(marks) <= count + 2
    assert all(-1e-6 <= axis(mark) <= 100.0 + 1e-6 for mark in marks)
    assert round_step(high / count) >= high / count * (1 - 1e-6)


def test_numbers_and_times_are_written_as_people_write_them() -> None:
    assert [number(value, "de") for value in (0.4249, 12.0, 1234.5)] == ["0,425", "12", "1234"]
    assert [minutes(value) for value in (0, 59.6, 247)] == ["0:00", "1:00", "4:07"]


def test_both_stories_are_worth_what_they_seem(scores: dict[str, Score]) -> None:
    assert scores["good"].passed
    assert not scores["hurried"].passed
    assert story(np.zeros((2, 3)), hurried=True).end_s == 150.0

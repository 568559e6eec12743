"""Scores: parts that add up, a reason for every point, and a pass rule without loopholes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtrainer.core.event import Event
from simtrainer.core.fact import SessionFacts
from simtrainer.core.header import Mode
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.coursetest import run_course_tests
from simtrainer.curriculum.metric import Recording
from simtrainer.curriculum.schema import PassRule
from simtrainer.curriculum.score import Score, comparable, score

NAMES = ("x", "y", "z", "force")
HZ = 100
STEPS = """
steps:
  - {id: a, do: s.a, until: {event: A}, before: [b], critical: true, safety: "harm", weight: 3, v: design, because: r}
  - {id: b, do: s.b, until: {event: B}, after: [a], within: {s: 2}, weight: 1, v: design, because: r}
"""
RULES = """
forbidden:
  - {id: x, say: bad, never: {event: X}, points: 4, cap: 6, v: design, because: r}
"""
FORCE = """
metrics:
  - id: m
    metric: peak_force
    say: t
    signals: {force: force}
    requires: [a]
    band: {full_at: 1, zero_at: 3}
    weight: 4
    v: design
    because: r
"""


def attempt(
    course: Course, *events: Event, force: float = 0.0, device: str = "mouse", mode: Mode = Mode.PRACTICE
) -> Score:
    ticks = np.arange(0, 501, 2, dtype=np.int64)
    signals = np.zeros((len(ticks), len(NAMES)))
    signals[100, 3] = force
    facts = SessionFacts(numbers={"limit": 1.0}, words={"goal": "g"})
    return score(course, Recording(HZ, NAMES, ticks, signals, events, facts, end=500), mode=mode, device=device)


def test_everything_right_is_all_points(little: Callable[[str], Course]) -> None:
    got = attempt(little(STEPS + RULES + FORCE), Event("A", 50), Event("B", 100), force=1.0)
    assert got.score == 1.0
    assert got.passed
    assert got.deductions == ()
    assert [(part.name, part.points, part.worth) for part in got.parts] == [
        ("steps", 50.0, 50.0), ("metrics", 50.0, 50.0), ("penalties", 0.0, 0.0),
    ]  # fmt: skip


def test_a_missing_critical_step_fails_whatever_the_points(little: Callable[[str], Course]) -> None:
    course = little(STEPS)
    course = replace(course, spec=course.spec.model_copy(update={"pass_rule": PassRule(cut=0.0)}))
    got = attempt(course, Event("B", 100))
    assert not got.passed
    assert got.critical_failures == ("a",)
    (missed, *_) = got.deductions
    assert (missed.id, missed.tick, missed.time_s, missed.points) == ("step.a.missed", 100, 1.0, 75.0)
    assert missed.sentence == "Not done in time: step a. It had to come before: step b."


def test_late_and_out_of_order_keep_half_each(little: Callable[[str], Course]) -> None:
    got = attempt(little(STEPS.replace("before: [b], ", "")), Event("B", 300), Event("A", 310))
    assert got.steps[1].points == pytest.approx(25 * 0.25)
    assert got.passed
    assert got.score == pytest.approx(0.8125)
    assert [(d.id, d.sentence) for d in got.deductions] == [("step.b.late", "Done late: step b.")]


def test_a_critical_step_without_credit_is_failed_although_done(little: Callable[[str], Course]) -> None:
    body = STEPS.replace("within: {s: 2}", 'within: {s: 2}, credit: {late: 0}, critical: true, safety: "harm"')
    assert attempt(little(body), Event("A", 50), Event("B", 300)).critical_failures == ("b",)


def test_penalties_are_capped_and_say_what_happened(little: Callable[[str], Course]) -> None:
    events = [Event("X", tick, {"volume_ml": 2.5}) for tick in (10, 20, 30)]
    got = attempt(little(STEPS + RULES), Event("A", 50), Event("B", 100), *events)
    assert [(d.id, d.tick, d.points) for d in got.deductions] == [("forbidden.x", 10, 4.0), ("forbidden.x", 20, 2.0)]
    assert got.deductions[0].evidence == {"volume_ml": 2.5}
    assert got.deductions[0].sentence == "Never 2.5 ml of {what}"
    assert got.score == pytest.approx(0.94)
    assert got.parts[2].points == -6.0


def test_a_metric_is_linear_between_its_ends_and_names_its_tick(little: Callable[[str], Course]) -> None:
    got = attempt(little(STEPS + FORCE), Event("A", 50), Event("B", 100), force=1.5)
    assert got.metrics[0].points == pytest.approx(37.5)
    (lost,) = got.deductions
    assert (lost.id, lost.tick, lost.points) == ("metric.m", 200, 12.5)
    assert lost.sentence == "Text: 1.5 N (all points at 1, none at 3)."


def test_doing_nothing_earns_nothing_for_being_gentle(little: Callable[[str], Course]) -> None:
    got = attempt(little(STEPS + FORCE))
    assert got.score == 0.0
    assert got.metrics[0].value is None
    assert "because this was not reached: step a" in next(d.sentence for d in got.deductions if d.item == "m")


def test_a_metric_looks_only_at_its_part_of_the_session(little: Callable[[str], Course]) -> None:
    during = FORCE.replace("requires: [a]", "during: {since: a, until: b}")
    events = (Event("A", 50), Event("B", 150))
    assert attempt(little(STEPS + during), *events, force=9.0).metrics[0].value == 0.0
    assert attempt(little(STEPS + FORCE), *events, force=9.0).metrics[0].value == 9.0
    unknown = attempt(little(STEPS + during), Event("B", 150), force=9.0).metrics[0]
    assert (unknown.value, unknown.points, unknown.worth) == (None, 0.0, 50.0)


SPARC = """
metrics:
  - id: smooth
    metric: sparc
    say: t
    signals: {speed: force}
    by_device: {gamepad: {full_at: -1.4, zero_at: -9}}
    weight: 4
    v: design
    because: r
"""


def test_sparc_is_scored_only_for_devices_with_a_band_of_their_own(little: Callable[[str], Course]) -> None:
    course = little(STEPS + SPARC)
    events = (Event("A", 50), Event("B", 100))
    mouse = attempt(course, *events, force=5.0, device="mouse").metrics[0]
    pad = attempt(course, *events, force=5.0, device="gamepad").metrics[0]
    assert mouse.value == pad.value is not None
    assert (mouse.worth, pad.worth) == (0.0, 50.0)
    assert not comparable(mouse, pad)
    assert comparable(mouse, replace(mouse, value=-3.0))


def test_a_value_that_does_not_depend_on_the_device_is_comparable(little: Callable[[str], Course]) -> None:
    course = little(STEPS + FORCE)
    one, other = (attempt(course, Event("A", 1), device=device).metrics[0] for device in ("mouse", "gamepad"))
    assert comparable(one, other)


def test_what_cannot_be_measured_does_not_count_against_the_trainee(little: Callable[[str], Course]) -> None:
    ratio = """
metrics:
  - id: r
    metric: path_ratio
    say: t
    signals: {x: x, y: y, z: z}
    numbers: {jump_mm: 50}
    band: {full_at: 1, zero_at: 3}
    weight: 4
    v: design
    because: r
"""
    got = attempt(little(STEPS + ratio), Event("A", 50), Event("B", 100))
    assert (got.score, got.metrics[0].value, got.metrics[0].worth) == (1.0, None, 0.0)


def test_every_score_says_what_it_is_and_what_it_is_not(little: Callable[[str], Course]) -> None:
    got = attempt(little(STEPS), Event("A", 50), mode=Mode.ASSESSED)
    assert got.provisional
    assert (got.unverified, got.reviewed_by, got.mode, got.device) == (2, None, "assessed", "mouse")
    assert got.remarks == (
        "Simulator score; transfer to patients not shown.",
        "The pass mark is provisional: no panel has set it.",
        "No clinician has reviewed this course.",
    )
    assert json.loads(json.dumps(got.to_json()))["critical_failures"] == []


def test_a_cut_with_panel_method_and_date_is_not_provisional() -> None:
    rule = {"cut": 0.7, "method": "Angoff", "panel": "8 consultants", "date": "2026-10-01"}
    assert not PassRule.model_validate_json(json.dumps(rule)).provisional
    assert PassRule.model_validate_json(json.dumps({**rule, "panel": None})).provisional


NAMES_OF_EVENTS = st.sampled_from(["A", "B", "X"])


@settings(deadline=None)
@given(trace=st.lists(st.tuples(st.integers(1, 499), NAMES_OF_EVENTS), max_size=12), force=st.floats(0, 5))
def test_the_points_lost_add_up_to_the_score(
    trace: list[tuple[int, str]], force: float, little: Callable[[str], Course]
) -> None:
    course = _once(little)
    events = [Event(name, tick, {"volume_ml": 1.0} if name == "X" else {}) for tick, name in sorted(trace)]
    got = attempt(course, *events, force=force)
    lost = sum(deduction.points for deduction in got.deductions)
    assert got.score == pytest.approx(max(0.0, 1.0 - lost / 100.0), abs=1e-9)
    assert sum(part.points for part in got.parts) == pytest.approx(100.0 - lost, abs=1e-9)
    assert all(deduction.sentence and 0 <= deduction.tick <= 500 for deduction in got.deductions)
    assert got.passed == (not got.critical_failures and got.score >= 0.5)
    assert got == attempt(course, *events, force=force)


_KEPT: dict[str, Course] = {}


def _once(little: Callable[[str], Course]) -> Course:
    if "course" not in _KEPT:
        _KEPT["course"] = little(STEPS + RULES + FORCE)
    return _KEPT["course"]


def test_the_weights_of_the_shipped_course_are_points_of_a_hundred(carotid: Course) -> None:
    whole = run_course_tests(carotid)[0].score
    assert sum(part.worth for part in whole.parts) == pytest.approx(100.0)
    assert all(
        step.worth == pytest.approx(weight.weight) for step, weight in zip(whole.steps, carotid.spec.steps, strict=True)
    )


def test_a_debrief_can_be_read_in_german(carotid: Course) -> None:
    ticks = np.arange(0, 101, 2, dtype=np.int64)
    names = carotid.vocabulary.signals
    facts = SessionFacts(numbers={"wall_force_limit_n": 1.0}, words={"target_vessel": "left_common_carotid"})
    rec = Recording(HZ, names, ticks, np.zeros((len(ticks), len(names))), (), facts, end=100)
    got = score(carotid, rec, mode=Mode.PRACTICE, device="mouse", language="de")
    assert next(d.sentence for d in got.deductions if d.item == "engage") == "Nicht ausgeführt: Zielarterie sondieren."
    assert got.remarks[0].startswith("Simulator-Punktzahl")

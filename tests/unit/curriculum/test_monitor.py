"""The monitors say what the rules say: equal to a brute-force oracle on random courses and traces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtrainer.core.event import Event, Evidence
from simtrainer.core.fact import SessionFacts
from simtrainer.core.header import Mode
from simtrainer.core.session import Curriculum
from simtrainer.core.snapshot import Snapshot
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.live import LiveCourse, Status
from simtrainer.curriculum.metric import Recording
from simtrainer.curriculum.monitor import Monitors, MonitorState
from simtrainer.curriculum.schema import CourseFile
from simtrainer.curriculum.score import score, watched
from tests.unit.curriculum.oracle import Moment, Oracle, Sample
from tests.unit.curriculum.random_course import NAMES, random_course

HZ = 100
WORDS = {"goal": "w1"}


def random_trace(rng: np.random.Generator, length: int) -> list[Moment]:
    """Return events and samples in the order in which a session gives them: of one tick the events first."""
    trace: list[Moment] = []
    tick = 0
    for _ in range(length):
        tick += int(rng.integers(1, 4))
        for _ in range(int(rng.integers(0, 3))):
            name = str(rng.choice(["A", "B", "C"]))
            data: dict[str, Evidence] = {"n": float(rng.integers(0, 3)), "word": f"w{rng.integers(1, 4)}"}
            trace.append(Event(name, tick, data if name == "C" else {}))
        if tick % 2 == 0:
            trace.append(Sample(tick, {"x": float(rng.integers(0, 4)), "y": float(rng.integers(0, 4))}))
    return trace


def run(spec: CourseFile, trace: list[Moment]) -> MonitorState:
    monitors = Monitors(spec, NAMES, HZ)
    state = monitors.init(SessionFacts(words=WORDS))
    for moment in trace:
        if isinstance(moment, Event):
            state = monitors.advance(state, (moment,), moment.tick, None)
        else:
            sample = np.array([moment.values[name] for name in NAMES])
            state = monitors.advance(state, (), moment.tick, sample)
    return state


def check(spec: CourseFile, trace: list[Moment]) -> None:
    state, truth = run(spec, trace), Oracle(spec, trace, WORDS, HZ)
    for step, mine in zip(spec.steps, state.steps, strict=True):
        assert (mine.done, mine.closed, mine.late, mine.out_of_order) == truth.step(step.id), step.id
    for i, rule in enumerate(state.forbidden):
        assert (rule.count, rule.lost) == truth.forbidden(i)
    for i, hold in enumerate(state.holds):
        assert (hold.count, hold.lost) == truth.excursions(i)
    lost = sum(note.points for note in state.notes)
    assert lost == sum(rule.lost for rule in state.forbidden) + sum(hold.lost for hold in state.holds)


def test_the_monitors_equal_the_oracle_on_five_thousand_random_traces() -> None:
    rng = np.random.default_rng(20261122)
    seen = {"done": 0, "closed": 0, "late": 0, "out_of_order": 0, "broken": 0, "excursions": 0}
    for _ in range(1000):
        spec = random_course(rng)
        for _ in range(5):
            trace = random_trace(rng, int(rng.integers(1, 9)))
            check(spec, trace)
            state = run(spec, trace)
            seen["done"] += sum(step.done >= 0 for step in state.steps)
            seen["closed"] += sum(step.closed >= 0 for step in state.steps)
            seen["late"] += sum(step.late for step in state.steps)
            seen["out_of_order"] += sum(step.out_of_order for step in state.steps)
            seen["broken"] += sum(rule.lost > 0 for rule in state.forbidden)
            seen["excursions"] += sum(hold.count for hold in state.holds)
    assert min(seen.values()) > 500, seen


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_the_monitors_equal_the_oracle_on_any_trace(seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    check(random_course(rng), random_trace(rng, length))


def recording_of(trace: list[Moment]) -> Recording:
    samples = [moment for moment in trace if not isinstance(moment, Event)]
    events = tuple(moment for moment in trace if isinstance(moment, Event))
    ticks = np.array([sample.tick for sample in samples], dtype=np.int64)
    signals = np.array([[sample.values[name] for name in NAMES] for sample in samples]).reshape(-1, len(NAMES))
    return Recording(HZ, NAMES, ticks, signals, events, SessionFacts(words=WORDS), end=trace[-1].tick)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_session_and_its_recording_give_the_same_verdict(seed: int, little: Callable[[str], Course]) -> None:
    rng = np.random.default_rng(seed)
    template = little('steps: [{id: a, do: s.a, until: {event: A}, v: design, because: "test"}]')
    course = replace(template, spec=random_course(rng))
    trace: list[Moment] = []
    while not trace:
        trace = random_trace(rng, 12)
    live = LiveCourse(course, NAMES, HZ, mode=Mode.PRACTICE)
    watching: Curriculum[MonitorState] = live
    recording = recording_of(trace)
    state = watching.init(recording.facts)
    remarks = 0
    for tick in range(1, trace[-1].tick + 1):
        events = tuple(event for event in recording.events if event.tick == tick)
        row = np.flatnonzero(recording.ticks == tick)
        # between the samples of the recording a session has signals too, and they must not count
        signals = recording.signals[row[0]] if len(row) else np.array([9.0, -9.0])
        if tick % 2 == 0 and not len(row):
            continue
        verdict = watching.advance(state, events, Snapshot(tick, signals))
        state = verdict.state
        remarks += len(verdict.feedback)
        assert verdict.pending == ()
    again = watched(course, recording)
    assert replace(state, tick=0) == replace(again, tick=0)
    assert remarks == len(state.notes)
    fresh = score(course, recording, mode=Mode.PRACTICE, device="script")
    assert fresh == score(course, recording, mode=Mode.PRACTICE, device="script", state=state)


def test_an_event_that_no_monitor_knows_changes_nothing(carotid: Course) -> None:
    monitors = Monitors(carotid.spec, carotid.vocabulary.signals, HZ)
    state = monitors.init(SessionFacts())
    after = monitors.advance(state, (Event("VesselEntered", 0, {"vessel": "x", "device": "y"}),), 0, None)
    assert after.steps is state.steps
    assert after.forbidden is state.forbidden
    assert after.notes is state.notes


BODY = """
steps:
  - {id: a, do: s.a, until: {event: A}, v: design, because: "test", hint: t}
  - {id: b, do: s.b, until: {event: B}, requires: [a], within: {s: 1, of: a}, v: design, because: "test"}
forbidden:
  - {id: x, say: bad, never: {event: X}, points: 4, cap: 6, v: design, because: "test"}
"""


def test_practice_remarks_and_an_assessment_is_silent(little: Callable[[str], Course]) -> None:
    course = little(BODY)
    events = (Event("A", 2), Event("X", 2, {"volume_ml": 3.0}))
    now = Snapshot(2, np.zeros(4))
    practice = LiveCourse(course, ("x", "y", "z", "force"), HZ, mode=Mode.PRACTICE)
    verdict = practice.advance(practice.init(SessionFacts()), events, now)
    assert [(remark.code, remark.text, remark.tick) for remark in verdict.feedback] == [
        ("step.a.done", "Done: step a.", 2),
        ("forbidden.x", "Never 3 ml of {what}", 2),
    ]
    assessed = LiveCourse(course, ("x", "y", "z", "force"), HZ, mode=Mode.ASSESSED)
    silent = assessed.advance(assessed.init(SessionFacts()), events, now)
    assert silent.feedback == ()
    assert silent.state == verdict.state
    assert assessed.aids == ()
    assert assessed.pause_ends
    assert practice.fingerprint != assessed.fingerprint


def test_the_step_list_says_how_far_each_step_is(little: Callable[[str], Course]) -> None:
    live = LiveCourse(little(BODY), ("x", "y", "z", "force"), HZ, mode=Mode.PRACTICE)
    state = live.init(SessionFacts())
    assert [(row.status, row.hint) for row in live.progress(state)] == [(Status.OPEN, "Text"), (Status.WAITING, "")]
    state = live.advance(state, (Event("A", 2),), Snapshot(2, np.zeros(4))).state
    assert [row.status for row in live.progress(state)] == [Status.DONE, Status.OPEN]
    state = live.advance(state, (Event("B", 103),), Snapshot(103, np.zeros(4))).state
    assert [(row.status, row.tick) for row in live.progress(state)] == [(Status.DONE, 2), (Status.LATE, 103)]


def test_costs_stop_at_the_cap_and_go_on_being_counted(little: Callable[[str], Course]) -> None:
    course = little(BODY)
    monitors = Monitors(course.spec, (), HZ)
    state = monitors.init(SessionFacts())
    for tick in range(1, 101):
        state = monitors.advance(state, (Event("X", tick, {"volume_ml": 1.0}),), tick, None)
    assert state.forbidden[0].count == 100
    assert [note.points for note in state.notes] == [4.0, 2.0]


@pytest.mark.parametrize(("ticks", "done"), [((2, 4, 6), -1), ((2, 4, 6, 8), 8), ((2, 4, 8, 10, 12), 8)])
def test_a_hold_is_done_once_its_time_is_over(
    ticks: tuple[int, ...], done: int, little: Callable[[str], Course]
) -> None:
    hold = "steps: [{id: a, do: s.a, hold: {signal: force, min: 1, for_s: 0.06}, v: design, because: test}]"
    monitors = Monitors(little(hold).spec, ("force",), HZ)
    state = monitors.init(SessionFacts())
    for tick in ticks:
        state = monitors.advance(state, (), tick, np.array([1.0]))
    assert state.steps[0].done == done

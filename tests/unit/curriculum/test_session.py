"""A course inside a real session: what was said live is what the file of the attempt is worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.action import Action
from simtrainer.core.attempt import AttemptWriter, read_attempt
from simtrainer.core.event import Event
from simtrainer.core.header import Mode
from simtrainer.core.session import Session
from simtrainer.curriculum.course import Course, load_course
from simtrainer.curriculum.live import LiveCourse
from simtrainer.curriculum.metric import Recording, recorded
from simtrainer.curriculum.score import score
from simtrainer.curriculum.vocabulary import Vocabulary
from tests.unit.core.toy import Ball
from tests.unit.curriculum.conftest import HEAD

BALL = Ball()
COURSE = """
steps:
  - {id: a, do: s.a, until: {event: FloorTouched, where: {speed_m_s: {min: 0.5}}}, v: design, because: r}
  - {id: b, do: s.b, hold: {signal: height_m, min: 0.1, max: 3, for_s: 0.3}, requires: [a], v: design, because: r}
holds:
  - {id: low, say: t, keep: {signal: speed_m_s, min: -2, max: 2}, points: 3, cap: 20, v: design, because: r}
metrics:
  - id: fast
    metric: peak_force
    say: t
    signals: {force: speed_m_s}
    band: {full_at: 0.1, zero_at: 9}
    v: design
    because: r
  - {id: smooth, metric: sparc, say: t, signals: {speed: speed_m_s}, v: design, because: r}
"""


@pytest.fixture
def ball_course(tmp_path: Path) -> Course:
    vocabulary = Vocabulary.of(BALL)
    path = tmp_path / "little.yaml"
    path.write_text(HEAD + COURSE, encoding="utf-8")
    return load_course(path, replace(vocabulary, procedure="bench"))


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_an_attempt_is_scored_from_its_file_as_it_was_live(seed: int, ball_course: Course, tmp_path: Path) -> None:
    names = ball_course.vocabulary.signals
    live = LiveCourse(ball_course, names, BALL.tick_hz, mode=Mode.PRACTICE)
    session = Session(BALL, live, seed)
    state = session.start()
    path = tmp_path / "ball.attempt.jsonl"
    writer = AttemptWriter(path, session, start=state)
    ticks, rows = [], []
    events: list[Event] = []
    for tick in range(1, 1001):
        step = session.step(state, (Action("hand.lift", 8.0),) if tick == 200 else ())
        writer.write(step)
        state = step.state
        events += step.events
        if tick % 2 == 0:
            ticks.append(tick)
            rows.append(step.snapshot.signals)
    writer.close({})
    attempt = read_attempt(path)
    assert attempt.feedback
    assert attempt.header.course is not None
    assert attempt.header.course.fingerprint == live.fingerprint
    from_file = score(ball_course, recorded(attempt), mode=Mode.PRACTICE, device="script")
    track = Recording(100, names, np.array(ticks), np.array(rows), tuple(events), BALL.facts, end=1000)
    from_memory = score(ball_course, track, mode=Mode.PRACTICE, device="script", state=state.curriculum)
    assert from_file.deductions == from_memory.deductions
    assert from_file.steps == from_memory.steps
    assert from_file.score == from_memory.score
    assert from_file.steps[0].tick > 0
    assert any(deduction.id == "hold.low" for deduction in from_file.deductions)

"""What a recorder keeps of a session, against what its attempt file gives back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.action import Action
from simtrainer.core.attempt import AttemptWriter, read_attempt
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.curriculum.metric import Recording, recorded
from simtrainer.curriculum.recorder import Recorder
from tests.unit.core.toy import Ball


def same(one: Recording, other: Recording) -> None:
    assert (one.tick_hz, one.names, one.events, one.end) == (other.tick_hz, other.names, other.events, other.end)
    assert (one.facts.numbers, one.facts.words) == (other.facts.numbers, other.facts.words)
    np.testing.assert_array_equal(one.ticks, other.ticks)
    np.testing.assert_array_equal(one.signals, other.signals)


@pytest.mark.parametrize("ticks", [0, 1, 99, 100, 250, 1001])
def test_a_recorder_keeps_what_the_file_gives_back(ticks: int, tmp_path: Path) -> None:
    session = Session(Ball(), NoCurriculum(), 5)
    state = session.start()
    recorder = Recorder(session.world, state)
    path = tmp_path / "ball.attempt.jsonl"
    with AttemptWriter(path, session, start=state) as writer:
        for tick in range(1, ticks + 1):
            step = session.step(state, (Action("hand.lift", 8.0),) if tick == 60 else ())
            state = step.state
            writer.write(step)
            recorder(step)
        writer.close({})
    same(recorder.recording(), recorded(read_attempt(path)))


@pytest.mark.parametrize("back_to", [1, 150, 399])
def test_a_recorder_that_went_back_holds_what_one_holds_that_never_was_farther(back_to: int) -> None:
    session = Session(Ball(), NoCurriculum(), 5)
    state = session.start()
    recorder, shorter = Recorder(session.world, state), Recorder(session.world, state)
    for tick in range(1, 401):
        step = session.step(state, (Action("hand.lift", 8.0),) if tick in (60, 200) else ())
        state = step.state
        recorder(step)
        if tick <= back_to:
            shorter(step)
        if tick == back_to:
            mark = recorder.mark()
    assert len(recorder.events) > 0
    recorder.go_back(mark)
    same(recorder.recording(), shorter.recording())

"""The shipped course, played whole by its bots: a software test, and called so; it is no evidence of validity."""

from __future__ import annotations

import pytest

from simtrainer.core.event import Event
from simtrainer.core.header import Mode
from simtrainer.core.resource import resource_path
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.core.stream import Streams
from simtrainer.curriculum.course import load_course
from simtrainer.curriculum.recorder import Recorder
from simtrainer.curriculum.score import Score, score
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE

MOST_TICKS = 40_000


def played(patient: str, bot_name: str, seed: int) -> tuple[Score, list[Event]]:
    world = EXERCISE.world(patient)
    bot, streams = EXERCISE.bot(bot_name, seed), Streams(seed)
    session = Session(world, NoCurriculum(), seed)
    state = session.start()
    recorder = Recorder(world, state)
    while not bot.done and state.tick < MOST_TICKS:
        step = session.step(state, bot.act(EXERCISE.observe(world, state.world, state.tick, streams)))
        recorder(step)
        state = step.state
    course = load_course(resource_path("curricula") / "selective_left_carotid.yaml", EXERCISE.vocabulary)
    return score(course, recorder.recording(), mode=Mode.PRACTICE, device="bot"), recorder.events


@pytest.mark.slow
def test_the_expert_passes() -> None:
    result, events = played("adult_male_type1", "expert", 1)
    assert result.critical_failures == ()
    assert result.passed
    assert "DeviceEscaped" not in {event.name for event in events}


@pytest.mark.slow
def test_the_novice_fails_for_what_endangers_the_patient() -> None:
    result, _ = played("adult_male_type1", "novice", 1)
    assert not result.passed
    assert result.critical_failures

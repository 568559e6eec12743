"""Bots: the same seed the same hands, steps that can be left out, and a whole attempt of an expert and of a novice."""

from __future__ import annotations

from pathlib import Path

import pytest

import simtrainer.procedures.open_vessel_control.bots
from simtrainer.core.error import UnknownNameError
from simtrainer.procedures.open_vessel_control.bots.cast import BOTS
from simtrainer.procedures.open_vessel_control.bots.operator import Operator
from simtrainer.procedures.open_vessel_control.catalogue import MOST_SPEED
from simtrainer.procedures.open_vessel_control.exercise import EXERCISE
from simtrainer.studies.proof.plan import Expected, Novelty, Run
from simtrainer.studies.proof.trial import Exam, Outcome, play
from simtrainer.ui.case import open_course

FOLDER = Path(simtrainer.procedures.open_vessel_control.bots.__file__).parent


@pytest.mark.parametrize("name", sorted(BOTS))
def test_every_seed_is_another_pair_of_hands_and_the_same_seed_the_same(name: str) -> None:
    styles = []
    for seed in (*range(12), 3):
        bot = BOTS[name](seed, "")
        assert isinstance(bot, Operator)
        styles.append(bot.style)
    assert styles[3] == styles[-1]
    assert len({style.fine for style in styles}) == 12
    assert max(style.speed for style in styles) <= MOST_SPEED


def test_what_a_bot_leaves_out_is_a_step_that_it_asks_itself_about() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    steps = {step.id for step in open_course("open_bleeding_control").spec.steps}
    for step in EXERCISE.steps_left_out:
        assert step in steps
        assert f'does("{step}")' in source or f'("{step}", ' in source, step
    with pytest.raises(UnknownNameError, match="presss"):
        EXERCISE.bot("expert", 1, "presss")


def test_every_critical_step_can_be_left_out() -> None:
    course = open_course("open_bleeding_control")
    assert {step.id for step in course.spec.steps if step.critical} <= set(EXERCISE.steps_left_out)


def judged(hand: str, patient: str, seed: int, leave_out: str = "") -> Outcome:
    exam = Exam(open_course("open_bleeding_control"), EXERCISE, most_s=240.0)
    run = Run(
        hand=hand, patient=patient, seed=seed, leave_out=leave_out, expected=Expected.CLEARS, novelty=Novelty.NONE
    )
    return play(exam, run)


@pytest.mark.slow
def test_an_expert_passes_and_stops_the_bleeding() -> None:
    outcome = judged("expert", "soft_block_thin", 1)
    assert outcome.error == ""
    assert outcome.critical_failures == ()
    assert outcome.passed


@pytest.mark.slow
def test_a_novice_who_clamps_into_the_blood_does_not_pass() -> None:
    outcome = judged("novice", "soft_block_thin", 4)
    assert outcome.error == ""
    assert "blind_clamp" in outcome.critical_failures
    assert not outcome.passed


@pytest.mark.slow
def test_an_expert_who_forgets_to_press_fails_there() -> None:
    outcome = judged("expert", "soft_block_thin", 1, "press")
    assert outcome.error == ""
    assert "press" in outcome.critical_failures
    assert not outcome.passed

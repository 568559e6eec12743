"""The session as a pure function."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.action import Action
from simtrainer.core.error import DivergedError, InputError, UnknownNameError
from simtrainer.core.session import NoCurriculum, Session, SessionState, Step, quantity_hash
from tests.unit.core.toy import Ball, BallState, Umpire, ball_session

lifts = st.dictionaries(st.integers(1, 60), st.floats(0.0, 30.0).map(lambda v: (Action("hand.lift", v),)), max_size=8)


def run(
    session: Session[BallState, int], actions: dict[int, tuple[Action, ...]], ticks: int
) -> list[Step[BallState, int]]:
    state = session.start()
    steps = []
    for tick in range(1, ticks + 1):
        steps.append(session.step(state, actions.get(tick, ())))
        state = steps[-1].state
    return steps


def digests(session: Session[BallState, int], steps: Sequence[Step[BallState, int]]) -> list[str]:
    return [session.digest(step.state) for step in steps]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**64 - 1), actions=lifts)
def test_same_seed_and_actions_give_the_same_bits(seed: int, actions: dict[int, tuple[Action, ...]]) -> None:
    first, second = ball_session(seed), ball_session(seed)
    one, two = run(first, actions, 60), run(second, actions, 60)
    assert digests(first, one) == digests(second, two)
    assert [step.events for step in one] == [step.events for step in two]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**64 - 2))
def test_another_seed_gives_another_run(seed: int) -> None:
    one, two = ball_session(seed), ball_session(seed + 1)
    assert one.digest(one.start()) != two.digest(two.start())
    assert digests(one, run(one, {}, 3))[-1] != digests(two, run(two, {}, 3))[-1]


@settings(max_examples=20, deadline=None)
@given(actions=lifts, cut=st.integers(1, 59))
def test_a_step_leaves_its_input_untouched_so_a_state_can_be_continued_twice(
    actions: dict[int, tuple[Action, ...]], cut: int
) -> None:
    session = ball_session(5)
    whole = run(session, actions, 60)
    for _ in range(2):
        state: SessionState[BallState, int] = whole[cut - 1].state
        for tick in range(cut + 1, 61):
            state = session.step(state, actions.get(tick, ())).state
        assert session.digest(state) == session.digest(whole[-1].state)


def test_actions_are_clipped_to_the_range_of_their_control() -> None:
    session = ball_session()
    step = session.step(session.start(), [Action("hand.lift", 99.0)])
    assert step.actions == (Action("hand.lift", 30.0),)
    assert step.state.world.lift == 30.0


def test_an_unknown_control_is_refused_with_the_nearest_name() -> None:
    session = ball_session()
    with pytest.raises(UnknownNameError, match=r"ball: no control is called 'hand.lfit'. Did you mean 'hand.lift'\?"):
        session.step(session.start(), [Action("hand.lfit", 1.0)])


@pytest.mark.parametrize("action", [Action("hand.lift", "up"), Action("hand.lift", np.nan), Action("hand.shade", 1.0)])
def test_a_value_that_the_control_does_not_take_is_refused(action: Action) -> None:
    session = ball_session()
    with pytest.raises(InputError):
        session.step(session.start(), [action])


def test_a_signal_that_leaves_the_finite_numbers_stops_the_session_at_that_tick() -> None:
    session = ball_session(world=Ball(diverge_tick=7))
    with pytest.raises(DivergedError, match="tick 7: signal speed_m_s is nan"):
        run(session, {}, 10)


def test_snapshots_are_read_only_and_share_no_memory() -> None:
    one, two = (step.snapshot for step in run(ball_session(), {}, 2))
    with pytest.raises(ValueError, match="read-only"):
        one.signals[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        one.curves["thread"][0] = 1.0
    assert not np.shares_memory(one.signals, two.signals)


def test_what_the_course_causes_takes_effect_one_tick_later() -> None:
    plain = run(ball_session(umpire=Umpire(push=0.0)), {}, 60)
    pushed = run(ball_session(umpire=Umpire(push=3.0)), {}, 60)
    touch = next(step.state.tick for step in plain if step.events)
    differs = [a.state.tick for a, b in zip(plain, pushed, strict=True) if a.state.world.speed != b.state.world.speed]
    assert differs[0] == touch + 1
    gust = pushed[touch].state.world.gust - plain[touch].state.world.gust
    assert gust == pytest.approx(3.0)


def test_feedback_comes_in_the_tick_of_its_event() -> None:
    steps = run(ball_session(), {}, 120)
    touched = [step for step in steps if step.events]
    assert touched
    for step in touched:
        assert [remark.tick for remark in step.feedback] == [step.state.tick]
    assert touched[-1].state.curriculum == len(touched)


def test_free_practice_needs_no_course_and_gives_the_same_run() -> None:
    free = Session(Ball(), NoCurriculum(), 1)
    judged = ball_session(umpire=Umpire(push=0.0))
    a, b = free.start(), judged.start()
    for _ in range(60):
        a, b = free.step(a).state, judged.step(b).state
    assert free.digest(a) == judged.digest(b)


def test_an_event_that_was_not_declared_is_our_own_fault() -> None:
    session = ball_session(world=dataclasses.replace(Ball(), event_types=()))
    with pytest.raises(AssertionError, match="FloorTouched was not declared"):
        run(session, {}, 60)


def test_the_hash_of_a_quantity_sees_type_shape_and_sign_of_zero() -> None:
    kinds: list[NDArray[np.generic]] = [
        np.zeros(4), np.zeros((2, 2)), np.zeros(4, np.float32), np.zeros(8, np.float32), -np.zeros(4), np.zeros((0, 3)),
        np.array(0.0), np.zeros(1),
    ]  # fmt: skip
    assert len({quantity_hash(kind) for kind in kinds}) == len(kinds)
    assert quantity_hash(np.arange(6.0).reshape(2, 3)) == quantity_hash(np.asfortranarray(np.arange(6.0).reshape(2, 3)))

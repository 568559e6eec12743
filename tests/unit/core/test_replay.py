"""Replay: verify to the tick and the quantity, refuse with reasons, branch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtrainer.core.action import Action
from simtrainer.core.attempt import SUFFIX, Attempt, AttemptWriter, read_attempt
from simtrainer.core.breakdown import Breakdown
from simtrainer.core.error import AttemptError, DivergedError
from simtrainer.core.event import Event
from simtrainer.core.replay import branch, parent_of, rerun, verify
from simtrainer.core.session import Session, SessionState
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.track import Second
from tests.unit.core.toy import BOUNCED, Ball, BallState, Umpire, ball_session, bounced

Actions = Mapping[int, tuple[Action, ...]]
ACTIONS: Actions = {3: (Action("hand.lift", 3.0),), 130: (Action("hand.lift", 0.0),)}
World = Session[BallState, int]
State = SessionState[BallState, int]


def record(path: Path, actions: Actions, ticks: int, session: World | None = None) -> Attempt:
    session = session or ball_session()
    state = session.start()
    with AttemptWriter(path, session, start=state) as writer:
        go_on(session, state, actions, ticks, writer)
        writer.close({})
    return read_attempt(path)


def go_on(
    session: World,
    state: State,
    actions: Actions,
    until: int,
    writer: AttemptWriter[BallState, int],
) -> State:
    for tick in range(state.tick + 1, until + 1):
        step = session.step(state, actions.get(tick, ()))
        state = step.state
        writer.write(step)
    return state


@pytest.fixture(scope="module")
def attempt(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    return record(tmp_path_factory.mktemp("replay") / f"a{SUFFIX}", ACTIONS, 250)


def test_a_recording_verifies_against_the_session_that_made_it(attempt: Attempt) -> None:
    result = verify(attempt, ball_session())
    assert result.identical
    assert result.first_difference is None
    assert result.ticks == 250


def test_a_recording_that_was_cut_off_verifies_as_far_as_it_goes(attempt: Attempt, tmp_path: Path) -> None:
    content = attempt.path.read_bytes()
    cut = tmp_path / f"cut{SUFFIX}"
    cut.write_bytes(content[: content.rindex(b'{"kind":"second"') + 100])
    result = verify(read_attempt(cut), ball_session())
    assert result.identical
    assert result.ticks == 200


@settings(max_examples=25, deadline=None)
@given(tick=st.integers(1, 250), size=st.sampled_from([1e-15, 1e-6, 1.0]))
def test_verify_finds_the_exact_tick_and_quantity_where_the_world_changed(
    attempt: Attempt, tick: int, size: float
) -> None:
    speed = next(s for s in rerun(attempt, ball_session(), tick) if s.state.tick == tick).state.world.speed
    fault = float(np.spacing(abs(speed))) + size  # at least one bit
    result = verify(attempt, ball_session(world=Ball(fault=fault, fault_tick=tick)))
    assert not result.identical
    assert result.first_difference is not None
    assert (result.first_difference.tick, result.first_difference.quantity) == (tick, "speed")
    assert result.first_difference.recorded != result.first_difference.rebuilt


def test_verify_says_at_which_tick_the_rebuilt_run_diverges(attempt: Attempt) -> None:
    result = verify(attempt, ball_session(world=Ball(diverge_tick=207)))
    assert result.first_difference is not None
    assert result.first_difference.tick == 207
    assert "signal speed_m_s is nan" in result.first_difference.rebuilt


@dataclasses.dataclass(frozen=True, slots=True)
class MisreadBall(Ball):
    """The same mass, seen by a sensor that is wrong from tick 101 on."""

    def snapshot(self, state: BallState, tick: int) -> Snapshot:
        wrong = 0.5 if tick >= 101 else 0.0
        return Snapshot(tick, np.array([state.height + wrong, state.speed]), {}, {"shade": state.shade})


def test_a_sensor_that_changed_is_named_though_the_state_is_the_same(attempt: Attempt) -> None:
    difference = verify(
        dataclasses.replace(attempt, seconds=_without_poses(attempt)), ball_session(world=MisreadBall())
    )
    assert difference.first_difference is not None
    assert difference.first_difference.tick == 101
    assert difference.first_difference.quantity == "signal height_m"
    assert difference.first_difference.recorded.endswith("at tick 102")


def _without_poses(attempt: Attempt) -> tuple[Second, ...]:
    return tuple(s.model_copy(update={"poses": tuple((t, {}) for t, _ in s.poses)}) for s in attempt.seconds)


def late(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
    return tuple(BOUNCED.at(event.tick, speed_m_s=0.0) for event in bounced(before, now))


def test_an_event_that_changed_is_found_at_its_tick(attempt: Attempt) -> None:
    session = ball_session(world=dataclasses.replace(Ball(), detectors=(late,)))
    difference = verify(attempt, session).first_difference
    assert difference is not None
    assert (difference.tick, difference.quantity) == (attempt.events[0].tick, "events")
    assert "FloorTouched" in difference.recorded
    assert difference.rebuilt == "FloorTouched, {'speed_m_s': 0.0}"


@pytest.mark.parametrize(
    ("session", "reason"),
    [
        (ball_session(seed=2), "seed: recorded 1, here 2"),
        (ball_session(world=Ball(fingerprint="ball-2")), "patient or instruments: recorded ball-1, here ball-2"),
        (ball_session(world=Ball(tick_hz=50)), "ticks in a second: recorded 100, here 50"),
        (ball_session(umpire=Umpire(fingerprint="keep-up-2")), "course: recorded 'keep_up'"),
        (ball_session(umpire=Umpire(name="")), "here none"),
        (ball_session(world=dataclasses.replace(Ball(), name="cube")), "procedure: recorded ball, here cube"),
        (
            ball_session(world=dataclasses.replace(Ball(), signals=(Signal("height_m", ""), Signal("v", "")))),
            "signals: recorded height_m, speed_m_s, here height_m, v",
        ),
    ],
)
def test_replay_refuses_another_world_and_says_why(attempt: Attempt, session: World, reason: str) -> None:
    for use in (verify, rerun, lambda a, s: branch(a, s, 5)):
        with pytest.raises(AttemptError, match="cannot be run again bit for bit") as caught:
            use(attempt, session)
        assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"source": "0123"}, "code: recorded 0123, here "),
        ({"machine": "linux-vax"}, "machine class: recorded linux-vax, here "),
        ({"versions": {"numpy": "1.0"}}, "versions: recorded numpy 1.0, here simtrainer "),
    ],
)
def test_replay_refuses_other_code_and_machines(attempt: Attempt, change: dict[str, object], reason: str) -> None:
    other = dataclasses.replace(attempt, header=attempt.header.model_copy(update=change))
    with pytest.raises(AttemptError) as caught:
        verify(other, ball_session())
    assert reason in str(caught.value)


@settings(max_examples=20, deadline=None)
@given(tick=st.integers(0, 250))
def test_a_branch_that_goes_on_as_before_equals_the_whole(attempt: Attempt, tick: int) -> None:
    session = ball_session()
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"b{SUFFIX}"
        parent = parent_of(attempt, tick)
        with AttemptWriter(path, session, start=session.start(), parent=parent) as writer:
            go_on(session, branch(attempt, session, tick, writer=writer), ACTIONS, 250, writer)
            digest = writer.close({})
        again = read_attempt(path)
    assert digest == attempt.digest
    assert again.seconds == attempt.seconds
    assert again.header.parent == parent


def test_a_branch_with_other_actions_shares_the_past_and_the_luck_only(tmp_path: Path) -> None:
    session = ball_session(umpire=Umpire(push=0.0))
    parent = record(tmp_path / f"a{SUFFIX}", ACTIONS, 250, session)
    path = tmp_path / f"b{SUFFIX}"
    other: Actions = {160: (Action("hand.lift", 30.0),)}
    with AttemptWriter(path, session, start=session.start(), parent=parent_of(parent, 150)) as writer:
        end = go_on(session, branch(parent, session, 150, writer=writer), other, 250, writer)
        writer.close({"passed": False})
    again = read_attempt(path)
    assert again.header.parent is not None
    assert (again.header.parent.digest, again.header.parent.tick) == (parent.digest, 150)
    assert again.actions == {**ACTIONS, **other}
    np.testing.assert_array_equal(again.signals[:80], parent.signals[:80])
    assert (again.signals[81:] != parent.signals[81:]).any(axis=1).all()
    *_, last = rerun(parent, session)
    np.testing.assert_array_equal(last.state.world.gust, end.world.gust)
    assert verify(again, session).identical


@pytest.mark.parametrize("tick", [-1, 251])
def test_a_tick_outside_the_attempt_is_refused(attempt: Attempt, tick: int) -> None:
    with pytest.raises(AttemptError, match=f"has no tick {tick}; it runs from 0 to 250"):
        branch(attempt, ball_session(), tick)


def broken_off(path: Path, at: int) -> Attempt:
    """Record a world that leaves the finite numbers at a tick, as a player does."""
    session = ball_session(world=Ball(diverge_tick=at))
    state = session.start()
    with AttemptWriter(path, session, start=state) as writer:
        state = go_on(session, state, ACTIONS, at - 1, writer)
        asked = (Action("hand.lift", 2.0), Action("hand.shade", "blue"))
        with pytest.raises(DivergedError) as error:
            session.step(state, asked)
        writer.close(Breakdown(at, asked, str(error.value)).to_json())
    return read_attempt(path)


def test_an_attempt_that_broke_off_holds_what_makes_it_happen_again(tmp_path: Path) -> None:
    attempt = broken_off(tmp_path / f"b{SUFFIX}", 137)
    assert attempt.ticks == 136
    kept = Breakdown.of(attempt.outcome)
    assert kept is not None
    assert (kept.tick, kept.actions[1]) == (137, Action("hand.shade", "blue"))
    result = verify(attempt, ball_session(world=Ball(diverge_tick=137)))
    assert result.identical
    assert result.broke_off == kept.message
    assert "signal speed_m_s is nan" in kept.message


def test_code_that_no_longer_breaks_off_there_is_told(tmp_path: Path) -> None:
    result = verify(broken_off(tmp_path / f"b{SUFFIX}", 137), ball_session())
    assert not result.identical
    assert result.first_difference is not None
    assert (result.first_difference.tick, result.first_difference.rebuilt) == (137, "ran on")


def test_an_attempt_that_went_on_to_its_end_did_not_break_off(attempt: Attempt) -> None:
    assert Breakdown.of(attempt.outcome) is None
    assert Breakdown.of(None) is None
    assert Breakdown.of({"broke_off": {"tick": 3, "actions": [[1, 2]], "message": "x"}}) is None
    assert verify(attempt, ball_session()).broke_off == ""

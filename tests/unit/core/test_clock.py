"""Pacing: what is due, what is owed, and that no tick is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.clock import Pacer, PaceState
from simtrainer.core.error import InputError


def test_ticks_come_due_as_time_passes() -> None:
    pacer, state, got = Pacer(100), PaceState(), []
    for elapsed in (0.0, 0.005, 0.0101, 0.0315, 0.0315, 0.0999):
        pace = pacer.due(state, elapsed)
        state = pace.state
        got.append(pace.ticks)
    assert got == [0, 0, 1, 2, 0, 6]
    assert state == PaceState(9, 0.0)


def test_a_client_that_was_held_up_is_set_back_and_told_so() -> None:
    pace = Pacer(100, patience=0.1).due(PaceState(), 2.005)
    assert pace.ticks == 10
    assert pace.state.slipped == pytest.approx(1.9)
    assert pace.lag == pytest.approx(0.005)
    assert Pacer(100).due(pace.state, 2.0151).ticks == 1


def test_a_clock_that_jumps_back_makes_nothing_due_until_it_has_caught_up() -> None:
    pacer = Pacer(100)
    state = pacer.due(PaceState(), 0.0555).state
    assert pacer.due(state, 0.01).ticks == 0
    assert pacer.due(state, 0.0655).ticks == 1


@given(st.lists(st.floats(0.0, 0.5), max_size=50), st.sampled_from([10, 60, 100, 1000]))
def test_ticks_slips_and_lag_together_are_the_elapsed_time(gaps: list[float], hz: int) -> None:
    pacer, state, elapsed = Pacer(hz, patience=0.2), PaceState(), 0.0
    for gap in gaps:
        elapsed += gap
        pace = pacer.due(state, elapsed)
        assert 0 <= pace.ticks <= 0.2 * hz
        assert pace.state.ticks == state.ticks + pace.ticks
        assert pace.state.slipped >= state.slipped
        assert pace.state.ticks / hz + pace.state.slipped + pace.lag == pytest.approx(elapsed, abs=1e-9)
        assert 0.0 <= pace.lag < 1.0 / hz + 1e-9
        state = pace.state


@given(st.integers(1, 400))
def test_however_often_it_is_asked_the_same_time_gives_the_same_ticks(calls: int) -> None:
    pacer, state = Pacer(100, patience=10.0), PaceState()
    for call in range(1, calls + 1):
        state = pacer.due(state, 4.0055 * call / calls).state
    assert state == PaceState(400, 0.0)


def test_a_pace_that_never_runs_a_tick_is_refused() -> None:
    with pytest.raises(InputError, match="no tick would ever run"):
        Pacer(5, patience=0.1)
    with pytest.raises(InputError):
        Pacer(0)

"""What a needle's bench measures, with a clock that ticks by itself."""

from itertools import count

import pytest

from simtrainer.core.units import MS
from simtrainer.physics.needle import Needle
from simtrainer.physics.needle_preset import INTRODUCER_18G
from simtrainer.studies.bench.needle import PER_TICK, controls, needle_speeds, tissue


def test_a_clock_that_ticks_once_a_look_gives_ten_steps_in_ten_milliseconds() -> None:
    ticks = count()
    found = list(needle_speeds(lambda: next(ticks) * MS, ticks=2))
    assert [one.id for one in found] == ["needle_18g", "needle_22g"]
    for one in found:
        assert one.core_ms_per_10ms == pytest.approx(PER_TICK)
        assert one.worst_core_ms == pytest.approx(PER_TICK)
        assert one.ratio == pytest.approx(PER_TICK)
        assert one.nodes > 20


def test_the_hand_that_is_timed_pierces_skin_fascia_and_both_walls_of_the_vein() -> None:
    needle = Needle(INTRODUCER_18G, tissue())
    first, *others = controls(INTRODUCER_18G, 1001)
    state = needle.init(first)
    for control in others[::5]:
        state = needle.step(state, control, 5.0 * MS)
    assert needle.read(state).count == 4
    assert needle.read(state).through == (2,)

from __future__ import annotations

import pytest

from simtrainer.core.action import Action
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE
from simtrainer.procedures.selective_catheterisation.world import Exercise


@pytest.mark.parametrize(("control", "axis"), [("table.along", 2), ("table.across", 0)])
@pytest.mark.parametrize("speed", [0.2, -0.2])
def test_the_table_stops_where_there_is_nothing_more_to_see(control: str, axis: int, speed: float) -> None:
    world = EXERCISE.world("adult_male_type1")
    assert isinstance(world, Exercise)
    session = Session(world, NoCurriculum(), 1)
    state = session.start()
    acts: tuple[Action, ...] = (Action(control, speed),)
    for _ in range(800):
        state, acts = session.step(state, acts).state, ()
    place = state.world.pose.isocentre[axis]
    assert place == pytest.approx(world.travel[speed > 0.0 if axis == 2 else speed < 0.0][axis])

from __future__ import annotations

import pytest

from simtrainer.core.action import Action
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE
from simtrainer.procedures.selective_catheterisation.world import BEYOND_VESSELS, Exercise


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
    low, high = world.package.lumen_points.min(axis=0)[axis], world.package.lumen_points.max(axis=0)[axis]
    place = state.world.pose.isocentre[axis]
    assert low - BEYOND_VESSELS - 0.02 <= place <= high + BEYOND_VESSELS + 0.02
    held = session.step(state, ()).state.world.pose.isocentre[axis]
    assert held == place

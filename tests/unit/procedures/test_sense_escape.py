"""What is felt at the tips: an escape becomes a signal, and time in a branch begins anew in another branch."""

from dataclasses import replace

import numpy as np
import pytest

from simtrainer.anatomy.package import load_package
from simtrainer.core.stream import Streams
from simtrainer.procedures.selective_catheterisation.catalogue import SIGNALS
from simtrainer.procedures.selective_catheterisation.sense import SHEATH, Feeling, sense
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.studies.rig import feed

ESCAPED = next(i for i, signal in enumerate(SIGNALS) if signal.name == "escaped")


@pytest.fixture(scope="module")
def world() -> Exercise:
    return Exercise(load_package("adult_male_type1"))


@pytest.mark.parametrize(("at", "told"), [(None, 0.0), (0.5 * SHEATH, 0.0), (2.0 * SHEATH, 1.0)])
def test_an_escape_beyond_the_sheath_is_told(world: Exercise, at: float | None, told: float) -> None:
    state = world.init(Streams(1))
    state = replace(
        state, wire="j_wire", rod=feed(world.rod("j_wire", ""), state.rod, np.array([0.3, 0.0]), ticks=60, dt=0.05)
    )
    read = world.rod("j_wire", "").read(state.rod)
    outside = np.zeros(len(read.arc), dtype=np.bool_)
    if at is not None:
        outside[np.searchsorted(read.arc, at)] = True
    felt = replace(read, escaped=outside)
    feeling = Feeling(world.atlas, world.facts, felt, world.curve(read, 0), world.curve(read, 1))
    assert sense(feeling, state, state).signals[ESCAPED] == told


def test_a_tip_that_slips_from_the_trunk_into_the_target_engages_that_anew() -> None:
    world = Exercise(load_package("adult_male_bovine"))
    tree = world.package.tree
    start = world.init(Streams(1))
    read = world.reading(start)

    def felt(state: TableState, vessel: str) -> TableState:
        points = tree.branches[tree.number(vessel)].points
        curve = points[: round(0.7 * len(points))]
        return sense(Feeling(world.atlas, world.facts, read, world.curve(read, 0), curve), state, state)

    state = replace(start, catheter="berenstein")
    for _ in range(60):
        state = felt(state, "brachiocephalic_trunk")
    assert state.engaged == 60
    state = felt(state, "left_common_carotid")
    assert state.engaged == 1
    assert felt(state, "left_common_carotid").engaged == 2
    assert felt(state, "aortic_arch").engaged == 0

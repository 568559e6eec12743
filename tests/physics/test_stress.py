"""Random hands: pushes of up to 200 mm/s and turns of up to 20 rad/s, changed five times a second."""

import time

import numpy as np
import pytest

from simtrainer.core.units import MM
from simtrainer.physics.rod import RodSettings
from simtrainer.studies.bench.patient import in_patient
from simtrainer.studies.bench.stress import Shaken, shaken
from simtrainer.studies.rig import feed
from tests.physics.patient import bent_catheter, j_wire


def judge(found: Shaken, ticks: int, substeps: int) -> None:
    assert len(found.force) == ticks
    assert found.not_finite == 0
    assert not found.escaped.any()
    assert found.unconverged.sum() <= 0.006 * ticks * substeps  # 0.6 %, the best peer with step halving
    assert np.percentile(found.penetration, 99) < 0.3 * MM
    assert found.penetration.max() < 0.6 * MM
    assert np.percentile(found.force, 99) < 1.3  # N, of the same peer, whose worst was 2.3
    assert found.force.max() < 2.3


def test_two_seconds_of_random_hands_do_no_harm() -> None:
    rod, state = in_patient("adult_male_type1", RodSettings(), j_wire(), bent_catheter())
    state = feed(rod, state, np.array([0.5, 0.0]), ticks=150, dt=0.03)
    state = feed(rod, state, np.array([0.5, 0.4]), ticks=100, dt=0.03)
    judge(shaken(rod, state, time.thread_time, seed=1, ticks=200), 200, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patient", "friction", "seed"),
    [("adult_male_type1", 0.05, 1), ("older_male_type3", 0.05, 2), ("adult_male_bovine", 0.3, 3)],
)
def test_a_minute_of_random_hands_does_no_harm(patient: str, friction: float, seed: int) -> None:
    rod, state = in_patient(patient, RodSettings(friction=friction), j_wire(), bent_catheter())
    state = feed(rod, state, np.array([0.5, 0.0]), ticks=300, dt=0.03)
    state = feed(rod, state, np.array([0.5, 0.4]), ticks=200, dt=0.03)
    judge(shaken(rod, state, time.thread_time, seed=seed, ticks=6000), 6000, 2)

"""One device in free space or against a plain wall: elastica, buckling, natural shape; see also the closed forms."""

import numpy as np
import pytest

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.studies.closed_form.cantilever import COIL, coiled, elastica, hanging
from simtrainer.studies.closed_form.column import pushed_on_a_wall, slippery
from simtrainer.studies.rig import GUIDEWIRE, feed, free_space, settle, uniform

X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)


@pytest.mark.parametrize("node_step", [8.0 * MM, 4.0 * MM, 2.0 * MM])
def test_a_cantilever_bends_under_its_weight_as_the_elastica_does(node_step: float) -> None:
    x, y, free = hanging(node_step)
    reach, sag = elastica(free)
    assert y == pytest.approx(sag, rel=0.01 if node_step > 4.0 * MM else 0.001)
    assert x == pytest.approx(reach, rel=1e-3)


def test_halving_the_node_step_quarters_the_error_of_a_cantilever() -> None:
    errors = []
    for node_step in (16.0 * MM, 8.0 * MM, 4.0 * MM):
        _, y, free = hanging(node_step)
        errors.append(abs(y - elastica(free)[1]))
    assert errors[0] / errors[1] > 3.3
    assert errors[1] / errors[2] > 3.3


def test_a_buckled_wire_carries_more_than_eulers_load_and_drives_itself_out_of_its_clamp() -> None:
    """A sliding clamp drives the bent wire out: the hand feels less by M^2 / 2 EI (Bigoni et al. 2015)."""
    read, load, moment = slippery(4.0 * MM)
    assert load > np.pi**2 / 4.0 * GUIDEWIRE * N_MM2 / 0.2025**2
    assert moment**2 / (2.0 * GUIDEWIRE * N_MM2) > 0.02 * load
    assert read.hand_force[0] < 0.98 * load


def test_below_its_buckling_load_a_wire_stays_straight_and_the_hand_feels_what_the_wall_gives() -> None:
    read = pushed_on_a_wall(0.0, 0.19954, sideways=0.0)
    assert np.abs(read.points[:, 1:]).max() < 1e-9
    assert 1e-4 < read.hand_force[0] < np.pi**2 / 4.0 * GUIDEWIRE * N_MM2 / 0.198**2
    assert read.hand_force[0] == pytest.approx(-read.wall_force[-1, 0], rel=1e-3)


def test_a_bent_wire_in_free_space_lies_on_a_circle_of_its_natural_radius() -> None:
    errors = []
    for node_step in (4.0 * MM, 2.0 * MM):
        read = coiled(node_step, 2.0 * np.pi)
        errors.append(float(np.linalg.norm(read.points[-1] - [0.5 * node_step, 0.0, 0.0])))
        assert abs(read.hand_force[0]) < 1e-3
    assert errors[0] < 0.01 * 2.0 * np.pi * COIL
    assert errors[0] / errors[1] > 3.5


def test_a_wire_turned_at_its_hub_turns_its_shape_with_it() -> None:
    settings = RodSettings(sheath_length=10.0 * MM, sheath_rigidity=0.0, tolerance=1e-7)
    rod = Rod(free_space(), ORIGIN, X, (uniform(GUIDEWIRE, curvature=20.0, curved=0.05),), settings)
    state = feed(rod, rod.init(), np.array([0.12]), ticks=40, dt=0.1)
    before = rod.read(settle(rod, state, ticks=5)).points[-1]
    state = feed(rod, state, np.array([0.12]), ticks=40, dt=0.1, hub=np.array([np.pi / 2.0]))
    read = rod.read(settle(rod, state, ticks=10))
    assert read.tip_angle[0] == pytest.approx(np.pi / 2.0, abs=1e-3)
    assert abs(read.hand_torque[0]) < 1e-6
    assert read.points[-1] == pytest.approx([before[0], -before[2], before[1]], abs=2e-5)

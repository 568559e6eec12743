"""Coulomb friction: rope on a drum, torque along a groove, what holds and what slides; see also the closed forms."""

import numpy as np
import pytest

from simtrainer.core.units import MM
from simtrainer.studies.closed_form.drum import HAUL, PAY_OUT, WEIGHT, hauled, laid_over, limp, rope
from simtrainer.studies.closed_form.groove import LENGTH, RADIUS, lying, pushed
from simtrainer.studies.rig import feed, settle


@pytest.mark.parametrize("direction", [HAUL, PAY_OUT])
@pytest.mark.parametrize("friction", [0.0, 0.1, 0.3])
def test_a_cord_over_a_drum_is_hauled_and_paid_out_by_the_capstan_law(friction: float, direction: float) -> None:
    pull = hauled(friction, direction)
    assert pull == pytest.approx(rope(friction, direction), rel=0.005)
    assert pull == pytest.approx(limp(friction, direction), rel=0.01)


@pytest.mark.parametrize(("dt", "substeps"), [(0.004, 2), (0.01, 1), (0.02, 2)])
def test_the_capstan_law_does_not_depend_on_the_step(dt: float, substeps: int) -> None:
    pull = hauled(0.3, HAUL, dt=dt, substeps=substeps)
    assert pull == pytest.approx(rope(0.3, HAUL), rel=0.01)


def test_between_hauling_and_paying_out_friction_holds_the_cord() -> None:
    rod, state = laid_over(0.3)
    state = feed(rod, state, rod.read(state).inserted - 4.0 * MM, ticks=40, dt=0.01)
    hauling = -rod.read(state).hand_force[0]
    tips = []
    for _ in range(100):
        state = settle(rod, state, ticks=1, dt=0.01)
        tips.append(rod.read(state).points[-1, 2])
    holding = -rod.read(state).hand_force[0]
    assert rope(0.3, PAY_OUT) < holding <= hauling
    assert holding > 2.0 * WEIGHT  # without friction the hand would feel the weight alone
    assert np.ptp(tips[20:]) < 0.005 * MM


@pytest.mark.parametrize("friction", [0.1, 0.3])
def test_pulling_a_wire_back_along_a_groove_takes_mu_times_its_weight_too(friction: float) -> None:
    back = pushed(friction, -10.0 * MM)
    assert back.exact < 0.0
    assert back.value == pytest.approx(back.exact, rel=0.01)


def test_turning_a_wire_that_is_pushed_as_well_makes_pushing_easier() -> None:
    """Friction works against the velocity of the surface, so that spin takes its share of it away from the slide."""
    rod, state = lying(0.3)
    alone = rod.read(feed(rod, state, np.array([LENGTH + 5.0 * MM]), ticks=50, dt=0.01)).hand_force[0]
    spun = feed(rod, state, np.array([LENGTH]), ticks=200, dt=0.01, hub=np.array([6.0]))
    speed = 10.0 * MM / RADIUS  # the surface then moves askew by 45 degrees
    spun = feed(rod, spun, np.array([LENGTH + 5.0 * MM]), ticks=50, dt=0.01, hub=np.array([6.0 + 0.5 * speed]))
    assert rod.read(spun).hand_force[0] == pytest.approx(alone / np.sqrt(2.0), rel=0.03)

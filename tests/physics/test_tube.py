"""A wire in a tube: penetration, hand force, and that a straight slippery tube gives no force at all."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import RodControl
from simtrainer.studies.rig import feed, uniform
from tests.physics.tube_nav import BACK, WIRE, at_the_mouth, clearance, tube_rod

Floats = NDArray[np.float64]


def depth(points: Floats) -> float:
    """Largest depth [m] of the wire's surface beyond the exact wall, at nodes and in the middles of edges."""
    middles = 0.5 * (points[1:] + points[:-1])
    return float(max((WIRE - clearance(points[2:])).max(), (WIRE - clearance(middles[2:])).max()))


@pytest.mark.parametrize(("substeps", "most"), [(10, 0.1 * MM), (5, 0.2 * MM), (2, 0.2 * MM)])
def test_a_wire_pushed_and_turned_through_a_bend_stays_in_its_tube(substeps: int, most: float) -> None:
    rod = tube_rod(substeps=substeps)
    state = at_the_mouth(rod)
    inserted, hub, deepest = np.array([BACK + 0.01]), np.zeros(1), 0.0
    for tick in range(450):
        inserted = inserted + 0.04 * 0.01
        hub = hub + 0.5 * 0.01
        state = rod.step(state, RodControl(inserted, hub), 0.01)
        if tick % 5 == 0:
            read = rod.read(state)
            deepest = max(deepest, depth(read.points))
            assert not read.escaped.any()
            assert read.unconverged == 0
    end = rod.read(state)
    assert end.points[-1, 1] > 0.065  # through the bend
    assert deepest < most
    assert end.penetration < most


def pushed(node_step: float, substeps: int) -> Floats:
    rod = tube_rod(substeps=substeps, node_step=node_step)
    state, inserted, forces = at_the_mouth(rod), np.array([BACK + 0.01]), []
    for tick in range(800):
        inserted = inserted + 0.02 * 0.01
        state = rod.step(state, RodControl(inserted, np.zeros(1)), 0.01)
        if tick % 10 == 0:
            forces.append(rod.read(state).hand_force[0])
    return np.array(forces)


def test_the_push_force_is_that_of_a_fine_reference_within_ten_millinewton_rms() -> None:
    reference = pushed(1.0 * MM, 4)
    coarse = pushed(3.0 * MM, 2)
    assert reference.max() > 0.2  # N
    assert np.sqrt(np.mean((coarse - reference) ** 2)) < 0.01


@pytest.mark.parametrize(
    ("rigidity", "curvature", "curved", "share"),
    [
        (20.0, 250.0, 9.0 * MM, 1e-3),
        (300.0, 250.0, 9.0 * MM, 1e-3),
        (300.0, 60.0, 15.0 * MM, 0.01),
        (300.0, 60.0, 30.0 * MM, 0.1),
    ],
)
def test_a_bent_wire_in_a_straight_slippery_tube_needs_no_push(
    rigidity: float, curvature: float, curved: float, share: float
) -> None:
    """Its stored energy does not change on the way, wherever the bend lies between the nodes.

    The share is of the force EI kappa^2 / 2 with which such a bend would leave a narrow sheath. It is small where the
    bend lies among the nodes that ride with the tip, here 20 mm, and larger where it slides past nodes that stand.
    """
    bent = uniform(rigidity, curvature=curvature, curved=curved, length=0.6)
    rod = tube_rod(substeps=2, friction=0.0, node_step=2.5 * MM, device=bent)
    state = feed(rod, rod.init(), np.array([0.1]), ticks=40, dt=0.05)
    inserted, forces = np.array([0.1]), []
    for _ in range(150):
        inserted = inserted + 0.1 * MM
        state = rod.step(state, RodControl(inserted, np.zeros(1)), 0.01)
        forces.append(rod.read(state).hand_force[0])
    assert np.abs(forces[10:]).max() < share * 0.5 * rigidity * N_MM2 * curvature**2

"""Coulomb friction: rope on a drum, torque along a groove, what holds and what slides."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Profile, Rod, RodControl, RodSettings, RodState
from simtrainer.physics.rod_contact import WALL_N_MM2
from simtrainer.physics.rod_layout import layout
from simtrainer.physics.rod_prepare import MOTION
from simtrainer.physics.rod_problem import BLEND_MM
from simtrainer.physics.rod_read import WALL
from simtrainer.physics.rod_step import Shape
from tests.physics.scene import feed, field_of, settle, uniform

Floats = NDArray[np.float64]
G = 9.81

DRUM, RADIUS, HEIGHT, HANG = 20.0 * MM, 0.45 * MM, 60.0 * MM, 60.0 * MM
EI = 2.0  # N mm2: a limp cord
WEIGHT, HEAVY = 0.5, 30.0 * MM  # N on the last 30 mm
NODE_STEP = 2.0 * MM


def cord() -> Profile:
    one = np.ones(3)
    heavy = WEIGHT * 60.0 / 61.0 / G / HEAVY  # the millimetre in which the mass falls off weighs half
    mass = np.array([heavy, heavy, 1e-9])
    distance = np.array([0.0, HEAVY, HEAVY + 1.0 * MM])
    return Profile(distance, one * EI * N_MM2, one * 0.0, one * EI * N_MM2, one * RADIUS, mass, 2.0)


@pytest.fixture(scope="module")
def drum() -> SparseGrid:
    centre = DRUM + RADIUS
    low, high = np.array([-0.01, -0.008, -0.01]), np.array([0.055, 0.008, 0.095])
    return field_of(lambda p: np.hypot(p[:, 0] - centre, p[:, 2] - HEIGHT) - DRUM, low, high, 1.0 * MM, 4.0 * MM)


def laid_over(drum: SparseGrid, friction: float, substeps: int) -> tuple[Rod, RodState]:
    """A cord that comes up from the access, lies over the drum and hangs down on the other side."""
    settings = RodSettings(
        sheath_length=2.0 * NODE_STEP, sheath_rigidity=0.0, friction=friction, gravity=(0.0, 0.0, -G),
        coarse=NODE_STEP, fine=NODE_STEP, zone=40.0 * MM, substeps=substeps, iterations=20, tolerance=1e-6,
    )  # fmt: skip
    rod = Rod(drum, np.zeros(3), np.array([0.0, 0.0, 1.0]), (cord(),), settings)
    length = HEIGHT + np.pi * (DRUM + RADIUS) + HANG
    s, _ = layout(length / MM, 0.0, NODE_STEP / MM, NODE_STEP / MM, 40.0)
    angle = np.clip((s * MM - HEIGHT) / (DRUM + RADIUS), 0.0, np.pi)
    x = np.zeros((len(s), 3))
    x[:, 0] = (DRUM + RADIUS) * (1.0 - np.cos(angle))
    down = np.maximum(s * MM - HEIGHT - np.pi * (DRUM + RADIUS), 0.0)
    x[:, 2] = np.minimum(s * MM, HEIGHT) + (DRUM + RADIUS) * np.sin(angle) - down
    n = len(s)
    shape = Shape(s, x / MM, np.zeros((n - 1, 1)), np.zeros((n, MOTION)), np.array([length / MM]), np.zeros(1))
    return rod, settle(rod, RodState(shape, np.zeros((n, WALL)), np.zeros((1, 2)), np.zeros(4)), ticks=10, dt=0.1)


def hauled(drum: SparseGrid, friction: float, direction: float, *, dt: float = 0.01, substeps: int = 2) -> float:
    """Mean pull [N] of the hand while it hauls the cord in (-1) or pays it out (+1) at 10 mm/s."""
    rod, state = laid_over(drum, friction, substeps)
    inserted, pulls = np.array(rod.read(state).inserted), []
    ticks = round(0.8 / dt)
    for _ in range(ticks):
        inserted = inserted + direction * 0.01 * dt
        state = rod.step(state, RodControl(inserted, np.zeros(1)), dt)
        pulls.append(-rod.read(state).hand_force[0])
    return float(np.mean(pulls[ticks // 2 :]))


def rope(friction: float, direction: float) -> float:
    """Pull of a cord with bending stiffness over half a drum: T - EI / 2 R^2 grows as exp(mu phi)."""
    stiff = EI * N_MM2 / 2.0 / (DRUM + RADIUS) ** 2
    return float((WEIGHT - stiff) * np.exp(-direction * friction * np.pi) + stiff)


@pytest.mark.parametrize("direction", [-1.0, 1.0])
@pytest.mark.parametrize("friction", [0.0, 0.1, 0.3])
def test_a_cord_over_a_drum_is_hauled_and_paid_out_by_the_capstan_law(
    drum: SparseGrid, friction: float, direction: float
) -> None:
    pull = hauled(drum, friction, direction)
    assert pull == pytest.approx(rope(friction, direction), rel=0.005)
    assert pull == pytest.approx(WEIGHT * np.exp(-direction * friction * np.pi), rel=0.01)


@pytest.mark.parametrize(("dt", "substeps"), [(0.004, 2), (0.01, 1), (0.02, 2)])
def test_the_capstan_law_does_not_depend_on_the_step(drum: SparseGrid, dt: float, substeps: int) -> None:
    pull = hauled(drum, 0.3, -1.0, dt=dt, substeps=substeps)
    assert pull == pytest.approx(rope(0.3, -1.0), rel=0.01)


def test_between_hauling_and_paying_out_friction_holds_the_cord(drum: SparseGrid) -> None:
    rod, state = laid_over(drum, 0.3, 2)
    state = feed(rod, state, rod.read(state).inserted - 4.0 * MM, ticks=40, dt=0.01)
    hauling = -rod.read(state).hand_force[0]
    tips = []
    for _ in range(100):
        state = settle(rod, state, ticks=1, dt=0.01)
        tips.append(rod.read(state).points[-1, 2])
    holding = -rod.read(state).hand_force[0]
    assert rope(0.3, 1.0) < holding <= hauling
    assert holding > 2.0 * WEIGHT  # without friction the hand would feel the weight alone
    assert np.ptp(tips[20:]) < 0.005 * MM


# A straight wire in a groove -------------------------------------------------------------------------------------


GROOVE, LENGTH, MASS = 4.0 * MM, 0.4, 0.02  # a heavy wire of 20 g/m, so that little else matters
WIRE_EI, GJ = 20.0, 60.0
DROP, CLAMP = 0.03 * MM, 2.5 * MM


def resting() -> float:
    """Length of wire [m] whose weight the floor carries.

    The access is DROP above the floor, and contact begins BLEND above it. The wire comes down over L by w L^4 / 72 EI,
    and the clamp carries two thirds of that: slope and moment are 0 where the floor begins.
    """
    sunk = np.sqrt(4.0 * BLEND_MM * MASS * G * MM / WALL_N_MM2)  # mm, of w = k d^2 / 4 b
    drop = DROP - (BLEND_MM - sunk) * MM
    return float(LENGTH - CLAMP - 2.0 / 3.0 * (72.0 * WIRE_EI * N_MM2 * drop / (MASS * G)) ** 0.25)


@pytest.fixture(scope="module")
def groove() -> SparseGrid:
    """A tube along x whose floor is DROP below a wire at the height of the access."""
    rise, spacing = GROOVE - RADIUS - DROP, 0.5 * MM
    smoothed = spacing**2 / 8.0 / GROOVE  # by which the spline makes the bore narrower
    low, high = np.array([-0.01, -0.003, -0.003]), np.array([0.43, 0.003, 0.004])
    return field_of(lambda p: GROOVE + smoothed - np.hypot(p[:, 1], p[:, 2] - rise), low, high, spacing, 2.0 * MM)


def lying(groove: SparseGrid, friction: float) -> tuple[Rod, RodState]:
    settings = RodSettings(
        sheath_length=10.0 * MM, sheath_rigidity=0.0, sheath_radius=RADIUS, friction=friction,
        gravity=(0.0, 0.0, -G), fine=4.0 * MM, tolerance=1e-6, iterations=20,
    )  # fmt: skip
    rod = Rod(groove, np.zeros(3), np.array([1.0, 0.0, 0.0]), (uniform(WIRE_EI, mass=MASS, turning=GJ),), settings)
    state = feed(rod, rod.init(), np.array([LENGTH]), ticks=40, dt=0.1)
    return rod, settle(rod, state, ticks=10)


@pytest.mark.parametrize("friction", [0.1, 0.3])
def test_the_tip_of_a_turned_wire_lags_by_what_friction_along_it_takes(groove: SparseGrid, friction: float) -> None:
    """Torque mu w r / sqrt(1 + mu^2) per length: the wire climbs its groove until it slides, N = w cos(atan mu)."""
    rod, state = lying(groove, friction)
    state = feed(rod, state, np.array([LENGTH]), ticks=100, dt=1.0, hub=np.array([9.0]))
    read = rod.read(state)
    per_length = friction * MASS * G * RADIUS / np.hypot(1.0, friction)
    assert read.hand_torque[0] == pytest.approx(per_length * resting(), rel=0.01)
    bending_hub = read.hand_torque[0] / (GJ * N_MM2) * (2.0 - LENGTH)  # the shaft outside twists as well
    lag = per_length * resting() * (LENGTH - 0.5 * resting()) / (GJ * N_MM2)
    assert 9.0 - bending_hub - read.tip_angle[0] == pytest.approx(lag, rel=0.02)


@pytest.mark.parametrize("friction", [0.1, 0.3])
def test_pushing_a_wire_along_a_groove_takes_mu_times_its_weight(groove: SparseGrid, friction: float) -> None:
    rod, state = lying(groove, friction)
    for direction in (1.0, -1.0):
        state = feed(rod, state, np.array([LENGTH + direction * 10.0 * MM]), ticks=100, dt=0.01)
        weight = friction * MASS * G * (resting() + direction * 10.0 * MM)
        assert rod.read(state).hand_force[0] == pytest.approx(direction * weight, rel=0.01)


def test_turning_a_wire_that_is_pushed_as_well_makes_pushing_easier(groove: SparseGrid) -> None:
    """Friction works against the velocity of the surface, so that spin takes its share of it away from the slide."""
    rod, state = lying(groove, 0.3)
    alone = rod.read(feed(rod, state, np.array([LENGTH + 5.0 * MM]), ticks=50, dt=0.01)).hand_force[0]
    spun = feed(rod, state, np.array([LENGTH]), ticks=200, dt=0.01, hub=np.array([6.0]))
    speed = 10.0 * MM / RADIUS  # the surface then moves askew by 45 degrees
    spun = feed(rod, spun, np.array([LENGTH + 5.0 * MM]), ticks=50, dt=0.01, hub=np.array([6.0 + 0.5 * speed]))
    assert rod.read(spun).hand_force[0] == pytest.approx(alone / np.sqrt(2.0), rel=0.03)

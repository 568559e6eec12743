"""One device in free space or against a plain wall: elastica, buckling, sliding sleeve, natural shape."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_bvp
from scipy.optimize import brentq
from scipy.special import ellipe, ellipk

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodReadout, RodSettings, RodState
from tests.physics.scene import feed, field_of, free_space, settle, uniform

Floats = NDArray[np.float64]
X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)
EI = 300.0  # N mm2, a guidewire of 0.035 inch (Harrison 2011, doi 10.1583/11-3592.1)
WEIGHT = 4e-3 * 9.81  # N/m


def elastica(length: float) -> tuple[float, float]:
    """Where the tip of a horizontal cantilever ends under its own weight: EI phi'' = w (L - s) cos phi, clockwise."""
    s = np.linspace(0.0, length, 201)
    solved = solve_bvp(
        lambda at, y: np.array([y[1], WEIGHT * (length - at) * np.cos(y[0]) / (EI * N_MM2)]),
        lambda a, b: np.array([a[0], b[1]]), s, np.zeros((2, 201)), tol=1e-9, max_nodes=50_000,
    )  # fmt: skip
    assert solved.success
    phi = solved.sol(np.linspace(0.0, length, 4001))[0]
    return float(np.trapezoid(np.cos(phi), dx=length / 4000)), float(-np.trapezoid(np.sin(phi), dx=length / 4000))


@cache
def cantilever(node_step: float) -> tuple[float, float, float]:
    """Tip of a wire fed 200 mm out of a clamp, and the length that is free to bend: the clamp is amid edge 0."""
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=node_step, zone=0.03,
        gravity=(0.0, -9.81, 0.0), tolerance=1e-8, iterations=30,
    )  # fmt: skip
    rod = Rod(free_space(), ORIGIN, X, (uniform(EI),), settings)
    state = feed(rod, rod.init(), np.array([0.2]), ticks=40, dt=0.1)
    state = settle(rod, state, ticks=40)
    x, y, _ = rod.read(state).points[-1]
    return float(x), float(-y), 0.2 - 0.5 * node_step


@pytest.mark.parametrize("node_step", [8.0 * MM, 4.0 * MM, 2.0 * MM])
def test_a_cantilever_bends_under_its_weight_as_the_elastica_does(node_step: float) -> None:
    x, y, free = cantilever(node_step)
    reach, sag = elastica(free)
    assert y == pytest.approx(sag, rel=0.01 if node_step > 4.0 * MM else 0.001)
    assert x - 0.5 * node_step == pytest.approx(reach, rel=1e-3)


def test_halving_the_node_step_quarters_the_error_of_a_cantilever() -> None:
    errors = []
    for node_step in (16.0 * MM, 8.0 * MM, 4.0 * MM):
        _, y, free = cantilever(node_step)
        errors.append(abs(y - elastica(free)[1]))
    assert errors[0] / errors[1] > 3.3
    assert errors[1] / errors[2] > 3.3


def pushed_on_a_wall(friction: float, to: float, *, seed: float) -> tuple[RodReadout, RodState]:
    """A wire pushed out of a clamp against a wall 200 mm away; `seed` [m/s2] of sideways weight tells it where to."""
    wall = field_of(lambda p: 0.2 - p[:, 0], np.array([-0.01, -0.1, -0.02]), np.array([0.22, 0.03, 0.02]), 2e-3, 0.02)
    settings = RodSettings(
        sheath_length=8.0 * MM, sheath_rigidity=0.0, coarse=4.0 * MM, fine=2.0 * MM, zone=0.03, friction=friction,
        gravity=(0.0, -seed, 0.0), tolerance=1e-7, iterations=30,
    )  # fmt: skip
    rod = Rod(wall, ORIGIN, X, (uniform(EI),), settings)
    state = feed(rod, rod.init(), np.array([0.199]), ticks=60, dt=0.1)
    state = feed(rod, state, np.array([to]), ticks=30, dt=0.1)
    state = settle(rod, state, ticks=40)
    return rod.read(state), state


def columns_load(chord_share: float, length: float) -> tuple[float, float]:
    """Load and base moment of a clamped column with a free end that has come down to chord_share of its length.

    Euler's elastica: x / L = 2 E(k) / K(k) - 1, P = EI K^2 / L^2, y = 2 k L / K, k = sin(tip angle / 2).
    """
    m = brentq(lambda q: 2.0 * ellipe(q) / ellipk(q) - 1.0 - chord_share, 1e-9, 0.8)
    load = EI * N_MM2 * ellipk(m) ** 2 / length**2
    return float(load), float(load * 2.0 * np.sqrt(m) * length / ellipk(m))


def test_a_wire_pushed_on_a_slippery_wall_buckles_as_eulers_column_with_a_free_end() -> None:
    read, _ = pushed_on_a_wall(0.0, 0.2045, seed=2e-3)
    clamp = 2.0 * MM  # amid the clamped edge
    length = 0.2045 - clamp
    load, moment = columns_load((read.points[-1, 0] - clamp) / length, length)
    assert load > np.pi**2 / 4.0 * EI * N_MM2 / length**2
    assert -read.wall_force[-1, 0] == pytest.approx(load, rel=0.01)
    # a sliding clamp drives the bent wire out: the hand feels less by M^2 / 2 EI (Bigoni et al., Mech. Mater. 80, 2015)
    assert read.hand_force[0] == pytest.approx(load - moment**2 / (2.0 * EI * N_MM2), rel=0.01)
    assert moment**2 / (2.0 * EI * N_MM2) > 0.02 * load


def test_a_wire_whose_tip_sticks_to_the_wall_carries_the_load_of_a_clamped_and_pinned_column() -> None:
    read, _ = pushed_on_a_wall(2.0, 0.19985, seed=2e-2)
    length = 0.19985 - 2.0 * MM
    euler = 20.1907 * EI * N_MM2 / length**2  # Timoshenko and Gere, Theory of Elastic Stability, 2.5: tan u = u
    assert -read.wall_force[-1, 0] == pytest.approx(euler, rel=0.01)


def test_below_its_buckling_load_a_wire_stays_straight_and_the_hand_feels_what_the_wall_gives() -> None:
    read, _ = pushed_on_a_wall(0.0, 0.19954, seed=0.0)
    assert np.abs(read.points[:, 1:]).max() < 1e-9
    assert 1e-4 < read.hand_force[0] < np.pi**2 / 4.0 * EI * N_MM2 / 0.198**2
    assert read.hand_force[0] == pytest.approx(-read.wall_force[-1, 0], rel=1e-3)


def test_a_bent_wire_in_free_space_lies_on_a_circle_of_its_natural_radius() -> None:
    radius, errors = 20.0 * MM, []
    for node_step in (4.0 * MM, 2.0 * MM):
        settings = RodSettings(
            sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=node_step, tolerance=1e-7
        )
        bent = uniform(EI, curvature=1.0 / radius, curved=0.5)
        rod = Rod(free_space(), ORIGIN, X, (bent,), settings)
        state = feed(rod, rod.init(), np.array([2.0 * np.pi * radius + 0.5 * node_step]), ticks=60, dt=0.1)
        read = rod.read(settle(rod, state, ticks=5))
        errors.append(float(np.linalg.norm(read.points[-1] - [0.5 * node_step, 0.0, 0.0])))
        assert abs(read.hand_force[0]) < 1e-3
    assert errors[0] < 0.01 * 2.0 * np.pi * radius
    assert errors[0] / errors[1] > 3.5


def test_a_wire_turned_at_its_hub_turns_its_shape_with_it() -> None:
    settings = RodSettings(sheath_length=10.0 * MM, sheath_rigidity=0.0, tolerance=1e-7)
    rod = Rod(free_space(), ORIGIN, X, (uniform(EI, curvature=20.0, curved=0.05),), settings)
    state = feed(rod, rod.init(), np.array([0.12]), ticks=40, dt=0.1)
    before = rod.read(settle(rod, state, ticks=5)).points[-1]
    state = feed(rod, state, np.array([0.12]), ticks=40, dt=0.1, hub=np.array([np.pi / 2.0]))
    read = rod.read(settle(rod, state, ticks=10))
    assert read.tip_angle[0] == pytest.approx(np.pi / 2.0, abs=1e-3)
    assert abs(read.hand_torque[0]) < 1e-6
    assert read.points[-1] == pytest.approx([before[0], -before[2], before[1]], abs=2e-5)

"""Two devices on one centreline, and a device in its sheath; see also the closed forms."""

import numpy as np
import pytest

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodControl, RodSettings
from simtrainer.studies.closed_form.coaxial import (
    CATHETER,
    DRIVE,
    GUIDE,
    GUIDE_DRIVE,
    RADIUS,
    SLIDES,
    WIRE,
    bends,
    drives,
    guide_drives,
    guide_over_both,
    straight_in_bent,
)
from simtrainer.studies.rig import feed, free_space, settle, uniform

X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)


@pytest.mark.parametrize("node_step", [4.0 * MM, 2.0 * MM])
def test_pushing_a_straight_wire_into_a_bent_catheter_takes_the_energy_of_straightening_it(node_step: float) -> None:
    assert drives(node_step) == pytest.approx(np.tile([DRIVE, 0.0], (SLIDES, 1)), abs=0.02 * DRIVE)


def test_where_the_catheter_runs_alone_it_lies_on_its_natural_curvature() -> None:
    rod, state = straight_in_bent(2.0 * MM)
    at, bent = bends(rod.read(settle(rod, state, ticks=5)))
    assert bent[(at > 0.01) & (at < 0.04)] == pytest.approx(CATHETER / (WIRE + CATHETER) / RADIUS, rel=0.01)
    assert bent[(at > 0.06) & (at < 0.09)] == pytest.approx(1.0 / RADIUS, rel=0.01)


def test_what_the_wire_is_given_by_the_hand_is_what_the_devices_store() -> None:
    """The work of pushing the wire through, step by step, against the energy of the straightened length."""
    rod, state = straight_in_bent(2.0 * MM)
    work, step = 0.0, 0.5 * MM
    for _ in range(60):
        at = rod.read(state).inserted + np.array([step, 0.0])
        state = settle(rod, rod.step(state, RodControl(at, np.zeros(2)), 0.1), ticks=2, dt=0.1)
        work += float(rod.read(state).hand_force[0]) * step
    assert work == pytest.approx(DRIVE * 60.0 * step, rel=0.01)


def test_a_bent_tip_that_leaves_its_sheath_gives_back_the_energy_of_its_straightening() -> None:
    bent, shape, sheath = 20.0, 20.0, 430.0  # EI [N mm2], natural curvature [1/m], EI of the sheath
    settings = RodSettings(sheath_length=0.06, sheath_rigidity=sheath * N_MM2, tolerance=1e-7)
    rod = Rod(free_space(), ORIGIN, X, (uniform(bent, curvature=shape, curved=20.0 * MM),), settings)
    state = feed(rod, rod.init(), np.array([0.055]), ticks=30, dt=0.1)
    work, step = 0.0, 0.5 * MM
    for _ in range(70):
        at = np.array(rod.read(state).inserted) + step
        state = settle(rod, rod.step(state, RodControl(at, np.zeros(1)), 0.1), ticks=2, dt=0.1)
        work += float(rod.read(state).hand_force[0]) * step
    length = 20.0 * MM - 4.0 * MM / 6.0  # the solver rounds the end of the bend over two fine node steps
    stored = 0.5 * bent * sheath / (bent + sheath) * N_MM2 * shape**2 * length
    assert work == pytest.approx(-stored, rel=0.03)


def test_turning_the_hub_of_one_device_leaves_the_other_where_it_was() -> None:
    rod, state = straight_in_bent(4.0 * MM)
    before = rod.read(settle(rod, state, ticks=5)).points
    state = feed(rod, state, np.array([0.05, 0.1]), ticks=40, dt=0.1, hub=np.array([1.0, 0.0]))
    read = rod.read(settle(rod, state, ticks=5))
    assert read.tip_angle == pytest.approx([1.0, 0.0], abs=2e-3)
    assert read.points == pytest.approx(before, abs=3e-6)


def test_a_wire_and_a_catheter_of_two_shapes_lie_between_them() -> None:
    """Two rings in planes at a right angle: the composite curvature is the weighted sum of the two vectors."""
    settings = RodSettings(sheath_length=4.0 * MM, sheath_rigidity=0.0, coarse=2.0 * MM, tolerance=1e-7)
    one = uniform(WIRE, curvature=10.0, curved=0.15, turning=1e5, length=0.2)
    two = uniform(CATHETER, curvature=30.0, curved=0.15, radius=0.8 * MM, turning=1e5, length=0.2)
    rod = Rod(free_space(), ORIGIN, X, (one, two), settings)
    state = feed(rod, rod.init(), np.array([0.06, 0.06]), ticks=30, dt=0.1)
    state = feed(rod, state, np.array([0.06, 0.06]), ticks=30, dt=0.1, hub=np.array([0.0, np.pi / 2.0]))
    read = rod.read(settle(rod, state, ticks=10))
    _, bent = bends(read)
    # so stiff in twist that the angle between the shapes stays a right one
    expected = np.hypot(WIRE * 10.0, CATHETER * 30.0) / (WIRE + CATHETER)
    assert bent[2:20] == pytest.approx(expected, rel=0.01)


def test_pushing_a_guide_over_wire_and_catheter_is_felt_at_its_own_hand_alone() -> None:
    felt = guide_drives(4.0 * MM)
    assert felt[:, 2] == pytest.approx(np.full(SLIDES, GUIDE_DRIVE), rel=0.02)
    assert felt[:, 0] == pytest.approx(np.full(SLIDES, DRIVE), rel=0.02), "the wire is still driven out of the bend"
    assert felt[:, 1] == pytest.approx(np.zeros(SLIDES), abs=0.02 * GUIDE_DRIVE)


def test_three_devices_bend_as_their_rigidities_say() -> None:
    rod, state = guide_over_both(2.0 * MM)
    at, bent = bends(rod.read(settle(rod, state, ticks=5)))
    three, two = CATHETER / (WIRE + CATHETER + GUIDE), CATHETER / (WIRE + CATHETER)
    assert bent[(at > 0.01) & (at < 0.04)] == pytest.approx(three / RADIUS, rel=0.02)
    assert bent[(at > 0.06) & (at < 0.07)] == pytest.approx(two / RADIUS, rel=0.01)


def test_a_third_device_that_lies_outside_changes_no_bit() -> None:
    settings = RodSettings(sheath_length=12.0 * MM, sheath_rigidity=0.0)
    two = (uniform(WIRE), uniform(CATHETER, curvature=1.0 / RADIUS, curved=0.3, radius=0.8 * MM))
    shapes = []
    for devices in (two, (*two, uniform(GUIDE, radius=1.2 * MM))):
        rod = Rod(free_space(), ORIGIN, X, devices, settings)
        to = np.zeros(len(devices))
        to[:2] = 0.08, 0.12
        shapes.append(rod.read(feed(rod, rod.init(), to, ticks=20, dt=0.1)).points)
    assert np.array_equal(shapes[0], shapes[1])


def test_three_tips_pass_one_another_and_turn_each_with_its_own_hub() -> None:
    """A guide over a catheter over a wire in free space, each tip foremost once."""
    bent = uniform(CATHETER, curvature=1.0 / RADIUS, curved=0.02, radius=0.8 * MM)
    devices = (uniform(WIRE), bent, uniform(GUIDE, radius=1.2 * MM))
    rod = Rod(free_space(), ORIGIN, X, devices, RodSettings(sheath_length=0.02, sheath_rigidity=0.0))
    state, hub = rod.init(), np.zeros(3)
    for k, to in enumerate(
        [(0.1, 0.0, 0.0), (0.1, 0.08, 0.06), (0.1, 0.12, 0.06), (0.1, 0.12, 0.15), (0.16, 0.12, 0.15)]
    ):
        hub = hub + np.eye(3)[k % 3]
        state = settle(rod, feed(rod, state, np.array(to), ticks=30, dt=0.1, hub=hub), ticks=5)
        read = rod.read(state)
        assert read.unconverged == 0
        assert read.arc[-1] == pytest.approx(max(to), abs=1e-9)
        inside = np.array(to) > 0.02
        assert read.tip_angle[inside] == pytest.approx(hub[inside], abs=0.02)

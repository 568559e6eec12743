"""What devices weigh and resist at each node, against plain integrals over their profiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod_device import Profile
from simtrainer.physics.rod_layout import layout, standing
from simtrainer.physics.rod_problem import (
    AMID,
    BEND,
    CELL,
    COUPLE,
    DEVICE,
    GRIP,
    MASS,
    NODE,
    OUTER,
    PRESENT,
    RADIUS,
    REACH,
    REST,
    STORED,
    TURN,
)
from simtrainer.physics.rod_profile import TABLE_STEP_MM, weigh

Floats = NDArray[np.float64]
FINE, COARSE, ZONE = 2.0, 5.0, 50.0
ZONES = np.full(3, ZONE)
STAND, MOUTH = standing(2000.0, COARSE, FINE, (0.0, 0.0)), 0.0
SHEATH = np.array([110.0, 430.0, 1.15])


def wire() -> Profile:
    d = np.array([0.0, 30.0, 100.0, 101.0]) * MM
    ei = np.array([10.0, 60.0, 300.0, 300.0]) * N_MM2
    return Profile(d, ei, np.array([0.0, 0.0, 0.0, 0.0]), 0.7 * ei, np.full(4, 0.45 * MM), np.full(4, 4e-3), 1.5)


def catheter() -> Profile:
    d = np.array([0.0, 40.0, 41.0]) * MM
    ei = np.full(3, 100.0) * N_MM2
    return Profile(d, ei, np.array([50.0, 50.0, 0.0]), 0.7 * ei, np.full(3, 0.85 * MM), np.full(3, 3e-3), 1.0)


def tables(*devices: Profile) -> Floats:
    return np.stack([device.table(600, FINE, COARSE, ZONE) for device in devices])


def weighed(inserted: tuple[float, ...], *devices: Profile) -> tuple[Floats, Floats, Floats]:
    lead, behind = max(*inserted, SHEATH[0]), min(inserted)
    s, _ = layout(lead, np.array([behind] if behind < lead else []), STAND, FINE, ZONES, MOUTH)
    node, device = np.zeros((len(s), NODE)), np.zeros((len(s), len(devices), DEVICE))
    weigh(tables(*devices), SHEATH, s, lead, np.array(inserted), node, device)
    return s, node, device


@settings(max_examples=60, deadline=None)
@given(st.floats(115.0, 500.0), st.floats(0.0, 500.0))
def test_what_is_inside_weighs_and_stores_what_it_is(first: float, second: float) -> None:
    s, node, _ = weighed((first, second), wire(), catheter())
    assert node[:, MASS].sum() == pytest.approx(4e-3 * first + 3e-3 * second, rel=1e-9)
    assert node[:, REACH].sum() == pytest.approx(s[-1])
    assert node[1:-1, CELL].sum() == pytest.approx(s[-1] - 0.5 * (s[0] + s[1]))
    assert node[:-1, REST] == pytest.approx(np.diff(s))


@settings(max_examples=60, deadline=None)
@given(st.floats(115.0, 500.0), st.floats(0.0, 500.0))
def test_stiffness_in_a_cell_is_that_of_its_parts_in_series(first: float, second: float) -> None:
    s, node, _ = weighed((first, second), wire(), catheter())
    lead = s[-1]
    for i in range(2, len(s) - 2):
        a, b = 0.5 * (s[i - 1] + s[i]), 0.5 * (s[i] + s[i + 1])
        at = np.linspace(a, b, 4001)[:-1] + (b - a) / 8000.0
        stiff = np.where(at < SHEATH[0], SHEATH[1], 0.0)
        for inserted, device in ((first, wire()), (second, catheter())):
            ei = np.interp(inserted - at, device.distance / MM, device.flexural_rigidity / N_MM2)
            stiff = stiff + np.where(at < inserted, ei, 0.0)
        series = 1.0 / np.mean(1.0 / stiff)
        assert node[i, BEND] == pytest.approx(series, rel=0.01), f"{s[i]} of {lead}"


def test_a_bent_device_straight_in_nothing_stores_half_ei_kappa_squared() -> None:
    profile = catheter()
    _, node, device = weighed((300.0,), profile)
    width = 2.0 * FINE
    full = 40.0 - 0.5 * width  # the blurred edge holds two thirds of the energy of a sharp one over its width
    expected = 0.5 * 100.0 * 0.05**2 * (full + width / 3.0 + 0.5)
    assert node[:-1, STORED].sum() == pytest.approx(expected, rel=0.01)
    turned = (device[:-1, 0, COUPLE] * node[:-1, CELL]).sum() / 100.0
    assert turned == pytest.approx(0.05 * 40.5, rel=0.01)


def test_the_angle_of_a_shape_is_kept_by_the_blur_far_from_the_tip_too() -> None:
    d = np.array([0.0, 60.0, 60.1, 80.0, 80.1]) * MM
    ei = np.full(5, 100.0) * N_MM2
    bent = np.array([0.0, 0.0, 40.0, 40.0, 0.0])
    table = Profile(d, ei, bent, ei, np.full(5, 1e-3), np.full(5, 3e-3), 1.0).table(800, FINE, COARSE, ZONE)
    assert table[-1, 1] / 100.0 == pytest.approx(0.04 * 20.0, rel=0.01)
    assert np.diff(table[:, 1]).max() / TABLE_STEP_MM / 100.0 == pytest.approx(0.04, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(150.0, 400.0), st.floats(0.05, 0.95), st.floats(1e-4, 1e-2))
def test_no_column_jumps_when_a_device_slides_a_little(first: float, share: float, step: float) -> None:
    second = 120.0 + share * (first - 130.0)
    s, _ = layout(first, np.zeros(0), STAND, FINE, ZONES, MOUTH)
    found = []
    for more in (0.0, step):
        node, device = np.zeros((len(s), NODE)), np.zeros((len(s), 2, DEVICE))
        weigh(tables(wire(), catheter()), SHEATH, s, first, np.array([first, second + more]), node, device)
        found.append((node, device))
    for column, slope in ((BEND, 400.0), (STORED, 1.0), (MASS, 1e-2), (RADIUS, 1.0)):
        assert np.abs(found[1][0][:, column] - found[0][0][:, column]).max() < slope * step
    assert np.abs(found[1][1][..., COUPLE] - found[0][1][..., COUPLE]).max() < 20.0 * step


def test_the_outer_surface_is_that_of_the_thickest_device_and_the_sheaths_in_the_sheath() -> None:
    s, node, device = weighed((400.0, 250.0), wire(), catheter())
    in_sheath, covered, bare = s < 105.0, (s > 115.0) & (s < 245.0), s > 255.0
    assert np.all(node[in_sheath, OUTER] == -1.0)
    assert np.all(node[covered, OUTER] == 1.0)
    assert np.all(node[bare, OUTER] == 0.0)
    assert node[in_sheath, RADIUS] == pytest.approx(1.15)
    assert node[covered, RADIUS] == pytest.approx(0.85)
    assert node[bare, RADIUS] == pytest.approx(0.45)
    assert np.all(device[covered, :, PRESENT] == 1.0)
    assert np.all(device[bare, 1, PRESENT] == 0.0)
    assert device[s > 350.0, 0, TURN][:-1].min() > 0.0


def test_the_wall_is_felt_along_the_whole_rod_once() -> None:
    s, node, _ = weighed((400.0, 250.0), wire(), catheter())
    felt = node[:, GRIP].sum() + node[:, AMID].sum()
    tip = node[-2, REST]
    assert felt == pytest.approx(s[-1] + tip)
    assert node[3:, GRIP].min() > 0.0


@pytest.mark.parametrize("off", [0.0, 1e-13, -1e-13, 1e-11, -1e-11, 1e-8, -1e-8])
def test_a_cell_that_ends_within_rounding_of_the_sheaths_end_is_as_stiff_as_its_neighbours_say(off: float) -> None:
    inserted = (361.0, 312.0)
    s, _ = layout(inserted[0], np.array([inserted[1]]), STAND, FINE, ZONES, MOUTH)
    k = int(np.searchsorted(0.5 * (s[1:] + s[:-1]), SHEATH[0]))
    end = 0.5 * (s[k] + s[k + 1])
    rigid = []
    for length in (end + off, end + 1e-4):
        node, device = np.zeros((len(s), NODE)), np.zeros((len(s), 2, DEVICE))
        sheath = np.array([length, *SHEATH[1:]])
        weigh(tables(wire(), catheter()), sheath, s, inserted[0], np.array(inserted), node, device)
        rigid.append(node[:, BEND])
    assert rigid[0] == pytest.approx(rigid[1], rel=1e-3)

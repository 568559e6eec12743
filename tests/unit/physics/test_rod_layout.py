"""Where nodes stand, and that a shape survives being carried from one set of nodes to another."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.physics.rod_layout import (
    BEHIND,
    FIXED,
    LEAD,
    layout,
    middles,
    resample_curve,
    resample_linear,
    restore_lengths,
    standing,
)
from simtrainer.physics.rod_prepare import bishop
from simtrainer.physics.rod_problem import FRAME, NODE, TANGENT
from simtrainer.physics.vector import transport

Floats = NDArray[np.float64]
COARSE, FINE, ZONE = 5.0, 2.0, 50.0
ZONES = np.full(3, ZONE)
STAND, MOUTH = standing(2000.0, COARSE, FINE, (0.0, 0.0)), 0.0

leads = st.floats(110.0, 900.0)
shares = st.floats(0.0, 1.0)


@settings(max_examples=200, deadline=None)
@given(leads, shares)
def test_nodes_increase_by_bounded_steps_from_the_access_to_the_tip(lead: float, share: float) -> None:
    behind = share * lead
    s, _ = layout(lead, np.array([behind]), STAND, FINE, ZONES, MOUTH)
    steps = np.diff(s)
    assert s[0] == 0.0
    assert s[1] == COARSE
    assert s[-1] == pytest.approx(lead, abs=1e-9)
    assert steps.min() > 0.4 * FINE
    assert steps.max() < 1.6 * COARSE


@settings(max_examples=200, deadline=None)
@given(leads, shares)
def test_steps_are_fine_near_both_tips(lead: float, share: float) -> None:
    behind = share * lead
    s, _ = layout(lead, np.array([behind]), STAND, FINE, ZONES, MOUTH)
    for tip in (lead, behind):
        near = (s[1:] <= tip + 1e-9) & (s[:-1] > max(tip - 0.8 * ZONE, 3.0 * COARSE))
        if tip > 0.5 * ZONE:
            assert np.diff(s)[near].max(initial=0.0) <= FINE + 1e-9


@settings(max_examples=200, deadline=None)
@given(leads, shares)
def test_a_tip_that_has_fine_nodes_of_its_own_is_a_node(lead: float, share: float) -> None:
    behind = share * lead
    s, ride = layout(lead, np.array([behind]), STAND, FINE, ZONES, MOUTH)
    assume((ride == BEHIND).any())
    assert np.abs(s - behind).min() < 1e-9


@settings(max_examples=200, deadline=None)
@given(leads, shares, st.floats(1e-6, 1e-3))
def test_riding_nodes_move_with_their_tip_and_the_others_not_at_all(lead: float, share: float, step: float) -> None:
    behind = share * lead
    s0, ride0 = layout(lead, np.array([behind]), STAND, FINE, ZONES, MOUTH)
    s1, ride1 = layout(lead + step, np.array([behind]), STAND, FINE, ZONES, MOUTH)
    assume(np.array_equal(ride0, ride1))  # else a fine node took the place of a coarse one
    moved = s1 - s0
    assert moved[ride0 == LEAD] == pytest.approx(step, abs=1e-9)
    assert moved[ride0 == FIXED] == pytest.approx(0.0, abs=1e-12)
    assert moved[ride0 == BEHIND] == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(leads, shares, shares)
@example(571.0, 0.890625, 0.0)
def test_of_three_tips_each_has_fine_nodes_and_rides_with_its_own(lead: float, share: float, other: float) -> None:
    behind = np.array([share * lead, other * share * lead])
    s, ride = layout(lead, behind, STAND, FINE, ZONES, MOUTH)
    steps = np.diff(s)
    assert (s[0], s[1]) == (0.0, COARSE)
    assert s[-1] == pytest.approx(lead, abs=1e-9)
    assert steps.min() > 0.4 * FINE
    assert steps.max() < 1.6 * COARSE
    for k, tip in enumerate((lead, *behind)):
        near = (s[1:] <= tip + 1e-9) & (s[:-1] > max(tip - 0.8 * ZONE, 3.0 * COARSE))
        if tip > 0.5 * ZONE:
            assert steps[near].max(initial=0.0) <= FINE + 1e-9
        if (ride == LEAD + k).any():
            assert np.abs(s - tip).min() < 1e-9
            assert np.diff(s[ride == LEAD + k]) == pytest.approx(FINE, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(leads, shares)
def test_a_third_tip_in_the_sheath_changes_nothing(lead: float, share: float) -> None:
    one = layout(lead, np.array([share * lead]), STAND, FINE, ZONES, MOUTH)
    two = layout(lead, np.array([share * lead, 0.0]), STAND, FINE, ZONES, MOUTH)
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])


def test_the_layout_depends_on_nothing_but_the_lengths() -> None:
    first = layout(431.7, np.array([222.2]), STAND, FINE, ZONES, MOUTH)
    layout(700.0, np.array([10.0]), STAND, FINE, ZONES, MOUTH)
    again = layout(431.7, np.array([222.2]), STAND, FINE, ZONES, MOUTH)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])


def helix(s: Floats, radius: float = 20.0, pitch: float = 0.4) -> Floats:
    """A helix by arc length; pitch is its slope."""
    angle = s / (radius * np.hypot(1.0, pitch))
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), radius * pitch * angle])


def test_nodes_that_stay_keep_their_place_exactly() -> None:
    s0, _ = layout(300.0, np.zeros(0), STAND, FINE, ZONES, MOUTH)
    s1, _ = layout(301.3, np.zeros(0), STAND, FINE, ZONES, MOUTH)
    x1 = resample_curve(s0, helix(s0), s1)
    same = np.isin(s1, s0)
    assert same.sum() > 40
    assert np.array_equal(x1[same], helix(s0)[np.isin(s0, s1)])


def test_a_curve_between_nodes_is_found_to_third_order() -> None:
    errors = []
    for h in (4.0, 2.0, 1.0):
        s0 = np.arange(0.0, 200.0 + h, h)
        s1 = np.arange(20.0, 180.0, 0.77)
        errors.append(float(np.abs(resample_curve(s0, helix(s0), s1) - helix(s1)).max()))
    assert errors[0] / errors[1] > 7.0
    assert errors[1] / errors[2] > 7.0


def test_beyond_the_tip_a_curve_goes_on_straight() -> None:
    s0 = np.array([0.0, 5.0, 10.0, 15.0])
    x0 = np.column_stack([s0, 0 * s0, 0 * s0])
    out = resample_curve(s0, x0, np.array([0.0, 5.0, 10.0, 15.0, 17.0]))
    assert out[-1] == pytest.approx([17.0, 0.0, 0.0])


@settings(max_examples=50, deadline=None)
@given(st.floats(150.0, 400.0), st.floats(-2.0, 2.0))
def test_carried_edges_have_their_length_again(lead: float, push: float) -> None:
    s0, _ = layout(lead, np.zeros(0), STAND, FINE, ZONES, MOUTH)
    x0 = np.zeros((len(s0), 3))
    step = np.diff(helix(s0, radius=8.0), axis=0)
    x0[1:] = np.cumsum(step / np.linalg.norm(step, axis=1)[:, None] * np.diff(s0)[:, None], axis=0)
    s1, _ = layout(lead + push, np.zeros(0), STAND, FINE, ZONES, MOUTH)
    x1 = resample_curve(s0, x0, s1)
    restore_lengths(s0, s1, x1)
    assert np.linalg.norm(np.diff(x1, axis=0), axis=1) == pytest.approx(np.diff(s1), abs=1e-9)


def test_linear_numbers_are_carried_exactly_and_stay_within_bounds() -> None:
    s0, s1 = np.array([0.0, 1.0, 3.0, 4.0]), np.array([-1.0, 0.5, 2.0, 3.5, 9.0])
    y0 = np.column_stack([2.0 * s0, 1.0 - s0])
    out = resample_linear(s0, y0, s1)
    inside = np.clip(s1, 0.0, 4.0)
    assert out == pytest.approx(np.column_stack([2.0 * inside, 1.0 - inside]))
    assert middles(s0) == pytest.approx([0.5, 2.0, 3.5])


def test_directors_carried_along_a_helix_turn_as_its_torsion_says() -> None:
    """Against the Frenet frame a twist-free frame turns by minus the integral of torsion (Bishop 1975)."""
    radius, pitch, turns = 20.0, 0.4, 1.5
    errors = []
    for h in (2.0, 1.0):
        total = turns * 2.0 * np.pi * radius * np.hypot(1.0, pitch)
        x = helix(np.linspace(0.0, total, round(total / h) + 1), radius, pitch)
        node = np.zeros((len(x), NODE))
        t = np.diff(x, axis=0)
        t /= np.linalg.norm(t, axis=1)[:, None]
        normal = -0.5 * (x[:-1] + x[1:]) * np.array([1.0, 1.0, 0.0])
        normal -= (normal * t).sum(axis=1)[:, None] * t
        normal /= np.linalg.norm(normal, axis=1)[:, None]
        bishop(x, normal[0], node)
        a, tangent = node[-2, FRAME : FRAME + 3], node[-2, TANGENT : TANGENT + 3]
        found = np.arctan2(np.dot(np.cross(normal[-1], a), tangent), np.dot(normal[-1], a))
        torsion = pitch / (radius * (1.0 + pitch**2))
        expected = -torsion * (total - h)
        errors.append(abs((found - expected + np.pi) % (2.0 * np.pi) - np.pi))
    assert errors[0] < 5e-3
    assert errors[0] / errors[1] > 3.0


def test_transport_is_the_smallest_rotation_between_two_tangents() -> None:
    rng = np.random.default_rng(1)
    t0, t1 = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    v = np.cross(t0, rng.normal(size=3))
    out = np.array(transport(tuple(v), tuple(t0), tuple(t1)))
    axis, cosine = np.cross(t0, t1), float(t0 @ t1)
    turned = v * cosine + np.cross(axis, v) + axis * (axis @ v) / (1.0 + cosine)
    assert out == pytest.approx(turned)
    assert out @ t1 == pytest.approx(0.0, abs=1e-12)
    assert np.linalg.norm(out) == pytest.approx(np.linalg.norm(v))


@settings(max_examples=100, deadline=None)
@given(leads, shares, st.floats(20.0, 200.0), st.floats(20.0, 200.0))
def test_each_tip_has_fine_nodes_as_far_as_its_own_device_is_shaped(
    lead: float, share: float, ahead: float, astern: float
) -> None:
    behind = share * lead
    assume(behind > 0.5 * astern and lead - behind > ahead + 4.0 * COARSE)
    s, _ = layout(lead, np.array([behind]), STAND, FINE, np.array([ahead, astern]), MOUTH)
    steps, low = np.diff(s), s[:-1]
    for tip, zone in ((lead, ahead), (behind, astern)):
        inside = (s[1:] <= tip + 1e-9) & (low > max(tip - zone + FINE, 3.0 * COARSE))
        beyond = (s[1:] <= tip - zone - 2.0 * COARSE) & (low > behind + 2.0 * COARSE if tip == lead else low >= 0.0)
        assert steps[inside] == pytest.approx(FINE)
        assert (steps[beyond] > 0.5 * COARSE).all()


def test_about_the_sheaths_end_fine_nodes_stand_and_elsewhere_coarse_ones() -> None:
    places = standing(300.0, COARSE, FINE, (100.0, 120.0))
    steps = np.diff(places)
    inside = (places[:-1] >= 100.0) & (places[:-1] < 120.0)
    assert steps[inside] == pytest.approx(FINE)
    assert steps[~inside] == pytest.approx(COARSE)
    assert places[0] == 0.0
    assert places[-1] >= 300.0


@settings(max_examples=200, deadline=None)
@given(st.floats(111.0, 400.0), st.floats(0.0, 1.0))
def test_no_node_rides_past_the_sheaths_end_but_with_a_tip_that_is_there(lead: float, share: float) -> None:
    places = standing(500.0, COARSE, FINE, (100.0, 120.0))
    behind = 110.5 + share * (lead - 110.5)
    s, ride = layout(lead, np.array([behind] if behind < lead - 1e-9 else []), places, FINE, ZONES, 120.0)
    last = behind if (ride == BEHIND).any() else lead
    if last > 120.0 + 4.0 * FINE:
        assert s[ride != FIXED].min() >= 120.0 - 1e-9
        assert np.isin(places[places < 118.0], s).all()
    else:
        assert s[ride != FIXED].min() >= last - 5.0 * FINE
    assert np.diff(s).min() > 0.4 * FINE
    assert np.diff(s).max() < 1.6 * COARSE

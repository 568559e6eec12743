"""Anatomy that moves: the map, the moved clearance with its derivatives, and what a rod makes of it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.physics.rod_problem import Grid
from simtrainer.physics.rod_sway import CHANGE, FAR, MARGIN, NOW, clearance_now, moved, surroundings, wall_now
from simtrainer.physics.rod_wall import clearance_at
from simtrainer.physics.sway import STILL, Sway
from simtrainer.studies.rig import feed, field_of, settle, uniform

Floats = NDArray[np.float64]
BORE, NARROW = 4.0 * MM, 1.5 * MM
TWO = Sway(
    np.array([[0.08, 0.0, 0.0], [0.15, 5.0 * MM, 0.0]]),
    np.array([[0.06, 0.05, 0.07], [0.04, 0.05, 0.06]]),
    np.array([6.0 * MM, 3.0 * MM]),
)
GIVEN = np.array([[1.0, 4.0, -3.0], [0.5, -2.0, 1.5]]) * MM
STILL_WALL = np.array([0.0, 0.0, 0.0, 5.0, 0.0])
place = st.tuples(st.floats(40.0, 200.0), st.floats(-2.5, 2.5), st.floats(-2.5, 2.5))


@pytest.fixture(scope="module")
def tube() -> SparseGrid:
    low, high = np.array([-0.01, -0.02, -0.02]), np.array([0.3, 0.02, 0.02])
    return field_of(lambda p: BORE - np.hypot(p[:, 1], p[:, 2]), low, high, 1.0 * MM, 14.0 * MM)


@pytest.fixture(scope="module")
def grid(tube: SparseGrid) -> Grid:
    wide = tube.scaled(1.0 / MM)
    return np.array(wide.index), wide.values.ravel(), np.array(wide.origin), float(wide.spacing)


def outside(now: Floats, then: Floats | None = None) -> Floats:
    modes = np.hstack((TWO.centre / MM, MM / TWO.reach))
    return surroundings(STILL_WALL, modes, (np.zeros_like(now) if then is None else then) / MM, now / MM)


# The map -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(place)
def test_what_is_carried_goes_back_to_where_it_was_at_rest(at: tuple[float, float, float]) -> None:
    points = np.array([at]) * MM
    assert TWO.rest(TWO.carry(points, GIVEN), GIVEN) == pytest.approx(points, abs=1e-8)


def test_the_centre_of_a_lone_mode_moves_by_all_of_it_and_one_reach_away_by_61_percent() -> None:
    one = Sway(np.zeros((1, 3)), np.full((1, 3), 0.05), np.array([5.0 * MM]))
    shift = np.array([[0.0, 0.0, 5.0 * MM]])
    points = np.array([[0.0, 0.0, 5.0 * MM], [0.05, 0.0, 0.0]])
    back = points - one.rest(points, shift)
    assert back[0, 2] == pytest.approx(5.0 * MM * np.exp(-0.5 * 0.1**2))
    assert back[1, 2] == pytest.approx(5.0 * MM * np.exp(-0.5))
    assert one.weight(np.zeros((1, 3))) == pytest.approx(1.0)


def test_still_anatomy_stays_where_it_is() -> None:
    points = np.arange(12.0).reshape(4, 3)
    assert np.array_equal(STILL.rest(points, np.zeros((0, 3))), points)
    assert np.array_equal(STILL.carry(points, np.zeros((0, 3))), points)


# The wall ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(place)
def test_the_kernel_moves_the_wall_as_the_map_says(grid: Grid, at: tuple[float, float, float]) -> None:
    around = outside(GIVEN, 0.25 * GIVEN)
    q = TWO.rest(np.array([at]) * MM, GIVEN)[0] / MM
    assert clearance_now(grid, around, *at) == pytest.approx(clearance_at(grid, *q), abs=1e-9)
    shift = np.array(at) - q
    assert np.array(moved(around, NOW, *at)) == pytest.approx(shift, abs=1e-9)
    assert np.array(moved(around, CHANGE, *at)) == pytest.approx(0.75 * shift, abs=1e-9)


def test_direction_and_curvature_of_the_moved_wall_are_the_clearances_derivatives(grid: Grid) -> None:
    around, eps = outside(GIVEN), 1e-4
    slope, bend, ahead, astern, spare = np.zeros(3), np.zeros((3, 3)), np.zeros(3), np.zeros(3), np.zeros((3, 3))
    agree = []
    for at in np.random.default_rng(7).uniform((40.0, -2.5, -2.5), (200.0, 2.5, 2.5), (200, 3)):
        wall_now(grid, around, at[0], at[1], at[2], slope, bend)
        off = 0.0
        for r in range(3):
            up, down = at.copy(), at.copy()
            up[r] += eps
            down[r] -= eps
            ends = [clearance_now(grid, around, p[0], p[1], p[2]) for p in (up, down)]
            assert slope[r] == pytest.approx((ends[0] - ends[1]) / (2.0 * eps), abs=2e-4)
            wall_now(grid, around, up[0], up[1], up[2], ahead, spare)
            wall_now(grid, around, down[0], down[1], down[2], astern, spare)
            off = max(off, float(np.abs((ahead - astern) / (2.0 * eps) - bend[r]).max()))
        agree.append(off < 1e-3)
    assert np.mean(agree) > 0.97  # the spline's second derivative jumps half way between samples


def test_no_moved_clearance_is_steeper_than_is_reckoned_with(grid: Grid) -> None:
    around = outside(GIVEN)
    slope, bend = np.zeros(3), np.zeros((3, 3))
    steepest = 0.0
    for x in np.linspace(20.0, 220.0, 81):
        for y in (-3.0, -1.0, 1.0, 3.0):
            wall_now(grid, around, x, y, 1.0, slope, bend)
            steepest = max(steepest, float(np.linalg.norm(slope)))
    assert 1.0 < steepest <= around[FAR]
    assert outside(np.zeros((2, 3)))[FAR] == MARGIN


# A rod in it ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def narrow() -> SparseGrid:
    low, high = np.array([-0.01, -0.01, -0.01]), np.array([0.25, 0.01, 0.01])
    return field_of(lambda p: NARROW - np.hypot(p[:, 1], p[:, 2]), low, high, 0.5 * MM, 8.0 * MM)


def in_tube(tube: SparseGrid, sway: Sway) -> Rod:
    wire = uniform(300.0, curvature=60.0, curved=15.0 * MM)
    return Rod(tube, np.zeros(3), np.array([1.0, 0.0, 0.0]), (wire,), RodSettings(sway=sway))


def fed(rod: Rod) -> RodState:
    return settle(rod, feed(rod, rod.init(), np.array([0.2]), ticks=30, dt=0.05), ticks=3)


def test_anatomy_that_could_move_but_does_not_changes_no_bit(tube: SparseGrid) -> None:
    still, could = fed(in_tube(tube, STILL)), fed(in_tube(tube, TWO))
    for name in ("s", "x", "theta", "motion"):
        assert np.array_equal(getattr(still.shape, name), getattr(could.shape, name))
    assert np.array_equal(still.hand, could.hand)


def test_a_wire_goes_along_with_the_wall_and_comes_back(narrow: SparseGrid) -> None:
    far_in = dataclasses.replace(TWO, centre=TWO.centre + np.array([0.06, 0.0, 0.0]))
    wire = uniform(60.0, length=1.0)
    rod = Rod(narrow, np.zeros(3), np.array([1.0, 0.0, 0.0]), (wire,), RodSettings(sway=far_in, sheath_length=0.02))
    begin = fed(rod)
    held = np.array([0.2])
    state, far = begin, begin
    for k in range(1, 201):
        share = np.sin(np.pi * k / 200.0) ** 2
        state = rod.step(state, RodControl(held, np.zeros(1), share * GIVEN), 0.01)
        assert rod.read(state).penetration < 0.1 * MM
        assert not rod.read(state).escaped.any()
        if k == 100:
            far = state
    went = (far.shape.x - begin.shape.x)[:, 1:]
    axis = np.column_stack((begin.shape.s, np.zeros((len(begin.shape.s), 2)))) * MM
    wall = (far_in.carry(axis, GIVEN) - axis)[:, 1:] / MM
    assert np.linalg.norm(wall, axis=1).max() > 4.0
    assert np.linalg.norm(went - wall, axis=1).max() < 2.0 * (NARROW / MM - 0.45) + 0.2
    assert np.linalg.norm(state.shape.x - begin.shape.x, axis=1).max() < NARROW / MM - 0.45  # the play it has
    assert state.shape.sway == pytest.approx(0.0, abs=1e-9)


def test_a_quick_move_of_the_wall_is_taken_in_short_steps(tube: SparseGrid) -> None:
    rod = in_tube(tube, TWO)
    state = rod.step(fed(rod), RodControl(np.array([0.2]), np.zeros(1), 1.0 * GIVEN), 0.01)
    read = rod.read(state)
    assert not read.escaped.any()
    assert read.penetration < 0.5 * MM
    assert state.shape.sway == pytest.approx(GIVEN / MM)


def test_a_step_without_a_word_about_the_wall_lets_it_rest(tube: SparseGrid) -> None:
    rod = in_tube(tube, TWO)
    begin = fed(rod)
    one = rod.step(begin, RodControl(np.array([0.2]), np.zeros(1)), 0.01)
    two = rod.step(begin, RodControl(np.array([0.2]), np.zeros(1), np.zeros((2, 3))), 0.01)
    assert np.array_equal(one.shape.x, two.shape.x)


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reach": np.full((2, 3), 5.0 * MM)}, r"changes by up to 1\.09 per length, at most 0\.45"),
        ({"reach": np.zeros((2, 3))}, "mode 0 has reach"),
        ({"centre": np.zeros((1, 3))}, r"centre has shape \(1, 3\); it must be \(2, 3\)"),
        ({"most": np.array([1.0, -1.0]) * MM}, "mode 1 has reach"),
    ],
)
def test_anatomy_that_cannot_move_like_that_is_refused(tube: SparseGrid, change: dict[str, Floats], words: str) -> None:
    with pytest.raises(InputError, match=words):
        in_tube(tube, dataclasses.replace(TWO, **change))


@pytest.mark.parametrize(
    ("given_now", "words"),
    [
        (np.zeros((1, 3)), r"sway has shape \(1, 3\); it must be \(2, 3\)"),
        (np.full((2, 3), np.nan), "all finite"),
        (np.array([[0.0, 0.0, 7.0], [0.0, 0.0, 0.0]]) * MM, r"sway\[0\] is 7\.00 mm long; at most 6 mm"),
    ],
)
def test_a_motion_that_was_not_foreseen_is_refused(tube: SparseGrid, given_now: Floats, words: str) -> None:
    rod = in_tube(tube, TWO)
    with pytest.raises(InputError, match=words):
        rod.step(rod.init(), RodControl(np.array([0.0]), np.zeros(1), given_now), 0.01)


def test_what_is_remembered_of_the_wall_changes_no_bit_while_it_moves(tube: SparseGrid) -> None:
    rod = in_tube(tube, TWO)
    state = fed(rod)
    for k in range(1, 81):
        control = RodControl(np.array([0.2 + 5e-4 * k]), np.array([0.02 * k]), np.sin(0.08 * k) * GIVEN)
        forgetful = dataclasses.replace(state, wall=np.zeros_like(state.wall))
        anew = rod.step(forgetful, control, 0.01)
        state = rod.step(state, control, 0.01)
        for one, other in zip(state.shape, anew.shape, strict=True):
            assert np.array_equal(one, other)
        assert np.array_equal(state.hand, anew.hand)
    assert rod.read(state).wall_pressure.max() > 0.0

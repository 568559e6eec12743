"""The sparse grid: exact where its method is exact, second order elsewhere, C1 everywhere inside its bricks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.grid import BRICK, SparseGrid, build_sparse

Points = NDArray[np.float64]
Field = Callable[[Points], NDArray[np.float64]]
ORIGIN = np.array([-0.01, 0.02, 0.3])


def filled(field: Field, spacing: float, bricks: list[tuple[int, int, int]]) -> SparseGrid:
    """Sample `field`, a function of points (n, 3), on bricks with their halo."""
    steps = np.arange(-1, BRICK + 1)
    local = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    places = np.array(bricks, dtype=np.int64)
    nodes = places[:, None, None, None, :] * BRICK + local
    values = field((ORIGIN + spacing * nodes).reshape(-1, 3)).reshape(len(bricks), 10, 10, 10)
    return build_sparse(ORIGIN, spacing, places, values.astype(np.float32))


ALL = [(i, j, k) for i in range(3) for j in range(2) for k in range(2)]
inside = st.tuples(st.floats(0.0, 23.0), st.floats(0.0, 15.0), st.floats(0.0, 15.0))


@settings(max_examples=60, deadline=None)
@given(slope=st.tuples(*[st.floats(-2.0, 2.0)] * 3), offset=st.floats(-1.0, 1.0), place=inside)
def test_a_linear_field_is_sampled_exactly(
    slope: tuple[float, float, float], offset: float, place: tuple[float, float, float]
) -> None:
    grid = filled(lambda p: p @ np.array(slope) + offset, 1e-3, ALL)
    point = ORIGIN + 1e-3 * np.array([place])
    value, gradient, known = grid.sample(point)
    assert known.all()
    assert value[0] == pytest.approx(float(point[0] @ np.array(slope)) + offset, abs=4e-7)  # float32 samples
    np.testing.assert_allclose(gradient[0], slope, atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(place=inside)
def test_a_quadratic_field_is_smoothed_by_one_eighth_of_h_squared_times_its_laplacian(
    place: tuple[float, float, float],
) -> None:
    """Closed form: the quadratic B-spline of the samples of f is f + h^2/8 laplace f, its gradient exact."""
    a = np.array([1.0, 2.0, -0.5])
    grid = filled(lambda p: p**2 @ a, 0.05, ALL)
    point = ORIGIN + 0.05 * np.array([place])
    value, gradient, _ = grid.sample(point)
    expected = float(point[0] ** 2 @ a) + 0.05**2 / 8 * 2 * a.sum()
    assert value[0] == pytest.approx(expected, abs=3e-6)
    np.testing.assert_allclose(gradient[0], 2 * a * point[0], atol=1e-4)


def clearance(points: Points) -> NDArray[np.float64]:
    """Clearance [m] in a tube of 4 mm radius along (1, 1, 0), askew to the grid."""
    axis = np.array([1.0, 1.0, 0.0]) / np.sqrt(2.0)
    off = points - (ORIGIN + 0.008)
    reach: NDArray[np.float64] = np.linalg.norm(off - np.outer(off @ axis, axis), axis=1)
    return 0.004 - reach


def test_the_error_of_a_vessels_clearance_falls_with_the_square_of_the_spacing() -> None:
    rng = np.random.Generator(np.random.Philox(7))
    probes = ORIGIN + 0.008 + rng.uniform(-0.004, 0.004, (4000, 3))
    probes = probes[np.abs(clearance(probes)) < 0.002]  # the wall, away from the kink on the axis
    errors = []
    for spacing in (1e-3, 0.5e-3):
        count = int(np.ceil(0.016 / spacing / BRICK))
        bricks = [(i, j, k) for i in range(count) for j in range(count) for k in range(count)]
        value, _, known = filled(clearance, spacing, bricks).sample(probes)
        assert known.all()
        errors.append(np.abs(value - clearance(probes)).max())
    assert errors[0] < 1e-3**2 / 8 / 0.002 * 1.3  # h^2/8 times the largest curvature among the probes
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.25)


def test_gradient_is_the_derivative_of_the_value() -> None:
    grid = rough()
    rng = np.random.Generator(np.random.Philox(3))
    points = ORIGIN + rng.uniform(0.5, 14.5, (200, 3))
    _, gradient, _ = grid.sample(points)
    for axis in range(3):
        step = np.zeros(3)
        step[axis] = 1e-4
        rise = grid.sample(points + step)[0] - grid.sample(points - step)[0]
        np.testing.assert_allclose(rise / 2e-4, gradient[:, axis], atol=5e-3)


def rough() -> SparseGrid:
    """Noise: a field with no smoothness of its own, unit spacing, halos consistent between bricks."""
    noise = np.random.Generator(np.random.Philox(1)).uniform(-1.0, 1.0, (30, 20, 20))

    def field(points: Points) -> NDArray[np.float64]:
        i = np.rint(points - ORIGIN).astype(int) + 2
        values: NDArray[np.float64] = noise[i[:, 0], i[:, 1], i[:, 2]]
        return values

    return filled(field, 1.0, ALL)


@settings(max_examples=100, deadline=None)
@given(place=inside, axis=st.integers(0, 2), border=st.integers(0, 13))
def test_value_and_gradient_are_continuous_over_the_borders_of_cells_and_bricks(
    place: tuple[float, float, float], axis: int, border: int
) -> None:
    """Cells meet at half samples, bricks at 7.5; for noise of size 1 the second derivative is below 8 per sample."""
    eps = 1e-7
    points = np.array([place, place])
    points[:, axis] = border + 0.5 + np.array([-eps, eps])
    value, gradient, known = rough().sample(ORIGIN + points)
    assert known.all()
    assert value[0] == pytest.approx(value[1], abs=20 * eps)
    np.testing.assert_allclose(gradient[0], gradient[1], atol=60 * eps)


def test_outside_its_bricks_the_grid_says_so() -> None:
    grid = filled(lambda p: p[:, 0], 1.0, [(0, 0, 0), (2, 1, 1)])
    places = np.array([[4.0, 4, 4], [12, 4, 4], [20, 12, 12], [-1, 4, 4], [4, 4, 99], [1e9, 0, 0]])
    value, gradient, known = grid.sample(ORIGIN + places)
    assert known.tolist() == [True, False, True, False, False, False]
    assert np.isfinite(value[known]).all()
    assert np.isnan(value[~known]).all()
    assert np.isnan(gradient[~known]).all()


def test_a_grid_in_other_units_is_the_same_field() -> None:
    grid = filled(clearance, 1e-3, ALL)
    point = ORIGIN + np.array([[0.006, 0.007, 0.008]])
    value, gradient, _ = grid.sample(point)
    in_mm, slope, _ = grid.scaled(1e3).sample(point * 1e3)
    assert in_mm[0] == pytest.approx(1e3 * value[0], rel=1e-6)
    np.testing.assert_allclose(slope, gradient, rtol=1e-5, atol=1e-9)

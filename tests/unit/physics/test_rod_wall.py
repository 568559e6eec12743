"""How a wall pushes and rubs: the laws themselves, and the field's numbers against `SparseGrid` and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM
from simtrainer.physics.rod_contact import add_contact, contact_law
from simtrainer.physics.rod_problem import AMID, BLEND_MM, GRIP, NODE, RADIUS, REST, SEEN, Grid
from simtrainer.physics.rod_sway import MARGIN
from simtrainer.physics.rod_wall import clearance_at, located, wall_shape
from simtrainer.studies.rig import field_of

Floats = NDArray[np.float64]
AXIS = np.array([1.0, 0.2, -0.1]) / np.linalg.norm([1.0, 0.2, -0.1])
BORE = 6.0 * MM


def bore(points: Floats) -> Floats:
    along = points @ AXIS
    return np.asarray(BORE - np.linalg.norm(points - along[:, None] * AXIS, axis=1))


@pytest.fixture(scope="module")
def field() -> SparseGrid:
    return field_of(bore, np.array([-0.02, -0.02, -0.02]), np.array([0.02, 0.02, 0.02]), 1e-3, 4.0 * MM)


def kernel(field: SparseGrid) -> Grid:
    grid = field.scaled(1.0 / MM)
    return np.array(grid.index), grid.values.ravel(), np.array(grid.origin), float(grid.spacing)


@settings(max_examples=200, deadline=None)
@given(st.floats(-0.5, 0.5), st.sampled_from([0.0, 0.3, 2.0]))
def test_the_contact_force_is_the_slope_of_its_energy_and_its_stiffness_the_slope_of_the_force(
    gap: float, harden: float
) -> None:
    h = 1e-6
    low, here, high = (contact_law(gap + step, harden) for step in (-h, 0.0, h))
    assert here[1] == pytest.approx((low[0] - high[0]) / (2.0 * h), abs=1e-6)
    assert here[2] == pytest.approx((low[1] - high[1]) / (2.0 * h), abs=1e-3)
    assert here[1] >= 0.0


def test_force_and_stiffness_do_not_jump_where_the_blend_begins_and_ends() -> None:
    for edge in (-BLEND_MM, BLEND_MM):
        below, above = contact_law(edge - 1e-12, 2.0), contact_law(edge + 1e-12, 2.0)
        assert below == pytest.approx(above, abs=1e-9)
    assert contact_law(BLEND_MM, 2.0) == (0.0, 0.0, 0.0)
    assert contact_law(-0.3, 0.0)[1] == pytest.approx(0.3)
    assert contact_law(-0.3, 2.0)[1] == pytest.approx(0.3 + 2.0 * 0.09)


def test_the_clearance_is_that_of_the_field(field: SparseGrid) -> None:
    points = np.random.default_rng(2).uniform(-0.012, 0.012, (400, 3))
    value, gradient, known = field.sample(points)
    grid = kernel(field)
    slope, bend = np.zeros(3), np.zeros((3, 3))
    assert known.sum() > 300
    for (x, y, z), c, g, inside in zip((points / MM).tolist(), value, gradient, known, strict=True):
        found = clearance_at(grid, x, y, z)
        assert np.isnan(found) != inside
        if inside:
            wall_shape(grid, x, y, z, slope, bend)
            assert found * MM == pytest.approx(c, abs=1e-9)
            assert slope == pytest.approx(g, abs=1e-6)


def test_the_second_derivatives_are_the_differences_of_the_first(field: SparseGrid) -> None:
    grid = kernel(field)
    rng = np.random.default_rng(3)
    slopes, bends, h = np.zeros((2, 3)), np.zeros((3, 3, 3)), 1e-3
    for _ in range(60):
        p = np.floor(rng.uniform(-7.0, 7.0, 3)) + rng.uniform(-0.4, 0.4, 3)  # not beside a plane where they jump
        if np.isnan(clearance_at(grid, *p)):
            continue
        wall_shape(grid, p[0], p[1], p[2], slopes[0], bends[0])
        for r in range(3):
            for side, sign in ((0, -1.0), (1, 1.0)):
                u, v, w = p + sign * h * np.eye(3)[r]
                wall_shape(grid, u, v, w, slopes[side], bends[1 + side])
            assert bends[0][r] == pytest.approx((slopes[1] - slopes[0]) / (2.0 * h), abs=1e-4)


@pytest.mark.parametrize(
    "place", [(1e9, 0.0, 0.0), (-1e30, 1.0, 0.0), (np.nan, 0.0, 0.0), (0.0, np.inf, 0.0), (0, 0, 25)]
)
def test_outside_the_bricks_nothing_is_known(field: SparseGrid, place: tuple[float, float, float]) -> None:
    assert located(kernel(field), *place)[0] == -1
    assert np.isnan(clearance_at(kernel(field), *place))


def touching(x: Floats) -> Floats:
    node = np.zeros((len(x), NODE))
    node[:, GRIP], node[:-1, AMID], node[:, RADIUS], node[:, SEEN : SEEN + 8] = 1.3, 0.9, 0.45, np.nan
    node[:-1, REST] = np.linalg.norm(np.diff(x, axis=0), axis=1)
    return node


def contact(field: SparseGrid, node: Floats, x: Floats) -> tuple[float, Floats, Floats]:
    n = len(x)
    a, b = np.zeros((4 * n + 11, 11)), np.zeros(4 * n + 11)
    energy = add_contact(
        node, kernel(field), np.array([0.0, 0.0, 0.0, 5.0, 0.0, MARGIN]), x, 4, a, b, np.zeros((2, 4)), np.zeros((3, 3))
    )
    dense = np.zeros((4 * n, 4 * n))
    for c in range(11):
        rows = np.arange(4 * n - c)
        dense[rows, rows + c] = a[: 4 * n - c, c]
        dense[rows + c, rows] = a[: 4 * n - c, c]
    return energy, b[: 4 * n], dense


def leaning(rng: np.random.Generator) -> Floats:
    """Nodes a little beyond the wall of the bore, on its upper side."""
    s = np.arange(-6.0, 7.0, 3.0)
    up = np.cross(AXIS, [0.0, 1.0, 0.0])
    up /= np.linalg.norm(up)
    out: Floats = s[:, None] * AXIS + (5.75 + rng.uniform(-0.1, 0.1, len(s)))[:, None] * up
    return out


def test_the_force_of_the_wall_is_the_slope_of_its_energy(field: SparseGrid) -> None:
    x = leaning(np.random.default_rng(4))
    energy, gradient, _ = contact(field, touching(x), x)
    assert energy > 0.0
    h = 1e-6
    for i in range(2, len(x)):
        for r in range(3):
            move = np.zeros_like(x)
            move[i, r] = h
            high, low = contact(field, touching(x), x + move)[0], contact(field, touching(x), x - move)[0]
            assert gradient[4 * i + r] == pytest.approx((high - low) / (2.0 * h), rel=1e-5, abs=1e-5)


def test_its_stiffness_is_the_slope_of_its_force(field: SparseGrid) -> None:
    x = leaning(np.random.default_rng(5))
    _, _, hessian = contact(field, touching(x), x)
    h = 1e-6
    for i in range(2, len(x)):
        for r in range(3):
            move = np.zeros_like(x)
            move[i, r] = h
            high, low = contact(field, touching(x), x + move)[1], contact(field, touching(x), x - move)[1]
            assert hessian[4 * i + r] == pytest.approx((high - low) / (2.0 * h), rel=1e-3, abs=2e-3)


def test_the_slope_of_the_clearance_stays_below_the_bound_that_spares_looking_it_up(field: SparseGrid) -> None:
    points = np.random.default_rng(6).uniform(-0.012, 0.012, (4000, 3))
    _, gradient, known = field.sample(points)
    assert np.linalg.norm(gradient[known], axis=1).max() < MARGIN


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_remembered_clearances_change_no_force(seed: int) -> None:
    """The same node array used along a random walk of the rod gives the forces of a fresh one."""
    rng = np.random.default_rng(seed)
    field = field_of(bore, np.array([-0.02] * 3), np.array([0.02] * 3), 2e-3, 4.0 * MM)
    x = leaning(rng) * 0.8
    node = touching(x)
    for _ in range(12):
        x = x + rng.normal(0.0, 0.3, x.shape)
        used, fresh = contact(field, node, x), contact(field, touching(x), x)
        assert used[0] == fresh[0]
        assert np.array_equal(used[1], fresh[1])
        assert np.array_equal(used[2], fresh[2])

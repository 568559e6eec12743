"""Exact distance to triangles against brute force, and the lattice transform against the exact one."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.anatomy.distance import closest, surface_clearance, triangle_tree
from simtrainer.anatomy.field import Shape, build_field, field_error
from tests.unit.anatomy.surface import known_surface, tube

Floats = NDArray[np.float64]
Corner = st.lists(st.floats(-1.0, 1.0), min_size=3, max_size=3)


def twin_distance(p: Floats, corners: Floats) -> float:
    """Least distance over a fine grid of barycentric points."""
    u, v = np.meshgrid(np.linspace(0, 1, 201), np.linspace(0, 1, 201))
    inside = u + v <= 1.0 + 1e-12
    u, v = u[inside][:, None], v[inside][:, None]
    points = corners[0] + u * (corners[1] - corners[0]) + v * (corners[2] - corners[0])
    return float(np.linalg.norm(points - p, axis=1).min())


@settings(max_examples=60, deadline=None)
@given(Corner, Corner, Corner, Corner)
def test_the_nearest_point_of_a_triangle_is_nearer_than_any_other(
    a: list[float], b: list[float], c: list[float], q: list[float]
) -> None:
    corners, p, hit = np.array([a, b, c]), np.array(q), np.empty(3)
    assume(np.linalg.norm(np.cross(corners[1] - corners[0], corners[2] - corners[0])) > 1e-3)
    closest(p, corners, np.array([[0, 1, 2]]), 0, hit)
    found = float(np.linalg.norm(p - hit))
    assert found <= twin_distance(p, corners) + 1e-9
    assert found >= twin_distance(p, corners) - 0.02


def test_clearance_in_a_capped_tube_is_that_of_a_cylinder() -> None:
    tree = triangle_tree(*tube(radius=0.005, around=180, capped=True))
    z = np.full(50, 0.05)
    r = np.linspace(0.0, 0.009, 50)
    found = surface_clearance(tree, np.stack([r, 0.0 * r, z], axis=1))
    assert np.abs(found - (0.005 - r)).max() < 2e-6


def test_the_sign_is_right_everywhere_about_a_forked_vessel() -> None:
    points, triangles = known_surface()
    tree = triangle_tree(points, triangles)
    queries = np.random.Generator(np.random.Philox(3)).uniform(points.min(axis=0), points.max(axis=0), (120, 3))
    a, b, c = (points[triangles[:, i]][None] - queries[:, None] for i in range(3))
    la, lb, lc = (np.linalg.norm(x, axis=2) for x in (a, b, c))
    top = (a * np.cross(b, c)).sum(axis=2)
    below = la * lb * lc + (a * b).sum(axis=2) * lc + (b * c).sum(axis=2) * la + (c * a).sum(axis=2) * lb
    winding = np.arctan2(top, below).sum(axis=1) / (2.0 * np.pi)  # van Oosterom and Strackee 1983
    assert ((surface_clearance(tree, queries) > 0.0) == (winding > 0.5)).all()


@pytest.mark.parametrize("spacing", [1.0e-3, 0.6e-3])
def test_the_field_of_a_surface_agrees_with_the_exact_distance(spacing: float) -> None:
    shape = Shape(np.zeros((0, 8)), np.zeros(0, dtype=np.int64), triangle_tree(*known_surface()))
    error = field_error(build_field(shape, spacing), shape, 5000)
    assert error.p99 < 1e-4
    assert error.largest < 4e-4
    assert abs(error.mean) < 1e-5

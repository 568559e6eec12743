from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.imaging.open_shape import Mesh, blade, box, capsule, joined, sheet, tube

SLANTED = np.array([[0.6, 0.0, 0.8], [0.0, 1.0, 0.0], [-0.8, 0.0, 0.6]])
LINE = [[0.0, 0.0, 0.0], [0.0, 0.01, 0.0], [0.0, 0.03, 0.0]]


def volume(mesh: Mesh) -> float:
    """Return the volume [m^3] inside; negative where the triangles look inwards."""
    points, triangles = mesh
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return float(np.sum(np.cross(a, b) * c) / 6.0)


def edges(triangles: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    """Return how often each directed edge occurs."""
    found: dict[tuple[int, int], int] = {}
    for face in triangles:
        for k in range(3):
            edge = (int(face[k]), int(face[(k + 1) % 3]))
            found[edge] = found.get(edge, 0) + 1
    return found


CLOSED = {
    "tube": tube(LINE, 0.002, 24),
    "bent tube": tube([[0.0, 0.0, 0.0], [0.01, 0.0, 0.0], [0.01, 0.02, 0.0], [0.0, 0.02, 0.02]], 0.002),
    "capsule": capsule([0.0, 0.0, 0.0], [0.0, 0.02, 0.01], 0.003),
    "ball": capsule([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 0.003),
    "box": box([0.1, 0.0, 0.0], SLANTED, [0.01, 0.02, 0.03]),
    "blade": blade([0.0, 0.0, 0.0], np.eye(3), (0.02, 0.006, 0.001)),
    "turned blade": blade([0.0, 0.0, 0.0], np.eye(3)[[0, 2, 1]], (0.02, 0.006, 0.001)),
    "two": joined(tube(LINE, 0.002), box([0.1, 0.0, 0.0], np.eye(3), [0.01, 0.01, 0.01])),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_shape_has_each_edge_once_each_way_and_looks_outwards(name: str) -> None:
    found = edges(CLOSED[name][1])
    assert all(count == 1 and found.get((b, a)) == 1 for (a, b), count in found.items())
    assert volume(CLOSED[name]) > 0.0


def test_volumes_are_those_of_the_solids() -> None:
    assert volume(CLOSED["box"]) == pytest.approx(8.0 * 0.01 * 0.02 * 0.03)
    ring = 0.5 * 24 * np.sin(2.0 * np.pi / 24) * 0.002**2  # of the polygon with 24 sides
    assert volume(CLOSED["tube"]) == pytest.approx(ring * 0.03)
    exact = np.pi * 0.003**2 * (np.hypot(0.02, 0.01) + 4.0 / 3.0 * 0.003)
    assert volume(capsule([0.0, 0.0, 0.0], [0.0, 0.02, 0.01], 0.003, 48)) == pytest.approx(exact, rel=0.02)


def test_a_tube_stands_off_its_curve_by_its_radius() -> None:
    points, _ = tube(LINE, [0.001, 0.002, 0.003], 10)
    off = np.hypot(points[:30, 0], points[:30, 2]).reshape(3, 10)
    np.testing.assert_allclose(off, np.array([[0.001], [0.002], [0.003]]) * np.ones(10), rtol=1e-12)


def test_a_tube_through_doubled_points_stays_finite() -> None:
    points, _ = tube([LINE[0], LINE[0], LINE[1], LINE[1]], 0.002)
    assert np.isfinite(points).all()
    assert np.isfinite(tube([LINE[0], LINE[0]], 0.002)[0]).all()


def test_a_sheet_faces_row_times_column() -> None:
    grid = np.stack(np.meshgrid([0.0, 0.01, 0.02], [0.0, 0.01], indexing="ij"), axis=-1)
    points, triangles = sheet(np.concatenate([grid, np.zeros((3, 2, 1))], axis=-1))
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    assert len(triangles) == 4
    assert (normals[:, 2] > 0.0).all()

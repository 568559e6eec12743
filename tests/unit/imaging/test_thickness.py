"""Thickness by signed depth and by swept tubes, against closed forms and slow twins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from simtrainer.imaging.carm import FIELDS, CArmPose, project, rays
from simtrainer.imaging.thickness import thickness
from simtrainer.imaging.tube import add_tubes, joined, tubes_along

N = 128


def sphere(radius: float, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points of a Fibonacci sphere with the outward triangles of their hull."""
    k = np.arange(count) + 0.5
    polar, turn = np.arccos(1.0 - 2.0 * k / count), np.pi * (1.0 + 5.0**0.5) * k
    points = radius * np.column_stack((np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)))
    triangles = ConvexHull(points).simplices.astype(np.int64)
    a, b, c = points[triangles[:, 0]], points[triangles[:, 1]], points[triangles[:, 2]]
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return points, triangles


def pixel_rays(pose: CArmPose) -> NDArray[np.float64]:
    """Directions through all pixel centres of an N x N picture, shape (N, N, 3)."""
    at = (np.arange(N) + 0.5) * 512 / N - 0.5
    column, row = np.meshgrid(at, at)
    return rays(pose, column.ravel(), row.ravel()).reshape(N, N, 3)


def sphere_chord(pose: CArmPose, centre: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    w, to = pixel_rays(pose), centre - pose.source
    gap2 = to @ to - (w @ to) ** 2
    chord: NDArray[np.float64] = 2.0 * np.sqrt(np.maximum(radius**2 - gap2, 0.0))
    return chord


def slab_chord(pose: CArmPose, half: NDArray[np.float64], R_WB: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of rays in a box of half sizes `half` turned by `R_WB`, by slabs."""
    w, s = pixel_rays(pose) @ R_WB, pose.source @ R_WB
    with np.errstate(divide="ignore"):
        one, two = (-half - s) / w, (half - s) / w
    inside: NDArray[np.float64] = np.maximum(np.maximum(one, two).min(-1) - np.minimum(one, two).max(-1), 0.0)
    return inside


def test_a_sphere_gives_its_chord() -> None:
    pose = CArmPose(lao=0.5, cranial=0.3)
    points, triangles = sphere(0.05, 8000)
    got = thickness(pose, points, triangles, N)
    assert np.abs(got - sphere_chord(pose, np.zeros(3), 0.05)).max() < 3.5e-3  # only at the faceted rim
    assert np.median(np.abs(got - sphere_chord(pose, np.zeros(3), 0.05))[got > 0.02]) < 1e-4


@settings(max_examples=25, deadline=None)
@given(lao=st.floats(-1.0, 1.0), cranial=st.floats(-0.6, 0.6), turn=st.floats(0.0, 3.0))
def test_a_tilted_box_gives_its_chord_and_no_pixel_leaks(lao: float, cranial: float, turn: float) -> None:
    pose = CArmPose(lao, cranial, field=FIELDS[0])
    c, s = np.cos(turn), np.sin(turn)
    R_WB = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    half = np.array([0.03, 0.02, 0.04])
    corners = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]) * half @ R_WB.T
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = np.array([t for a, b, d, e in quads for t in ((a, b, d), (a, d, e))], dtype=np.int64)
    got, want = thickness(pose, corners, triangles, N), slab_chord(pose, half, R_WB)
    error = np.abs(got - want)
    # vertices are rounded to 1/256 pixel, which matters where the ray grazes a face or an edge
    assert np.quantile(error[want > 0], 0.9) < 1e-4
    assert got.min() > -1e-3
    assert got.max() < 2.0 * np.linalg.norm(half) + 1e-3
    assert got.sum() == pytest.approx(want.sum(), rel=2e-3)


def test_an_inverted_surface_gives_the_negative() -> None:
    points, triangles = sphere(0.03, 500)
    upright = thickness(CArmPose(), points, triangles, N)
    assert np.allclose(thickness(CArmPose(), points, triangles[:, ::-1].copy(), N), -upright, atol=1e-12)


def test_a_surface_twice_as_dense_as_a_plane_numpy_twin() -> None:
    pose = CArmPose(lao=-0.4, cranial=0.2)
    points, triangles = sphere(0.04, 60)
    got = thickness(pose, points, triangles, N)
    w, want = pixel_rays(pose), np.zeros((N, N))
    for a, b, c in points[triangles]:  # Moeller-Trumbore for every ray
        e1, e2 = b - a, c - a
        p = np.cross(w, e2)
        det = p @ e1
        t_vec = pose.source - a
        u, q = (p @ t_vec) / det, np.cross(t_vec, e1)
        v, t = (w @ q) / det, (e2 @ q) / det
        hit = (u >= 0) & (v >= 0) & (u + v <= 1)
        want += np.where(hit, np.where(w @ np.cross(e1, e2) > 0, t, -t), 0.0)
    assert np.quantile(np.abs(got - want), 0.98) < 1e-4


@pytest.mark.parametrize("radius", [0.45e-3, 0.9e-3, 3e-3, 12e-3])
def test_a_straight_tube_conserves_its_volume_and_has_its_chord(radius: float) -> None:
    pose = CArmPose()
    points = np.column_stack((np.linspace(-0.05, 0.05, 41) * 0.3, np.zeros(41), np.linspace(-0.05, 0.05, 41)))
    out = np.zeros((512, 512))
    add_tubes(out, pose, tubes_along(points, np.full(41, radius), np.ones(41)))
    pixel = pose.pitch / pose.magnification
    length = np.linalg.norm(points[-1] - points[0])
    assert out.sum() * pixel**2 == pytest.approx(np.pi * radius**2 * length, rel=0.012)
    assert out.max() == pytest.approx(2.0 * radius, rel=0.02)


def test_cutting_a_tube_into_more_pieces_changes_nothing() -> None:
    pose = CArmPose(lao=0.3)
    pictures = []
    for n in (2, 7, 60):
        z = np.linspace(-0.04, 0.04, n)
        out = np.zeros((512, 512))
        add_tubes(out, pose, tubes_along(np.column_stack((0.2 * z, 0.5 * z, z)), np.full(n, 4e-3), np.ones(n)))
        pictures.append(out)
    assert np.abs(pictures[0] - pictures[1]).max() < 1e-9
    assert np.abs(pictures[0] - pictures[2]).max() < 1e-9


def test_a_bent_tube_has_the_volume_of_the_swept_disc() -> None:
    # Pappus: volume of a quarter torus is area times length of its axis
    turn = np.linspace(0.0, np.pi / 2, 61)
    points = 0.03 * np.column_stack((np.cos(turn), 0.0 * turn, np.sin(turn)))
    out = np.zeros((512, 512))
    pose = CArmPose()
    add_tubes(out, pose, tubes_along(points, np.full(61, 6e-3), np.ones(61)))
    volume = out.sum() * (pose.pitch / pose.magnification) ** 2
    assert volume == pytest.approx(np.pi * 6e-3**2 * 0.03 * np.pi / 2, rel=0.01)


def test_a_tube_seen_end_on_is_as_dark_as_it_is_long() -> None:
    y = np.linspace(-0.01, 0.01, 9)
    out = np.zeros((512, 512))
    add_tubes(out, CArmPose(), tubes_along(np.column_stack((0 * y, y, 0 * y)), np.full(9, 1.5e-3), np.ones(9)))
    assert out[255, 255] == pytest.approx(0.02, rel=1e-3)


def test_a_tube_falls_where_its_points_project() -> None:
    pose = CArmPose(lao=0.6, cranial=-0.2)
    points = np.array([[0.02, 0.01, -0.03], [0.02, 0.01, 0.03]])
    out = np.zeros((512, 512))
    add_tubes(out, pose, tubes_along(points, np.full(2, 5e-4), np.ones(2)))
    rows, columns = np.nonzero(out)
    ends = project(pose, points)
    row, column = 0.5 * (ends[0, 1] + ends[1, 1]), 0.5 * (ends[0, 0] + ends[1, 0])
    assert abs(rows.mean() - row) < 1.0
    assert abs(columns.mean() - column) < 1.0


def test_no_tubes_cast_no_shadow() -> None:
    out = np.zeros((64, 64))
    add_tubes(out, CArmPose(), joined([]))
    assert not out.any()

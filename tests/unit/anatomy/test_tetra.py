"""Tetrahedra from closed surfaces: what they fill, how good they are, and what is refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.anatomy.distance import surface_clearance, triangle_tree
from simtrainer.anatomy.repair import volume
from simtrainer.anatomy.tetra_check import find_windings
from simtrainer.anatomy.tetrahedralise import Part, Placing, Tetrahedra, angles, tetrahedralise
from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.studies.bench.tet import ellipsoid
from simtrainer.studies.closed_form.tet import box_surface

F8 = NDArray[np.float64]
BALL = ellipsoid((20.0 * MM, 20.0 * MM, 20.0 * MM), 64)


@cache
def ball(spacing: float, placing: Placing = Placing.ON_SURFACE) -> Tetrahedra:
    return tetrahedralise(BALL, spacing, placing=placing)


def skin(made: Tetrahedra) -> NDArray[np.int64]:
    faces = made.tets[:, ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1))].reshape(-1, 3)
    _, first, count = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    assert count.max() == 2
    return np.asarray(faces[first[count == 1]])


def torus(ring: float, tube: float) -> Part:
    u, v = np.meshgrid(np.arange(64) * np.pi / 32.0, np.arange(32) * np.pi / 16.0, indexing="ij")
    wide = ring + tube * np.cos(v)
    points = np.stack((wide * np.cos(u), wide * np.sin(u), tube * np.sin(v)), axis=-1).reshape(-1, 3)
    number = np.arange(64 * 32).reshape(64, 32)
    a, b = number, np.roll(number, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(number, -1, axis=1)
    triangles = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return Part(1, points, triangles)


def test_a_ball_keeps_its_volume_to_one_percent() -> None:
    made = ball(3.0 * MM)
    size = np.linalg.det(made.points[made.tets[:, 1:]] - made.points[made.tets[:, :1]]).sum() / 6.0
    assert size == pytest.approx(volume(BALL.points, BALL.triangles), rel=0.01)
    assert made.volume_error == pytest.approx(size / volume(BALL.points, BALL.triangles) - 1.0)


def test_nodes_of_the_surface_lie_on_it() -> None:
    made = ball(3.0 * MM)
    tree = triangle_tree(BALL.points, BALL.triangles)
    assert np.abs(surface_clearance(tree, made.points[np.unique(skin(made))])).max() < 1e-9


def test_the_surface_of_the_tetrahedra_is_closed() -> None:
    triangles = skin(ball(3.0 * MM))
    ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    assert np.unique(ends, axis=0).shape == ends.shape
    assert set(map(tuple, ends)) == set(map(tuple, ends[:, ::-1]))


@settings(max_examples=12, deadline=None)
@given(
    half=st.tuples(*[st.floats(8.0, 20.0)] * 3),
    shift=st.tuples(*[st.floats(-5.0, 5.0)] * 3),
    spacing=st.floats(2.2, 3.5),
)
def test_no_angle_is_flat_whatever_the_place_and_size_of_a_round_body(
    half: tuple[float, float, float], shift: tuple[float, float, float], spacing: float
) -> None:
    part = ellipsoid((half[0] * MM, half[1] * MM, half[2] * MM), 48)
    moved = Part(1, part.points + MM * np.array(shift), part.triangles)
    made = tetrahedralise(moved, spacing * MM, placing=Placing.KEEP_VOLUME)
    assert made.least_angle > np.radians(10.0)
    assert made.largest_angle < np.radians(160.0)
    assert abs(made.volume_error) < 1e-6


def test_the_angles_told_are_those_of_the_tetrahedra() -> None:
    regular = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    assert angles(regular, np.array([[0, 1, 2, 3]])) == pytest.approx(np.full((1, 6), np.arccos(1.0 / 3.0)))
    made = ball(3.0 * MM)
    assert made.least_angle == angles(made.points, made.tets).min()
    assert np.degrees(made.least_angle) > 15.0


def test_nodes_move_off_the_surface_by_little_to_keep_the_volume() -> None:
    made = ball(7.0 * MM, Placing.KEEP_VOLUME)
    assert abs(made.volume_error) < 1e-6
    assert 0.0 < made.offset < 0.1 * 7.0 * MM


def test_a_box_whose_edges_are_whole_cubes_is_exact() -> None:
    made = tetrahedralise(box_surface((40.0 * MM, 20.0 * MM, 20.0 * MM)), 5.0 * MM)
    assert made.away < 1e-8
    assert abs(made.volume_error) < 1e-6
    assert np.degrees(made.least_angle) == pytest.approx(45.0, abs=1e-3)
    assert np.degrees(made.largest_angle) == pytest.approx(90.0, abs=1e-3)


def test_a_ring_stays_a_ring() -> None:
    part = torus(20.0 * MM, 8.0 * MM)
    made = tetrahedralise(part, 4.0 * MM, placing=Placing.KEEP_VOLUME)
    triangles = skin(made)
    edges = len(triangles) * 3 // 2
    assert len(np.unique(triangles)) - edges + len(triangles) == 0


def test_a_cavity_stays_empty() -> None:
    inner = BALL.points * 0.5
    both = Part(
        1, np.concatenate((BALL.points, inner)),
        np.concatenate((BALL.triangles, BALL.triangles[:, ::-1] + len(inner))),
    )  # fmt: skip
    made = tetrahedralise(both, 3.0 * MM)
    assert np.linalg.norm(made.points[made.tets].mean(axis=1), axis=1).min() > 9.0 * MM


def test_what_lies_within_a_part_gets_its_label() -> None:
    part = Part(7, BALL.points * 0.5, BALL.triangles)
    made = tetrahedralise(Part(3, BALL.points, BALL.triangles), 3.0 * MM, parts=[part])
    far = np.linalg.norm(made.points[made.tets].mean(axis=1), axis=1)
    assert set(made.labels[far < 9.9 * MM]) == {7}
    assert set(made.labels[far > 10.1 * MM]) == {3}


def test_the_same_surface_gives_the_same_tetrahedra() -> None:
    one, two = (tetrahedralise(BALL, 6.0 * MM, placing=Placing.KEEP_VOLUME) for _ in range(2))
    assert np.array_equal(one.points, two.points)
    assert np.array_equal(one.tets, two.tets)


def test_an_open_surface_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match=r"open along 3 edges; the first at \("):
        tetrahedralise(Part(1, BALL.points, BALL.triangles[1:]), 4.0 * MM)


def test_a_surface_inside_out_is_refused_with_its_volume() -> None:
    with pytest.raises(InputError, match=r"encloses -3\.\d+e\+04 mm3; its triangles are inside out"):
        tetrahedralise(Part(1, BALL.points, BALL.triangles[:, ::-1].copy()), 4.0 * MM)


def test_one_triangle_turned_round_is_refused() -> None:
    turned = BALL.triangles.copy()
    turned[10] = turned[10][::-1]
    with pytest.raises(InputError, match="gone along twice the same way"):
        tetrahedralise(Part(1, BALL.points, turned), 4.0 * MM)


def test_two_bodies_that_overlap_are_refused() -> None:
    both = np.concatenate((BALL.points, BALL.points + np.array([30.0 * MM, 0.0, 0.0])))
    with pytest.raises(InputError, match=r"does not wind once round: \+2\.00 times"):
        tetrahedralise(Part(1, both, np.concatenate((BALL.triangles, BALL.triangles + len(BALL.points)))), 4.0 * MM)


def test_a_lattice_that_misses_a_spike_is_refused_with_its_place() -> None:
    spiky = BALL.points.copy()
    spiky[-2] *= 1.8
    with pytest.raises(InputError, match=r"miss the surface at \(0\.0, 0\.0, 36\.0\) mm by 7\.\d+ mm"):
        tetrahedralise(Part(1, spiky, BALL.triangles), 4.0 * MM)


def test_a_body_thinner_than_the_lattice_is_refused() -> None:
    with pytest.raises(InputError, match="choose a smaller spacing"):
        tetrahedralise(Part(1, BALL.points * (1.0, 1.0, 0.02), BALL.triangles), 4.0 * MM)


def test_bodies_that_would_grow_together_are_refused() -> None:
    both = np.concatenate((BALL.points, BALL.points + np.array([40.6 * MM, 0.0, 0.0])))
    part = Part(1, both, np.concatenate((BALL.triangles, BALL.triangles + len(BALL.points))))
    with pytest.raises(InputError, match="2 bodies became 1 pieces"):
        tetrahedralise(part, 6.0 * MM, placing=Placing.KEEP_VOLUME)


def test_too_much_lost_volume_is_refused_with_a_spacing_that_would_do() -> None:
    with pytest.raises(InputError, match=r"off by -\d\.\d+ %.*Choose a spacing of (\d\.\d+) mm") as refused:
        tetrahedralise(BALL, 6.0 * MM)
    wanted = float(str(refused.value).split("Choose a spacing of ")[1].split(" mm")[0])
    assert abs(ball(wanted * MM).volume_error) < 0.01


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan")])
def test_a_spacing_that_is_none_is_refused(spacing: float) -> None:
    with pytest.raises(InputError, match="spacing"):
        tetrahedralise(BALL, spacing)


def test_a_spacing_in_the_wrong_unit_is_refused() -> None:
    with pytest.raises(InputError, match="Is the unit right"):
        tetrahedralise(Part(1, BALL.points * 1000.0, BALL.triangles), 4.0 * MM)


def test_a_surface_winds_once_round_what_it_encloses_and_not_round_anything_else() -> None:
    at = np.array([[0.0, 0.0, 0.0], [0.0, 0.019, 0.0], [0.0, 0.03, 0.0]])
    turns = np.empty(3)
    find_windings(BALL.points, BALL.triangles, at, turns)
    corners = BALL.points[BALL.triangles][None] - at[:, None, None]
    size = np.linalg.norm(corners, axis=-1)
    box = np.linalg.det(corners)
    dots = [np.einsum("qti,qti->qt", corners[:, :, i], corners[:, :, (i + 1) % 3]) for i in range(3)]
    below = size.prod(axis=2) + sum(dots[i] * size[:, :, (i + 2) % 3] for i in range(3))
    assert turns == pytest.approx((2.0 * np.arctan2(box, below)).sum(axis=1) / (4.0 * np.pi), abs=1e-12)
    assert turns == pytest.approx([1.0, 1.0, 0.0], abs=1e-9)

"""Centrelines extracted from surfaces of known axis: distance and radius, ends, forks, rings."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from simtrainer.anatomy.centreline import EndKind, Extraction, Extractor
from simtrainer.anatomy.curve import resampled
from simtrainer.anatomy.distance import triangle_tree
from simtrainer.anatomy.field import Shape, build_field
from simtrainer.anatomy.intake import import_surface
from simtrainer.anatomy.repair import repaired
from simtrainer.core.error import InputError
from tests.unit.anatomy.surface import Surface, known_surface, known_tree, tube, write_stl


def extractor(surface: Surface, spacing: float = 0.8e-3) -> Extractor:
    shape = Shape(np.zeros((0, 8)), np.zeros(0, dtype=np.int64), triangle_tree(*surface))
    return Extractor(build_field(shape, spacing, 1e-3), shape.clearance)


@cache
def extracted() -> Extraction:
    found = extractor(known_surface())
    root = int(np.argmin([end.point[2] for end in found.ends]))
    return found.rooted(root)


def test_every_end_is_found_and_nothing_else() -> None:
    tree = known_tree()
    ends = np.array([end.point for end in (extracted().root, *extracted().ends)])
    assert len(ends) == 4
    tips = [tree.branches[number].points[-1] for number in range(3)]
    for tip in tips:
        assert np.linalg.norm(ends - tip, axis=1).min() < 0.003
    assert extracted().bumps == 0


def test_the_axis_is_met_within_half_a_millimetre_and_the_radius_within_a_tenth() -> None:
    fine = np.concatenate([resampled(np.column_stack([b.points, b.radii]), 5e-5) for b in extracted().tree.branches])
    near = cKDTree(fine[:, :3])
    for branch in known_tree().branches:
        home = known_tree().branches[0]
        outside = np.ones(len(branch.points), dtype=np.bool_)
        if branch.parent >= 0:
            gap, at = cKDTree(home.points).query(branch.points)
            outside = gap > home.radii[at] + branch.radii
        outside[:2] = False
        distance, at = (np.asarray(found) for found in near.query(branch.points[outside]))
        radius = fine[at, 3] / branch.radii[outside] - 1.0
        assert distance.mean() < 0.25e-3, branch.name  # asked for: 0.5 mm
        assert np.abs(radius).mean() < 0.05, branch.name  # asked for: 10 %
        assert np.percentile(np.abs(radius), 95) < 0.1, branch.name


def test_branches_are_cut_at_forks_and_begin_on_their_parents() -> None:
    tree = extracted().tree
    assert len(tree.branches) == 5
    for branch in tree.branches[1:]:
        parent = tree.branches[branch.parent]
        assert branch.parent_index == len(parent.points) - 1
        assert np.allclose(branch.points[0], parent.points[-1])


def test_radii_are_those_of_the_largest_balls_that_fit() -> None:
    points, triangles = known_surface()
    shape = Shape(np.zeros((0, 8)), np.zeros(0, dtype=np.int64), triangle_tree(points, triangles))
    for branch in extracted().tree.branches:
        middle = branch.points[4:-6]
        radii = branch.radii[4:-6]
        assert np.abs(shape.clearance(middle) - radii).max() < 1e-6
        around = middle[:, None] + 1e-4 * np.concatenate([np.eye(3), -np.eye(3)])
        along = np.gradient(middle, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        step = around - middle[:, None]
        step -= (step * along[:, None]).sum(axis=2, keepdims=True) * along[:, None]
        better = shape.clearance((middle[:, None] + step).reshape(-1, 3)).reshape(-1, 6).max(axis=1) - radii
        assert np.percentile(better, 90) < 1.2e-4  # no step of a tenth of a millimetre across finds more room


def test_a_flat_cut_is_told_from_a_round_end() -> None:
    flat = extractor(tube(capped=True))
    assert [end.kind for end in flat.ends] == [EndKind.CUT, EndKind.CUT]
    for end in flat.ends:
        assert end.radius == pytest.approx(0.005, rel=0.03)
        assert min(abs(end.point[2]), abs(end.point[2] - 0.1)) < 5e-4
        assert abs(end.outward[2]) > 0.99
    round_ends = extractor(known_surface())
    assert all(end.kind is EndKind.TIP for end in round_ends.ends)


def test_a_tube_cut_at_both_ends_is_as_long_as_the_tube() -> None:
    tree = extractor(tube(capped=True)).rooted(0).tree
    assert sum(branch.length for branch in tree.branches) == pytest.approx(0.1, abs=1e-3)
    assert np.abs(tree.branches[0].radii - 0.005).max() < 2e-4


def test_given_openings_are_taken_instead_of_found_ones() -> None:
    shape = Shape(np.zeros((0, 8)), np.zeros(0, dtype=np.int64), triangle_tree(*known_surface()))
    field = build_field(shape, 0.8e-3, 1e-3)
    trunk = known_tree().branches[0].points
    found = Extractor(field, shape.clearance, [trunk[0], trunk[-1]])
    assert len(found.ends) == 2
    assert len(found.rooted(0).tree.branches) == 1


def test_a_ring_of_vessels_is_cut_once_and_said_to_be_one() -> None:
    from simtrainer.anatomy.field import tree_shape  # noqa: PLC0415
    from simtrainer.anatomy.isosurface import wall  # noqa: PLC0415
    from simtrainer.anatomy.tree import Branch, CentrelineTree  # noqa: PLC0415

    z = np.linspace(0.0, 0.12, 61)
    turn = np.linspace(0.0, np.pi, 60)
    trunk = Branch("trunk", np.stack([0 * z, 0 * z, z], axis=1), np.full(61, 0.004), -1, -1)
    loop = np.stack([0.03 * np.sin(turn), 0 * turn, 0.06 - 0.03 * np.cos(turn)], axis=1)
    ring = Branch("ring", loop, np.full(60, 0.003), 0, 15)
    surface = wall(build_field(tree_shape(CentrelineTree((trunk, ring))), 0.8e-3), 1e-3)
    found = extractor(surface)
    kinds = [end.kind for end in found.ends]
    assert kinds.count(EndKind.TIP) == 2
    assert EndKind.RING in kinds


def ball() -> Surface:
    angle, height = np.linspace(0, 2 * np.pi, 24, endpoint=False), np.linspace(-0.99, 0.99, 14)
    rings = [np.column_stack([np.sqrt(1 - h * h) * np.cos(angle), np.sqrt(1 - h * h) * np.sin(angle)]) for h in height]
    points = np.concatenate([np.column_stack([ring, np.full(24, h)]) for ring, h in zip(rings, height, strict=True)])
    _, triangles = tube(around=24, along=14)
    work = repaired(points * 0.02, triangles, "ball")
    return work.points, work.triangles


def test_a_ball_is_no_vessel(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no vessel|ends"):
        import_surface(write_stl(tmp_path / "ball.stl", ball()), tmp_path / "o", unit="mm", frame="RAS")

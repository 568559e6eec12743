"""Surface points, tools, contact and friction, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.physics.tissue_contact import Surface, find_near, gap_to, law, surface
from simtrainer.physics.tissue_tool import Blade, Capsule, Chain, Sphere, Tool, bounds, check_chain, check_pose, pieces
from tests.unit.physics.test_tissue_mesh import box, two_materials

Floats = NDArray[np.float64]


def pose_of(seed: int) -> Floats:
    out = np.eye(4)
    out[:3, :3] = Rotation.random(random_state=seed).as_matrix()
    out[:3, 3] = np.random.default_rng(seed).normal(size=3) * 10.0 * MM
    return out


def table_of(tool: Tool, pose: Floats) -> Floats:
    return pieces((tool,), pose[None], np.full((1, 4, 4), np.nan), ())


def distance(tool: Tool, p: Floats) -> float:
    """The twin of `gap_to`, in the frame of the tool."""
    if isinstance(tool, Sphere):
        return float(np.linalg.norm(p) - tool.radius)
    if isinstance(tool, Capsule):
        on = np.array([0.0, 0.0, np.clip(p[2], -0.5 * tool.length, 0.5 * tool.length)])
        return float(np.linalg.norm(p - on) - tool.radius)
    q = np.abs(p) - 0.5 * np.array(tool.size) + tool.rounding
    return float(np.linalg.norm(np.maximum(q, 0.0)) + min(float(q.max()), 0.0) - tool.rounding)


TOOLS = [Sphere(3.0 * MM), Capsule(10.0 * MM, 2.0 * MM), Blade((20.0 * MM, 12.0 * MM, 3.0 * MM), 1.0 * MM)]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from(TOOLS))
def test_the_gap_is_the_distance_and_the_normal_its_gradient(seed: int, tool: Tool) -> None:
    pose, rng = pose_of(seed), np.random.default_rng(seed)
    local = rng.normal(size=3) * 6.0 * MM
    p, n = pose[:3, :3] @ local + pose[:3, 3], np.zeros(3)
    gap, _ = gap_to(table_of(tool, pose)[0], p, n)
    assert gap == pytest.approx(distance(tool, local), abs=1e-12)
    assert np.linalg.norm(n) == pytest.approx(1.0)
    step = 1e-7
    assert distance(tool, local + step * pose[:3, :3].T @ n) - gap == pytest.approx(step, rel=1e-3)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from(TOOLS))
def test_the_box_about_a_piece_holds_all_that_comes_near_it(seed: int, tool: Tool) -> None:
    pose, rng = pose_of(seed), np.random.default_rng(seed)
    table = table_of(tool, pose)
    low_high = bounds(table, 1.0 * MM)[0]
    for p in pose[:3, 3] + rng.normal(size=(50, 3)) * 8.0 * MM:
        gap, _ = gap_to(table[0], p, np.zeros(3))
        if gap < 1.0 * MM:
            assert (p >= low_high[:3] - 1e-12).all()
            assert (p <= low_high[3:] + 1e-12).all()


def test_the_law_is_smooth_and_its_stiffness_the_slope_of_its_force() -> None:
    blend, step = 0.1 * MM, 1e-9
    for gap in np.linspace(-0.5 * MM, 0.2 * MM, 71):
        slope = (law(gap - step, blend)[0] - law(gap + step, blend)[0]) / (2.0 * step)
        assert law(gap, blend)[1] == pytest.approx(slope, abs=1e-4)
    assert law(blend, blend) == (0.0, 0.0)
    assert list(law(-1.0 * MM, blend)) == pytest.approx([1.0 * MM, 1.0])


def test_the_points_of_a_surface_share_its_area() -> None:
    mesh = two_materials()
    skin = surface(mesh, np.ones(24, dtype=np.bool_))
    i, j, k = np.array([16.0, 15.0, 12.0]) * MM
    assert skin.area.sum() == pytest.approx(2.0 * (i * j + j * k + k * i))
    assert len(np.unique(skin.node, axis=0)) == len(skin.node)
    middle = np.einsum("sk,skr->sr", skin.share, mesh.points[skin.node])
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    on = np.isclose(middle, low, atol=1e-9) | np.isclose(middle, high, atol=1e-9)
    assert on.any(axis=1).all()


def test_the_surface_of_a_hole_is_felt_too() -> None:
    mesh = box((3, 3, 3))
    alive = np.ones(27, dtype=np.bool_)
    alive[np.flatnonzero((mesh.voxels == 1).all(axis=1))] = False
    assert surface(mesh, alive).area.sum() == pytest.approx((6 * 9 + 6) * (5.0 * MM) ** 2)


def test_points_near_a_tool_are_found_and_no_others() -> None:
    mesh = box((4, 4, 4))
    skin: Surface = surface(mesh, np.ones(64, dtype=np.bool_))
    boxes = np.array([[-1.0, -1.0, 18.0, 6.0, 6.0, 30.0]]) * MM
    out = np.zeros(len(skin.area), dtype=np.int64)
    count = find_near(np.append(mesh.points.ravel(), np.zeros(3)), skin, boxes, out)
    middle = np.einsum("sk,skr->sr", skin.share, mesh.points[skin.node])
    inside = np.all((middle >= boxes[0, :3]) & (middle <= boxes[0, 3:]), axis=1)
    assert out[:count].tolist() == np.flatnonzero(inside).tolist()


def test_a_chain_becomes_a_capsule_between_each_two_points_and_knows_where_it_came_from() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 10.0], [0.0, 5.0, 20.0]]) * MM
    moved = np.array([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [3.0, 0.0, 0.0]]) * MM
    none = np.zeros((0, 4, 4))
    table = pieces((), none, none, (Chain(points, np.array([1.0, 2.0, 3.0]) * MM, moved),))
    assert table[:, 4:10] == pytest.approx(np.hstack((points[:-1], points[1:])))
    assert table[:, 28] == pytest.approx([-1.0 * MM, -2.0 * MM])
    gap, share = gap_to(table[0], np.array([4.0, 0.0, 5.0]) * MM, np.zeros(3))
    assert [gap, share] == pytest.approx([2.5 * MM, 0.5])


def test_poses_and_chains_that_cannot_be_are_refused() -> None:
    for pose in (np.eye(3), np.full((4, 4), np.nan), 2.0 * np.eye(4), np.diag([1.0, 1.0, -1.0, 1.0])):
        with pytest.raises(InputError, match="here"):
            check_pose(pose, "here")
    two = np.zeros((2, 3))
    for chain in (
        Chain(two[:1], np.ones(1)), Chain(two, np.ones(3)), Chain(two, np.array([1.0, 0.0])),
        Chain(two, np.array([1.0, np.nan])), Chain(two, np.ones(2), np.zeros((3, 3))),
    ):  # fmt: skip
        with pytest.raises(InputError, match="there"):
            check_chain(chain, "there")

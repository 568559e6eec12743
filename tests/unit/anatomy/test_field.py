"""The contact field against closed forms and against a plain NumPy twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.anatomy.cone import clearance_at, cone_balls
from simtrainer.anatomy.field import BLEND, TUNNEL, build_field, field_error, tree_shape
from simtrainer.anatomy.tree import Branch, CentrelineTree

Floats = NDArray[np.float64]


def twin_cone(p: Floats, a: Floats, ra: float, b: Floats, rb: float) -> float:
    """Distance to the hull of two balls: the least distance to any ball between them (brute force)."""
    share = np.linspace(0.0, 1.0, 20001)[:, None]
    centre = a + share * (b - a)
    radius = ra + share[:, 0] * (rb - ra)
    return float((np.linalg.norm(p - centre, axis=1) - radius).min())


def straight(radius: float, length: float = 0.06) -> CentrelineTree:
    z = np.linspace(0.0, length, 31)
    points = np.stack([0.002 + 0 * z, -0.001 + 0 * z, z], axis=1)
    return CentrelineTree((Branch("tube", points, np.full(31, radius), -1, -1),))


def fork() -> CentrelineTree:
    z = np.linspace(0.0, 0.05, 26)
    trunk = Branch("trunk", np.stack([0 * z, 0 * z, z], axis=1), np.full(26, 0.008), -1, -1)
    side = np.array([0.0, 0.0, z[13]]) + np.linspace(0.0, 0.04, 21)[:, None] * np.array([0.8, 0.0, 0.6])
    return CentrelineTree((trunk, Branch("side", side, np.full(21, 0.004), 0, 13)))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-0.03, 0.03), min_size=3, max_size=3),
    st.floats(0.001, 0.01),
    st.floats(0.001, 0.01),
)
def test_a_round_cone_is_the_hull_of_its_two_balls(place: list[float], ra: float, rb: float) -> None:
    a, b, p = np.zeros(3), np.array([0.004, 0.01, -0.003]), np.array(place)
    cone = np.array([[*a, ra, *b, rb]])
    found = clearance_at(p[None], cone, cone_balls(cone), np.zeros(1, dtype=np.int64), BLEND)[0]
    assert found == pytest.approx(-twin_cone(p, a, ra, b, rb), abs=2e-7)


@pytest.mark.parametrize("spacing", [1.0e-3, 0.6e-3])
@pytest.mark.parametrize("radius", [0.0025, 0.012])
def test_the_radius_of_a_tube_is_met_within_a_twentieth_of_a_millimetre(radius: float, spacing: float) -> None:
    field = build_field(tree_shape(straight(radius)), spacing)
    angle = np.linspace(0.0, 2.0 * np.pi, 60)
    for z in (0.02, 0.0312):
        wall = np.stack([0.002 + radius * np.cos(angle), -0.001 + radius * np.sin(angle), 0 * angle + z], axis=1)
        value, gradient, known = field.sample(wall)
        assert known.all()
        assert np.abs(value).max() < 5e-5
        assert np.abs(np.linalg.norm(gradient, axis=1) - 1.0).max() < 0.02


def test_the_band_reaches_six_millimetres_beyond_the_wall() -> None:
    field = build_field(tree_shape(straight(0.004)), 1.0e-3)
    value, _, known = field.sample(np.array([[0.002 + 0.004 + 0.0059, -0.001, 0.03]]))
    assert known[0]
    assert value[0] == pytest.approx(-0.0059, abs=5e-5)


def test_the_access_stays_open_and_the_far_end_is_closed() -> None:
    field = build_field(tree_shape(straight(0.004)), 1.0e-3)
    outward = np.array([[0.002, -0.001, -0.9 * TUNNEL], [0.002, -0.001, 0.06 + 0.0045]])
    value, _, known = field.sample(outward)
    assert known.all()
    assert value[0] == pytest.approx(0.004, abs=2e-4)  # the axis is a ridge, which a grid rounds
    assert value[1] < 0.0


def test_a_fork_is_never_narrower_than_its_tubes() -> None:
    tree = fork()
    shape = tree_shape(tree)
    field = build_field(shape, 0.6e-3)
    for branch in tree.branches:
        inner = branch.points[1:-1]
        value, _, _ = field.sample(inner)
        assert (value >= branch.radii[1:-1] - 2e-4).all()
    error = field_error(field, shape, 5000)
    assert error.p99 < 5e-5
    assert error.largest < 3.5e-4


def test_a_fork_opens_its_crease_by_no_more_than_a_quarter_of_the_blend() -> None:
    shape = tree_shape(fork())
    points = np.random.Generator(np.random.Philox(1)).uniform([-0.01, -0.01, 0.0], [0.03, 0.01, 0.05], (4000, 3))
    balls = cone_balls(shape.cones)
    smooth = clearance_at(points, shape.cones, balls, shape.tube, BLEND)
    plain = clearance_at(points, shape.cones, balls, np.zeros_like(shape.tube), BLEND)
    assert (smooth >= plain - 1e-12).all()
    assert (smooth <= plain + 0.25 * BLEND + 1e-12).all()

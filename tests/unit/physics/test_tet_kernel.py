"""Kernels of tetrahedra beside plain NumPy, and what no elastic force may do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.transform import Rotation

from simtrainer.core.units import MM
from simtrainer.physics.tet_domain import Domains, Rule, assembled, domains, turners
from simtrainer.physics.tet_factor import Factor, factored, solve_factor
from simtrainer.physics.tet_kernel import measure, multiply, resist, turn, turn_slopes
from simtrainer.physics.tet_mesh import TetMesh, feelers, tet_mesh
from simtrainer.physics.tet_solve import _solve_small, find_root
from simtrainer.physics.tissue_mesh import Material

F8 = NDArray[np.float64]
SOFT = Material(8e3, 0.45, 1000.0, "test", damping=0.02)
HARD = Material(30e3, 0.3, 1100.0, "test", damping=0.01)
RULES = list(Rule)


@cache
def mesh(two: bool = True) -> TetMesh:
    """A block of 2 x 2 x 2 cubes, six tetrahedra each, its inner nodes shifted; two materials."""
    rng = np.random.default_rng(5)
    lattice = np.stack(np.meshgrid(*[np.arange(3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    points = 10.0 * MM * (lattice + np.where((lattice == 1).all(axis=1, keepdims=True), 0.2, 0.0))
    points += MM * rng.uniform(-0.5, 0.5, points.shape)
    tets = []
    for low in np.ndindex(2, 2, 2):
        for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
            corner = [np.array(low)]
            for axis in order:
                corner.append(corner[-1] + np.eye(3, dtype=np.int64)[axis])
            tets.append([int(c @ (9, 3, 1)) for c in corner])
    made = np.array(tets)
    back = np.linalg.det(points[made[:, 1:]] - points[made[:, :1]]) < 0.0
    made[back] = made[back][:, [1, 0, 2, 3]]
    labels = np.where(two & (points[made].mean(axis=1)[:, 0] > 10.0 * MM), 2, 1)
    return tet_mesh(np.asarray(points, dtype=np.float64), made, labels, {1: SOFT, 2: HARD})


def gradients(x: F8, part: Domains) -> F8:
    """Mean gradient of each domain, by NumPy."""
    nodes = x.reshape(-1, 3)[part.node // 3]
    return np.asarray(np.add.reduceat(nodes[:, :, None] * part.slope[:, None, :], part.first[:-1], axis=0))


def polar(f: F8) -> F8:
    u, _, v = np.linalg.svd(f)
    u[:, :, 2] *= np.sign(np.linalg.det(u @ v))[:, None]
    return np.asarray(u @ v)


def turned(x: F8, parts: tuple[Domains, Domains]) -> tuple[F8, F8, F8]:
    """Rotations of both kinds of domain, and slopes in W, by the kernels."""
    rot, around = (np.empty((len(part.volume), 9)) for part in parts)
    turn(x, parts[0], rot, np.zeros((3, 3)), np.zeros((4, 9)))
    turn(x, parts[1], around, np.zeros((3, 3)), np.zeros((4, 9)))
    slope = np.empty_like(parts[1].slope)
    turn_slopes(parts[1], around, slope)
    return rot, around, slope


def force(x: F8, rule: Rule, two: bool = True) -> F8:
    """Forces with which the block resists at nodes `x` (3 n,), undamped, shape (n, 3)."""
    parts = domains(mesh(two), rule)
    rot, _, slope = turned(x, parts)
    out = np.zeros_like(x)
    none = np.zeros((len(parts[0].volume), 6)), np.zeros(len(parts[1].volume))
    resist(x, parts[0], rot, parts[1], slope, np.zeros(2), *none, out, np.zeros(6))
    return out.reshape(-1, 3)


def twin(x: F8, rule: Rule) -> F8:
    """The same by NumPy, from the definition."""
    out = np.zeros_like(x).reshape(-1, 3)
    for part in domains(mesh(), rule):
        f = gradients(x, part)
        r = polar(f)
        e = np.einsum("dji,djk->dik", r, f)
        e = 0.5 * (e + e.transpose(0, 2, 1)) - np.eye(3)
        trace = np.trace(e, axis1=1, axis2=2)[:, None, None] * np.eye(3)
        stress = 2.0 * part.shear[:, None, None] * (e - trace / 3.0) + part.bulk[:, None, None] * trace
        about = np.repeat(np.arange(len(part.volume)), np.diff(part.first))
        np.add.at(out, part.node // 3, np.einsum("kij,kj->ki", (r @ stress)[about], part.slope))
    return out


bent = arrays(np.float64, (27, 3), elements=st.floats(-2e-3, 2e-3))


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15, deadline=None)
@given(moved=bent, seed=st.integers(0, 99))
def test_forces_are_those_of_the_definition(rule: Rule, moved: F8, seed: int) -> None:
    R = Rotation.random(random_state=seed).as_matrix()
    x = ((mesh().points + moved) @ R.T).ravel()
    assert force(x, rule) == pytest.approx(twin(x, rule), abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15, deadline=None)
@given(moved=bent)
def test_forces_have_neither_sum_nor_moment(rule: Rule, moved: F8) -> None:
    x = mesh().points + moved
    f = force(x.ravel(), rule)
    size = np.abs(f).sum() + 1e-12
    assert np.abs(f.sum(axis=0)).max() < 1e-11 * size
    assert np.abs(np.cross(x, f).sum(axis=0)).max() < 1e-11 * size


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_rigid_motion_is_not_resisted(rule: Rule, seed: int) -> None:
    R = Rotation.random(random_state=seed).as_matrix()
    x = mesh().points @ R.T + (0.3, -0.2, 0.1)
    assert np.abs(force(x.ravel(), rule)).max() < 1e-9


@pytest.mark.parametrize("rule", RULES)
def test_a_constant_strain_is_resisted_at_the_surface_alone(rule: Rule) -> None:
    strain = np.array([[0.02, 0.01, 0.0], [0.01, -0.01, 0.005], [0.0, 0.005, 0.03]])
    x = mesh().points @ (np.eye(3) + strain)
    f = force(x.ravel(), rule, two=False)
    assert np.abs(f[13]).max() < 1e-12
    assert np.abs(f).max() > 1e-3
    shear, bulk = 8e3 / 2.9, 8e3 / 0.3
    stress = 2.0 * shear * (strain - np.eye(3) * np.trace(strain) / 3.0) + bulk * np.trace(strain) * np.eye(3)
    volume = mesh(False).volumes().sum()
    assert np.einsum("ni,nj->ij", mesh().points, f) == pytest.approx(volume * stress, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_slopes_of_every_domain_give_constants_and_linear_fields_exactly(rule: Rule) -> None:
    for part in domains(mesh(), rule):
        assert np.abs(np.add.reduceat(part.slope, part.first[:-1], axis=0)).max() < 1e-9
        assert gradients(mesh().points.ravel(), part) == pytest.approx(np.tile(np.eye(3), (len(part.volume), 1, 1)))
        assert part.volume.sum() == pytest.approx(mesh().volumes().sum())


@pytest.mark.parametrize("rule", RULES)
def test_the_product_is_that_of_the_assembled_matrix_and_the_slope_of_the_force_at_rest(rule: Rule) -> None:
    parts, x = domains(mesh(), rule), mesh().points.ravel()
    d = np.random.default_rng(3).normal(size=len(x))
    rot, _, slope = turned(x, parts)
    out = np.zeros_like(x)
    gain = np.array([1.5, 0.7])
    multiply(d, parts[0], rot, parts[1], slope, gain, out, np.zeros(6))
    assert out == pytest.approx(assembled(parts, gain, 27) @ d, abs=1e-9 * np.abs(out).max())
    h = 1e-7
    numeric = (force(x + h * d, rule) - force(x - h * d, rule)).ravel() / (2.0 * h)
    assert assembled(parts, np.ones(2), 27) @ d == pytest.approx(numeric, abs=1e-5 * np.abs(numeric).max())


@pytest.mark.parametrize("rule", RULES)
def test_nothing_but_a_rigid_motion_is_free(rule: Rule) -> None:
    values = np.linalg.eigvalsh(assembled(domains(mesh(), rule), np.ones(2), 27).toarray())
    assert np.abs(values[:6]).max() < 1e-9 * values[-1]
    assert values[6] > 1e-4 * values[-1]


@pytest.mark.parametrize("squash", [-1.0, 0.0, 0.01, 3.0])
def test_rotations_stay_rotations_where_a_body_is_flat_or_inside_out(squash: float) -> None:
    parts = domains(mesh(), Rule.EDGE)
    rot, around, _ = turned((mesh().points * (1.0, 1.0, squash)).ravel(), parts)
    for r in (rot.reshape(-1, 3, 3), around.reshape(-1, 3, 3)):
        assert np.einsum("dij,dkj->dik", r, r) == pytest.approx(np.tile(np.eye(3), (len(r), 1, 1)), abs=1e-9)
        assert np.linalg.det(r) == pytest.approx(np.ones(len(r)))


def test_damping_resists_the_rate_of_strain_and_not_a_turn() -> None:
    parts, x = domains(mesh(), Rule.EDGE), mesh().points.ravel()
    old = np.zeros((len(parts[0].volume), 6)), np.zeros(len(parts[1].volume))
    rot, _, slope = turned(x, parts)
    measure(x, parts[0], rot, parts[1], slope, *old, np.zeros(6))
    assert np.abs(old[0]).max() < 1e-12
    now = (mesh().points @ Rotation.from_rotvec((0.1, 0.2, 0.3)).as_matrix().T).ravel()
    for moved, still in ((now, True), (x * 1.01, False)):
        rot, _, slope = turned(moved, parts)
        out = [np.zeros_like(x), np.zeros_like(x)]
        for y, viscous in zip(out, (0.0, 2.0), strict=True):
            resist(moved, parts[0], rot, parts[1], slope, np.full(2, viscous), *old, y, np.zeros(6))
        assert out[1] == pytest.approx(3.0 * out[0], abs=1e-9)
        assert bool(np.abs(out[1]).max() < 1e-9) == still


def test_each_node_turns_with_a_domain_about_itself() -> None:
    full = domains(mesh(), Rule.EDGE)[1]
    for node, d in enumerate(turners(mesh(), full)):
        inside = set(full.node[full.first[d] : full.first[d + 1]] // 3)
        assert node in inside
        near = set(mesh().tets[(mesh().tets == node).any(axis=1)].ravel())
        assert inside <= near


def test_domains_end_where_a_material_ends() -> None:
    for part in domains(mesh(), Rule.EDGE):
        for d in range(len(part.volume)):
            inside = set(part.node[part.first[d] : part.first[d + 1]] // 3)
            own = set(mesh().tets[mesh().kind == part.kind[d]].ravel())
            assert inside <= own


@cache
def factor() -> tuple[sparse.csr_array, F8, NDArray[np.bool_], Factor]:
    matrix = assembled(domains(mesh(), Rule.EDGE), np.full(2, 3.0), 27)
    diagonal = np.linspace(1.0, 2.0, 27)
    fixed = mesh().points[:, 2] < 2.0 * MM
    return matrix, diagonal, fixed, factored(matrix, diagonal, fixed, np.arange(27) % 2 == 0)


def test_the_factor_solves_the_system_at_rest() -> None:
    matrix, diagonal, fixed, made = factor()
    free = np.repeat(~fixed, 3).astype(np.float64)
    full = matrix.toarray() * free[:, None] * free + np.diag(np.repeat(diagonal, 3) * free + 1.0 - free)
    want = np.random.default_rng(1).normal(size=81)
    b = np.empty(81)
    order = (made.place[:, None] + np.arange(3)).ravel()
    b[order] = full @ want
    solve_factor(made, b, np.zeros(81))
    assert b[order] == pytest.approx(want, abs=1e-4 * np.abs(want).max())
    assert made.seat[fixed].max() == -1
    inverse = np.linalg.inv(full)
    for node in np.flatnonzero(made.seat >= 0):
        rows = made.yielding[3 * made.seat[node] : 3 * made.seat[node] + 3][:, order]
        assert rows == pytest.approx(inverse[3 * node : 3 * node + 3], abs=1e-5 * np.abs(inverse).max())


@given(seed=st.integers(0, 1000), rank=st.integers(1, 3))
def test_the_root_of_a_stiffness_is_one_also_where_it_is_singular(seed: int, rank: int) -> None:
    half = np.random.default_rng(seed).normal(size=(3, rank))
    s = half @ half.T
    root = np.zeros((1, 9))
    find_root(s[np.triu_indices(3)].reshape(1, 6), 1, root)
    low = root.reshape(3, 3)
    assert np.array_equal(low, np.tril(low))
    assert low @ low.T == pytest.approx(s, abs=1e-5 * np.trace(s))


def test_the_small_system_is_solved() -> None:
    low = np.tril(np.random.default_rng(4).normal(size=(7, 7))) + 5.0 * np.eye(7)
    want = np.arange(7.0)
    u = low @ low.T @ want
    _solve_small(low, 7, u)
    assert u == pytest.approx(want)


def test_points_of_the_surface_stand_for_its_area() -> None:
    triangles = mesh().skin()
    a, b, c = (mesh().points[triangles[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    skin = feelers(mesh().points, triangles)
    assert skin.area.sum() == pytest.approx(area)
    assert np.array_equal(skin.node[:, 0], skin.node[:, 1])
    assert np.array_equal(skin.node[:, 2], skin.node[:, 3])
    assert len(skin.area) == len(np.unique(triangles)) + len(triangles) * 3 // 2

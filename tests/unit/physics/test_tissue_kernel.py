"""Bricks: the small blocks, the rotations and the forces against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from simtrainer.core.units import MM
from simtrainer.physics.tissue_element import AXIS_MODE, CORNERS, HADAMARD, brick, stiffness
from simtrainer.physics.tissue_kernel import LANES, SCRATCH, Bricks, multiply, polar, resist, stretch, turn
from simtrainer.physics.tissue_mesh import VoxelMesh
from tests.unit.physics.test_tissue_mesh import two_materials

Floats = NDArray[np.float64]
RATIOS = [-0.5, 0.0, 0.3, 0.45, 0.49]
EDGES = np.array([3.0, 4.0, 5.0]) * MM


def proper(f: Floats) -> Floats:
    """The twin of `polar`."""
    u, _, v = np.linalg.svd(f)
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
    return np.asarray(u @ flip @ v)


def polar_of(f: Floats) -> Floats:
    out = f.copy()
    polar(out, np.zeros((4, 9)))
    return out


def gradient(x: Floats, mesh: VoxelMesh) -> Floats:
    return np.asarray(np.einsum("eki,kj->eij", x[mesh.corners], CORNERS) / (4.0 * mesh.spacing))


def forces(x: Floats, mesh: VoxelMesh, viscous: Floats, old: Floats, start: Floats) -> Floats:
    """The twin of `resist`: R K (u + viscous (u - old))."""
    _, kinds, _ = mesh.bricks()
    rest = CORNERS * (0.5 * mesh.spacing)
    out = np.zeros((len(mesh.points), 3))
    for e, nodes in enumerate(mesh.corners):
        g = mesh.kind[e]
        u = x[nodes] @ proper(gradient(x, mesh)[e]) - rest
        before = start[nodes] @ proper(gradient(start, mesh)[e]) - rest
        local = kinds[g].stiffness @ (u + viscous[g] * (u - before)).ravel()
        out[nodes] += local.reshape(8, 3) @ proper(gradient(x, mesh)[e]).T
    return out


class Work:
    """What the kernels need, for one mesh."""

    def __init__(self, mesh: VoxelMesh) -> None:
        self.body: Bricks
        self.body, self.kinds, lane = mesh.bricks()
        blocks = len(self.body.kind)
        live = np.zeros(blocks * LANES)
        live[lane] = 1.0
        self.live, self.rot = live.reshape(-1, LANES), np.zeros((blocks, 9, LANES))
        self.old, self.b = np.zeros((blocks, 24 * LANES)), np.zeros(SCRATCH)

    def turned(self, x: Floats) -> None:
        turn(x, self.body, self.live, self.rot, np.zeros((3, 3)), np.zeros((4, 9)))


def flat(x: Floats) -> Floats:
    return np.concatenate((x.ravel(), np.zeros(3)))


def shaken(mesh: VoxelMesh, seed: int, size: float) -> Floats:
    return np.asarray(mesh.points + size * np.random.default_rng(seed).normal(size=mesh.points.shape))


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_brick_is_symmetric_and_resists_all_but_rigid_motion(ratio: float) -> None:
    k = stiffness(10e3, ratio, EDGES)
    assert (k == k.T).all()
    values = np.linalg.eigvalsh(k)
    assert np.abs(values[:6]).max() < 1e-12 * values[-1]
    assert values[6] > 1e-4 * values[-1]


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_brick_that_is_strained_evenly_stores_what_its_material_does(ratio: float) -> None:
    rng = np.random.default_rng(0)
    g = rng.normal(size=(3, 3)) * 1e-2
    u = (CORNERS * (0.5 * EDGES) @ g.T).ravel()
    strain = 0.5 * (g + g.T)
    shear, bulk = 10e3 / (2.0 * (1.0 + ratio)), 10e3 / (3.0 * (1.0 - 2.0 * ratio))
    shape = strain - np.trace(strain) / 3.0 * np.eye(3)
    density = shear * np.sum(shape**2) + 0.5 * bulk * np.trace(strain) ** 2
    assert 0.5 * u @ stiffness(10e3, ratio, EDGES) @ u == pytest.approx(density * np.prod(EDGES), rel=1e-12)


@pytest.mark.parametrize("ratio", RATIOS)
def test_the_eight_small_blocks_are_the_whole_stiffness(ratio: float) -> None:
    one = brick(10e3, ratio, EDGES)
    inner = np.zeros((24, 24))
    for q in range(8):
        rows = np.array([3 * (q ^ mode) + c for c, mode in enumerate(AXIS_MODE)])
        block = np.zeros((3, 3))
        block[np.triu_indices(3)] = one.blocks[q]
        inner[np.ix_(rows, rows)] = block + np.triu(block, 1).T
    turned = np.kron(HADAMARD, np.eye(3))
    assert turned @ inner @ turned == pytest.approx(one.stiffness, abs=1e-12 * np.abs(one.stiffness).max())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.floats(0.0, 3.0))
def test_the_rotation_is_the_nearest_one_also_inside_out(seed: int, wild: float) -> None:
    rng = np.random.default_rng(seed)
    f = Rotation.random(random_state=seed).as_matrix() + wild * rng.normal(size=(3, 3))
    s = np.linalg.svd(f, compute_uv=False)
    least = s[1] + np.sign(np.linalg.det(f)) * s[2]
    found = polar_of(f)
    assert found.T @ found == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(found) == pytest.approx(1.0)
    if least > 1e-2:  # else several rotations are as near
        assert found == pytest.approx(proper(f), abs=1e-9)


@pytest.mark.parametrize("f", [np.zeros((3, 3)), np.diag([1.0, 1.0, 0.0]), -np.eye(3), np.diag([1.0, 1e-9, 1e-9])])
def test_what_is_flat_or_nothing_still_gives_a_rotation(f: Floats) -> None:
    found = polar_of(f)
    assert found.T @ found == pytest.approx(np.eye(3), abs=1e-12)


@pytest.mark.parametrize("viscous", [0.0, 0.7])
def test_forces_are_those_of_the_twin(viscous: float) -> None:
    mesh, work = two_materials(), Work(two_materials())
    start, x, v = shaken(mesh, 1, 0.3 * MM), shaken(mesh, 2, 0.6 * MM), np.array([viscous, 0.5 * viscous])
    work.turned(flat(start))
    stretch(flat(start), work.body, work.rot, work.old, work.b)
    work.turned(flat(x))
    y = np.zeros(len(flat(x)))
    resist(flat(x), work.body, work.rot, v, work.old, y, work.b)
    wanted = forces(x, mesh, v, work.old, start)
    assert y[:-3].reshape(-1, 3) == pytest.approx(wanted, abs=1e-11 * np.abs(wanted).max())


def test_the_product_is_that_of_the_assembled_matrix() -> None:
    mesh, work = two_materials(), Work(two_materials())
    x, gain = shaken(mesh, 3, 0.6 * MM), np.array([1.5, 2.0])
    d = np.random.default_rng(4).normal(size=mesh.points.shape)
    work.turned(flat(x))
    y = np.zeros(len(flat(x)))
    multiply(flat(d), work.body, work.rot, gain, y, work.b)
    wanted = np.zeros_like(x)
    for e, nodes in enumerate(mesh.corners):
        R = proper(gradient(x, mesh)[e])
        k = gain[mesh.kind[e]] * work.kinds[mesh.kind[e]].stiffness
        wanted[nodes] += (k @ (d[nodes] @ R).ravel()).reshape(8, 3) @ R.T
    assert y[:-3].reshape(-1, 3) == pytest.approx(wanted, abs=1e-11 * np.abs(wanted).max())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_a_rigid_motion_is_not_resisted_and_forces_turn_with_the_frame(seed: int) -> None:
    mesh, work = two_materials(), Work(two_materials())
    R = Rotation.random(random_state=seed).as_matrix()
    shift = np.random.default_rng(seed).normal(size=3)
    y, turned, zero = np.zeros(3 * len(mesh.points) + 3), np.zeros(3 * len(mesh.points) + 3), np.zeros(2)
    moved = flat(mesh.points @ R.T + shift)
    work.turned(moved)
    resist(moved, work.body, work.rot, zero, work.old, y, work.b)
    assert np.abs(y).max() < 1e-12 * 8e3 * 5.0 * MM
    x = shaken(mesh, seed, 0.5 * MM)
    work.turned(flat(x))
    y[:] = 0.0
    resist(flat(x), work.body, work.rot, zero, work.old, y, work.b)
    moved = flat(x @ R.T + shift)
    work.turned(moved)
    resist(moved, work.body, work.rot, zero, work.old, turned, work.b)
    assert turned[:-3].reshape(-1, 3) == pytest.approx(y[:-3].reshape(-1, 3) @ R.T, abs=1e-11 * np.abs(y).max() + 1e-13)


def test_a_block_keeps_within_what_the_smoother_can_bear() -> None:
    for ratio in RATIOS[1:]:
        one = brick(10e3, ratio, np.full(3, 5.0 * MM))
        n = 4
        number = np.arange((n + 1) ** 3).reshape(n + 1, n + 1, n + 1)
        k, count = np.zeros((3 * (n + 1) ** 3, 3 * (n + 1) ** 3)), np.zeros((n + 1) ** 3)
        for i, j, m in np.ndindex(n, n, n):
            nodes = number[i : i + 2, j : j + 2, m : m + 2].ravel()
            rows = (3 * nodes[:, None] + np.arange(3)).ravel()
            k[np.ix_(rows, rows)] += one.stiffness
            count[nodes] += 1.0
        d = np.repeat(1.0 / np.sqrt(count * one.diagonal), 3)
        assert np.linalg.eigvalsh(d[:, None] * k * d)[-1] < 1.05 * 1.2 * one.bound

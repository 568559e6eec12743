"""Bricks: the small blocks, the rotations and the forces against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from simtrainer.core.units import MM
from simtrainer.physics.tissue_brick import LANES, ROWS, Lanes, multiply, resist
from simtrainer.physics.tissue_element import (
    AXIS_MODE,
    CORNERS,
    HADAMARD,
    brick,
    moduli,
    shear_and_volume,
    stiffness,
)
from simtrainer.physics.tissue_kernel import TURN_SCRATCH, polar, turn_lanes
from simtrainer.physics.tissue_lattice import lay_out
from simtrainer.physics.tissue_mesh import VoxelMesh, voxel_mesh
from tests.unit.physics.test_tissue_mesh import SOFT, two_materials

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
    kinds = [brick(m.youngs_modulus, m.poisson_ratio, mesh.spacing) for m in mesh.materials]
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
    """What the kernels need, for one mesh, all bricks alive."""

    def __init__(self, mesh: VoxelMesh, viscous: Floats | None = None) -> None:
        self.layout = lay_out(mesh)
        self.body = self.layout.bricks
        self.kinds = [brick(m.youngs_modulus, m.poisson_ratio, mesh.spacing) for m in mesh.materials]
        pairs = np.array([moduli(m.youngs_modulus, m.poisson_ratio) for m in mesh.materials])[mesh.kind]
        slow = np.zeros(len(mesh.kind)) if viscous is None else viscous[mesh.kind]
        rows = np.zeros((3, len(self.body.at) * LANES))
        rows[:, self.layout.lane] = pairs[:, 0], pairs[:, 1] / pairs[:, 0], slow
        shear, ratio, late = rows.reshape(3, -1, LANES)
        self.lanes = Lanes(shear, ratio, ratio.astype(np.float32), late, np.sqrt(shear * (1.0 + late)))
        blocks = len(self.body.at)
        self.old, self.rot = np.zeros((blocks, 21 * LANES)), np.zeros((blocks, 9 * LANES))
        self.small = np.zeros((blocks, 9 * LANES), dtype=np.float32)
        self.r, self.b, self.s = np.zeros(9 * LANES), np.zeros(ROWS * LANES), np.zeros(TURN_SCRATCH)

    def over(self, x: Floats) -> Floats:
        """Rows (n, 3) over the lattice."""
        out = np.zeros((3, self.layout.size))
        out[:, self.layout.node] = x.T
        return out

    def back(self, y: NDArray[np.floating]) -> Floats:
        return np.asarray(y[:, self.layout.node].T, dtype=np.float64)

    def resist(self, x: Floats, *, first: bool) -> Floats:
        y = np.zeros((3, self.layout.size))
        resist(self.over(x), self.body, self.lanes, self.old, first, y, self.rot, self.small, self.r, self.b, self.s)
        return self.back(y)


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


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100_000), st.floats(0.0, 3.0))
def test_a_block_of_gradients_turns_as_one_by_one_and_what_is_not_there_does_not(seed: int, wild: float) -> None:
    rng = np.random.default_rng(seed)
    f = Rotation.random(LANES, random_state=seed).as_matrix() + wild * rng.normal(size=(LANES, 3, 3))
    live = (rng.random(LANES) < 0.8).astype(np.float64)
    r = np.ascontiguousarray(f.reshape(LANES, 9).T).ravel()
    turn_lanes(r, live, np.zeros(TURN_SCRATCH))
    for m, found in enumerate(r.reshape(9, LANES).T.reshape(LANES, 3, 3)):
        wanted = polar_of(f[m]) if live[m] > 0.0 else np.eye(3)
        least = np.linalg.svd(f[m], compute_uv=False)[1:] @ (1.0, np.sign(np.linalg.det(f[m])))
        assert found.T @ found == pytest.approx(np.eye(3), abs=1e-12)
        if least > 1e-2 or live[m] == 0.0:
            assert found == pytest.approx(wanted, abs=1e-9)


def test_the_unit_blocks_make_every_material() -> None:
    table = shear_and_volume(EDGES)
    for ratio in RATIOS:
        shear, bulk = moduli(10e3, ratio)
        blocks = shear * table[:8]
        blocks[0] += bulk * np.outer(table[8, :3], table[8, :3])[np.triu_indices(3)]
        wanted = brick(10e3, ratio, EDGES).blocks
        wanted[[1, 2, 4], :] *= [[1, 1, 0, 1, 0, 0], [1, 0, 1, 0, 0, 1], [0, 0, 0, 1, 1, 1]]  # a shift is not resisted
        assert blocks == pytest.approx(wanted, abs=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("viscous", [0.0, 0.7])
def test_forces_are_those_of_the_twin(viscous: float) -> None:
    mesh, v = two_materials(), np.array([viscous, 0.5 * viscous])
    work, start, x = Work(mesh, v), shaken(mesh, 1, 0.3 * MM), shaken(mesh, 2, 0.6 * MM)
    still = work.resist(start, first=True)
    wanted = forces(start, mesh, v, work.old, start)
    assert still == pytest.approx(wanted, abs=1e-11 * np.abs(wanted).max())
    found = work.resist(x, first=False)
    wanted = forces(x, mesh, v, work.old, start)
    assert found == pytest.approx(wanted, abs=1e-11 * np.abs(wanted).max())


def test_the_product_is_that_of_the_assembled_matrix_in_both_precisions() -> None:
    mesh, viscous = two_materials(), np.array([0.5, 1.0])
    work, x = Work(mesh, viscous), shaken(mesh, 3, 0.6 * MM)
    d = np.random.default_rng(4).normal(size=mesh.points.shape)
    work.resist(x, first=True)
    wanted = np.zeros_like(x)
    for e, nodes in enumerate(mesh.corners):
        R = proper(gradient(x, mesh)[e])
        k = (1.0 + viscous[mesh.kind[e]]) * work.kinds[mesh.kind[e]].stiffness
        wanted[nodes] += (k @ (d[nodes] @ R).ravel()).reshape(8, 3) @ R.T
    y = np.zeros((3, work.layout.size))
    multiply(work.over(d), work.body, work.rot, work.body.table, work.lanes.ratio, y, work.b)
    assert work.back(y) == pytest.approx(wanted, abs=1e-11 * np.abs(wanted).max())
    less, b = y.astype(np.float32) * np.float32(0.0), work.b.astype(np.float32)
    multiply(work.over(d).astype(np.float32), work.body, work.small, work.body.small, work.lanes.small, less, b)
    assert work.back(less) == pytest.approx(wanted, abs=1e-5 * np.abs(wanted).max())
    assert less.dtype == np.float32


def test_a_lattice_with_gaps_gives_the_forces_of_the_twin() -> None:
    labels = np.random.default_rng(5).integers(0, 2, size=(9, 8, 7))
    labels[3:6] = 0
    mesh = voxel_mesh(labels, EDGES, np.zeros(3), {1: SOFT})
    work, x, none = Work(mesh), shaken(mesh, 6, 0.5 * MM), np.zeros(1)
    wanted = forces(x, mesh, none, work.old, x)
    assert work.resist(x, first=True) == pytest.approx(wanted, abs=1e-11 * np.abs(wanted).max())
    inside = np.zeros(work.layout.size, dtype=np.bool_)
    for low, high in work.layout.spans:
        inside[low:high] = True
    assert inside[work.layout.node].all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_a_rigid_motion_is_not_resisted_and_forces_turn_with_the_frame(seed: int) -> None:
    mesh, work = two_materials(), Work(two_materials())
    R = Rotation.random(random_state=seed).as_matrix()
    shift = np.random.default_rng(seed).normal(size=3)
    assert np.abs(work.resist(mesh.points @ R.T + shift, first=True)).max() < 1e-12 * 8e3 * 5.0 * MM
    x = shaken(mesh, seed, 0.5 * MM)
    y, turned = work.resist(x, first=True), work.resist(x @ R.T + shift, first=True)
    assert turned == pytest.approx(y @ R.T, abs=1e-11 * np.abs(y).max() + 1e-13)


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

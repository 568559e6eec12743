"""The factor of the rest state, the preconditioner and conjugate gradients against dense NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics import tissue_factor
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_coarse import prolong, restrict
from simtrainer.physics.tissue_factor import factor_band, lattice, solve_band, transpose_band
from simtrainer.physics.tissue_mesh import Loose, voxel_mesh
from simtrainer.physics.tissue_solve import System, Work, descend, operate, solve
from simtrainer.physics.tissue_state import TissueSettings
from simtrainer.physics.tissue_step import Frame, Load, Problem, Start, build_system, measure_residual
from simtrainer.physics.tissue_tool import Sphere, pieces
from tests.unit.physics.test_tissue_mesh import SOFT, box, clamped

Floats = NDArray[np.float64]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 14), st.integers(3, 12))
def test_the_band_solver_agrees_with_a_dense_one(seed: int, nodes: int, width: int) -> None:
    n = 3 * nodes
    rng = np.random.default_rng(seed)
    lower = np.tril(rng.normal(size=(n, n)))
    lower[np.subtract.outer(np.arange(n), np.arange(n)) >= width] = 0.0
    dense, right = lower @ lower.T + np.eye(n), rng.normal(size=n)
    down = np.zeros((n + width, width))
    for c in range(min(width, n)):
        down[: n - c, c] = np.diagonal(dense, c)
    assert factor_band(down)
    up = np.zeros_like(down)
    transpose_band(down, up)
    b = np.concatenate((np.zeros(width), right, np.zeros(width + 1)))
    solve_band(down.astype(np.float32), up.astype(np.float32), np.ascontiguousarray(down[:n, 0]), b)
    wanted = np.linalg.solve(dense, right)
    assert b[width : width + n] == pytest.approx(wanted, abs=1e-4 * np.abs(wanted).max() * np.linalg.cond(dense))


def test_a_band_that_is_not_positive_is_refused() -> None:
    assert not factor_band(np.vstack((np.array([[1.0, 2.0], [1.0, 0.0]]), np.zeros((2, 2)))))


def system_of(coarse_nodes: int, monkeypatch: pytest.MonkeyPatch) -> tuple[System, Work, Floats, NDArray[np.int64]]:
    """A bent block with a ball pressed in, scratch, a right hand side, and where in it the free unknowns stand."""
    monkeypatch.setattr(tissue_factor, "COARSE_NODES", coarse_nodes)
    mesh = box((5, 4, 3))
    tissue = Tissue(mesh, clamped(mesh), TissueSettings(), tools=(Sphere(6.0 * MM),))
    x = mesh.points + 0.5 * MM * np.sin(300.0 * mesh.points[:, ::-1]) * (mesh.lattice[:, 2:] > 0)
    pose = np.eye(4)
    pose[:3, 3] = np.array([12.0, 10.0, 19.0]) * MM
    table = pieces(tissue.tools, pose[None], np.full((1, 4, 4), np.nan), ())
    derived, state, n = tissue.derived, tissue.init(), len(mesh.points)
    form = derived.form(state.alive)
    start = Start(np.append(x.ravel(), np.zeros(3)), np.zeros(3 * n + 3), state.slip.copy(), state.owner.copy())
    load = Load(np.zeros(3 * n + 3), np.zeros(n + 1), np.zeros(3 * n + 3), table)
    factor = derived.begin_factor(state.alive, 0.01).result()
    problem = Problem(derived.layout, form, load, start, tissue.rule, factor, derived.bound, 0.01)
    buffers = derived.borrow()
    frame = Frame(problem, buffers)
    measure_residual(problem, start.x, frame, first=True)
    assert frame.count > 3
    one = derived.layout.node[form.free[:-1] > 0.0]
    free = (derived.layout.size * np.arange(3)[:, None] + one).T.ravel()
    return build_system(problem, frame), frame.work, buffers.right.copy(), free


def dense_of(sys: System, w: Work, free: NDArray[np.int64], turns: int) -> tuple[Floats, Floats]:
    """The matrix, and the preconditioner in single precision."""
    a, m = np.zeros((len(free), len(free))), np.zeros((len(free), len(free)))
    for k, i in enumerate(free):
        e, y = np.zeros_like(w.wide), np.zeros_like(w.wide)
        e.ravel()[i] = 1.0
        operate(e, sys.exact, y, w.b)
        a[:, k] = y.ravel()[free]
        w.r[:] = e
        descend(sys, turns, 1, 0.0, w)
        m[:, k] = w.z.ravel()[free]
    return a, m


@pytest.mark.parametrize(("turns", "most"), [(1, 80.0), (2, 20.0)])
@pytest.mark.parametrize("coarse_nodes", [900, 30])
def test_matrix_and_preconditioner_are_symmetric_and_positive_and_much_alike(
    coarse_nodes: int, turns: int, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sys, work, _, free = system_of(coarse_nodes, monkeypatch)
    a, m = dense_of(sys, work, free, turns)
    assert a == pytest.approx(a.T, abs=1e-11 * np.abs(a).max())
    assert m == pytest.approx(m.T, abs=1e-5 * np.abs(m).max())
    assert np.linalg.eigvalsh(a)[0] > 0.0
    assert np.linalg.eigvalsh(0.5 * (m + m.T))[0] > 0.0
    both = np.sort(np.linalg.eigvals(m @ a).real)
    assert both[-1] / both[0] < most


@pytest.mark.parametrize("turns", [1, 2])
@pytest.mark.parametrize("coarse_nodes", [900, 30])
def test_the_solution_is_that_of_a_dense_solver(coarse_nodes: int, turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sys, work, right, free = system_of(coarse_nodes, monkeypatch)
    a, _ = dense_of(sys, work, free, turns)
    x, r = np.zeros_like(right), right.copy()
    its = solve(sys, x, r, (turns, 100, 1e-10 * float(np.linalg.norm(right))), work)
    wanted = np.linalg.solve(a, right.ravel()[free])
    assert its < 80
    assert x.ravel()[free] == pytest.approx(wanted, abs=1e-7 * np.abs(wanted).max())
    assert np.linalg.norm(right.ravel()[free] - a @ x.ravel()[free]) <= 1.01e-10 * np.linalg.norm(right)


def test_a_coarse_lattice_reproduces_what_is_linear() -> None:
    mesh = box((9, 9, 9))
    grid = lattice(mesh)
    assert grid.count <= tissue_factor.COARSE_NODES
    assert grid.weight.sum(axis=1) == pytest.approx(1.0)
    at = np.einsum("nk,nkr->nr", grid.weight, grid.place[grid.parent].astype(np.float64)) * grid.times
    assert at == pytest.approx(mesh.lattice.astype(np.float64))
    assert (grid.place[grid.cell[:, 0]] == mesh.voxels // grid.times).all()


def test_going_down_to_the_coarse_lattice_and_up_again_is_the_table_of_shares() -> None:
    labels = np.random.default_rng(1).integers(0, 3, size=(9, 8, 10)).clip(0, 1)
    mesh = voxel_mesh(labels, np.full(3, 5.0 * MM), np.zeros(3), {1: SOFT})
    derived = Tissue(mesh, clamped(mesh), TissueSettings(loose=Loose.ALLOWED)).derived
    grid, layout = lattice(mesh), derived.layout
    factor = derived.begin_factor(np.ones(len(mesh.kind), dtype=np.bool_), 0.01).result()
    flat = np.ravel_multi_index(tuple(grid.place.T), grid.dims)
    shares = np.zeros((grid.count + 1, len(mesh.points)))
    np.add.at(shares, (factor.spot[flat][grid.parent], np.arange(len(mesh.points))[:, None]), grid.weight)
    shares = shares[:-1]  # the last is what -1 stands for: held nodes
    work, w, rng = derived.borrow().work, factor.down.shape[1], np.random.default_rng(2)
    r = np.zeros((3, layout.size), dtype=np.float32)
    r[:, layout.node] = rng.normal(size=(3, len(mesh.points)))
    band = np.zeros(2 * w + 3 * grid.count + 1)
    restrict(r, factor, work.first, work.second, band)
    wanted = shares @ r[:, layout.node].T
    assert band[w : w + 3 * grid.count].reshape(-1, 3) == pytest.approx(wanted, abs=1e-5)
    band[w : w + 3 * grid.count] = rng.normal(size=3 * grid.count)
    prolong(band, factor, work.first, work.second, work.z)
    wanted = shares.T @ band[w : w + 3 * grid.count].reshape(-1, 3)
    found = work.z[:, layout.node].T
    assert found == pytest.approx(wanted, abs=1e-5)

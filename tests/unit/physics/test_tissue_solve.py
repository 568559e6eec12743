"""The factor of the rest state, the preconditioner and conjugate gradients against dense NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics import tissue_factor
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_factor import factor_band, lattice, solve_band, transpose_band
from simtrainer.physics.tissue_solve import System, operate, precondition, solve
from simtrainer.physics.tissue_state import TissueSettings
from simtrainer.physics.tissue_step import Frame, Load, Problem, Start, build_system, measure_residual, watched
from simtrainer.physics.tissue_tool import Sphere, pieces
from tests.unit.physics.test_tissue_mesh import box, clamped

Floats = NDArray[np.float64]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 12))
def test_the_band_solver_agrees_with_a_dense_one(seed: int, n: int, width: int) -> None:
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


def system_of(coarse_nodes: int, monkeypatch: pytest.MonkeyPatch) -> tuple[System, Floats, int]:
    """A bent block with a ball pressed in, and a right hand side."""
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
    problem = Problem(
        derived.body, form, load, start, tissue.rule, derived.begin_factor(state.alive, 0.01).result(), derived.damping,
        derived.bound, 0.01,
    )  # fmt: skip
    frame = Frame(problem.body, watched(problem), 3 * n + 3)
    r, _ = measure_residual(problem, start.x, derived.damping / 0.01, frame, first=True)
    gain = 1.0 + derived.damping / 0.01
    assert frame.count > 3
    return build_system(problem, gain, form.mass / 0.01**2, frame), -r * np.repeat(form.free, 3), n


def dense_of(sys: System, n: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The matrix, the preconditioner, and the unknowns that are free."""
    free = np.flatnonzero(np.repeat(sys.free, 3))
    b, work = np.zeros(33 * 64), np.zeros((3, 3 * n + 3))
    band = np.zeros(2 * sys.coarse.down.shape[1] + len(sys.coarse.pivot) + 1)
    a, m, y = np.zeros((len(free), len(free))), np.zeros((len(free), len(free))), np.zeros(3 * n + 3)
    for k, i in enumerate(free):
        e = np.zeros(3 * n + 3)
        e[i] = 1.0
        operate(e, sys, y, b)
        a[:, k] = y[free]
        precondition(e, sys, 2, y, work, band, b)
        m[:, k] = y[free]
    return a, m, free


@pytest.mark.parametrize("coarse_nodes", [900, 30])
def test_matrix_and_preconditioner_are_symmetric_and_positive_and_much_alike(
    coarse_nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sys, _, n = system_of(coarse_nodes, monkeypatch)
    a, m, _ = dense_of(sys, n, monkeypatch)
    assert a == pytest.approx(a.T, abs=1e-11 * np.abs(a).max())
    assert m == pytest.approx(m.T, abs=1e-5 * np.abs(m).max())
    assert np.linalg.eigvalsh(a)[0] > 0.0
    assert np.linalg.eigvalsh(0.5 * (m + m.T))[0] > 0.0
    both = np.sort(np.linalg.eigvals(m @ a).real)
    assert both[-1] / both[0] < 20.0


@pytest.mark.parametrize("coarse_nodes", [900, 30])
def test_the_solution_is_that_of_a_dense_solver(coarse_nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sys, right, n = system_of(coarse_nodes, monkeypatch)
    a, _, free = dense_of(sys, n, monkeypatch)
    x, r, b = np.zeros(3 * n + 3), right.copy(), np.zeros(33 * 64)
    band = np.zeros(2 * sys.coarse.down.shape[1] + len(sys.coarse.pivot) + 1)
    its = solve(sys, x, r, 2, 100, 1e-10 * float(np.linalg.norm(right)), np.zeros((7, 3 * n + 3)), band, b)
    wanted = np.linalg.solve(a, right[free])
    assert its < 60
    assert x[free] == pytest.approx(wanted, abs=1e-7 * np.abs(wanted).max())
    assert np.linalg.norm(r) <= 1e-10 * np.linalg.norm(right)


def test_a_coarse_lattice_reproduces_what_is_linear() -> None:
    mesh = box((9, 9, 9))
    grid = lattice(mesh)
    assert grid.count <= tissue_factor.COARSE_NODES
    assert grid.weight.sum(axis=1) == pytest.approx(1.0)
    at = np.einsum("nk,nkr->nr", grid.weight, grid.place[grid.parent].astype(np.float64)) * grid.times
    assert at == pytest.approx(mesh.lattice.astype(np.float64))
    middle = np.einsum("ek,ekr->er", grid.part, grid.place[grid.cell].astype(np.float64)) * grid.times
    assert middle == pytest.approx(mesh.voxels + 0.5)

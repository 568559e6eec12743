"""The coarse half of the preconditioner: the tissue at rest on a coarser lattice, factored once.

A factor of all nodes would be exact at rest, but has 5 million numbers at 3,000 bricks, which costs more time to read
than the whole step may take, and 20 contacts undo it: 29 to 43 iterations. Long waves are what needs a factor; short
waves and contacts are smoothed on the bricks themselves (`tissue_solve`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_brick import LANES
from simtrainer.physics.tissue_element import Brick
from simtrainer.physics.tissue_mesh import VoxelMesh

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
COARSE_NODES = 500
"""Nodes that the coarse lattice should not exceed. because: measured; its factor then stays in a core's
own cache, and 150 to 900 take the same number of iterations."""

AXES = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
"""Orders of the axes, slowest first."""
BATCH = 2048
"""Bricks that are summed at a time."""


class Coarse(NamedTuple):
    """Interpolation from the coarse lattice, and the factor there.

    up, down: rows of L and of L^T, each shape (3 c + width, width), see `factor_band`; pivot: D, shape (3 c,). Coarse
    nodes stand in the order of the band. times: fine edges along a coarse one; fine, dims: nodes of both lattices along
    each axis, (3,); spot: where in the band each node of the coarse lattice stands, -1 for one that is held or not
    there; cell: coarse cell of each lane, (lanes,); ring: cells about each node of the band, (c, 8).
    """

    up: F4
    down: F4
    pivot: F8
    times: int
    fine: I8
    dims: I8
    spot: I8
    cell: I8
    ring: I8


@dataclass(frozen=True, slots=True)
class Lattice:
    """Where nodes and bricks lie among coarse nodes; does not change when bricks are cut.

    Parameters
    ----------
    times
        Voxels along an edge of a coarse cell.
    parent, weight
        Eight coarse corners about each node and their trilinear shares, shape (n, 8).
    cell
        Coarse corners of the cell that each brick lies in, shape (e, 8).
    count
        Coarse nodes that anything refers to.
    place
        Where they stand, shape (count, 3).
    dims
        Nodes of the whole coarse lattice along each axis.
    """

    times: int
    parent: I8
    weight: F8
    cell: I8
    count: int
    place: I8
    dims: tuple[int, int, int]


def lattice(mesh: VoxelMesh) -> Lattice:
    """Return the finest coarse lattice of at most COARSE_NODES nodes."""
    low = mesh.voxels.min(axis=0)
    wide = mesh.voxels.max(axis=0) - low + 1
    for times in range(1, int(wide.max()) + 2):
        dims = tuple(int(v) for v in wide // times + 2)
        flat, weight = _parents(mesh.lattice - low, 0.0, times, dims)
        numbers, parent = np.unique(flat, return_inverse=True)
        if len(numbers) <= COARSE_NODES:
            break
    middle, _ = _parents(mesh.voxels - low, 0.5, times, dims)
    cell = np.searchsorted(numbers, middle)
    place = np.column_stack(np.unravel_index(numbers, dims))
    i, j, k = dims
    return Lattice(times, parent.reshape(flat.shape).astype(np.int64), weight, cell, len(numbers), place, (i, j, k))


def _parents(at: I8, more: float, times: int, dims: tuple[int, ...]) -> tuple[I8, F8]:
    """Return the eight coarse corners about places `at` + `more` (n, 3), and their trilinear shares, each (n, 8)."""
    low = at // times
    share = (at % times + more) / times
    flat, weight = [], []
    for k in range(8):
        bits = np.array([k >> 2, (k >> 1) & 1, k & 1])
        weight.append(np.where(bits == 1, share, 1.0 - share).prod(axis=1))
        flat.append(np.ravel_multi_index(tuple((low + np.where(share > 0.0, bits, 0)).T), dims))
    return np.stack(flat, axis=1).astype(np.int64), np.stack(weight, axis=1)


@dataclass(frozen=True, slots=True)
class Rest:
    """The system at rest that is factored.

    Parameters
    ----------
    gain
        Factor of each material's stiffness, shape (materials,).
    diagonal
        Mass over the square of the time step, and springs [N/m], shape (n,).
    alive, fixed
        Bricks that are there, shape (e,); nodes that do not move, shape (n,).
    """

    gain: F8
    diagonal: F8
    alive: Bool
    fixed: Bool


def coarse(mesh: VoxelMesh, grid: Lattice, kinds: tuple[Brick, ...], lane: I8, rest: Rest) -> Coarse:
    """Return the factor of gain K + diagonal at rest, on the coarse lattice; `lane` of each brick, shape (e,)."""
    held = np.zeros(grid.count, dtype=np.bool_)
    held[grid.parent[rest.fixed][grid.weight[rest.fixed] > 0.0]] = True
    weight = np.where(held[grid.parent], 0.0, grid.weight)
    matrix = sparse.csr_array(_galerkin(mesh, grid, kinds, rest, weight) + _lumped(grid, weight, rest.diagonal))
    empty = matrix.diagonal() <= 0.0
    matrix = sparse.csr_array(matrix + sparse.diags_array(empty.astype(np.float64)))
    place = _best_order(grid, matrix)
    up, down, pivot = _factored(matrix, place)
    flat = np.ravel_multi_index(tuple(grid.place.T), grid.dims)
    spot = np.full(int(np.prod(grid.dims)), -1, dtype=np.int64)
    spot[flat[~held]] = place[~held]
    cell = np.full((int(lane.max()) // LANES + 1) * LANES, len(spot), dtype=np.int64)
    cell[lane] = flat[grid.cell[:, 0]]
    fine = mesh.voxels.max(axis=0) - mesh.voxels.min(axis=0) + 2
    return Coarse(up, down, pivot, grid.times, fine, np.array(grid.dims), spot, cell, _ring(grid, place))


def _ring(grid: Lattice, place: I8) -> I8:
    """Return the cells about each node of the band, by the number of their lowest node; one too many for none."""
    out = np.empty((grid.count, 8), dtype=np.int64)
    for k in range(8):
        low = grid.place - np.array([k >> 2, (k >> 1) & 1, k & 1])
        there = np.all(low >= 0, axis=1)
        flat = np.ravel_multi_index(tuple(np.where(there[:, None], low, 0).T), grid.dims)
        out[place, k] = np.where(there, flat, int(np.prod(grid.dims)))
    return out


def _galerkin(mesh: VoxelMesh, grid: Lattice, kinds: tuple[Brick, ...], rest: Rest, weight: F8) -> sparse.coo_array:
    """Return P^T K P: each brick's K, seen from the eight corners of its coarse cell."""
    rows, columns, values = [], [], []
    living = np.flatnonzero(rest.alive)
    if not len(living):
        return sparse.coo_array((3 * grid.count, 3 * grid.count))
    full = (np.stack([kind.stiffness for kind in kinds]) * rest.gain[:, None, None]).reshape(-1, 8, 3, 8, 3)
    for first in range(0, len(living), BATCH):
        part = living[first : first + BATCH]
        names = grid.cell[part]
        near, share = grid.parent[mesh.corners[part]], weight[mesh.corners[part]]
        p = ((near[..., None] == names[:, None, None, :]) * share[..., None]).sum(axis=2)
        k = full[mesh.kind[part]]
        half = np.einsum("eap,eaibj->epibj", p, k)
        block = np.einsum("epibj,ebq->epiqj", half, p)
        dof = 3 * names[:, :, None] + np.arange(3)
        shape = block.shape
        rows.append(np.broadcast_to(dof[:, :, :, None, None], shape).ravel())
        columns.append(np.broadcast_to(dof[:, None, None], shape).ravel())
        values.append(block.ravel())
    coords = (np.concatenate(rows), np.concatenate(columns))
    return sparse.coo_array((np.concatenate(values), coords), shape=(3 * grid.count, 3 * grid.count))


def _lumped(grid: Lattice, weight: F8, diagonal: F8) -> sparse.coo_array:
    """Return P^T diag P."""
    n = len(weight)
    p = sparse.csr_array((weight.ravel(), (np.repeat(np.arange(n), 8), grid.parent.ravel())), shape=(n, grid.count))
    small = sparse.coo_array(p.T @ sparse.diags_array(diagonal) @ p)
    return sparse.coo_array(sparse.kron(small, sparse.eye_array(3)))


def _best_order(grid: Lattice, matrix: sparse.csr_array) -> I8:
    """Return the place of each coarse node in the order, of seven, that has the narrowest band."""
    entries = matrix.tocoo()
    r, c = entries.coords[0] // 3, entries.coords[1] // 3
    graph = sparse.csr_matrix((np.ones(entries.nnz), (r, c)), shape=(grid.count, grid.count))
    orders = [np.asarray(reverse_cuthill_mckee(graph, symmetric_mode=True), dtype=np.int64)]
    orders += [np.lexsort((grid.place[:, k], grid.place[:, j], grid.place[:, i])) for i, j, k in AXES]
    best = np.arange(grid.count)
    for order in orders:
        place = np.empty(grid.count, dtype=np.int64)
        place[order] = np.arange(grid.count)
        if np.abs(place[r] - place[c]).max() < np.abs(best[r] - best[c]).max():
            best = place
    return best


def _factored(matrix: sparse.csr_array, place: I8) -> tuple[F4, F4, F8]:
    """Return L by rows, L^T by rows, and the pivots."""
    entries = matrix.tocoo()
    r = 3 * place[entries.coords[0] // 3] + entries.coords[0] % 3
    c = 3 * place[entries.coords[1] // 3] + entries.coords[1] % 3
    keep = c >= r
    n, width = matrix.shape[0], max(3, int((c - r).max()) + 1)
    down = np.zeros((n + width, width))
    np.add.at(down, (r[keep], (c - r)[keep]), entries.data[keep])
    good = factor_band(down)
    assert good, "the coarse lattice at rest is not positive definite"
    up = np.zeros((n + width, width))
    transpose_band(down, up)
    return up.astype(np.float32), down.astype(np.float32), np.ascontiguousarray(down[:n, 0])


@njit(cache=True)
def factor_band(a: F8) -> bool:
    """Factor in place the symmetric band matrix whose row r holds A[r, r .. r + w - 1] in `a[r]`.

    Right-looking LDL^T without pivoting (Golub and Van Loan, Matrix Computations, 4.3.5); as many rows too many as the
    band is wide. Afterwards row r holds D and L^T. False where a pivot is not positive. Cost n w^2 flops.
    """
    w = a.shape[1]
    for k in range(a.shape[0] - w):
        pivot = a[k, 0]
        if not pivot > 0.0:
            return False
        for q in range(1, w):
            low = a[k, q] / pivot
            if low != 0.0:
                for c in range(w - q):
                    a[k + q, c] -= low * a[k, q + c]
        for q in range(1, w):
            a[k, q] /= pivot
    return True


@njit(cache=True)
def transpose_band(a: F8, out: F8) -> None:
    """Write the rows of L into `out`: row r holds L[r, r - w + 1 .. r], as the way back needs it without sums."""
    w = a.shape[1]
    for r in range(a.shape[0] - w):
        for c in range(1, w):
            if r + c < a.shape[0] - w:
                out[r + c, w - 1 - c] = a[r, c]


@njit(cache=True)
def solve_band(down: F4, up: F4, pivot: F8, b: F8) -> None:
    """Overwrite `b`, of 3 c + 2 w numbers of which the first w and the last are scratch, with the solution.

    Both ways subtract multiples of rows, three at a time, so that the compiler makes vector instructions and `b` is
    gone through a third as often. Cost 4 n w flops, reads 8 n w bytes: single precision, which halves them, is enough
    for a preconditioner; sums stay double. w is at least 3.
    """
    w = down.shape[1]
    n = pivot.shape[0]
    for k in range(0, n, 3):
        r0, r1, r2, v = down[k], down[k + 1], down[k + 2], b[w + k :]
        y0 = v[0]
        y1 = v[1] - r0[1] * y0
        y2 = v[2] - r0[2] * y0 - r1[1] * y1
        v[1], v[2] = y1, y2
        s0, s1, s2, u = r0[3:], r1[2:], r2[1:], v[3 : w + 2]
        for c in range(w - 3):
            u[c] -= s0[c] * y0 + s1[c] * y1 + s2[c] * y2
        u[w - 3] -= s1[w - 3] * y1 + s2[w - 3] * y2
        u[w - 2] -= s2[w - 2] * y2
    for k in range(n):
        b[w + k] /= pivot[k]
    for k in range(n - 3, -1, -3):
        r0, r1, r2, v = up[k], up[k + 1], up[k + 2], b[k + 1 :]
        y2 = v[w + 1]
        y1 = v[w] - r2[w - 2] * y2
        y0 = v[w - 1] - r2[w - 3] * y2 - r1[w - 2] * y1
        v[w], v[w - 1] = y1, y0
        v[0] -= r0[0] * y0
        v[1] -= r0[1] * y0 + r1[0] * y1
        s0, s1, u = r0[2:], r1[1:], v[2:w]
        for c in range(w - 3):
            u[c] -= s0[c] * y0 + s1[c] * y1 + r2[c] * y2

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
from simtrainer.physics.tissue_element import Brick
from simtrainer.physics.tissue_kernel import LANES
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

    parent, weight: coarse nodes of each fine one and their shares, shape (n, 8); up, down: rows of L and of L^T, each
    shape (3 c + width, width), see `factor_band`; pivot: D, shape (3 c,). Coarse nodes stand in the order of the band.
    cell, part: the coarse corners about each brick's lane and their shares of its middle, shape (lanes, 8).
    """

    parent: I8
    weight: F8
    up: F4
    down: F4
    pivot: F8
    cell: I8
    part: F8


@dataclass(frozen=True, slots=True)
class Lattice:
    """Where nodes and bricks lie among coarse nodes; does not change when bricks are cut.

    Parameters
    ----------
    times
        Voxels along an edge of a coarse cell.
    parent, weight
        Eight coarse corners about each node and their trilinear shares, shape (n, 8).
    cell, part
        The same about the middle of each brick, shape (e, 8).
    count
        Coarse nodes.
    place
        Where they stand, shape (count, 3).
    """

    times: int
    parent: I8
    weight: F8
    cell: I8
    part: F8
    count: int
    place: I8


def lattice(mesh: VoxelMesh) -> Lattice:
    """Return the finest coarse lattice of at most COARSE_NODES nodes."""
    for times in range(1, max(mesh.shape) + 2):
        flat, weight = _parents(mesh, mesh.lattice, 0.0, times)
        numbers, parent = np.unique(flat, return_inverse=True)
        if len(numbers) <= COARSE_NODES:
            break
    middle, part = _parents(mesh, mesh.voxels, 0.5, times)
    cell = np.searchsorted(numbers, middle)
    place = np.column_stack(np.unravel_index(numbers, _cells(mesh, times)))
    return Lattice(times, parent.reshape(flat.shape).astype(np.int64), weight, cell, part, len(numbers), place)


def _cells(mesh: VoxelMesh, times: int) -> tuple[int, int, int]:
    """Return how many coarse nodes there may be along each axis."""
    i, j, k = mesh.shape
    return i // times + 2, j // times + 2, k // times + 2


def _parents(mesh: VoxelMesh, at: I8, more: float, times: int) -> tuple[I8, F8]:
    """Return the eight coarse corners about places `at` + `more` (n, 3), and their trilinear shares, each (n, 8)."""
    low = at // times
    share = (at % times + more) / times
    flat, weight = [], []
    for k in range(8):
        bits = np.array([k >> 2, (k >> 1) & 1, k & 1])
        weight.append(np.where(bits == 1, share, 1.0 - share).prod(axis=1))
        flat.append(np.ravel_multi_index(tuple((low + np.where(share > 0.0, bits, 0)).T), _cells(mesh, times)))
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
    lanes = (int(lane.max()) // LANES + 1) * LANES
    cell, part = np.zeros((lanes, 8), dtype=np.int64), np.zeros((lanes, 8))
    cell[lane], part[lane] = place[grid.cell], grid.part
    return Coarse(np.ascontiguousarray(place[grid.parent]), weight, up, down, pivot, cell, part)


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
    n, width = matrix.shape[0], int((c - r).max()) + 1
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

    Both ways subtract multiples of rows, so that the compiler makes vector instructions. Cost 4 n w flops, reads
    8 n w bytes: single precision, which halves them, is enough for a preconditioner; sums stay double.
    """
    w = down.shape[1]
    n = pivot.shape[0]
    for k in range(n):
        y = b[w + k]
        for c in range(1, w):
            b[w + k + c] -= down[k, c] * y
    for k in range(n):
        b[w + k] /= pivot[k]
    for k in range(n - 1, -1, -1):
        y = b[w + k]
        for c in range(w - 1):
            b[k + 1 + c] -= up[k, c] * y

"""The tissue at rest, factored once, and how its surface yields: what the preconditioner of each step is made of.

The factor of all nodes, turned as each node is, is a close approximation as long as nothing stiff is added to it. Tools
add stiff contacts; with the surface's compliance at rest, turned alike, these are known by the formula of Sherman,
Morrison and Woodbury (Golub and Van Loan, Matrix Computations, 2.1.4).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
MOST_YIELDING = 20_000_000
"""Numbers of the compliance that are kept. because: design; 80 MB in single precision; contacts of nodes beyond cost
iterations, nothing else."""
BATCH = 96
"""Columns of the compliance that are solved for at a time."""


class Factor(NamedTuple):
    """A = L D L^T of the system at rest, by supernodes, and the compliance of its surface.

    place: where the numbers of each node stand in the factor's order, (n,); first: first column of each supernode,
    (s + 1,); row_at, rows: rows below each supernode, (s + 1,) and (r,); at, values: columns of each supernode, its
    triangle and the rows below one after the other, (s + 1,) and (v,); pivot: inverse of D, (3 n,); seat: number of
    each node in the compliance, -1 for none, (n,); yielding: the rows of A^-1 of those nodes [m/N], columns in the
    factor's order, (3 c, 3 n).
    """

    place: I8
    first: I8
    row_at: I8
    rows: I8
    at: I8
    values: F4
    pivot: F8
    seat: I8
    yielding: F4


def factored(matrix: sparse.csr_array, diagonal: F8, fixed: Bool, surface: Bool) -> Factor:
    """Return the factor of `matrix` [N/m] (3 n, 3 n) + `diagonal` (n,), but for nodes that are `fixed` (n,).

    `surface` (n,): nodes that tools can touch.
    """
    n = len(diagonal)
    free = np.repeat(~fixed, 3).astype(np.float64)
    mask = sparse.diags_array(free)
    system = mask @ matrix @ mask + sparse.diags_array(np.repeat(diagonal, 3) * free + (1.0 - free))
    graph = _graph(system, n)
    order = np.argsort(np.asarray(_decomposed(graph, "MMD_AT_PLUS_A").perm_c, dtype=np.int64))
    pattern = sparse.csc_matrix(_decomposed(sparse.csc_matrix(graph[order][:, order]), "NATURAL").L)
    dofs = (3 * order[:, None] + np.arange(3)).ravel()
    lu = _decomposed(sparse.csc_matrix(system.tocsr()[dofs][:, dofs]), "NATURAL")
    pivot = np.asarray(lu.U.diagonal())
    assert np.all(pivot > 0.0), "the tissue at rest is not positive definite"
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    seats = np.flatnonzero(surface & ~fixed)[: MOST_YIELDING // (9 * n)]
    seat = np.full(n, -1, dtype=np.int64)
    seat[seats] = np.arange(len(seats))
    dof = (3 * place[seats][:, None] + np.arange(3)).ravel()
    return Factor(3 * place, *_supernodes(pattern, sparse.csc_matrix(lu.L)), 1.0 / pivot, seat, _compliance(lu, dof))


def _decomposed(matrix: sparse.csc_matrix, order: Literal["NATURAL", "MMD_AT_PLUS_A"]) -> SuperLU[np.float64]:
    """Return L and U in the given order, without pivoting: for positive definite matrices."""
    lu = splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    assert np.array_equal(lu.perm_r, lu.perm_c), "the tissue at rest is not positive definite"
    if order == "NATURAL":
        assert np.array_equal(lu.perm_c, np.arange(matrix.shape[0])), "a natural order was changed"
    return lu


def _graph(system: sparse.csr_array, n: int) -> sparse.csc_matrix:
    """Return a matrix with an entry for each two nodes that are joined, shape (n, n), whose L has no chance zeros."""
    entries = sparse.coo_array(system)
    rows, columns = entries.coords[0] // 3, entries.coords[1] // 3
    graph = sparse.csc_matrix((np.ones(entries.nnz), (rows, columns)), shape=(n, n))
    graph.sum_duplicates()
    graph.data[:] = -1.0
    return sparse.csc_matrix(graph + sparse.diags_array(np.full(n, 2.0 * n)))


def _compliance(lu: SuperLU[np.float64], dof: I8) -> F4:
    """Return the rows `dof` of the inverse."""
    out = np.empty((len(dof), lu.shape[0]), dtype=np.float32)
    for first in range(0, len(dof), BATCH):
        some = dof[first : first + BATCH]
        unit = np.zeros((lu.shape[0], len(some)))
        unit[some, np.arange(len(some))] = 1.0
        out[first : first + BATCH] = lu.solve(unit).T
    return out


def _supernodes(pattern: sparse.csc_matrix, low: sparse.csc_matrix) -> tuple[I8, I8, I8, I8, F4]:
    """Return columns of `low`, unit lower, gathered by nodes that have the same nodes below; see `Factor`.

    `pattern` (n, n): L of the graph of nodes; places that are zero by chance are not seen.
    """
    pattern.sort_indices()
    size, at, below = pattern.shape[1], pattern.indptr, pattern.indices
    seen = np.empty(3 * size, dtype=np.int64)
    first, row_at, value_at = [0], [0], [0]
    rows, kept = [], []
    while 3 * size > first[-1]:
        node = last = first[-1] // 3
        mine = below[at[node] : at[node + 1]]
        while last + 1 < size and _follows(below[at[last] : at[last + 1]], below[at[last + 1] : at[last + 2]]):
            last += 1
        width = 3 * (last + 1 - node)
        dofs = (3 * mine[:, None].astype(np.int64) + np.arange(3)).ravel()
        seen[dofs] = np.arange(len(dofs))
        block = np.zeros((width, len(dofs)), dtype=np.float32)
        for k in range(width):
            inside = slice(low.indptr[3 * node + k], low.indptr[3 * node + k + 1])
            block[k, seen[low.indices[inside]]] = low.data[inside]
        rows.append(dofs[width:])
        kept.append(block.ravel())
        first.append(3 * last + 3)
        row_at.append(row_at[-1] + len(dofs) - width)
        value_at.append(value_at[-1] + block.size)
    return (np.array(first), np.array(row_at), np.concatenate(rows), np.array(value_at), np.concatenate(kept))


def _follows(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    return len(one) == len(other) + 1 and bool(np.array_equal(one[1:], other))


@njit(cache=True)
def solve_factor(factor: Factor, b: F8, t: F8) -> None:
    """Overwrite `b` (3 n,), in the factor's order, with A^-1 b; t (3 n,) is scratch.

    4 flops and 8 bytes for each number of L: single precision is enough for a preconditioner; sums stay double. Three
    columns at a time, since a node has three: fewer passes over `t`, and six sums that need not wait for each other.
    """
    v = factor.values
    for s in range(factor.first.shape[0] - 1):
        begin, width = factor.first[s], factor.first[s + 1] - factor.first[s]
        low, below = factor.row_at[s], factor.row_at[s + 1] - factor.row_at[s]
        tall = width + below
        for i in range(width):
            t[i] = b[begin + i]
        for i in range(width, tall):
            t[i] = 0.0
        for j in range(0, width, 3):
            p = factor.at[s] + j * tall
            q, r = p + tall, p + 2 * tall
            y0 = t[j]
            y1 = t[j + 1] - v[p + j + 1] * y0
            y2 = t[j + 2] - v[p + j + 2] * y0 - v[q + j + 2] * y1
            t[j + 1], t[j + 2] = y1, y2
            left = t[j + 3 : tall]
            c0, c1, c2 = v[p + j + 3 : p + tall], v[q + j + 3 : q + tall], v[r + j + 3 : r + tall]
            for i in range(left.shape[0]):
                left[i] -= c0[i] * y0 + c1[i] * y1 + c2[i] * y2
        for i in range(width):
            b[begin + i] = t[i]
        for i in range(below):
            b[factor.rows[low + i]] += t[width + i]
    for i in range(b.shape[0]):
        b[i] *= factor.pivot[i]
    for s in range(factor.first.shape[0] - 2, -1, -1):
        begin, width = factor.first[s], factor.first[s + 1] - factor.first[s]
        low, below = factor.row_at[s], factor.row_at[s + 1] - factor.row_at[s]
        tall = width + below
        for i in range(width):
            t[i] = b[begin + i]
        for i in range(below):
            t[width + i] = b[factor.rows[low + i]]
        for j in range(width - 3, -1, -3):
            p = factor.at[s] + j * tall
            q, r = p + tall, p + 2 * tall
            a0, a1, a2, b0, b1, b2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            left = t[j + 3 : tall]
            c0, c1, c2 = v[p + j + 3 : p + tall], v[q + j + 3 : q + tall], v[r + j + 3 : r + tall]
            half = left.shape[0] // 2
            for i in range(half):
                x, y = left[2 * i], left[2 * i + 1]
                a0 += c0[2 * i] * x
                a1 += c1[2 * i] * x
                a2 += c2[2 * i] * x
                b0 += c0[2 * i + 1] * y
                b1 += c1[2 * i + 1] * y
                b2 += c2[2 * i + 1] * y
            if left.shape[0] > 2 * half:
                x = left[2 * half]
                a0 += c0[2 * half] * x
                a1 += c1[2 * half] * x
                a2 += c2[2 * half] * x
            y2 = t[j + 2] - (a2 + b2)
            y1 = t[j + 1] - (a1 + b1) - v[q + j + 2] * y2
            t[j] -= (a0 + b0) + v[p + j + 1] * y1 + v[p + j + 2] * y2
            t[j + 1], t[j + 2] = y1, y2
        for i in range(width):
            b[begin + i] = t[i]

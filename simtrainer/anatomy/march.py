"""Shortest ways through the voxels of a lumen: Dijkstra's method over bricks, and the skeleton that they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import BRICK, SparseGrid
from simtrainer.core.kernel import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CELL = BRICK**3


@dataclass(frozen=True, slots=True)
class Voxels:
    """The inner samples of a clearance grid as a graph of 26 neighbours.

    Parameters
    ----------
    cells
        Number (brick * 512 + place in it) of each inner sample, shape (n,).
    points
        Their positions [m] in W, shape (n, 3).
    clearance
        Their clearance [m], shape (n,).
    steepness
        Size of the gradient of the clearance there: 1 towards a wall, less in the middle, shape (n,).
    neighbours
        Row of each neighbour, -1 where there is none, shape (n, 26).
    spacing
        Distance between samples [m].
    """

    cells: Ints
    points: Floats
    clearance: Floats
    steepness: Floats
    neighbours: NDArray[np.int32]
    spacing: float

    def nearest(self, point: Floats) -> int:
        """Return the row of the sample nearest to `point` [m]."""
        return int(np.argmin(((self.points - point) ** 2).sum(axis=1)))


def voxels(field: SparseGrid) -> Voxels:
    """Return the samples of `field` that lie in the lumen, with their neighbours."""
    bricks = np.argwhere(field.index >= 0)
    bricks = bricks[np.argsort(field.index[field.index >= 0])]
    local = np.stack(np.meshgrid(*[np.arange(BRICK)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    where = (bricks[:, None, :] * BRICK + local).reshape(-1, 3)
    points = field.origin + where * field.spacing
    value, gradient, known = field.sample(points)
    inside = known & (value > 0.0)
    cells = np.flatnonzero(inside)
    row = np.full(len(inside), -1, dtype=np.int32)
    row[cells] = np.arange(len(cells), dtype=np.int32)
    neighbours = np.full((len(cells), 26), -1, dtype=np.int32)
    _link(field.index, bricks, cells, row, neighbours)
    steepness = np.linalg.norm(gradient[cells], axis=1)
    return Voxels(cells, points[cells], value[cells], steepness, neighbours, field.spacing)


@njit(cache=True)
def _link(
    index: NDArray[np.int32], bricks: Ints, cells: Ints, row: NDArray[np.int32], neighbours: NDArray[np.int32]
) -> None:
    """Write the rows of the 26 neighbours of every inner sample."""
    for n in range(cells.shape[0]):
        brick, place = cells[n] // _CELL, cells[n] % _CELL
        x = bricks[brick, 0] * BRICK + place // (BRICK * BRICK)
        y = bricks[brick, 1] * BRICK + place // BRICK % BRICK
        z = bricks[brick, 2] * BRICK + place % BRICK
        for k in range(27):
            if k == 13:
                continue
            u, v, w = x + k // 9 - 1, y + k // 3 % 3 - 1, z + k % 3 - 1
            a, b, c = u >> 3, v >> 3, w >> 3
            if a < 0 or b < 0 or c < 0 or a >= index.shape[0] or b >= index.shape[1] or c >= index.shape[2]:
                continue
            home = index[a, b, c]
            if home >= 0:
                slot = k if k < 13 else k - 1
                neighbours[n, slot] = row[home * _CELL + (u & 7) * BRICK * BRICK + (v & 7) * BRICK + (w & 7)]


@njit(cache=True)
def dijkstra(neighbours: NDArray[np.int32], weight: Floats, seed: int, cost: Floats, previous: Ints) -> None:
    """Write the cost of the cheapest way from `seed` to every voxel and the voxel before it; inf where none leads.

    A step costs its length in voxels times the mean weight of its ends. Method: Dijkstra with a binary heap,
    O(26 n log n); Dijkstra 1959.
    """
    n = weight.shape[0]
    cost[:] = np.inf
    previous[:] = -1
    heap_cost = np.empty(4 * n + 64)
    heap_row = np.empty(4 * n + 64, dtype=np.int64)
    heap_cost[0], heap_row[0] = 0.0, seed
    cost[seed] = 0.0
    size = 1
    while size > 0:
        here, least = heap_row[0], heap_cost[0]
        size -= 1
        _sift_down(heap_cost, heap_row, heap_cost[size], heap_row[size], size)
        if least > cost[here]:
            continue
        for slot in range(26):
            there = neighbours[here, slot]
            if there < 0:
                continue
            k = slot if slot < 13 else slot + 1
            odd = abs(k // 9 - 1) + abs(k // 3 % 3 - 1) + abs(k % 3 - 1)
            total = least + np.sqrt(odd) * 0.5 * (weight[here] + weight[there])
            if total < cost[there]:
                cost[there] = total
                previous[there] = here
                if size == heap_cost.shape[0]:
                    heap_cost = np.concatenate((heap_cost, np.empty(size)))
                    heap_row = np.concatenate((heap_row, np.empty(size, dtype=np.int64)))
                _sift_up(heap_cost, heap_row, total, there, size)
                size += 1


@njit(cache=True)
def _sift_up(cost: Floats, row: Ints, new_cost: float, new_row: int, place: int) -> None:
    while place > 0:
        parent = (place - 1) // 2
        if cost[parent] <= new_cost:
            break
        cost[place], row[place] = cost[parent], row[parent]
        place = parent
    cost[place], row[place] = new_cost, new_row


@njit(cache=True)
def _sift_down(cost: Floats, row: Ints, new_cost: float, new_row: int, size: int) -> None:
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and cost[child + 1] < cost[child]:
            child += 1
        if cost[child] >= new_cost:
            break
        cost[place], row[place] = cost[child], row[child]
        place = child
    cost[place], row[place] = new_cost, new_row


@njit(cache=True)
def peaks(
    neighbours: NDArray[np.int32], order: Ints, clearance: Floats, height: Floats, persistence: Floats, width: Floats
) -> None:
    """Write how far each local maximum of `height` stands above the pass to a higher one, and how wide its region is.

    `order` holds the voxels by falling height. `persistence` stays 0 for voxels that are no maximum; `width` is the
    largest clearance in the region above the pass. Method: union-find over superlevel sets (merge tree), O(26 n).
    """
    n = height.shape[0]
    parent = np.full(n, -1, dtype=np.int64)
    top = np.empty(n, dtype=np.int64)
    wide = np.zeros(n)
    for here in order:
        parent[here], top[here], wide[here] = here, here, clearance[here]
        for slot in range(26):
            there = neighbours[here, slot]
            if there < 0 or parent[there] < 0:
                continue
            a, b = _root(parent, here), _root(parent, there)
            if a == b:
                continue
            if height[top[a]] < height[top[b]]:
                a, b = b, a
            if top[b] != here:
                persistence[top[b]] = height[top[b]] - height[here]
                width[top[b]] = wide[b]
            parent[b] = a
            wide[a] = max(wide[a], wide[b])
    for here in order:
        if parent[here] == here:
            persistence[top[here]] = height[top[here]]
            width[top[here]] = wide[here]


@njit(cache=True)
def _root(parent: Ints, row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row

"""Turns triangles so that neighbours agree about which side is which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

Ints = NDArray[np.int64]


def consistent(triangles: Ints) -> tuple[Ints, int, int]:
    """Return the triangles turned alike, how many were turned, and how many edges still disagree.

    The side of the larger part of each body stands. Edges that more than two triangles share are not crossed.
    """
    count = len(triangles)
    size = int(triangles.max()) + 1
    edges = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    low, high = edges.min(axis=1), edges.max(axis=1)
    order = np.argsort(low * size + high, kind="stable")
    keys = (low * size + high)[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    counts = np.diff(np.concatenate((starts, [len(keys)])))
    first = order[starts[counts == 2]]
    second = order[starts[counts == 2] + 1]
    same = edges[first, 0] == edges[second, 0]  # the same direction on both sides: one of them must turn
    neighbour = np.full((count, 3), -1, dtype=np.int64)
    turn = np.zeros((count, 3), dtype=np.bool_)
    for one, other in ((first, second), (second, first)):
        neighbour[one // 3, one % 3] = other // 3
        turn[one // 3, one % 3] = same
    side, torn = _spread(neighbour, turn)
    turned = triangles.copy()
    turned[side] = turned[side][:, ::-1]
    return turned, int(side.sum()), torn


@njit(cache=True)
def _spread(neighbour: Ints, turn: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """Return which triangles turn, by breadth-first search over shared edges, and the count of contradictions."""
    count = neighbour.shape[0]
    side = np.zeros(count, dtype=np.bool_)
    seen = np.zeros(count, dtype=np.bool_)
    queue = np.empty(count, dtype=np.int64)
    torn = 0
    for seed in range(count):
        if seen[seed]:
            continue
        seen[seed] = True
        queue[0] = seed
        head, tail, flips = 0, 1, 0
        while head < tail:
            here = queue[head]
            head += 1
            for i in range(3):
                there = neighbour[here, i]
                if there < 0:
                    continue
                wanted = side[here] != turn[here, i]
                if not seen[there]:
                    seen[there] = True
                    side[there] = wanted
                    flips += wanted
                    queue[tail] = there
                    tail += 1
                elif side[there] != wanted:
                    torn += 1
        if 2 * flips > tail:
            for i in range(tail):
                side[queue[i]] = not side[queue[i]]
    return side, torn // 2

"""Finds the ways of a vessel tree: from tip to tip through the middle of the lumen, as rows of voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from simtrainer.anatomy.march import Voxels, dijkstra, peaks
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LONG, _LEAST = 0.9, 2.5 * MM
"""A tip stands at least 0.9 of its own radii and 2.5 mm beyond its fork. because: design; less is a bump of the wall"""
_MOST_RINGS = 30
_ABOUT = 3.0 * MM


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A tree of voxels.

    Parameters
    ----------
    following
        Neighbours in the tree of each voxel of it.
    tips
        Voxels at the ends.
    rings
        Those of the tips at which two ways about a ring of vessels meet; nothing ends there.
    """

    following: dict[int, set[int]]
    tips: tuple[int, ...]
    rings: tuple[int, ...]

    def way(self, start: int, end: int) -> list[int]:
        """Return the voxels from `start` to `end`, both included."""
        before = {start: -1}
        queue = [start]
        for here in queue:
            if here == end:
                break
            for there in self.following[here]:
                if there not in before:
                    before[there] = here
                    queue.append(there)
        found = [end]
        while found[-1] != start:
            found.append(before[found[-1]])
        return found[::-1]


def skeleton(lumen: Voxels, given: Sequence[Floats] = ()) -> Skeleton:
    """Return the tree of ways between all tips of the lumen, or between the `given` points [m].

    Method: a front runs from one far end through the lumen; where it dies is a tip (persistent maximum of the
    geodesic distance). The cheapest way (cost 1 / clearance^2) from each tip to the tree joins it. What then still
    lies far from every way is the other half of a ring, and gets a way of its own.
    """
    even = np.ones(len(lumen.points))
    seed = lumen.nearest(given[0]) if len(given) else _far_end(lumen, even)
    far, back = _march(lumen, even, seed)
    cheapest, previous = _march(lumen, 1.0 / (np.maximum(lumen.clearance, 0.2 * lumen.spacing) / MM) ** 2, seed)
    found = [lumen.nearest(point) for point in given[1:]] if len(given) else _dead_ends(lumen, far)
    following: dict[int, set[int]] = {seed: set()}
    tips = [tip for tip in found if np.isfinite(cheapest[tip]) and _join(following, previous, tip)]
    rings = [] if len(given) else [tip for tip in tips if _two_fronts(lumen, back, tip)]
    for _ in range(0 if len(given) else _MOST_RINGS):
        tip = _left_out(lumen, following, np.isfinite(cheapest))
        if tip < 0 or not _join(following, previous, tip):
            break
        tips.append(tip)
        rings.append(tip)
    if len(following[seed]) == 1:
        tips.append(seed)
    ends = tuple(tip for tip in tips if len(following[tip]) == 1)
    return Skeleton(following, ends, tuple(rings))


def _far_end(lumen: Voxels, even: Floats) -> int:
    """Return the voxel farthest from the widest place: an end of the lumen."""
    far, _ = _march(lumen, even, int(np.argmax(lumen.clearance)))
    return int(np.argmax(np.where(np.isfinite(far), far, -1.0)))


def _march(lumen: Voxels, weight: Floats, seed: int) -> tuple[Floats, Ints]:
    cost, previous = np.empty(len(weight)), np.empty(len(weight), dtype=np.int64)
    dijkstra(lumen.neighbours, weight, seed, cost, previous)
    return cost, previous


def _dead_ends(lumen: Voxels, far: Floats) -> list[int]:
    """Return the voxels at which the front dies, the longest dead end first."""
    reached = np.flatnonzero(np.isfinite(far))
    order = reached[np.argsort(-far[reached], kind="stable")]
    persistence, width = np.zeros(len(far)), np.zeros(len(far))
    peaks(lumen.neighbours, order, lumen.clearance, far, persistence, width)
    length = persistence * lumen.spacing
    chosen = np.flatnonzero((length > _LONG * width) & (length > _LEAST))
    return [int(tip) for tip in chosen[np.argsort(-length[chosen], kind="stable")]]


def _two_fronts(lumen: Voxels, back: Ints, tip: int) -> bool:
    """Tell whether the front came to `tip` from two sides: the ways back from about it lead to places far apart."""
    near = np.flatnonzero(((lumen.points - lumen.points[tip]) ** 2).sum(axis=1) < _ABOUT**2)
    width = float(lumen.clearance[near].max())
    rows = np.flatnonzero(((lumen.points - lumen.points[tip]) ** 2).sum(axis=1) < (0.8 * width) ** 2)
    spread = 0.0
    for _ in range(int(4.0 * width / lumen.spacing)):
        rows = np.unique(np.where(back[rows] >= 0, back[rows], rows))
        spread = max(spread, float(np.linalg.norm(np.ptp(lumen.points[rows], axis=0))))
    return spread > 4.2 * width


def _join(following: dict[int, set[int]], previous: Ints, tip: int) -> bool:
    """Join `tip` to the tree by its cheapest way; tell whether there was anything to join."""
    way = [tip]
    while way[-1] not in following:
        way.append(int(previous[way[-1]]))
    for a, b in pairwise(way):
        following.setdefault(a, set()).add(b)
        following.setdefault(b, set()).add(a)
    return len(way) > 1


def _left_out(lumen: Voxels, following: dict[int, set[int]], reached: NDArray[np.bool_]) -> int:
    """Return a voxel in the middle of the lumen that lies far from every way; -1 where none does."""
    rows = np.fromiter(following, dtype=np.int64)
    middle = np.flatnonzero(reached & (lumen.clearance > 1.2 * lumen.spacing) & (lumen.steepness < 0.6))
    distance, nearest = cKDTree(lumen.points[rows]).query(lumen.points[middle])
    excess = distance - 2.0 * np.maximum(lumen.clearance[rows[nearest]], lumen.clearance[middle]) - 3.0 * MM
    return int(middle[np.argmax(excess)]) if len(excess) and excess.max() > 0.0 else -1

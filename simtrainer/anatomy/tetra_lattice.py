"""The body-centred cubic lattice about a body: its points, edges and tetrahedra, and where a surface cuts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.distance import TriangleTree, surface_clearance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SPARE = 1.01
"""Cells of lattice around the body. because: design; every inner point needs all its neighbours."""
_TURNS = 40
"""Most turns of the search for a cut. because: regula falsi with halved ends takes six on a smooth surface."""
_PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


@dataclass(frozen=True, slots=True)
class Lattice:
    """Two cubic lattices, one amid the other, that matter to a body.

    Parameters
    ----------
    points
        [m], shape (n, 3).
    tets
        Those with a point inside, each of positive volume; points 0 and 1 are of one cubic lattice, 2 and 3 of the
        other, shape (e, 4).
    clearance
        Signed distance [m] of each point to the surface, positive inside, shape (n,).
    parity
        Whether the place of each point in its own cubic lattice has an even sum, shape (n,).
    """

    points: Floats
    tets: Ints
    clearance: Floats
    parity: Ints


def lattice(tree: TriangleTree, spacing: float) -> Lattice:
    """Return the lattice with cubes of edge `spacing` [m] about a closed surface: 12 tetrahedra a cube."""
    low, high = tree.points.min(axis=0), tree.points.max(axis=0)
    count = np.ceil((high - low) / spacing + 2.0 * _SPARE).astype(np.int64) + 1
    origin = 0.5 * (low + high) - 0.5 * (count - 1) * spacing
    place = np.stack(np.meshgrid(*[np.arange(c) for c in count], indexing="ij"), axis=-1).reshape(-1, 3)
    corner = np.arange(len(place)).reshape(tuple(count))
    points = np.concatenate((origin + place * spacing, origin + (place + 0.5) * spacing))
    clearance = surface_clearance(tree, points)
    tets = _tetrahedra(corner, len(place))
    tets = tets[(clearance[tets] > 0.0).any(axis=1)]
    edges = points[tets[:, 1:]] - points[tets[:, :1]]
    back = np.linalg.det(edges) < 0.0
    tets[back] = tets[back][:, [1, 0, 2, 3]]
    return Lattice(points, tets, clearance, np.tile(place.sum(axis=1) % 2, 2).astype(np.int64))


def _tetrahedra(corner: Ints, half: int) -> Ints:
    """Return the four tetrahedra about each line between the middles of two cubes that share a face, shape (e, 4)."""
    out = []
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        turned = np.moveaxis(corner, (axis, one, two), (0, 1, 2))
        first, second = turned[:-2, :-1, :-1].ravel() + half, turned[1:-1, :-1, :-1].ravel() + half
        ring = [turned[1:-1, j : j - 1 or None, k : k - 1 or None].ravel() for j, k in ((0, 0), (1, 0), (1, 1), (0, 1))]
        out += [np.stack((ring[q], ring[(q + 1) % 4], first, second), axis=1) for q in range(4)]
    return np.concatenate(out).astype(np.int64)


def crossings(tree: TriangleTree, grid: Lattice) -> tuple[Ints, Floats]:
    """Return the edges from a point inside to one outside, (c, 2), and where the surface cuts them [m], (c, 3)."""
    ends = np.sort(grid.tets[:, _PAIRS].reshape(-1, 2), axis=1)
    value = grid.clearance[ends]
    ends = np.unique(ends[(value[:, 0] > 0.0) != (value[:, 1] > 0.0)], axis=0)
    inward = grid.clearance[ends[:, 0]] > 0.0
    ends = np.where(inward[:, None], ends, ends[:, ::-1])
    return ends, _cut(tree, grid.points[ends[:, 0]], grid.points[ends[:, 1]], grid.clearance[ends])


def _cut(tree: TriangleTree, inside: Floats, outside: Floats, value: Floats) -> Floats:
    """Return where the clearance is zero between points `inside` and `outside`: regula falsi, Illinois rule."""
    a, b = np.zeros(len(value)), np.ones(len(value))
    fa, fb = value[:, 0].copy(), value[:, 1].copy()
    fine = 1e-9 * np.linalg.norm(outside - inside, axis=1)
    side = np.zeros(len(value))
    t = np.zeros(len(value))
    for _ in range(_TURNS):
        t = a + (b - a) * np.clip(fa / np.where(fa - fb > 0.0, fa - fb, 1.0), 0.0, 1.0)
        f = surface_clearance(tree, inside + t[:, None] * (outside - inside))
        if np.all(np.abs(f) <= fine):
            break
        kept = f > 0.0
        fb = np.where(kept & (side > 0), 0.5 * fb, fb)
        fa = np.where(~kept & (side < 0), 0.5 * fa, fa)
        a, fa = np.where(kept, t, a), np.where(kept, f, fa)
        b, fb = np.where(kept, b, t), np.where(kept, fb, f)
        side = np.where(kept, 1.0, -1.0)
    return np.asarray(inside + t[:, None] * (outside - inside))

"""Refuses surfaces that have no inside, and lattices too coarse for a surface: with place and number."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simtrainer.anatomy.distance import surface_clearance, triangle_tree
from simtrainer.anatomy.repair import volume
from simtrainer.core.error import InputError
from simtrainer.core.kernel import njit
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PROBED = 800
"""Triangles whose inside is probed, half of them the most folded. because: design; each is a sum over all triangles."""
_BELOW = 1e-3
"""How far below a triangle its inside is probed, over the root of its area. because: design."""


def check_surface(points: Floats, triangles: Ints, where: str) -> None:
    """Refuse numbers that are not finite, flat triangles, open edges, an inside that is outside, and crossings."""
    if points.ndim != 2 or points.shape[1:] != (3,) or triangles.ndim != 2 or triangles.shape[1:] != (3,):
        raise InputError(f"{where}: shapes {points.shape} and {triangles.shape}; (n, 3) and (m, 3) are needed")
    if len(triangles) < 4 or triangles.min() < 0 or triangles.max() >= len(points):
        raise InputError(f"{where}: {len(triangles)} triangles between {len(points)} points enclose nothing")
    if not np.all(np.isfinite(points)):
        raise InputError(f"{where}: point {int(np.argmin(np.isfinite(points).all(axis=1)))} is not finite")
    _check_edges(points, triangles, where)
    size = volume(points, triangles)
    if not size > 0.0:
        raise InputError(f"{where}: it encloses {size / MM**3:.4g} mm3; its triangles are inside out, turn them")
    _check_inside(points, triangles, where)


def _check_edges(points: Floats, triangles: Ints, where: str) -> None:
    ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    there = ends[:, 0] * len(points) + ends[:, 1]
    back = ends[:, 1] * len(points) + ends[:, 0]
    key, count = np.unique(there, return_counts=True)
    if count.max() > 1:
        a = int(key[np.argmax(count)])
        middle = points[[a // len(points), a % len(points)]].mean(axis=0)
        raise InputError(
            f"{where}: {int((count > 1).sum())} edges are gone along twice the same way (triangles turned against each "
            f"other, or three at one edge); the first at {place(middle)}"
        )
    open_ = ~np.isin(there, back)
    if open_.any():
        middle = points[ends[np.argmax(open_)]].mean(axis=0)
        raise InputError(f"{where}: it is open along {int(open_.sum())} edges; the first at {place(middle)}")


def _check_inside(points: Floats, triangles: Ints, where: str) -> None:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    twice = np.linalg.norm(normal, axis=1)
    if not np.all(twice > 0.0):
        k = int(np.argmin(twice))
        raise InputError(f"{where}: {int((twice <= 0.0).sum())} triangles are flat; the first at {place(a[k])}")
    folded = np.argsort(_agreement(triangles, normal / twice[:, None], len(points)), kind="stable")[: _PROBED // 2]
    spread = np.linspace(0, len(triangles) - 1, min(_PROBED // 2, len(triangles))).astype(np.int64)
    chosen = np.unique(np.concatenate((folded, spread)))
    depth = _BELOW * np.sqrt(0.5 * twice)
    below = (a + b + c) / 3.0 - (depth / twice)[:, None] * normal
    turns = np.empty(len(chosen))
    find_windings(points, triangles, np.ascontiguousarray(below[chosen]), turns)
    bad = np.abs(turns - 1.0) > 0.1
    if bad.any():
        k = int(np.argmax(bad))
        raise InputError(
            f"{where}: below {int(bad.sum())} of {len(chosen)} triangles that were probed the surface does not wind "
            f"once round: {turns[k]:+.2f} times below the one at {place(below[chosen[k]])}. It crosses itself, or a "
            "part of it is inside out"
        )


def _agreement(triangles: Ints, normal: Floats, count: int) -> Floats:
    """Return the least cosine between the normals of each triangle of a closed surface and its neighbours, (m,)."""
    ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    there, back = ends[:, 0] * count + ends[:, 1], ends[:, 1] * count + ends[:, 0]
    order = np.argsort(there)
    other = order[np.searchsorted(there[order], back)] // 3
    cosine = np.einsum("ei,ei->e", np.repeat(normal, 3, axis=0), normal[other])
    return np.asarray(cosine.reshape(-1, 3).min(axis=1))


@njit(cache=True)
def find_windings(points: Floats, triangles: Ints, at: Floats, out: Floats) -> None:
    """Write how often the surface winds round each point of `at` (q, 3): solid angles over 4 pi.

    Source: A. van Oosterom, J. Strackee, IEEE Trans. Biomed. Eng. 30 (1983) 125. Cost 60 flops and an arc tangent for
    each triangle and point.
    """
    v = np.empty((3, 3))
    size = np.empty(3)
    for q in range(at.shape[0]):
        total = 0.0
        for t in range(triangles.shape[0]):
            for k in range(3):
                size[k] = 0.0
                for r in range(3):
                    v[k, r] = points[triangles[t, k], r] - at[q, r]
                    size[k] += v[k, r] * v[k, r]
                size[k] = math.sqrt(size[k])
            ab = v[0, 0] * v[1, 0] + v[0, 1] * v[1, 1] + v[0, 2] * v[1, 2]
            bc = v[1, 0] * v[2, 0] + v[1, 1] * v[2, 1] + v[1, 2] * v[2, 2]
            ca = v[2, 0] * v[0, 0] + v[2, 1] * v[0, 1] + v[2, 2] * v[0, 2]
            box = (
                v[0, 0] * (v[1, 1] * v[2, 2] - v[1, 2] * v[2, 1])
                + v[0, 1] * (v[1, 2] * v[2, 0] - v[1, 0] * v[2, 2])
                + v[0, 2] * (v[1, 0] * v[2, 1] - v[1, 1] * v[2, 0])
            )
            total += 2.0 * math.atan2(box, size[0] * size[1] * size[2] + ab * size[2] + bc * size[0] + ca * size[1])
        out[q] = total / (4.0 * math.pi)


def bodies(points: Floats, triangles: Ints) -> int:
    """Return how many bodies a surface encloses; a cavity is none."""
    n = len(points)
    rows, columns = np.repeat(triangles[:, 0], 2), triangles[:, 1:].ravel()
    _, piece = connected_components(coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)), directed=False)
    mine = piece[triangles[:, 0]]
    return sum(volume(points, triangles[mine == k]) > 0.0 for k in np.unique(mine))


def farthest(points: Floats, triangles: Ints, made: tuple[Floats, Ints]) -> tuple[float, Floats]:
    """Return how far [m] a vertex or the middle of a triangle is from the surface that was `made`, and where [m]."""
    probes = np.concatenate((points[np.unique(triangles)], points[triangles].mean(axis=1)))
    away = np.abs(surface_clearance(triangle_tree(*made), probes))
    k = int(np.argmax(away))
    return float(away[k]), probes[k]


def place(point: Floats) -> str:
    """Return a point of W as people read it."""
    return "(" + ", ".join(f"{c / MM:.1f}" for c in point) + ") mm"

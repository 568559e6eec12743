"""Makes a closed, outward surface of whatever triangles a file held, and says in sentences what was done."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simtrainer.anatomy.loop import Loop, boundary_loops, cap
from simtrainer.anatomy.winding import consistent
from simtrainer.core.error import InputError
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_MOST, _WANTED = 500_000, 250_000
"""Triangles from which a surface is simplified, and about how many then remain."""


@dataclass(slots=True)
class Repaired:
    """A surface on its way to being closed.

    Parameters
    ----------
    points, triangles
        Vertices [m] in W, shape (n, 3), and vertex numbers, shape (m, 3).
    done
        What was done, in sentences.
    doubts
        What remains doubtful, in sentences.
    loops
        Borders that were closed: openings of cut vessels and holes alike.
    """

    points: Floats
    triangles: Ints
    done: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)


def repaired(points: Floats, triangles: Ints, where: str) -> Repaired:
    """Return the closed, outward, single surface [m]; InputError where nothing of use remains."""
    work = Repaired(points, triangles)
    _drop_not_finite(work, where)
    _simplify(work)
    _merge(work)
    _drop_flat(work)
    _need(work, where, "no triangle with an area remains")
    _largest(work)
    _open_seams(work)
    work.triangles, flipped, torn = consistent(work.triangles)
    if flipped:
        work.done.append(f"turned {flipped} triangles so that neighbours face the same side")
    if torn:
        work.doubts.append(f"{torn} edges join triangles that cannot face the same side (a one-sided surface)")
    _close(work)
    _need(work, where, "fewer than 4 triangles remain")
    _turn_outward(work, where)
    return work


def volume(points: Floats, triangles: Ints) -> float:
    """Return the signed volume [m3] that a closed surface encloses; positive for outward winding."""
    a, b, c = (points[triangles[:, i]] - points.mean(axis=0) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def area(points: Floats, triangles: Ints) -> float:
    """Return the area [m2]."""
    return float(_areas(points, triangles).sum())


def _areas(points: Floats, triangles: Ints) -> Floats:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return np.asarray(0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1))


def _need(work: Repaired, where: str, reason: str) -> None:
    if len(work.triangles) < 4:
        raise InputError(f"{where}: {reason}; this is no surface that a vessel could be made of")


def _drop_not_finite(work: Repaired, where: str) -> None:
    good = np.asarray(np.isfinite(work.points).all(axis=1), dtype=np.bool_)
    keep = good[work.triangles].all(axis=1)
    lost = int((~keep).sum())
    if lost:
        work.done.append(f"left out {lost} triangles with coordinates that are not numbers (nan or infinite)")
        work.triangles = work.triangles[keep]
    if not len(work.triangles):
        raise InputError(f"{where}: every triangle has a coordinate that is not a number")
    work.points = np.where(good[:, None], work.points, 0.0)


def _simplify(work: Repaired) -> None:
    """Merge near vertices of a surface that is finer than any field needs, so that an import takes seconds.

    Method: vertex clustering (Rossignac and Borrel 1993), each cluster at its mean; on a wall of radius r it moves
    the surface inward by about g^2 / (24 r) for clusters of size g.
    """
    before = len(work.triangles)
    if before <= _MOST:
        return
    size = float(np.sqrt(area(work.points, work.triangles) / (0.5 * _WANTED)))
    used = np.unique(work.triangles)
    cells = np.floor((work.points[used] - work.points[used].min(axis=0)) / size).astype(np.int64)
    wide = cells.max(axis=0) + 1
    _, cluster = np.unique((cells[:, 0] * wide[1] + cells[:, 1]) * wide[2] + cells[:, 2], return_inverse=True)
    counts = np.bincount(cluster)
    number = np.zeros(len(work.points), dtype=np.int64)
    number[used] = cluster
    points = work.points[used]
    work.points = np.stack([np.bincount(cluster, weights=points[:, i]) / counts for i in range(3)], axis=1)
    t = number[work.triangles]
    work.triangles = t[(t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])]
    work.done.append(
        f"simplified {before} triangles to {len(work.triangles)} by merging vertices within {size / MM:.2f} mm"
    )


def _merge(work: Repaired) -> None:
    """Make one vertex of those that coincide within a millionth of the size, and drop unused ones."""
    used = np.unique(work.triangles)
    span = float(np.linalg.norm(np.ptp(work.points[used], axis=0)))
    step = max(span, 1e-12) * 1e-6
    keys = np.round((work.points[used] - work.points[used].min(axis=0)) / step).astype(np.int64)
    wide = keys.max(axis=0) + 1
    flat = (keys[:, 0] * wide[1] + keys[:, 1]) * wide[2] + keys[:, 2]
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    number = np.full(len(work.points), -1, dtype=np.int64)
    number[used] = inverse
    merged = len(used) - len(first)
    if merged:
        work.done.append(f"merged {merged} vertices that lay on others")
    work.points, work.triangles = work.points[used[first]], number[work.triangles]


def _drop_flat(work: Repaired) -> None:
    """Leave out triangles without area and such that stand twice."""
    t = work.triangles
    distinct = (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])
    keep = distinct & (_areas(work.points, t) > 0.0)
    if lost := int((~keep).sum()):
        work.done.append(f"left out {lost} triangles without area")
    t = t[keep]
    low, middle, high = np.sort(t, axis=1).T
    _, first = np.unique((low * len(work.points) + middle) * len(work.points) + high, return_index=True)
    if twice := len(t) - len(first):
        work.done.append(f"left out {twice} triangles that stood there twice")
    work.triangles = t[np.sort(first)]


def _largest(work: Repaired) -> None:
    """Keep the body with the largest area."""
    t = work.triangles
    rows, columns = np.concatenate([t[:, 0], t[:, 1]]), np.concatenate([t[:, 1], t[:, 2]])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(len(work.points),) * 2)
    body = connected_components(graph, directed=False)[1][t[:, 0]]
    sizes = np.bincount(body, weights=_areas(work.points, t))
    present = np.unique(body)
    if len(present) > 1:
        best = int(present[np.argmax(sizes[present])])
        share = 100.0 * (1.0 - sizes[best] / sizes.sum())
        work.done.append(
            f"kept the largest of {len(present)} separate bodies; the others are {share:.1f} % of the area"
        )
        work.triangles = t[body == best]
    _compact(work)


def _compact(work: Repaired) -> None:
    used, inverse = np.unique(work.triangles, return_inverse=True)
    work.points, work.triangles = work.points[used], inverse.reshape(-1, 3)


def _open_seams(work: Repaired) -> None:
    """Take away triangles at edges that more than two share, the smallest first, until no such edge is left."""
    lost = 0
    for _ in range(20):
        keys = edge_keys(work.triangles, len(work.points))
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        crowded = (counts[inverse] > 2).reshape(-1, 3).any(axis=1)
        if not crowded.any():
            break
        sizes = np.where(crowded, _areas(work.points, work.triangles), np.inf)
        worst = np.argsort(sizes)[: max(1, int(crowded.sum()) // 3)]
        work.triangles = np.delete(work.triangles, worst, axis=0)
        lost += len(worst)
    if lost:
        work.done.append(f"took away {lost} triangles at edges that more than two triangles share")
        _largest(work)


def edge_keys(triangles: Ints, n_points: int) -> Ints:
    """Return one number an undirected edge, three a triangle, shape (3 m,)."""
    pairs = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    pairs = np.sort(pairs, axis=1)
    return np.asarray(pairs[:, 0] * n_points + pairs[:, 1])


def _close(work: Repaired) -> None:
    """Close every border with a fan of triangles about its middle."""
    for _ in range(4):
        loops = boundary_loops(work.points, work.triangles)
        if not loops:
            break
        for loop in loops:
            work.points, work.triangles = cap(work.points, work.triangles, loop)
        work.loops += loops
    if work.loops:
        work.done.append(f"closed {len(work.loops)} borders (openings of cut vessels, or holes)")
    left = np.unique(edge_keys(work.triangles, len(work.points)), return_counts=True)[1]
    if (left != 2).any():
        work.doubts.append(f"{int((left != 2).sum())} edges are still not shared by exactly two triangles")


def _turn_outward(work: Repaired, where: str) -> None:
    content = volume(work.points, work.triangles)
    size = area(work.points, work.triangles)
    if content < 0.0:
        work.triangles = work.triangles[:, ::-1].copy()
        work.done.append("turned the whole surface, which faced inward")
    if abs(content) < 1e-4 * size**1.5:
        raise InputError(
            f"{where}: the surface encloses next to no volume ({abs(content) * 1e9:.3g} mm3 under "
            f"{size * 1e6:.3g} mm2); it is a sheet, not a vessel"
        )

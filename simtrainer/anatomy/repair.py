"""Makes a closed, outward surface of whatever triangles a file held, and says in sentences what was done."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simtrainer.anatomy.distance import surface_clearance, triangle_tree
from simtrainer.anatomy.loop import Loop, boundary_loops, cap
from simtrainer.anatomy.winding import consistent
from simtrainer.anatomy.wording import counted
from simtrainer.core.error import InputError
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_MOST, _WANTED = 500_000, 250_000
"""Triangles from which a surface is simplified, and about how many then remain."""
_BEYOND = 1e9
_SHARE = 0.05
"""Share of the area from which it is doubtful to leave out a body. because: design; a branch of an aorta is more"""


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
    others
        Bodies left out that are not small: share of the area [%] and points [m].
    """

    points: Floats
    triangles: Ints
    done: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    others: list[tuple[float, Floats]] = field(default_factory=list)


def repaired(points: Floats, triangles: Ints, where: str) -> Repaired:
    """Return the closed, outward, single surface [m]; InputError where nothing of use remains."""
    work = Repaired(points, triangles)
    _drop_not_finite(work, where)
    _drop_astray(work)
    _simplify(work)
    _merge(work)
    _drop_flat(work)
    _need(work, where, "no triangle with an area remains")
    _largest(work)
    _open_seams(work)
    work.triangles, flipped, torn = consistent(work.triangles)
    if flipped:
        work.done.append(f"turned {counted(flipped, 'triangle')} so that neighbours face the same side")
    if torn:
        work.doubts.append(f"{torn} edges join triangles that cannot face the same side (a one-sided surface)")
    _close(work, where)
    _need(work, where, "fewer than 4 triangles remain")
    _turn_outward(work, where)
    _doubt_others(work)
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
        work.done.append(
            f"left out {counted(lost, 'triangle')} with coordinates that are not numbers (nan or infinite)"
        )
        work.triangles = work.triangles[keep]
    if not len(work.triangles):
        raise InputError(f"{where}: every triangle has a coordinate that is not a number")
    work.points = np.where(good[:, None], work.points, 0.0)
    largest = float(np.abs(work.points).max())
    if largest > _BEYOND:
        raise InputError(f"{where}: it has coordinates up to {largest:.3g} m; no length of this world is so large")


def _drop_astray(work: Repaired) -> None:
    """Leave out triangles with a corner a thousand times as far from the middle as most: a spoilt number."""
    used = _used(work)
    middle = np.median(work.points[used], axis=0)
    away = np.abs(work.points - middle).max(axis=1)
    keep = (away[work.triangles] <= 1000.0 * float(np.median(away[used]))).all(axis=1)
    if lost := int((~keep).sum()):
        work.done.append(f"left out {counted(lost, 'triangle')} with a corner far away from all others")
        work.triangles = work.triangles[keep]


def _simplify(work: Repaired) -> None:
    """Merge near vertices of a surface that is finer than any field needs, so that an import takes seconds.

    Method: vertex clustering (Rossignac and Borrel 1993), each cluster at its mean; on a wall of radius r it moves
    the surface inward by about g^2 / (24 r) for clusters of size g.
    """
    before = len(work.triangles)
    if before <= _MOST:
        return
    size = float(np.sqrt(area(work.points, work.triangles) / (0.5 * _WANTED)))
    used = _used(work)
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
    """Make one vertex of those that coincide, and drop unused ones.

    Those that are equal to the bit first; only if triangles then still do not join, those within a millionth of the
    size, which may also fold the slivers of a fine mesh.
    """
    before = len(_used(work))
    _weld(work, 0.0)
    if not _joined(work):
        span = float(np.linalg.norm(np.ptp(work.points, axis=0)))
        _weld(work, max(span, 1e-12) * 1e-6)
    if merged := before - len(work.points):
        work.done.append(f"merged {counted(merged, 'vertex', 'vertices')} that lay on others")


def _weld(work: Repaired, step: float) -> None:
    """Merge the vertices that agree in all coordinates, or that fall into one cell of `step` [m]."""
    used = _used(work)
    points = work.points[used]
    keys = np.round((points - points.min(axis=0)) / step).astype(np.int64) if step else (points + 0.0).view(np.int64)
    order = np.lexsort(keys.T)
    fresh = np.concatenate(([True], (np.diff(keys[order], axis=0) != 0).any(axis=1)))
    inverse = np.empty(len(used), dtype=np.int64)
    inverse[order] = np.cumsum(fresh) - 1
    number = np.full(len(work.points), -1, dtype=np.int64)
    number[used] = inverse
    work.points, work.triangles = points[order[fresh]], number[work.triangles]


def _joined(work: Repaired) -> bool:
    """Tell whether at least 99 of 100 edges have a triangle on both sides."""
    counts = np.unique(edge_keys(work.triangles, len(work.points)), return_counts=True)[1]
    return float((counts > 1).mean()) > 0.99


def _drop_flat(work: Repaired) -> None:
    """Leave out triangles without area, such that stand twice, and pairs that lie back to back.

    Where a tenth of the surface lies back to back it has two sides, and one of them stays.
    """
    t = work.triangles
    distinct = (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])
    keep = distinct & (_areas(work.points, t) > 0.0)
    if lost := int((~keep).sum()):
        work.done.append(f"left out {counted(lost, 'triangle')} without area")
    t = t[keep]
    low, middle, high = np.sort(t, axis=1).T
    turned = ((t[:, 0] == low) & (t[:, 1] == high)) | ((t[:, 1] == low) & (t[:, 2] == high))
    turned |= (t[:, 2] == low) & (t[:, 0] == high)
    key = (low * len(work.points) + middle) * len(work.points) + high
    _, first, inverse, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    if twice := len(t) - len(first):
        work.done.append(f"left out {counted(twice, 'triangle')} that stood there twice")
    back = (count == 2) & (np.bincount(inverse, weights=turned) == 1.0)
    if back.sum() < 0.1 * len(first):
        first = first[~back]
    work.triangles = t[np.sort(first)]


def _largest(work: Repaired) -> None:
    """Keep the body with the largest area; remember points of the others that are not small."""
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
        for number in present[sizes[present] > _SHARE * sizes.sum()]:
            if number != best:
                share = 100.0 * float(sizes[number] / sizes.sum())
                work.others.append((share, work.points[np.unique(t[body == number])]))
        work.triangles = t[body == best]
    _compact(work)


def _doubt_others(work: Repaired) -> None:
    """Say of each body left out that is not small whether it lay inside the one kept, across it or beside it."""
    tree = triangle_tree(work.points, work.triangles) if work.others else None
    for share, points in work.others:
        assert tree is not None
        inside = float((surface_clearance(tree, points[:: max(1, len(points) // 500)]) > 0.0).mean())
        where = "beside it; if it is a vessel of this tree, join the two before"
        if inside > 0.95:
            where = "inside it; if they are the two sides of a wall, import the inner one alone"
        elif inside > 0.02:
            where = "across it; if they are vessels that join, unite them before (boolean union)"
        work.doubts.append(f"a separate body with {share:.0f} % of the area was left out, which lies {where}")


def _compact(work: Repaired) -> None:
    used = _used(work)
    number = np.full(len(work.points), -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    work.points, work.triangles = work.points[used], number[work.triangles]


def _used(work: Repaired) -> Ints:
    """Return the numbers of the vertices that triangles use, ascending; np.unique takes seconds for millions."""
    marks = np.zeros(len(work.points), dtype=np.bool_)
    marks[work.triangles] = True
    return np.flatnonzero(marks)


def _open_seams(work: Repaired) -> None:
    """Take triangles away at edges that more than two share, until no such edge is left.

    What such edges bound goes as a whole, the smallest first: fins, inner walls, a body that touches along a line.
    Within one sheet all triangles at the ends of such edges go, so that a clean border is left to be closed.
    """
    lost = 0
    for _ in range(60):
        keys = edge_keys(work.triangles, len(work.points))
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        crowded = np.asarray(counts[inverse] > 2, dtype=np.bool_)
        if not crowded.any():
            break
        worst = _worst(work, _sheets(inverse, counts), crowded)
        work.triangles = np.delete(work.triangles, worst, axis=0)
        lost += len(worst)
    if lost:
        work.done.append(f"took away {counted(lost, 'triangle')} at edges that more than two triangles share")
        _largest(work)


def _sheets(inverse: Ints, counts: Ints) -> Ints:
    """Return the number of the sheet of each triangle, shape (m,): triangles joined by edges that just two share."""
    pairs = np.argsort(inverse, kind="stable")
    pairs = pairs[counts[inverse[pairs]] == 2].reshape(-1, 2) // 3
    size = len(inverse) // 3
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _worst(work: Repaired, sheet: Ints, crowded: NDArray[np.bool_]) -> Ints:
    """Return the triangles to take away next; `crowded` says which edges more than two share, three a triangle."""
    total = np.bincount(sheet, weights=_areas(work.points, work.triangles))
    at = np.unique(sheet[crowded.reshape(-1, 3).any(axis=1)])
    at = at[at != np.argmax(total)]
    if len(at):
        small = at[total[at] < 0.002 * total.sum()]
        return np.flatnonzero(np.isin(sheet, small if len(small) else at[[np.argmin(total[at])]]))
    spoilt = np.zeros(len(work.points), dtype=np.bool_)
    spoilt[work.triangles.ravel()[crowded]] = True
    spoilt[np.roll(work.triangles, -1, axis=1).ravel()[crowded]] = True
    return np.flatnonzero(spoilt[work.triangles].any(axis=1))


def edge_keys(triangles: Ints, n_points: int) -> Ints:
    """Return one number an undirected edge, three a triangle, shape (3 m,)."""
    pairs = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    pairs = np.sort(pairs, axis=1)
    return np.asarray(pairs[:, 0] * n_points + pairs[:, 1])


def _close(work: Repaired, where: str) -> None:
    """Close every border with a fan of triangles about its middle."""
    before = area(work.points, work.triangles)
    for _ in range(4):
        loops = boundary_loops(work.points, work.triangles)
        if not loops:
            break
        for loop in loops:
            work.points, work.triangles = cap(work.points, work.triangles, loop)
        work.loops += loops
    _tell_loops(work, where, before)
    left = np.unique(edge_keys(work.triangles, len(work.points)), return_counts=True)[1]
    if (left != 2).any():
        work.doubts.append(f"{int((left != 2).sum())} edges are still not shared by exactly two triangles")


def _tell_loops(work: Repaired, where: str, before: float) -> None:
    """Report openings and holes; refuse a sheet."""
    cuts = [loop for loop in work.loops if loop.planar]
    holes = [loop for loop in work.loops if not loop.planar]
    if cuts:
        work.done.append(f"closed {counted(len(cuts), 'flat round border')}, as where vessels are cut")
    if not holes:
        return
    widest = max(holes, key=lambda loop: loop.radius)
    across = 2.0 * widest.radius
    gap = sum(np.pi * loop.radius**2 for loop in holes)
    work.done.append(f"closed {counted(len(holes), 'hole')}, the widest about {across / MM:.2g} mm across")
    if gap > 0.2 * before:
        raise InputError(
            f"{where}: this is an open sheet, not a vessel: its holes are {100.0 * gap / before:.0f} % of its area, "
            f"the widest {across / MM:.2g} mm across; holes are closed, but not a wall made up"
        )


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

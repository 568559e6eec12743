"""Extracts a centreline tree with maximal inscribed radii from the clearance of a lumen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from simtrainer.anatomy.curve import arc_length, resampled, tangents
from simtrainer.anatomy.march import voxels
from simtrainer.anatomy.skeletonise import Skeleton, skeleton
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.error import InputError
from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Clearance = Callable[[Floats], Floats]

STEP = 1.0 * MM
"""Distance between the points of an extracted centreline [m]."""
_THIN = 0.6 * MM


class EndKind(StrEnum):
    """What a vessel does where its centreline ends."""

    CUT = "cut"
    """A flat end: here the vessel was cut, and it went on."""
    TIP = "closed tip"
    """It tapers or rounds off."""
    RING = "meeting in a ring"
    """Nothing ends: two ways about a ring of vessels meet here, and the tree is cut."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of the vessel.

    Parameters
    ----------
    point
        Where the centreline meets the cut or the tip [m], shape (3,).
    outward
        Unit vector out of the vessel, shape (3,).
    radius
        Maximal inscribed radius just inside [m].
    kind
        Cut, tip, or meeting in a ring.
    lead
        Length of the straight piece that leads from the last whole ball to a cut [m].
    """

    point: Floats
    outward: Floats
    radius: float
    kind: EndKind
    lead: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """A centreline from one end or fork to another, not yet cut into branches: where it begins, and its end."""

    points: Floats
    radii: Floats
    parent: int
    parent_index: int
    end: End
    tip: int
    outermost: Floats


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found: a tree rooted at the access, its ends, and the bumps that were left out."""

    tree: CentrelineTree
    root: End
    ends: tuple[End, ...]
    bumps: int


class Extractor:
    """Centrelines of one lumen; the skeleton is found once, and may be rooted at any of its ends."""

    def __init__(self, field: SparseGrid, clearance: Clearance, given: Sequence[Floats] = ()) -> None:
        """Find the ends of the lumen in `field`; `clearance` is the exact distance that radii are taken from."""
        self._field = field
        self._clearance = clearance
        self._lumen = voxels(field)
        if not len(self._lumen.points):
            raise InputError(
                f"no voxel of {field.spacing / MM:g} mm lies inside the surface; it is too thin or too small"
            )
        found = skeleton(self._lumen, given)
        if len(found.tips) < 2:
            raise InputError(
                f"{len(found.tips)} end was found or given, a vessel has at least two; give its openings, two or more"
            )
        self._skeleton: Skeleton = found
        ways = self._ways(found.tips[0])
        kept = _without_bumps(ways)
        tips = (found.tips[0], *(way.tip for way in kept))
        self._skeleton = replace(found, tips=tips)
        self.ends = (self._end(tips), *(way.end for way in kept))
        self._bumps = len(ways) - len(kept)

    def _end(self, tips: tuple[int, ...]) -> End:
        """Return the end at the first of `tips`, seen with the last of them as the root."""
        ways = self._ways(tips[-1])
        return next(way.end for way in ways if way.tip == tips[0])

    def _ringed(self, tip: int, end: End) -> End:
        return replace(end, kind=EndKind.RING) if tip in self._skeleton.rings else end

    def rooted(self, root: int) -> Extraction:
        """Return the tree that begins at end number `root`."""
        ways = self._ways(self._skeleton.tips[root])
        kept = _without_bumps(ways)
        ends = tuple(way.end for way in kept)
        return Extraction(_branches(kept), self.ends[root], ends, self._bumps + len(ways) - len(kept))

    def _ways(self, root: int) -> list[Way]:
        """Return ways that cover the tree: the longest from the root first, then what is left, longest first."""
        lumen = self._lumen
        left = {tip: self._skeleton.way(root, tip) for tip in self._skeleton.tips if tip != root}
        owner: dict[int, int] = {}
        ways: list[Way] = []
        while left:
            fresh = {tip: next((i for i, v in enumerate(r) if v not in owner), len(r)) for tip, r in left.items()}
            tip = max(left, key=lambda t: _length(lumen.points[left[t][max(fresh[t] - 1, 0) :]]))
            rows, first = left.pop(tip), fresh[tip]
            if not ways:
                ways.append(self._first(self._centred(lumen.points[rows]), tip))
            else:
                lead = int(2.5 * lumen.clearance[rows[first - 1]] / lumen.spacing) + 4
                points = self._centred(lumen.points[rows[max(first - lead, 0) :]])
                ways.append(self._joined(points, tip, ways, owner[rows[first - 1]]))
            owner.update(dict.fromkeys(rows[first:], len(ways) - 1))
        return ways

    def _first(self, points: Floats, tip: int) -> Way:
        """Return the way that leads from the root; both of its ends are put right."""
        points, begin = self._finished(points[::-1])
        points, end = self._tapered(points[::-1], *self._finished(points[::-1]))
        radii = np.maximum(self._radii(points, end), self._radii(points[::-1], begin)[::-1])
        return Way(points, radii, -1, -1, self._ringed(tip, end), tip, self._lumen.points[tip])

    def _joined(self, points: Floats, tip: int, ways: list[Way], parent: int) -> Way:
        """Return a way that leaves its parent where it comes out of the parent's lumen."""
        trunk = ways[parent]
        gaps, found = cKDTree(trunk.points).query(points)
        distance, nearest = np.asarray(gaps, dtype=np.float64), np.asarray(found, dtype=np.int64)
        inside = np.flatnonzero(distance < 0.9 * trunk.radii[nearest])
        out = min(int(inside[-1]) + 1, len(points) - 2) if len(inside) else 0
        ahead = points[min(out + 3, len(points) - 1)] - points[out]
        start = _meeting(points[out], ahead, trunk, int(nearest[out]))
        points, end = self._tapered(points, *self._finished(points, out))
        if not self._open_between(trunk.points[start], points[out]):  # the carina lies between: take the way itself
            out = int(np.argmin(distance[: out + 1]))
            start = int(np.clip(nearest[out], 1, len(trunk.points) - 2))
        bridged = resampled(np.vstack([trunk.points[start], points[out:]]), STEP)
        end = self._ringed(tip, end)
        return Way(bridged, self._radii(bridged, end), parent, start, end, tip, self._lumen.points[tip])

    def _open_between(self, start: Floats, end: Floats) -> bool:
        """Tell whether the straight piece between two points keeps clear of the wall."""
        share = np.linspace(0.0, 1.0, 20)[:, None]
        room = self._clearance(start + share * (end - start))
        return bool(room.min() > 0.5 * min(room[0], room[-1]))

    def _radii(self, points: Floats, end: End) -> Floats:
        """Return exact inscribed radii; beyond the last whole ball before a flat cut the vessel is as wide as there."""
        radii = np.maximum(self._clearance(points), 0.05 * MM)
        arc = arc_length(points)
        led = arc[-1] - arc < end.lead
        radii[led] = np.maximum(radii[led], end.radius)
        return radii

    def _centred(self, points: Floats) -> Floats:
        """Return a smooth curve through the middle of the lumen near a row of voxels.

        Method: steepest ascent of the clearance across the curve, with steps that shrink, and smoothing between.
        """
        line = resampled(_smoothed(points, 2.0 * MM), STEP)
        narrow = float(np.nanpercentile(self._field.sample(line)[0], 20))
        soft = float(np.clip(0.5 * narrow, 0.3 * MM, 1.2 * MM))
        for step in 0.35 * 0.8 ** np.arange(14):
            value, gradient, known = self._field.sample(line)
            along = tangents(line)
            across = gradient - (gradient * along).sum(axis=1, keepdims=True) * along
            move = np.where(known[:, None], step * np.maximum(value, 0.3 * MM)[:, None] * across, 0.0)
            move[0] = move[-1] = 0.0
            line = resampled(_smoothed(line + move, soft), STEP)
        return self._refined(line, 0.6 * soft)

    def _refined(self, line: Floats, soft: float) -> Floats:
        """Return the curve moved by fractions of a voxel to where the exact clearance across it is largest."""
        for step in (0.2, 0.1, 0.05, 0.025):
            along = tangents(line)
            side = np.cross(along, np.where(np.abs(along[:, 2:]) < 0.8, [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]))
            side /= np.linalg.norm(side, axis=1, keepdims=True)
            other = np.cross(along, side)
            best = self._clearance(line)
            size = step * np.clip(best, 0.2 * MM, 3.0 * MM)[:, None]
            moved = line.copy()
            for way in (side, -side, other, -other):
                tried = line + size * way
                found = self._clearance(tried)
                better = found > best
                best[better], moved[better] = found[better], tried[better]
            moved[0], moved[-1] = line[0], line[-1]
            line = _smoothed(moved, soft)
        return line

    def _finished(self, points: Floats, first: int = 0) -> tuple[Floats, End]:
        """Return the curve with its far end put right: cut back to the last whole ball, led straight to a flat cut.

        It is not cut back beyond point `first`, where it comes out of its parent: a stub ends where its ball just
        touches the end.
        """
        radii, arc = self._clearance(points), arc_length(points)
        last = max(_last_whole(radii, arc), min(3, len(points) - 1))
        if last <= first:
            touching = np.abs(arc[-1] - arc[first:] - radii[first:])
            last = first + int(np.argmin(np.where(radii[first:] > 0.5 * radii[first:].max(), touching, np.inf)))
        inner = max(first, last - int(np.ceil(radii[last] / STEP)))
        widest = inner + int(np.flatnonzero(radii[inner : last + 1] >= 0.99 * radii[inner : last + 1].max())[-1])
        for at in (widest, last):  # a way that leaves a corner is off the middle until one radius inward
            radius, outward = float(max(radii[at], 0.1 * MM)), _heading(points, first, at, float(radii[at]))
            free = self._free(points[at], outward, radius)
            ball = points[at] + max(free - radius, 0.0) * outward  # touches the end
            if radius >= _THIN and free < 2.4 * radius and self._flat(ball, outward, radius):
                tip = points[at] + free * outward
                body = resampled(np.vstack([points[: at + 1], tip]), STEP)
                return body, End(tip, outward, radius, EndKind.CUT, free)
        return points[: last + 1], End(points[last], outward, radius, EndKind.TIP)

    def _tapered(self, points: Floats, body: Floats, end: End) -> tuple[Floats, End]:
        """Return a finished curve that follows a tip on, until the vessel is 0.6 as wide as its last whole ball."""
        if end.kind is not EndKind.TIP:
            return body, end
        rest = points[len(body) - 1 :]
        more = int(np.flatnonzero(self._clearance(rest) >= 0.6 * end.radius)[-1]) if end.radius > _THIN else 0
        return np.vstack([body, rest[1 : more + 1]]), replace(end, point=rest[more])

    def _flat(self, centre: Floats, outward: Floats, radius: float) -> bool:
        """Tell whether the lumen fills a third of the corner that a round end leaves out; a slanting cut fills half."""
        side = np.cross(outward, [1.0, 0.0, 0.0] if abs(outward[0]) < 0.8 else [0.0, 1.0, 0.0])
        side /= np.linalg.norm(side)
        other = np.cross(outward, side)
        angle = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)[:, None]
        corner = centre + 0.78 * radius * (outward + np.cos(angle) * side + np.sin(angle) * other)
        return bool((self._clearance(corner) > 0.0).mean() > 0.35)

    def _free(self, start: Floats, outward: Floats, radius: float) -> float:
        """Return how far [m] the lumen goes on straight from `start`, at most 2.5 radii."""
        reach = np.linspace(0.0, 2.5 * radius, 100)
        inside = self._clearance(start + reach[:, None] * outward) > 0.0
        return float(reach[int(np.argmin(inside)) - 1] if not inside.all() else reach[-1])


def _last_whole(radii: Floats, arc: Floats) -> int:
    """Return the last point at which the vessel is as wide as just before: beyond it lies a cap, a corner or a tip.

    Width may grow by a tenth over two radii inward, as it does in vessels that taper.
    """
    for i in range(len(radii) - 1, 0, -1):
        before = (arc >= arc[i] - max(2.0 * radii[i], 2.5 * MM)) & (arc <= arc[i])
        if radii[i] > 0.0 and radii[i] >= 0.9 * radii[before].max():
            return i
    return 1


def _heading(points: Floats, first: int, at: int, radius: float) -> Floats:
    """Return the unit direction of the way at point `at`, looking back two radii but not beyond point `first`."""
    base = points[max(first, at - max(3, int(2.0 * radius / STEP)))]
    ahead = points[at] - base if at - first > 2 else points[-1] - points[first]
    return np.asarray(ahead / max(float(np.linalg.norm(ahead)), 1e-12))


def _length(points: Floats) -> float:
    return float(arc_length(points)[-1]) if len(points) > 1 else 0.0


def _smoothed(points: Floats, width: float) -> Floats:
    """Return points smoothed over about `width` [m] along the curve; the ends stay."""
    if len(points) < 5:
        return points
    sigma = max(0.6, width / max(_length(points) / (len(points) - 1), 1e-9))
    line = np.linspace(points[0], points[-1], len(points))
    softer = line + gaussian_filter1d(points - line, sigma, axis=0, mode="nearest")
    softer[0], softer[-1] = points[0], points[-1]
    return np.asarray(softer)


def _meeting(point: Floats, ahead: Floats, trunk: Way, near: int) -> int:
    """Return the point of the trunk that the way, led straight back, comes nearest to; within two radii of `near`."""
    direction = ahead / max(float(np.linalg.norm(ahead)), 1e-12)
    window = int(2.0 * trunk.radii[near] / STEP) + 1
    low, high = max(1, near - window), min(len(trunk.points) - 1, near + window + 1)
    spoke = trunk.points[low:high] - point
    behind = np.minimum(spoke @ direction, 0.0)
    gap = np.linalg.norm(spoke - behind[:, None] * direction, axis=1)
    return low + int(np.argmin(gap)) if len(gap) else near


def _without_bumps(ways: list[Way]) -> list[Way]:
    """Return the ways that reach beyond their parent's wall by more than their own width; the others are bumps."""
    keep = [0]
    for i, way in enumerate(ways[1:], start=1):
        if way.parent not in keep:
            continue
        trunk = ways[way.parent]
        far = way.end.point if way.end.kind is EndKind.RING else way.outermost
        gap = np.linalg.norm(trunk.points - far, axis=1)
        if (gap - trunk.radii).min() > way.end.radius + 1.0 * MM:
            keep.append(i)
    number = {old: new for new, old in enumerate(keep)}
    return [replace(ways[old], parent=number.get(ways[old].parent, -1)) for old in keep]


def _branches(ways: list[Way]) -> CentrelineTree:
    """Return the tree cut at every fork, parents before children; forks nearer than 3 mm are one."""
    cuts: list[list[int]] = []
    for i, way in enumerate(ways):
        wanted = sorted(child.parent_index for child in ways if child.parent == i)
        cut: list[int] = []
        for place in wanted:
            at = min(max(place, 3), len(way.points) - 4)
            if 0 < at < len(way.points) - 1 and (not cut or at - cut[-1] >= 3):
                cut.append(at)
        cuts.append(cut)
    branches: list[Branch] = []
    pieces: dict[tuple[int, int], int] = {}
    for i, way in enumerate(ways):
        limits = [0, *cuts[i], len(way.points) - 1]
        for j, (a, b) in enumerate(pairwise(limits)):
            if j:
                parent = pieces[i, j - 1]
            elif way.parent >= 0:
                near = cuts[way.parent]
                parent = pieces[way.parent, int(np.argmin([abs(c - way.parent_index) for c in near]))]
            else:
                parent = -1
            points, radii = way.points[a : b + 1].copy(), way.radii[a : b + 1].copy()
            index = len(branches[parent].points) - 1 if parent >= 0 else -1
            if parent >= 0:
                points[0] = branches[parent].points[-1]
            pieces[i, j] = len(branches)
            branches.append(Branch(f"branch_{len(branches) + 1}", points, radii, parent, index))
    return CentrelineTree(tuple(branches))

"""Borders of an open surface: finds them, measures them, closes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Loop:
    """One closed border.

    Parameters
    ----------
    vertices
        Numbers of its vertices in order, shape (k,).
    centre
        Mean of its points [m], shape (3,).
    normal
        Unit normal of its plane, shape (3,).
    radius
        Radius [m] of the circle of equal area.
    flatness
        Root mean square distance of its points from the plane, over the radius.
    roundness
        Radius over the distance of its farthest point: 1 for a circle, 0.58 for a vessel cut at 70 degrees.
    """

    vertices: Ints
    centre: Floats
    normal: Floats
    radius: float
    flatness: float
    roundness: float

    @property
    def planar(self) -> bool:
        """Tell whether this looks like a clean cut: flat, round, and more than a few vertices."""
        return self.flatness < 0.25 and self.roundness > 0.5 and len(self.vertices) >= 6


def boundary_loops(points: Floats, triangles: Ints) -> list[Loop]:
    """Return the borders of a surface, in the direction of its triangles; each vertex is left once a loop."""
    ahead = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    low, high = ahead.min(axis=1), ahead.max(axis=1)
    _, inverse, counts = np.unique(low * len(points) + high, return_inverse=True, return_counts=True)
    border = ahead[counts[inverse] == 1]
    following: dict[int, list[int]] = {}
    for a, b in border:
        following.setdefault(int(a), []).append(int(b))
    loops = []
    while following:
        start = next(iter(following))
        way = [start]
        here = start
        while following.get(here):
            after = following[here].pop()
            if not following[here]:
                del following[here]
            if after in way[1:] or after == start:
                cut = way.index(after)
                if len(way) - cut >= 3:
                    loops.append(_measured(points, np.array(way[cut:])))
                way = way[: cut + 1]
            else:
                way.append(after)
            here = after
        following.pop(here, None)
    return loops


def _measured(points: Floats, vertices: Ints) -> Loop:
    ring = points[vertices]
    centre = ring.mean(axis=0)
    spokes = ring - centre
    vector = 0.5 * np.cross(spokes, np.roll(spokes, -1, axis=0)).sum(axis=0)
    size = float(np.linalg.norm(vector))
    normal = vector / max(size, 1e-30)
    radius = float(np.sqrt(size / np.pi))
    flatness = float(np.sqrt(((spokes @ normal) ** 2).mean()) / max(radius, 1e-12))
    far = float(np.linalg.norm(spokes, axis=1).max())
    return Loop(vertices, centre, normal, radius, flatness, radius / max(far, 1e-12))


def cap(points: Floats, triangles: Ints, loop: Loop) -> tuple[Floats, Ints]:
    """Return the surface with one border closed by a fan; a border of three by one triangle."""
    ring = loop.vertices[::-1]
    if len(ring) == 3:
        return points, np.vstack([triangles, ring])
    middle = np.full(len(ring), len(points))
    fan = np.stack([ring, np.roll(ring, -1), middle], axis=1)
    return np.vstack([points, loop.centre]), np.vstack([triangles, fan])

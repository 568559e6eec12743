"""Shapes for what lies in a wound: tubes along a curve, capsules, boxes, sheets; vertices [m] and triangles.

All are closed (but the sheet) and counter-clockwise seen from outside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mesh = tuple[F8, I8]


def tube(curve: ArrayLike, radius: ArrayLike, sides: int = 12) -> Mesh:
    """Return a tube with flat ends along a curve [m], shape (n, 3), of one radius [m] or one a point, shape (n,).

    The frame is carried along the curve without twist. Points that lie on one another are allowed; at least two must
    differ.
    """
    points = np.asarray(curve, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(points))
    tangents = _tangents(points)
    side = _across(tangents[0])
    rings = []
    turn = 2.0 * np.pi * np.arange(sides) / sides
    for point, along, r in zip(points, tangents, radii, strict=True):
        side = side - along * np.sum(along * side)
        length = np.sqrt(np.sum(side**2))
        side = side / length if length > 1e-9 else _across(along)
        other = np.cross(along, side)
        rings.append(point + r * (np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * other))
    vertices = np.concatenate([*rings, points[:1], points[-1:]])
    return vertices, _tube_faces(len(points), sides)


def capsule(start: ArrayLike, end: ArrayLike, radius: float, sides: int = 12) -> Mesh:
    """Return a rod [m] from start to end with half a ball at either end, whose middles the two places are."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    away = np.sqrt(np.sum((b - a) ** 2))
    along = (b - a) / away if away > 1e-12 else np.array([0.0, 1.0, 0.0])
    angle = np.linspace(0.0, 0.5 * np.pi, max(sides // 3, 2) + 1)
    angle[0] = 0.06  # the pole is a small disc
    near = a[None, :] - radius * np.cos(angle)[:, None] * along
    far = b[None, :] + radius * np.cos(angle[::-1])[:, None] * along
    return tube(np.concatenate([near, far]), radius * np.concatenate([np.sin(angle), np.sin(angle[::-1])]), sides)


def box(centre: ArrayLike, axes: ArrayLike, half: ArrayLike) -> Mesh:
    """Return a box: middle [m], unit axes as rows (3, 3), right-handed, and half its sides [m]."""
    corner = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    vertices = np.asarray(centre) + (corner * np.asarray(half)) @ np.asarray(axes, dtype=np.float64)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return vertices, np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], dtype=np.int64)


def sheet(grid: ArrayLike) -> Mesh:
    """Return a sheet through a grid of points [m], shape (n, m, 3); outside is where row x column points."""
    points = np.asarray(grid, dtype=np.float64)
    rows, columns = points.shape[:2]
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    down, right, both = first + columns, first + 1, first + columns + 1
    faces = np.concatenate([np.stack([first, down, both], axis=1), np.stack([first, both, right], axis=1)])
    return points.reshape(-1, 3), faces.astype(np.int64)


def blade(tip: ArrayLike, axes: ArrayLike, size: Sequence[float]) -> Mesh:
    """Return a flat blade that comes to a point at `tip` [m].

    `axes` are unit rows: back along the blade, from edge to spine, across its flat. `size` is length, height and
    thickness [m].
    """
    back, spine, flat = np.asarray(axes, dtype=np.float64)
    length, height, thick = size
    outline = ((0.0, 0.0), (0.45, 0.0), (1.0, 0.25), (1.0, 1.0), (0.55, 1.0))
    line = np.array([np.asarray(tip) + length * u * back + height * v * spine for u, v in outline])
    vertices = np.concatenate([line - 0.5 * thick * flat, line + 0.5 * thick * flat])
    n = len(line)
    faces = [(0, k, k + 1) for k in range(1, n - 1)] + [(n, n + k + 1, n + k) for k in range(1, n - 1)]
    for k in range(n):
        j = (k + 1) % n
        faces += [(k, n + k, n + j), (k, n + j, j)]
    out = np.array(faces, dtype=np.int64)
    return vertices, out if np.sum(np.cross(back, spine) * flat) < 0.0 else out[:, ::-1]


def joined(*meshes: Mesh) -> Mesh:
    """Return several meshes as one."""
    starts = np.cumsum([0, *(len(points) for points, _ in meshes)])
    vertices = np.concatenate([np.zeros((0, 3)), *(points for points, _ in meshes)])
    faces = [triangles + start for (_, triangles), start in zip(meshes, starts, strict=False)]
    return vertices, np.concatenate([np.zeros((0, 3), dtype=np.int64), *faces])


def _tangents(points: F8) -> F8:
    """Return unit tangents [1] of a curve, shape (n, 3); a point on another takes its neighbour's."""
    step = np.gradient(points, axis=0)
    length = np.sqrt(np.sum(step**2, axis=1))
    good = np.flatnonzero(length > 1e-12)
    if not good.size:
        return np.broadcast_to(np.array([0.0, 1.0, 0.0]), points.shape).copy()
    nearest = good[np.argmin(np.abs(np.arange(len(points))[:, None] - good[None, :]), axis=1)]
    out: F8 = step[nearest] / length[nearest][:, None]
    return out


def _across(along: F8) -> F8:
    """Return a unit direction at right angles to `along`."""
    other = np.eye(3)[int(np.argmin(np.abs(along)))]
    out: F8 = np.cross(along, other)
    out /= np.sqrt(np.sum(out**2))
    return out


def _tube_faces(rings: int, sides: int) -> I8:
    """Return the triangles of rings of vertices with a middle at either end."""
    k = np.arange(sides)
    nxt = (k + 1) % sides
    first, last = rings * sides, rings * sides + 1
    faces = [np.stack([np.full(sides, first), nxt, k], axis=1)]
    for i in range(rings - 1):
        a, b = i * sides, (i + 1) * sides
        faces += [np.stack([a + k, a + nxt, b + nxt], axis=1), np.stack([a + k, b + nxt, b + k], axis=1)]
    end = (rings - 1) * sides
    faces.append(np.stack([np.full(sides, last), end + k, end + nxt], axis=1))
    return np.concatenate(faces).astype(np.int64)

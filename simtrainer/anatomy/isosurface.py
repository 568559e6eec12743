"""The wall as triangles: surface nets over a contact field, slab by slab."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import SparseGrid, sample_one
from simtrainer.core.kernel import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def wall(field: SparseGrid, spacing: float) -> tuple[Floats, Ints]:
    """Return the surface of zero clearance: points [m], shape (n, 3), and outward triangles, shape (m, 3).

    Method: surface nets (Gibson 1998; one vertex a cell, one quad a crossed edge) on a lattice of `spacing` [m],
    each vertex then moved onto the wall along the gradient, three Newton steps. Closed, since the lattice
    encloses all bricks.
    """
    size = np.array(field.index.shape) * 8 * field.spacing
    count = np.ceil(size / spacing).astype(np.int64) + 3
    origin = field.origin - 1.5 * spacing
    room = 1 << 18
    while True:
        points, quads = np.empty((room, 3)), np.empty((room, 4), dtype=np.int64)
        n_points, n_quads = _nets(
            field.index, field.values, field.origin, field.spacing, origin, spacing, count, points, quads
        )
        if n_points <= room and n_quads <= room:
            break
        room = max(n_points, n_quads)
    points, quads = points[:n_points], quads[:n_quads]
    return _settled(field, points, spacing), _split(points, quads)


def _settled(field: SparseGrid, points: Floats, spacing: float) -> Floats:
    moved = points.copy()
    for _ in range(3):
        value, gradient, known = field.sample(moved)
        slope = np.maximum((gradient**2).sum(axis=1), 0.25)
        step = -(value / slope)[:, None] * gradient
        length = np.linalg.norm(step, axis=1, keepdims=True)
        step *= np.minimum(1.0, 0.3 * spacing / np.maximum(length, 1e-30))
        moved[known] += step[known]
    return moved


def _split(points: Floats, quads: Ints) -> Ints:
    """Return two triangles a quad, cut along its shorter diagonal."""
    one = np.linalg.norm(points[quads[:, 0]] - points[quads[:, 2]], axis=1)
    other = np.linalg.norm(points[quads[:, 1]] - points[quads[:, 3]], axis=1)
    near = (one <= other)[:, None]
    first = np.where(near, quads[:, [0, 1, 2]], quads[:, [0, 1, 3]])
    second = np.where(near, quads[:, [0, 2, 3]], quads[:, [1, 2, 3]])
    return np.concatenate([first, second])


@njit(cache=True)
def _slab(
    index: NDArray[np.int32],
    values: NDArray[np.float32],
    field_origin: Floats,
    field_spacing: float,
    origin: Floats,
    spacing: float,
    i: int,
    out: Floats,
) -> None:
    """Write the clearance on lattice plane `i`; what lies in no brick is outside."""
    found = np.empty(4)
    x = origin[0] + i * spacing
    for j in range(out.shape[0]):
        for k in range(out.shape[1]):
            y, z = origin[1] + j * spacing, origin[2] + k * spacing
            known = sample_one(index, values, field_origin, field_spacing, x, y, z, found)
            out[j, k] = found[0] if known else -1.0


@njit(cache=True)
def _nets(
    index: NDArray[np.int32],
    values: NDArray[np.float32],
    field_origin: Floats,
    field_spacing: float,
    origin: Floats,
    spacing: float,
    count: Ints,
    points: Floats,
    quads: Ints,
) -> tuple[int, int]:
    """Write vertices and quads as far as there is room; return how many there are. One sample a lattice point."""
    ny, nz = count[1], count[2]
    here, ahead = np.empty((ny, nz)), np.empty((ny, nz))
    before_ids, ids = np.full((ny, nz), -1), np.full((ny, nz), -1)
    _slab(index, values, field_origin, field_spacing, origin, spacing, 0, here)
    n_points = 0
    n_quads = 0
    for i in range(count[0] - 1):
        _slab(index, values, field_origin, field_spacing, origin, spacing, i + 1, ahead)
        before_ids, ids = ids, before_ids
        ids[:] = -1
        for j in range(ny - 1):
            for k in range(nz - 1):
                if _cell(here, ahead, i, j, k, origin, spacing, points, n_points):
                    ids[j, k] = n_points
                    n_points += 1
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                inside = here[j, k] > 0.0
                if inside != (ahead[j, k] > 0.0):
                    n_quads = _quad(quads, n_quads, ids[j - 1, k - 1], ids[j, k - 1], ids[j, k], ids[j - 1, k], inside)
                if i > 0 and inside != (here[j + 1, k] > 0.0):
                    a, b, c, d = before_ids[j, k - 1], before_ids[j, k], ids[j, k], ids[j, k - 1]
                    n_quads = _quad(quads, n_quads, a, b, c, d, inside)
                if i > 0 and inside != (here[j, k + 1] > 0.0):
                    a, b, c, d = before_ids[j - 1, k], ids[j - 1, k], ids[j, k], before_ids[j, k]
                    n_quads = _quad(quads, n_quads, a, b, c, d, inside)
        here, ahead = ahead, here
    return n_points, n_quads


@njit(cache=True)
def _quad(quads: Ints, n: int, a: int, b: int, c: int, d: int, forward: bool) -> int:
    """Write one quad if there is room; return the new count."""
    if n < quads.shape[0]:
        quads[n, 0] = a
        quads[n, 1] = b if forward else d
        quads[n, 2] = c
        quads[n, 3] = d if forward else b
    return n + 1


@njit(cache=True)
def _cell(
    here: Floats, ahead: Floats, i: int, j: int, k: int, origin: Floats, spacing: float, points: Floats, n: int
) -> bool:
    """Write the mean of the crossings on the twelve edges of a cell as vertex `n`; return whether there is any."""
    v = (
        here[j, k], ahead[j, k], here[j + 1, k], ahead[j + 1, k],
        here[j, k + 1], ahead[j, k + 1], here[j + 1, k + 1], ahead[j + 1, k + 1],
    )  # fmt: skip
    some = False
    every = True
    for c in range(8):
        some |= v[c] > 0.0
        every &= v[c] > 0.0
    if every or not some:
        return False
    if n >= points.shape[0]:
        return True
    total = np.zeros(3)
    crossed = 0
    for c in range(8):
        for axis in range(3):
            if (c >> axis) & 1 == 0:
                d = c | (1 << axis)
                if (v[c] > 0.0) != (v[d] > 0.0):
                    share = v[c] / (v[c] - v[d])
                    for a in range(3):
                        total[a] += (c >> a) & 1
                    total[axis] += share
                    crossed += 1
    points[n, 0] = origin[0] + (i + total[0] / crossed) * spacing
    points[n, 1] = origin[1] + (j + total[1] / crossed) * spacing
    points[n, 2] = origin[2] + (k + total[2] / crossed) * spacing
    return True

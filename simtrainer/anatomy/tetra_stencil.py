"""Isosurface stuffing: a lattice of tetrahedra is warped and clipped to a surface.

Source: F. Labelle, J. R. Shewchuk, Isosurface stuffing: fast tetrahedral meshes with good dihedral angles, ACM Trans.
Graph. 26 (2007) 57, on a uniform lattice. What is left of a tetrahedron is itself, a smaller
one, a pyramid or a prism; faces of four corners are cut the same way from both sides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.tetra_lattice import Lattice

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bool = NDArray[np.bool_]

ALPHA_LONG, ALPHA_SHORT = 0.24999, 0.41189
"""Share of an edge within which its end moves to the cut. because: the paper's, for the best least angle."""


def warped(grid: Lattice, ends: Ints, cuts: Floats) -> tuple[Floats, Ints]:
    """Return the points of the lattice [m] (n, 3), those too close to a cut moved onto it, and signs (n,): -1, 0, 1.

    The closest moves first; a cut whose edge has lost an end to the surface is none any more.
    """
    points, sign = grid.points.copy(), np.where(grid.clearance > 0.0, 1, -1)
    half = len(points) // 2
    long = (ends[:, 0] < half) == (ends[:, 1] < half)
    alpha = np.where(long, ALPHA_LONG, ALPHA_SHORT)
    length = np.linalg.norm(points[ends[:, 1]] - points[ends[:, 0]], axis=1)
    share = np.stack([np.linalg.norm(cuts - points[ends[:, k]], axis=1) / length for k in (0, 1)], axis=1)
    near = np.argwhere(share < alpha[:, None])
    order = np.argsort(share[near[:, 0], near[:, 1]] / alpha[near[:, 0]], kind="stable")
    for c, k in near[order]:
        here, there = ends[c, k], ends[c, 1 - k]
        if sign[here] != 0 and sign[there] != 0:
            points[here], sign[here] = cuts[c], 0
    return points, sign


def clipped(grid: Lattice, sign: Ints, ends: Ints) -> Ints:
    """Return what is left of the tetrahedra inside, shape (e, 4); cut c is number n + c behind the n lattice points."""
    size = len(grid.points)
    keys = ends.min(axis=1) * size + ends.max(axis=1)
    order = np.argsort(keys)
    cutter = _Cutter(keys[order], order + size, size, grid)
    tets = grid.tets[(sign[grid.tets] > 0).any(axis=1)]
    out = []
    for code in np.unique(_code(sign[tets])):
        mine = tets[_code(sign[tets]) == code]
        by_sign = np.argsort(-sign[mine], axis=1, kind="stable")
        t = np.take_along_axis(mine, by_sign, axis=1)
        plus, minus = int((sign[t[0]] > 0).sum()), int((sign[t[0]] < 0).sum())
        if minus == 0:
            out.append(t)
        elif plus == 1:
            out.append(_tip(cutter, t, minus))
        elif plus == 2 and minus == 1:
            out.append(_pyramid(cutter, t))
        elif plus == 2:
            out.append(_wedge(cutter, t))
        else:
            out.append(_stump(cutter, t))
    return np.concatenate(out) if out else np.zeros((0, 4), dtype=np.int64)


def _code(signs: Ints) -> Ints:
    return np.asarray((signs > 0).sum(axis=1) * 8 + (signs < 0).sum(axis=1))


class _Cutter:
    """Finds cuts by the ends of their edges, and which diagonal a face of four corners gets."""

    def __init__(self, keys: Ints, numbers: Ints, size: int, grid: Lattice) -> None:
        self._keys, self._numbers, self._size, self._grid = keys, numbers, size, grid

    def cut(self, a: Ints, b: Ints) -> Ints:
        """Return the number of the cut of each edge."""
        key = np.minimum(a, b) * self._size + np.maximum(a, b)
        at = np.searchsorted(self._keys, key)
        assert np.array_equal(self._keys[at], key), "an edge across the surface without a cut"
        return self._numbers[at]

    def wins(self, a: Ints, b: Ints, c: Ints) -> Bool:
        """Tell whether the diagonal in what is left of the face a b c, c outside, begins at a and not at b.

        Where a b is a short edge, the end whose edge to c is short; where it is long, the end of even parity. Both are
        properties of the face, and a prism never gets a ring of three diagonals.
        """
        half, parity = self._size // 2, self._grid.parity
        like_c = (a < half) == (c < half)
        long = (a < half) == (b < half)
        lead = np.where(parity[a] != parity[b], parity[a] < parity[b], a < b)
        return np.asarray(np.where(long, lead, ~like_c))


def _tip(cutter: _Cutter, t: Ints, minus: int) -> Ints:
    """One corner inside: what lies outside moves to the cuts."""
    out = t.copy()
    for k in range(4 - minus, 4):
        out[:, k] = cutter.cut(t[:, 0], t[:, k])
    return out


def _pyramid(cutter: _Cutter, t: Ints) -> Ints:
    """Two corners inside, one on the surface, one outside."""
    a, b, z, d = t.T
    first = cutter.wins(a, b, d)
    a, b = np.where(first, a, b), np.where(first, b, a)
    p, q = cutter.cut(a, d), cutter.cut(b, d)
    return np.concatenate((np.stack((z, a, b, q), axis=1), np.stack((z, a, q, p), axis=1)))


def _wedge(cutter: _Cutter, t: Ints) -> Ints:
    """Two corners inside, two outside: a prism, whose face on the surface is free."""
    a, b, c, d = t.T
    top = np.stack((a, cutter.cut(a, c), cutter.cut(a, d)), axis=1)
    bottom = np.stack((b, cutter.cut(b, c), cutter.cut(b, d)), axis=1)
    over_c, over_d = cutter.wins(a, b, c), cutter.wins(a, b, d)
    rank = np.stack((np.full(len(t), 1), np.where(over_c, 0, 2), np.where(over_d, 0, 2)), axis=1)
    return _prism(top, bottom, rank)


def _stump(cutter: _Cutter, t: Ints) -> Ints:
    """Three corners inside, one outside: a prism of three common faces."""
    a, b, c, d = t.T
    top = t[:, :3]
    bottom = np.stack([cutter.cut(x, d) for x in (a, b, c)], axis=1)
    ab, bc, ca = cutter.wins(a, b, d), cutter.wins(b, c, d), cutter.wins(c, a, d)
    rank = np.stack((ab * 1 + ~ca * 1, bc * 1 + ~ab * 1, ca * 1 + ~bc * 1), axis=1)
    assert not np.any((rank == 1).all(axis=1)), "a ring of diagonals"
    return _prism(top, bottom, rank)


def _prism(top: Ints, bottom: Ints, rank: Ints) -> Ints:
    """Return three tetrahedra a prism; from the corner of higher `rank` the diagonal begins at the top."""
    order = np.argsort(-rank, axis=1, kind="stable")
    t, b = np.take_along_axis(top, order, axis=1), np.take_along_axis(bottom, order, axis=1)
    return np.concatenate((
        np.stack((t[:, 0], b[:, 0], b[:, 1], b[:, 2]), axis=1),
        np.stack((t[:, 0], t[:, 1], t[:, 2], b[:, 2]), axis=1),
        np.stack((t[:, 0], t[:, 1], b[:, 1], b[:, 2]), axis=1),
    ))  # fmt: skip

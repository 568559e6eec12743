"""Small surfaces of known shape, and files of them, for the tests of the import."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.field import build_field, tree_shape
from simtrainer.anatomy.isosurface import wall
from simtrainer.anatomy.tree import Branch, CentrelineTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Surface = tuple[Floats, Ints]


def bent(start: Floats, end: Floats, bow: Floats, count: int) -> Floats:
    """A smooth arc from start to end."""
    share = np.linspace(0.0, 1.0, count)[:, None]
    return np.asarray(start + share * (end - start) + np.sin(np.pi * share) * bow)


@cache
def known_tree() -> CentrelineTree:
    """A bent trunk that tapers from 7 to 5 mm, with one side branch of 3 mm and one of 2.2 mm; metres."""
    trunk = bent(np.zeros(3), np.array([0.0, 0.005, 0.14]), np.array([0.012, 0.0, 0.0]), 71)
    first, second = trunk[28], trunk[48]
    one = bent(first, first + np.array([0.045, 0.005, 0.02]), np.array([0.0, 0.004, 0.006]), 36)
    two = bent(second, second + np.array([-0.035, 0.0, 0.03]), np.array([-0.004, 0.0, 0.0]), 40)
    return CentrelineTree(
        (
            Branch("trunk", trunk, np.linspace(0.007, 0.005, 71), -1, -1),
            Branch("one", one, np.full(36, 0.003), 0, 28),
            Branch("two", two, np.full(40, 0.0022), 0, 48),
        )
    )


@cache
def known_surface() -> Surface:
    """The wall of that tree as triangles, metres, outward."""
    return wall(build_field(tree_shape(known_tree()), 0.7e-3), 1.0e-3)


def tube(
    radius: float = 0.005, length: float = 0.1, around: int = 24, along: int = 40, capped: bool = False
) -> Surface:
    """A straight tube along z, open at both ends unless capped."""
    angle = np.linspace(0.0, 2.0 * np.pi, around, endpoint=False)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    points = np.concatenate([np.column_stack([ring, np.full(around, z)]) for z in np.linspace(0.0, length, along)])
    i, j = np.arange(along - 1)[:, None] * around, np.arange(around)
    k = np.roll(j, -1)
    a, b, c, d = (
        np.broadcast_to(x, (along - 1, around)).ravel() for x in (i + j, i + k, i + around + k, i + around + j)
    )
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    if capped:
        n, last = len(points), (along - 1) * around
        points = np.vstack([points, [[0.0, 0.0, 0.0], [0.0, 0.0, length]]])
        low = np.stack([np.full(around, n), k, j], axis=1)
        high = np.stack([np.full(around, n + 1), last + j, last + k], axis=1)
        triangles = np.concatenate([triangles, low, high])
    return points, triangles


def write_stl(path: Path, surface: Surface, scale: float = 1e3) -> Path:
    """Write a binary STL, in millimetres by default."""
    points, triangles = surface
    rows = np.zeros(len(triangles), dtype=np.dtype([("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")]))
    rows["v"] = (points * scale)[triangles]
    path.write_bytes(b"\0" * 80 + struct.pack("<I", len(triangles)) + rows.tobytes())
    return path


def write_obj(path: Path, surface: Surface, scale: float = 1e3) -> Path:
    """Write an OBJ file."""
    lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in surface[0] * scale]
    lines += [f"f {a}//1 {b}//1 {c}//1" for a, b, c in surface[1] + 1]
    path.write_text("\n".join(lines) + "\n")
    return path

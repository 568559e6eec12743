"""Closed surfaces that bones are made of: lofts through rings, tubes along curves, ellipsoids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.curve import resampled, smooth_curve, tangents
from simtrainer.anatomy.part import BodyPart, Tissue

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def loft(rings: Floats, tissue: Tissue) -> BodyPart:
    """Return the closed surface through `rings`, shape (r, k, 3), with a fan over the first and the last ring."""
    count, size = rings.shape[:2]
    points = np.vstack([rings.reshape(-1, 3), rings[0].mean(axis=0), rings[-1].mean(axis=0)])
    here = np.arange(size)
    after = np.roll(here, -1)
    low = (np.arange(count - 1) * size)[:, None]
    a, b, c, d = low + here, low + after, low + size + after, low + size + here
    sides = np.concatenate([np.stack([a, b, c], axis=2).reshape(-1, 3), np.stack([a, c, d], axis=2).reshape(-1, 3)])
    last = (count - 1) * size
    first_cap = np.stack([np.full(size, count * size), after, here], axis=1)
    last_cap = np.stack([np.full(size, count * size + 1), last + here, last + after], axis=1)
    return outward(points, np.concatenate([sides, first_cap, last_cap]), tissue)


def outward(points: Floats, triangles: Ints, tissue: Tissue) -> BodyPart:
    """Return the closed surface with its winding turned outward (positive volume)."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    volume = float((a * np.cross(b, c)).sum())
    return BodyPart(points, triangles if volume > 0.0 else triangles[:, ::-1].copy(), tissue)


def union(parts: Iterable[BodyPart]) -> BodyPart:
    """Return several closed surfaces as one part; where they overlap an X-ray counts both."""
    every = list(parts)
    offsets = np.cumsum([0, *(len(part.points) for part in every[:-1])])
    triangles = np.concatenate([part.triangles + offset for part, offset in zip(every, offsets, strict=True)])
    return BodyPart(np.concatenate([part.points for part in every]), triangles, every[0].tissue)


def mirrored(part: BodyPart) -> BodyPart:
    """Return the part of the other side of the body."""
    return BodyPart(part.points * np.array([-1.0, 1.0, 1.0]), part.triangles[:, ::-1].copy(), part.tissue)


def superellipse(half: Sequence[float], centre: Floats, count: int, power: float = 2.0) -> Floats:
    """Return a ring in the plane z = const, shape (count, 3); `power` 2 is an ellipse, larger is boxier."""
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    x = np.sign(c) * np.abs(c) ** (2.0 / power) * half[0]
    y = np.sign(s) * np.abs(s) ** (2.0 / power) * half[1]
    return centre + np.stack([x, y, np.zeros(count)], axis=1)


def tube(knots: Floats, sizes: Floats, count: int, step: float, tissue: Tissue, flat: Floats | None = None) -> BodyPart:
    """Return a bent rod through `knots`, shape (k, 3), with half-sizes `sizes`, shape (k, 2), at them.

    The first half-size lies across, the second along the normal nearest to `flat` (default: superior).
    """
    chord = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))))
    stacked = np.hstack([knots, sizes])
    curve = smooth_curve(stacked[:, :3], 0.2 * step) if len(knots) > 2 else resampled(knots, 0.2 * step)
    line = resampled(curve, step)
    share = np.linspace(0.0, 1.0, len(line))
    half = np.stack([np.interp(share, chord / chord[-1], sizes[:, i]) for i in (0, 1)], axis=1)
    along = tangents(line)
    up = np.array([0.0, 0.0, 1.0]) if flat is None else flat
    across = np.cross(up, along)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    second = np.cross(along, across)
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)[None, :, None]
    rings = line[:, None] + half[:, None, :1] * np.cos(angle) * across[:, None]
    rings = rings + half[:, None, 1:] * np.sin(angle) * second[:, None]
    return loft(rings, tissue)


def ellipsoid(centre: Floats, axes: Floats, tissue: Tissue, rings: int = 14, around: int = 20) -> BodyPart:
    """Return an ellipsoid with half-axes in the rows of `axes`, shape (3, 3); the last row joins the poles."""
    polar = np.linspace(0.04 * np.pi, 0.96 * np.pi, rings)[:, None, None]
    angle = np.linspace(0.0, 2.0 * np.pi, around, endpoint=False)[None, :, None]
    shell = np.sin(polar) * (np.cos(angle) * axes[0] + np.sin(angle) * axes[1]) - np.cos(polar) * axes[2]
    return loft(centre + shell, tissue)


def profile_loft(rows: Sequence[tuple[float, ...]], unit: float, count: int, power: float, tissue: Tissue) -> BodyPart:
    """Return a loft of horizontal superellipses from rows (z, centre x, centre y, half width, half depth) [unit]."""
    table = np.array(rows) * unit
    rings = [superellipse((row[3], row[4]), np.array([row[1], row[2], row[0]]), count, power) for row in table]
    return loft(np.array(rings), tissue)


def slab(front: Floats, thickness: Floats, tissue: Tissue) -> BodyPart:
    """Return a bent plate over the patch `front`, shape (u, v, 3), of `thickness`, shape (u, v), about its middle."""
    rows, columns = front.shape[:2]
    du, dv = np.gradient(front, axis=0), np.gradient(front, axis=1)
    normal = np.cross(du, dv)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-12)
    half = 0.5 * thickness[..., None] * normal
    size = rows * columns
    points = np.concatenate([(front + half).reshape(-1, 3), (front - half).reshape(-1, 3)])
    number = np.arange(size).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]))
    top = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    rim = np.concatenate([number[:, 0], number[-1, 1:], number[-2::-1, -1], number[0, -2:0:-1]])
    after = np.roll(rim, -1)
    edge = np.concatenate(
        [np.stack([rim, rim + size, after + size], axis=1), np.stack([rim, after + size, after], axis=1)]
    )
    return outward(points, np.concatenate([top, top[:, ::-1] + size, edge]), tissue)


def ruled(first: Floats, second: Floats, count: int, steps: int, bulge: Floats) -> Floats:
    """Return a patch, shape (count, steps, 3), between two smooth curves through knots, bent by `bulge` midway."""
    rows = []
    for knots in (first, second):
        curve = smooth_curve(knots, 0.01 * float(np.linalg.norm(knots[-1] - knots[0])))
        share = np.linspace(0.0, 1.0, len(curve))
        rows.append(np.stack([np.interp(np.linspace(0.0, 1.0, count), share, curve[:, i]) for i in range(3)], axis=1))
    across = np.linspace(0.0, 1.0, steps)[None, :, None]
    along = np.sin(np.pi * np.linspace(0.0, 1.0, count))[:, None, None]
    return (1.0 - across) * rows[0][:, None] + across * rows[1][:, None] + np.sin(np.pi * across) * along * bulge


def shell(outer: BodyPart, inner: BodyPart) -> BodyPart:
    """Return the wall between two closed surfaces, one within the other."""
    turned = BodyPart(inner.points, inner.triangles[:, ::-1].copy(), inner.tissue)
    return union([outer, turned])

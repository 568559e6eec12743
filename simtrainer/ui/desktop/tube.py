"""A slender body as a tube of fixed size, so that a view moves its vertices in place and never makes a new mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RINGS = 240
SIDES = 8


def tube_triangles() -> NDArray[np.int64]:
    """Return the triangles between all rings, shape (2 (RINGS - 1) SIDES, 3)."""
    ring, side = np.meshgrid(np.arange(RINGS - 1), np.arange(SIDES), indexing="ij")
    a = (ring * SIDES + side).ravel()
    b = (ring * SIDES + (side + 1) % SIDES).ravel()
    return np.concatenate((np.stack((a, b, a + SIDES), axis=1), np.stack((b, b + SIDES, a + SIDES), axis=1)))


def tube_points(curve: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return vertices of a tube of `radius` [m] around `curve`, shape (RINGS SIDES, 3); all in one point if empty.

    The curve, shape (n, 3), is divided evenly by length, the last third of the rings standing for its last 12 cm,
    where the bends are.
    """
    if len(curve) < 2:
        return np.zeros((RINGS * SIDES, 3))
    arc = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))))
    length = float(arc[-1])
    if length <= 0.0:
        return np.repeat(curve[-1:], RINGS * SIDES, axis=0)
    near = min(0.12, length)
    first = np.linspace(0.0, length - near, RINGS - RINGS // 3, endpoint=False)
    at = np.concatenate((first, np.linspace(length - near, length, RINGS // 3)))
    middle = np.stack([np.interp(at, arc, curve[:, axis]) for axis in range(3)], axis=1)
    tangent = np.gradient(middle, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    side = np.cross(tangent, _least_axis(tangent))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
    up = np.cross(tangent, side)
    angle = 2.0 * np.pi * np.arange(SIDES) / SIDES
    around = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    points: NDArray[np.float64] = (middle[:, None] + radius * around).reshape(-1, 3)
    return points


def _least_axis(tangent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one axis for all rings, across most of them, so that neighbouring rings do not twist."""
    axis = np.zeros(3)
    axis[int(np.argmin(np.abs(tangent).max(axis=0)))] = 1.0
    return np.broadcast_to(axis, tangent.shape)

"""Smooth space curves through given points, evenly sampled."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

Array = NDArray[np.float64]


def arc_length(points: Array) -> Array:
    """Return the arc length [unit of points] from the first point, shape (n,)."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate(([0.0], np.cumsum(steps)))


def smooth_curve(knots: Array, step: float, start: Array | None = None) -> Array:
    """Return a C2 curve through `knots`, shape (k, 3), sampled about every `step`, shape (n, 3).

    Method: natural cubic spline over the chord length; clamped to the direction `start` at its first point if given.
    """
    chord = arc_length(knots)
    first: tuple[Literal[1, 2], Array] = (2, np.zeros(3)) if start is None else (1, start / np.linalg.norm(start))
    spline = CubicSpline(chord, knots, bc_type=(first, "natural"))
    dense = spline(np.linspace(0.0, chord[-1], max(50, 8 * int(chord[-1] / step))))
    return resampled(dense, step)


def resampled(points: Array, step: float) -> Array:
    """Return the polyline `points` resampled at equal arc steps of about `step`; both ends are kept."""
    arc = arc_length(points)
    count = max(2, round(arc[-1] / step) + 1)
    at = np.linspace(0.0, arc[-1], count)
    return np.stack([np.interp(at, arc, points[:, axis]) for axis in range(points.shape[1])], axis=1)


def smooth_values(at: Array, values: Array, where: Array) -> Array:
    """Return monotone C1 interpolation of `values` given `at`, evaluated at `where`; held outside."""
    return np.asarray(PchipInterpolator(at, values)(np.clip(where, at[0], at[-1])), dtype=np.float64)


def tangents(points: Array) -> Array:
    """Return unit tangents of a polyline, shape (n, 3)."""
    gradient = np.gradient(points, arc_length(points), axis=0)
    return np.asarray(gradient / np.linalg.norm(gradient, axis=1, keepdims=True), dtype=np.float64)


def tortuosity(points: Array) -> float:
    """Return the length of the curve over the distance between its ends."""
    return float(arc_length(points)[-1] / np.linalg.norm(points[-1] - points[0]))


def least_bend_radius(points: Array) -> float:
    """Return the smallest radius of curvature [unit of points], over neighbouring triples of points."""
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    across = np.linalg.norm(np.cross(before, after), axis=1)
    sides = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1) * np.linalg.norm(before + after, axis=1)
    return float((sides / np.maximum(2.0 * across, 1e-30)).min())

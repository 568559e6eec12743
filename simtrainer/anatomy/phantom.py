"""A synthetic body about an imported vessel, so that it can be X-rayed: labelled, and nobody's own bones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Vertebra
from simtrainer.anatomy.skeleton.primitive import loft, superellipse
from simtrainer.anatomy.skeleton.vertebra import vertebra
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

WARNING = "body and bones are a synthetic phantom about the vessel, not this patient's"
_STEP = 34.0 * MM
"""Height of one vertebra with its disc [m]. because: lumbar level, skeleton/level.py"""
_MOST = 30


def phantom(points: Floats) -> dict[str, BodyPart]:
    """Return body outline and a row of vertebrae behind a vessel with these points [m] in W, shape (n, 3)."""
    low, high = points.min(axis=0), points.max(axis=0)
    parts = {"phantom_body": _outline(low, high)}
    bottom, top = low[2] - 20.0 * MM, high[2] + 20.0 * MM
    count = int(np.clip(np.ceil((top - bottom) / _STEP), 2, _MOST))
    step = (top - bottom) / count
    heights = bottom + (np.arange(count) + 0.5) * step
    behind = np.array([_behind(points, z, step) for z in heights])
    behind = np.convolve(np.pad(behind, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    middle = 0.5 * (low[0] + high[0]) if high[0] - low[0] < 80.0 * MM else float(np.median(points[:, 0]))
    for i, (z, y) in enumerate(zip(heights, behind, strict=True), start=1):
        level = Vertebra(f"L{i}", np.array([0.0, y, z]), np.array([0.0, 0.0, 1.0]), 0.75 * step, 45.0 * MM, 33.0 * MM)
        bone = vertebra(level, 1.0)
        aside = np.array([middle, 0.0, 0.0])
        parts[f"phantom_vertebra_{i}"] = BodyPart(bone.points + aside, bone.triangles, bone.tissue)
    return parts


def _behind(points: Floats, z: float, step: float) -> float:
    """Return where [m] the middle of a vertebra clears the vessel at height `z`, or the whole vessel where none is."""
    near = points[np.abs(points[:, 2] - z) < step]
    chosen = near if len(near) else points
    return float(chosen[:, 1].min()) - 22.0 * MM


def _outline(low: Floats, high: Floats) -> BodyPart:
    """Return a trunk that leaves 50 mm about the vessel and room for the spine behind it."""
    half_x = max(0.5 * float(high[0] - low[0]) + 50.0 * MM, 120.0 * MM)
    half_y = max(0.5 * float(high[1] - low[1]) + 60.0 * MM, 95.0 * MM)
    centre_x, centre_y = 0.5 * float(high[0] + low[0]), 0.5 * float(high[1] + low[1]) - 25.0 * MM
    rows = np.linspace(float(low[2]) - 45.0 * MM, float(high[2]) + 45.0 * MM, 14)
    rings = [superellipse((half_x, half_y), np.array([centre_x, centre_y, z]), 28, 2.6) for z in rows]
    return loft(np.array(rings), Tissue.SOFT)

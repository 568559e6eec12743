"""Body outline, lungs and heart."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.primitive import ellipsoid, loft, profile_loft, superellipse
from simtrainer.core.units import MM

# Rows (z, centre x, centre y, half width, half depth) [mm] of a man of 1.76 m in W; design, ordinary supine adult.
_BODY = (
    (-170, 0, -5, 165, 88), (-120, 0, -8, 174, 98), (-60, 0, -12, 178, 108), (0, 0, -14, 174, 108),
    (60, 0, -14, 168, 108), (110, 0, -12, 158, 106), (170, 0, -8, 148, 106), (230, 0, -10, 150, 108),
    (300, 0, -16, 156, 112), (370, 0, -22, 162, 116), (440, 0, -26, 168, 116), (500, 0, -28, 180, 108),
    (540, 0, -32, 190, 92), (565, 0, -36, 165, 76), (585, 0, -34, 105, 66), (602, 0, -30, 68, 60),
    (625, 0, -24, 60, 58), (650, 0, -14, 62, 66), (672, 0, 0, 68, 84), (700, 0, 2, 76, 96), (740, 0, 0, 78, 100),
    (770, 0, -2, 76, 98), (800, 0, -6, 62, 82), (818, 0, -8, 40, 54), (826, 0, -8, 16, 22),
)  # fmt: skip
_LUNG = (  # right lung: apex above the first rib, base on the dome of the diaphragm
    (352, 62, -62, 46, 40), (368, 66, -42, 54, 62), (395, 66, -28, 58, 78), (425, 64, -26, 58, 80),
    (455, 62, -28, 56, 76), (485, 60, -32, 52, 68), (515, 56, -38, 44, 56), (540, 50, -42, 34, 42),
    (560, 44, -44, 24, 28), (574, 40, -44, 11, 13),
)  # fmt: skip


def body(back: Spine) -> BodyPart:
    """Return the skin from the thighs to the vertex."""
    return profile_loft(_BODY, MM * back.scale, 32, 2.4, Tissue.SOFT)


def lungs(back: Spine) -> dict[str, BodyPart]:
    """Return both lungs; the left one makes room for the heart."""
    unit = MM * back.scale
    right, left = [], []
    for z, x, y, half_x, half_y in np.array(_LUNG):
        right.append(superellipse((half_x, half_y), np.array([x, y, z]), 22, 2.3))
        room = 16.0 * np.exp(-(((z - 392.0) / 40.0) ** 2))
        centre = np.array([-x - 0.5 * room, y - 0.5 * room, z])
        left.append(superellipse((half_x - 0.5 * room, half_y - 0.2 * room), centre, 22, 2.3))
    return {
        "right_lung": loft(np.array(right) * unit, Tissue.LUNG),
        "left_lung": loft(np.array(left) * unit, Tissue.LUNG),
    }


def heart(back: Spine) -> BodyPart:
    """Return the shadow of the heart: apex to the left, in front of T7 to T10."""
    unit = MM * back.scale
    long = np.array([-0.72, 0.42, -0.55])
    long /= np.linalg.norm(long)
    side = np.cross(long, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    axes = np.stack([38.0 * side, 36.0 * np.cross(long, side), 62.0 * long])
    return ellipsoid(np.array([-18.0, 14.0, 378.0]) * unit, axes * unit, Tissue.HEART)

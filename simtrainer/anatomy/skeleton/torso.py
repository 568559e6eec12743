"""Body outline, lungs and windpipe; the heart is what the lungs leave out; the arms are raised out of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.primitive import loft, profile_loft, superellipse, tube, union
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

# Rows (z, centre x, centre y, half width, half depth) [mm] of a man of 1.76 m in W; design, ordinary supine adult.
_BODY = (
    (-175, 0, -18, 172, 82), (-120, 0, -22, 180, 90), (-60, 0, -28, 184, 98), (0, 0, -32, 180, 100),
    (50, 0, -30, 172, 104), (110, 0, -20, 160, 102), (170, 0, -12, 148, 96), (230, 0, -14, 148, 96),
    (300, 0, -22, 154, 102), (370, 0, -34, 160, 112), (440, 0, -42, 166, 110), (490, 0, -44, 176, 102),
    (528, 0, -46, 190, 90), (552, 0, -46, 176, 74), (570, 0, -44, 118, 64), (586, 0, -40, 72, 58),
    (604, 0, -34, 60, 53), (616, 0, -28, 58, 58), (623, 0, 0, 60, 84), (650, 0, 2, 64, 90),
    (680, 0, 4, 70, 96), (710, 0, 3, 76, 99), (745, 0, 0, 78, 100), (775, 0, -2, 74, 95), (800, 0, -5, 60, 80),
    (816, 0, -7, 42, 56), (825, 0, -8, 18, 24),
)  # fmt: skip
# Rows of the right lung; the first three climb from under the dome of the diaphragm down to its rim.
_LUNG = (
    (398, 74, -24, 14, 16), (393, 74, -26, 36, 42), (372, 74, -32, 50, 62), (344, 72, -46, 54, 66),
    (362, 71, -42, 58, 72), (390, 69, -36, 60, 74), (425, 67, -36, 58, 72), (458, 64, -38, 53, 66),
    (488, 59, -42, 46, 56), (514, 53, -46, 38, 44), (538, 46, -48, 29, 32), (556, 41, -48, 20, 21),
    (566, 39, -48, 10, 11),
)  # fmt: skip
# Outline of the mediastinum (z, right border, left border) [mm] as a chest film shows it: right atrium, ascending
# aorta and great veins on the right; left ventricle, pulmonary trunk and aortic knob on the left.
_MEDIASTINUM = (
    (340, 44, 86), (370, 44, 86), (388, 44, 79), (410, 39, 60), (432, 34, 46), (452, 31, 41),
    (472, 30, 38), (490, 29, 41), (506, 27, 35), (530, 24, 28), (566, 20, 20),
)  # fmt: skip
_BEHIND = (-62.0, -38.0)
"""Depths y [mm] between which the border passes from behind the heart to beside it."""
_SPINE_BORDER = (22.0, 42.0)
"""Borders [mm] behind the heart: beside the spine on the right, beside the aorta on the left."""


def body(back: Spine) -> BodyPart:
    """Return the skin from the thighs to the vertex."""
    return profile_loft(_BODY, MM * back.scale, 32, 2.4, Tissue.SOFT)


def lungs(back: Spine) -> dict[str, BodyPart]:
    """Return both lungs with the outline of heart and great vessels between them."""
    unit = MM * back.scale
    right: list[Floats] = []
    left: list[Floats] = []
    heights, rights, lefts = np.array(_MEDIASTINUM, dtype=np.float64).T
    for z, x, y, half_x, half_y in np.array(_LUNG, dtype=np.float64):
        for rings, side, border, near in ((right, 1.0, rights, 0), (left, -1.0, lefts, 1)):
            ring = superellipse((half_x, half_y), np.array([x, y, z]), 28, 2.3)
            beside = np.clip((ring[:, 1] - _BEHIND[0]) / (_BEHIND[1] - _BEHIND[0]), 0.0, 1.0)
            limit = _SPINE_BORDER[near] + beside * (np.interp(z, heights, border) - _SPINE_BORDER[near])
            ring[:, 0] = side * np.maximum(ring[:, 0], np.minimum(limit, x + 0.8 * half_x))
            rings.append(ring)
    return {
        "right_lung": loft(np.array(right) * unit, Tissue.LUNG),
        "left_lung": loft(np.array(left) * unit, Tissue.LUNG),
    }


def windpipe(back: Spine) -> BodyPart:
    """Return the air of larynx, windpipe and main bronchi; the carina lies at T5."""
    unit = MM * back.scale
    carina = np.array([2.0, back.at("T5").front[1] / unit + 16.0, back.at("T5").centre[2] / unit + 6.0])
    trachea = np.array([[0.0, 0.0, 618.0], [0.0, -2.0, 590.0], [0.0, -14.0, 545.0], [1.0, -29.0, 505.0], carina])
    right = carina + np.array([[0.0, 0.0, 0.0], [14.0, -2.0, -18.0], [30.0, -6.0, -34.0]])
    left = carina + np.array([[0.0, 0.0, 0.0], [-20.0, -2.0, -16.0], [-44.0, -8.0, -32.0]])
    parts = []
    for knots, wide in ((trachea, 8.4), (right, 7.0), (left, 6.0)):
        parts.append(tube(knots * unit, np.full((len(knots), 2), wide) * unit, 10, 10.0 * unit, Tissue.LUNG))
    return union(parts)

"""Ribs, breastbone, collarbones and shoulder blades."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.primitive import ellipsoid, loft, mirrored, ruled, slab, superellipse, tube, union
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

# Per rib: half width of the cage, depth of its front end y, angle at which bone becomes cartilage [deg from behind],
# drop from the vertebra to that end [mm]; a man of 1.76 m; design, ordinary chest.
_RIBS = (
    (58.0, 8.0, 150.0, 34.0), (82.0, 22.0, 150.0, 52.0), (100.0, 32.0, 146.0, 66.0), (111.0, 38.0, 142.0, 78.0),
    (119.0, 42.0, 138.0, 88.0), (125.0, 46.0, 134.0, 97.0), (130.0, 48.0, 130.0, 106.0), (133.0, 48.0, 124.0, 112.0),
    (133.0, 46.0, 118.0, 112.0), (129.0, 42.0, 110.0, 104.0), (118.0, 34.0, 92.0, 82.0), (100.0, 20.0, 66.0, 52.0),
)  # fmt: skip
# Breastbone rows (z, centre x, centre y, half width, half depth) [mm].
_STERNUM = (
    (542, 0, 20, 20, 6), (536, 0, 22, 30, 7), (520, 0, 26, 27, 7), (500, 0, 32, 19, 6), (490, 0, 35, 17, 6.5),
    (470, 0, 39, 16, 6), (430, 0, 45, 20, 6), (400, 0, 50, 19, 5.5), (388, 0, 51, 10, 4), (366, 0, 50, 6, 3),
)  # fmt: skip
_CLAVICLE = ((14, 24, 541), (44, 28, 547), (84, 10, 553), (124, -22, 555), (160, -36, 553))


def chest(back: Spine) -> dict[str, BodyPart]:
    """Return ribs by name (`right_rib_5`), `sternum`, clavicles and scapulae."""
    unit = MM * back.scale
    parts = {}
    for number in range(1, 13):
        right = _rib(back, number)
        parts[f"right_rib_{number}"] = right
        parts[f"left_rib_{number}"] = mirrored(right)
    rows = np.array(_STERNUM, dtype=np.float64)
    rings = [superellipse((row[3], row[4]), np.array([row[1], row[2], row[0]]), 12, 2.6) for row in rows]
    parts["sternum"] = loft(np.array(rings) * unit, Tissue.BONE)
    sizes = np.array([[9.5, 9.0], [6.5, 6.0], [6.0, 5.5], [7.0, 5.0], [9.0, 5.0]]) * unit
    collar = tube(np.array(_CLAVICLE, dtype=np.float64) * unit, sizes, 8, 11.0 * unit, Tissue.BONE)
    blade = _scapula(unit)
    parts |= {"right_clavicle": collar, "left_clavicle": mirrored(collar)}
    parts |= {"right_scapula": blade, "left_scapula": mirrored(blade)}
    return parts


def _rib(back: Spine, number: int) -> BodyPart:
    """Return the right rib: head at its vertebra, back to the angle, round the side and down to the front."""
    unit = MM * back.scale
    level = back.at(f"T{number}")
    wide, front, end_deg, drop = _RIBS[number - 1]
    start = level.centre / unit + np.array([0.5 * level.width / unit, -0.36 * level.depth / unit, 4.0])
    rear = level.centre[1] / unit - (38.0 if number > 2 else 30.0)
    middle, deep = 0.5 * (rear + front), 0.5 * (front - rear)
    knots = [start, start + np.array([20.0, -16.0, -3.0])]
    angles = np.arange(34.0 if number > 1 else 44.0, end_deg + 1.0, 16.0)
    turns = np.radians(angles)
    for turn, angle in zip(turns, angles, strict=True):
        share = (angle / end_deg) ** 1.25
        knots.append(np.array([wide * np.sin(turn), middle - deep * np.cos(turn), start[2] - drop * share]))
    sizes = np.tile([[3.6, 6.2]] if number > 1 else [[6.0, 3.6]], (len(knots), 1))
    sizes[0] = (4.5, 5.0)
    return tube(np.array(knots) * unit, sizes * unit, 6, 15.0 * unit, Tissue.BONE)


def _scapula(unit: float) -> BodyPart:
    """Return the right shoulder blade with spine and acromion, and the head of the humerus in its socket."""
    inner = np.array([[78.0, -112.0, 536.0], [74.0, -122.0, 500.0], [76.0, -130.0, 450.0], [92.0, -130.0, 400.0]])
    outer = np.array([[120.0, -88.0, 548.0], [144.0, -70.0, 524.0], [128.0, -96.0, 470.0], [100.0, -126.0, 402.0]])
    plate = ruled(inner, outer, 8, 6, np.array([0.0, -6.0, 0.0]))
    thickness = np.full(plate.shape[:2], 3.5)
    thickness[:, -1] = 9.0
    ridge = np.array([[80.0, -124.0, 518.0], [118.0, -112.0, 534.0], [160.0, -70.0, 556.0], [172.0, -44.0, 556.0]])
    spine = tube(ridge * unit, np.array([[3, 7], [3, 9], [8, 5], [12, 4]]) * unit, 8, 14.0 * unit, Tissue.BONE)
    neck = np.array([[128.0, -82.0, 522.0], [146.0, -66.0, 522.0]])
    socket = tube(neck * unit, np.array([[9, 16], [8, 18]]) * unit, 10, 9.0 * unit, Tissue.BONE)
    head = ellipsoid(np.array([165.0, -52.0, 526.0]) * unit, 22.0 * unit * np.eye(3), Tissue.BONE, 10, 14)
    return union([slab(plate * unit, thickness * unit, Tissue.BONE), spine, socket, head])

"""Sacrum, hip bones and the upper ends of the femurs; the hip axis is the origin of W."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.primitive import ellipsoid, loft, mirrored, ruled, shell, slab, tube, union
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

# Knots [mm] of a man of 1.76 m in W, right side; design, ordinary pelvis with the hip axis at the origin.
_HEAD = (88.0, 0.0, 0.0)
_HEAD_RADIUS = 24.0
_CREST = ((38, -98, 108), (62, -92, 142), (100, -62, 170), (130, -18, 166), (139, 20, 140), (127, 48, 104))
_BRIM = ((46, -82, 72), (56, -66, 70), (70, -40, 48), (82, -8, 36), (96, 16, 36), (113, 38, 58))
_SACRUM = (  # y, z of the middle, half width, half depth, bend of the front
    (-36, 104, 52, 17), (-52, 84, 54, 17), (-68, 62, 46, 14), (-80, 40, 36, 11), (-86, 18, 26, 9), (-84, -2, 15, 6),
    (-74, -20, 7, 4), (-66, -30, 3, 3),
)  # fmt: skip


def pelvis(back: Spine) -> dict[str, BodyPart]:
    """Return `sacrum`, hip bones and femurs of both sides."""
    unit = MM * back.scale
    hip, thigh = _hip(unit), _femur(unit)
    return {
        "sacrum": _sacrum(unit),
        "right_hip": hip,
        "left_hip": mirrored(hip),
        "right_femur": thigh,
        "left_femur": mirrored(thigh),
    }


def _sacrum(unit: float) -> BodyPart:
    """Return sacrum and coccyx: a wedge, hollow in front, with its wings at the top."""
    angle = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)
    rings = []
    middles = np.array(_SACRUM, dtype=np.float64)
    along = np.gradient(middles[:, :2], axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    for (y, z, wide, deep), (dy, dz) in zip(middles, along, strict=True):
        x = wide * np.cos(angle)
        hollow = 0.16 * deep * (np.cos(angle) ** 2) * 4.0
        out = deep * np.sin(angle) * np.where(np.abs(x) > 26.0, 0.45, 0.75) - hollow
        rings.append(np.stack([x, y - out * dz, z + out * dy], axis=1))
    return loft(np.array(rings) * unit, Tissue.BONE)


def _hip(unit: float) -> BodyPart:
    """Return the right hip bone: wing, socket, pubis and ischium."""
    wing = ruled(np.array(_CREST, dtype=float), np.array(_BRIM, dtype=float), 14, 8, np.array([9.0, -7.0, -3.0]))
    thickness = np.full(wing.shape[:2], 6.0)
    thickness[:, 0] = 11.0
    thickness[:, -2:] = 13.0
    thickness[:3] = np.maximum(thickness[:3], 12.0)
    parts = [slab(wing * unit, thickness * unit, Tissue.BONE), _socket(unit)]
    for knots, sizes in (
        ([[84, -8, 30], [78, -22, 8], [70, -34, -26], [64, -40, -66], [58, -34, -82]],
         [[14, 16], [13, 14], [11, 12], [14, 13], [9, 8]]),
        ([[58, -34, -80], [42, -6, -72], [24, 20, -52], [11, 34, -32]], [[8, 9], [6, 8], [6, 8], [6, 8]]),
        ([[92, 24, 26], [66, 32, 22], [40, 38, 10], [12, 38, -8]], [[10, 11], [8, 8], [7, 8], [8, 14]]),
        ([[11, 38, 2], [10, 37, -18], [10, 34, -36]], [[7, 9], [7, 9], [6, 8]]),
    ):  # fmt: skip
        rod = tube(
            np.array(knots) * unit, np.array(sizes) * unit, 10, 12.0 * unit, Tissue.BONE, np.array([0.0, 1.0, 0.3])
        )
        parts.append(rod)
    return union(parts)


def _socket(unit: float) -> BodyPart:
    """Return the acetabulum: a cup about the femoral head, open outward, forward and down."""
    axis = np.array([0.76, 0.3, -0.55])
    axis /= np.linalg.norm(axis)
    side = np.cross(axis, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    polar = np.radians(np.linspace(4.0, 88.0, 7))[:, None, None]
    around = np.linspace(0.0, 2.0 * np.pi, 17)[None, :, None]
    ring = np.sin(polar) * (np.cos(around) * side + np.sin(around) * other)
    cup = np.array(_HEAD) + 29.0 * (ring - np.cos(polar) * axis)
    return slab(cup * unit, np.full(cup.shape[:2], 6.0) * unit, Tissue.BONE)


def _femur(unit: float) -> BodyPart:
    """Return the upper end of the right femur."""
    centre, ball = np.array(_HEAD) * unit, unit * np.eye(3)
    head = shell(  # its marrow is loose; a solid ball would hide the socket
        ellipsoid(centre, _HEAD_RADIUS * ball, Tissue.BONE, 12, 18),
        ellipsoid(centre, 0.68 * _HEAD_RADIUS * ball, Tissue.BONE, 8, 12),
    )
    neck = np.array([[94.0, 0.0, -4.0], [116.0, -3.0, -18.0], [132.0, -6.0, -30.0]])
    shaft = np.array(
        [[142.0, -10.0, -6.0], [140.0, -9.0, -28.0], [134.0, -6.0, -58.0], [126.0, -2.0, -110.0], [120.0, 2.0, -170.0]]
    )
    lesser = np.array([[124.0, -14.0, -58.0], [114.0, -22.0, -62.0]])
    forward = np.array([0.0, 1.0, 0.0])
    return union([
        head,
        tube(neck * unit, np.array([[17, 15], [14, 13], [18, 14]]) * unit, 12, 9.0 * unit, Tissue.BONE, forward),
        tube(shaft * unit, np.array([[9, 10], [17, 14], [17, 15], [14, 14], [13, 14]]) * unit, 14, 14.0 * unit,
             Tissue.BONE, forward),
        tube(lesser * unit, np.array([[9, 9], [5, 5]]) * unit, 8, 6.0 * unit, Tissue.BONE, forward),
    ])  # fmt: skip

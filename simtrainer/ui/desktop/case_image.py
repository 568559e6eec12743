"""The images of the case card: the opacified vessels of the patient from two sides, drawn without OpenGL."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.scene import Scene
from simtrainer.imaging.carm import FIELDS, CArmPose
from simtrainer.imaging.thickness import add_thickness

PIXELS = 300
VESSEL_PER_M = 90.0
"""Weight of contrast against bone in the picture [1/m]. because: design, by looking at it"""
BONE_PER_M = 9.0


@dataclass(frozen=True, slots=True)
class CaseImage:
    """One picture, uint8, shape (n, n); `view` is the key of its caption."""

    view: str
    pixels: NDArray[np.uint8]


def case_images(scene: Scene) -> tuple[CaseImage, ...]:
    """Return the vessels at the last camera's focus from the front and from 40 degrees LAO."""
    x, y, z = scene.cameras[-1].focus
    field = FIELDS[1]
    poses = {
        "card.front": CArmPose(isocentre=(x, y, z - 0.01), field=field),
        "card.oblique": CArmPose(lao=math.radians(40.0), isocentre=(x, y, z - 0.01), field=field),
    }
    return tuple(CaseImage(view, _drawn(scene, pose)) for view, pose in poses.items())


def _drawn(scene: Scene, pose: CArmPose) -> NDArray[np.uint8]:
    integral = np.zeros((PIXELS, PIXELS))
    for body in scene.bodies:
        if body.name == "lumen":
            add_thickness(integral, pose, body.points, body.triangles, VESSEL_PER_M)
        elif body.attenuation_per_m > 0.0 and body.name != "heart":
            add_thickness(integral, pose, body.points, body.triangles, BONE_PER_M)
    grey: NDArray[np.uint8] = (245.0 * (1.0 - np.exp(-np.clip(integral, 0.0, None)))).astype(np.uint8)
    return grey

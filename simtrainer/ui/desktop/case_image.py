"""The images of the case card: the opacified vessels of the patient from two sides, drawn without OpenGL."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.scene import Scene
from simtrainer.imaging.carm import FIELDS, CArmPose, project
from simtrainer.imaging.thickness import add_thickness
from simtrainer.procedures.procedure import Eye
from simtrainer.ui.workplace import CameraEye

PIXELS = 300
VESSEL_PER_M = 90.0
"""Weight of contrast against bone in the picture [1/m]. because: design, by looking at it"""
BONE_PER_M = 9.0
MARGIN = 0.04
"""Share of the picture at its edge in which nothing is marked. because: design, half a ring"""


@dataclass(frozen=True, slots=True)
class CaseImage:
    """One picture.

    Parameters
    ----------
    view
        Key of its caption, or the caption as it stands where no such key is.
    pixels
        uint8, shape (n, n) or (n, n, 3).
    goal
        Where the way ends in it, or leaves it: shares of width and height; none where the way is not in the picture.
    leaves
        True where the way goes on beyond the picture.
    """

    view: str
    pixels: NDArray[np.uint8]
    goal: tuple[float, float] | None = None
    leaves: bool = False


def case_images(scene: Scene, way: NDArray[np.float64]) -> tuple[CaseImage, ...]:
    """Return the vessels at the last camera's focus from the front and from 40 degrees LAO.

    way: points [m] in W from access to target, shape (n, 3).
    """
    x, y, z = scene.cameras[-1].focus
    field = FIELDS[1]
    poses = {
        "card.front": CArmPose(isocentre=(x, y, z - 0.01), field=field),
        "card.oblique": CArmPose(lao=math.radians(40.0), isocentre=(x, y, z - 0.01), field=field),
    }
    return tuple(CaseImage(view, _drawn(scene, pose), *_goal(way, pose)) for view, pose in poses.items())


def eye_images(eye: Eye, state: Any, names: Mapping[str, str]) -> tuple[CaseImage, ...]:
    """Return what an eye with cameras sees of `state` from the first two; none of any other eye.

    names: of the cameras, as people say them.
    """
    if not isinstance(eye, CameraEye):
        return ()
    images = []
    for camera in eye.cameras[:2]:
        eye.camera = camera
        images.append(CaseImage(names.get(camera, camera), eye.look(state, 0)))
    return tuple(images)


def _goal(way: NDArray[np.float64], pose: CArmPose) -> tuple[tuple[float, float] | None, bool]:
    if not len(way):
        return None, False
    places = project(pose, way, PIXELS)[:, :2] / PIXELS
    inside = np.flatnonzero(np.all((places > MARGIN) & (places < 1.0 - MARGIN), axis=1))
    if not len(inside):
        return None, False
    column, row = places[inside[-1]]
    return (float(column), float(row)), bool(inside[-1] < len(way) - 1)


def _drawn(scene: Scene, pose: CArmPose) -> NDArray[np.uint8]:
    integral = np.zeros((PIXELS, PIXELS))
    for body in scene.bodies:
        if body.name == "lumen":
            add_thickness(integral, pose, body.points, body.triangles, VESSEL_PER_M)
        elif body.attenuation_per_m > 0.0 and body.name != "heart":
            add_thickness(integral, pose, body.points, body.triangles, BONE_PER_M)
    grey: NDArray[np.uint8] = (245.0 * (1.0 - np.exp(-np.clip(integral, 0.0, None)))).astype(np.uint8)
    return grey

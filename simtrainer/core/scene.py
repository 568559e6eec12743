"""What there is to see, described for any view: bodies with meshes and materials, curves, cameras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Body:
    """A surface that stands in the scene.

    Parameters
    ----------
    name
        Unique in the scene.
    points
        Vertices [m] in W, shape (n, 3).
    triangles
        Vertex numbers, shape (m, 3), int.
    colour
        Red, green, blue, 0 to 1.
    opacity
        0 (not seen) to 1.
    attenuation_per_m
        Linear attenuation of X-rays [1/m] against what surrounds it; 0 for what casts no shadow.
    """

    name: str
    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    colour: tuple[float, float, float] = (0.8, 0.8, 0.8)
    opacity: float = 1.0
    attenuation_per_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A slender body whose points come with every snapshot under the same name."""

    name: str
    radius: float
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """A place to look from: position, point looked at and up direction, all [m] in W, each shape (3,)."""

    name: str
    position: tuple[float, float, float]
    focus: tuple[float, float, float]
    up: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a view needs beforehand; what moves comes with the snapshots."""

    bodies: tuple[Body, ...]
    curves: tuple[Curve, ...]
    cameras: tuple[Camera, ...]

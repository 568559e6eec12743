"""Geometry of a C-arm: where source and detector stand, and where a point of the patient falls on the picture.

The patient lies supine, head first; W is patient-fixed (x right, y anterior, z superior). At angles of zero the source
is under the table and the detector above the chest. **LAO turns the detector to the patient's left (-x), cranial
tilts it to the head (+z).** The picture is read as if one faced the patient: the patient's left is on its right, the
head is up. The table carries the patient through the resting isocentre, so moving the table by d moves `isocentre` by
-d in W.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError

SOURCE_TO_ISOCENTRE = 0.75
"""Focal spot to isocentre [m]. because: design value within 0.72 to 0.81 m of floor-mounted angiography units."""
REFERENCE_POINT = 0.15
"""From the isocentre towards the source lies the patient entrance reference point [m]. because: IEC 60601-2-43:2010"""
SID_RANGE = (0.90, 1.20)
"""Range of the source-image distance [m]. because: usual range of floor-mounted angiography units."""
FIELDS = (0.297, 0.262, 0.219, 0.191, 0.156, 0.134, 0.106)
"""Sides [m] of the square fields at the detector. because: diagonals 42, 37, 31, 27, 22, 19 and 15 cm of a 30 x 40 cm
flat detector, as angiography units offer them as zoom steps."""
PIXELS = 512
"""Pixels along one side of the picture; a flat detector of 1024 binned 2 x 2, as in fluoroscopy."""
NEAREST = 0.01
"""Points nearer than this to the source's plane [m] cast no shadow."""


@dataclass(frozen=True, slots=True)
class CArmPose:
    """Where the C-arm stands against the patient.

    Parameters
    ----------
    lao
        Left anterior oblique angle [rad]; negative is right anterior oblique.
    cranial
        Cranial angle [rad]; negative is caudal.
    isocentre
        Point [m] in W at the isocentre, shape (3,).
    sid
        Source-image distance [m].
    field
        Side of the square field at the detector [m].
    """

    lao: float = 0.0
    cranial: float = 0.0
    isocentre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sid: float = 1.05
    field: float = FIELDS[2]

    def __post_init__(self) -> None:
        """Refuse a geometry that no gantry has."""
        if not SID_RANGE[0] <= self.sid <= SID_RANGE[1]:
            raise InputError(f"source-image distance {self.sid} m; allowed are {SID_RANGE[0]} to {SID_RANGE[1]} m")
        if not 0.05 <= self.field <= 0.5:
            raise InputError(f"field of view {self.field} m at the detector; allowed are 0.05 to 0.5 m")
        if not (abs(self.lao) <= math.pi and abs(self.cranial) < math.pi / 2):
            raise InputError(f"C-arm angles {self.lao}, {self.cranial} rad; allowed are +-pi and +-pi/2")

    @property
    def axes(self) -> NDArray[np.float64]:
        """Unit vectors in W, shape (3, 3): rows are columns-of-picture, up-of-picture, source-to-detector."""
        ca, sa = math.cos(self.lao), math.sin(self.lao)
        cb, sb = math.cos(self.cranial), math.sin(self.cranial)
        return np.array([[-ca, -sa, 0.0], [sa * sb, -ca * sb, cb], [-sa * cb, ca * cb, sb]])

    @property
    def source(self) -> NDArray[np.float64]:
        """Focal spot [m] in W, shape (3,)."""
        position: NDArray[np.float64] = np.asarray(self.isocentre) - SOURCE_TO_ISOCENTRE * self.axes[2]
        return position

    @property
    def pitch(self) -> float:
        """Side of one pixel at the detector [m]."""
        return self.field / PIXELS

    @property
    def magnification(self) -> float:
        """Size on the detector over size at the isocentre [-]."""
        return self.sid / SOURCE_TO_ISOCENTRE

    def shifted(self, right: float = 0.0, up: float = 0.0, towards: float = 0.0) -> CArmPose:
        """Return the pose after the table moved so that the view shifts right, up and to the detector [m]."""
        moved = np.asarray(self.isocentre) + np.array([right, up, towards]) @ self.axes
        return replace(self, isocentre=(float(moved[0]), float(moved[1]), float(moved[2])))

    def with_table(self, d_x: float, d_y: float, d_z: float) -> CArmPose:
        """Return the pose after the table carried the patient by (d_x, d_y, d_z) [m] in W."""
        x, y, z = self.isocentre
        return replace(self, isocentre=(x - d_x, y - d_y, z - d_z))


def project(pose: CArmPose, points: NDArray[np.float64], pixels: int = PIXELS) -> NDArray[np.float64]:
    """Return column, row [pixels] and depth [m] from the source of `points` [m] in W: shapes (n, 3) and (n, 3).

    Pixel (0, 0) has its centre at column 0, row 0 at the upper left. Points with a depth below `NEAREST` have nan as
    column and row.
    """
    local = (np.atleast_2d(points) - pose.source) @ pose.axes.T
    depth = local[:, 2]
    scale = np.where(depth > NEAREST, pose.sid / np.where(depth > NEAREST, depth, 1.0) * pixels / pose.field, np.nan)
    middle = 0.5 * (pixels - 1)
    return np.column_stack((middle + local[:, 0] * scale, middle - local[:, 1] * scale, depth))


def rays(pose: CArmPose, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit directions in W from `pose.source` through pixels at `columns` and `rows`, shape (n, 3)."""
    middle = 0.5 * (PIXELS - 1)
    at_detector = np.column_stack(
        (
            (np.asarray(columns) - middle) * pose.pitch,
            (middle - np.asarray(rows)) * pose.pitch,
            np.full(np.size(columns), pose.sid),
        )
    )
    directions = at_detector @ pose.axes
    unit: NDArray[np.float64] = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit

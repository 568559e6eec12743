"""What a person can tell from the picture, as numbers: where a device lies on it and whether its tip is in view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.imaging.carm import PIXELS, CArmPose, project
from simtrainer.imaging.display import open_pixels
from simtrainer.imaging.dose import Exposure


@dataclass(frozen=True, slots=True)
class Seen:
    """A curve on the picture.

    Parameters
    ----------
    pixels
        Column and row of each point, shape (n, 2), nan where it lies behind the source.
    in_view
        True for points inside the field and between the shutters, shape (n,).
    """

    pixels: NDArray[np.float64]
    in_view: NDArray[np.bool_]


def project_curve(pose: CArmPose, points: NDArray[np.float64], exposure: Exposure | None = None) -> Seen:
    """Return where `points` [m] in W, shape (n, 3), fall on the picture."""
    placed = project(pose, points)[:, :2]
    top, bottom, left, right = open_pixels(exposure if exposure is not None else Exposure(), PIXELS)
    column, row = placed[:, 0], placed[:, 1]
    with np.errstate(invalid="ignore"):
        inside = (column >= left - 0.5) & (column < right - 0.5) & (row >= top - 0.5) & (row < bottom - 0.5)
    return Seen(placed, inside)


def tip_in_view(pose: CArmPose, points: NDArray[np.float64], exposure: Exposure | None = None) -> bool:
    """Tell whether the last point of a curve is on the picture."""
    return bool(project_curve(pose, points[-1:], exposure).in_view[0])


def edge_distance(pose: CArmPose, points: NDArray[np.float64], exposure: Exposure | None = None) -> float:
    """Return how far [pixels] the tip is inside the nearest edge of the picture; negative outside, nan behind."""
    column, row = project(pose, points[-1:])[0, :2]
    top, bottom, left, right = open_pixels(exposure if exposure is not None else Exposure(), PIXELS)
    return float(min(column - left + 0.5, right - 0.5 - column, row - top + 0.5, bottom - 0.5 - row))

"""The patient without devices: attenuation of body, bone and lung for one pose, computed once and kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simtrainer.core.scene import Body
from simtrainer.imaging.carm import PIXELS, CArmPose
from simtrainer.imaging.thickness import add_thickness

SCATTER_RATIO = 0.35
"""Scattered over primary signal behind the grid [-]. because: about 3 before and 0.3 to 0.5 behind a 12:1 grid for a
trunk, Bushberg et al., The Essential Physics of Medical Imaging, 3rd ed., section 7.7"""
_SCATTER_WIDTH = 0.12
"""Standard deviation of the scatter's spread, share of the field."""
_HARMONISE_WIDTH = 0.09
"""Standard deviation of what the display takes as slow brightness, share of the field."""


@dataclass(frozen=True, slots=True)
class Background:
    """What the detector sees without devices, relative to the mean over the middle of the field.

    Parameters
    ----------
    primary, scatter
        Signals [-], float32, shape (n, n).
    slow
        Low-pass of the logarithmic picture [-], float32, shape (n, n).
    path
        Effective line integral of attenuation through the middle [-]; what automatic exposure control meets.
    """

    primary: NDArray[np.float32]
    scatter: NDArray[np.float32]
    slow: NDArray[np.float32]
    path: float


def line_integral(
    bodies: tuple[Body, ...], shifts: dict[str, NDArray[np.float64]], pose: CArmPose, pixels: int = PIXELS
) -> NDArray[np.float64]:
    """Return the line integral of attenuation [-] of all bodies, each moved by its shift [m], shape (n, n)."""
    out = np.zeros((pixels, pixels))
    for body in bodies:
        if body.attenuation_per_m != 0.0:
            moved = body.points + shifts[body.name] if body.name in shifts else body.points
            add_thickness(out, pose, moved, body.triangles, body.attenuation_per_m)
    return np.maximum(out, 0.0)


def effective_path(integral: NDArray[np.float64]) -> float:
    """Return minus the logarithm of the mean transmission over the middle third of the field [-]."""
    n = len(integral)
    third = integral[n // 3 : n - n // 3, n // 3 : n - n // 3]
    return float(-np.log(np.mean(np.exp(-third))))


def make_background(
    bodies: tuple[Body, ...], shifts: dict[str, NDArray[np.float64]], pose: CArmPose, coarseness: int = 1
) -> Background:
    """Return the background; with `coarseness` 2 it is drawn at half the resolution, as a preview while moving."""
    integral = line_integral(bodies, shifts, pose, PIXELS // coarseness)
    path = effective_path(integral)
    if coarseness > 1:
        integral = _enlarged(integral, coarseness)
    primary = np.exp(np.minimum(path - integral, 6.0))
    scatter = SCATTER_RATIO * _spread(np.minimum(primary, 3.0), _SCATTER_WIDTH)
    total = primary + scatter
    slow = _spread(-np.log(total), _HARMONISE_WIDTH)
    return Background(primary.astype(np.float32), scatter.astype(np.float32), slow.astype(np.float32), path)


def _spread(picture: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Blur by a Gaussian of `width` of the field, on a grid eight times coarser."""
    factor = 8
    n = len(picture) // factor
    small = picture.reshape(n, factor, n, factor).mean(axis=(1, 3))
    return _enlarged(ndimage.gaussian_filter(small, width * n, mode="nearest"), factor)


def _enlarged(small: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Enlarge linearly with pixel centres kept in place."""
    n = len(small)
    at = np.clip((np.arange(n * factor) + 0.5) / factor - 0.5, 0.0, n - 1.0)
    low = np.minimum(at.astype(np.int64), n - 2)
    part = at - low
    rows = small[low] * (1.0 - part)[:, None] + small[low + 1] * part[:, None]
    large: NDArray[np.float64] = rows[:, low] * (1.0 - part) + rows[:, low + 1] * part
    return large

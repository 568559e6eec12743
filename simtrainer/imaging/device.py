"""What wires and catheters look like to X-rays: a wall, a bore, and a denser tip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.imaging.tube import Tubes, joined, tubes_along


@dataclass(frozen=True, slots=True)
class DeviceShadow:
    """A slender device in the beam.

    Parameters
    ----------
    points
        Axis [m] in W, shape (n, 3), n >= 2, the tip last.
    radius
        Outer radius [m].
    bore
        Inner radius [m]; 0 for a solid one.
    attenuation
        Linear attenuation of the wall [1/m].
    tip_length
        Length [m] of the denser tip (coil or marker); 0 for none.
    tip_attenuation
        Linear attenuation of the tip's wall [1/m].
    lumen_attenuation
        Linear attenuation [1/m] of what fills the bore, contrast for one.
    """

    points: NDArray[np.float64]
    radius: float
    bore: float
    attenuation: float
    tip_length: float = 0.0
    tip_attenuation: float = 0.0
    lumen_attenuation: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no tube."""
        if not 0.0 <= self.bore < self.radius:
            raise InputError(f"bore {self.bore} m in a radius of {self.radius} m; it must be 0 or more and smaller")
        if self.points.ndim != 2 or self.points.shape[1] != 3 or len(self.points) < 2:
            raise InputError(f"a device's points have shape {self.points.shape}; expected (n, 3) with n of 2 or more")


def device_tubes(shadow: DeviceShadow) -> Tubes:
    """Return the pieces of a device: its wall, less its bore, with the tip in its own attenuation."""
    body, tip = _split(np.asarray(shadow.points, dtype=np.float64), shadow.tip_length)
    parts = []
    for points, attenuation in ((body, shadow.attenuation), (tip, shadow.tip_attenuation)):
        if len(points) < 2:
            continue
        n = len(points)
        parts.append(tubes_along(points, np.full(n, shadow.radius), np.full(n, attenuation)))
        if shadow.bore > 0.0:
            inner = shadow.lumen_attenuation - attenuation
            parts.append(tubes_along(points, np.full(n, shadow.bore), np.full(n, inner)))
    return joined(parts)


def _split(points: NDArray[np.float64], tip_length: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points before and after the place `tip_length` [m] before the end; both hold that place."""
    if tip_length <= 0.0:
        return points, points[:0]
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    arc = np.concatenate(([0.0], np.cumsum(steps)))
    at = arc[-1] - tip_length
    if at <= 0.0:
        return points[:0], points
    i = min(int(np.searchsorted(arc, at, side="right")) - 1, len(steps) - 1)
    place = points[i] + (points[i + 1] - points[i]) * ((at - arc[i]) / max(steps[i], 1e-12))
    return np.vstack((points[: i + 1], place)), np.vstack((place, points[i + 1 :]))

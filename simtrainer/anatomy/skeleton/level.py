"""Levels of the spine: where each vertebra lies, how large it is; the ruler on which vessels and bones are placed.

Lengths here are those of a man of 1.76 m and scale with stature. z = 0 and y = 0 lie at the hip axis, x = 0 in the
midline. Heights add up to published totals (vertebral body heights 20-30 mm lumbar); the sagittal profile (lordosis,
kyphosis) is design: a smooth curve through ordinary supine positions, no single patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from simtrainer.core.units import MM

REFERENCE_STATURE = 1.76
"""Stature [m] to which the lengths of this file belong."""

_SACRUM_TOP_MM = 105.0
_HEIGHTS_MM = {  # body and disc below it, from L5 upward
    "L5": 35.0, "L4": 37.0, "L3": 37.0, "L2": 35.5, "L1": 34.0, "T12": 29.0, "T11": 27.5, "T10": 26.0, "T9": 24.5,
    "T8": 23.5, "T7": 23.0, "T6": 22.5, "T5": 22.0, "T4": 21.5, "T3": 21.0, "T2": 21.0, "T1": 20.0, "C7": 17.5,
    "C6": 17.0, "C5": 17.0, "C4": 17.0, "C3": 16.5, "C2": 24.0, "C1": 14.0,
}  # fmt: skip
_DEPTH_Y_MM = {  # of the middle of the body, anterior positive
    "S1": -32.0, "L5": -18.0, "L4": -10.0, "L3": -8.0, "L2": -13.0, "L1": -22.0, "T12": -33.0, "T11": -43.0,
    "T10": -53.0, "T9": -61.0, "T8": -67.0, "T7": -71.0, "T6": -72.0, "T5": -70.0, "T4": -65.0, "T3": -58.0,
    "T2": -50.0, "T1": -42.0, "C7": -35.0, "C6": -30.0, "C5": -26.0, "C4": -23.0, "C3": -21.0, "C2": -20.0, "C1": -18.0,
}  # fmt: skip
_BODY_MM = {  # width, depth of the body at a few levels, interpolated between them
    "L5": (51.0, 35.0), "L3": (47.0, 34.0), "L1": (42.0, 32.0), "T12": (40.0, 30.0), "T9": (32.0, 29.0),
    "T6": (28.0, 25.0), "T3": (28.0, 19.0), "T1": (31.0, 17.0), "C6": (25.0, 16.5), "C3": (20.0, 15.5),
    "C1": (20.0, 14.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vertebra:
    """One level of the spine.

    Parameters
    ----------
    name
        `L4`, `T5`, `C2`.
    centre
        Middle of the body [m] in W, shape (3,).
    up
        Unit axis of the spine there, shape (3,).
    height, width, depth
        Of the body without its disc [m].
    """

    name: str
    centre: NDArray[np.float64]
    up: NDArray[np.float64]
    height: float
    width: float
    depth: float

    @property
    def front(self) -> NDArray[np.float64]:
        """Foremost point of the body in the midline [m], shape (3,)."""
        forward = np.array([0.0, self.up[2], -self.up[1]])
        return np.asarray(self.centre + forward * 0.5 * self.depth)


@dataclass(frozen=True, slots=True)
class Spine:
    """All vertebrae of one patient, from L5 up to C1."""

    vertebrae: tuple[Vertebra, ...]
    scale: float

    def at(self, name: str) -> Vertebra:
        """Return the vertebra called `name`."""
        return next(v for v in self.vertebrae if v.name == name)


def spine(stature: float) -> Spine:
    """Return the spine of a patient of `stature` [m]."""
    scale = stature / REFERENCE_STATURE
    names = list(_HEIGHTS_MM)
    tops = _SACRUM_TOP_MM + np.cumsum([_HEIGHTS_MM[name] for name in names])
    middle = tops - 0.5 * np.array([_HEIGHTS_MM[name] for name in names])
    profile = CubicSpline([_SACRUM_TOP_MM - 5.0, *middle], list(_DEPTH_Y_MM.values()))
    known = [names.index(name) for name in _BODY_MM]
    sizes = np.array(list(_BODY_MM.values()))
    found = []
    for i, name in enumerate(names):
        slope = float(profile(middle[i], 1))
        up = np.array([0.0, slope, 1.0]) / np.hypot(slope, 1.0)
        centre = np.array([0.0, float(profile(middle[i])), middle[i]])
        disc = 0.25 if name.startswith("L") else 0.2
        width, depth = (float(np.interp(i, known, sizes[:, axis])) for axis in (0, 1))
        lengths = np.array([_HEIGHTS_MM[name] * (1.0 - disc), width, depth]) * MM * scale
        found.append(Vertebra(name, centre * MM * scale, up, *(float(length) for length in lengths)))
    return Spine(tuple(found), scale)

"""A slender device along its length, as makers and studies describe it and as the solver's kernels read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod_check import check_columns
from simtrainer.physics.rod_profile import TABLE_STEP_MM

F8 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """A slender device along its length, from its tip backwards.

    Parameters
    ----------
    distance
        Distance from the tip [m], increasing, beginning with 0, shape (k,); values between rows are linear.
    flexural_rigidity
        EI [N m2], shape (k,).
    curvature
        Natural curvature in the plane of the tip [1/m], signed, shape (k,).
    torsional_rigidity
        GJ [N m2], shape (k,).
    radius
        Outer radius [m], shape (k,).
    mass_per_length
        [kg/m], shape (k,).
    length
        Total length [m].
    """

    distance: F8
    flexural_rigidity: F8
    curvature: F8
    torsional_rigidity: F8
    radius: F8
    mass_per_length: F8
    length: float

    def table(self, rows: int, fine: float, coarse: float, zone: float) -> F8:
        """Return the table that the kernels read, in kernel units, shape (rows, 6).

        Natural curvature is averaged over two node steps [mm], `fine` within `zone` of the tip and `coarse` beyond: a
        shape that begins more sharply than the nodes can show would make the push force depend on where it lies
        between them.
        """
        at = np.arange(rows) * TABLE_STEP_MM
        rigid = np.interp(at, self.distance / MM, self.flexural_rigidity / N_MM2)
        wide = 2.0 * np.interp(at, [zone, 2.0 * zone], [fine, coarse])
        bent = (self._angle(at + 0.5 * wide) - self._angle(at - 0.5 * wide)) / wide
        turning = np.interp(at, self.distance / MM, self.torsional_rigidity / N_MM2)
        mass = np.interp(at, self.distance / MM, self.mass_per_length)  # kg/m is g/mm
        sums = [_integral(y) for y in (rigid, rigid * bent, 0.5 * rigid * bent * bent, turning, mass)]
        return np.column_stack([*sums, np.interp(at, self.distance / MM, self.radius / MM)])

    @property
    def shaped(self) -> float:
        """Length from the tip beyond which the device is naturally straight [m]."""
        bent = np.flatnonzero(self.curvature)
        return float(self.distance[min(bent[-1] + 1, len(self.distance) - 1)]) if len(bent) else 0.0

    def _angle(self, at: F8) -> F8:
        """Return the turning [rad] of the shape from its tip to distances `at` [mm]; before the tip it goes on."""
        s, bent = self.distance / MM, self.curvature * MM
        sums = np.concatenate(([0.0], np.cumsum(0.5 * (bent[1:] + bent[:-1]) * np.diff(s))))
        inside = np.clip(at, 0.0, s[-1])
        k = np.clip(np.searchsorted(s, inside, side="right") - 1, 0, max(len(s) - 2, 0))
        here = np.interp(inside, s, bent)
        turned = sums[k] + 0.5 * (bent[k] + here) * (inside - s[k])
        return np.asarray(turned + np.minimum(at, 0.0) * bent[0] + np.maximum(at - s[-1], 0.0) * bent[-1])

    def check(self) -> None:
        """Refuse a profile that no device can have; InputError says what and where."""
        columns = {
            "flexural_rigidity": self.flexural_rigidity, "torsional_rigidity": self.torsional_rigidity,
            "radius": self.radius, "mass_per_length": self.mass_per_length, "curvature": self.curvature,
        }  # fmt: skip
        check_columns(self.distance, columns, self.length)


def empty() -> Profile:
    """Return what stands in the tables of an empty place; its length is 0, so that it never gets in."""
    one = np.ones(1)
    return Profile(np.zeros(1), one * N_MM2, np.zeros(1), one * N_MM2, one * MM, one * 1e-3, 1.0)


def _integral(y: F8) -> F8:
    """Return the integral of `y` (k,) from the first row to each row, trapezoidal."""
    return np.concatenate(([0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * TABLE_STEP_MM)))

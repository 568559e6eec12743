"""Anatomy that moves: breathing and heartbeat carry the wall along, and what lies on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
STEEPEST = 0.45
"""Most that a displacement may change per length. because: design; at 1 space would fold, and a clearance that was a
distance is wrong by as much as the displacement changes"""
SLOPE = math.exp(-0.5)
"""Largest slope of exp(-u^2 / 2)."""


@dataclass(frozen=True, slots=True)
class Sway:
    """Displacement of space as a sum of smooth modes, each largest at its centre.

    What is at p now was at X = p - sum of w_m(p) d_m(t) when nothing moved, w = exp(-|(p - centre) / reach|^2 / 2),
    axis by axis. The map goes from now to rest, so that a field of the resting anatomy is looked up once.

    Parameters
    ----------
    centre, reach
        Of each mode [m] in W, shape (m, 3); the wall at the centre moves by all of d, at one reach from it by 61 %.
    most
        Longest displacement d that may be asked of each mode [m], (m,).
    """

    centre: F8
    reach: F8
    most: F8

    def check(self) -> None:
        """Refuse modes without size, and those that together would fold space; InputError says which."""
        m = self.most.size
        for name, array, shape in (
            ("centre", self.centre, (m, 3)),
            ("reach", self.reach, (m, 3)),
            ("most", self.most, (m,)),
        ):
            if array.shape != shape or not np.all(np.isfinite(array)):
                raise InputError(f"sway: {name} has shape {array.shape}; it must be {shape}, all finite")
        for k in range(m):
            if not np.all(self.reach[k] > 0.0) or not self.most[k] >= 0.0:
                raise InputError(
                    f"sway: mode {k} has reach {(self.reach[k] / MM).tolist()} mm and most {self.most[k] / MM:g} mm; "
                    "reaches are above 0, the most is not below 0"
                )
        if self.steepness > STEEPEST:
            raise InputError(
                f"sway: the displacement changes by up to {self.steepness:.2f} per length, at most {STEEPEST} is "
                "possible; make the displacements smaller or the reaches longer"
            )

    @property
    def steepness(self) -> float:
        """Upper bound of the displacement's change per length, all modes at their most."""
        return float(np.sum(SLOPE * self.most / self.reach.min(axis=1))) if self.most.size else 0.0

    def checked(self, displacement: F8 | None) -> F8:
        """Return the displacement of each mode [m], shape (m, 3), zeros for None; refuse one that is too long."""
        m = self.most.size
        given = np.zeros((m, 3)) if displacement is None else np.asarray(displacement, dtype=np.float64)
        if given.shape != (m, 3) or not np.all(np.isfinite(given)):
            raise InputError(f"control: sway has shape {given.shape}; it must be ({m}, 3), all finite")
        size = np.linalg.norm(given, axis=1)
        if np.any(size > self.most * (1.0 + 1e-9)):
            k = int(np.argmax(size - self.most))
            raise InputError(f"control: sway[{k}] is {size[k] / MM:.2f} mm long; at most {self.most[k] / MM:g} mm")
        return given

    def weight(self, points: F8) -> F8:
        """Return the weight of each mode at `points` [m] (n, 3), shape (n, m)."""
        away = (points[:, None] - self.centre) / self.reach
        return np.asarray(np.exp(-0.5 * np.sum(away**2, axis=2)))

    def rest(self, points: F8, displacement: F8) -> F8:
        """Return where what is at `points` [m] (n, 3) now was at rest, (n, 3)."""
        return np.asarray(points - self.weight(points) @ displacement)

    def carry(self, points: F8, displacement: F8) -> F8:
        """Return where what was at `points` [m] (n, 3) at rest is now: the inverse of `rest`, to a nanometre."""
        now = points
        for _ in range(60):  # a contraction with STEEPEST as its factor
            new = points + self.weight(now) @ displacement
            if float(np.abs(new - now).max(initial=0.0)) < 1e-9:
                return np.asarray(new)
            now = new
        return np.asarray(now)


STILL = Sway(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0))
"""Nothing moves."""

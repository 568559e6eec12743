"""Devices that are not those of the shelf: shared by the golden run and the random stress."""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod_device import Profile


def device(rows: list[tuple[float, float, float]], *, radius_mm: float, mass: float, length: float) -> Profile:
    """A device by rows of distance from the tip [mm], EI [N mm2] and natural curvature [1/mm]."""
    at, rigid, bent = np.array(rows).T
    one = np.ones(len(rows))
    return Profile(at * MM, rigid * N_MM2, bent / MM, 0.75 * rigid * N_MM2, one * radius_mm * MM, one * mass, length)


def j_wire() -> Profile:
    """A wire of 0.035 inch with a limp J of 3 mm radius: EI of the shaft by Harrison 2011, doi 10.1583/11-3592.1."""
    rows = [(0.0, 6.0, 1 / 3), (9.0, 6.0, 1 / 3), (10.0, 7.0, 0.0), (30.0, 15.0, 0.0), (60.0, 60.0, 0.0)]
    return device([*rows, (100.0, 300.0, 0.0)], radius_mm=0.445, mass=4e-3, length=1.5)


def bent_catheter() -> Profile:
    """A 5F catheter with 60 degrees over 12 mm behind a straight tip."""
    bend = np.radians(60.0) / 12.0
    rows = [(0.0, 80.0, 0.0), (12.0, 100.0, 0.0), (12.5, 100.0, bend), (24.0, 120.0, bend), (24.5, 120.0, 0.0)]
    return device([*rows, (60.0, 250.0, 0.0)], radius_mm=0.835, mass=3e-3, length=1.0)

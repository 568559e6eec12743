"""TubeNav: a wire through a tube with a bend, the task that peers were measured on.

A straight tube of 300 mm, then 100 mm straight, a bend of 90 degrees with radius 40 mm, 60 mm straight; lumen radius
4 mm. Wire: 0.9 mm, E 17 GPa, 6500 kg/m3, friction 0.1.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodSettings, RodState
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.rig import feed, field_of, uniform

Floats = NDArray[np.float64]
BACK, STRAIGHT, BEND, LUMEN, WIRE = 0.300, 0.100, 0.040, 0.004, 0.00045
EI = 17e9 * np.pi / 4.0 * WIRE**4 / N_MM2  # N mm2, 547


def clearance(points: Floats) -> Floats:
    """Exact distance to the wall [m], positive inside."""
    x, y, z = points.T
    before = np.hypot(np.hypot(y, z), np.minimum(x + BACK, 0.0))
    before = np.where(x > STRAIGHT, np.inf, before)
    angle = np.clip(np.arctan2(x - STRAIGHT, BEND - y), 0.0, np.pi / 2.0)
    cx, cy = STRAIGHT + BEND * np.sin(angle), BEND * (1.0 - np.cos(angle))
    within = np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + z**2)
    after = np.where(y < BEND, np.inf, np.hypot(x - STRAIGHT - BEND, z))
    return np.asarray(LUMEN - np.minimum(np.minimum(before, within), after))


@cache
def tube() -> SparseGrid:
    """The tube's field, 1 mm."""
    return field_of(clearance, np.array([-0.31, -0.02, -0.02]), np.array([0.16, 0.16, 0.02]), 1.0 * MM, 8.0 * MM)


def wire(*, curvature: float = 0.0, curved: float = 0.0) -> Profile:
    """The wire, with a bent tip on demand."""
    return uniform(EI, curvature=curvature, curved=curved, radius=WIRE, mass=6500.0 * np.pi * WIRE**2, length=0.6)


def tube_rod(
    *, substeps: int, friction: float = 0.1, node_step: float = 3.0 * MM, device: Profile | None = None
) -> Rod:
    """The solver with the wire at the mouth of the straight tube."""
    settings = RodSettings(
        sheath_length=0.02, sheath_rigidity=0.0, friction=friction, coarse=node_step, fine=node_step, zone=0.02,
        substeps=substeps,
    )  # fmt: skip
    return Rod(tube(), np.array([-BACK, 0.0, 0.0]), np.array([1.0, 0.0, 0.0]), (device or wire(),), settings)


def at_the_mouth(rod: Rod) -> RodState:
    """The wire pushed to 10 mm behind the end of the long straight tube."""
    return feed(rod, rod.init(), np.array([BACK + 0.01]), ticks=40, dt=0.1)

"""A straight heavy wire on a soft floor: how deep it sinks, and that the force per length is its weight."""

from __future__ import annotations

from functools import cache

import numpy as np

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodReadout, RodSettings
from simtrainer.physics.wall import Wall
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.rig import GRAVITY, feed, field_of, settle, uniform

SOFT = Wall(2e4, harden=500.0, escape=10.0 * MM)
"""Gives way 1 mm to 0.03 N/mm. because: design; a wall as soft as that of an artery in fat may be"""
RADIUS, EI, MASS, LENGTH = 0.45 * MM, 300.0, 2.0, 0.3
"""Of the wire: [m], [N mm2], [kg/m], as heavy as the wall is soft, and the length [m] that is in."""
DEEP = float((np.sqrt(1.0 + 4.0 * SOFT.harden * MASS * GRAVITY / SOFT.give) - 1.0) / (2.0 * SOFT.harden))
"""Depth at which the wall carries the wire [m]: give d (1 + harden d) = weight per length."""
MIDDLE = (0.12, 0.24)
"""Stretch [m] that is far enough from clamp and tip to lie straight."""


@cache
def floor() -> SparseGrid:
    """Return the field of a floor that lies as far below the access as leaves the wire straight at its depth."""
    low, high = np.array([-0.01, -0.008, -0.008]), np.array([0.33, 0.008, 0.008])
    return field_of(lambda p: p[:, 2] + RADIUS - DEEP, low, high, 1.0 * MM, 8.0 * MM)


def sunk(node_step: float) -> RodReadout:
    """Return the wire at rest on the floor."""
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, sheath_radius=RADIUS, friction=0.0, coarse=node_step,
        fine=node_step, gravity=(0.0, 0.0, -GRAVITY), wall=SOFT, tolerance=1e-6, iterations=30,
    )  # fmt: skip
    device = uniform(EI, mass=MASS, radius=RADIUS, length=0.5)
    rod = Rod(floor(), np.array([0.0, 0.0, DEEP]), np.array([1.0, 0.0, 0.0]), (device,), settings)
    return rod.read(settle(rod, feed(rod, rod.init(), np.array([LENGTH]), ticks=40, dt=0.1), ticks=20))


def _depth(node_step: float) -> Pair:
    read = sunk(node_step)
    lies = (read.arc > MIDDLE[0]) & (read.arc < MIDDLE[1])
    return Pair(DEEP, float(np.mean(DEEP - read.points[lies, 2])))


def _carried(node_step: float) -> Pair:
    read = sunk(node_step)
    lies = (read.arc > MIDDLE[0]) & (read.arc < MIDDLE[1])
    return Pair(MASS * GRAVITY, float(np.mean(read.wall_pressure[lies])))


closed_forms.put(
    "soft_wall_depth",
    ClosedForm(
        title="Depth to which a heavy wire sinks into a soft wall that hardens",
        unit="m",
        source="give d (1 + harden d) = weight per length",
        limit=0.01,
        node_steps=(4.0 * MM,),
        measure=_depth,
    ),
)
closed_forms.put(
    "soft_wall_force",
    ClosedForm(
        title="Force per length of that wall",
        unit="N/m",
        source="weight per length",
        limit=0.01,
        node_steps=(4.0 * MM,),
        measure=_carried,
    ),
)

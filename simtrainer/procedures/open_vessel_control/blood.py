"""Bleeding: from the pressure in the artery to what flows out of a hole, where it goes, and what is lost.

There is no physiology engine behind this yet: the pressure falls with the loss by a straight line (`pressure_after`),
blood does not clot, and the heart does not race.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import ML, MM, MMHG
from simtrainer.procedures.open_vessel_control.state import Blood

F8 = NDArray[np.float64]
START_PRESSURE = 93.0 * MMHG
"""Mean arterial pressure [Pa]. because: 120/80 mmHg, a third of the way up"""
VOLUME_ML = 5000.0
"""Volume of blood. because: 70 ml/kg and 71 kg (known)"""
HARMLESS, GRAVE = 0.15, 0.40
"""Shares of the volume: up to which no fall of pressure is seen, and at which half is left. because: the first and the
last limit of the four classes of haemorrhage that ATLS teaches (known); the straight line between is our own"""
REPLACED = 0.5
"""Share of the fall that is left once anaesthesia knows and gives volume. because: design"""
DENSITY, VISCOSITY = 1060.0, 3.5e-3
"""Of blood [kg/m3], [Pa s]. because: textbook values at 37 C and a haematocrit of 45 % (known)"""
DISCHARGE = 0.6
"""Of a hole with sharp edges. because: textbook value of an orifice, 0.6 to 0.62 (known)"""
SUPPLY = 93.0 * MMHG / (12.0 * ML)
"""Resistance before the artery [Pa s/m3]: at most 12 ml/s come. because: design, 0.7 l/min through a limb's artery"""
BACK_PRESSURE = 0.45
"""Pressure in the distal stump over that in the artery, by collaterals. because: design; stump pressures of half the
arterial one are common (known)"""
BACK_SUPPLY = BACK_PRESSURE * 93.0 * MMHG / (3.0 * ML)
"""Resistance behind it [Pa s/m3]: at most 3 ml/s come back. because: design"""
VENOUS = 12.0 * MMHG
"""Pressure in the vein [Pa]. because: design"""
SUCTION_ML_S = 20.0
"""because: design; a surgical sucker in free blood"""
SOAK_ML_S, SWAB_ML = 6.0, 20.0
"""How fast a swab soaks, and how much it takes. because: design; a folded small swab"""
DRY_ML_S = 0.05
"""Flow below which a wound is dry. because: design; a drop a second"""


def pressure_after(lost_ml: float, called: bool) -> float:
    """Return the mean arterial pressure [Pa] after a loss: none is felt, then a straight line, never below a fifth."""
    share = (lost_ml / VOLUME_ML - HARMLESS) / (GRAVE - HARMLESS)
    fall = 0.5 * max(share, 0.0) * (REPLACED if called else 1.0)
    return START_PRESSURE * max(1.0 - fall, 0.2)


def resistance(open_: F8, radius: F8, step: F8) -> float:
    """Return the resistance of a stretch of artery [Pa s/m3]: Poiseuille's of the round tube over its lumen squared.

    open_, radius, step: lumen over the round one, radius [m], length [m] of each point, shape (n,).
    """
    if not len(open_):
        return 0.0
    if float(open_.min()) < 1e-3:
        return math.inf
    return float(np.sum(8.0 * VISCOSITY * step / (np.pi * radius**4) / open_**2))


@dataclass(frozen=True, slots=True)
class Way:
    """The artery about a hole: pressures [Pa] at its ends and resistances [Pa s/m3] to the hole."""

    front: float
    back: float
    to_front: float
    to_back: float


def outflow(way: Way, area: float, outside: float) -> tuple[float, float]:
    """Return what leaves a hole of `area` [m2] against `outside` [Pa], and how much of it comes from behind [m3/s].

    Closed form: G (p* - p) = c sqrt(p - outside) is a quadratic in the root; G sums the conductances, and p* is the
    pressure at the hole without flow. Torricelli with a discharge coefficient.
    """
    front, back = 1.0 / way.to_front, 1.0 / way.to_back  # an infinite resistance lets nothing through
    total = front + back
    if total <= 0.0 or area <= 0.0:
        return 0.0, 0.0
    still = (way.front * front + way.back * back) / total
    if still <= outside:
        return 0.0, 0.0
    c = DISCHARGE * area * math.sqrt(2.0 / DENSITY)
    root = (-c + math.sqrt(c * c + 4.0 * total * total * (still - outside))) / (2.0 * total)
    flow = c * root
    behind = (way.back - outside - root * root) * back
    return flow, min(max(behind, 0.0), flow)


def poured(blood: Blood, ml: float, room_ml: float) -> Blood:
    """Return the blood after `ml` more have left a vessel: into the wound, and over its edge where that is full."""
    pool = blood.pool_ml + ml
    over = max(pool - room_ml, 0.0)
    return replace(blood, lost_ml=blood.lost_ml + ml, pool_ml=pool - over, drained_ml=blood.drained_ml + over)


def sucked(blood: Blood, ml: float) -> Blood:
    """Return the blood after a sucker has taken up to `ml` out of the pool."""
    taken = min(ml, blood.pool_ml)
    return replace(blood, pool_ml=blood.pool_ml - taken, suction_ml=blood.suction_ml + taken)


def soaked(blood: Blood, ml: float) -> tuple[Blood, float]:
    """Return the blood after a swab has taken up to `ml` out of the pool, and how much that was."""
    taken = min(ml, blood.pool_ml)
    return replace(blood, pool_ml=blood.pool_ml - taken, swabs_ml=blood.swabs_ml + taken), taken


@dataclass(frozen=True, slots=True)
class Cavity:
    """The wound as a vessel for blood: layers from below, bottoms [m] (n,), their height [m], and areas [m2] (n,)."""

    bottoms: F8
    height: float
    areas: F8

    @property
    def room_ml(self) -> float:
        """Return how much it holds up to its edge."""
        return float(self.areas.sum()) * self.height / ML

    def level(self, ml: float) -> float:
        """Return the height y [m] of the surface of `ml` in it; a metre below for none."""
        left = ml * ML
        if left <= 1e-3 * ML:
            return -1.0
        for bottom, area in zip(self.bottoms, self.areas, strict=True):
            room = area * self.height
            if area > 0.0 and left <= room:
                return float(bottom + left / area)
            left -= room
        return float(self.bottoms[-1] + self.height) if self.areas.any() else -1.0


def stagnant(flow_ml_s: float) -> bool:
    """Tell whether that little flow is none."""
    return flow_ml_s < DRY_ML_S


LEVEL_STEP = 0.5 * MM
"""Depth of blood that hides what lies under it [m]. because: design; whole blood is opaque in half a millimetre"""

"""Needles, layers and walls with the numbers that were seen, and marked as `design` where none was.

No trustworthy puncture force of skin by gauge was seen, and no lateral stiffness measured with a needle: what is marked
`design` is a guess that feels right, to be replaced by a measurement.
"""

from __future__ import annotations

from simtrainer.core.units import MM
from simtrainer.physics.needle_spec import NeedleSpec
from simtrainer.physics.needle_tissue import Layer, Wall

FRICTION_SHARE = 0.21
"""Share of friction in the whole force, next to tearing 0.61 and spreading 0.18. because: Barnett, Lee and Moore, J.
Manuf. Sci. Eng. 2015, doi 10.1115/1.4030374"""
DEPTH = 20.0 * MM
"""Depth at which that share is taken to hold [m]. because: design; the abstract names none"""
RELAXING, RELAXATION_TIME = 0.3, 1.0
"""Share of the force that fades in a hand that rests, and its time constant [s]. because: design"""
STICTION = 1.2
"""Static over sliding friction. because: design"""
DRY = 2.0
"""Forces of a needle without lubricant over those of one with it. because: Schneider, Peck and Melvin, UM-HSRI-78-23,
1978: 1.5 to 3, insensitive to speed and angle"""
LEAN = 0.3
"""Lateral over cutting force of a bevelled tip. because: design; a 22G needle then strays by millimetres over 80 mm"""


def _tissue(name: str, cutting: float, lateral: float) -> Layer:
    """Return a layer whose cutting force [N] and friction share the whole as in `FRICTION_SHARE`."""
    friction = cutting * FRICTION_SHARE / (1.0 - FRICTION_SHARE) / DEPTH
    return Layer(
        name, cutting=cutting, friction=friction, stiction=STICTION, lateral_stiffness=lateral, relaxing=RELAXING,
        relaxation_time=RELAXATION_TIME,
    )  # fmt: skip


FAT = _tissue("fat", 0.15, 26e3)
"""because: force design; 26 kPa of gluteal subcutis at 1 N (PMC9711973), taken as stiffness per length (design)"""
MUSCLE = _tissue("muscle", 0.3, 62e3)
"""because: force design; 62 kPa at 5 N (PMC9711973), taken as stiffness per length (design)"""
LIGAMENT = _tissue("ligament", 1.5, 200e3)
"""Interspinous ligament. because: design; clearly firmer than muscle to every hand"""
LUMEN = Layer("lumen")
"""Blood, air or cerebrospinal fluid: resists nothing. because: design"""
LUNG = _tissue("lung", 0.05, 3e3)
"""because: design; mostly air"""

SKIN = Wall("skin", puncture=2.0, stiffness=300.0, stiffening=40e3, relaxing=0.2, recoil_time=0.015)
"""because: design; no trustworthy force by gauge was seen"""
CRICOTHYROID_MEMBRANE = Wall("cricothyroid membrane", puncture=1.01, stiffness=600.0)
"""because: 1.01 +- 0.36 N, blade number 11 (DeSchmidt 2022); stiffness design"""
TRACHEAL_LIGAMENT = Wall("tracheal annular ligament", puncture=0.98, stiffness=600.0)
"""because: 0.98 +- 0.34 N, 16G needle (DeSchmidt 2022); stiffness design"""
LIGAMENTUM_FLAVUM = Wall("ligamentum flavum", puncture=6.0, stiffness=2500.0)
"""because: design. Vaughan 2012 saw 11.1-11.8 N, but on the plunger that 62.7-66.7 kPa stand for: a pressure that the
ligament holds, no force of the needle"""
DURA = Wall("dura", puncture=0.8, stiffness=300.0, stiffening=20e3)
"""because: design; it dents by millimetres before it gives way"""
PLEURA = Wall("pleura", puncture=1.5, stiffness=500.0)
"""because: design; 10.7 N with fine forceps in a simulated chest (PMC9796613) is an upper bound for a needle"""
VEIN_WALL = Wall("vein", puncture=0.6, stiffness=120.0, stiffening=15e3, relaxing=0.2)
"""because: design; soft enough that a 9 mm vein flattens before it is pierced slowly"""
ARTERY_WALL = Wall("artery", puncture=0.9, stiffness=400.0, stiffening=60e3)
"""because: design; rounder and firmer than a vein"""
FASCIA = Wall("fascia", puncture=1.0, stiffness=800.0)
"""because: design"""
SILICONE = Wall("silicone membrane of 0.27 mm", puncture=0.15, stiffness=300.0)
"""For phantoms. because: 0.10-0.20 N, 18G to 21G (Ochsner); stiffness design"""


def _gauge(length: float, outer_mm: float, inner_mm: float, lean: float = LEAN) -> NeedleSpec:
    """Return a needle of `length` [m] and two diameters [mm]."""
    return NeedleSpec(length, 0.5 * outer_mm * MM, 0.5 * inner_mm * MM, lean)


INTRODUCER_18G = _gauge(70.0 * MM, 1.27, 0.84)
"""Of a central line or a femoral sheath. because: known; nominal diameters of ISO 9626, length design"""
ARTERIAL_20G = _gauge(45.0 * MM, 0.91, 0.60)
"""because: known; nominal diameters of ISO 9626, length design"""
SPINAL_22G = _gauge(90.0 * MM, 0.72, 0.0)
"""With its stylet. because: known; nominal diameter of ISO 9626, length of an adult's spinal needle"""
EPIDURAL_16G = _gauge(80.0 * MM, 1.65, 1.19)
"""Tuohy. because: known; nominal diameters of ISO 9626, usable length 80 mm"""
DECOMPRESSION_14G = _gauge(82.5 * MM, 2.11, 1.60)
"""because: 14G, 8.25 cm (rubrics.yaml, ndc); diameters known, ISO 9626"""

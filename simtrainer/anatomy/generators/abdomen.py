"""Side branches below the diaphragm: iliacs of the other side, renal, celiac and mesenteric stubs."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.generators.growth import Growth
from simtrainer.anatomy.generators.numbers import Ledger
from simtrainer.anatomy.generators.trunk import AORTIC_FORK
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.core.units import MM

# Knots [mm] of a man of 1.76 m in W; design. Stubs end where a wire has clearly gone astray.
_LEFT_COMMON = ((-28.0, -3.0, 134.0), (-45.0, -20.0, 108.0))
_LEFT_EXTERNAL = ((-56.0, -15.0, 84.0), (-68.0, 11.0, 50.0))
_LEFT_INTERNAL = ((-43.0, -31.0, 92.0), (-46.0, -42.0, 68.0))
_RIGHT_INTERNAL = ((1.0, -12.0, -16.0), (4.0, -23.0, -40.0))
_RENAL = ((24.0, -1.0, -2.0), (44.0, -15.0, -6.0))
_CELIAC = ((2.0, 17.0, -5.0), (4.0, 32.0, -4.0))
_MESENTERIC = ((2.0, 21.0, -8.0), (3.0, 36.0, -36.0), (5.0, 44.0, -70.0))


def abdominal(growth: Growth, numbers: Ledger, back: Spine) -> None:
    """Grow all side branches between groin and diaphragm."""
    unit = MM * back.scale
    common, external = numbers.radius("common_iliac"), numbers.radius("external_iliac")
    internal = numbers.radius("internal_iliac")
    fork = np.array(AORTIC_FORK) * unit
    at = growth.nearest("right_common_iliac", fork)
    knots = np.array(_LEFT_COMMON) * unit
    left = growth.side("left_common_iliac", "right_common_iliac", at, knots, _even(common))
    end = len(left.points) - 1
    growth.side("left_external_iliac", left.name, end, np.array(_LEFT_EXTERNAL) * unit, _even(external))
    growth.side("left_internal_iliac", left.name, end, np.array(_LEFT_INTERNAL) * unit, _even(internal))
    start = growth.branch("right_external_iliac")
    end = len(start.points) - 1
    knots = start.points[end] + np.array(_RIGHT_INTERNAL) * unit
    growth.side("right_internal_iliac", start.name, end, knots, _even(internal))
    for name, level, drop, knots_mm, mirror in (
        ("right_renal", "L1", -6.0, _RENAL, 1.0),
        ("left_renal", "L1", -10.0, _RENAL, -1.0),
        ("superior_mesenteric", "L1", 8.0, _MESENTERIC, 1.0),
        ("celiac", "T12", -6.0, _CELIAC, 1.0),
    ):
        height = back.at(level).centre[2] + drop * unit
        trunk = growth.branch("abdominal_aorta")
        at = int(np.argmin(np.abs(trunk.points[:, 2] - height)))
        radius = numbers.radius("renal" if "renal" in name else name)
        knots = trunk.points[at] + np.array(knots_mm) * np.array([mirror, 1.0, 1.0]) * unit
        label = "celiac_trunk" if name == "celiac" else name
        growth.side(label, trunk.name, at, knots, _even(radius))


def _even(radius: float) -> tuple[tuple[float, float], ...]:
    return (0.0, radius), (1.0, radius)

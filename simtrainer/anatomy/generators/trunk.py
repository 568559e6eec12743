"""The way up: femoral artery, iliac arteries, aorta, arch and ascending aorta as one smooth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from simtrainer.anatomy.curve import arc_length, resampled, smooth_curve, smooth_values, tangents, tortuosity
from simtrainer.anatomy.generators.growth import STEP
from simtrainer.anatomy.generators.numbers import Ledger
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

# Landmarks [mm] of a man of 1.76 m in W (skeleton/level.py); design, checked against published lengths in the tests.
ACCESS = (77.0, 37.0, -14.0)
LIGAMENT = (74.0, 33.0, 14.0)
_EXTERNAL = ((66.5, 11.0, 50.0), (54.0, -15.0, 84.0))
ILIAC_FORK = (42.0, -20.0, 108.0)
_COMMON = ((23.0, -3.0, 134.0),)
AORTIC_FORK = (-3.0, 18.0, 158.0)
_ARCH_TOP = 505.0
"""Height of the top of the arch: disc T3/T4, behind the middle of the manubrium."""
_ASCENDING = ((-3.0, 3.0, -18.0), (-19.0, 8.0, -46.0))
"""From the foot of the ascending limb to the aortic valve."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """The trunk as points with radii, and the numbers of the points where one vessel becomes the next.

    Parameters
    ----------
    points, radii
        Centreline [m], shape (n, 3), and radius [m], shape (n,).
    ligament, iliac_fork, aortic_fork, hiatus, foot, valve
        Numbers of points: inguinal ligament, end of the external iliac, aortic bifurcation, diaphragm, foot of the
        descending limb of the arch, aortic valve.
    outward
        Unit vectors from the centre of the arch outward in its plane, shape (n, 3); valid beyond `foot`.
    """

    points: Floats
    radii: Floats
    ligament: int
    iliac_fork: int
    aortic_fork: int
    hiatus: int
    foot: int
    valve: int
    outward: Floats


def trunk(numbers: Ledger, back: Spine, iliac_tortuosity: float, phases: Floats, size: float) -> Trunk:
    """Return the trunk; `phases` (2,) [rad] turn the bends of the iliac arteries, `size` scales every diameter."""
    unit = MM * back.scale
    iliac = _iliac(unit, iliac_tortuosity, phases)
    fork, hiatus, descending = _aorta_knots(numbers, back)
    arch, across = _arch_knots(numbers, descending[-1], unit)
    valve = arch[-1] + np.array(_ASCENDING) * unit
    knots = np.vstack([fork, hiatus, descending[:-1], arch, valve])
    start = tangents(iliac)[-1]
    points = resampled(np.vstack([iliac, smooth_curve(knots, 0.25 * STEP, start=start)[1:]]), STEP)
    points = _softened(points, iliac[-1])
    stations = [np.array(ACCESS) * unit, np.array(LIGAMENT) * unit, np.array(ILIAC_FORK) * unit, iliac[-1]]
    stations += [fork[1], hiatus[0], descending[1], arch[0], arch[len(arch) // 2], arch[-1], valve[0], valve[1]]
    at = _stations(points, stations)
    return Trunk(
        points, size * _radii(numbers, points, at), at[1], at[2], at[3], at[5], at[7], len(points) - 1,
        _outward(points, across),
    )  # fmt: skip


def _iliac(unit: float, wanted: float, phases: Floats) -> Floats:
    """Return the centreline from the access to the aortic bifurcation with the wanted tortuosity index."""
    knots = np.array([ACCESS, LIGAMENT, *_EXTERNAL, ILIAC_FORK, *_COMMON, AORTIC_FORK]) * unit
    base = smooth_curve(knots, 0.25 * STEP)
    first = int(np.argmin(np.linalg.norm(base - knots[1], axis=1)))
    plain = base[first:]
    share = arc_length(plain) / arc_length(plain)[-1]
    along = plain[-1] - plain[0]
    side = np.cross(along, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    other = np.cross(along / np.linalg.norm(along), side)
    turns = 2.0 * np.pi * 1.25 * share
    window = np.sin(np.pi * share) ** 2
    wave = np.outer(window * np.cos(turns + phases[0]), side) + np.outer(window * np.sin(turns + phases[1]), other)

    def excess(height: float) -> float:
        return tortuosity(plain + height * wave) - wanted

    height = 0.0 if excess(0.0) >= 0.0 else float(brentq(excess, 0.0, 60.0 * MM, xtol=1e-6))
    return np.vstack([base[:first], plain + height * wave])


def _aorta_knots(numbers: Ledger, back: Spine) -> tuple[Floats, Floats, Floats]:
    """Return knots at the aortic fork and abdomen, at the hiatus, and along the descending aorta up to the arch."""
    gap = 2.0 * MM
    low, high = numbers.radius("infrarenal_aorta"), numbers.radius("diaphragm_aorta")
    fork = np.array(AORTIC_FORK) * MM * back.scale
    abdomen = [fork]
    for name, left in (("L3", 6.0), ("L2", 8.0), ("L1", 9.0)):
        level = back.at(name)
        radius = low if name == "L3" else 0.5 * (low + high)
        abdomen.append(np.array([-left * MM, level.front[1] + gap + radius, level.centre[2]]))
    level = back.at("T12")
    hiatus = np.array([[-10.0 * MM, level.front[1] + gap + high, level.centre[2]]])
    wide = numbers.radius("descending_aorta")
    bow = max(numbers("descending_bow"), 0.0)
    descending = []
    for name, turn, bend in (("T10", 35.0, 0.5), ("T8", 58.0, 1.0), ("T6", 80.0, 0.4)):
        level = back.at(name)
        half = 0.5 * (level.depth * np.cos(np.radians(turn)) + level.width * np.sin(np.radians(turn)))
        reach = half + gap + wide
        x, y = -np.sin(np.radians(turn)) * reach, np.cos(np.radians(turn)) * reach
        descending.append([x - bend * bow, level.centre[1] + y, level.centre[2]])
    return np.array(abdomen), hiatus, np.array(descending)


def _arch_knots(numbers: Ledger, foot: Floats, unit: float) -> tuple[Floats, Floats]:
    """Return knots along the half ellipse of the arch, and its unit direction from descending to ascending limb."""
    width, height, turn = numbers("arch_width"), numbers("arch_height"), numbers("arch_to_sagittal_angle")
    across = np.array([np.sin(turn), np.cos(turn), 0.0])
    base = foot.copy()
    base[2] = _ARCH_TOP * unit - numbers.radius("proximal_arch") - height
    angle = np.radians(np.arange(0.0, 181.0, 15.0))[:, None]
    middle = base + 0.5 * width * across
    arch = middle - 0.5 * width * np.cos(angle) * across + height * np.sin(angle) * np.array([0.0, 0.0, 1.0])
    return arch, across


def _stations(points: Floats, stations: list[Floats]) -> list[int]:
    """Return the number of the point nearest to each station, looking onward from the one before."""
    found = [0]
    for station in stations[1:]:
        ahead = np.linalg.norm(points[found[-1] + 1 :] - station, axis=1)
        found.append(found[-1] + 1 + int(np.argmin(ahead)))
    return found


def _radii(numbers: Ledger, points: Floats, at: list[int]) -> Floats:
    names = (
        "common_femoral", "common_femoral", "external_iliac", "lower_abdominal_aorta", "infrarenal_aorta",
        "diaphragm_aorta", "descending_aorta", "distal_arch", "proximal_arch", "ascending_aorta", "ascending_aorta",
        "aortic_root",
    )  # fmt: skip
    arc = arc_length(points)
    where, radius = [arc[i] for i in at], [numbers.radius(name) for name in names]
    external, common = 0.5 * (at[1] + at[2]), 0.5 * (at[2] + at[3])
    where += [arc[int(external)], arc[at[2] + 4], arc[int(common)], arc[at[3] - 6]]
    common_iliac = numbers.radius("common_iliac")
    radius += [numbers.radius("external_iliac"), common_iliac, common_iliac, 1.1 * common_iliac]
    order = np.argsort(where)
    return smooth_values(np.array(where)[order], np.array(radius)[order], arc)


def _softened(points: Floats, joint: Floats) -> Floats:
    """Return `points` with the curvature evened out about `joint`, where two splines meet."""
    at = int(np.argmin(np.linalg.norm(points - joint, axis=1)))
    softer = points.copy()
    for _ in range(12):
        part = softer[at - 8 : at + 9]
        softer[at - 7 : at + 8] = 0.25 * part[:-2] + 0.5 * part[1:-1] + 0.25 * part[2:]
    return softer


def _outward(points: Floats, across: Floats) -> Floats:
    """Return normals of the curve within the plane of the arch, pointing away from its centre."""
    normal = np.cross(np.array([0.0, 0.0, 1.0]), across)
    outward = np.cross(tangents(points), normal)
    return np.asarray(outward / np.linalg.norm(outward, axis=1, keepdims=True), dtype=np.float64)

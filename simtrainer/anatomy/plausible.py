"""Questions what no patient has: a vessel of the wrong size, a wrong unit, a name that does not fit its width."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.generators.aorto_carotid import TABLE
from simtrainer.anatomy.generators.numbers import published_diameters
from simtrainer.anatomy.repair import area, volume
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.anatomy.wording import counted
from simtrainer.core.error import InputError
from simtrainer.core.units import LENGTH_UNITS, ML, MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EXTENT = (8.0 * MM, 2.5)
_WIDTH = (0.5 * MM, 90.0 * MM)
"""Beyond these [m] a surface is refused: no vessel tree of a person is so long, or on average so wide."""
_USUAL_EXTENT = (40.0 * MM, 1.6)
_USUAL_WIDTH = (2.0 * MM, 40.0 * MM)
_WIDEST = 55.0 * MM
"""Diameter [m] from which an aorta is questioned. because: 55 mm is the usual threshold of repair of an aneurysm"""
_THINNEST = 1.0 * MM
_COMPACT = 150.0
"""Area cubed over volume squared: 36 pi = 113 for a ball, 216 for a cube, 196 for a tube twice as long as wide."""
_BRANCHES = {  # name of a branch: diameter in the generator's table
    "abdominal_aorta": "infrarenal_aorta", "descending_aorta": "descending_aorta", "aortic_arch": "proximal_arch",
    "ascending_aorta": "ascending_aorta", "brachiocephalic_trunk": "brachiocephalic",
    "common_carotid": "common_carotid", "internal_carotid": "internal_carotid", "external_carotid": "external_carotid",
    "subclavian": "subclavian", "vertebral": "vertebral", "common_iliac": "common_iliac",
    "external_iliac": "external_iliac", "internal_iliac": "internal_iliac", "common_femoral": "common_femoral",
    "renal": "renal", "superior_mesenteric": "superior_mesenteric", "celiac_trunk": "celiac",
}  # fmt: skip


def check_size(points: Floats, triangles: Ints, unit: str, where: Path) -> list[str]:
    """Return doubts about the size of a closed surface [m]; InputError where it is impossible in this unit."""
    extent = float(np.ptp(points, axis=0).max())
    width = 4.0 * abs(volume(points, triangles)) / area(points, triangles)
    words = f"in {unit} it would be {_length(extent)} long and on average {_length(width)} wide"
    if area(points, triangles) ** 3 < _COMPACT * volume(points, triangles) ** 2:
        raise InputError(
            f"{where}: this is no vessel but a lump without openings, {_length(extent)} long, of "
            f"{abs(volume(points, triangles)) / ML:.3g} ml; is it an organ, or a whole image's outline?"
        )
    other = _better_unit(extent, width, unit)
    advice = f"; in {other} it would be plausible: give --unit {other}" if other else ""
    if not (_EXTENT[0] <= extent <= _EXTENT[1] and _WIDTH[0] <= width <= _WIDTH[1]):
        raise InputError(f"{where}: no vessel is of this size: {words}{advice}")
    if not (_USUAL_EXTENT[0] <= extent <= _USUAL_EXTENT[1] and _USUAL_WIDTH[0] <= width <= _USUAL_WIDTH[1]):
        return [f"unusual size: {words}{advice}"]
    return []


def fitting_units(points: Floats) -> list[str]:
    """Return the units in which points as a file holds them would be as long as a vessel tree, the commonest first."""
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        return []
    with np.errstate(over="ignore"):
        extent = float(np.ptp(finite, axis=0).max())
    return [u for u in ("mm", "cm", "m") if _USUAL_EXTENT[0] <= extent * LENGTH_UNITS[u] <= _USUAL_EXTENT[1]]


def _better_unit(extent: float, width: float, unit: str) -> str:
    """Return the unit in which both lengths would be usual, the commonest first; empty where there is none."""
    for other in ("mm", "cm", "m", "in", "um"):
        factor = LENGTH_UNITS[other] / LENGTH_UNITS[unit]
        long, wide = extent * factor, width * factor
        if (
            other != unit
            and _USUAL_EXTENT[0] <= long <= _USUAL_EXTENT[1]
            and _USUAL_WIDTH[0] <= wide <= _USUAL_WIDTH[1]
        ):
            return other
    return ""


def _length(metres: float) -> str:
    if metres >= 10.0:
        return f"{metres:.3g} m"
    return f"{metres / MM:.3g} mm"


def check_frame(points: Floats, frame: str) -> list[str]:
    """Return a doubt where the longest extent [m] does not run from feet to head."""
    extent = np.ptp(points, axis=0)
    axis = int(np.argmax(extent))
    if axis != 2 and extent[axis] > 1.5 * extent[2]:
        side = ("left to right", "back to front")[axis]
        return [
            f"the longest extent ({extent[axis] / MM:.0f} mm) runs from {side} in frame '{frame}'; is the frame right?"
        ]
    return []


def check_widths(tree: CentrelineTree) -> list[str]:
    """Return doubts about the diameters of an extracted tree against published ones."""
    doubts = []
    widest = max(tree.branches, key=lambda branch: float(branch.radii.max()))
    diameter = 2.0 * float(widest.radii.max())
    if diameter > _WIDEST:
        doubts.append(
            f"{widest.name} is {diameter / MM:.0f} mm across at its widest; adult aortas measure 16 to 35 mm "
            "(Framingham CT, n 3431) and are repaired from about 55 mm"
        )
    if diameter < 3.0 * MM:
        doubts.append(f"the widest place is {diameter / MM:.2g} mm across; no artery that a catheter enters is so thin")
    thin = [branch for branch in tree.branches if 2.0 * float(np.median(branch.radii)) < _THINNEST]
    if thin:
        others = f" and {counted(len(thin) - 1, 'branch', 'branches')} more" if thin[1:] else ""
        doubts.append(f"thinner than 1 mm, so that no catheter goes in: {thin[0].name}{others}")
    published = published_diameters(TABLE)
    for branch in tree.branches:
        doubts += _named_width(branch, published)
    return doubts


def _named_width(branch: Branch, published: dict[str, float]) -> list[str]:
    bare = branch.name.removeprefix("left_").removeprefix("right_")
    key = _BRANCHES.get(bare)
    if key is None:
        return []
    usual, found = published[key], 2.0 * float(np.median(branch.radii))
    if 0.5 * usual <= found <= 1.8 * usual:
        return []
    return [
        f"{branch.name} is {found / MM:.1f} mm wide; published is {usual / MM:.1f} mm; is the name or the unit right?"
    ]

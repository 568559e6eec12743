"""The great vessels: brachiocephalic trunk, carotids, subclavians, vertebral stubs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.generators.arch import ArchType, Origins
from simtrainer.anatomy.generators.growth import Growth
from simtrainer.anatomy.generators.numbers import Ledger
from simtrainer.anatomy.generators.trunk import ACCESS, Trunk

Floats = NDArray[np.float64]

# Knots [mm] of a man of 1.76 m in W, right side positive x; design, lengths checked against ADAN56 in the tests.
_STERNOCLAVICULAR = (25.0, -5.0, 549.0)
_RIGHT_CAROTID = ((23.0, -9.0, 578.0), (26.0, -8.0, 605.0), (28.0, -7.0, 626.0))
_RIGHT_SUBCLAVIAN = ((42.0, -20.0, 563.0), (66.0, -28.0, 567.0), (94.0, -26.0, 556.0), (122.0, -24.0, 540.0))
_LEFT_CAROTID = ((-17.0, -12.0, 546.0), (-23.0, -12.0, 578.0), (-26.0, -9.0, 605.0), (-28.0, -7.0, 626.0))
_LEFT_SUBCLAVIAN = (
    (-28.0, -33.0, 530.0), (-41.0, -34.0, 558.0), (-64.0, -32.0, 568.0), (-94.0, -26.0, 556.0), (-122.0, -24.0, 540.0)
)  # fmt: skip
_INTERNAL = (
    (31.5, -13.0, 642.0), (31.0, -16.0, 664.0), (28.5, -13.0, 685.0), (24.5, -8.0, 697.0), (16.5, -1.0, 702.5),
    (11.5, 6.5, 707.0), (10.5, 13.0, 713.0), (11.0, 11.0, 721.0), (11.5, 4.0, 725.5), (14.0, 2.0, 732.0),
)  # fmt: skip
_EXTERNAL = ((29.0, -1.0, 641.0), (35.0, 1.0, 661.0), (41.0, -3.0, 684.0))
_VERTEBRAL = ((27.0, -27.0, 581.0), (17.0, -27.0, 597.0), (16.5, -23.0, 620.0), (16.5, -20.0, 650.0))


def supra_aortic(growth: Growth, numbers: Ledger, trunk: Trunk, at: Origins, arch: ArchType) -> None:
    """Grow all vessels above the arch."""
    unit = _unit(trunk)
    stem, stem_end = numbers.radius("brachiocephalic"), numbers.radius("brachiocephalic_end")
    knots = np.vstack([_ostium(trunk, at.brachiocephalic), np.array([_STERNOCLAVICULAR]) * unit])
    parent, index = _home(growth, trunk, at.brachiocephalic)
    trunk_branch = growth.side("brachiocephalic_trunk", parent, index, knots, ((0.0, stem), (1.0, stem_end)))
    end = len(trunk_branch.points) - 1
    _carotid(growth, numbers, ("right", "brachiocephalic_trunk", end), np.array(_RIGHT_CAROTID) * unit, unit)
    _subclavian(growth, numbers, ("right", "brachiocephalic_trunk", end), np.array(_RIGHT_SUBCLAVIAN) * unit, unit)
    left = np.array(_LEFT_CAROTID) * unit
    if arch is ArchType.BOVINE:
        high = trunk.radii[at.brachiocephalic] + stem
        low = growth.nearest("brachiocephalic_trunk", _ostium(trunk, at.brachiocephalic)[0])
        step = max(low, int(np.searchsorted(trunk_branch.arc, high)))
        _carotid(growth, numbers, ("left", "brachiocephalic_trunk", step), left, unit)
    else:
        parent, index = _home(growth, trunk, at.left_carotid)
        knots = np.vstack([_ostium(trunk, at.left_carotid), left])
        _carotid(growth, numbers, ("left", parent, index), knots, unit)
    parent, index = _home(growth, trunk, at.left_subclavian)
    knots = np.vstack([_ostium(trunk, at.left_subclavian), np.array(_LEFT_SUBCLAVIAN) * unit])
    _subclavian(growth, numbers, ("left", parent, index), knots, unit)


def _unit(trunk: Trunk) -> float:
    """Return the metres that one millimetre of the reference man is in this patient."""
    return float(trunk.points[0, 0] / ACCESS[0])


def _ostium(trunk: Trunk, at: int) -> Floats:
    """Return the knot just outside the wall of the arch at point `at`, shape (1, 3)."""
    knot = trunk.points[at] + 1.15 * trunk.radii[at] * trunk.outward[at]
    return np.asarray(knot[None], dtype=np.float64)


def _home(growth: Growth, trunk: Trunk, at: int) -> tuple[str, int]:
    """Return the branch and its point number that point `at` of the trunk became."""
    for name in ("aortic_arch", "ascending_aorta", "descending_aorta"):
        index = growth.nearest(name, trunk.points[at])
        if np.allclose(growth.branch(name).points[index], trunk.points[at]):
            return name, index
    raise AssertionError("every origin lies on the trunk")


def _carotid(growth: Growth, numbers: Ledger, where: tuple[str, str, int], knots: Floats, unit: float) -> None:
    side, parent, index = where
    mirror = np.array([1.0 if side == "right" else -1.0, 1.0, 1.0]) * unit
    origin, common = numbers.radius(f"{side}_common_carotid_origin"), numbers.radius("common_carotid")
    bulb, internal = numbers.radius("carotid_bulb"), numbers.radius("internal_carotid")
    name = f"{side}_common_carotid"
    radii = ((0.0, origin), (0.12, origin), (0.45, common), (0.88, common), (1.0, 0.5 * (common + bulb)))
    trunk = growth.side(name, parent, index, knots, radii)
    end = len(trunk.points) - 1
    inside, last = numbers.radius("internal_carotid_intracranial"), numbers.radius("internal_carotid_end")
    shape = ((0.0, 0.5 * (common + bulb)), (0.07, bulb), (0.2, internal), (0.55, internal), (0.7, inside))
    growth.side(
        f"{side}_internal_carotid", name, end, np.array(_INTERNAL) * mirror, (*shape, (0.9, inside), (1.0, last))
    )
    outside = numbers.radius("external_carotid")
    growth.side(f"{side}_external_carotid", name, end, np.array(_EXTERNAL) * mirror, ((0.0, outside), (1.0, outside)))


def _subclavian(growth: Growth, numbers: Ledger, where: tuple[str, str, int], knots: Floats, unit: float) -> None:
    side, parent, index = where
    mirror = np.array([1.0 if side == "right" else -1.0, 1.0, 1.0]) * unit
    wide, narrow = numbers.radius("subclavian"), numbers.radius("subclavian_end")
    growth.side(f"{side}_subclavian", parent, index, knots, ((0.0, wide), (0.3, wide), (1.0, narrow)))
    thin = numbers.radius("vertebral")
    even = ((0.0, thin), (1.0, thin))
    at = growth.nearest(f"{side}_subclavian", np.array([40.0, -20.0, 563.0]) * mirror)
    growth.side(f"{side}_vertebral", f"{side}_subclavian", at, np.array(_VERTEBRAL) * mirror, even)

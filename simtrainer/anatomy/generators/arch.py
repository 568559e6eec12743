"""Where the great vessels leave the arch: by type of arch and by the published gaps between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.curve import arc_length
from simtrainer.anatomy.generators.numbers import Ledger
from simtrainer.anatomy.generators.trunk import Trunk

Floats = NDArray[np.float64]


class ArchType(StrEnum):
    """How far below the top of the arch the brachiocephalic trunk leaves it (Myla; Madhwani 2013)."""

    TYPE_I = "type_i"
    TYPE_II = "type_ii"
    TYPE_III = "type_iii"
    BOVINE = "bovine"


@dataclass(frozen=True, slots=True)
class Origins:
    """Numbers of the trunk's points that the great vessels leave from; the left carotid's is -1 in a bovine arch."""

    brachiocephalic: int
    left_carotid: int
    left_subclavian: int


def origins(numbers: Ledger, trunk: Trunk, arch: ArchType) -> Origins:
    """Return the origins on the outer wall of the arch."""
    wall = outer_wall(trunk)
    apex = int(np.argmax(wall[:, 2]))
    carotid = numbers.radius("left_common_carotid_origin")
    below = numbers(f"arch_depth_{arch.value}") * 2.0 * carotid
    depth = wall[apex, 2] - wall[apex:, 2]
    trunk_at = apex + int(np.argmax(depth >= below))
    stem, subclavian = numbers.radius("brachiocephalic"), numbers.radius("subclavian")
    first, second = numbers("gap_brachiocephalic_left_carotid"), numbers("gap_left_carotid_subclavian")
    if arch is ArchType.BOVINE:
        return Origins(trunk_at, -1, _back(wall, trunk_at, stem + first + second + subclavian))
    carotid_at = _back(wall, trunk_at, stem + first + carotid)
    return Origins(trunk_at, carotid_at, _back(wall, carotid_at, carotid + second + subclavian))


def outer_wall(trunk: Trunk) -> Floats:
    """Return the points [m] of the outer curvature, shape (n, 3), -inf high before the arch begins."""
    wall = trunk.points + trunk.radii[:, None] * trunk.outward
    wall[: trunk.foot] = -np.inf
    return wall


def depth_in_diameters(trunk: Trunk, at: int, carotid_diameter: float) -> float:
    """Return how far [carotid diameters] the origin at point `at` lies below the top of the arch."""
    wall = outer_wall(trunk)
    return float((wall[:, 2].max() - wall[at, 2]) / carotid_diameter)


def _back(wall: Floats, start: int, distance: float) -> int:
    """Return the point that lies `distance` [m] along the wall from `start` towards the descending aorta."""
    onward = wall[start::-1]
    onward = onward[np.isfinite(onward[:, 2])]
    return start - int(np.argmin(np.abs(arc_length(onward) - distance)))

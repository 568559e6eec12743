"""Skull, teeth and mandible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.primitive import ellipsoid, mirrored, shell, tube, union
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

# Knots [mm] of a man of 1.76 m in W, right side; design: vault 180 x 144 mm, tables and diploe 6.5 mm.
_VAULT = (0.0, -4.0, 752.0)
_HALF = (71.0, 91.0, 66.0)
_WALL = 6.5
_RODS = (  # name for the reader, knots, half-sizes
    # petrous pyramid, from the ear to beside the clivus
    ([[64, -22, 694], [40, -12, 700], [16, -2, 706]], [[13, 13], [11, 11], [7, 8]]),
    # mastoid
    ([[58, -26, 692], [56, -22, 672], [54, -18, 662]], [[10, 13], [9, 10], [4, 5]]),
    # sphenoid wing and lateral orbit
    ([[20, 22, 716], [44, 40, 722], [56, 58, 722]], [[5, 7], [4, 9], [4, 8]]),
    # zygomatic arch and cheek
    ([[62, 2, 694], [66, 30, 694], [58, 60, 696], [44, 76, 690]], [[3, 5], [3, 5], [5, 9], [6, 10]]),
    # lateral wall of the maxilla
    ([[40, 70, 702], [34, 72, 684], [28, 74, 668]], [[6, 4], [6, 5], [6, 6]]),
    # frontal process and nasal bone
    ([[9, 82, 716], [8, 82, 704], [5, 89, 694]], [[5, 5], [4, 5], [2, 3]]),
    # brow
    ([[0, 84, 730], [28, 77, 733], [54, 58, 728]], [[5, 6], [5, 5], [5, 6]]),
    # occipital condyle
    ([[16, -22, 694], [17, -16, 690]], [[7, 8], [6, 6]]),
)
_JAW = ([[50, 2, 694], [52, -2, 672], [50, 4, 650], [46, 18, 637], [36, 50, 630], [22, 74, 628], [0, 84, 628]],
        [[5, 7], [4, 13], [5, 15], [6, 13], [6, 13], [7, 14], [8, 15]])  # fmt: skip


def skull(back: Spine) -> dict[str, BodyPart]:
    """Return `skull`, `teeth` and `mandible`."""
    unit = MM * back.scale
    half = np.array(_HALF)
    centre = np.array(_VAULT) * unit
    vault = shell(_bowl(centre, half * unit), _bowl(centre, (half - _WALL) * unit))
    right = [_rod(knots, sizes, unit) for knots, sizes in _RODS]
    right.append(_orbit(unit))
    clivus = _rod([[0, -18, 690], [0, 0, 706], [0, 12, 716]], [[10, 5], [9, 6], [10, 8]], unit)
    palate = _rod([[0, 30, 672], [0, 55, 672], [0, 82, 672]], [[16, 3], [18, 3], [14, 4]], unit)
    jaw = _rod(*_JAW, unit)
    arches = [_rod([[24, 44, z], [20, 66, z], [0, 82, z]], [[4, 8], [4, 8], [3, 8]], unit) for z in (662, 648)]
    return {
        "skull": union([vault, *right, *(mirrored(part) for part in right), clivus, palate]),
        "teeth": union([*arches, *(mirrored(part) for part in arches)]),
        "mandible": union([jaw, mirrored(jaw)]),
    }


def _bowl(centre: Floats, half: Floats) -> BodyPart:
    """Return an ellipsoid whose lower half is flatter: the skull base."""
    ball = ellipsoid(np.zeros(3), np.diag(half), Tissue.CORTEX, 14, 24)
    low = np.where(ball.points[:, 2:] < 0.0, [[1.0, 1.0, 0.76]], 1.0)
    return BodyPart(centre + ball.points * low, ball.triangles, ball.tissue)


def _rod(knots: list[list[int]], sizes: list[list[int]], unit: float) -> BodyPart:
    return tube(np.array(knots) * unit, np.array(sizes) * unit, 8, 9.0 * unit, Tissue.CORTEX)


def _orbit(unit: float) -> BodyPart:
    """Return the bony rim of the right orbit."""
    turn = np.linspace(0.0, 2.0 * np.pi, 13)
    knots = np.stack(
        [32.0 + 20.0 * np.cos(turn), 71.0 - 9.0 * np.abs(np.cos(turn)), 714.0 + 17.0 * np.sin(turn)], axis=1
    )
    return tube(knots * unit, np.full((13, 2), 3.2) * unit, 6, 9.0 * unit, Tissue.CORTEX, np.array([0.0, 1.0, 0.0]))

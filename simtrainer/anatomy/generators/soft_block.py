"""A block of soft tissue in layers over an artery, a vein and a nerve: thickness, depth, course and calibre by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
I1 = NDArray[np.int8]
SKIN, FAT, FASCIA, MUSCLE, AREOLAR, FLOOR = 1, 2, 3, 4, 5, 6
LAYERS = {SKIN: "skin", FAT: "fat", FASCIA: "fascia", MUSCLE: "muscle", AREOLAR: "areolar", FLOOR: "floor"}
COLUMNS, ROWS = 15, 16
"""Voxels across (x) and along (z)."""
ACROSS, ALONG, DEEP = 4.0 * MM, 5.0 * MM, 3.0 * MM
"""Edges of a voxel along x, z and y [m]. because: design; the coarsest in which a fingertip still meets four columns"""
AREOLAR_LAYERS, FLOOR_LAYERS = 2, 3
BED = 14.0 * MM
"""Half the width of the areolar layer about the artery [m]. because: design; a neurovascular bundle and its sheath"""
STEP = 2.5 * MM
"""Distance of points of a vessel along z [m]. because: design; half a voxel"""
ARTERY, VEIN, NERVE = 3.0 * MM, 3.4 * MM, 1.25 * MM
"""Radii [m]. because: design; a superficial femoral or brachial artery with its vein and nerve"""
BESIDE_VEIN, BESIDE_NERVE = 9.0 * MM, 7.0 * MM
"""Distance of the axes of vein and nerve from the artery's [m]. because: design; a jaw passes between"""


class Course(StrEnum):
    """How the artery runs under the line of the incision."""

    STRAIGHT = "straight"
    OBLIQUE = "oblique"


@dataclass(frozen=True, slots=True)
class SoftBlock:
    """Parameters of one block.

    Parameters
    ----------
    fat_layers
        Voxels of fat between skin and fascia, 1 to 4.
    course
        Of the artery.
    seed
        Individual variation: thickness of the layers, side of the vein, bow and calibre.
    """

    fat_layers: int
    course: Course
    seed: int

    def __post_init__(self) -> None:
        """Refuse what no block has."""
        if not 1 <= self.fat_layers <= 4:
            raise InputError(f"fat_layers {self.fat_layers} is out of range; allowed are 1 to 4")


@dataclass(frozen=True, slots=True)
class Tube:
    """A vessel or a nerve: points of its axis [m] in W, shape (n, 3), from proximal (+z) on, and radii [m], (n,)."""

    points: F8
    radii: F8


@dataclass(frozen=True, slots=True)
class GeneratedBlock:
    """What the generator returns: labels (i, j, k) along x, y, z; low corner and voxel edges [m]; tubes; skin line."""

    labels: I1
    origin: F8
    spacing: F8
    tubes: Mapping[str, Tube]
    line: F8


def from_mapping(given: Mapping[str, str | float]) -> SoftBlock:
    """Return the parameters that a manifest names; InputError for an unknown, missing or wrong one."""
    known = ("fat_layers", "course", "seed")
    for name in given:
        if name not in known:
            raise UnknownNameError("parameter of soft_block", name, known)
    missing = [name for name in known if name not in given]
    if missing:
        raise InputError(f"soft_block needs {', '.join(missing)}")
    if given["course"] not in set(Course):
        raise UnknownNameError("choice of soft_block", str(given["course"]), [str(item) for item in Course])
    try:
        return SoftBlock(int(given["fat_layers"]), Course(str(given["course"])), int(given["seed"]))
    except ValueError as error:
        raise InputError(f"soft_block: {error}") from error


def build(chosen: SoftBlock) -> GeneratedBlock:
    """Return one block; a pure function of its parameters. The skin lies at y = 0, the middle at x = z = 0."""
    luck = Streams(chosen.seed).at("soft_block", 0)
    deep = DEEP * float(luck.uniform(0.93, 1.07))
    side = 1.0 if luck.uniform() < 0.5 else -1.0
    calibre = float(luck.uniform(0.95, 1.1))
    bow, phase = float(luck.uniform(0.3, 1.0)) * MM, float(luck.uniform(0.0, 2.0 * np.pi))
    slope = float(luck.uniform(0.08, 0.11)) * float(luck.choice([-1.0, 1.0]))
    labels = _layers(chosen.fat_layers)
    spacing = np.array([ACROSS, deep, ALONG])
    size = spacing * labels.shape
    origin = np.array([-0.5 * size[0], -size[1], -0.5 * size[2]])
    z = np.arange(0.5 * size[2] - 0.5 * STEP, -0.5 * size[2], -STEP)
    x = (slope if chosen.course is Course.OBLIQUE else 0.0) * z + bow * np.sin(2.0 * np.pi * z / size[2] + phase)
    level = origin[1] + (FLOOR_LAYERS + 0.5) * deep  # half of it in the loose tissue, its bottom in the floor
    mark = (z < 27.0 * MM) & (z > -27.0 * MM)
    artery = np.column_stack((x, np.full_like(x, level), z))
    tubes = {
        "artery": Tube(artery, np.full(len(z), ARTERY * calibre)),
        "vein": Tube(artery + np.array([side * BESIDE_VEIN, -0.6 * MM, 0.0]), np.full(len(z), VEIN)),
        "nerve": Tube(artery + np.array([-side * BESIDE_NERVE, 0.8 * MM, 0.0]), np.full(len(z), NERVE)),
    }
    line = np.column_stack((x, np.zeros_like(x), z))[mark]
    _areolar(labels, origin, spacing, x, z)
    return GeneratedBlock(labels, origin, spacing, tubes, line)


def _layers(fat: int) -> I1:
    stack = [FLOOR] * FLOOR_LAYERS + [MUSCLE] * AREOLAR_LAYERS + [MUSCLE, FASCIA] + [FAT] * fat + [SKIN]
    column = np.array(stack, dtype=np.int8)
    return np.tile(column[None, :, None], (COLUMNS, 1, ROWS))


def _areolar(labels: I1, origin: F8, spacing: F8, x: F8, z: F8) -> None:
    """Write the loose layer, voxels whose middle lies within `BED` of the axis, and the tunnel of the artery."""
    rows = origin[2] + (np.arange(ROWS) + 0.5) * spacing[2]
    across = origin[0] + (np.arange(COLUMNS) + 0.5) * spacing[0]
    axis = np.interp(rows, z[::-1], x[::-1])
    near = np.abs(across[:, None] - axis[None, :]) <= BED
    for j in range(FLOOR_LAYERS, FLOOR_LAYERS + AREOLAR_LAYERS):
        labels[:, j, :][near] = AREOLAR
    for k in range(ROWS):  # the artery takes the place of the tissue that its axis runs through
        labels[int(np.argmin(np.abs(across - axis[k]))), FLOOR_LAYERS, k] = 0

"""The grain of what is drawn in an open wound: skin, fat lobules, fibres, from one table of noise; looks, not anatomy.

The grain is tied to rest coordinates, so that it moves with the tissue instead of swimming through it. Its table comes
from a hash, needs no seed and is the same on every machine.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

SIDE = 32
"""Cells of the table along each axis; it repeats beyond."""


class Grain(IntEnum):
    """What a surface looks like from near."""

    NONE = 0
    SKIN = 1
    FAT = 2
    MUSCLE = 3
    FASCIA = 4
    VESSEL = 5
    STEEL = 6
    CLOTH = 7


# cell [mm] along x, y, z; share by which the colour varies; share of darker seams; tilt of the normal.
# All design: chosen by eye on a 512 x 512 picture of a block of 60 mm, no measurement behind them.
_ROWS = {
    Grain.NONE: (1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
    Grain.SKIN: (0.45, 0.45, 0.45, 0.22, 0.0, 0.10),
    Grain.FAT: (0.75, 0.75, 0.75, 0.18, 0.45, 0.35),
    Grain.MUSCLE: (0.28, 0.28, 3.0, 0.45, 0.25, 0.40),
    Grain.FASCIA: (0.50, 0.50, 1.60, 0.25, 0.0, 0.22),
    Grain.VESSEL: (0.60, 0.60, 1.20, 0.18, 0.0, 0.12),
    Grain.STEEL: (0.20, 0.20, 3.0, 0.06, 0.0, 0.03),
    Grain.CLOTH: (0.60, 0.60, 0.60, 0.30, 0.20, 0.30),
}


@cache
def grain_rows() -> NDArray[np.float64]:
    """Return cells per metre along x, y, z, and the shares of colour, seams and tilt, a row a grain, shape (8, 6)."""
    rows = np.array([_ROWS[grain] for grain in Grain])
    rows[:, :3] = 1.0 / (rows[:, :3] * 1e-3)
    rows.setflags(write=False)
    return rows


@cache
def noise_table() -> NDArray[np.float32]:
    """Return four channels of smooth periodic noise, about -1 to 1, shape (SIDE**3, 4), z fastest; made once."""
    table = np.zeros((SIDE, SIDE, SIDE, 4))
    for octave, (side, share) in enumerate(((8, 0.60), (16, 0.45), (32, 0.30))):
        table += share * _spread(_hashed(side, octave), SIDE // side)
    out = table.reshape(-1, 4).astype(np.float32)
    out.setflags(write=False)
    return out


def _hashed(side: int, octave: int) -> NDArray[np.float64]:
    """Return white noise from -1 to 1, shape (side, side, side, 4), by the finaliser of SplitMix64 (Steele 2014)."""
    word = np.arange(side**3 * 4, dtype=np.uint64) + np.uint64(octave << 32)
    word = (word + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    unit = (word >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (2.0 * unit - 1.0).reshape(side, side, side, 4)


def _spread(coarse: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """Return periodic noise on a grid `times` as fine, linear in between."""
    for axis in range(3):
        after = np.roll(coarse, -1, axis=axis)
        steps = [coarse + (k / times) * (after - coarse) for k in range(times)]
        shape = list(coarse.shape)
        shape[axis] *= times
        coarse = np.stack(steps, axis=axis + 1).reshape(shape)
    return coarse

"""The repaired wall of an imported package: a triangle surface in metres and W, as a NumPy archive."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.array_file import write_arrays
from simtrainer.core.error import InputError


def write_wall(path: Path, points: NDArray[np.float64], triangles: NDArray[np.int64]) -> None:
    """Write points [m], shape (n, 3), as float32 and vertex numbers, shape (m, 3), as int32."""
    write_arrays(path, {"points": points.astype(np.float32), "triangles": triangles.astype(np.int32)})


def read_wall(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return what `write_wall` wrote; InputError for anything else."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays["points"].astype(np.float64), arrays["triangles"].astype(np.int64)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} does not hold a triangle surface: {error}") from error

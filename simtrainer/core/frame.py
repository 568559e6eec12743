"""Frames: world W is patient-fixed RAS+ in metres; `X_WT` is the pose of frame T in W, 4 x 4."""

from __future__ import annotations

import re
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError

Vec3: TypeAlias = NDArray[np.float64]
Points: TypeAlias = NDArray[np.float64]
Pose: TypeAlias = NDArray[np.float64]

_AXES = {
    "R": (0, 1.0), "L": (0, -1.0), "A": (1, 1.0), "P": (1, -1.0), "S": (2, 1.0), "I": (2, -1.0),
}  # fmt: skip


def rotation_to_ras(frame: str) -> NDArray[np.float64]:
    """Return the rotation R_WF, shape (3, 3), that takes axes named like `LPS` or `x=L,y=S,z=A` to RAS+.

    Also accepts nine (or sixteen) numbers, row by row, for an explicit matrix. Raises InputError for axes that do
    not span space, for a mirror image, and for a matrix that is not a rotation.
    """
    numbers = _numbers(frame)
    R_WF = _from_numbers(numbers) if numbers else _from_letters(frame)
    if not np.allclose(R_WF @ R_WF.T, np.eye(3), atol=1e-6):
        raise InputError(f"frame '{frame}' is not a rotation: its axes are not orthonormal")
    if np.linalg.det(R_WF) < 0:
        raise InputError(f"frame '{frame}' is a mirror image (left-handed); anatomy would swap sides")
    return R_WF


def offset_to_ras(frame: str) -> Vec3:
    """Return the shift that a frame of sixteen numbers adds after turning, in the unit of its file, shape (3,)."""
    numbers = _numbers(frame)
    if len(numbers) != 16:
        return np.zeros(3)
    X_WF = np.array(numbers).reshape(4, 4)
    if not np.allclose(X_WF[3], [0.0, 0.0, 0.0, 1.0]):
        raise InputError(f"the last row of a frame of sixteen numbers is 0 0 0 1, not {X_WF[3]}; give it row by row")
    return np.array(X_WF[:3, 3])


def _numbers(frame: str) -> list[float]:
    parts = re.split(r"[\s,;]+", frame.strip())
    try:
        return [float(part) for part in parts]
    except ValueError:
        return []


def _from_numbers(numbers: list[float]) -> NDArray[np.float64]:
    if len(numbers) == 16:
        return np.array(numbers).reshape(4, 4)[:3, :3]
    if len(numbers) == 9:
        return np.array(numbers).reshape(3, 3)
    raise InputError(f"a frame matrix has 9 or 16 numbers, this one has {len(numbers)}")


def _from_letters(frame: str) -> NDArray[np.float64]:
    letters = frame.strip().upper()
    named = re.fullmatch(r"X=([RLAPSI]),Y=([RLAPSI]),Z=([RLAPSI])", letters.replace(" ", ""))
    if named:
        letters = "".join(named.groups())
    if len(letters) != 3 or any(letter not in _AXES for letter in letters):
        raise InputError(
            f"frame '{frame}' is not known; say where x, y and z of the file point, e.g. LPS (DICOM), RAS (NIfTI), "
            "x=L,y=S,z=A, or nine numbers of a rotation to RAS, row by row"
        )
    R_WF = np.zeros((3, 3))
    for column, letter in enumerate(letters):
        row, sign = _AXES[letter]
        R_WF[row, column] = sign
    if np.linalg.matrix_rank(R_WF) < 3:
        raise InputError(f"frame '{frame}' names one axis twice")
    return R_WF


def frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a read-only float64 copy of `array`."""
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy

"""How far a tip travelled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def travelled(positions: NDArray[np.float64], jump: float) -> float:
    """Return the length of a polyline, shape (n, 3), without pieces longer than `jump` or with an unknown end."""
    pieces = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    return float(pieces[np.isfinite(pieces) & (pieces <= jump)].sum())


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the travelled length [mm]; pieces over `jump_mm` are an exchange of the device, not travel."""
    tip = recording.columns(*(inputs.signals[axis] for axis in ("x", "y", "z")))
    return Measure(travelled(tip, inputs.numbers["jump_mm"]), recording.end)


metrics.put(
    "path_length",
    Metric("Length of the way of a tip", "mm", measure, signals=("x", "y", "z"), numbers=("jump_mm",)),
)

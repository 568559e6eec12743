"""Force above a limit, times the time that it lasted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def area_above(times: NDArray[np.float64], values: NDArray[np.float64], limit: float) -> float:
    """Return the exact integral of max(0, v - limit) for `values` that are linear between `times`, shapes (n,)."""
    over = values - limit
    a, b, dt = over[:-1], over[1:], np.diff(times)
    high, low = np.maximum(a, b), np.minimum(a, b)
    crossing = (high > 0) & (low < 0)
    span = np.where(crossing, high - low, 1.0)
    piece = np.where(crossing, 0.5 * high * high / span, 0.5 * (np.maximum(a, 0) + np.maximum(b, 0)))
    return float(np.sum(piece * dt))


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the excess of a force over the fact `limit`, integrated over time [N s], at the tick of the peak."""
    force = recording.column(inputs.signals["force"])
    if not len(force):
        return Measure(None, recording.end)
    area = area_above(recording.seconds, force, inputs.facts["limit"])
    return Measure(area, int(recording.ticks[int(np.argmax(force))]))


metrics.put(
    "force_over_limit",
    Metric("Force above the limit times its duration", "N s", measure, signals=("force",), facts=("limit",)),
)

"""The greatest force."""

from __future__ import annotations

import numpy as np

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the greatest force [N] and the tick at which it was first reached."""
    force = recording.column(inputs.signals["force"])
    if not len(force):
        return Measure(None, recording.end)
    first = int(np.argmax(force))
    return Measure(float(force[first]), int(recording.ticks[first]))


metrics.put("peak_force", Metric("Greatest force", "N", measure, signals=("force",)))

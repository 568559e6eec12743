"""The mean force over time."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the mean of a force [N] over all rows, those without contact included."""
    force = recording.column(inputs.signals["force"])
    return Measure(float(force.mean()) if len(force) else None, recording.end)


metrics.put("mean_force", Metric("Mean force over time", "N", measure, signals=("force",)))

"""How much contrast was given."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, counted, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return how much the counter of contrast rose [ml]."""
    return Measure(counted(recording.column(inputs.signals["counter"])), recording.end)


metrics.put("contrast_volume", Metric("Volume of contrast given", "ml", measure, signals=("counter",)))

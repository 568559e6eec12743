"""How much blood was lost."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, counted, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return how much the counter of lost blood rose [ml]."""
    return Measure(counted(recording.column(inputs.signals["counter"])), recording.end)


metrics.put("blood_loss", Metric("Volume of blood lost", "ml", measure, signals=("counter",)))

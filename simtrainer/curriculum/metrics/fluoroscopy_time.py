"""How long X-rays were on."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, counted, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return how much the counter of fluoroscopy seconds rose [s]."""
    return Measure(counted(recording.column(inputs.signals["counter"])), recording.end)


metrics.put("fluoroscopy_time", Metric("Time with X-rays on", "s", measure, signals=("counter",)))

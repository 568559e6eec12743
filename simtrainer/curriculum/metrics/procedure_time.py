"""How long it took."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the time [s] from the first tick to the last."""
    return Measure((recording.end - recording.start) / recording.tick_hz, recording.end)


metrics.put("procedure_time", Metric("Time from the start to the end", "s", measure))

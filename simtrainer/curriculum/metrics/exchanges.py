"""How often a device was exchanged."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the number of matching events, and the tick of the last."""
    return Measure(float(len(inputs.events)), inputs.events[-1].tick if inputs.events else recording.end)


metrics.put("exchanges", Metric("Exchanges of a device", "", measure, event=True))

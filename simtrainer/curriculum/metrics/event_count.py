"""How often something happened."""

from __future__ import annotations

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the number of matching events, and the tick of the first."""
    return Measure(float(len(inputs.events)), inputs.events[0].tick if inputs.events else recording.end)


metrics.put("event_count", Metric("How often an event happened", "", measure, event=True))

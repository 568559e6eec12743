"""How long the hands did nothing."""

from __future__ import annotations

import numpy as np

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return the time [s] in pauses: a speed below `below_mm_s` for `at_least_s` or longer; tick of the longest."""
    still = recording.column(inputs.signals["speed"]) < inputs.numbers["below_mm_s"]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], still, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2] - 1
    spans = recording.seconds[ends] - recording.seconds[starts]
    pauses = spans >= inputs.numbers["at_least_s"]
    if not pauses.any():
        return Measure(0.0, recording.end)
    longest = int(np.argmax(spans))
    return Measure(float(spans[pauses].sum()), int(recording.ticks[starts[longest]]))


metrics.put(
    "idle_time",
    Metric("Time in pauses", "s", measure, signals=("speed",), numbers=("below_mm_s", "at_least_s")),
)

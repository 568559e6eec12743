"""How much further than needed a tip travelled."""

from __future__ import annotations

import math

from simtrainer.core.units import MM
from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics
from simtrainer.curriculum.metrics.path_length import travelled


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return travelled over ideal length; the ideal is the path of the session facts. Nothing without such a path."""
    ideal_mm = travelled(recording.facts.ideal_path, math.inf) / MM
    tip = recording.columns(*(inputs.signals[axis] for axis in ("x", "y", "z")))
    way = travelled(tip, inputs.numbers["jump_mm"])
    return Measure(way / ideal_mm if ideal_mm > 0 else None, recording.end)


metrics.put(
    "path_ratio",
    Metric(
        "Length of the way of a tip over the ideal path", "", measure, signals=("x", "y", "z"), numbers=("jump_mm",)
    ),
)

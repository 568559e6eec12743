"""All that is painted of one moment of an attempt, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.snapshot import Snapshot
from simtrainer.ui.monitor.step_list import StepListView
from simtrainer.ui.monitor.strip import ForceBar, MonitorStrip
from simtrainer.ui.workplace import Workplace


@dataclass(frozen=True, slots=True)
class RunModel:
    """All that is painted of one moment of an attempt.

    Parameters
    ----------
    steps, force
        None where the mode offers no such aid.
    held
        Held controls as they stand.
    seen
        What the procedure's observation says, by field.
    picture, view
        Pixels of the machine's screen and of the 3D view; None before the first.
    view_note
        What stands in the place of the 3D view while it has no picture; empty where none is offered.
    camera
        Where the picture beside is seen from; `sees` where the large one is, empty for a machine's.
    percent
        Speed of the session against the clock.
    hand
        The device that the pointer moves.
    """

    place: Workplace
    title: str
    mode: str
    strip: MonitorStrip
    steps: StepListView | None
    force: ForceBar | None
    snapshot: Snapshot
    values: Mapping[str, float]
    held: Mapping[str, float | str]
    seen: Mapping[str, Any]
    picture: NDArray[np.uint8] | None
    view: NDArray[np.uint8] | None
    view_note: str
    camera: str
    sees: str
    percent: int
    hand: str

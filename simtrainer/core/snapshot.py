"""What is true at one tick, as values that nobody can change: named signals, and poses for any view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Signal:
    """One number that a procedure publishes at every tick; its unit is in its name (`tip_speed_mm_s`)."""

    name: str
    doc: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a session at the end of one tick.

    Parameters
    ----------
    tick
        Ticks since the start; seconds are `tick / tick_hz`.
    signals
        Value of every declared signal, in the order of declaration, shape (n_signals,), read-only.
    curves
        Positions [m] in W of slender bodies by name, shape (n, 3), proximal end first, read-only.
    words
        Named words that are true now: which catheter is in use, in which vessel its tip lies.
    """

    tick: int
    signals: NDArray[np.float64]
    curves: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

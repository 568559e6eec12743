"""What a metric is: one number measured on a recording, the same live, on a replay and in a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.attempt import Attempt
from simtrainer.core.event import Event
from simtrainer.core.fact import SessionFacts
from simtrainer.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Recording:
    """The scored part of an attempt: the effects track.

    Parameters
    ----------
    names
        Signal names, one for each column.
    ticks
        Tick of each row, rising, shape (n,).
    signals
        Values at 50 Hz, shape (n, len(names)), each in the unit of its name; rounded to the float32 that an attempt
        file keeps, so that a live attempt and its file measure the same.
    start, end
        First and last tick; the session went on between them whether or not rows were written.
    """

    tick_hz: int
    names: tuple[str, ...]
    ticks: NDArray[np.int64]
    signals: NDArray[np.float64]
    events: tuple[Event, ...]
    facts: SessionFacts
    end: int
    start: int = 0

    def __post_init__(self) -> None:
        """Round the signals as the effects track does."""
        object.__setattr__(self, "signals", self.signals.astype(np.float32).astype(np.float64))

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one signal, shape (n,)."""
        return self.signals[:, self.names.index(name)]

    def columns(self, *names: str) -> NDArray[np.float64]:
        """Return some signals side by side, shape (n, len(names))."""
        return self.signals[:, [self.names.index(name) for name in names]]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Time [s] of each row, shape (n,)."""
        return self.ticks / self.tick_hz

    def between(self, start: int, end: int) -> Recording:
        """Return the part from tick `start` to tick `end`, both included."""
        keep = (self.ticks >= start) & (self.ticks <= end)
        events = tuple(event for event in self.events if start <= event.tick <= end)
        return Recording(
            self.tick_hz, self.names, self.ticks[keep], self.signals[keep], events, self.facts, end=end, start=start
        )


def recorded(attempt: Attempt) -> Recording:
    """Return what is scored of an attempt that was read from its file."""
    header = attempt.header
    return Recording(
        header.tick_hz, header.signals, attempt.signal_ticks, attempt.signals.astype(np.float64), attempt.events,
        header.session_facts, end=attempt.ticks,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a course binds to the inputs that a metric declares."""

    signals: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured number and the tick that shows it best; None where there was nothing to measure."""

    value: float | None
    tick: int


class Function(Protocol):
    """Measures one number; a pure function of its arguments."""

    def __call__(self, recording: Recording, inputs: Inputs) -> Measure:
        """Return the number and the tick that shows it best."""
        ...


@dataclass(frozen=True, slots=True)
class Metric:
    """One kind of measurement, registered under its name.

    Parameters
    ----------
    unit
        Unit of the value; empty for a ratio or a count.
    signals, facts, numbers
        Names of the inputs that a course must bind: to signals, to numbers of the session facts, and to values.
    event
        True where the course must give an event pattern; the matching events come as `Inputs.events`.
    per_device
        True where values of different input devices must never be compared.
    """

    doc: str
    unit: str
    measure: Function
    signals: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    event: bool = False
    per_device: bool = False


metrics: Registry[Metric] = Registry("metric", "simtrainer.curriculum.metrics")
"""Every metric by name; a new file in `curriculum/metrics` is enough to add one."""


def counted(values: NDArray[np.float64]) -> float:
    """Return how much a counter rose over its rows, shape (n,); a reset to zero does not count."""
    return float(np.clip(np.diff(values), 0.0, None).sum())

"""What is kept of a session while it runs, so that it can be scored without its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simtrainer.core.event import Event
from simtrainer.core.session import SessionState, Step, World
from simtrainer.core.track import sampled
from simtrainer.curriculum.metric import Recording


@dataclass(frozen=True, slots=True)
class RecorderMark:
    """How far a recorder had come: its tick, and how many samples and events it held."""

    end: int
    rows: int
    events: int


class Recorder:
    """Gathers what is scored while a session runs, as its file would give it back."""

    def __init__(self, world: World[Any], start: SessionState[Any, Any]) -> None:
        """Begin with the state at tick 0."""
        self._world = world
        self._ticks = [0]
        self._rows = [start.snapshot.signals]
        self.events: list[Event] = []
        self._end = 0

    def __call__(self, step: Step[Any, Any]) -> None:
        """Take in one step."""
        tick = self._end = step.state.tick
        self.events.extend(step.events)
        if sampled(tick, tick, self._world.tick_hz).size:
            self._ticks.append(tick)
            self._rows.append(step.snapshot.signals)

    def mark(self) -> RecorderMark:
        """Return how far it has come, to go back to."""
        return RecorderMark(self._end, len(self._ticks), len(self.events))

    def go_back(self, mark: RecorderMark) -> None:
        """Forget everything after a mark of its own."""
        self._end = mark.end
        del self._ticks[mark.rows :], self._rows[mark.rows :], self.events[mark.events :]

    def recording(self) -> Recording:
        """Return the recording so far."""
        return Recording(
            self._world.tick_hz,
            tuple(named.name for named in self._world.signals),
            np.array(self._ticks, dtype=np.int64),
            np.array(self._rows),
            tuple(self.events),
            self._world.facts,
            end=self._end,
        )

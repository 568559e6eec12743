"""The time line of a session: steps and events as marks along its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simtrainer.core.event import Event
from simtrainer.curriculum.live import Progress, Status
from simtrainer.ui.monitor.level import Level


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark at `time_s` [s]; `share` is its place from 0 (start) to 1 (end)."""

    text: str
    time_s: float
    share: float
    level: Level


@dataclass(frozen=True, slots=True)
class TimelineView:
    """Steps that were done or missed, and events that a course forbids, over `end_s` [s]."""

    end_s: float
    steps: tuple[Mark, ...]
    events: tuple[Mark, ...]


_LEVELS = {Status.LATE: Level.CARE, Status.OUT_OF_ORDER: Level.CARE, Status.MISSED: Level.ALARM}


def timeline_of(
    progress: Sequence[Progress], events: Sequence[Event], forbidden: frozenset[str], *, ticks: int, tick_hz: int
) -> TimelineView:
    """Return the time line of a session that has come to tick `ticks`; of the events those named in `forbidden`."""
    end = max(ticks, 1)

    def mark(text: str, tick: int, level: Level) -> Mark:
        return Mark(text, tick / tick_hz, min(tick / end, 1.0), level)

    steps = tuple(mark(row.text, row.tick, _LEVELS.get(row.status, Level.CALM)) for row in progress if row.tick >= 0)
    bad = tuple(mark(event.name, event.tick, Level.ALARM) for event in events if event.name in forbidden)
    return TimelineView(ticks / tick_hz, steps, bad)

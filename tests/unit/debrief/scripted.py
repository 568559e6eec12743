"""A whole recorded attempt without physics: events and signals from a table, under the names of the real procedure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action, Control
from simtrainer.core.attempt import Attempt, AttemptWriter, read_attempt
from simtrainer.core.event import Event, EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.session import Detector, Session, Stimulus
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.live import LiveCourse
from tests.unit.curriculum.conftest import EVENTS, SIGNALS

HZ = 50


Track = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Scripted:
    """A world in which everything happens by a table; its state is the tick."""

    events: tuple[Event, ...]
    rows: NDArray[np.float64]
    facts: SessionFacts
    name: str = "selective_catheterisation"
    tick_hz: int = HZ
    fingerprint: str = "scripted-1"
    controls: tuple[Control, ...] = ()
    signals: tuple[Signal, ...] = tuple(Signal(name, name) for name in SIGNALS)
    event_types: tuple[EventType, ...] = tuple(EventType(name, name, fields) for name, fields in EVENTS.items())

    @property
    def detectors(self) -> tuple[Detector, ...]:
        return (self.detect,)

    def detect(self, before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        del before
        return tuple(event for event in self.events if event.tick == now.tick)

    def init(self, streams: Streams) -> int:
        del streams
        return 0

    def advance(
        self, state: int, actions: tuple[Action, ...], *, pending: tuple[Stimulus, ...], tick: int, streams: Streams
    ) -> int:
        del state, actions, pending, streams
        return tick

    def snapshot(self, state: int, tick: int) -> Snapshot:
        del state
        return Snapshot(tick, self.rows[tick])

    def quantities(self, state: int) -> Mapping[str, NDArray[np.generic]]:
        return {"tick": np.array(state)}


@dataclass(frozen=True, slots=True)
class Story:
    """What happens: events as (second, name, evidence), signals as tracks of (second, value), and the ideal path."""

    events: tuple[tuple[float, str, Mapping[str, float | str]], ...]
    end_s: float
    signals: Mapping[str, Track] = field(default_factory=dict)
    ideal_path: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))


NUMBERS = {"wall_force_limit_n": 1.0, "contrast_limit_ml": 150.0}
WORDS = {
    "target_vessel": "left_common_carotid", "access_vessel": "right_common_femoral", "flush_vessel": "ascending_aorta",
}  # fmt: skip


def recorded_story(
    story: Story, course: Course, path: Path, *, sitting: Sitting | None = None, seed: int = 3, close: bool = True
) -> Attempt:
    """Record `story` to `path` under `course`, and read it back."""
    ticks = round(story.end_s * HZ)
    events = tuple(Event(name, round(at * HZ), data) for at, name, data in story.events)
    facts = SessionFacts(dict(NUMBERS), dict(WORDS), story.ideal_path)
    world = Scripted(events, _rows(story, ticks), facts)
    sitting = sitting or Sitting(trainee="teal-otter-07")
    live = LiveCourse(course, SIGNALS, HZ, mode=Mode.ASSESSED)
    session = Session(world, live, seed)
    state = session.start()
    with AttemptWriter(path, session, start=state, sitting=sitting) as writer:
        for _ in range(ticks):
            step = session.step(state)
            writer.write(step)
            state = step.state
        if close:
            writer.close({})
    return read_attempt(path)


def _rows(story: Story, ticks: int) -> NDArray[np.float64]:
    times = np.arange(ticks + 1) / HZ
    rows = np.zeros((ticks + 1, len(SIGNALS)))
    for name, track in story.signals.items():
        at, values = np.array(track, dtype=np.float64).T
        rows[:, SIGNALS.index(name)] = np.interp(times, at, values)
    return rows


def along(path: NDArray[np.float64], wander_mm: float, times: Sequence[float]) -> dict[str, list[tuple[float, float]]]:
    """Return tracks of x, y and z [mm] that follow `path` [m] between the `times`, with a wander beside it."""
    share = np.linspace(0.0, 1.0, 160)
    points = np.array([np.interp(share, np.linspace(0, 1, len(path)), path[:, axis]) for axis in range(3)]).T / MM
    points = points + wander_mm * np.sin(share[:, None] * np.array([37.0, 23.0, 51.0]))
    at = np.interp(share, np.linspace(0, 1, len(times)), times)
    return {axis: list(zip(at.tolist(), points[:, i].tolist(), strict=True)) for i, axis in enumerate("xyz")}

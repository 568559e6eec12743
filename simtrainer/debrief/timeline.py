"""What happened when: every step, every event, which device was in, and when the pedal was down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from simtrainer.core.attempt import Attempt
from simtrainer.core.event import Event, Evidence
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.score import Score, StepResult
from simtrainer.debrief.binding import Binding
from simtrainer.debrief.word import event_name, say, word

_UNITS = (
    ("_gy_cm2", "Gy cm²"), ("_mm_s", "mm/s"), ("_mm", "mm"), ("_ml", "ml"), ("_n", "N"), ("_s", "s"), ("_deg", "°"),
)  # fmt: skip
_ENDINGS = {unit: ending for ending, unit in _UNITS}
_IN, _OUT = "DeviceLoaded", "DeviceRemoved"


class StepStatus(Enum):
    """What became of a step."""

    DONE = "done"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    MISSED = "missed"


class Weight(Enum):
    """What an event cost."""

    PLAIN = "plain"
    TOLERATED = "tolerated"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class StepMark:
    """One step; `time_s` is None where it was not done."""

    id: str
    text: str
    status: StepStatus
    critical: bool
    time_s: float | None
    points: float
    worth: float


@dataclass(frozen=True, slots=True)
class EventMark:
    """One event with its evidence in words."""

    name: str
    time_s: float
    text: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_s` to `end_s`."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One thing that was on or in for some time."""

    name: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole attempt along its time."""

    end_s: float
    steps: tuple[StepMark, ...]
    events: tuple[EventMark, ...]
    lanes: tuple[Lane, ...]


def timeline_of(attempt: Attempt, course: Course, score: Score, *, binding: Binding, language: str) -> Timeline:
    """Return the timeline of an attempt that was scored."""
    hz = attempt.header.tick_hz
    steps = tuple(_step(step, hz) for step in score.steps)
    forbidden = {rule.id: rule.never.event for rule in course.spec.forbidden}
    cost = {(item.tick, forbidden[item.item]) for item in score.deductions if item.item in forbidden}
    events = tuple(
        EventMark(
            event.name,
            event.tick / hz,
            in_words(event, language),
            Weight.COST
            if (event.tick, event.name) in cost
            else Weight.TOLERATED
            if event.name in forbidden.values()
            else Weight.PLAIN,
        )
        for event in attempt.events
    )
    lanes = (*_devices(attempt, language), *_pedal(attempt, binding, language))
    return Timeline(attempt.ticks / hz, steps, events, lanes)


def in_words(event: Event, language: str) -> str:
    """Return an event with its evidence, for people."""
    parts = []
    for name, value in event.data.items():
        if isinstance(value, str):
            parts.append(word(value, language))
        else:
            number, unit = say("number", language, value=value), unit_of(name)
            parts.append(f"{number} {unit}".strip())
    return f"{event_name(event.name, language)}: {', '.join(parts)}" if parts else event_name(event.name, language)


def field_in_words(name: str, value: Evidence, language: str) -> str:
    """Return one piece of evidence with its name and unit, for people: `force 2.7 N`."""
    unit = unit_of(name)
    stem = name[: -len(_ENDINGS[unit])] if unit else name
    said = say(f"field.{stem}", language, otherwise=stem.replace("_", " "))
    shown = word(value, language) if isinstance(value, str) else say("number", language, value=value)
    return f"{said} {shown} {unit}".rstrip()


def unit_of(name: str) -> str:
    """Return the unit that a name ends in, as people write it; empty where it ends in none."""
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "")


def _step(step: StepResult, hz: int) -> StepMark:
    if step.tick < 0:
        status = StepStatus.MISSED
    elif step.late:
        status = StepStatus.LATE
    else:
        status = StepStatus.OUT_OF_ORDER if step.out_of_order else StepStatus.DONE
    time = step.tick / hz if step.tick >= 0 else None
    return StepMark(step.id, step.text, status, step.critical, time, step.points, step.worth)


def _devices(attempt: Attempt, language: str) -> Iterator[Lane]:
    hz = attempt.header.tick_hz
    spans: dict[str, list[Span]] = {}
    since: dict[str, int] = {}
    for event in attempt.events:
        device = event.data.get("device")
        if not isinstance(device, str) or event.name not in (_IN, _OUT):
            continue
        spans.setdefault(device, [])
        if event.name == _IN:
            since.setdefault(device, event.tick)
        elif device in since:
            spans[device].append(Span(since.pop(device) / hz, event.tick / hz))
    for device, tick in since.items():
        spans[device].append(Span(tick / hz, attempt.ticks / hz))
    for device, mine in spans.items():
        yield Lane(device, word(device, language), tuple(mine))


def _pedal(attempt: Attempt, binding: Binding, language: str) -> Iterator[Lane]:
    """Yield one lane: where the counter of fluoroscopy time rises, with gaps under half a second closed."""
    if not binding.pedal:
        return
    hz = attempt.header.tick_hz
    counter = attempt.signals[:, attempt.header.signals.index(binding.pedal)]
    ticks = attempt.signal_ticks
    rising = np.flatnonzero(np.diff(counter) > 0)
    spans: list[Span] = []
    for row in rising.tolist():
        start, end = ticks[row] / hz, ticks[row + 1] / hz
        if spans and start - spans[-1].end_s <= 0.5:
            spans[-1] = Span(spans[-1].start_s, end)
        else:
            spans.append(Span(start, end))
    yield Lane("fluoroscopy", say("lane.fluoroscopy", language), tuple(spans))

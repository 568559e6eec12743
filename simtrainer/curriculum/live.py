"""A course inside a session: the `Curriculum` that watches every tick and remarks in practice mode."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

from simtrainer.core.event import Event
from simtrainer.core.fact import SessionFacts
from simtrainer.core.header import Mode
from simtrainer.core.session import Feedback, Verdict
from simtrainer.core.snapshot import Snapshot
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.monitor import Kind, Monitors, MonitorState, Note
from simtrainer.curriculum.schema import Aid, Pause
from simtrainer.curriculum.sentence import filled, general


class Status(Enum):
    """How far a step is."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a step list; `hint` is empty where the course gives none."""

    id: str
    text: str
    status: Status
    critical: bool
    tick: int
    hint: str


class LiveCourse:
    """The course as a session sees it; holds the compiled course and no state.

    In assessed mode it remarks nothing: what was right and wrong is said in the debrief.
    """

    def __init__(
        self, course: Course, names: tuple[str, ...], tick_hz: int, *, mode: Mode, language: str = "en"
    ) -> None:
        """Compile `course` for signals in the order of `names`."""
        self.course = course
        self.mode = mode
        self.language = language
        self._monitors = Monitors(course.spec, names, tick_hz)
        self._says = {item.id: item.say for item in course.spec.rules}
        parts = f"{course.hash}/{','.join(names)}/{tick_hz}/{mode.value}/{language}"
        self._fingerprint = hashlib.sha256(parts.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Name of the course."""
        return self.course.spec.id

    @property
    def fingerprint(self) -> str:
        """Hash over the course, the signals, the rate, the mode and the language."""
        return self._fingerprint

    @property
    def aids(self) -> tuple[Aid, ...]:
        """What the trainee may be shown besides the pictures."""
        modes = self.course.spec.modes
        return modes.practice.aids if self.mode is Mode.PRACTICE else ()

    @property
    def pause_ends(self) -> bool:
        """True where a pause ends the attempt."""
        return self.mode is Mode.ASSESSED or self.course.spec.modes.practice.pause is Pause.ENDS

    def init(self, facts: SessionFacts) -> MonitorState:
        """Return the state before tick 1."""
        return self._monitors.init(facts)

    def advance(self, state: MonitorState, events: tuple[Event, ...], now: Snapshot) -> Verdict[MonitorState]:
        """Judge one tick."""
        sample = now.signals if now.tick % self._monitors.stride == 0 else None
        after = self._monitors.advance(state, events, now.tick, sample)
        if self.mode is Mode.ASSESSED or len(after.notes) == len(state.notes):
            return Verdict(after)
        return Verdict(after, tuple(self._remark(note, after) for note in after.notes[len(state.notes) :]))

    def progress(self, state: MonitorState) -> tuple[Progress, ...]:
        """Return the step list at the tick of `state`."""
        rows = []
        for step, mine in zip(self.course.spec.steps, state.steps, strict=True):
            if mine.done >= 0:
                status = Status.LATE if mine.late else Status.OUT_OF_ORDER if mine.out_of_order else Status.DONE
            elif mine.closed >= 0:
                status = Status.MISSED
            else:
                status = Status.OPEN if self._monitors.is_open(state, step, state.tick) else Status.WAITING
            hint = self._text(step.hint) if step.hint else ""
            rows.append(
                Progress(step.id, self._text(step.do), status, step.critical, max(mine.done, mine.closed), hint)
            )
        return tuple(rows)

    def _text(self, key: str) -> str:
        return self.course.text(key, self.language)

    def _remark(self, note: Note, state: MonitorState) -> Feedback:
        if note.kind in (Kind.FORBIDDEN, Kind.HOLD):
            text = filled(self._text(self._says[note.item]), note.evidence)
            return Feedback(f"{note.kind.value}.{note.item}", text, note.tick)
        index = self._monitors.index
        step, mine = self.course.spec.steps[index[note.item]], state.steps[index[note.item]]
        kind = note.kind
        if kind is Kind.DONE and mine.late:
            kind = Kind.LATE
        elif kind is Kind.DONE and mine.out_of_order:
            kind = Kind.OUT_OF_ORDER
        say = step.feedback
        own = {
            Kind.DONE: say.done, Kind.MISSED: say.missed, Kind.LATE: say.late, Kind.OUT_OF_ORDER: say.out_of_order,
        }[kind]  # fmt: skip
        text = self._text(own) if own else general(kind.value, self.language, do=self._text(step.do))
        return Feedback(f"step.{step.id}.{kind.value}", text, note.tick)

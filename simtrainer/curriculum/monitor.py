"""Watches a session by the rules of a course: each event and each sample costs every monitor a constant effort.

What counts is defined on the state before an event or sample; the monitors of one event do not see each other. The
signals are looked at 50 times a second, at the ticks and with the precision (float32) that the effects track keeps, so
that a recording gives the same verdict as the session itself. Tick 0 is never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.event import Event, Evidence
from simtrainer.core.fact import SessionFacts
from simtrainer.core.track import SIGNAL_HZ
from simtrainer.curriculum.schema import START, Band, Condition, CourseFile, During, Pattern, Step

K = TypeVar("K")


class Kind(Enum):
    """What happened to the score."""

    DONE = "done"
    MISSED = "missed"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    FORBIDDEN = "forbidden"
    HOLD = "hold"
    METRIC = "metric"


@dataclass(frozen=True, slots=True)
class StepState:
    """Progress of one step; ticks are -1 while nothing happened."""

    count: int = 0
    seen: tuple[Evidence, ...] = ()
    held_since: int = -1
    done: int = -1
    closed: int = -1
    late: bool = False
    out_of_order: bool = False
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForbiddenState:
    """How often something forbidden happened, and what it cost of 100."""

    count: int = 0
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class KeepState:
    """Excursions of a signal; `out_since` is the tick at which the present one began, -1 inside."""

    count: int = 0
    lost: float = 0.0
    out_since: int = -1
    charged: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a monitor saw: which item, what, when, with what evidence, at what cost of 100."""

    kind: Kind
    item: str
    tick: int
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    points: float = 0.0
    critical: bool = False


@dataclass(frozen=True, slots=True)
class MonitorState:
    """All that the monitors remember of a session."""

    words: Mapping[str, str]
    steps: tuple[StepState, ...]
    forbidden: tuple[ForbiddenState, ...]
    holds: tuple[KeepState, ...]
    notes: tuple[Note, ...] = ()
    tick: int = 0


def meets(condition: Condition, value: Evidence, words: Mapping[str, str]) -> bool:
    """Tell whether one piece of evidence meets a condition; a word never lies in a band of numbers."""
    if condition.words:
        return value in condition.words
    if condition.fact is not None:
        return value == words.get(condition.fact)
    if isinstance(value, str):
        return False
    return within(value, condition.min, condition.max)


def within(value: float, low: float | None, high: float | None) -> bool:
    """Tell whether `value` lies in a band, borders included; what is not a number lies in none."""
    return (low is None or value >= low) and (high is None or value <= high) and value == value  # noqa: PLR0124


def kept(value: float) -> float:
    """Return `value` as the effects track keeps it."""
    return float(np.float32(value))


def matches(pattern: Pattern, event: Event, words: Mapping[str, str]) -> bool:
    """Tell whether `event` has the name and the evidence that `pattern` asks for."""
    return event.name == pattern.event and all(
        name in event.data and meets(condition, event.data[name], words) for name, condition in pattern.where.items()
    )


class Monitors:
    """The monitors of one course at one tick rate; holds the compiled course and no state.

    Parameters
    ----------
    names
        Signal names in the order in which samples come.
    """

    def __init__(self, spec: CourseFile, names: tuple[str, ...], tick_hz: int) -> None:
        """Look up every step and signal once."""
        self.spec = spec
        self.tick_hz = tick_hz
        self.stride = max(1, tick_hz // SIGNAL_HZ)
        self.index = {step.id: i for i, step in enumerate(spec.steps)}
        self._column = {name: i for i, name in enumerate(names)}
        self._steps_by_event = _by_event(spec.steps, lambda step: step.patterns)
        self._forbidden_by_event = _by_event(spec.forbidden, lambda item: (item.never,))
        self._holding = tuple(i for i, step in enumerate(spec.steps) if step.hold is not None)
        closes: dict[int, list[int]] = {}
        for i, step in enumerate(spec.steps):
            for name in step.before:
                closes.setdefault(self.index[name], []).append(i)
        self._closes = closes

    def init(self, facts: SessionFacts) -> MonitorState:
        """Return the state before anything happened."""
        return MonitorState(
            words=facts.words,
            steps=(StepState(),) * len(self.spec.steps),
            forbidden=(ForbiddenState(),) * len(self.spec.forbidden),
            holds=(KeepState(),) * len(self.spec.holds),
        )

    def advance(
        self, state: MonitorState, events: tuple[Event, ...], tick: int, sample: NDArray[np.float64] | None
    ) -> MonitorState:
        """Return the state after the events of `tick`, one by one, and then the sample, shape (n_signals,)."""
        for event in events:
            state = self._on_event(state, event)
        if sample is not None and tick > 0 and (self._holding or self.spec.holds):
            state = self._on_sample(state, tick, sample)
        return state if state.tick == tick else replace(state, tick=tick)

    def is_open(self, state: MonitorState, step: Step, tick: int) -> bool:
        """Tell whether `step` counts at `tick`: not done, not closed, its gates passed."""
        mine = state.steps[self.index[step.id]]
        if mine.done >= 0 or mine.closed >= 0:
            return False
        if any(state.steps[self.index[name]].done < 0 for name in step.requires):
            return False
        if step.not_before is None:
            return True
        since = self._anchor(state, step.not_before.of)
        return since >= 0 and tick >= since + step.not_before.s * self.tick_hz

    def _anchor(self, state: MonitorState, of: str) -> int:
        return 0 if of == START else state.steps[self.index[of]].done

    def _active(self, state: MonitorState, during: During) -> bool:
        if during.since is not None and state.steps[self.index[during.since]].done < 0:
            return False
        return during.until is None or state.steps[self.index[during.until]].done < 0

    def _on_event(self, state: MonitorState, event: Event) -> MonitorState:
        changed: dict[int, StepState] = {}
        notes: list[Note] = []
        for i in self._steps_by_event.get(event.name, ()):
            step = self.spec.steps[i]
            if self.is_open(state, step, event.tick) and any(matches(p, event, state.words) for p in step.patterns):
                changed[i] = self._counted(state, i, event)
        forbidden = self._break_rules(state, event, notes)
        return self._closed(state, changed, event.tick, notes=notes, forbidden=forbidden)

    def _counted(self, state: MonitorState, i: int, event: Event) -> StepState:
        step, mine = self.spec.steps[i], state.steps[i]
        seen = mine.seen
        if step.distinct is not None:
            value = event.data.get(step.distinct, "")
            if value in seen:
                return mine
            seen = (*seen, value)
        mine = replace(mine, count=mine.count + 1, seen=seen)
        return self._done(state, step, mine, event.tick, evidence=event.data) if mine.count >= step.count else mine

    def _done(
        self, state: MonitorState, step: Step, mine: StepState, tick: int, *, evidence: Mapping[str, Evidence]
    ) -> StepState:
        late = False
        if step.within is not None:
            since = self._anchor(state, step.within.of)
            late = since >= 0 and tick > since + step.within.s * self.tick_hz
        out_of_order = any(state.steps[self.index[name]].done < 0 for name in step.after)
        return replace(mine, done=tick, late=late, out_of_order=out_of_order, evidence=evidence)

    def _break_rules(self, state: MonitorState, event: Event, notes: list[Note]) -> tuple[ForbiddenState, ...]:
        now = state.forbidden
        for i in self._forbidden_by_event.get(event.name, ()):
            rule = self.spec.forbidden[i]
            if not self._active(state, rule.during) or not matches(rule.never, event, state.words):
                continue
            mine = now[i]
            count = mine.count + 1
            cost = min(rule.points, rule.cap - mine.lost) if count > rule.allow else 0.0
            first = rule.critical and count == rule.allow + 1
            if cost > 0 or first:
                notes.append(Note(Kind.FORBIDDEN, rule.id, event.tick, event.data, cost, critical=first))
            now = _with(now, i, ForbiddenState(count, mine.lost + cost))
        return now

    def _closed(
        self,
        state: MonitorState,
        changed: Mapping[int, StepState],
        tick: int,
        *,
        notes: list[Note],
        forbidden: tuple[ForbiddenState, ...] | None = None,
        holds: tuple[KeepState, ...] | None = None,
    ) -> MonitorState:
        """Take over the changes of one event or sample, then close the steps for which it is too late now."""
        forbidden = state.forbidden if forbidden is None else forbidden
        holds = state.holds if holds is None else holds
        steps = state.steps
        if changed:
            new = list(steps)
            for i, mine in changed.items():
                new[i] = mine
            for i in [i for i, mine in changed.items() if mine.done >= 0]:
                notes.append(Note(Kind.DONE, self.spec.steps[i].id, tick, new[i].evidence))
                for other in self._closes.get(i, ()):
                    if new[other].done < 0 and new[other].closed < 0:
                        new[other] = replace(new[other], closed=tick)
                        item = self.spec.steps[other]
                        notes.append(Note(Kind.MISSED, item.id, tick, {"closed_by": self.spec.steps[i].id}))
            steps = tuple(new)
        return replace(
            state, steps=steps, forbidden=forbidden, holds=holds, notes=(*state.notes, *notes) if notes else state.notes
        )

    def _on_sample(self, state: MonitorState, tick: int, sample: NDArray[np.float64]) -> MonitorState:
        changed: dict[int, StepState] = {}
        for i in self._holding:
            mine = self._held(state, i, tick, sample)
            if mine is not state.steps[i]:
                changed[i] = mine
        notes: list[Note] = []
        holds = state.holds
        for i in range(len(holds)):
            after = self._kept(state, i, tick, sample, notes=notes)
            if after is not holds[i]:
                holds = _with(holds, i, after)
        if not changed and holds is state.holds:
            return state
        return self._closed(state, changed, tick, notes=notes, holds=holds)

    def _inside(self, band: Band, sample: NDArray[np.float64]) -> tuple[bool, float]:
        value = kept(float(sample[self._column[band.signal]]))
        low = None if band.min is None else kept(band.min)
        return within(value, low, None if band.max is None else kept(band.max)), value

    def _held(self, state: MonitorState, i: int, tick: int, sample: NDArray[np.float64]) -> StepState:
        step, mine = self.spec.steps[i], state.steps[i]
        assert step.hold is not None
        inside, value = self._inside(step.hold, sample)
        if not inside or not self.is_open(state, step, tick):
            return mine if mine.held_since < 0 else replace(mine, held_since=-1)
        if mine.held_since < 0:
            mine = replace(mine, held_since=tick)
        if tick - mine.held_since < step.hold.for_s * self.tick_hz:
            return mine
        evidence: dict[str, Evidence] = {step.hold.signal: value, "held_s": (tick - mine.held_since) / self.tick_hz}
        return self._done(state, step, mine, tick, evidence=evidence)

    def _kept(
        self, state: MonitorState, i: int, tick: int, sample: NDArray[np.float64], *, notes: list[Note]
    ) -> KeepState:
        rule, mine = self.spec.holds[i], state.holds[i]
        inside, value = self._inside(rule.keep, sample)
        if inside or not self._active(state, rule.during):
            return mine if mine.out_since < 0 else replace(mine, out_since=-1, charged=False)
        if mine.out_since < 0:
            mine = replace(mine, out_since=tick)
        if mine.charged or tick - mine.out_since < rule.grace_s * self.tick_hz:
            return mine
        cost = min(rule.points, rule.cap - mine.lost)
        first = rule.critical and mine.count == 0
        if cost > 0 or first:
            evidence: dict[str, Evidence] = {rule.keep.signal: value, "since_s": mine.out_since / self.tick_hz}
            notes.append(Note(Kind.HOLD, rule.id, tick, evidence, cost, critical=first))
        return replace(mine, count=mine.count + 1, lost=mine.lost + cost, charged=True)


def _with(items: tuple[K, ...], i: int, item: K) -> tuple[K, ...]:
    return (*items[:i], item, *items[i + 1 :])


def _by_event(items: tuple[K, ...], patterns: Callable[[K], tuple[Pattern, ...]]) -> dict[str, tuple[int, ...]]:
    table: dict[str, tuple[int, ...]] = {}
    for i, item in enumerate(items):
        for name in dict.fromkeys(pattern.event for pattern in patterns(item)):
            table[name] = (*table.get(name, ()), i)
    return table

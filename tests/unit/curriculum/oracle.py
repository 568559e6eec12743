"""The rules of a course by definition, without any state: slow, recursive, and nothing in common with the monitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from simtrainer.core.event import Event
from simtrainer.curriculum.schema import Band, Condition, CourseFile, During, Pattern, Step


@dataclass(frozen=True)
class Sample:
    """Signals by name at one tick."""

    tick: int
    values: Mapping[str, float]

    def __hash__(self) -> int:
        return hash(self.tick)


Moment = Event | Sample


class Oracle:
    """What the rules say of a whole trace of moments."""

    def __init__(self, spec: CourseFile, trace: list[Moment], words: Mapping[str, str], tick_hz: int) -> None:
        self.spec, self.trace, self.words, self.tick_hz = spec, trace, words, tick_hz
        self.steps = {step.id: step for step in spec.steps}
        self.completes = cache(self._completes)
        self.open = cache(self._open)

    def matches(self, pattern: Pattern, k: int) -> bool:
        moment = self.trace[k]
        if isinstance(moment, Sample) or moment.name != pattern.event:
            return False
        return all(self._meets(c, moment.data.get(name)) for name, c in pattern.where.items())

    def _meets(self, condition: Condition, value: object) -> bool:
        if condition.words:
            return value in condition.words
        if condition.fact:
            return value == self.words.get(condition.fact)
        low = float("-inf") if condition.min is None else condition.min
        high = float("inf") if condition.max is None else condition.max
        return isinstance(value, (int, float)) and low <= value <= high

    def inside(self, band: Band, k: int) -> bool:
        moment = self.trace[k]
        assert isinstance(moment, Sample)
        value = moment.values[band.signal]
        return not (band.min is not None and value < band.min) and not (band.max is not None and value > band.max)

    def done_before(self, name: str, k: int) -> int | None:
        """Return the tick at which a step was completed before moment `k`, or nothing."""
        return next((self.trace[j].tick for j in range(k) if self.completes(name, j)), None)

    def closed_before(self, name: str, k: int) -> int | None:
        """Return the tick at which a step had been closed before moment `k` without being done, or nothing."""
        for j in range(k):
            if self.completes(name, j):
                return None
            if any(self.completes(other, j) for other in self.steps[name].before):
                return self.trace[j].tick
        return None

    def _open(self, name: str, k: int) -> bool:
        step = self.steps[name]
        if self.done_before(name, k) is not None or self.closed_before(name, k) is not None:
            return False
        if not all(self.done_before(other, k) is not None for other in step.requires):
            return False
        if step.not_before is None:
            return True
        since = 0 if step.not_before.of == "start" else self.done_before(step.not_before.of, k)
        return since is not None and (self.trace[k].tick - since) / self.tick_hz >= step.not_before.s

    def _hits(self, step: Step, k: int) -> list[int]:
        return [j for j in range(k + 1) if any(self.matches(p, j) for p in step.patterns) and self.open(step.id, j)]

    def _completes(self, name: str, k: int) -> bool:
        step = self.steps[name]
        if step.hold is not None:
            return self._holds_at(step, k)
        hits = self._hits(step, k)
        if k not in hits:
            return False
        if step.distinct is None:
            return len(hits) == step.count
        values = [self._value(j, step.distinct) for j in hits]
        return len(set(values)) == step.count and values[-1] not in values[:-1]

    def _value(self, k: int, name: str) -> object:
        moment = self.trace[k]
        assert isinstance(moment, Event)
        return moment.data.get(name, "")

    def _holds_at(self, step: Step, k: int) -> bool:
        assert step.hold is not None
        if not isinstance(self.trace[k], Sample):
            return False
        samples = [j for j in range(k + 1) if isinstance(self.trace[j], Sample)]
        for start in samples:
            run = [j for j in samples if j >= start]
            long = (self.trace[k].tick - self.trace[start].tick) / self.tick_hz >= step.hold.for_s
            if long and all(self.inside(step.hold, j) and self.open(step.id, j) for j in run):
                return True
        return False

    def active(self, during: During, k: int) -> bool:
        if during.since is not None and self.done_before(during.since, k) is None:
            return False
        return during.until is None or self.done_before(during.until, k) is None

    def step(self, name: str) -> tuple[int, int, bool, bool]:
        """Return ticks of done and closed (-1: never), late, out of order."""
        step, n = self.steps[name], len(self.trace)
        k = next((k for k in range(n) if self.completes(name, k)), None)
        if k is None:
            closed = self.closed_before(name, n)
            return -1, -1 if closed is None else closed, False, False
        late = False
        if step.within is not None:
            since = 0 if step.within.of == "start" else self.done_before(step.within.of, k)
            late = since is not None and (self.trace[k].tick - since) / self.tick_hz > step.within.s
        return self.trace[k].tick, -1, late, any(self.done_before(other, k) is None for other in step.after)

    def forbidden(self, i: int) -> tuple[int, float]:
        """Return how often rule `i` was broken and what it cost."""
        rule = self.spec.forbidden[i]
        count = sum(self.matches(rule.never, k) and self.active(rule.during, k) for k in range(len(self.trace)))
        return count, min(rule.cap, rule.points * max(0, count - rule.allow))

    def excursions(self, i: int) -> tuple[int, float]:
        """Return how many excursions of hold `i` outlasted the grace, and what they cost."""
        rule = self.spec.holds[i]
        runs: list[list[int]] = [[]]
        for k, moment in enumerate(self.trace):
            if isinstance(moment, Sample):
                if not self.inside(rule.keep, k) and self.active(rule.during, k):
                    runs[-1].append(moment.tick)
                else:
                    runs.append([])
        count = sum(bool(run) and (run[-1] - run[0]) / self.tick_hz >= rule.grace_s for run in runs)
        return count, min(rule.cap, rule.points * count)

"""What an attempt was worth: a pure function of course and effects track, with a reason for every point lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from simtrainer.core.event import Event, Evidence
from simtrainer.core.header import Mode
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics
from simtrainer.curriculum.monitor import Kind, Monitors, MonitorState, Note, StepState, matches
from simtrainer.curriculum.schema import MetricUse, Slope, Step
from simtrainer.curriculum.sentence import filled, general, shown


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points of 100 that were lost, when, on what evidence and why, in one sentence.

    Parameters
    ----------
    id
        Stable: `step.<id>.missed`, `step.<id>.late`, `forbidden.<id>`, `hold.<id>`, `metric.<id>`.
    critical
        True where the attempt fails by this alone.
    """

    id: str
    kind: str
    item: str
    tick: int
    time_s: float
    points: float
    critical: bool
    evidence: Mapping[str, Evidence]
    sentence: str


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step; `points` of `worth`, both of 100, `tick` -1 if it was not done."""

    id: str
    text: str
    tick: int
    late: bool
    out_of_order: bool
    critical: bool
    points: float
    worth: float


@dataclass(frozen=True, slots=True)
class MetricResult:
    """What a metric gave; `worth` is 0 where it is shown and not scored.

    `device` is the input device of the attempt where values of different devices must not be compared, else empty.
    """

    id: str
    metric: str
    text: str
    value: float | None
    unit: str
    tick: int
    points: float
    worth: float
    device: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: points earned of points to be earned; penalties earn nothing and lose."""

    name: str
    points: float
    worth: float


@dataclass(frozen=True, slots=True)
class Score:
    """A simulator score with all that must stand beside it."""

    course: str
    edition: str
    version: str
    course_hash: str
    mode: str
    device: str
    score: float
    passed: bool
    cut: float
    provisional: bool
    unverified: int
    reviewed_by: str | None
    critical_failures: tuple[str, ...]
    parts: tuple[Part, ...]
    steps: tuple[StepResult, ...]
    metrics: tuple[MetricResult, ...]
    deductions: tuple[Deduction, ...]
    remarks: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def comparable(one: MetricResult, other: MetricResult) -> bool:
    """Tell whether two values may stand in one learning curve: same metric, same unit, same device if it matters."""
    return (one.metric, one.unit, one.device) == (other.metric, other.unit, other.device)


def watched(course: Course, recording: Recording) -> MonitorState:
    """Return what the monitors make of a recording: the same state as in the session itself."""
    monitors = Monitors(course.spec, recording.names, recording.tick_hz)
    state = monitors.init(recording.facts)
    events: dict[int, list[Event]] = {}
    for event in recording.events:
        events.setdefault(event.tick, []).append(event)
    rows: dict[int, int] = {}
    if course.spec.holds or any(step.hold is not None for step in course.spec.steps):
        rows = {int(tick): i for i, tick in enumerate(recording.ticks) if tick > 0 and tick % monitors.stride == 0}
    for tick in sorted(events.keys() | rows.keys()):
        sample = recording.signals[rows[tick]] if tick in rows else None
        state = monitors.advance(state, tuple(events.get(tick, ())), tick, sample)
    return state


def score(
    course: Course,
    recording: Recording,
    *,
    mode: Mode,
    device: str,
    language: str = "en",
    state: MonitorState | None = None,
) -> Score:
    """Score an attempt from its recording.

    Parameters
    ----------
    device
        Name of the input device; decides which metrics can be scored.
    state
        What the monitors of the live session ended with; without it they are run over the recording, with the
        same result.
    """
    state = watched(course, recording) if state is None else state
    return _Scorer(course, recording, state, device, language).result(mode)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A metric as it was used: its band if it is scored, its value, and what was not reached."""

    use: MetricUse
    metric: Metric
    band: Slope | None
    measure: Measure
    not_reached: str


class _Scorer:
    def __init__(self, course: Course, recording: Recording, state: MonitorState, device: str, language: str) -> None:
        self.course, self.recording, self.state = course, recording, state
        self.device, self.language = device, language
        self.spec = course.spec
        self.by_id = {step.id: (step, mine) for step, mine in zip(course.spec.steps, state.steps, strict=True)}
        self.measured = tuple(self._measured(use) for use in self.spec.metrics)
        weights = sum(step.weight for step in self.spec.steps)
        weights += sum(item.use.weight for item in self.measured if item.band is not None)
        self.unit = 100.0 / weights
        """Points of 100 that a weight of 1 is worth."""

    def result(self, mode: Mode) -> Score:
        spec = self.spec
        steps = tuple(self._step(step, mine) for step, mine in self.by_id.values())
        values = tuple(self._metric(item) for item in self.measured)
        rules = [self._note(note) for note in self.state.notes if note.kind in (Kind.FORBIDDEN, Kind.HOLD)]
        lost = [*self._step_deductions(), *rules, *self._metric_deductions()]
        deductions = tuple(sorted(lost, key=lambda item: item.tick))
        penalty = sum(item.points for item in rules)
        earned = sum(item.points for item in steps) + sum(item.points for item in values)
        total = min(1.0, max(0.0, (earned - penalty) / 100.0))
        failures = tuple(dict.fromkeys(item.item for item in deductions if item.critical))
        cut = spec.pass_rule.cut
        parts = (
            Part("steps", sum(item.points for item in steps), sum(item.worth for item in steps)),
            Part("metrics", sum(item.points for item in values), sum(item.worth for item in values)),
            Part("penalties", -penalty, 0.0),
        )
        return Score(
            spec.id, spec.edition, spec.version, self.course.hash, mode.value, self.device,
            score=total, passed=not failures and total >= cut, cut=cut, provisional=spec.pass_rule.provisional,
            unverified=self.course.unverified, reviewed_by=spec.reviewed_by, critical_failures=failures, parts=parts,
            steps=steps, metrics=values, deductions=deductions, remarks=self._remarks(),
        )  # fmt: skip

    def _remarks(self) -> tuple[str, ...]:
        keys = ["validity"]
        keys += ["provisional"] * self.spec.pass_rule.provisional
        keys += ["not_reviewed"] * (self.spec.reviewed_by is None)
        return tuple(general(key, self.language) for key in keys)

    def _text(self, key: str) -> str:
        return self.course.text(key, self.language)

    def _credit(self, step: Step, mine: StepState) -> float:
        if mine.done < 0:
            return 0.0
        late = step.credit.late if mine.late else 1.0
        return late * (step.credit.out_of_order if mine.out_of_order else 1.0)

    def _step(self, step: Step, mine: StepState) -> StepResult:
        worth = step.weight * self.unit
        points = worth * self._credit(step, mine)
        return StepResult(
            step.id, self._text(step.do), mine.done, mine.late, mine.out_of_order, step.critical, points, worth
        )

    def _step_deductions(self) -> list[Deduction]:
        lost = []
        for step, mine in self.by_id.values():
            credit = self._credit(step, mine)
            points = step.weight * self.unit * (1.0 - credit)
            critical = step.critical and credit == 0.0
            if mine.done >= 0 and not (mine.late or mine.out_of_order):
                continue
            if mine.done < 0:
                kind, tick = Kind.MISSED, mine.closed if mine.closed >= 0 else self.recording.end
            else:
                kind, tick = Kind.LATE if mine.late else Kind.OUT_OF_ORDER, mine.done
            sentence = self.sentence(step, kind, closed=mine.closed)
            evidence = dict(mine.evidence) if mine.done >= 0 else {"count": float(mine.count), "of": float(step.count)}
            lost.append(
                self._deduction(
                    kind, step.id, tick, points=points, critical=critical, evidence=evidence, sentence=sentence
                )
            )
        return lost

    def sentence(self, step: Step, kind: Kind, *, closed: int) -> str:
        own = {Kind.MISSED: step.feedback.missed, Kind.LATE: step.feedback.late}.get(kind, step.feedback.out_of_order)
        if own:
            return self._text(own)
        do = self._text(step.do)
        if kind is Kind.MISSED and closed >= 0:
            other = next(
                self._text(by.do) for name in step.before for by, its in [self.by_id[name]] if its.done == closed
            )
            return general("closed", self.language, do=do, other=other)
        return general(kind.value, self.language, do=do)

    def _note(self, note: Note) -> Deduction:
        items = {item.id: item.say for item in self.spec.rules}
        sentence = filled(self._text(items[note.item]), note.evidence)
        return self._deduction(
            note.kind, note.item, note.tick,
            points=note.points, critical=note.critical, evidence=note.evidence, sentence=sentence,
        )  # fmt: skip

    def _deduction(
        self, kind: Kind, item: str, tick: int, *, points: float, critical: bool,
        evidence: Mapping[str, Evidence], sentence: str,
    ) -> Deduction:  # fmt: skip
        own = kind in (Kind.FORBIDDEN, Kind.HOLD, Kind.METRIC)
        name = f"{kind.value}.{item}" if own else f"step.{item}.{kind.value}"
        time_s = tick / self.recording.tick_hz
        return Deduction(name, kind.value, item, tick, time_s, points, critical, evidence, sentence)

    def _measured(self, use: MetricUse) -> _Measured:
        metric = metrics.get(use.metric)
        band = use.by_device.get(self.device, use.band)
        needed = (*use.requires, *((use.during.since,) if use.during.since else ()))
        lacking = next((name for name in needed if self.by_id[name][1].done < 0), "")
        if lacking:
            return _Measured(use, metric, band, Measure(None, self.recording.end), lacking)
        since = self.by_id[use.during.since][1].done if use.during.since else self.recording.start
        until = self.by_id[use.during.until][1].done if use.during.until else -1
        part = self.recording.between(since, until if until >= 0 else self.recording.end)
        events: tuple[Event, ...] = ()
        if use.event is not None:
            pattern = use.event
            events = tuple(event for event in part.events if matches(pattern, event, self.state.words))
        facts = {role: self.recording.facts.numbers[name] for role, name in use.facts.items()}
        measure = metric.measure(part, Inputs(use.signals, facts, use.numbers, events))
        return _Measured(use, metric, band if measure.value is not None else None, measure, "")

    def _share(self, item: _Measured) -> float:
        if item.band is None or item.measure.value is None:
            return 0.0
        return item.band.share(item.measure.value)

    def _metric(self, item: _Measured) -> MetricResult:
        worth = item.use.weight * self.unit if item.band is not None else 0.0
        return MetricResult(
            item.use.id, item.use.metric, self._text(item.use.say), item.measure.value, item.metric.unit,
            item.measure.tick, points=worth * self._share(item), worth=worth,
            device=self.device if item.metric.per_device else "",
        )  # fmt: skip

    def _metric_deductions(self) -> list[Deduction]:
        lost = []
        for item in self.measured:
            share = self._share(item)
            points = item.use.weight * self.unit * (1.0 - share)
            if item.band is None or points <= 0.0:
                continue
            say, value = self._text(item.use.say), item.measure.value
            if value is None:
                other = self._text(self.by_id[item.not_reached][0].do)
                sentence = general("not_reached", self.language, say=say, other=other)
                evidence: dict[str, Evidence] = {"not_reached": item.not_reached}
            else:
                sentence = general(
                    "metric", self.language, say=say, value=shown(value), unit=item.metric.unit,
                    full=shown(item.band.full_at), zero=shown(item.band.zero_at),
                ).replace("  (", " (")  # fmt: skip
                evidence = {"value": value, "full_at": item.band.full_at, "zero_at": item.band.zero_at}
            lost.append(
                self._deduction(
                    Kind.METRIC, item.use.id, item.measure.tick,
                    points=points, critical=False, evidence=evidence, sentence=sentence,
                )
            )  # fmt: skip
        return lost

"""Learning curves over the attempts of one trainee: what may be compared stands on one line, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simtrainer.curriculum.score import MetricResult
from simtrainer.debrief.word import say
from simtrainer.records.entry import Entry, SelfRating

SCHEMA_VERSION = 1
METRICS = ("procedure_time", "peak_force", "fluoroscopy_time", "sparc")
"""Metrics that are drawn besides the score, in this order, where the course measures them."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One attempt on a curve.

    Parameters
    ----------
    number
        1 for the first attempt at the course.
    score, cut
        Of 100 points.
    """

    number: int
    started: str
    score: float
    cut: float
    passed: bool
    provisional: bool
    critical_failures: tuple[str, ...]
    mode: str
    device: str
    aids: tuple[str, ...]
    patient: str
    difficulty: str
    seed: int
    seed_seen: bool
    edition: str
    version: str
    course_hash: str
    digest: str
    path: str
    cut_off: bool
    self_rating: SelfRating | None


@dataclass(frozen=True, slots=True)
class Line:
    """Values that may be compared: of one edition, and of one device where that matters (else `device` is empty)."""

    course_hash: str
    device: str
    numbers: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One measurement over the attempts; `limit` is a line to compare with."""

    id: str
    text: str
    unit: str
    lines: tuple[Line, ...]
    limit: float | None = None

    def at(self, number: int) -> float | None:
        """Return the value of attempt `number`; None where there was nothing to measure."""
        found = (dict(zip(line.numbers, line.values, strict=True)).get(number) for line in self.lines)
        return next((value for value in found if value is not None), None)


@dataclass(frozen=True, slots=True)
class Curve:
    """All attempts of one trainee at one course."""

    course: str
    points: tuple[CurvePoint, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """All attempts of one trainee, course by course."""

    schema_version: int
    language: str
    trainee: str
    validity: str
    curves: tuple[Curve, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def learning_curve(
    trainee: str, entries: Sequence[Entry], *, language: str = "en", course: str | None = None
) -> LearningCurve:
    """Return the curves over all `entries` of a trainee, which come oldest first; only those of `course` if given."""
    courses = [name for name in dict.fromkeys(entry.course for entry in entries) if course in (None, name)]
    curves = tuple(_curve(course, [e for e in entries if e.course == course], entries, language) for course in courses)
    return LearningCurve(SCHEMA_VERSION, language, trainee, say("score.honest", language), curves)


def _curve(course: str, mine: Sequence[Entry], every: Sequence[Entry], language: str) -> Curve:
    points = []
    for number, entry in enumerate(mine, start=1):
        before = every[: every.index(entry)]
        seen = any((e.patient, e.seed) == (entry.patient, entry.seed) for e in before)
        points.append(_point(number, entry, seed_seen=seen))
    return Curve(course, tuple(points), tuple(_series(mine, language)))


def _point(number: int, entry: Entry, *, seed_seen: bool) -> CurvePoint:
    score = entry.score
    return CurvePoint(
        number=number,
        started=entry.started,
        score=100 * score.score,
        cut=100 * score.cut,
        passed=score.passed,
        provisional=score.provisional,
        critical_failures=score.critical_failures,
        mode=entry.mode,
        device=entry.device,
        aids=entry.aids,
        patient=entry.patient,
        difficulty=entry.difficulty,
        seed=entry.seed,
        seed_seen=seed_seen,
        edition=score.edition,
        version=score.version,
        course_hash=score.course_hash,
        digest=entry.digest,
        path=entry.path,
        cut_off=entry.cut_off,
        self_rating=entry.self_rating,
    )


def _series(entries: Sequence[Entry], language: str) -> Iterator[Series]:
    scores = [(n, e.score.course_hash, "", 100 * e.score.score) for n, e in enumerate(entries, start=1)]
    cuts = {100 * entry.score.cut for entry in entries}
    limit = cuts.pop() if len(cuts) == 1 else None
    yield Series("score", say("curve.score", language), "", _lines(scores), limit)
    for name in METRICS:
        found = [(n, e, m) for n, e in enumerate(entries, start=1) for m in _first(e, name)]
        if found:
            rows = [(n, e.score.course_hash, m.device, m.value) for n, e, m in found if m.value is not None]
            yield Series(name, found[-1][2].text, found[-1][2].unit, _lines(rows))


def _first(entry: Entry, name: str) -> tuple[MetricResult, ...]:
    """Return the first use of a metric in a score, if there is one."""
    return tuple(metric for metric in entry.score.metrics if metric.metric == name)[:1]


def _lines(rows: Sequence[tuple[int, str, str, float]]) -> tuple[Line, ...]:
    groups: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for number, course_hash, device, value in rows:
        groups.setdefault((course_hash, device), []).append((number, value))
    return tuple(
        Line(course_hash, device, tuple(number for number, _ in mine), tuple(value for _, value in mine))
        for (course_hash, device), mine in groups.items()
    )

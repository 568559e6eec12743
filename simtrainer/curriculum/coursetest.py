"""Educators' own tests: given a session, when these events happen, then this is the score; in YAML beside the course.

`curricula/<course>.tests.yaml` is run without 3D: a trace of events and signals goes in, a score comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from simtrainer.core.error import InputError
from simtrainer.core.event import Event, Evidence
from simtrainer.core.fact import SessionFacts
from simtrainer.core.header import Mode
from simtrainer.core.track import SIGNAL_HZ
from simtrainer.core.units import MM
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.document import Document, Location, Spot, read_document
from simtrainer.curriculum.metric import Recording
from simtrainer.curriculum.problem import CourseError, CourseProblem
from simtrainer.curriculum.reference import unknown_name
from simtrainer.curriculum.schema import Closed, Id, Name, NotNegative, Positive, Share, broken_rule
from simtrainer.curriculum.score import Score, score
from simtrainer.curriculum.validation import validated

TICK_HZ = 100
"""Rate of the made-up session [1/s], that of a procedure."""


class Given(Closed):
    """What is so before the first event; `ideal_path_mm` lists points."""

    mode: Mode = Mode.PRACTICE
    device: Name = "script"
    numbers: dict[Name, float] = Field(default_factory=dict)
    words: dict[Name, Name] = Field(default_factory=dict)
    ideal_path_mm: tuple[tuple[float, float, float], ...] = ()


class Happening(Closed):
    """One event; `label` lets another test leave it out."""

    at_s: NotNegative
    event: Name
    data: dict[Name, float | str] = Field(default_factory=dict, alias="with")
    label: Id | None = None


class ScoreBand(Closed):
    """Where the score must lie, borders included."""

    min: Share = 0.0
    max: Share = 1.0


class Then(Closed):
    """What must come out; what is not named is not looked at. `deductions` are ids as in the score."""

    passed: bool | None = None
    score: ScoreBand | None = None
    critical_failures: tuple[Name, ...] | None = None
    deductions: tuple[Name, ...] | None = None
    not_deducted: tuple[Name, ...] = ()


class CourseTest(Closed):
    """One test; `based_on` takes over given, events and signals of an earlier one, `without` leaves labels out.

    A signal is a list of [second, value] with straight lines between; a signal that is not named is 0.
    """

    id: Id
    says: Name
    based_on: Id | None = None
    without: tuple[Id, ...] = ()
    given: Given | None = None
    when: tuple[Happening, ...] = ()
    signals: dict[Name, tuple[tuple[NotNegative, float], ...]] = Field(default_factory=dict)
    ends_s: Positive | None = None
    then: Then

    @model_validator(mode="after")
    def _based(self) -> CourseTest:
        if self.without and self.based_on is None:
            raise broken_rule(f"test '{self.id}': without needs based_on")
        return self


class CourseTests(Closed):
    """The tests of one course."""

    schema_version: Literal[1]
    course: Id
    tests: Annotated[tuple[CourseTest, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class CourseTestResult:
    """What one test gave; `differences` are sentences, empty where the test holds."""

    id: str
    says: str
    differences: tuple[str, ...]
    score: Score

    @property
    def passed(self) -> bool:
        """True where everything came out as told."""
        return not self.differences


def path_of_tests(course: Course) -> Path:
    """Return where the tests of a course lie."""
    return course.path.with_name(f"{course.path.stem}.tests.yaml")


def run_course_tests(course: Course, path: Path | None = None) -> tuple[CourseTestResult, ...]:
    """Run the tests beside `course`, or those at `path`; CourseError if the file cannot be used."""
    path = path_of_tests(course) if path is None else path
    document, problems = read_document(path)
    if document is None:
        raise CourseError(problems)
    file, wrong = validated(document, CourseTests)
    problems = (*problems, *wrong)
    if file is not None:
        problems = (*problems, *_check(file, document, course))
    if file is None or problems:
        raise CourseError(problems)
    full: dict[str, CourseTest] = {}
    for test in file.tests:
        full[test.id] = _merged(test, full[test.based_on]) if test.based_on else test
    return tuple(_run(course, test) for test in full.values())


def _check(file: CourseTests, document: Document, course: Course) -> Iterator[CourseProblem]:
    if file.course != course.spec.id:
        yield unknown_name(document, ("course",), "SIM-E029", "course here", file.course, (course.spec.id,))
    labels: dict[str, set[str]] = {}
    for i, test in enumerate(file.tests):
        at: Location = ("tests", i)
        yield from _check_base(test, document, at, labels)
        base = labels.get(test.based_on or "", set())
        labels[test.id] = (base - set(test.without)) | {row.label for row in test.when if row.label}
        for j, row in enumerate(test.when):
            yield from _check_row(row, document, (*at, "when", j), course.vocabulary.events)
        for name in test.signals:
            if name not in course.vocabulary.signals:
                where = (*at, "signals", name)
                yield unknown_name(document, where, "SIM-E022", "signal", name, course.vocabulary.signals)
        yield from _check_then(test.then, document, at, course)


def _check_base(
    test: CourseTest, document: Document, at: Location, labels: Mapping[str, set[str]]
) -> Iterator[CourseProblem]:
    if test.id in labels:
        yield document.problem((*at, "id"), "SIM-E030", f"the id '{test.id}' is used twice")
    if test.based_on and test.based_on not in labels:
        yield unknown_name(document, (*at, "based_on"), "SIM-E025", "earlier test", test.based_on, labels)
    elif test.based_on:
        known = labels[test.based_on]
        for i, label in enumerate(test.without):
            if label not in known:
                yield unknown_name(document, (*at, "without", i), "SIM-E025", "label", label, known)


def _check_row(
    row: Happening, document: Document, at: Location, events: Mapping[str, tuple[str, ...]]
) -> Iterator[CourseProblem]:
    if row.event not in events:
        yield unknown_name(document, (*at, "event"), "SIM-E020", "event", row.event, events)
        return
    for name in row.data:
        if name not in events[row.event]:
            message = f"the event {row.event} carries no '{name}'"
            hint = f"It carries: {', '.join(events[row.event]) or 'nothing'}."
            yield document.problem((*at, "with", name), "SIM-E021", message, hint=hint, spot=Spot.KEY)


def _check_then(then: Then, document: Document, at: Location, course: Course) -> Iterator[CourseProblem]:
    spec = course.spec
    ids = deduction_ids(course)
    critical = [item.id for item in spec.items() if item.critical]
    for part, names, known in (
        ("critical_failures", then.critical_failures or (), critical),
        ("deductions", then.deductions or (), ids),
        ("not_deducted", then.not_deducted, ids),
    ):
        for i, name in enumerate(names):
            if name not in known:
                yield unknown_name(document, (*at, "then", part, i), "SIM-E025", "deduction here", name, known)


def deduction_ids(course: Course) -> tuple[str, ...]:
    """Return the id of every deduction that the course can make."""
    spec = course.spec
    kinds = ("missed", "late", "out_of_order")
    return (
        *(f"step.{step.id}.{kind}" for step in spec.steps for kind in kinds),
        *(f"forbidden.{rule.id}" for rule in spec.forbidden),
        *(f"hold.{rule.id}" for rule in spec.holds),
        *(f"metric.{use.id}" for use in spec.metrics),
    )


def _merged(test: CourseTest, base: CourseTest) -> CourseTest:
    when = [row for row in base.when if row.label is None or row.label not in test.without]
    given = base.given if test.given is None else test.given
    ends = base.ends_s if test.ends_s is None else test.ends_s
    rows = tuple(sorted([*when, *test.when], key=lambda row: row.at_s))
    changed = {"given": given, "when": rows, "signals": {**base.signals, **test.signals}, "ends_s": ends}
    return test.model_copy(update=changed)


def recording_of(course: Course, test: CourseTest) -> Recording:
    """Return the effects track that a test describes."""
    given = test.given or Given()
    rows = sorted(test.when, key=lambda row: row.at_s)
    events = tuple(Event(row.event, round(row.at_s * TICK_HZ), dict[str, Evidence](row.data)) for row in rows)
    times = [row.at_s for row in rows] + [points[-1][0] for points in test.signals.values() if points]
    end = round((max(times, default=0.0) if test.ends_s is None else test.ends_s) * TICK_HZ)
    ticks = np.arange(0, end + 1, TICK_HZ // SIGNAL_HZ, dtype=np.int64)
    names = course.vocabulary.signals
    signals = np.column_stack([_curve(test, name, ticks / TICK_HZ) for name in names] or [np.zeros((len(ticks), 0))])
    facts = SessionFacts(given.numbers, given.words, np.array(given.ideal_path_mm).reshape(-1, 3) * MM)
    return Recording(TICK_HZ, names, ticks, signals, events, facts, end=end)


def _curve(test: CourseTest, name: str, times: NDArray[np.float64]) -> NDArray[np.float64]:
    points = test.signals.get(name, ())
    if not points:
        return np.zeros_like(times)
    at, values = np.array(points).T
    if np.any(np.diff(at) < 0):
        raise InputError(f"test '{test.id}': the times of signal '{name}' go backwards")
    curve: NDArray[np.float64] = np.interp(times, at, values)
    return curve


def _run(course: Course, test: CourseTest) -> CourseTestResult:
    recording = recording_of(course, test)
    lacking = {name for use in course.spec.metrics for name in use.facts.values()} - set(recording.facts.numbers)
    if lacking:
        raise InputError(f"test '{test.id}': given.numbers lacks {', '.join(sorted(lacking))}, which metrics need")
    given = test.given or Given()
    got = score(course, recording, mode=given.mode, device=given.device)
    return CourseTestResult(test.id, test.says, tuple(_differences(test.then, got)), got)


def _difference(what: str, wanted: object, was: object) -> str:
    return f"{what}: expected {wanted}, got {was}"


def _differences(then: Then, got: Score) -> Iterator[str]:
    if then.passed is not None and then.passed != got.passed:
        yield _difference("passed", then.passed, got.passed)
    if then.score is not None and not then.score.min <= got.score <= then.score.max:
        yield _difference("score", f"{then.score.min:g} to {then.score.max:g}", f"{got.score:.3f}")
    if then.critical_failures is not None and set(then.critical_failures) != set(got.critical_failures):
        yield _difference("critical_failures", sorted(then.critical_failures), sorted(got.critical_failures))
    ids = {item.id for item in got.deductions}
    missing = sorted(set(then.deductions or ()) - ids)
    if missing:
        yield _difference("deductions", missing, sorted(ids) or "none")
    wrong = sorted(set(then.not_deducted) & ids)
    if wrong:
        yield _difference("not_deducted", f"none of {wrong}", wrong)

"""Makes and checks proofs of courses for somebody who waits: compiles first, and says how long it will take."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simtrainer.core.units import MINUTE
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.coursetest import CourseTestResult
from simtrainer.procedures import procedures
from simtrainer.studies.proof.document import Proof, path_of_proof, read_proof
from simtrainer.studies.proof.make import Task, faults, make, named, replay, task_of
from simtrainer.studies.proof.verdict import Row
from simtrainer.ui import shipped
from simtrainer.ui.case import open_case
from simtrainer.ui.warm import warm_up

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a test of a course found; `differences` are sentences, empty where it is as it should be."""

    course: str
    id: str
    says: str
    passed: bool
    differences: tuple[str, ...]
    score: float | None = None


def answer_of(course: Course, result: CourseTestResult) -> Answer:
    """Return what one of the educators' own tests found."""
    return Answer(course.spec.id, result.id, result.says, result.passed, result.differences, result.score.score)


def needs_proof(course: Course) -> bool:
    """Tell whether `course` must have a proof: those that are shipped, and those that have one already."""
    return course.path in shipped.course_files().values() or path_of_proof(course).is_file()


def prove(course: Course, *, jobs: int | None, say: Say) -> tuple[Proof, tuple[Answer, ...]]:
    """Make the proof of `course`, or what is left of it to make, and return it with what it says."""
    task = _ready(course, say)
    say(f"{len(task.plan.runs)} runs; if you stop it, the same command goes on where it was")
    at_once = _jobs(jobs)
    proof = make(task, jobs=at_once, heard=_Teller(say, at_once))
    wrong = faults(task, proof)
    whole = Answer(course.spec.id, "proof", _says(proof), not wrong, wrong)
    return proof, (whole, *(_row(course, row, _difference(row)) for row in proof.rows))


def check_proof(course: Course, *, jobs: int | None, say: Say) -> tuple[Answer, ...]:
    """Say whether the proof of `course` stands for what is here, and play one expert and one novice again."""
    task = _ready(course, say)
    path = path_of_proof(course)
    proof = read_proof(path) if path.is_file() else None
    wrong = faults(task, proof) if proof is not None else ("there is none yet",)
    fresh = proof is not None and proof.stamp == task.stamp
    advice = () if fresh else (f"make it: simtrainer course test {_given(course)} --all",)
    says = _says(proof) if proof is not None else "the course is proved"
    whole = Answer(course.spec.id, "proof", says, not wrong, (*wrong, *advice))
    say("playing one expert and one novice again, a minute or two ...")
    at_once = _jobs(jobs)
    again = replay(task, proof if fresh else None, jobs=at_once, heard=_Teller(say, at_once))
    return (whole, *(_row(course, one.row, one.differences) for one in again))


def why_stale(course: Course) -> tuple[str, ...]:
    """Return in words what changed since the proof of `course` was made; empty where it stands or there is none."""
    path = path_of_proof(course)
    if not path.is_file():
        return ()
    return _task(course).stamp.changed_since(read_proof(path).stamp)


def table(proof: Proof) -> list[str]:
    """Return the table of a proof in lines for a terminal."""
    head = f"{'hand':<34} {'patient':<28} {'':<12} {'runs':>4} {'passed':>6} {'as meant':>8} {'min':>5} {'median':>6}"
    return [head] + [
        f"{row.hand:<34} {row.patient:<28} {row.novelty.value:<12} {row.runs:>4} {row.passed:>6} {row.as_expected:>8} "
        f"{row.score_min:>5.2f} {row.score_median:>6.2f}"
        for row in proof.table
    ]


def _task(course: Course) -> Task:
    procedure = procedures.get(course.spec.procedure, str(course.path))
    return task_of(course, procedure, shipped.folders_for(course.spec.procedure))


def _ready(course: Course, say: Say) -> Task:
    """Return what is to be proved, with the kernels compiled once and not by every process for itself."""
    task = _task(course)
    warm_up(open_case(course, patient=task.plan.runs[0].patient), say)
    return task


def _jobs(wanted: int | None) -> int:
    return wanted if wanted is not None else os.cpu_count() or 1


def _given(course: Course) -> str:
    return course.spec.id if course.path in shipped.course_files().values() else str(course.path)


def _says(proof: Proof) -> str:
    fine = sum(row.verdict.as_expected for row in proof.rows)
    return f"{fine} of {len(proof.rows)} runs end as they must (a software test, no evidence of validity)"


def _row(course: Course, row: Row, differences: Sequence[str]) -> Answer:
    run = row.run
    name = ".".join(part for part in ("proof", run.hand, run.patient, f"seed{run.seed}", run.leave_out) if part)
    says = f"{named(run)} ({run.novelty.value}): {row.verdict.says}, simulator score {row.outcome.score:.2f}"
    return Answer(course.spec.id, name, says, not differences, tuple(differences), row.outcome.score)


def _difference(row: Row) -> tuple[str, ...]:
    return () if row.verdict.as_expected else (f"{row.run.expected.value} was expected",)


class _Teller:
    """Says of every run how it ended and how long the rest will take, by how long those of this call took."""

    def __init__(self, say: Say, jobs: int) -> None:
        self._say = say
        self._jobs = jobs
        self._began = time.monotonic()
        self._heard = 0

    def __call__(self, row: Row, done: int, total: int) -> None:
        self._heard += 1
        under_way = min(self._jobs, total - done)  # half done, on the average
        left = (time.monotonic() - self._began) / (self._heard + 0.5 * under_way) * (total - done)
        fine = "" if row.verdict.as_expected else f"  NOT AS EXPECTED: {row.run.expected.value}"
        wait = f", about {_span(left)} left" if done < total else ""
        spent = f"{row.outcome.cpu_s} s of a processor"
        self._say(f"{done}/{total} {named(row.run)}: {row.verdict.says}, {spent}{wait}{fine}")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < MINUTE else f"{seconds / MINUTE:.0f} min"

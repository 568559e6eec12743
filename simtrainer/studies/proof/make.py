"""Makes a proof, as far as it is not made yet, and checks one that was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simtrainer.core.header import versions
from simtrainer.core.kernel import machine_class
from simtrainer.curriculum.course import Course
from simtrainer.procedures.procedure import Procedure
from simtrainer.studies.proof import journal
from simtrainer.studies.proof.batch import perform
from simtrainer.studies.proof.document import Machine, Proof, path_of_proof, proof_of, write_proof
from simtrainer.studies.proof.plan import Plan, Run, plan_of
from simtrainer.studies.proof.stamp import Stamp, code_hash, stamp_of
from simtrainer.studies.proof.trial import MOST_S, Exam, Outcome
from simtrainer.studies.proof.verdict import Row, judged

SCORE_TOLERANCE = 0.05
"""How far a simulator score may lie from the recorded one on another class of machine. because: design; contact is
chaotic, so that other last bits end in another, equally right, run"""

Heard = Callable[[Row, int, int], None]
"""Is told of every row as it comes in, and how many of how many there are now."""


@dataclass(frozen=True, slots=True)
class Task:
    """A course to prove, and everything that a proof of it depends on; `hashed` tells what code is on disk."""

    exam: Exam
    plan: Plan
    stamp: Stamp
    path: Path
    hashed: Callable[[str], str] = code_hash

    def row(self, run: Run, outcome: Outcome) -> Row:
        """Return the run with its verdict."""
        declared = self.exam.procedure.drafting.consequences.get(run.leave_out, ())
        return judged(run, outcome, declared)


def task_of(course: Course, procedure: Procedure, patients: Mapping[str, Path], *, most_s: float = MOST_S) -> Task:
    """Return what is to be proved of `course` on `patients`, folders by name."""
    plan = plan_of(course, procedure, tuple(patients))
    exam = Exam(course, procedure, most_s)
    return Task(exam, plan, stamp_of(course, exam.exercise, plan, patients), path_of_proof(course))


def here() -> Machine:
    """Return the class of machine and the versions that run this."""
    return Machine(machine=machine_class(), versions=versions())


def make(task: Task, *, jobs: int, heard: Heard) -> Proof:
    """Play what has not been played yet, write the proof and return it.

    What was played is kept beside the proof until it is whole, so that a call that was killed is gone on with.
    """
    total = len(task.plan.runs)
    key = hashlib.sha256(json.dumps([task.stamp.hash, here().model_dump()]).encode()).hexdigest()[:16]
    kept = journal.Journal(task.path.with_name(f"{task.exam.course.path.stem}{journal.SUFFIX}"), key)
    done = {run: kept.done[run] for run in task.plan.runs if run in kept.done}

    def took(run: Run, outcome: Outcome, of_its_own: bool) -> None:
        done[run] = outcome
        if of_its_own:
            kept.add(run, outcome)
        heard(task.row(run, outcome), len(done), total)

    left = [run for run in task.plan.runs if run not in done]
    perform(task.exam, left, code=task.stamp.code, jobs=jobs, took=took, hashed=task.hashed)
    rows = [task.row(run, done[run]) for run in task.plan.runs]
    proof = proof_of(
        task.exam.course, task.plan, task.stamp, made_on=here(), rows=rows, most_s=task.exam.most_s
    )  # fmt: skip
    write_proof(task.path, proof)
    kept.remove()
    return proof


def faults(task: Task, proof: Proof) -> tuple[str, ...]:
    """Return in words why `proof` proves nothing about what is here now; empty where it stands."""
    changed = task.stamp.changed_since(proof.stamp)
    if changed:
        return (f"it is stale: {', '.join(changed)} changed since it was made",)
    rows = tuple(task.row(row.run, row.outcome) for row in proof.rows)
    if rows != proof.rows or tuple(row.run for row in rows) != task.plan.runs or proof.gaps != task.plan.gaps:
        return ("its runs are not those that it was made of; it was changed after it was written",)
    wrong = [row for row in rows if not row.verdict.as_expected]
    return (*proof.gaps, *(f"{named(row.run)}: {row.verdict.says}" for row in wrong))


def named(run: Run) -> str:
    """Return hand, patient and seed of a run in words."""
    return f"{run.who} on {run.patient}, seed {run.seed}"


def samples(plan: Plan) -> tuple[Run, ...]:
    """Return the runs that a quick check plays again: the first of the expert and the first of the novice."""
    firsts: dict[str, Run] = {}
    for run in plan.runs:
        if run.hand in ("expert", "novice"):
            firsts.setdefault(run.hand, run)
    return tuple(firsts.values())


@dataclass(frozen=True, slots=True)
class Replayed:
    """A run of a proof that was played again; `differences` are sentences, empty where it is as it should be."""

    row: Row
    differences: tuple[str, ...]


def replay(task: Task, proof: Proof | None, *, jobs: int, heard: Heard) -> tuple[Replayed, ...]:
    """Play the samples again and compare them with `proof`, or with what is expected where there is none to go by."""
    runs = samples(task.plan)
    done: dict[Run, Row] = {}

    def took(run: Run, outcome: Outcome, of_its_own: bool) -> None:
        del of_its_own
        done[run] = task.row(run, outcome)
        heard(done[run], len(done), len(runs))

    perform(task.exam, runs, code=task.stamp.code, jobs=jobs, took=took, hashed=task.hashed)
    recorded = {row.run: row for row in proof.rows} if proof is not None else {}
    same = proof is not None and proof.made_on == here()
    return tuple(Replayed(done[run], _differences(done[run], recorded.get(run), same_machine=same)) for run in runs)


def _differences(now: Row, was: Row | None, *, same_machine: bool) -> tuple[str, ...]:
    found = [] if now.verdict.as_expected else [f"{now.run.expected.value} was expected; it {now.verdict.says}"]
    if was is not None:
        found += _against(now.outcome, was.outcome, same_machine=same_machine)
    return tuple(found)


def _against(now: Outcome, was: Outcome, *, same_machine: bool) -> Sequence[str]:
    found = []
    if now.passed != was.passed:
        found.append(f"passed: the proof has {was.passed}, here it is {now.passed}")
    if abs(now.score - was.score) > (0.0 if same_machine else SCORE_TOLERANCE):
        found.append(f"simulator score: the proof has {was.score:.4f}, here it is {now.score:.4f}")
    if same_machine and now.digest != was.digest:
        found.append(f"digest: the proof has {was.digest[:16]}, here it is {now.digest[:16]}")
    return found

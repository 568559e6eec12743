"""The file of a proof: what was run, on what, what came of it, and the table that a reader wants first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Literal

from pydantic import JsonValue, ValidationError

from simtrainer.core.error import InputError
from simtrainer.core.header import Line
from simtrainer.curriculum.course import Course
from simtrainer.studies.proof.plan import Novelty, Plan
from simtrainer.studies.proof.stamp import Stamp
from simtrainer.studies.proof.trial import MODE
from simtrainer.studies.proof.verdict import Row

SUFFIX = ".proof.json"
STATEMENT = (
    "This is a software test of course and simulator by programs that play it. It is no evidence of validity: it says "
    "nothing about people, and a simulator score says nothing about patients."
)


class Machine(Line):
    """Where a proof was made; digests are equal only where all of it is equal, passes and scores elsewhere too."""

    machine: str
    versions: dict[str, str]


class TableRow(Line):
    """Runs of one hand on one patient; scores are simulator scores from 0 to 1."""

    hand: str
    patient: str
    novelty: Novelty
    runs: int
    as_expected: int
    passed: int
    score_min: float
    score_median: float


class Proof(Line):
    """A proof as its file holds it; `holds` is true where there is no gap and every run ended as expected."""

    schema_version: Literal[1] = 1
    statement: str = STATEMENT
    course: str
    version: str
    edition: str
    mode: str
    most_s: float
    hash: str
    stamp: Stamp
    made_on: Machine
    holds: bool
    gaps: tuple[str, ...]
    table: tuple[TableRow, ...]
    rows: tuple[Row, ...]


def proof_of(
    course: Course, plan: Plan, stamp: Stamp, *, made_on: Machine, rows: Sequence[Row], most_s: float
) -> Proof:
    """Return the proof that `rows`, one for each run of `plan` in its order, amount to."""
    assert tuple(row.run for row in rows) == plan.runs, "a proof holds the runs of its plan"
    return Proof(
        course=course.spec.id,
        version=course.spec.version,
        edition=course.spec.edition,
        mode=MODE.value,
        most_s=most_s,
        hash=stamp.hash,
        stamp=stamp,
        made_on=made_on,
        holds=not plan.gaps and all(row.verdict.as_expected for row in rows),
        gaps=plan.gaps,
        table=table_of(rows),
        rows=tuple(rows),
    )


def table_of(rows: Sequence[Row]) -> tuple[TableRow, ...]:
    """Return one row for each hand, patient and novelty, in the order in which they first come."""
    groups: dict[tuple[str, str, Novelty], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.run.who, row.run.patient, row.run.novelty), []).append(row)
    return tuple(
        TableRow(
            hand=hand,
            patient=patient,
            novelty=novelty,
            runs=len(its),
            as_expected=sum(row.verdict.as_expected for row in its),
            passed=sum(row.outcome.passed for row in its),
            score_min=round(min(row.outcome.score for row in its), 3),
            score_median=round(median(row.outcome.score for row in its), 3),
        )
        for (hand, patient, novelty), its in groups.items()
    )


def path_of_proof(course: Course) -> Path:
    """Return where the proof of `course` lies: beside it, under its name."""
    return course.path.with_name(f"{course.path.stem}{SUFFIX}")


def write_proof(path: Path, proof: Proof) -> None:
    """Write `proof` whole or not at all, a line a run, so that a later one can be compared line by line."""
    text = _laid_out(proof.model_dump(mode="json"))
    fresh = path.with_name(f"{path.name}.part")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def read_proof(path: Path) -> Proof:
    """Return the proof at `path`; InputError where it is none or was changed since it was written."""
    try:
        proof = Proof.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: is no proof of a course: {where}: {first['msg']}") from None
    holds = not proof.gaps and all(row.verdict.as_expected for row in proof.rows)
    if (proof.hash, proof.table, proof.holds) != (proof.stamp.hash, table_of(proof.rows), holds):
        raise InputError(f"{path}: says of its runs what they do not say; it was changed after it was written")
    return proof


def _laid_out(document: Mapping[str, JsonValue]) -> str:
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            lines = ",\n    ".join(json.dumps(item, ensure_ascii=False) for item in value)
            parts.append(f"  {json.dumps(key)}: [\n    {lines}\n  ]")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"

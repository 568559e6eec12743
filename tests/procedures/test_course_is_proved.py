"""The proof of every shipped course, as it was last made: a software test, and called so; no evidence of validity."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simtrainer.procedures import procedures
from simtrainer.studies.proof.document import path_of_proof, read_proof
from simtrainer.studies.proof.make import Task, faults, replay, task_of
from simtrainer.ui import shipped
from simtrainer.ui.case import open_course

COURSES = tuple(shipped.course_files())


def task(name: str) -> Task:
    course = open_course(name)
    return task_of(course, procedures.get(course.spec.procedure), shipped.folders_for(course.spec.procedure))


def proof_file(name: str) -> Path:
    path = path_of_proof(open_course(name))
    if not path.is_file():
        pytest.skip(f"no proof of {name} was made yet: simtrainer course test {name} --all")
    return path


@pytest.mark.parametrize("name", COURSES)
def test_the_proof_that_is_shipped_agrees_with_itself(name: str) -> None:
    proof = read_proof(proof_file(name))
    assert proof.course == name
    assert proof.rows
    assert "software test" in proof.statement


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSES)
def test_the_proof_that_is_shipped_was_made_for_this_code_and_holds(name: str) -> None:
    assert faults(task(name), read_proof(proof_file(name))) == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSES)
def test_an_expert_and_a_novice_of_the_proof_end_as_they_did(name: str) -> None:
    it, proof = task(name), read_proof(proof_file(name))
    fresh = proof.stamp == it.stamp
    again = replay(it, proof if fresh else None, jobs=os.cpu_count() or 1, heard=lambda *_: None)
    assert [one.differences for one in again] == [(), ()]

"""Runs in processes of their own: the same in any number; a crash is one outcome; kill -9 loses what ran, no more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from simtrainer.core.error import InputError
from simtrainer.studies.proof import journal
from simtrainer.studies.proof.batch import perform
from simtrainer.studies.proof.make import Task, make
from simtrainer.studies.proof.plan import Plan, Run
from simtrainer.studies.proof.trial import Ended, Outcome, play
from simtrainer.studies.proof.verdict import Row
from tests.unit.studies.toy import Toy, toy_task

ROOT = Path(__file__).resolve().parents[3]
SEEDS = (1, 2, 3, 4)
KILLED = """
from pathlib import Path
from tests.unit.studies.test_proof_batch import short
from tests.unit.studies.toy import Toy
from simtrainer.studies.proof.make import make
folder = Path({folder!r})
make(short(folder, Toy(fuse=folder / "fuse")), jobs=1, heard=lambda *_: None)
"""


def still(_exercise: str = "") -> str:
    """Return a hash as of code that nobody edits while the tests run."""
    return "still"


def short(folder: Path, toy: Toy | None = None) -> Task:
    """Return the toy task with four runs of the expert only."""
    task = toy_task(folder, toy)
    runs = tuple(run for run in task.plan.runs if run.who == "expert" and run.seed in SEEDS)
    stamp = task.stamp.model_copy(update={"code": still(), "data": still()})
    return replace(task, plan=Plan(runs, ()), stamp=stamp, hashed=still)


def journal_of(folder: Path) -> Path:
    return folder / f"little{journal.SUFFIX}"


def test_the_file_is_in_the_order_of_the_plan_however_many_processes_made_it(tmp_path: Path) -> None:
    heard: list[Row] = []
    proof = make(short(tmp_path), jobs=4, heard=lambda row, *_: heard.append(row))
    assert tuple(row.run for row in proof.rows) == short(tmp_path).plan.runs
    assert {row.run for row in heard} == {row.run for row in proof.rows}
    task = short(tmp_path)
    assert [row.outcome.digest for row in proof.rows] == [play(task.exam, run).digest for run in task.plan.runs]


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_proof_that_was_killed_goes_on_to_the_same_file_as_one_that_was_not(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    (killed / "fuse").touch()
    script = KILLED.format(folder=str(killed))
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert not (killed / "little.proof.json").exists()
    lines = journal_of(killed).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3  # the head, and the two runs that had ended
    with journal_of(killed).open("a", encoding="utf-8") as file:
        file.write(lines[-1][:40])  # as if the third had been half written
    played: list[Run] = []
    resumed = short(killed, Toy(fuse=killed / "fuse"))
    make(resumed, jobs=1, heard=lambda row, *_: played.append(row.run))
    assert [run.seed for run in played] == [3, 4]
    make(short(whole), jobs=2, heard=lambda *_: None)
    assert timeless(killed) == timeless(whole)
    assert not journal_of(killed).exists()


def timeless(folder: Path) -> str:
    """Return the proof without what the processor was busy for."""
    text = (folder / "little.proof.json").read_text(encoding="utf-8")
    parts = text.split('"cpu_s": ')
    return parts[0] + "".join(part.lstrip("0123456789") for part in parts[1:])


def test_runs_that_were_made_for_other_code_are_made_again(tmp_path: Path) -> None:
    task = short(tmp_path)
    kept = journal.Journal(journal_of(tmp_path), "other code")
    kept.add(task.plan.runs[0], Outcome(ended=Ended.DONE, passed=True, digest="stale"))
    again = journal.Journal(journal_of(tmp_path), "this code")
    assert again.done == {}
    again.add(task.plan.runs[1], Outcome(ended=Ended.DONE, passed=True, digest="fresh"))
    assert list(journal.Journal(journal_of(tmp_path), "this code").done) == [task.plan.runs[1]]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}\n", b'{"kind": "proof journal"}\n'])
def test_a_journal_that_is_none_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    journal_of(tmp_path).write_bytes(content)
    assert journal.Journal(journal_of(tmp_path), "key").done == {}
    assert journal.Journal(journal_of(tmp_path), "key").done == {}


def test_a_process_that_dies_is_one_outcome_and_is_tried_again_the_next_time(tmp_path: Path) -> None:
    task = short(tmp_path, Toy(crash_seed=2))
    task = replace(task, plan=Plan(task.plan.runs[:2], ()))
    heard: dict[int, tuple[Outcome, bool]] = {}

    def took(run: Run, outcome: Outcome, of_its_own: bool) -> None:
        heard[run.seed] = (outcome, of_its_own)

    perform(task.exam, task.plan.runs, code=still(), jobs=2, took=took, hashed=still)
    assert heard[1][0].passed
    assert heard[1][1]
    assert heard[2][0].error == "its process ended with exit code 9"
    assert not heard[2][1]
    assert not task.row(task.plan.runs[1], heard[2][0]).verdict.as_expected


def test_code_that_changes_while_a_proof_is_made_ends_it(tmp_path: Path) -> None:
    task = short(tmp_path)
    with pytest.raises(InputError, match="the code was changed"):
        perform(task.exam, task.plan.runs[:1], code="another", jobs=1, took=lambda *_: None)
    with pytest.raises(InputError, match="at least one process, not 0"):
        perform(task.exam, task.plan.runs, code=task.stamp.code, jobs=0, took=lambda *_: None)

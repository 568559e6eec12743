from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simtrainer.core.attempt import read_attempt
from simtrainer.core.breakdown import Breakdown
from simtrainer.core.error import DivergedError
from simtrainer.core.header import Mode
from simtrainer.core.units import MM
from simtrainer.curriculum.metric import recorded
from simtrainer.curriculum.score import score
from simtrainer.physics.rod import Rod, RodControl, RodState
from simtrainer.ui.case import open_course
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.probe import Finding

COURSE = "selective_left_carotid"
SCRIPT = """
- {t: 0, control: chart.read}
- {t: 0, control: team.time_out}
- {t: 0.05, control: wire.load, value: j_wire}
- {t: 0.05, control: beam.mode, value: fluoro}
- {t: 0.05, control: wire.push, value: 0.08}
- {t: 1.2, control: wire.push, value: 0}
- {t: 1.5}
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "short.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def train(script: Path, out: Path, *more: str) -> int:
    return run(["train", COURSE, "--hand", f"script:{script}", "--view", "none", "--out", str(out), "--quiet", *more])


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_an_attempt_is_played_written_scored_and_told_back(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(script, tmp_path, "--json", "--mode", "assessed") == ExitCode.ANSWER_IS_NO
    found = told(capsys)
    assert {"passed", "score", "metrics", "critical_failures", "events", "attempt", "digest"} <= set(found)
    assert found["passed"] is False
    assert 0.0 <= found["score"] <= 1.0
    assert "haemostasis" in found["critical_failures"]
    assert [event["name"] for event in found["events"]][:3] == ["CaseCardRead", "TimeOutDone", "DeviceLoaded"]
    attempt = read_attempt(Path(found["attempt"]))
    assert (attempt.digest, attempt.ticks) == (found["digest"], 150)
    assert not attempt.cut_off
    assert Path(found["debrief"]).is_file()
    again = score(open_course(COURSE), recorded(attempt), mode=Mode.ASSESSED, device="script")
    assert again.score == found["score"]
    assert attempt.outcome is not None
    assert attempt.outcome["score"] == found["score"]


def test_mechanics_that_break_off_end_the_attempt_with_all_that_makes_it_happen_again(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, deep = Rod.step, 40.0 * MM

    def step(rod: Rod, state: RodState, control: RodControl, dt: float) -> RodState:
        if float(np.max(control.inserted)) > deep:
            raise DivergedError("the rod's node positions are no longer finite numbers")
        return sound(rod, state, control, dt)

    train(script, tmp_path / "warm")  # the warm-up pushes deeper
    capsys.readouterr()
    monkeypatch.setattr(Rod, "step", step)
    assert train(script, tmp_path) == ExitCode.OUR_FAULT
    said = capsys.readouterr().out
    assert "The computation broke off; what was done until then is scored." in said
    assert "a fault of ours: the rod's node positions are no longer finite numbers" in said
    attempt = read_attempt(next(tmp_path.glob("*.attempt.jsonl")))
    kept = Breakdown.of(attempt.outcome)
    assert kept is not None
    assert kept.tick == attempt.ticks + 1
    assert not attempt.cut_off
    page = next(tmp_path.glob("*.html")).read_text(encoding="utf-8")
    assert "a fault of ours: the computation broke off" in page
    assert run(["replay", str(attempt.path), "--verify", "--quiet"]) == ExitCode.DONE
    assert "the tick after them cannot be computed again" in capsys.readouterr().out
    monkeypatch.undo()
    assert run(["replay", str(attempt.path), "--verify", "--quiet"]) == ExitCode.ANSWER_IS_NO
    assert "rebuilt  ran on" in capsys.readouterr().out


def test_a_second_attempt_overwrites_nothing_and_a_replay_of_the_first_is_identical(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        train(script, tmp_path)
    words = capsys.readouterr().out
    assert "not passed: simulator score" in words
    assert "competent" not in words
    first, second = sorted(tmp_path.glob("*.attempt.jsonl"))
    assert read_attempt(first).digest == read_attempt(second).digest
    assert run(["replay", str(first), "--verify", "--json", "--quiet"]) == ExitCode.DONE
    found = told(capsys)
    assert found["identical"] is True
    assert found["first_difference"] is None
    assert run(["replay", str(second)]) == ExitCode.DONE
    assert "DeviceLoaded" in capsys.readouterr().out


def test_a_branch_shares_its_beginning_and_names_its_parent(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(script, tmp_path)
    parent = next(tmp_path.glob("*.attempt.jsonl"))
    other = tmp_path / "other.yaml"
    other.write_text("- {t: 0.8, control: wire.push, value: -0.1}\n- {t: 1.1}\n", encoding="utf-8")
    capsys.readouterr()
    arguments = ["replay", str(parent), "--branch-at", "0.7", "--hand", f"script:{other}", "--json", "--quiet"]
    assert run(arguments) == ExitCode.ANSWER_IS_NO
    branch = read_attempt(Path(told(capsys)["attempt"]))
    whole = read_attempt(parent)
    assert branch.header.parent is not None
    assert (branch.header.parent.digest, branch.header.parent.tick) == (whole.digest, 70)
    assert branch.ticks == 110
    assert {t: a for t, a in branch.actions.items() if t <= 70} == {t: a for t, a in whole.actions.items() if t <= 70}


def test_a_named_trainee_is_kept_in_the_records(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'records.sqlite'}"
    train(script, tmp_path, "--trainee", "grey-heron-7", "--db", url, "--self-rating", "30")
    capsys.readouterr()
    assert run(["report", "--trainee", "grey-heron-7", "--db", url, "--out", str(tmp_path / "c.html"), "--json"]) == 0
    assert told(capsys)["trainee"] == "grey-heron-7"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["selective_left_carotis"], "Did you mean 'selective_left_carotid'?"),
        ([COURSE, "--hand", "expret"], "Did you mean 'expert'?"),
        ([COURSE, "--hand", "keyboard"], "needs a window"),
        ([COURSE, "--hand", "expert", "--patient", "adult_male_type"], "Did you mean 'adult_male_type1'?"),
        ([COURSE, "--hand", "expert", "--seed", "-1"], "a seed is a whole number"),
        ([COURSE, "--hand", "expert", "--trainee", "Jane Smith"], "pseudonym"),
        ([COURSE, "--hand", "expert", "--film", "film.avi"], "allowed are .mp4 and .webp"),
    ],
)
def test_wrong_use_is_answered_in_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", *arguments, "--view", "none", "--quiet", "--json"]) == ExitCode.WRONG_USE
    heard = capsys.readouterr()
    assert says in heard.err
    assert "Traceback" not in heard.err
    assert heard.out == ""


def test_a_file_in_the_place_of_the_folder_is_told_apart_from_an_attempt(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert train(script, tmp_path / "file") == ExitCode.WRONG_USE
    assert "is a file; name a folder for attempts with --out" in capsys.readouterr().err


def test_without_a_screen_other_ways_are_offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("simtrainer.ui.probe.probe", lambda part: Finding(works=False, detail="no screen"))
    assert run(["train", COURSE]) == ExitCode.WRONG_USE
    words = capsys.readouterr().err
    assert "--view none" in words
    assert "--film FILE.mp4" in words


def test_a_file_that_is_no_attempt_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.attempt.jsonl"
    path.write_text("hello\n", encoding="utf-8")
    assert run(["replay", str(path), "--verify", "--json"]) == ExitCode.WRONG_USE
    assert "line 1" in capsys.readouterr().err


def started(script: Path, out: Path, env: Mapping[str, str] = os.environ) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "simtrainer.ui.cli.app", "train", COURSE, "--hand", f"script:{script}"]
    return subprocess.Popen([*command, "--view", "none", "--out", str(out), "--quiet", "--json"], env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def seconds_in(folder: Path, process: subprocess.Popen[bytes], wanted: int) -> Path:
    """Return the attempt that `process` writes once it holds `wanted` lines."""
    while process.poll() is None:
        for path in folder.glob("*.attempt.jsonl"):
            if path.read_bytes().count(b"\n") > wanted:
                return path
        time.sleep(0.02)
    raise AssertionError(process.communicate())


@pytest.mark.slow
def test_an_attempt_in_a_process_of_its_own_ends_with_its_exit_code(script: Path, tmp_path: Path) -> None:
    process = started(script, tmp_path)
    out, err = process.communicate()
    assert process.returncode == ExitCode.ANSWER_IS_NO, err
    assert json.loads(out)["ended"] == "done"


@pytest.mark.slow
def test_an_interrupt_closes_the_attempt_properly(tmp_path: Path) -> None:
    endless = tmp_path / "long.yaml"
    endless.write_text(SCRIPT + "- {t: 600}\n", encoding="utf-8")
    process = started(endless, tmp_path)
    path = seconds_in(tmp_path, process, 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == ExitCode.INTERRUPTED, err
    assert json.loads(out)["ended"] == "interrupted"
    attempt = read_attempt(path)
    assert not attempt.cut_off
    assert attempt.outcome is not None
    assert attempt.outcome["ended"] == "interrupted"

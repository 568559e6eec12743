"""What is left of an attempt that was killed or tampered with, and what `replay` and `report` say of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simtrainer.core.attempt import AttemptWriter, read_attempt
from simtrainer.ui.aftermath import stem_of
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from tests.unit.ui.test_cli_train import COURSE, SCRIPT, script, seconds_in, started, told, train

__all__ = ["script"]


@pytest.fixture
def attempt(script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return an attempt of one and a half seconds."""
    train(script, tmp_path, "--json")
    return Path(told(capsys)["attempt"])


def rewritten(source: Path, target: Path, change: dict[str, Any]) -> Path:
    """Write `source` anew with `change` made to its first second, and a chain of hashes that fits."""
    lines = [json.loads(line) for line in source.read_bytes().splitlines()]
    lines[1].update(change)
    writer = AttemptWriter.__new__(AttemptWriter)
    with target.open("xb") as file:
        writer._path, writer._file, writer._chain = target, file, b""
        for line in lines:
            line.pop("chain")
            writer._put(_Raw(line))  # type: ignore[arg-type]  # a line as it stands, unchecked
    return target


class _Raw:
    def __init__(self, line: dict[str, Any]) -> None:
        self._line = line

    def model_dump(self, mode: str) -> dict[str, Any]:
        assert mode == "json"
        return self._line


def test_a_changed_byte_is_refused_with_its_line(
    attempt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed.attempt.jsonl"
    changed.write_bytes(attempt.read_bytes().replace(b'"wire.push",0.08', b'"wire.push",0.09'))
    for command in (["replay", "--verify"], ["replay"], ["report"]):
        assert run([*command, str(changed), "--json"]) == ExitCode.WRONG_USE
        heard = capsys.readouterr()
        assert "line 2: was changed after it was written" in heard.err
        assert heard.out == ""


def test_a_forged_attempt_is_told_by_its_first_difference(
    attempt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = json.loads(attempt.read_bytes().splitlines()[1])
    actions = [[t, [[c, 0.02 if v == 0.08 else v] for c, v in deeds]] for t, deeds in second["actions"]]
    assert actions != second["actions"]
    forged = rewritten(attempt, tmp_path / "forged.attempt.jsonl", {"actions": actions})
    assert run(["replay", str(forged), "--verify", "--quiet", "--json"]) == ExitCode.ANSWER_IS_NO
    found = told(capsys)
    assert found["identical"] is False
    assert 5 <= found["first_difference"]["tick"] <= 8  # the push begins at 0.05 s
    assert found["first_difference"]["recorded"] != found["first_difference"]["rebuilt"]
    assert run(["replay", str(forged), "--verify", "--quiet"]) == ExitCode.ANSWER_IS_NO
    assert "differs first at tick" in capsys.readouterr().out


def test_an_attempt_that_broke_off_in_a_line_is_told_as_far_as_it_goes(
    attempt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, first, second, _end = attempt.read_bytes().splitlines(keepends=True)
    torn = tmp_path / "torn.attempt.jsonl"
    torn.write_bytes(head + first + second[: len(second) // 2])
    assert run(["replay", str(torn), "--verify", "--quiet"]) == ExitCode.DONE
    assert "The attempt was cut off; what there is of it holds." in capsys.readouterr().out
    assert run(["report", str(torn)]) == ExitCode.DONE
    words = capsys.readouterr().out
    assert "Not passed." in words
    assert "This attempt was cut off before its end; it is scored as far as it was recorded." in words
    assert read_attempt(torn).ticks == 100


def test_an_attempt_that_was_killed_before_its_first_second_is_refused_in_words(
    attempt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.attempt.jsonl"
    bare.write_bytes(attempt.read_bytes().splitlines(keepends=True)[0])
    assert run(["replay", str(bare)]) == ExitCode.DONE
    assert "nothing of it was recorded" in capsys.readouterr().out
    for command in (["report"], ["replay", "--verify"], ["replay", "--film", "x.webp"]):
        assert run([*command, str(bare), "--json"]) == ExitCode.WRONG_USE
        heard = capsys.readouterr()
        assert "ended before its first second; nothing of it was recorded" in heard.err
        assert heard.out == ""


def test_a_report_makes_the_pictures_that_train_made(
    attempt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told_by_train = json.loads(attempt.with_name(stem_of(attempt) + ".debrief.json").read_text(encoding="utf-8"))
    assert run(["report", str(attempt), "--json", "--quiet", "--out", str(tmp_path / "page.html")]) == ExitCode.DONE
    told_now = told(capsys)
    assert told_now["left_out"] == []
    pictures = [moment["picture"] for moment in told_now["moments"] if moment["picture"]]
    assert pictures
    both = list(zip(told_now["moments"], told_by_train["moments"], strict=True))
    assert all(now["tick"] == then["tick"] for now, then in both)
    same = [now["picture"] == then["picture"] for now, then in both if now["picture"] and then["picture"]]
    assert same
    assert all(same), "the same state through the same eye"
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("data:image/png") == len(pictures)


@pytest.mark.slow
def test_kill_in_mid_attempt_loses_at_most_a_second(tmp_path: Path) -> None:
    endless = tmp_path / "long.yaml"
    endless.write_text(SCRIPT + "- {t: 600}\n", encoding="utf-8")
    process = started(endless, tmp_path)
    path = seconds_in(tmp_path, process, 3)
    seen = path.read_bytes().count(b"\n") - 1
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    attempt = read_attempt(path)
    assert attempt.cut_off
    assert attempt.ticks >= 100 * (seen - 1)
    assert attempt.ticks % 100 == 0, "every second that was begun is whole"
    assert [event.name for event in attempt.events][:2] == ["CaseCardRead", "TimeOutDone"]

    def child(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simtrainer.ui.cli.app", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)

    verified = child("replay", str(path), "--verify", "--json", "--quiet")
    assert (verified.returncode, verified.stderr) == (ExitCode.DONE, "")
    said = json.loads(verified.stdout)
    assert (said["identical"], said["cut_off"], said["ticks"]) == (True, True, attempt.ticks)
    reported = child("report", str(path))
    assert reported.returncode == ExitCode.DONE, reported.stderr
    assert "cut off before its end" in reported.stdout
    page = path.with_name(path.name.replace(".attempt.jsonl", ".report.html"))
    assert "cut off before its end" in page.read_text(encoding="utf-8")
    again = child("train", COURSE, "--hand", "novise", "--view", "none", "--json")
    assert (again.returncode, again.stdout) == (ExitCode.WRONG_USE, "")
    assert "Did you mean 'novice'?" in again.stderr

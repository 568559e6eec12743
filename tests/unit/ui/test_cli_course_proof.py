"""`course test` and `course check` with a proof beside the course; the toy's runs are played within this process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from simtrainer.procedures import procedures
from simtrainer.studies.proof import make as making
from simtrainer.studies.proof.batch import Took
from simtrainer.studies.proof.plan import Run
from simtrainer.studies.proof.trial import Exam, play
from simtrainer.ui import proving, shipped
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from tests.unit.curriculum.conftest import HEAD
from tests.unit.studies.toy import COURSE, Toy, patient_folders


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one course and three patients."""

    def perform(exam: Exam, runs: Sequence[Run], *, took: Took, **_: object) -> None:
        for one in runs:
            took(one, play(exam, one), True)

    for kind in ("meshes", "curricula"):
        (tmp_path / kind).mkdir()
    patient_folders(tmp_path / "meshes")
    (tmp_path / "curricula" / "little.yaml").write_text(HEAD + COURSE, encoding="utf-8")
    monkeypatch.setattr(shipped, "folder", lambda kind: tmp_path / kind)
    monkeypatch.setattr(making, "perform", perform)
    monkeypatch.setattr(proving, "warm_up", lambda case, say: None)
    monkeypatch.chdir(tmp_path)
    play_with(monkeypatch, Toy())
    return tmp_path


def play_with(monkeypatch: pytest.MonkeyPatch, toy: Toy) -> None:
    assert procedures.names()
    monkeypatch.setitem(procedures._items, "bench", toy)


def answers(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    told = json.loads(capsys.readouterr().out)
    return {str(one["id"]): one for one in told}


def proof_of(house: Path) -> Path:
    return house / "curricula" / "little.proof.json"


def test_a_proof_is_made_and_then_stands(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course", "test", "little", "--all", "--json"]) == ExitCode.DONE
    told = answers(capsys)
    assert len(told) == 1 + 56
    assert told["proof"]["passed"] is True
    assert told["proof.expert.bert.seed1.wash"]["differences"] == []
    assert run(["course", "test", "--json"]) == ExitCode.DONE
    assert list(answers(capsys)) == ["proof", "proof.expert.bert.seed1", "proof.novice.bert.seed1"]
    assert run(["course", "check", "--json"]) == ExitCode.DONE
    assert "SIM-W108" not in capsys.readouterr().out


def test_the_table_and_the_time_left_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course", "test", "little", "--all", "--jobs", "2"]) == ExitCode.DONE
    told = capsys.readouterr()
    assert "56 of 56 runs end as they must (a software test, no evidence of validity)" in told.out
    assert "expert without wash" in told.out
    assert "new patient" in told.out
    assert "56/56 expert without close on bert, seed 1: failed at close" in told.err
    assert "left" in told.err


def test_a_stale_proof_is_said_to_be_stale_and_what_changed(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["course", "test", "little", "--all"])
    path = house / "curricula" / "little.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("points: 20", "points: 19"), encoding="utf-8")
    capsys.readouterr()
    assert run(["course", "test", "little"]) == ExitCode.ANSWER_IS_NO
    words = capsys.readouterr().out
    assert "it is stale: the course changed since it was made" in words
    assert "simtrainer course test little --all" in words
    assert "ok     little.proof.expert.bert.seed1" in words
    assert run(["course", "check", "--json"]) == ExitCode.DONE
    (problem,) = [one for one in json.loads(capsys.readouterr().out) if one["code"] == "SIM-W108"]
    assert "the course changed" in problem["message"]


def test_a_wrong_digest_is_told(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["course", "test", "little", "--all"])
    data = json.loads(proof_of(house).read_text(encoding="utf-8"))
    data["rows"][0]["outcome"]["digest"] = "f" * 64
    proof_of(house).write_text(json.dumps(data), encoding="utf-8")
    capsys.readouterr()
    assert run(["course", "test", "little", "--json"]) == ExitCode.ANSWER_IS_NO
    told = answers(capsys)
    assert told["proof"]["passed"] is True
    assert "digest: the proof has ffff" in str(told["proof.expert.bert.seed1"]["differences"])


def test_a_shipped_course_without_a_proof_is_a_fault_and_an_own_one_is_none(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["course", "test", "--json"]) == ExitCode.ANSWER_IS_NO
    assert answers(capsys)["proof"]["differences"] == [
        "there is none yet", "make it: simtrainer course test little --all"
    ]  # fmt: skip
    assert run(["course", "test", "--tests-only", "--json"]) == ExitCode.DONE
    assert answers(capsys) == {}
    assert run(["course", "test", "--tests-only", "--all"]) == ExitCode.WRONG_USE
    own = house / "own.yaml"
    own.write_text((HEAD + COURSE).replace("id: little", "id: own"), encoding="utf-8")
    assert run(["course", "test", "own.yaml", "--all"]) == ExitCode.DONE
    assert (house / "own.proof.json").is_file()


def test_a_proof_that_does_not_hold_is_written_and_names_the_run(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play_with(monkeypatch, Toy(clumsy_seed=7))
    assert run(["course", "test", "little", "--all"]) == ExitCode.ANSWER_IS_NO
    told = capsys.readouterr()
    assert "FAILED little.proof.expert.bert.seed7" in told.out
    assert "NOT AS EXPECTED: passes" in told.err
    assert json.loads(proof_of(house).read_text(encoding="utf-8"))["holds"] is False
    assert run(["course", "test", "little"]) == ExitCode.ANSWER_IS_NO
    assert "expert on bert, seed 7: did not pass, failed at spill" in capsys.readouterr().out


def test_a_proof_that_is_none_is_told_in_words(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof_of(house).write_text("{}", encoding="utf-8")
    assert run(["course", "test", "little"]) == ExitCode.WRONG_USE
    assert "is no proof of a course" in capsys.readouterr().err

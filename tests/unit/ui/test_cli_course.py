from __future__ import annotations

import json
from pathlib import Path

import pytest

from simtrainer.core.error import UnknownNameError
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.ui import shipped
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode

WORDS = Vocabulary("toy", {"WireTouched": ("force_n",), "WireWithdrawn": ()}, ("tip_speed_mm_s",))

TESTS = """\
schema_version: 1
course: first
tests:
  - id: done
    says: the step earns the score
    when: [{at_s: 1, event: WireTouched, with: {force_n: 0.1}}]
    then: {passed: true}
  - id: idle
    says: doing nothing fails
    then: {passed: PASSED}
"""


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one procedure, in whose folder the commands are typed."""
    (tmp_path / "curricula").mkdir()

    def vocabulary(procedure: str) -> Vocabulary:
        if procedure != "toy":
            raise UnknownNameError("procedure", procedure, ("toy",))
        return WORDS

    monkeypatch.setattr(shipped, "vocabulary", vocabulary)
    monkeypatch.setattr(shipped, "procedure_names", lambda: ("toy",))
    monkeypatch.setattr(shipped, "folder", lambda kind: tmp_path / kind)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, list)
    return answer


def started(toy: Path, capsys: pytest.CaptureFixture[str], *, where: str = "first.yaml") -> Path:
    assert run(["course", "new", "first", "--procedure", "toy", "--out", where]) == ExitCode.DONE
    capsys.readouterr()
    return toy / where


@pytest.mark.parametrize("template", ["minimal", "full"])
def test_a_new_course_passes_the_check(template: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course", "new", "mine", "--procedure", "toy", "--template", template, "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out) == {"file": "mine.yaml"}
    assert run(["course", "check", "mine.yaml", "--json"]) == ExitCode.DONE
    assert not [problem for problem in told(capsys) if str(problem["code"]).startswith("SIM-E")]


def test_a_course_that_is_there_is_never_overwritten(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "mine.yaml").write_text("my work\n", encoding="utf-8")
    assert run(["course", "new", "mine", "--procedure", "toy"]) == ExitCode.WRONG_USE
    assert "there already" in capsys.readouterr().err
    assert (toy / "mine.yaml").read_text(encoding="utf-8") == "my work\n"


def test_a_new_course_for_an_unknown_procedure_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course", "new", "mine", "--procedure", "tyo"]) == ExitCode.WRONG_USE
    assert "Did you mean 'toy'?" in capsys.readouterr().err


def test_a_fault_is_told_with_its_place_code_and_hint(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = started(toy, capsys)
    path.write_text(
        path.read_text(encoding="utf-8").replace("event: WireTouched", "event: WireTouchd"), encoding="utf-8"
    )
    assert run(["course", "check", "first.yaml", "--json"]) == ExitCode.ANSWER_IS_NO
    (problem,) = [one for one in told(capsys) if str(one["code"]).startswith("SIM-E")]
    assert set(problem) == {"file", "line", "column", "code", "message", "hint"}
    assert problem["code"] == "SIM-E020"
    assert problem["hint"] == "Did you mean 'WireTouched'?"
    line = path.read_text(encoding="utf-8").splitlines()[int(str(problem["line"])) - 1]
    assert line[int(str(problem["column"])) - 1 :].startswith("WireTouchd")
    assert run(["course", "check", "first.yaml"]) == ExitCode.ANSWER_IS_NO
    words = capsys.readouterr().out
    assert "^" in words
    assert "1 checked, 1 errors" in words


def test_an_unknown_procedure_is_one_problem_and_not_one_for_every_event(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = started(toy, capsys)
    path.write_text(path.read_text(encoding="utf-8").replace("procedure: toy", "procedure: tyo"), encoding="utf-8")
    assert run(["course", "check", "first.yaml", "--json"]) == ExitCode.ANSWER_IS_NO
    (problem,) = [one for one in told(capsys) if str(one["code"]).startswith("SIM-E")]
    assert problem["message"] == "no procedure is called 'tyo'"


@pytest.mark.parametrize("content", [b"", b"steps: [\n", b"\xff\xfe", b"- 1\n", b"procedure: 7\n"])
def test_no_file_is_too_broken_to_be_judged(toy: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "bad.yaml").write_bytes(content)
    assert run(["course", "check", "bad.yaml", "--json"]) == ExitCode.ANSWER_IS_NO
    assert told(capsys)
    assert run(["course", "graph", "bad.yaml"]) == ExitCode.WRONG_USE


def test_a_file_that_is_not_there_is_a_problem_with_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course", "check", "gone.yaml"]) == ExitCode.ANSWER_IS_NO
    assert "SIM-E001" in capsys.readouterr().out


def test_without_a_name_every_built_in_course_is_checked(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(toy, capsys, where="curricula/first.yaml")
    (toy / "curricula" / "first.tests.yaml").write_text("not: a course\n", encoding="utf-8")
    (toy / "curricula" / "drill.yaml").write_text("casualties: 3\n", encoding="utf-8")
    assert run(["course", "check"]) == ExitCode.DONE
    assert "1 checked, 0 errors" in capsys.readouterr().out
    assert run(["course", "check", "frist"]) == ExitCode.WRONG_USE
    assert "Did you mean 'first'?" in capsys.readouterr().err


@pytest.mark.parametrize(("expected", "code"), [("false", ExitCode.DONE), ("true", ExitCode.ANSWER_IS_NO)])
def test_educators_tests_are_run_and_differences_told(
    toy: Path, expected: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    started(toy, capsys)
    (toy / "first.tests.yaml").write_text(TESTS.replace("PASSED", expected), encoding="utf-8")
    assert run(["course", "test", "first.yaml", "--json"]) == code
    results = told(capsys)
    assert [result["id"] for result in results] == ["done", "idle"]
    assert results[0]["passed"] is True
    assert results[1]["passed"] is (code == ExitCode.DONE)
    assert bool(results[1]["differences"]) is (code != ExitCode.DONE)
    assert run(["course", "test", "first.yaml"]) == code
    assert "2 tests" in capsys.readouterr().out


@pytest.mark.parametrize(("form", "start"), [("mermaid", "flowchart TD"), ("dot", 'digraph "first"')])
def test_the_steps_are_drawn(toy: Path, form: str, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    started(toy, capsys)
    assert run(["course", "graph", "first.yaml", "--format", form]) == ExitCode.DONE
    assert capsys.readouterr().out.startswith(start)


def test_the_schema_for_editors_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course", "schema"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["title"] == "simtrainer course"

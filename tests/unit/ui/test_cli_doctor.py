from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simtrainer.ui import probe as probes
from simtrainer.ui import shipped, warm
from simtrainer.ui.cli import doctor
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.probe import Finding, Part, probe


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete installation on a machine on which nothing can be shown, played or held."""
    monkeypatch.setattr(shipped, "folder", lambda kind: tmp_path / kind)
    monkeypatch.setattr(doctor, "probe", lambda part: Finding(works=False, detail=f"no {part.value}"))


@pytest.mark.usefixtures("bare_machine")
def test_what_is_missing_comes_with_the_line_that_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "-- 3D               no gl" in told
    assert "3D: sudo apt-get install -y libegl1 libgl1-mesa-dri" in told


@pytest.mark.usefixtures("bare_machine")
def test_the_document_holds_settings_with_their_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIMTRAINER_LOG_DIR", str(tmp_path))
    assert run(["--data-dir", str(tmp_path), "doctor", "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["works"] is True
    assert document["settings"]["data_dir"] == {"value": str(tmp_path), "origin": "flag", "where": "--data-dir"}
    assert document["settings"]["log_dir"]["origin"] == "environment"
    assert {check["name"] for check in document["checks"]} >= {"kernels", "3D", "sound", "gamepad", "display", "log"}


@pytest.mark.usefixtures("bare_machine")
def test_a_data_folder_that_cannot_be_written_is_a_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    assert run(["--data-dir", str(file / "below"), "doctor"]) == ExitCode.ANSWER_IS_NO
    assert "SIMTRAINER_DATA_DIR" in capsys.readouterr().out


@pytest.mark.usefixtures("bare_machine")
def test_an_installation_without_patients_is_a_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped, "folder", lambda kind: None)
    assert run(["doctor"]) == ExitCode.ANSWER_IS_NO
    assert "meshes and curricula cannot be found" in capsys.readouterr().out


def child_that(code: str, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """Probe with a child that runs `code` instead of the probe."""
    real = subprocess.run

    def instead(command: list[str], **options: object) -> object:
        assert command[1:3] == ["-m", "simtrainer.ui.probe"]
        return real([sys.executable, "-c", code], **options)  # type: ignore[call-overload]  # options pass through

    monkeypatch.setattr(subprocess, "run", instead)
    return probe(Part.GL)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_child_that_dies_of_a_segmentation_fault_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    found = child_that("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", monkeypatch)
    assert found == Finding(works=False, detail="no OpenGL here that VTK can use: its trial crashed")


def test_a_child_that_hangs_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "TIMEOUT_S", 0.2)
    found = child_that("import threading; threading.Event().wait()", monkeypatch)
    assert found == Finding(works=False, detail="no answer within 0 s")


def test_a_child_that_says_nothing_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_that("raise SystemExit(5)", monkeypatch).detail == "its trial ended with code 5"


@pytest.mark.parametrize("part", [Part.DISPLAY, Part.SOUND, Part.GAMEPAD])
def test_a_real_probe_ends_with_an_answer(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    found = probe(part)
    assert found.works == (part is Part.SOUND) or part is Part.GAMEPAD
    assert "child process" not in found.detail


@pytest.mark.parametrize(("compiled", "told"), [(("catheterisation",), "compiled for catheterisation"), ((), "before")])
def test_warm_up_compiles_and_checks_nothing(
    compiled: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "warm_everything", lambda say: compiled)
    monkeypatch.setattr(doctor, "probe", lambda part: pytest.fail("nothing is to be checked"))
    assert run(["doctor", "--warm-up"]) == ExitCode.DONE
    words = capsys.readouterr().out
    assert told in words
    assert len(words.splitlines()) == 1
    assert run(["doctor", "--warm-up", "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["compiled"] == list(compiled)

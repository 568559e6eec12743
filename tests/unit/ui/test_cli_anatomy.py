from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from simtrainer.core.resource import resource_path
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode

PATIENTS = sorted(path.parent for path in resource_path("meshes").glob("*/manifest.yaml"))


@pytest.mark.slow
def test_a_patient_is_described_with_its_vessels_and_its_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["anatomy", "inspect", PATIENTS[0].name, "--json"]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    names = {branch["name"] for branch in told["branches"]}
    assert told["package"] == str(PATIENTS[0])
    assert {told["access"], told["target"]} <= names
    assert all(branch["length_mm"] > 0 for branch in told["branches"])
    for branch in told["branches"]:
        assert 0.2 < branch["smallest_radius_mm"] <= branch["radius_mm"] * (1 + 1e-9) < 30
    assert [branch["name"] for branch in told["branches"] if branch["parent"] is None] == [told["access"]]
    assert 0 < told["field"]["error_mm"]["p99"] <= told["field"]["error_mm"]["largest"]


@pytest.mark.slow
def test_words_name_every_vessel(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["anatomy", "inspect", str(PATIENTS[0])]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "left_common_carotid" in told
    assert "contact field: spacing" in told


def test_an_unknown_patient_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["anatomy", "inspect", PATIENTS[0].name[:-1]]) == ExitCode.WRONG_USE
    assert f"Did you mean '{PATIENTS[0].name}'?" in capsys.readouterr().err


def test_a_file_that_was_changed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = shutil.copytree(PATIENTS[0], tmp_path / "copy")
    for path in copy.iterdir():
        if path.name != "manifest.yaml":
            path.write_bytes(path.read_bytes() + b" ")
    assert run(["anatomy", "inspect", str(copy), "--json"]) == ExitCode.WRONG_USE
    told = capsys.readouterr()
    assert "is not the file that the manifest lists" in told.err
    assert told.out == ""

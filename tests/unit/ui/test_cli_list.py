from __future__ import annotations

import json
from pathlib import Path

import pytest

from simtrainer.ui import shipped
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one patient, one course, one drill and tests of the course."""
    meshes, curricula = tmp_path / "meshes", tmp_path / "curricula"
    (meshes / "old_lady").mkdir(parents=True)
    (meshes / "half_made").mkdir()
    curricula.mkdir()
    (meshes / "old_lady" / "manifest.yaml").write_text("title: Woman, 81, type III arch\n", encoding="utf-8")
    course = "id: carotid\ntitle: course.title\nsteps: []\nstrings:\n  course.title: Left carotid\n"
    (curricula / "carotid.yaml").write_text(course, encoding="utf-8")
    (curricula / "carotid.tests.yaml").write_text("steps: []\n", encoding="utf-8")
    (curricula / "drill.yaml").write_text("casualties: 12\n", encoding="utf-8")
    (curricula / "torn.yaml").write_text("id: [\n", encoding="utf-8")
    monkeypatch.setattr(shipped, "folder", lambda kind: tmp_path / kind)
    return tmp_path


@pytest.mark.usefixtures("installation")
def test_patients_and_courses_are_read_from_their_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json", "patients"]) == ExitCode.DONE
    patients = [{"name": "old_lady", "title": "Woman, 81, type III arch"}]
    assert json.loads(capsys.readouterr().out) == {"patients": patients}
    assert run(["list", "courses", "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["courses"] == [
        {"name": "carotid", "title": "Left carotid"},
        {"name": "torn", "title": "(cannot be read)"},
    ]


@pytest.mark.usefixtures("installation")
def test_words_name_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "  old_lady  Woman, 81, type III arch" in told
    for kind in ("patients", "courses", "procedures", "instruments"):
        assert f"{kind}:" in told


def test_the_real_installation_lists_every_patient_with_a_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json"]) == ExitCode.DONE
    listed = json.loads(capsys.readouterr().out)
    assert all(entry["title"] not in ("", "(cannot be read)") for entry in listed["patients"] + listed["courses"])


def test_an_unknown_kind_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "surgeons"]) == ExitCode.WRONG_USE
    assert "patients" in capsys.readouterr().err


def test_the_title_of_a_course_is_told_in_the_language_that_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    for language, title in (("en", "Selective catheterisation of the left"), ("de", "Selektive Sondierung der linken")):
        assert run(["--language", language, "list", "courses"]) == ExitCode.DONE
        assert title in capsys.readouterr().out


def test_instruments_and_procedures_are_told_apart_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json"]) == ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    for kind in ("instruments", "procedures", "patients", "courses"):
        titles = [entry["title"] for entry in found[kind]]
        assert all(titles)
        assert len(set(titles)) == len(titles)
        assert not any("`" in title for title in titles)

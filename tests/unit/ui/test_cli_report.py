"""`simtrainer report`: an attempt told back, a learning curve drawn, and what is said where neither can be."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.attempt import Attempt
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.resource import resource_path
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.metric import recorded
from simtrainer.curriculum.score import score
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.records.entry import SelfRating
from simtrainer.records.place import sqlite_url
from simtrainer.records.store import RecordStore
from simtrainer.ui import picturing, shipped
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from tests.unit.curriculum.conftest import carotid, vocabulary
from tests.unit.debrief.scripted import Story, recorded_story

__all__ = ["carotid", "vocabulary"]

ME = "teal-otter-07"


@pytest.fixture(scope="module")
def attempt(carotid: Course, tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    sitting = Sitting(
        trainee=ME, device="mouse", mode=Mode.ASSESSED, started="2026-11-22T14:05:00+01:00",
        labels={"patient": "adult_male_type1", "difficulty": "easy"},
    )  # fmt: skip
    way = np.array([[0.07, 0.03, -0.01], [0.0, 0.0, 0.2], [0.0, 0.0, 0.5]])
    tale = Story(((1.0, "CaseCardRead", {}), (2.0, "TimeOutDone", {})), 3.0, ideal_path=way)
    return recorded_story(tale, carotid, tmp_path_factory.mktemp("a") / "one.attempt.jsonl", sitting=sitting)


@pytest.fixture(autouse=True)
def installed(vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Know the procedure that the recorded attempts are of, and stand in a folder of its own."""
    monkeypatch.setattr(shipped, "vocabulary", lambda procedure: vocabulary)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def kept(own_folders: Path, carotid: Course, attempt: Attempt) -> Path:
    """Keep the attempt in the records of this user."""
    got = score(carotid, recorded(attempt), mode=Mode.ASSESSED, device="mouse")
    with RecordStore(sqlite_url(own_folders / "data")) as store:
        store.add(attempt, got, SelfRating(90, True))
    return own_folders


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_an_attempt_is_told_back_without_records(attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", str(attempt.path), "--out", "page.html", "--no-pictures"]) == ExitCode.DONE
    words, _ = said(capsys)
    assert "Not passed." in words
    assert "Simulator score; transfer to patients not shown." in words
    assert "Critical: Flush the pigtail" in words
    page = Path("page.html").read_text(encoding="utf-8")
    assert "not known (no record was kept)" in page
    assert 'class="vessel"' in page, "a built-in patient gives the vessels behind the way of the tip"


def test_what_cannot_be_run_again_has_no_key_pictures_and_says_why(
    attempt: Attempt, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picturing, "source_hash", lambda _: "another")
    assert run(["report", str(attempt.path), "--out", "page.html", "--quiet"]) == ExitCode.DONE
    words, errors = said(capsys)
    assert "left out: key pictures (another version of the code made the attempt)" in words
    assert errors == ""
    assert "data:image/png" not in Path("page.html").read_text(encoding="utf-8")
    monkeypatch.setattr(picturing, "source_hash", lambda _: attempt.header.source)
    assert run(["report", str(attempt.path), "--out", "page.html", "--quiet", "--json"]) == ExitCode.DONE
    (reason,) = json.loads(said(capsys)[0])["left_out"]
    assert "cannot be run again bit for bit" in reason
    assert "patient or instruments: recorded" in reason


def test_what_the_records_know_stands_on_the_page(
    kept: Path, attempt: Attempt, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", str(attempt.path), "--json", "--no-pictures"]) == ExitCode.DONE
    told = json.loads(said(capsys)[0])
    page = Path(told["page"])
    assert page == attempt.path.with_name("one.report.html")
    assert told["self_rating"]["points"] == 90
    assert told["beside"]["familiarity"]["attempt_number"] == 1
    assert told["score"]["passed"] is False
    assert "You gave yourself 90 of 100 points" in page.read_text(encoding="utf-8")


def test_the_page_speaks_the_language_that_is_set(attempt: Attempt) -> None:
    assert (
        run(["--language", "de", "report", str(attempt.path), "--out", "page.html", "--no-pictures"]) == ExitCode.DONE
    )
    page = Path("page.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in page
    assert "Selektive Sondierung" in page


def test_a_learning_curve_is_drawn_and_listed(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--trainee", ME]) == ExitCode.DONE
    words, _ = said(capsys)
    assert "2026-11-22 14:05" in words
    assert "transfer to patients not shown" in words
    assert "Learning curve: teal-otter-07" in Path(f"{ME}.learning-curve.html").read_text(encoding="utf-8")


def test_a_learning_curve_from_another_database_as_json(
    kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMTRAINER_DATA_DIR", str(kept / "elsewhere"))
    url = sqlite_url(kept / "data")
    assert run(["report", "--trainee", ME, "--db", url, "--out", "c.html", "--json"]) == ExitCode.DONE
    told = json.loads(said(capsys)[0])
    assert told["page"] == "c.html"
    assert [point["number"] for point in told["curves"][0]["points"]] == [1]
    assert not (kept / "elsewhere").exists(), "looking makes no records"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], "either an ATTEMPT_FILE or --trainee"),
        (["x.attempt.jsonl", "--trainee", ME], "either an ATTEMPT_FILE or --trainee"),
        (["nowhere.attempt.jsonl"], "cannot be read"),
        (["--trainee", "Jane Doe"], "looks like a name"),
        (["--trainee", "teal-oter-07"], "Did you mean 'teal-otter-07'"),
        (["--trainee", ME, "--course", "selective_left"], "made no attempt at a course called 'selective_left'"),
        (["--trainee", ME, "--db", "mysql://host/db"], "no records are kept in 'mysql'"),
        (["--trainee", ME, "--out", "/proc/nowhere/page.html"], "cannot be written"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], wanted: str, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", *arguments]) == ExitCode.WRONG_USE
    words, error = said(capsys)
    assert words == ""
    assert wanted in error
    assert len(error.strip().splitlines()) == 1


def test_without_any_records_it_says_where_it_looked(own_folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--trainee", ME]) == ExitCode.WRONG_USE
    assert str(own_folders / "data") in said(capsys)[1]


def test_a_course_of_another_procedure_cannot_score_an_attempt(
    attempt: Attempt,
    vocabulary: Vocabulary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(shipped, "vocabulary", lambda procedure: replace(vocabulary, procedure="knotting"))
    shutil.copytree(resource_path("curricula") / "locale", tmp_path / "locale")
    text = (resource_path("curricula") / "selective_left_carotid.yaml").read_text(encoding="utf-8")
    (tmp_path / "other.yaml").write_text(
        text.replace("procedure: selective_catheterisation", "procedure: knotting"), encoding="utf-8"
    )
    assert run(["report", str(attempt.path), "--course", "other.yaml"]) == ExitCode.WRONG_USE
    assert "is an attempt at 'selective_catheterisation'; 'selective_left_carotid' is a course of" in said(capsys)[1]


def test_an_old_attempt_is_scored_as_long_as_it_recorded_what_the_course_scores_by(
    attempt: Attempt,
    vocabulary: Vocabulary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    newer = replace(vocabulary, signals=(*vocabulary.signals, "brand_new"))
    monkeypatch.setattr(shipped, "vocabulary", lambda procedure: newer)
    assert run(["report", str(attempt.path), "--out", "page.html", "--no-pictures"]) == ExitCode.DONE
    assert "changed since the attempt" in Path("page.html").read_text(encoding="utf-8")
    text = (resource_path("curricula") / "selective_left_carotid.yaml").read_text(encoding="utf-8")
    assert "force: wall_force_max_n" in text
    shutil.copytree(resource_path("curricula") / "locale", tmp_path / "locale")
    (tmp_path / "new.yaml").write_text(text.replace("force: wall_force_max_n", "force: brand_new"), encoding="utf-8")
    capsys.readouterr()
    assert run(["report", str(attempt.path), "--course", "new.yaml", "--no-pictures"]) == ExitCode.WRONG_USE
    assert "did not record 'brand_new', by which the course" in said(capsys)[1]

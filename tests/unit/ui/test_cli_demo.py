from __future__ import annotations

import json
from pathlib import Path

import pytest

from simtrainer.core.attempt import read_attempt
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode


@pytest.mark.slow
def test_the_demonstration_plays_both_hands_and_leads_to_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    assert run(["demo", "--out", str(tmp_path), "--limit", "2", "--quiet", "--json"]) == ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert [one["hand"] for one in found["attempts"]] == ["expert", "novice"]
    page = Path(found["index"]).read_text(encoding="utf-8")
    for one in found["attempts"]:
        attempt = read_attempt(Path(one["attempt"]))
        assert (attempt.ticks, attempt.digest) == (200, one["digest"])
        for made in (one["debrief"], *([one["film"]] if one["film"] else []), *one["pictures"].values()):
            assert Path(made).stat().st_size > 0
            assert Path(made).name in page
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "keep"


@pytest.mark.parametrize(
    ("make", "more", "says"),
    [
        ("", [], "there is no such file or folder"),
        ("file", [], "add --unit mm --frame LPS"),
        ("folder", [], "is not an anatomy package"),
    ],
)
def test_an_anatomy_that_cannot_be_used_is_refused_before_anything_is_played(
    tmp_path: Path, make: str, more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "vessel.stl"
    if make == "file":
        path.write_bytes(b"x")
    if make == "folder":
        path.mkdir()
    out = tmp_path / "out"
    assert run(["demo", "--anatomy", str(path), "--out", str(out), "--quiet", *more]) == ExitCode.WRONG_USE
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_with_a_page_of_somebody_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    assert run(["demo", "--out", str(tmp_path), "--quiet"]) == ExitCode.WRONG_USE
    assert "was not made by simtrainer demo" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]

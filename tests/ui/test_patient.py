"""The whole door, with a real patient: some seconds of a script, from case card to score."""

from __future__ import annotations

from pathlib import Path

import pytest

from simtrainer.core.attempt import read_attempt
from simtrainer.core.header import Mode
from simtrainer.core.replay import verify
from simtrainer.procedures import procedures
from simtrainer.ui import settings
from simtrainer.ui.aftermath import debriefed
from simtrainer.ui.case import case_of, open_course
from simtrainer.ui.desktop import window as door
from simtrainer.ui.desktop.end_screen import RatingScreen
from tests.ui.bench import COURSE
from tests.ui.player import Player


@pytest.mark.slow
def test_a_sitting_with_a_real_patient_is_scored_and_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "deeds.yaml"
    script.write_text(
        "- {t: 0.1, control: wire.load, value: j_wire}\n- {t: 0.1, control: beam.mode, value: fluoro}\n"
        "- {t: 0.2, control: wire.push, value: 0.08}\n- {t: 3.0}\n"
    )

    def drive(window: door.Window, clock: object) -> None:
        player = Player(window)
        assert window.loader.wait(600.0)
        player.begin()
        while not isinstance(window.screen, RatingScreen):
            player.seconds(0.1)
        assert player.attempt.path.is_file()
        player.tap("return", "return")

    monkeypatch.setattr(door, "run", drive)
    (tmp_path / "settings.toml").touch()
    result = door.open_window(
        open_course(COURSE), procedures.get("selective_catheterisation"), "adult_male_type1", seed=3,
        mode=Mode.PRACTICE, trainee="anna", out=tmp_path / "a.attempt.jsonl",
        settings=settings.load({"config": str(tmp_path / "settings.toml")}), hand=f"script:{script}",
        look=door.Look(sound=False, view_3d=False),
    )  # fmt: skip
    assert result.played is not None
    assert result.self_rating is not None
    assert result.case is not None
    page = debriefed(result.case, result.played, result.gallery, rating=result.self_rating).page
    assert page.read_text(encoding="utf-8").count("<img") >= 1
    attempt = read_attempt(result.played.path)
    assert attempt.ticks == pytest.approx(300, abs=2)
    assert verify(attempt, case_of(attempt).session).identical

"""The page of recorded manoeuvres and its command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.registry import Registry
from simtrainer.studies import manoeuvre
from simtrainer.studies.manoeuvre import case
from simtrainer.studies.manoeuvre.case import Manoeuvre, performed
from simtrainer.studies.manoeuvre.finding import Finding, least
from simtrainer.studies.manoeuvre.recording import Recording
from simtrainer.ui.cli import mechanics
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.manoeuvre_plot import Line, chart, page
from tests.unit.studies.test_manoeuvre import short_run


def toy(limit: float) -> Manoeuvre:
    def judge(run: Recording) -> tuple[Finding, ...]:
        return (least("deep", "Depth", float(run.inserted[-1, 0]), limit, unit="m", because="it is"),)

    return Manoeuvre("A <short> run", short_run, judge)


@pytest.fixture
def only_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry[Manoeuvre]("manoeuvre", "simtrainer.studies.engagement")
    registry.put("toy", toy(0.05))
    registry.put("greedy", toy(0.5))
    monkeypatch.setattr(manoeuvre, "manoeuvres", registry)
    monkeypatch.setattr(case, "manoeuvres", registry)


def test_the_page_shows_every_finding_and_every_moment_and_escapes_words(only_toy: None) -> None:
    drawn = page([performed("toy")], [])
    assert "A &lt;short&gt; run" in drawn
    assert "Depth" in drawn
    assert "<script" not in drawn
    assert "turned" in drawn
    assert "nan" not in drawn


def test_the_command_writes_page_and_document_and_ends_with_0_where_all_holds(
    only_toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mechanics", "toy", "--json", "--quiet", "--out", str(tmp_path)]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "mechanics.json").read_text(encoding="utf-8"))
    assert told["manoeuvres"][0]["findings"][0]["holds"] is True
    assert len(told["manoeuvres"][0]["recording"]["signals"]["hand_force_n"]) == 7
    assert (tmp_path / "mechanics.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_ends_with_1_where_a_number_misses(only_toy: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mechanics", "greedy", "--quiet"]) == ExitCode.ANSWER_IS_NO
    assert "missed: Depth: 0.1 m, has to be at least 0.5" in capsys.readouterr().out


def test_the_command_lists_what_there_is_and_refuses_what_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mechanics", "--list", "validity"]) == ExitCode.DONE
    listed = capsys.readouterr().out
    assert "node_spacing" in listed
    assert "buckle" not in listed
    assert run(["mechanics", "knot"]) == ExitCode.WRONG_USE
    assert run(["mechanics", "--json", "--markdown"]) == ExitCode.WRONG_USE


def test_a_plot_keeps_the_peak_of_a_long_line() -> None:
    y = np.zeros(10_000)
    y[7_321] = 5.0
    drawn = chart("Force", [Line("wire", "c0", np.linspace(0.0, 100.0, 10_000), y)], "s", [])
    assert "from 0 to 5" in drawn
    points = drawn.split('<polyline points="')[1].split('"')[0].split()
    assert len(points) <= 800
    assert min(float(p.split(",")[1]) for p in points) < 50.0


def test_the_command_is_found_by_its_file() -> None:
    assert mechanics.command.name in ("mechanics", "command")

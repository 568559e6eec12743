"""Broken meshes through the command line: one clear message, or a report of what was done; never a traceback."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from tests.broken.mesh import DOUBTED, MENDED, REFUSED, Broken
from tests.unit.anatomy.surface import tube, write_stl

_SLOWER = {"runs through itself", "a ring"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMTRAINER_CACHE_DIR", str(tmp_path / "cache"))


def cases(table: dict[str, Broken]) -> list[object]:
    return [pytest.param(name, marks=[pytest.mark.slow] if name in _SLOWER else []) for name in table]


def imported(broken: Broken, folder: Path) -> ExitCode:
    broken.write(folder / broken.file)
    given = ["anatomy", "import", str(folder / broken.file), "--out", str(folder / "out"), *broken.options, "--json"]
    return ExitCode(run(given))


@pytest.mark.parametrize("name", cases(REFUSED))
def test_a_mesh_that_cannot_be_used_gets_one_message(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert imported(REFUSED[name], tmp_path) is ExitCode.WRONG_USE
    heard = capfd.readouterr()
    messages = [line for line in heard.err.splitlines() if not line.endswith(" ...")]  # progress stands apart
    assert len(messages) == 1, heard.err
    assert messages[0].startswith("simtrainer: ")
    assert REFUSED[name].says in messages[0]
    assert heard.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", cases(MENDED))
def test_a_mesh_that_can_be_mended_is_and_the_report_says_how(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert imported(MENDED[name], tmp_path) is ExitCode.DONE
    found = json.loads(capfd.readouterr().out)
    assert any(MENDED[name].says in line for line in found["repairs"]), found["repairs"]
    assert [branch["length_mm"] for branch in found["branches"]] == [pytest.approx(60.0, abs=1.5)]
    assert found["branches"][0]["radius_mm"] == pytest.approx(4.0, rel=0.04)
    assert found["field"]["error"] < 0.5


@pytest.mark.parametrize("name", cases(DOUBTED))
def test_a_mesh_that_may_be_wrong_is_questioned(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert imported(DOUBTED[name], tmp_path) is ExitCode.DONE
    found = json.loads(capfd.readouterr().out)
    assert any(DOUBTED[name].says in line for line in found["warnings"]), found["warnings"]


@pytest.mark.slow
def test_an_aorta_of_nine_centimetres_is_questioned(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wide = Broken(
        "a.stl", lambda path: write_stl(path, tube(radius=0.045, length=0.4, around=48, capped=True)), "90 mm across"
    )
    assert imported(wide, tmp_path) is ExitCode.DONE
    found = json.loads(capfd.readouterr().out)
    assert any(wide.says in line for line in found["warnings"]), found["warnings"]


@pytest.mark.slow
def test_two_million_triangles_are_simplified_and_the_vessel_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    points, triangles = tube(radius=0.006, length=0.25, around=200, along=5001)
    assert len(triangles) == 2_000_000
    points = points + np.outer(np.sin(points[:, 2] * 12.0), [0.02, 0.0, 0.0])
    many = Broken("a.stl", lambda path: write_stl(path, (points, triangles)), "simplified 2000000 triangles")
    before = time.process_time()
    assert imported(many, tmp_path) is ExitCode.DONE
    assert time.process_time() - before < 180.0  # because: measured 30 s; six times that for a slow core
    found = json.loads(capfd.readouterr().out)
    assert any(many.says in line for line in found["repairs"])
    assert [branch["radius_mm"] for branch in found["branches"]] == [pytest.approx(5.8, rel=0.04)]

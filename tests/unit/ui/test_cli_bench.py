"""`simtrainer bench`: its documents, tables and refusals; the measurements are made short or made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simtrainer.studies.bench import exercise, picture, speed, ward
from simtrainer.studies.bench.picture import PictureSpeed
from simtrainer.studies.bench.speed import Growth, Load, Speed
from simtrainer.studies.bench.stress import Robustness
from simtrainer.studies.closed_form import case
from simtrainer.studies.closed_form.case import Accuracy
from simtrainer.studies.engagement import batch
from simtrainer.studies.engagement.trial import Outcome, Trial
from simtrainer.ui.bench_table import accuracy_table, picture_table, robustness_table, speed_table
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.table import Table

FRAME = PictureSpeed("fluoroscopy", "fluoroscopy", 20.0, 30.0, 50.0, 15.0, 1.25, 16.0)


def timed(load: Load) -> Speed:
    cost = 0.5 + load.segments / 200.0
    return Speed(load.id, load.title, load.segments, load.devices, load.step_ms, cost, 2.0, 1.25, 1.2, 0.0)


TICK = timed(Load(100, 1))
SHAKEN = Robustness(
    "old_lady", ("j_wire", "pigtail"), 60.0, 1, 2.0, 8.0, 31.0, 2.31, 120, 3, 0.5, 0.7, 0.1, 0.2, 0, 0, 0.0025
)


def exact(value: float) -> Accuracy:
    return Accuracy(
        "sag", "Sag of a beam", "m", "elastica", 0.02, 0.02 * value, value - 1.0, 0.01, 1.97, (8e-3, 4e-3), (0.1, 0.025)
    )


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measurements that take no time."""
    monkeypatch.setattr(case, "judged", lambda name, form: exact(1.001))
    monkeypatch.setattr(speed, "time_load", lambda load, clock, ticks: timed(load))
    monkeypatch.setattr(exercise, "time_exercise", lambda clock, ticks: replace(TICK, id="exercise"))
    monkeypatch.setattr(picture, "pictures", lambda clock, frames: iter([FRAME]))

    def shake_ward(patients: list[str], clock: object, **given: object) -> tuple[Robustness, ...]:
        return (SHAKEN,) * len(patients)

    monkeypatch.setattr(ward, "shake_ward", shake_ward)


@pytest.mark.usefixtures("made_up")
def test_the_document_of_physics_has_the_agreed_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "physics", "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert {"accuracy", "speed", "robustness", "peers", "machine", "growth"} <= document.keys()
    assert "imaging" not in document
    assert {"id", "exact", "value", "relative_error", "order"} <= document["accuracy"][0].keys()
    assert {"id", "core_ms_per_10ms", "ratio"} <= document["speed"][0].keys()
    assert {
        "vessel", "worst_core_ms_per_10ms", "p99_core_ms_per_10ms", "max_force_n", "max_penetration_mm", "escapes",
        "nan", "unconverged_share",
    } <= document["robustness"][0].keys()  # fmt: skip
    assert len(document["robustness"]) == 9


@pytest.mark.usefixtures("made_up")
def test_engagement_counts_what_the_hands_did_and_runs_only_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Trial] = []

    def attempt_all(wanted: tuple[Trial, ...], heard: object) -> tuple[tuple[Trial, Outcome], ...]:
        asked.extend(wanted)
        won = Outcome(True, True, True, 9.0, 0.018, ())
        lost = Outcome(False, False, False, 45.0, 0.0, ())
        return tuple((trial, won if trial.catheter == "simmons" else lost) for trial in wanted)

    monkeypatch.setattr(batch, "attempt_all", attempt_all)
    assert run(["bench", "engagement", "--seeds", "3", "--seed", "5", "--json", "--quiet"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert {trial.seed for trial in asked} == {5, 6, 7}
    assert len(document["engagement"]["trials"]) == len(asked) == 30
    counts = {(one["name"], one["catheter"]): one for one in document["engagement"]["counts"]}
    assert counts["all type III", "simmons"]["engaged"]["count"] == 9
    assert counts["all type I", "berenstein"]["held"]["of"] == 6
    assert "accuracy" not in document
    assert run(["bench", "engagement", "--quick", "--quiet"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "all type III: simmons" in told
    assert "6/6" in told
    asked.clear()
    one = ["bench", "engagement", "--seeds", "2", "--patient", "adult_male_type1", "--quiet"]
    assert run(one) == ExitCode.DONE
    assert {trial.patient for trial in asked} == {"adult_male_type1"}
    assert "type III" not in capsys.readouterr().out
    assert run([*one[:-2], "adult_male_type2"]) == ExitCode.WRONG_USE
    assert "adult_male_type1" in capsys.readouterr().err
    asked.clear()
    assert run(["bench", "--quick", "--quiet"]) == ExitCode.DONE
    assert not asked


@pytest.mark.usefixtures("made_up")
def test_quick_shakes_fewer_patients_and_imaging_alone_shakes_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--json", "--quick", "--quiet"]) == ExitCode.DONE
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert len(document["robustness"]) == 3
    assert document["imaging"][0]["frames_per_s"] == 50.0
    assert told.err == ""
    assert run(["bench", "imaging", "--json"]) == ExitCode.DONE
    assert "robustness" not in json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("made_up")
def test_a_closed_form_that_misses_its_limit_is_a_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(case, "judged", lambda name, form: exact(1.02))
    assert run(["bench", "physics"]) == ExitCode.ANSWER_IS_NO
    told = capsys.readouterr().out
    assert "MISSED" in told
    assert "missed: Sag of a beam: off by 2.00 %" in told


@pytest.mark.usefixtures("made_up")
def test_out_keeps_the_document_beside_the_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.json"
    assert run(["bench", "imaging", "--out", str(file)]) == ExitCode.DONE
    assert json.loads(file.read_text(encoding="utf-8"))["imaging"][0]["id"] == "fluoroscopy"
    assert "Imaging: frames of 512 x 512 on one core" in capsys.readouterr().out


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["bench", *arguments]) == ExitCode.WRONG_USE
    return capsys.readouterr().err


def test_what_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is a folder" in refused(["--out", str(tmp_path)], capsys)
    assert "there is no folder" in refused(["--out", str(tmp_path / "gone" / "x.json")], capsys)
    assert "choose one" in refused(["--json", "--markdown"], capsys)
    assert "physics" in refused(["chemistry"], capsys)
    assert "--seconds" in refused(["--seconds", "0"], capsys)


@pytest.mark.usefixtures("made_up")
def test_markdown_is_made_of_tables_that_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "imaging", "--markdown", "--quiet"]) == ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    assert "**Imaging: frames of 512 x 512 on one core**" in lines
    assert "| picture | core-ms | p99 | frames/s | wanted | x product |" in lines
    assert "| --- | ---: | ---: | ---: | ---: | ---: |" in lines
    assert "| fluoroscopy | 20.0 | 30.0 | 50 | 15 | 16.0 |" in lines


def tables() -> Iterator[Table]:
    yield accuracy_table([exact(1.001)])
    yield speed_table([TICK], [Growth(1, 0.5, 0.5, 0.1)])
    yield robustness_table([SHAKEN])
    yield picture_table([FRAME])


@pytest.mark.parametrize("table", tuple(tables()), ids=lambda table: str(table.title)[:8])
def test_the_columns_of_a_table_end_at_the_same_place(table: Table) -> None:
    head, *rows = table.text().splitlines()[1 : 2 + len(table.rows)]
    assert all(len(row) == len(head) for row in rows)


def test_the_budget_of_a_tick_is_told_with_its_limit() -> None:
    assert "100 segments, one device: 1.00 core-ms per 10 ms tick (limit 5)." in speed_table([TICK], []).text()
    assert "limit 5" not in speed_table([], []).text()


def test_the_slowest_tick_is_explained() -> None:
    said = robustness_table([SHAKEN]).text()
    assert "31 core-ms, in old_lady at 2.31 s, took 120 Newton iterations and halved 3 steps." in said


def test_exact_and_found_are_told_with_a_unit_that_fits_their_size() -> None:
    row = accuracy_table([exact(1.001)]).rows[0]
    assert row[1:4] == ("20 mm", "20.02 mm", "+0.100 %")
    assert row[5:] == ("2.0", "8 4 mm")


@pytest.mark.slow
def test_the_quick_bench_of_the_mechanics_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--quick", "--seconds", "0.5", "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["faults"] == []
    assert all(row["nan"] == 0 for row in document["robustness"])
    assert all(row["core_ms_per_10ms"] > 0.0 for row in document["speed"])


def test_centrelines_are_held_against_a_known_axis_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "anatomy", "--patient", "tapering_tube", "--json", "--quiet"]) == ExitCode.DONE
    (found,) = json.loads(capsys.readouterr().out)["anatomy"]
    assert found["name"] == "tapering_tube"
    assert 0.0 < found["distance"] < 0.5e-3
    assert 0.0 < found["radius"] < 0.1
    assert run(["bench", "anatomy", "--patient", "tapering_tub", "--quiet"]) == ExitCode.WRONG_USE
    assert "tapering_tube" in capsys.readouterr().err

"""`simtrainer bench`: its documents, tables and refusals; the measurements are made short or made up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from simtrainer.studies.bench import exercise, limit, needle, picture, speed, tissue, ward
from simtrainer.studies.bench.limit import Limit
from simtrainer.studies.bench.picture import PictureSpeed
from simtrainer.studies.bench.speed import Growth, Load, Speed
from simtrainer.studies.bench.stress import Robustness
from simtrainer.studies.closed_form import case
from simtrainer.studies.closed_form.case import Accuracy
from simtrainer.studies.engagement import batch
from simtrainer.studies.engagement.trial import Outcome, Trial
from simtrainer.studies.peer import engine, race
from simtrainer.studies.peer.engine import Peer, Run
from simtrainer.studies.peer.ours import OURS
from simtrainer.studies.peer.race import Fault, Ratio
from simtrainer.studies.peer.task import QUICK
from simtrainer.ui.bench_table import accuracy_table, peer_table, picture_table, robustness_table, speed_table
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.table import Table

FRAME = PictureSpeed("fluoroscopy", "fluoroscopy", 20.0, 30.0, 50.0, 15.0, 1.25, 16.0)


def timed(load: Load) -> Speed:
    cost = 0.5 + load.segments / 200.0
    return Speed(load.id, load.title, load.segments, load.devices, load.step_ms, cost, 2.0, 1.25, 1.2, 0.0)


TICK = timed(Load(100, 1))
NEAR = Limit("one", 100, 1, 13, 2e5, 4e5, 40.0, 50.0, 43.0, 5.0, 8.0, 3.4, 31.0, 8.0 / 43.0, 31.0 / 43.0)
SHAKEN = Robustness(
    "old_lady", ("j_wire", "pigtail"), 60.0, 1, 2.0, 8.0, 31.0, 2.31, 120, 3, 0.5, 0.7, 0.1, 0.2, 0, 0, 0.0025
)
RODE = Run(
    name="simtrainer_5ms", title="simtrainer", version="1", step_ms=5.0, steps=800, core_ms_per_10ms=2.0,
    seconds_per_core_second=5.0, matrix_product_ms=1.25, max_penetration_mm=-0.004, tip_mm=171.9, ideal_mm=170.0,
    finite=True, in_vessel=True, through=True,
)  # fmt: skip


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
    monkeypatch.setattr(limit, "measure", lambda load, clock: NEAR)
    monkeypatch.setattr(tissue, "TISSUE_LOADS", ())
    monkeypatch.setattr(needle, "needle_speeds", lambda clock, ticks: iter(()))
    monkeypatch.setattr(picture, "pictures", lambda clock, frames: iter([FRAME]))

    def shake_ward(patients: list[str], clock: object, **given: object) -> tuple[Robustness, ...]:
        return (SHAKEN,) * len(patients)

    monkeypatch.setattr(ward, "shake_ward", shake_ward)


@pytest.mark.usefixtures("made_up")
def test_the_document_of_physics_has_the_agreed_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "physics", "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert {"accuracy", "speed", "robustness", "peers", "machine", "growth", "limit"} <= document.keys()
    assert "imaging" not in document
    assert {"id", "exact", "value", "relative_error", "order"} <= document["accuracy"][0].keys()
    assert {"id", "core_ms_per_10ms", "ratio"} <= document["speed"][0].keys()
    assert {"iteration_us", "flops", "bytes", "share", "scalar_share"} <= document["limit"][0].keys()
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
    assert "is a folder" in refused(["--page", str(tmp_path)], capsys)
    both = str(tmp_path / "x")
    assert "choose two files" in refused(["--out", both, "--page", both], capsys)


@pytest.mark.usefixtures("made_up")
def test_a_page_is_made_again_from_the_kept_document_without_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, page, again = (tmp_path / name for name in ("x.json", "x.html", "again.html"))
    files = ["--out", str(kept), "--page", str(page)]
    assert run(["bench", "physics", "--quick", "--seed", "7", "--seconds", "2", "--quiet", *files]) == ExitCode.DONE
    command = f"simtrainer bench physics --quick --seed 7 --seconds 2 --page {page} --out {kept}"
    assert json.loads(kept.read_text(encoding="utf-8"))["command"] == command
    assert command in page.read_text(encoding="utf-8")
    monkeypatch.setattr(case, "judged", None)
    capsys.readouterr()
    assert run(["bench", "physics", "--from", str(kept), "--page", str(again)]) == ExitCode.DONE
    assert again.read_bytes() == page.read_bytes()
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("kind", ["imaging", ""])
def test_every_kind_has_a_page_with_its_tables(kind: str, tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    assert run(["bench", *([kind] if kind else []), "--quick", "--quiet", "--page", str(page)]) == ExitCode.DONE
    html = page.read_text(encoding="utf-8")
    assert "Imaging: frames of 512 x 512 on one core" in html
    assert ("Robustness: random hands" in html) == (kind == "")


@pytest.mark.usefixtures("made_up")
def test_a_file_that_is_no_such_document_is_refused_with_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, page = tmp_path / "x.json", tmp_path / "x.html"

    def said(text: str | None, kind: str = "physics") -> str:
        if text is not None:
            file.write_text(text, encoding="utf-8")
        error = refused([kind, "--from", str(file), "--page", str(page)], capsys)
        assert str(file) in error
        assert not page.exists()
        return error

    assert "cannot be read" in said(None)
    assert "is not JSON" in said("<html>")
    assert "not an object" in said("[]")
    assert "machine, tables, faults, accuracy, speed, growth, robustness, peers missing" in said(
        '{"schema_version": 1, "made": "", "command": ""}'
    )
    assert run(["bench", "imaging", "--quick", "--quiet", "--out", str(file)]) == ExitCode.DONE
    good = json.loads(file.read_text(encoding="utf-8"))
    assert "accuracy, speed, growth, robustness, peers missing" in said(None)
    assert "schema_version" in said(json.dumps(good | {"schema_version": 2}), "imaging")
    assert "speed.0.core_ms_per_10ms" in said(json.dumps(good | {"speed": [{"id": "x", "title": "x"}]}), "imaging")


def test_a_page_made_again_measures_nothing_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = ["physics", "--from", str(tmp_path / "x.json")]
    assert "--page FILE" in refused(source, capsys)
    assert "leave out --quick, --peers" in refused([*source, "--quick", "--peers", "--page", "x.html"], capsys)


@pytest.mark.usefixtures("made_up")
def test_markdown_is_made_of_tables_that_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "imaging", "--markdown", "--quiet"]) == ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    assert "**Imaging: frames of 512 x 512 on one core**" in lines
    assert "| picture | core-ms | p99 | frames/s | wanted | x product |" in lines
    assert "| --- | ---: | ---: | ---: | ---: | ---: |" in lines
    assert "| fluoroscopy | 20.0 | 30.0 | 50 | 15 | 16.0 |" in lines


def versions(*there: str) -> object:
    def version(package: str) -> str:
        if package not in there:
            raise PackageNotFoundError(package)
        return "4.0.0"

    return version


def ridden(bad: Mapping[str, Run | Fault]) -> object:
    """A race in which all cost the same, but for some."""

    def run(entrants: Mapping[str, Peer], *given: object, heard: object) -> tuple[Run | Fault, ...]:
        return tuple(bad.get(name, replace(RODE, name=name, title=peer.title)) for name, peer in entrants.items())

    return run


@pytest.mark.usefixtures("made_up")
def test_without_peers_installed_ours_runs_and_it_is_said_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "version", versions())
    monkeypatch.setattr(race, "race", ridden({}))
    assert run(["bench", "physics", "--peers", "--quick", "--quiet"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "Not installed: mujoco, newton. To have them run too: pip install 'simtrainer[peers]'" in told
    assert "over ours:" not in told
    assert run(["bench", "physics", "--peers", "--quick", "--quiet", "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["peers"] == []
    assert {one["name"] for one in document["tube_nav"]["ours"]} == set(OURS)
    assert document["tube_nav"]["not_installed"] == ["mujoco_boxes", "mujoco_flex", "newton_vbd"]


@pytest.mark.usefixtures("made_up")
def test_peers_are_ratios_and_one_that_crashed_is_told_and_no_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad: dict[str, Run | Fault] = {
        "mujoco_boxes": replace(RODE, name="mujoco_boxes", title="MuJoCo", core_ms_per_10ms=20.0),
        "mujoco_flex": replace(RODE, name="mujoco_flex", title="Flex", in_vessel=False, max_penetration_mm=9.0),
        "newton_vbd": Fault("newton_vbd", "Newton", "1.8.0", "was killed by SIGSEGV"),
    }
    monkeypatch.setattr(engine, "version", versions("mujoco", "newton"))
    monkeypatch.setattr(race, "race", ridden(bad))
    assert run(["bench", "physics", "--peers", "--quick", "--quiet"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "Newton (1.8.0) was killed by SIGSEGV." in told
    assert "LEFT THE TUBE" in told
    assert "Not installed" not in told
    assert run(["bench", "physics", "--peers", "--quick", "--quiet", "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    boxes, flex = document["peers"]
    assert {
        "name",
        "version",
        "core_ms_per_10ms",
        "ratio",
        "max_penetration_mm",
        "in_vessel",
        "against",
    } <= boxes.keys()
    assert boxes["ratio"] == pytest.approx(10.0)
    assert flex["ratio"] is None
    assert document["tube_nav"]["failed"][0]["reason"] == "was killed by SIGSEGV"


@pytest.mark.usefixtures("made_up")
def test_our_own_wire_outside_its_tube_is_a_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "version", versions())
    monkeypatch.setattr(race, "race", ridden({"simtrainer_5ms": replace(RODE, in_vessel=False)}))
    assert run(["bench", "physics", "--peers", "--quick", "--quiet"]) == ExitCode.ANSWER_IS_NO
    assert "missed: peers: simtrainer (1), 5 ms: 2.00 core-ms for 10 ms, left the tube" in capsys.readouterr().out


def test_peers_are_refused_where_no_mechanics_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("imaging", "anatomy", "engagement"):
        assert f"--peers belongs to physics, not to {kind}" in refused([kind, "--peers"], capsys)


def tables() -> Iterator[Table]:
    starred, none = Ratio(12.0, "simtrainer_5ms", as_exact=False), Ratio(None, None, as_exact=False)
    yield peer_table(QUICK, [RODE], [(RODE, starred), (RODE, none)], ())
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


def test_the_share_of_the_limit_is_told_with_what_it_is_the_share_of() -> None:
    told = speed_table([TICK], [], [NEAR]).text()
    assert "Share of the limit, 100 segments, one device: 19 %." in told
    assert "43 core-us" in told
    assert "5.0 at the 40 GFLOP/s of matrix products" in told


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

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.probe import Finding, Part, probe


def tube(path: Path, radius_mm: float = 5.0, length_mm: float = 90.0) -> Path:
    """Write an open straight tube along z as binary STL."""
    around, along = 24, 46
    angle = np.linspace(0.0, 2.0 * np.pi, around, endpoint=False)
    z = np.linspace(0.0, length_mm, along)
    ring = np.stack([radius_mm * np.cos(angle), radius_mm * np.sin(angle)], axis=1)
    points = np.array([[*xy, height] for height in z for xy in ring])
    rows = []
    for k in range(along - 1):
        for i in range(around):
            a, b = k * around + i, k * around + (i + 1) % around
            rows += [(a, b, b + around), (a, b + around, a + around)]
    with path.open("wb") as file:
        file.write(b"\0" * 80 + struct.pack("<I", len(rows)))
        for row in rows:
            file.write(struct.pack("<12fH", 0.0, 0.0, 0.0, *points[list(row)].ravel(), 0))
    return path


@pytest.mark.slow
def test_a_tube_becomes_a_patient_with_one_vessel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "tube"
    arguments = ["anatomy", "import", str(tube(tmp_path / "tube.stl")), "--unit", "mm", "--frame", "RAS"]
    assert run([*arguments, "--out", str(out), "--json"]) == ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert {"package", "repairs", "warnings", "branches", "field"} <= set(found)
    assert {"spacing", "error"} <= set(found["field"])
    longest = max(found["branches"], key=lambda row: row["length_mm"])
    assert longest["length_mm"] == pytest.approx(90.0, rel=0.15)
    assert longest["radius_mm"] == pytest.approx(5.0, rel=0.10)  # because: issue 2, section 3, radius within 10 %
    assert run(["anatomy", "inspect", found["package"], "--json"]) == ExitCode.DONE


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([], "say in which unit it is"),
        (["--unit", "mm"], "say where its axes"),
        (["--unit", "furlong", "--frame", "LPS"], "no unit is called 'furlong'"),
        (["--unit", "mm", "--frame", "LPS", "--access", "1,2"], "--access is three numbers"),
    ],
)
def test_an_import_without_what_a_mesh_cannot_say_is_refused(
    tmp_path: Path, more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tube(tmp_path / "tube.stl")
    arguments = ["anatomy", "import", str(path), "--out", str(tmp_path / "out"), "--json"]
    assert run([*arguments, *more]) == ExitCode.WRONG_USE
    heard = capsys.readouterr()
    assert says in heard.err
    assert heard.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_patient_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = probe(Part.GL)
    if not found.works:
        pytest.skip(f"no OpenGL here: {found.detail}")
    path = tmp_path / "patient.png"
    assert run(["anatomy", "view", "adult_male_type1", "--out", str(path)]) == ExitCode.DONE
    assert path.read_bytes().startswith(b"\x89PNG")
    assert run(["anatomy", "view", "adult_male_type1", "--out", str(path)]) == ExitCode.WRONG_USE
    assert "exists already" in capsys.readouterr().err


@pytest.mark.slow
def test_without_opengl_the_way_to_mend_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("simtrainer.ui.picture.probe", lambda part: Finding(works=False, detail="no driver"))
    assert run(["anatomy", "view", "adult_male_type1", "--out", "x.png"]) == ExitCode.WRONG_USE
    assert "simtrainer doctor" in capsys.readouterr().err


SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "vessel"


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared patient data lie not beside this checkout")
@pytest.mark.parametrize(
    ("file", "unit", "frame", "branches"),
    [
        ("steve_neurovascular/mechanical_thrombectomy_collision_FIX_REMESH.obj", "mm", "x=I,y=L,z=A", 30),
        ("seqseg_demo/Models/demo.vtp", "cm", "RAS", 3),
    ],
)
def test_a_shared_vessel_is_imported_and_inspected_alike(
    file: str, unit: str, frame: str, branches: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "vessel"
    given = ["anatomy", "import", str(SHARED / file), "--unit", unit, "--frame", frame, "--kind", "vessel"]
    assert run([*given, "--out", str(out), "--json"]) == ExitCode.DONE
    found = json.loads(capfd.readouterr().out)
    assert found["package"] == str(out)
    assert set(found) >= {"package", "repairs", "warnings", "branches", "field"}
    assert len(found["branches"]) >= branches
    assert all(set(row) >= {"name", "length_mm", "radius_mm"} for row in found["branches"])
    assert 0.0 < found["field"]["error"] < 0.5 < found["field"]["spacing"] + 1e-9
    assert run(["anatomy", "inspect", str(out), "--json"]) == ExitCode.DONE
    inspected = json.loads(capfd.readouterr().out)
    assert [row["name"] for row in inspected["branches"]] == [row["name"] for row in found["branches"]]
    assert inspected["warnings"] == found["warnings"]
    assert (inspected["access"], inspected["target"]) == (found["access"], found["target"])

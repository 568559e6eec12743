"""Vessels that nobody tuned for: every format, unit and frame gives the same package, with the axes that went in."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from simtrainer.anatomy.accuracy import accuracy_table, tubes
from simtrainer.anatomy.build import PATIENTS
from simtrainer.anatomy.curve import resampled
from simtrainer.anatomy.intake import ImportOptions, import_surface
from simtrainer.anatomy.mesh_io import read_surface
from simtrainer.anatomy.package import AnatomyPackage, load_package
from simtrainer.anatomy.repair import volume
from simtrainer.core.frame import offset_to_ras, rotation_to_ras
from simtrainer.core.units import LENGTH_UNITS
from tests.unit.anatomy.mesh_file import WRITERS
from tests.unit.anatomy.surface import Surface, tube, write_stl
from tests.unit.anatomy.vessel import VESSELS, cut_open, surface_of, tree_of


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMTRAINER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_triangles(name: str, tmp_path: Path) -> None:
    points, triangles = tube(along=12, capped=True)
    raw = read_surface(WRITERS[name](tmp_path / name, (points, triangles), 1e3))
    assert len(raw.triangles) == len(triangles)
    assert np.abs(raw.points[raw.triangles] - 1e3 * points[triangles]).max() < 1e-4
    assert volume(raw.points, raw.triangles) == pytest.approx(1e9 * volume(points, triangles), rel=1e-5)


FRAMES = {
    "RAS": "RAS",
    "LPS": "LPS",
    "axes": "x=S,y=R,z=A",
    "nine numbers": "0 0 1  1 0 0  0 1 0",
    "sixteen numbers": "0 -1 0 30  1 0 0 -12.5  0 0 1 700  0 0 0 1",
    "a slanting matrix": "0.36 0.48 -0.8  -0.8 0.6 0  0.48 0.64 0.6",
}


@pytest.mark.parametrize(
    ("frame", "unit", "file"),
    [
        ("LPS", "m", "node.glb"),
        pytest.param("sixteen numbers", "cm", "binary.ply", marks=pytest.mark.slow),
        pytest.param("RAS", "mm", "text.stl", marks=pytest.mark.slow),
        pytest.param("axes", "in", "plain.obj", marks=pytest.mark.slow),
        pytest.param("nine numbers", "mm", "xml.vtp", marks=pytest.mark.slow),
        pytest.param("a slanting matrix", "m", "legacy.vtk", marks=pytest.mark.slow),
    ],
)
def test_frame_and_unit_of_a_file_make_no_difference(frame: str, unit: str, file: str, tmp_path: Path) -> None:
    words = FRAMES[frame]
    points, triangles = surface_of("curved_tube")
    scale, turn, shift = 1.0 / LENGTH_UNITS[unit], rotation_to_ras(words), offset_to_ras(words)
    there = (points * scale - shift) @ turn  # the file's point p becomes turn p + shift
    report = import_surface(
        WRITERS[file](tmp_path / file, (there, triangles), 1.0), tmp_path / "out", unit=unit, frame=words
    )
    package = load_package(report.package_path)
    assert len(package.tree.branches) == 1
    distance, _ = compared("curved_tube", package)
    assert distance < 0.1e-3
    assert np.abs(package.lumen_points.max(axis=0) - points.max(axis=0))[:2].max() < 0.5e-3


def compared(name: str, package: AnatomyPackage) -> tuple[float, float]:
    """Mean distance [m] of the known axes, where no fork is near, from the extracted ones; mean share of radius off."""
    found = np.concatenate([resampled(np.column_stack([b.points, b.radii]), 5e-5) for b in package.tree.branches])
    near, tree = cKDTree(found[:, :3]), tree_of(name)
    distances, shares = [], []
    for number, branch in enumerate(tree.branches):
        clear = np.ones(len(branch.points), dtype=np.bool_)
        for other in [one for i, one in enumerate(tree.branches) if i != number]:
            gap, at = cKDTree(other.points).query(branch.points)
            clear &= np.asarray(gap) > other.radii[at] + branch.radii
        gap, at = near.query(branch.points[clear])
        distances.append(np.asarray(gap))
        shares.append(np.abs(found[at, 3] / branch.radii[clear] - 1.0))
    return float(np.concatenate(distances).mean()), float(np.concatenate(shares).mean())


CASES = [(name, kind) for name in VESSELS for kind in ("closed", "open")]


def wall_of(name: str, kind: str) -> Surface:
    return surface_of(name) if kind == "closed" else cut_open(name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [pytest.param(*case, marks=[] if case == ("y_phantom", "open") else [pytest.mark.slow]) for case in CASES],
)
def test_another_vessel_becomes_a_package_with_its_axes_and_its_ends(name: str, kind: str, tmp_path: Path) -> None:
    file = write_stl(tmp_path / "vessel.stl", wall_of(name, kind))
    known = tree_of(name)
    names = tmp_path / "names.yaml"
    places = {one.name: (one.points[-len(one.points) // 4] * 1e3).tolist() for one in known.branches}
    names.write_text("\n".join(f"{key}: {place}" for key, place in places.items()))
    report = import_surface(file, tmp_path / "out", unit="mm", frame="RAS", options=ImportOptions(names=names))
    package = load_package(report.package_path)
    assert set(places) <= {branch.name for branch in package.tree.branches}
    assert len(report.openings) == {"curved_tube": 2, "coronary": 4, "renal_pair": 4}.get(name, 3)
    distance, share = compared(name, package)
    assert distance < 0.5e-3  # because: issue 2, section 3
    assert share < 0.1
    assert report.field.error_p99_mm < 0.1
    assert not any("made up" in line or "crosses itself" in line for line in report.warnings), report.warnings
    assert any("58 mm across" in line for line in report.warnings) == (name == "aneurysm")


def test_an_axis_is_met_within_half_a_millimetre_and_a_radius_within_a_tenth() -> None:
    for row in accuracy_table(["tapering_tube", "thin_tube"]):
        assert row.distance < 0.1e-3, row  # asked for: 0.5 mm
        assert row.astray < 0.1e-3, row
        assert row.radius < 0.05, row  # asked for: 10 %


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PATIENTS, *tubes()])
def test_every_generated_vessel_is_met_within_half_a_millimetre_and_a_tenth(name: str) -> None:
    (row,) = accuracy_table([name])
    assert row.distance < 0.1e-3, row  # asked for: 0.5 mm; measured: 0.04 mm
    assert row.distance_p95 < 0.5e-3, row
    assert row.astray < 0.2e-3, row
    assert row.radius < 0.05, row  # asked for: 10 %; measured: 2 to 4 %
    assert row.radius_p95 < 0.1, row
    assert row.found == 17 if name in PATIENTS else row.found == 2

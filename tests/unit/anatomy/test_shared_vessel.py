"""Import of real vessels that are shared beside the repository; skipped where they are not."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from simtrainer.anatomy.distance import surface_clearance, triangle_tree
from simtrainer.anatomy.intake import ImportReport, import_surface
from simtrainer.anatomy.mesh_io import read_surface
from simtrainer.anatomy.package import AnatomyPackage, load_package
from simtrainer.anatomy.repair import repaired
from simtrainer.core.frame import rotation_to_ras
from simtrainer.core.units import LENGTH_UNITS

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
CEREBRAL = SHARED / "vessel/steve_neurovascular"
ILIAC = SHARED / "vessel/seqseg_demo/Models/demo.vtp"
FILES = {
    "cerebral": (CEREBRAL / "mechanical_thrombectomy_collision_FIX_REMESH.obj", "mm", "x=I,y=L,z=A"),
    "cerebral_coarse": (CEREBRAL / "vessel_architecture_collision.obj", "mm", "x=I,y=L,z=A"),
    "iliac": (ILIAC, "cm", "RAS"),
    "neck_arteries": (SHARED / "organ/spl_head_neck/derived/arteries.ply", "mm", "LPS"),
    "neck_veins": (SHARED / "organ/spl_head_neck/derived/central_veins.stl", "mm", "LPS"),
    "aorta": (SHARED / "airway/totalseg_thorax_cta/derived/aorta.ply", "mm", "LPS"),
}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the shared patient data lie not beside this checkout"),
]


@cache
def imported(name: str) -> tuple[ImportReport, AnatomyPackage]:
    file, unit, frame = FILES[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMTRAINER_CACHE_DIR", mkdtemp())
        report = import_surface(file, Path(mkdtemp()) / name, unit=unit, frame=frame)
        return report, load_package(report.package_path)


@pytest.mark.parametrize("name", FILES)
def test_a_real_vessel_becomes_a_package_with_a_true_field(name: str) -> None:
    report, package = imported(name)
    assert report.field.error_p99_mm < 0.1
    assert report.field.error_largest_mm < 0.5
    assert len(report.openings) >= 2
    value, _, known = package.field.sample(np.ascontiguousarray(package.tree.branches[0].points))
    assert known.all()
    assert (value > 0.0).all()


@pytest.mark.parametrize("name", FILES)
def test_radii_are_those_of_balls_inscribed_in_the_same_mesh(name: str) -> None:
    file, unit, frame = FILES[name]
    raw = read_surface(file)
    mended = repaired(raw.points @ rotation_to_ras(frame).T * LENGTH_UNITS[unit], raw.triangles, name)
    near = cKDTree(mended.points)
    exact = triangle_tree(mended.points, mended.triangles)
    for branch in imported(name)[1].tree.branches:
        if branch.length < 0.012:
            continue
        size = np.abs(surface_clearance(exact, branch.points))
        whole = np.minimum(branch.arc, branch.length - branch.arc) > 2.5 * branch.radii.max()  # no cut, no bridge
        assert (np.abs(size - branch.radii)[whole] < 2e-4).mean() > 0.97 if whole.any() else True, branch.name
        assert (np.asarray(near.query(branch.points)[0])[whole] >= branch.radii[whole] - 2e-4).all(), branch.name


def paths() -> dict[str, NDArray[np.float64]]:
    """Paths of the cerebral tree in W; their frame is that of the mesh. They serve for topology only."""
    turn = rotation_to_ras(FILES["cerebral"][2])
    found = {}
    for file in sorted((CEREBRAL / "Centrelines_comb").glob("*.json")):
        points = json.loads(file.read_text())["markups"][0]["controlPoints"]
        found[file.stem] = np.array([point["position"] for point in points]) @ turn.T * 1e-3
    return found


def test_every_shared_path_of_the_cerebral_tree_runs_along_an_extracted_one() -> None:
    package = imported("cerebral_coarse")[1]
    tree = package.tree
    every = np.concatenate([np.column_stack([branch.points, branch.radii]) for branch in tree.branches])
    near = cKDTree(every[:, :3])
    shares = {}
    for name, path in paths().items():
        if (package.field.sample(path)[0] > 0.0).mean() < 0.8:  # some paths belong to another version of the mesh
            continue
        distance, at = (np.asarray(found) for found in near.query(path))
        shares[name] = float((distance < 1.5 * np.maximum(every[at, 3], 2e-3)).mean())
    assert len(shares) >= 15
    assert np.mean(list(shares.values())) > 0.9, shares
    assert all(shares[f"Centerline curve - {name}.mrk"] > 0.93 for name in ("LCCA", "RCCA", "LVA", "RVA")), shares


def test_the_iliac_model_is_entered_from_below_and_named_too_small_in_millimetres() -> None:
    report, package = imported("iliac")
    assert package.access.point[2] < package.lumen_points[:, 2].min() + 0.06
    assert [len(package.tree.branches), len(report.openings)] == [3, 3]
    file, _, frame = FILES["iliac"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMTRAINER_CACHE_DIR", mkdtemp())
        small = import_surface(file, Path(mkdtemp()) / "p", unit="mm", frame=frame)
    assert any("--unit cm" in warning for warning in small.warnings)

"""The import of a surface file: good ones become packages, broken ones one clear message or a report of repairs."""

import struct
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from simtrainer.anatomy.intake import ImportOptions, ImportReport, import_surface
from simtrainer.anatomy.mesh_io import read_surface
from simtrainer.anatomy.package import load_package
from simtrainer.anatomy.plausible import check_widths
from simtrainer.anatomy.repair import repaired, volume
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.error import InputError
from tests.unit.anatomy.surface import Floats, Ints, Surface, known_surface, known_tree, tube, write_obj, write_stl


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMTRAINER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def luck() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(5))


@cache
def good() -> tuple[Path, ImportReport]:
    folder = Path(mkdtemp())
    file = write_stl(folder / "tree.stl", known_surface())
    names = folder / "names.yaml"
    tips = {
        name: (known_tree().branches[i].points[-6] * 1e3).tolist() for i, name in enumerate(("trunk", "one", "two"))
    }
    names.write_text("\n".join(f"{name}: {point}" for name, point in tips.items()))
    options = ImportOptions(names=names, source="a test", licence="Apache-2.0")
    return folder, import_surface(file, folder / "package", unit="mm", frame="RAS", options=options)


def test_a_surface_becomes_a_package_that_loads_with_its_names() -> None:
    folder, report = good()
    package = load_package(folder / "package")
    names = {branch.name for branch in package.tree.branches}
    assert {"trunk", "one", "two"} <= names
    assert package.origin == "imported"
    assert package.manifest.licence == "Apache-2.0"
    assert report.package_path == folder / "package"
    assert {branch.name for branch in report.branches} == names
    assert report.field.error_p99_mm < 0.1
    assert any("synthetic phantom" in warning for warning in report.warnings)
    assert any(name.startswith("phantom_vertebra") for name in package.body_parts)


def test_it_is_entered_at_the_largest_opening_but_that_of_the_heart_through_a_tunnel() -> None:
    package = load_package(good()[0] / "package")
    end = known_tree().branches[0].points[-1]  # 5 mm; the widest, 7 mm, is taken for the side of the heart
    assert np.linalg.norm(package.access.point - end) < 0.004
    outside = package.access.point - 0.025 * package.access.direction
    value, _, known = package.field.sample(outside[None])
    assert known[0]
    assert value[0] > 0.004


def test_the_most_selective_reachable_branch_is_the_target() -> None:
    assert good()[1].target == "one"  # past two forks, and thinner than the trunk behind them


def test_a_frame_turns_the_vessel_and_a_unit_scales_it(tmp_path: Path) -> None:
    points, triangles = known_surface()
    turned = points * np.array([-1.0, -1.0, 1.0])  # RAS to LPS
    file = write_stl(tmp_path / "lps.stl", (turned, triangles), scale=1e2)
    report = import_surface(file, tmp_path / "p", unit="cm", frame="LPS")
    package = load_package(report.package_path)
    assert np.abs(package.lumen_points.max(axis=0) - points.max(axis=0))[:2].max() < 5e-4


def test_the_same_file_gives_the_same_package(tmp_path: Path) -> None:
    file = write_obj(tmp_path / "tube.obj", tube(capped=True))
    first = import_surface(file, tmp_path / "a", unit="mm", frame="RAS", options=ImportOptions(name="x"))
    second = import_surface(file, tmp_path / "b", unit="mm", frame="RAS", options=ImportOptions(name="x"))
    for path in sorted(first.package_path.iterdir()):
        assert path.read_bytes() == (second.package_path / path.name).read_bytes(), path.name


# --- broken surfaces that can be mended -------------------------------------------------------------------------


def holes(points: Floats, triangles: Ints) -> Surface:
    lost = luck().choice(len(triangles), 40, replace=False)
    return points, np.delete(triangles, lost, axis=0)


def inverted(points: Floats, triangles: Ints) -> Surface:
    return points, triangles[:, ::-1]


def mixed_winding(points: Floats, triangles: Ints) -> Surface:
    turned = triangles.copy()
    some = luck().random(len(turned)) < 0.3
    turned[some] = turned[some][:, ::-1]
    return points, turned


def some_nan(points: Floats, triangles: Ints) -> Surface:
    broken = points.copy()
    broken[luck().choice(len(points), 5, replace=False)] = np.nan
    return broken, triangles


def zero_area(points: Floats, triangles: Ints) -> Surface:
    flat = np.stack([triangles[:50, 0], triangles[:50, 0], triangles[:50, 1]], axis=1)
    return points, np.vstack([triangles, flat])


def twice(points: Floats, triangles: Ints) -> Surface:
    return points, np.vstack([triangles, triangles[:500]])


def two_bodies(points: Floats, triangles: Ints) -> Surface:
    other, more = tube(radius=0.002, length=0.02, capped=True)
    return np.vstack([points, other + 0.1]), np.vstack([triangles, more + len(points)])


def fin(points: Floats, triangles: Ints) -> Surface:
    tip = points[triangles[:6, 0]] + 0.004
    flaps = np.stack([triangles[:6, 0], triangles[:6, 1], len(points) + np.arange(6)], axis=1)
    return np.vstack([points, tip]), np.vstack([triangles, flaps])


MENDABLE: dict[str, tuple[Callable[[Floats, Ints], Surface], str]] = {
    "holes": (holes, "closed"),
    "inverted": (inverted, "faced inward"),
    "mixed winding": (mixed_winding, "turned"),
    "nan": (some_nan, "not numbers"),
    "zero area": (zero_area, "without area"),
    "triangles twice": (twice, "stood there twice"),
    "two bodies": (two_bodies, "largest of 2 separate bodies"),
    "three triangles at an edge": (fin, "more than two"),
}


@pytest.mark.parametrize("name", MENDABLE)
def test_a_broken_surface_is_mended_and_the_report_says_how(name: str) -> None:
    spoil, words = MENDABLE[name]
    points, triangles = known_surface()
    whole = volume(points, triangles)
    work = repaired(*spoil(points.copy(), triangles.copy()), name)
    assert any(words in sentence for sentence in work.done), work.done
    assert volume(work.points, work.triangles) == pytest.approx(whole, rel=0.02)
    edges = np.sort(work.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    counts = np.unique(edges[:, 0] * len(work.points) + edges[:, 1], return_counts=True)[1]
    assert (counts == 2).all()
    assert not work.doubts


# --- broken surfaces that are refused ---------------------------------------------------------------------------


def sheet(path: Path) -> Path:
    x, y = np.meshgrid(np.linspace(0, 0.1, 12), np.linspace(0, 0.1, 12))
    points = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1)
    a = (np.arange(11)[:, None] * 12 + np.arange(11)).ravel()
    return write_stl(
        path, (points, np.concatenate([np.stack([a, a + 1, a + 13], 1), np.stack([a, a + 13, a + 12], 1)]))
    )


def all_nan(path: Path) -> Path:
    points, triangles = tube()
    return write_stl(path, (np.full_like(points, np.nan), triangles))


def content(data: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return write


def stl(scale: float, surface: Callable[[], Surface] = known_surface) -> Callable[[Path], Path]:
    return lambda path: write_stl(path, surface(), scale)


def cut_off(path: Path) -> Path:
    write_stl(path, tube())
    path.write_bytes(path.read_bytes()[:3000])
    return path


REFUSED: dict[str, tuple[str, Callable[[Path], Path], dict[str, str | None], str]] = {
    "empty file": ("a.stl", content(b""), {}, "is empty"),
    "no triangles": ("a.stl", content(b"\0" * 80 + struct.pack("<I", 0)), {}, "no triangles"),
    "text with .stl ending": ("a.stl", content(b"dear diary, today I renamed a file\n" * 5), {}, "not an STL file"),
    "cut off": ("a.stl", cut_off, {}, "not a whole STL"),
    "metres called millimetres": ("a.stl", stl(1.0), {}, "--unit m"),
    "millimetres called metres": ("a.stl", stl(1e3), {"unit": "m"}, "--unit mm"),
    "no unit": ("a.stl", stl(1e3), {"unit": None}, "--unit"),
    "unknown unit": ("a.stl", stl(1e3), {"unit": "mmm"}, "Did you mean 'mm'"),
    "no frame": ("a.stl", stl(1e3), {"frame": None}, "--frame"),
    "mirrored frame": ("a.stl", stl(1e3), {"frame": "LAS"}, "mirror image"),
    "unknown kind": ("a.stl", stl(1e3), {"kind": "vesel"}, "Did you mean 'vessel'"),
    "a sheet": ("a.stl", sheet, {}, "sheet"),
    "every coordinate nan": ("a.stl", all_nan, {}, "not a number"),
    "obj names a vertex that is not there": (
        "a.obj", content(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n"), {}, "names vertex",
    ),
    "obj with words for numbers": ("a.obj", content(b"v one two three\nf 1 1 1\n"), {}, "not a number"),
    "obj of half a vertex": ("a.obj", content(b"v 1 2\n"), {}, "2 of 3"),
    "rubbish called glb": ("a.glb", content(b"glTF nonsense" * 40), {}, "cannot be read as GLB"),
    "rubbish called ply": ("a.ply", content(b"ply\nformat ascii 1.0\nelement vertex 3\nend_header\n1 2\n"), {}, "PLY"),
    "rubbish called vtp": ("a.vtp", content(b"<VTKFile type='PolyData'><PolyData></"), {}, "VTP"),
    "rubbish called vtk": ("a.vtk", content(b"# vtk DataFile Version 3.0\nx\nASCII\nDATASET POLYDATA"), {}, "VTK"),
    "an unknown ending": ("a.docx", content(b"PK"), {}, "not a surface format"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_surface_that_cannot_be_used_is_refused_in_one_sentence(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ending, write, given, words = REFUSED[name]
    file = write(tmp_path / ending)
    asked: dict[str, str | None] = {"unit": "mm", "frame": "RAS", "kind": "vessel", **given}
    with pytest.raises(InputError) as caught:
        import_surface(file, tmp_path / "out", unit=asked["unit"], frame=asked["frame"], kind=str(asked["kind"]))
    message = str(caught.value)
    assert words in message, message
    assert "\n" not in message
    assert "Traceback" not in message
    assert not (tmp_path / "out").exists(), "nothing is written"
    assert capfd.readouterr() == ("", ""), "nothing is printed beside the message"


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    write_stl(tmp_path / "vessel.stl", tube())
    with pytest.raises(InputError, match=r"Did you mean 'vessel.stl'"):
        read_surface(tmp_path / "vesel.stl")
    with pytest.raises(InputError, match="is a folder"):
        read_surface(tmp_path)


def test_a_nine_centimetre_aorta_is_questioned_and_a_usual_one_is_not() -> None:
    def aorta(radius: float) -> CentrelineTree:
        points = np.stack([np.zeros(30), np.zeros(30), np.linspace(0.0, 0.3, 30)], axis=1)
        return CentrelineTree((Branch("descending_aorta", points, np.full(30, radius), -1, -1),))

    doubts = check_widths(aorta(0.045))
    assert any("90 mm across" in doubt for doubt in doubts)
    assert any("published is 24.5 mm" in doubt for doubt in doubts)
    assert check_widths(aorta(0.0125)) == []
    assert any("thinner than 1 mm" in doubt for doubt in check_widths(aorta(0.0004)))


def test_a_long_axis_from_left_to_right_is_questioned(tmp_path: Path) -> None:
    points, triangles = tube(capped=True)
    file = write_stl(tmp_path / "lying.stl", (points[:, [2, 0, 1]], triangles))
    report = import_surface(file, tmp_path / "out", unit="mm", frame="RAS")
    assert any("is the frame right" in warning for warning in report.warnings)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    file = write_stl(tmp_path / "a.stl", tube(capped=True))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("keep")
    with pytest.raises(InputError, match="holds other files"):
        import_surface(file, tmp_path / "mine", unit="mm", frame="RAS")


def test_a_name_far_from_every_vessel_is_refused(tmp_path: Path) -> None:
    file = write_stl(tmp_path / "a.stl", tube(capped=True))
    names = tmp_path / "names.yaml"
    names.write_text("left_common_carotid: [500, 0, 0]\n")
    with pytest.raises(InputError, match="outside the nearest vessel"):
        import_surface(file, tmp_path / "o", unit="mm", frame="RAS", options=ImportOptions(names=names))


@pytest.mark.parametrize(
    ("text", "words"),
    [("- a\n- b\n", "holds no names"), ("Left Carotid: [1, 2, 3]\n", "snake case"), ("a: [1, 2]\n", "three numbers")],
)
def test_a_wrong_name_map_is_explained(text: str, words: str, tmp_path: Path) -> None:
    file = write_stl(tmp_path / "a.stl", tube(capped=True))
    names = tmp_path / "names.yaml"
    names.write_text(text)
    with pytest.raises(InputError, match=words):
        import_surface(file, tmp_path / "o", unit="mm", frame="RAS", options=ImportOptions(names=names))


@pytest.mark.parametrize(
    ("openings", "words"), [(((0, 0, 0), (500, 0, 0)), "400 mm from the surface"), (((0, 0, 0),), "at least two")]
)
def test_openings_that_cannot_be_are_refused(
    openings: tuple[tuple[float, float, float], ...], words: str, tmp_path: Path
) -> None:
    points, triangles = tube(capped=True)
    file = write_stl(tmp_path / "a.stl", (points[:, [2, 0, 1]], triangles))
    with pytest.raises(InputError, match=words):
        import_surface(file, tmp_path / "o", unit="mm", frame="RAS", options=ImportOptions(openings=openings))

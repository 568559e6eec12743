"""Packages: what is refused, what is cached, what the tree and the files promise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.anatomy.build import build_patient, parameters
from simtrainer.anatomy.cache import derived
from simtrainer.anatomy.description import describe
from simtrainer.anatomy.generators import generators
from simtrainer.anatomy.package import load_package
from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.store import read_parts, read_tree, write_parts, write_tree
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.error import InputError, UnknownNameError
from tests.unit.anatomy.surface import known_tree


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMTRAINER_CACHE_DIR", str(tmp_path / "cache"))


def test_an_unknown_patient_is_told_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'adult_male_type1'"):
        load_package("adult_male_typ1")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "manifest.yaml").unlink(), "no manifest.yaml"),
        (lambda folder: (folder / "manifest.yaml").write_text("a: [1"), "not YAML"),
        (lambda folder: (folder / "manifest.yaml").write_text("colour: red\n"), "manifest.yaml: "),
        (lambda folder: (folder / "body.npz").unlink(), "is not a file of this folder"),
        (lambda folder: (folder / "body.npz").write_bytes(b"no"), "not the file that the manifest lists"),
    ],
)
def test_a_spoilt_package_is_refused_with_its_file_named(spoil: object, words: str, tmp_path: Path) -> None:
    folder = build_patient("adult_male_type1", tmp_path)
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(InputError, match=words):
        load_package(folder)


def test_a_manifest_that_reaches_outside_its_folder_is_refused(tmp_path: Path) -> None:
    folder = build_patient("adult_male_type1", tmp_path)
    text = (folder / "manifest.yaml").read_text()
    (folder / "manifest.yaml").write_text(text.replace("file: body.npz", "file: ../adult_male_type1/body.npz"))
    with pytest.raises(InputError, match="is not a file of this folder"):
        load_package(folder)


def test_a_target_that_is_no_branch_is_refused(tmp_path: Path) -> None:
    folder = build_patient("adult_male_type1", tmp_path)
    text = (folder / "manifest.yaml").read_text()
    (folder / "manifest.yaml").write_text(text.replace("target: left_common_carotid", "target: left_comon_carotid"))
    with pytest.raises(UnknownNameError, match="Did you mean 'left_common_carotid'"):
        load_package(folder)


def test_what_was_derived_is_read_back_and_remade_when_its_sources_change(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, NDArray[np.generic]]:
        made.append(1)
        return {"a": np.arange(3.0)}

    first = derived("thing", {"file": "1"}, make)
    again = derived("thing", {"file": "1"}, make)
    other = derived("thing", {"file": "2"}, make)
    assert len(made) == 2
    assert np.array_equal(first["a"], again["a"])
    assert np.array_equal(first["a"], other["a"])
    for path in (tmp_path / "cache").rglob("*.npz"):
        path.write_bytes(b"spoilt")
    assert np.array_equal(derived("thing", {"file": "1"}, make)["a"], first["a"])


def test_a_tree_survives_its_file(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree.json", known_tree())
    found = read_tree(tmp_path / "tree.json")
    for a, b in zip(found.branches, known_tree().branches, strict=True):
        assert (a.name, a.parent, a.parent_index) == (b.name, b.parent, b.parent_index)
        assert np.abs(a.points - b.points).max() < 1e-6
        assert np.abs(a.radii - b.radii).max() < 1e-6


def test_parts_survive_their_file_and_a_mirror_image_is_stored_by_name(tmp_path: Path) -> None:
    points = np.random.Generator(np.random.Philox(1)).uniform(0.0, 0.1, (300, 3))
    triangles = np.arange(300).reshape(-1, 3)
    right = BodyPart(points, triangles, Tissue.BONE)
    left = BodyPart(points * np.array([-1.0, 1.0, 1.0]), triangles[:, ::-1].copy(), Tissue.BONE)
    write_parts(tmp_path / "both.npz", {"right_x": right, "left_x": left})
    write_parts(tmp_path / "one.npz", {"right_x": right})
    found = read_parts(tmp_path / "both.npz")
    assert np.abs(found["left_x"].points - left.points).max() < 0.03e-3
    assert np.array_equal(found["left_x"].triangles, left.triangles)
    assert (tmp_path / "both.npz").stat().st_size < 1.2 * (tmp_path / "one.npz").stat().st_size


@pytest.mark.parametrize("text", ["", "{", '{"schema_version": 1}', '{"schema_version": 9, "branches": []}'])
def test_a_broken_tree_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "tree.json").write_text(text)
    with pytest.raises(InputError, match=r"tree\.json"):
        read_tree(tmp_path / "tree.json")


def test_the_way_to_a_branch_counts_every_fork_once() -> None:
    tree = known_tree()
    points, radii = tree.path_to(1)
    assert len(points) == len(radii) == 29 + 35
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).min() > 1e-5
    assert np.allclose(points[28], tree.branches[1].points[0])
    assert tree.lineage(1) == (0, 1)
    assert tree.children(0) == (1, 2)
    assert set(tree.ends()) == {0, 1, 2}


def test_a_branch_from_the_last_point_goes_on_and_is_no_end_itself() -> None:
    trunk = known_tree().branches[0]
    on = Branch("on", trunk.points[-1] + np.array([[0.0, 0, 0], [0, 0, 0.01]]), np.full(2, 0.004), 0, 70)
    tree = CentrelineTree((trunk, replace(on)))
    assert tree.ends() == (1,)


def test_a_description_has_every_branch_and_the_error_of_the_field(tmp_path: Path) -> None:
    package = load_package(build_patient("young_female_type1", tmp_path))
    found = describe(package)
    assert [branch.name for branch in found.branches] == [branch.name for branch in package.tree.branches]
    assert found.branches[0].parent == ""
    assert 0.0 < found.field.error_p99_mm < 0.05
    assert found.target == "left_common_carotid"


@pytest.mark.parametrize("name", ["adult_male_type1", "older_female_type3", "adult_male_bovine", "older_male_type2"])
def test_no_two_vessels_of_a_generated_patient_run_into_each_other(name: str) -> None:
    tree = generators.get("aorto_carotid")(parameters(name)).tree
    home = [0.0, *(tree.branches[b.parent].radii[b.parent_index] + 3.0 * b.radii.max() for b in tree.branches[1:])]
    away = [branch.arc >= least for branch, least in zip(tree.branches, home, strict=True)]  # has left its fork
    for i, one in enumerate(tree.branches):
        for j, other in enumerate(tree.branches[:i]):
            gap = np.linalg.norm(one.points[away[i]][:, None] - other.points[away[j]][None], axis=2)
            room = gap - one.radii[away[i]][:, None] - other.radii[away[j]][None]
            assert room.size == 0 or room.min() > 0.0, (one.name, other.name)

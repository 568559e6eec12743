"""Every patient that travels with the product: whole, rebuilt bit for bit, plausible, and loadable."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simtrainer.anatomy.build import PATIENTS, build_patient, parameters
from simtrainer.anatomy.generators.aorto_carotid import from_mapping
from simtrainer.anatomy.manifest import Content, read_manifest, verified
from simtrainer.anatomy.package import AnatomyPackage, builtin_names, load_package
from simtrainer.anatomy.part import Tissue
from simtrainer.anatomy.store import read_parts, read_tree
from simtrainer.core.resource import resource_path

MESHES = resource_path("meshes")


@cache
def loaded(name: str) -> AnatomyPackage:
    return load_package(name)


def test_every_built_in_patient_is_there() -> None:
    assert set(builtin_names()) >= set(PATIENTS)
    assert len(PATIENTS) >= 8


def test_both_sexes_all_arches_and_a_span_of_ages_are_covered() -> None:
    chosen = [from_mapping(parameters(name)) for name in PATIENTS]
    assert {str(one.sex) for one in chosen} == {"male", "female"}
    assert {str(one.arch) for one in chosen} == {"type_i", "type_ii", "type_iii", "bovine"}
    assert min(one.age_years for one in chosen) <= 35
    assert max(one.age_years for one in chosen) >= 80
    assert max(one.iliac_tortuosity for one in chosen) >= 1.4


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_is_rebuilt_bit_for_bit(name: str, tmp_path: Path) -> None:
    folder = build_patient(name, tmp_path)
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (MESHES / name / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", PATIENTS)
def test_the_manifest_lists_every_file_with_its_hash_source_and_licence(name: str) -> None:
    manifest = read_manifest(MESHES / name)
    listed = {entry.file for entry in manifest.files}
    assert {path.name for path in (MESHES / name).iterdir()} == listed | {"manifest.yaml"}
    for entry in manifest.files:
        assert verified(MESHES / name, entry).is_file()
        assert entry.licence == "Apache-2.0"
        assert entry.source
    assert sum(path.stat().st_size for path in (MESHES / name).iterdir()) < 300_000
    for number in manifest.numbers:
        assert number.because


@pytest.mark.parametrize("name", PATIENTS)
def test_the_body_fits_the_vessels(name: str) -> None:
    tree = read_tree(MESHES / name / "tree.json")
    parts = read_parts(MESHES / name / "body.npz")
    skin = parts["body"].points
    for branch in tree.branches:  # every vessel lies within the box of the skin
        assert (branch.points > skin.min(axis=0)).all(), branch.name
        assert (branch.points < skin.max(axis=0)).all(), branch.name
    aorta = tree.branches[tree.number("abdominal_aorta")]
    for level in ("l3", "l2", "l1"):
        bone = parts[f"vertebra_{level}"].points
        at = aorta.points[int(np.argmin(np.abs(aorta.points[:, 2] - bone[:14, 2].mean())))]
        assert at[1] > bone[:70, 1].max(), f"the aorta runs in front of {level}"
        assert at[0] < 0.002, "and not right of the midline"
    femur = parts["right_femur"].points
    access = tree.branches[0].points[0]
    assert access[1] > 0.02, "the access lies in front of the femoral head"
    assert femur[:, 0].min() < access[0] < femur[:, 0].max(), "and over it"


@pytest.mark.parametrize("name", PATIENTS)
def test_every_surface_of_the_body_is_closed_and_faces_outward(name: str) -> None:
    for label, part in read_parts(MESHES / name / "body.npz").items():
        edges = np.concatenate([part.triangles[:, [0, 1]], part.triangles[:, [1, 2]], part.triangles[:, [2, 0]]])
        forward = {(int(a), int(b)) for a, b in edges}
        assert len(forward) == len(edges), label
        assert all((b, a) in forward for a, b in forward), label
        a, b, c = (part.points[part.triangles[:, i]] for i in range(3))
        assert (a * np.cross(b, c)).sum() > 0.0, label


def test_a_loaded_patient_is_ready_for_physics_and_imaging() -> None:
    package = loaded("adult_male_type1")
    assert package.tree.branches[package.tree.number(package.target)].name == "left_common_carotid"
    assert package.access.branch == package.tree.branches[0].name
    assert np.linalg.norm(package.access.direction) == pytest.approx(1.0, abs=1e-5)
    assert package.field_error.p99 < 5e-5
    assert package.field_error.largest < 3e-4
    points, radii = package.tree.path_to(package.tree.number(package.target))
    assert (np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-5).all()
    value, _, known = package.field.sample(np.ascontiguousarray(points))
    assert known.all()
    assert (value[2:-2] > 0.9 * radii[2:-2] - 2e-4).all()
    tunnel = package.access.point - 0.028 * package.access.direction
    assert package.field.sample(tunnel[None])[0][0] > 0.9 * radii[0]
    assert {end.branch for end in package.ends} >= {"left_internal_carotid", "ascending_aorta", "right_renal"}
    found = {part.tissue for part in package.body_parts.values()}
    assert found == {Tissue.SOFT, Tissue.BONE, Tissue.CORTEX, Tissue.LUNG}


def test_the_wall_lies_on_the_zero_of_the_field_and_every_triangle_belongs_to_a_vessel() -> None:
    package = loaded("adult_male_type1")
    value, _, known = package.field.sample(package.lumen_points)
    assert known.all()
    assert np.percentile(np.abs(value), 99) < 2e-5
    names = {package.tree.branches[i].name for i in np.unique(package.lumen_branch)}
    assert names >= {"aortic_arch", "left_common_carotid", "left_internal_carotid", "abdominal_aorta"}
    edges = package.lumen_triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    count = len(package.lumen_points)
    one_way = np.sort(edges[:, 0] * count + edges[:, 1])
    other_way = np.sort(edges[:, 1] * count + edges[:, 0])
    assert (one_way == other_way).all(), "every edge is met as often from one side as from the other"


def test_loading_twice_gives_the_same_bits() -> None:
    first, second = loaded("adult_male_type1"), load_package("adult_male_type1")
    assert first.field.values.tobytes() == second.field.values.tobytes()
    assert first.lumen_points.tobytes() == second.lumen_points.tobytes()
    assert not first.tree.branches[0].points.flags.writeable


def test_a_changed_file_is_not_loaded(tmp_path: Path) -> None:
    from simtrainer.core.error import InputError  # noqa: PLC0415

    folder = build_patient("adult_male_type1", tmp_path)
    text = (folder / "tree.json").read_text()
    (folder / "tree.json").write_text(text.replace("3.3", "3.4", 1))
    with pytest.raises(InputError, match=r"not the file that the manifest lists"):
        load_package(folder)


def test_generated_packages_say_so() -> None:
    manifest = read_manifest(MESHES / "older_male_type3")
    assert manifest.origin == "generated"
    assert manifest.generator is not None
    assert [entry.content for entry in manifest.files] == [Content.TREE, Content.BODY]

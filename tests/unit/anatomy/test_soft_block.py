"""Soft blocks: rebuilt bit for bit, told apart from patients, and refused with place and number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simtrainer.anatomy.block import Block, check_block, load_block
from simtrainer.anatomy.block_build import BLOCKS, build_block, parameters
from simtrainer.anatomy.block_kind import block_names, is_block
from simtrainer.anatomy.generators.soft_block import AREOLAR, Tube, build, from_mapping
from simtrainer.anatomy.package import builtin_names, load_package
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.resource import resource_path

MESHES = resource_path("meshes")


def block() -> Block:
    return load_block("soft_block_thin")


def test_blocks_and_patients_with_vessels_are_told_apart() -> None:
    assert set(block_names()) == set(BLOCKS)
    assert not set(block_names()) & set(builtin_names())
    assert is_block(MESHES / "soft_block_thin")
    assert not is_block(MESHES / "adult_male_type1")


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_rebuilt_bit_for_bit(name: str, tmp_path: Path) -> None:
    folder = build_block(name, tmp_path)
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted(path.name for path in (MESHES / name).iterdir())
    for file in files:
        assert (folder / file).read_bytes() == (MESHES / name / file).read_bytes(), file


@pytest.mark.parametrize("name", BLOCKS)
def test_layers_lie_over_the_artery_in_order_and_every_material_has_a_reason(name: str) -> None:
    it = load_block(name)
    artery = it.tubes["artery"].points
    middle = int(np.argmin(np.abs(artery[:, 2])))
    i, _, k = np.floor((artery[middle] - it.origin) / it.spacing).astype(int)
    column = [it.material[label].name for label in it.labels[i, ::-1, k] if label]
    assert list(dict.fromkeys(column)) == ["skin", "fat", "fascia", "muscle", "areolar", "floor"]
    assert all(entry.because for entry in it.manifest.materials)
    assert np.all(np.diff(artery[:, 2]) < 0.0), "it runs from proximal to distal"


def test_vein_and_nerve_leave_room_for_a_jaw() -> None:
    for name in BLOCKS:
        tubes = load_block(name).tubes
        for other in ("vein", "nerve"):
            gap = np.linalg.norm(tubes["artery"].points - tubes[other].points, axis=1)
            assert (gap - tubes["artery"].radii - tubes[other].radii).min() > 1.2e-3


def test_another_seed_is_another_block() -> None:
    given = parameters("soft_block_thin")
    one, two = build(from_mapping(given)), build(from_mapping(given | {"seed": 77}))
    assert not np.array_equal(one.tubes["artery"].points, two.tubes["artery"].points)
    assert np.count_nonzero(one.labels == AREOLAR) > 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fat_layers": 9}, "fat_layers 9 is out of range; allowed are 1 to 4"),
        ({"course": "oblik"}, "Did you mean 'oblique'"),
        ({"sead": 1}, "Did you mean 'seed'"),
    ],
)
def test_parameters_that_no_block_has_are_refused(change: dict[str, str | float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        build(from_mapping(parameters("soft_block_thin") | change))


def test_a_voxel_without_material_is_refused_with_its_place_and_label() -> None:
    labels = block().labels.copy()
    labels[3, 4, 5] = 42
    with pytest.raises(InputError, match=r"voxel \(3, 4, 5\) has label 42"):
        check_block(replace(block(), labels=labels))


@pytest.mark.parametrize(("radius", "words"), [(-1e-3, "radius -1.00 mm"), (np.nan, "radius nan mm")])
def test_a_vessel_without_thickness_is_refused_with_its_point_and_number(radius: float, words: str) -> None:
    tube = block().tubes["artery"]
    radii = tube.radii.copy()
    radii[7] = radius
    with pytest.raises(InputError, match=rf"artery: point 7 at \(.*\) mm has {words}"):
        check_block(replace(block(), tubes={**block().tubes, "artery": Tube(tube.points, radii)}))


def test_a_vessel_that_leaves_the_block_is_refused_with_its_point() -> None:
    tube = block().tubes["vein"]
    points = tube.points.copy()
    points[2, 0] = 0.05
    with pytest.raises(InputError, match=r"vein: point 2 at \(50\.0, .* leaves the block"):
        check_block(replace(block(), tubes={**block().tubes, "vein": Tube(points, tube.radii)}))


def test_a_changed_file_a_patient_and_an_unknown_name_are_refused(tmp_path: Path) -> None:
    folder = build_block("soft_block_thin", tmp_path)
    (folder / "block.npz").write_bytes((folder / "block.npz").read_bytes() + b" ")
    with pytest.raises(InputError, match="is not the file that the manifest lists"):
        load_block(folder)
    with pytest.raises(InputError, match="a soft block is needed"):
        load_block(MESHES / "adult_male_type1")
    with pytest.raises(UnknownNameError, match="Did you mean 'soft_block_thin'"):
        load_block("soft_block_thinn")
    with pytest.raises(UnknownNameError, match="no patient"):
        load_package("soft_block_thin")

"""Generated arteries against the published numbers that they are made from."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtrainer.anatomy.curve import least_bend_radius, tortuosity
from simtrainer.anatomy.generators import GeneratedPatient
from simtrainer.anatomy.generators.aorto_carotid import AortoCarotid, build, from_mapping
from simtrainer.anatomy.generators.arch import ArchType
from simtrainer.anatomy.generators.numbers import Sex
from simtrainer.anatomy.tree import Branch
from simtrainer.core.error import InputError

MAN = AortoCarotid(Sex.MALE, 60.0, ArchType.TYPE_I, 1.2, 7)


@cache
def made(chosen: AortoCarotid) -> GeneratedPatient:
    return build(chosen)


def branch(chosen: AortoCarotid, name: str) -> Branch:
    tree = made(chosen).tree
    return tree.branches[tree.number(name)]


def depth_in_carotid_diameters(chosen: AortoCarotid) -> float:
    """Myla's measure: drop from the top of the arch to the brachiocephalic ostium over the carotid's diameter."""
    tree = made(chosen).tree
    stem = branch(chosen, "brachiocephalic_trunk")
    arch = [branch(chosen, name) for name in ("descending_aorta", "aortic_arch", "ascending_aorta")]
    points = np.concatenate([part.points for part in arch])
    radii = np.concatenate([part.radii for part in arch])
    home = tree.branches[stem.parent]
    radius = home.radii[stem.parent_index]
    ahead = stem.points[1:] - stem.points[0]
    ostium = stem.points[1 + int(np.argmin(np.abs(np.linalg.norm(ahead, axis=1) - radius)))]
    top = float((points[:, 2] + radii).max())
    return (top - float(ostium[2])) / 0.0083  # 8.28 mm, Yan 2017


def test_equal_parameters_give_equal_bits_and_another_seed_another_patient() -> None:
    first, second = build(MAN), build(MAN)
    other = build(replace(MAN, seed=8))
    for a, b in zip(first.tree.branches, second.tree.branches, strict=True):
        assert a.points.tobytes() == b.points.tobytes()
        assert a.radii.tobytes() == b.radii.tobytes()
    assert other.tree.branches[0].radii.tobytes() != first.tree.branches[0].radii.tobytes()


@pytest.mark.parametrize(
    ("arch", "low", "high"),
    [(ArchType.TYPE_I, 0.0, 1.0), (ArchType.TYPE_II, 1.0, 2.0), (ArchType.TYPE_III, 2.0, 4.0)],
)
@pytest.mark.parametrize("sex", list(Sex))
def test_the_brachiocephalic_trunk_leaves_at_the_depth_of_its_type(
    arch: ArchType, low: float, high: float, sex: Sex
) -> None:
    assert low <= depth_in_carotid_diameters(replace(MAN, arch=arch, sex=sex)) <= high


def test_in_a_bovine_arch_the_left_carotid_leaves_the_brachiocephalic_trunk() -> None:
    chosen = replace(MAN, arch=ArchType.BOVINE)
    tree = made(chosen).tree
    assert tree.branches[branch(chosen, "left_common_carotid").parent].name == "brachiocephalic_trunk"
    assert tree.branches[branch(MAN, "left_common_carotid").parent].name == "aortic_arch"


@pytest.mark.parametrize(
    ("name", "mean_mm", "spread_mm"),
    [
        ("right_common_femoral", 27.6, 8.9),  # Ahn 2014, JKNS 56:91
        ("right_external_iliac", 110.9, 16.0),  # 224 CTA, South Africa
        ("right_common_iliac", 76.4, 15.0),  # ADAN56
        ("right_common_carotid", 81.2, 10.0),  # ADAN56
        ("right_internal_carotid", 132.1, 10.0),  # ADAN56
        ("right_external_carotid", 60.9, 10.0),  # ADAN56
    ],
)
def test_lengths_are_within_a_spread_of_the_published_ones(name: str, mean_mm: float, spread_mm: float) -> None:
    assert branch(MAN, name).length * 1e3 == pytest.approx(mean_mm, abs=spread_mm)


def test_the_brachiocephalic_trunk_is_as_long_as_published_from_the_wall_of_the_arch_on() -> None:
    stem = branch(MAN, "brachiocephalic_trunk")
    inside = made(MAN).tree.branches[stem.parent].radii[stem.parent_index]
    assert (stem.length - inside) * 1e3 == pytest.approx(47.4, abs=10.0)  # ADAN56


@pytest.mark.parametrize(
    ("sex", "ascending_mm", "descending_mm", "infrarenal_mm"),
    [(Sex.MALE, 34.1, 25.8, 19.3), (Sex.FEMALE, 31.9, 23.1, 16.7)],  # Framingham CT, n 3431, outer diameters
)
def test_the_aorta_is_as_wide_as_in_framingham(
    sex: Sex, ascending_mm: float, descending_mm: float, infrarenal_mm: float
) -> None:
    chosen = replace(MAN, sex=sex, age_years=50.0)
    for name, published in (
        ("ascending_aorta", ascending_mm),
        ("descending_aorta", descending_mm),
        ("abdominal_aorta", infrarenal_mm),
    ):
        assert 2e3 * np.median(branch(chosen, name).radii) == pytest.approx(published, rel=0.15)


def test_women_have_narrower_arteries_and_a_smaller_arch() -> None:
    woman = replace(MAN, sex=Sex.FEMALE)
    for name in ("abdominal_aorta", "ascending_aorta", "left_common_carotid", "right_external_iliac"):
        assert branch(woman, name).radii.mean() < branch(MAN, name).radii.mean()
    assert branch(woman, "ascending_aorta").length < branch(MAN, "ascending_aorta").length


def test_the_aorta_grows_wider_and_longer_with_age() -> None:
    young, old = replace(MAN, age_years=35.0), replace(MAN, age_years=80.0)

    def way(chosen: AortoCarotid) -> float:
        return sum(branch(chosen, name).length for name in ("descending_aorta", "aortic_arch", "ascending_aorta"))

    # +59 mm in men between 20 and 80 years (Adriaans 2018, Heart 104:1772); three quarters of that span here
    assert 0.015 < way(old) - way(young) < 0.08
    assert branch(old, "ascending_aorta").radii.max() > branch(young, "ascending_aorta").radii.max()


@settings(max_examples=8, deadline=None)
@given(st.floats(1.2, 1.5), st.integers(0, 50))
def test_the_iliac_arteries_are_as_tortuous_as_asked(wanted: float, seed: int) -> None:
    chosen = replace(MAN, iliac_tortuosity=wanted, seed=seed)
    both = np.vstack([branch(chosen, "right_external_iliac").points, branch(chosen, "right_common_iliac").points[1:]])
    assert tortuosity(both) == pytest.approx(wanted, abs=0.03)


def every_patient(check: Callable[[AortoCarotid], None]) -> None:
    for sex in Sex:
        for arch in ArchType:
            for age in (30.0, 85.0):
                check(AortoCarotid(sex, age, arch, 1.3, 3))


def test_every_branch_begins_on_its_parent_and_bends_more_gently_than_it_is_wide() -> None:
    def check(chosen: AortoCarotid) -> None:
        tree = made(chosen).tree
        for part in tree.branches[1:]:
            home = tree.branches[part.parent]
            assert np.allclose(part.points[0], home.points[part.parent_index])
        for part in tree.branches:
            assert np.isfinite(part.points).all()
            assert (part.radii > 0.001).all()
            assert least_bend_radius(part.points) > 0.9 * np.median(part.radii), (chosen, part.name)

    every_patient(check)


def test_sources_stand_beside_every_number() -> None:
    for number in made(MAN).numbers:
        assert number.evidence in {"measured", "derived", "design"}
        assert len(number.because) > 20


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"sex": "male"}, "needs age_years"),
        ({"sex": "man", "age_years": 50, "arch": "type_i", "iliac_tortuosity": 1.2, "seed": 1}, "'man'"),
        ({"sex": "male", "age_years": 5, "arch": "type_i", "iliac_tortuosity": 1.2, "seed": 1}, "18 to 95"),
        ({"sex": "male", "age_years": 50, "arch": "type_4", "iliac_tortuosity": 1.2, "seed": 1}, "type_i"),
        ({"sex": "male", "age_years": 50, "arch": "type_i", "iliac_tortuosity": 3.0, "seed": 1}, "1.1 to 1.6"),
        ({"sex": "male", "ages": 50}, "age_years"),
        ({"sex": "male", "age_years": "x", "arch": "type_i", "iliac_tortuosity": 1.2, "seed": 1}, "could not convert"),
    ],
)
def test_wrong_parameters_are_named(given_: dict[str, str | float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_mapping(given_)

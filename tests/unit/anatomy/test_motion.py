"""How the chest moves: what drives which mode, when, and what moves where nothing is named."""

import numpy as np
import pytest

from simtrainer.anatomy.motion import (
    ANNULUS,
    BEATS_S,
    BREATHS_S,
    DEEP_BREATH,
    DESCENDING_DEEP,
    QUIET,
    SYSTOLE,
    chest_motion,
    tenth_vertebra,
)
from simtrainer.anatomy.package import load_package
from simtrainer.anatomy.tree import CentrelineTree

PATIENT = "adult_male_type1"


@pytest.fixture(scope="module")
def tree() -> CentrelineTree:
    return load_package(PATIENT).tree


def test_a_chest_that_has_breathed_out_and_not_beaten_yet_is_at_rest(tree: CentrelineTree) -> None:
    motion = chest_motion(tree)
    assert motion.at(0.0) == pytest.approx(0.0, abs=1e-12)
    assert motion.beating.tolist() == [False, True, True]


def test_half_a_breath_later_breath_is_deepest_and_goes_down(tree: CentrelineTree) -> None:
    breath = chest_motion(tree).at(0.5 / BREATHS_S)[0]
    assert np.linalg.norm(breath) == pytest.approx(QUIET * DEEP_BREATH)
    assert breath[2] < 0.0 < breath[1]


def test_the_annulus_goes_down_in_systole_and_stays_up_in_diastole(tree: CentrelineTree) -> None:
    motion = chest_motion(tree)
    deepest = motion.at(0.5 * SYSTOLE / BEATS_S)[1]
    assert np.linalg.norm(deepest) == pytest.approx(ANNULUS)
    assert deepest[2] < -0.5 * ANNULUS
    assert motion.at((SYSTOLE + 0.1) / BEATS_S)[1] == pytest.approx(0.0, abs=1e-12)
    assert motion.at((4.0 + 0.5 * SYSTOLE) / BEATS_S)[1] == pytest.approx(deepest)


def test_a_faster_heart_beats_more_often(tree: CentrelineTree) -> None:
    motion = chest_motion(tree)
    times = np.arange(0.0, 10.0, 0.01)
    for rate in (BEATS_S, 2.0 * BEATS_S):
        down = np.array([np.linalg.norm(motion.at(t, beats_s=rate)[1]) > 0.5 * ANNULUS for t in times])
        assert int((np.diff(down.astype(int)) == 1).sum()) == pytest.approx(10.0 * rate, abs=1.0)


def test_a_deep_breath_moves_the_descending_aorta_by_what_was_measured(tree: CentrelineTree) -> None:
    motion = chest_motion(tree, breath=1.0)
    there = motion.largest(tenth_vertebra(tree)[None])[0, 0]
    assert np.linalg.norm(there) == pytest.approx(DESCENDING_DEEP, rel=1e-6)


def test_a_tree_without_a_chest_does_not_move(tree: CentrelineTree) -> None:
    legs = CentrelineTree(tuple(b for b in tree.branches if "iliac" in b.name or "abdominal" in b.name))
    assert legs.branches
    motion = chest_motion(legs)
    assert motion.at(1.0).shape == (0, 3)


def test_the_access_in_the_groin_hardly_moves(tree: CentrelineTree) -> None:
    groin = load_package(PATIENT).access.point
    assert np.abs(chest_motion(tree, breath=1.0).largest(groin[None])).max() < 2e-5

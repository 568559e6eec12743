from __future__ import annotations

import numpy as np
import pytest

from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.ui.desktop.case_image import MARGIN, PIXELS, case_images


@pytest.fixture(scope="module")
def world() -> Exercise:
    world = EXERCISE.world("adult_male_type1")
    assert isinstance(world, Exercise)
    return world


def test_the_ring_lies_where_the_way_ends_or_leaves_the_image(world: Exercise) -> None:
    scene, way = EXERCISE.scene(world), world.facts.ideal_path
    focus = np.array(scene.cameras[-1].focus)
    near = int(np.argmin(np.linalg.norm(way - focus, axis=1)))
    for image, whole in zip(case_images(scene, way[: near + 1]), case_images(scene, way), strict=True):
        assert image.goal is not None
        assert image.goal == pytest.approx((0.5, 0.5), abs=0.2), "the camera looks at the origin of the target"
        assert not image.leaves
        assert whole.goal is not None
        assert whole.leaves == (min(*whole.goal, 1.0 - max(whole.goal)) < 2.0 * MARGIN)
        for marked in (image, whole):
            assert marked.goal is not None
            assert all(MARGIN <= share <= 1.0 - MARGIN for share in marked.goal)
            column, row = (round(share * PIXELS) for share in marked.goal)
            assert marked.pixels[row, column] > np.median(marked.pixels), "the ring lies on a vessel"
    assert [image.view for image in case_images(scene, way)] == ["card.front", "card.oblique"]


def test_without_a_way_there_is_no_goal(world: Exercise) -> None:
    assert [image.goal for image in case_images(EXERCISE.scene(world), np.zeros((0, 3)))] == [None, None]

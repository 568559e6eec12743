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


def test_the_goal_lies_on_a_vessel_of_each_image_of_the_case(world: Exercise) -> None:
    images = case_images(EXERCISE.scene(world), world.facts.ideal_path)
    assert [image.view for image in images] == ["card.front", "card.oblique"]
    for image in images:
        assert image.goal is not None
        assert all(MARGIN <= share <= 1.0 - MARGIN for share in image.goal)
        column, row = (round(share * PIXELS) for share in image.goal)
        assert image.pixels[row, column] > np.median(image.pixels)


def test_without_a_way_there_is_no_goal(world: Exercise) -> None:
    assert [image.goal for image in case_images(EXERCISE.scene(world), np.zeros((0, 3)))] == [None, None]

from __future__ import annotations

import numpy as np
import pytest

from simtrainer.core.scene import Body, Camera, Scene
from simtrainer.core.units import MM
from simtrainer.ui.aftermath import _along
from simtrainer.ui.picture import SIZE, close, tip_way, whole

BOX = np.array([[-0.1, -0.05, 0.0], [0.1, 0.05, 0.8], [0.0, 0.0, 0.4]])


def scene() -> Scene:
    cameras = (
        Camera("whole, from the front", (0.0, 1.0, 0.4), (0.0, 0.0, 0.4), (0.0, 0.0, 1.0)),
        Camera("arch, left anterior oblique", (-0.2, 0.2, 0.6), (0.0, 0.0, 0.6), (0.0, 0.0, 1.0)),
    )
    return Scene((Body("lumen", BOX, np.array([[0, 1, 2]])),), (), cameras)


def test_the_whole_view_holds_the_whole_lumen() -> None:
    view = whole(scene())
    assert view.camera.focus == pytest.approx((0.0, 0.0, 0.4))
    assert 0.8 < view.height < 1.1
    assert view.height * SIZE[0] / SIZE[1] > 0.2


def test_the_close_view_keeps_its_direction_wherever_it_looks() -> None:
    here = np.array([0.03, 0.01, 0.7])
    view = close(scene(), here, height=0.25)
    away = np.subtract(view.camera.position, view.camera.focus)
    assert view.camera.focus == pytest.approx(tuple(here))
    assert np.linalg.norm(away) == pytest.approx(1.0)
    assert away / np.linalg.norm(away) == pytest.approx(np.array([-1.0, 1.0, 0.0]) / np.sqrt(2.0))


def test_a_tip_that_rests_leaves_one_point() -> None:
    rows = [np.array([0.0, 0.0, z * MM]) for z in (0.0, 0.1, 0.2, 1.5, 1.6, 4.0)]
    assert tip_way(rows)[:, 2] / MM == pytest.approx([0.0, 1.5, 4.0])


def test_a_tip_in_another_vessel_is_not_on_the_way() -> None:
    way = np.stack([np.zeros(100), np.zeros(100), np.linspace(0.0, 0.5, 100)], axis=1)
    assert _along(np.array([0.0, 0.002, 0.25]), way) == pytest.approx(0.5, abs=0.02)
    assert _along(np.array([0.0, 0.03, 0.5]), way) == -1.0
    assert _along(np.array([0.0, 0.0, 0.1]), way) < _along(np.array([0.0, 0.0, 0.4]), way)

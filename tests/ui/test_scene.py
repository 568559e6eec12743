"""The 3D view: first the scene, then few pictures of 400 x 400. Skipped where this machine has no OpenGL."""

from __future__ import annotations

import time

import numpy as np
import pytest

from simtrainer.ui.desktop.view3d import FOLLOW, LADDER, SceneRenderer, View3D, follow_camera
from simtrainer.ui.probe import Part, probe
from tests.ui.bench import scene

SIZE = (400, 400)


@pytest.fixture(scope="module")
def graphics() -> None:
    found = probe(Part.GL)
    if not found.works:
        pytest.skip(f"no OpenGL here: {found.detail}")


@pytest.fixture
def wire() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return {"wire": np.stack((np.full(30, 0.1), np.full(30, 0.1), np.linspace(0.0, 0.25, 30)), axis=1)}


@pytest.mark.usefixtures("graphics")
def test_the_scene_holds_every_body_and_curve_once_and_within_its_bounds(
    wire: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> None:
    renderer = SceneRenderer(scene(), SIZE)
    renderer.draw(wire, "front", LADDER[0])
    try:
        assert set(renderer.plotter.actors) == {"lumen", "bone", "wire"}
        low, high = np.array(renderer.plotter.bounds[::2]), np.array(renderer.plotter.bounds[1::2])
        assert (low >= -0.01).all()
        assert (high <= 0.41).all()
        camera = renderer.plotter.camera
        assert camera.position == pytest.approx((0.0, 1.5, 0.2))
        assert camera.focal_point == pytest.approx((0.1, 0.1, 0.15))
        assert tuple(camera.up) == pytest.approx((0.0, 0.0, 1.0))
    finally:
        renderer.close()


@pytest.mark.usefixtures("graphics")
def test_the_picture_shows_the_wire_and_the_lowest_rung_leaves_the_bones_out(
    wire: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> None:
    renderer = SceneRenderer(scene(), SIZE)
    try:
        empty = renderer.draw({}, "front", LADDER[0])
        shown = renderer.draw(wire, "front", LADDER[0])
        bare = renderer.draw(wire, "front", LADDER[-1])
    finally:
        renderer.close()
    assert shown.shape == (400, 400, 3)
    assert bare.shape == (200, 200, 3)
    changed = np.abs(shown.astype(int) - empty.astype(int)).sum(axis=2) > 30
    columns = np.flatnonzero(changed.any(axis=0))
    assert 40 < changed.sum() < 8000
    assert np.ptp(columns) < 60  # a straight wire along the body is a narrow line
    assert bare.mean() < shown.mean()  # bones are brighter than the ground


@pytest.mark.usefixtures("graphics")
def test_the_thread_draws_what_it_is_shown_and_ends(
    wire: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> None:
    view = View3D(scene(), SIZE)
    end = time.monotonic() + 60.0
    while view.picture() is None and not view.error and time.monotonic() < end:
        view.show(wire)
        view._thread.join(0.02)
    view.next_camera()
    assert view.camera == "front"
    picture, error = view.picture(), view.error
    view.close()
    assert error == ""
    assert picture is not None
    assert picture.std() > 3.0
    assert not view._thread.is_alive()


def test_the_following_camera_looks_at_the_tip() -> None:
    camera = follow_camera(np.array([0.1, 0.2, 0.3]))
    assert camera.name == FOLLOW
    assert camera.focus == (0.1, 0.2, 0.3)
    assert 0.1 < float(np.linalg.norm(np.subtract(camera.position, camera.focus))) < 0.4

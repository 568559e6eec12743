"""Pictures of an attempt in 3D: lumen, bones, devices, the ideal way and the way that the tip took.

Drawn off-screen by PyVista, only after `probe` found in a child process that this machine can.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.scene import Camera, Scene
from simtrainer.core.units import MM
from simtrainer.ui.probe import Finding, Part, probe

if TYPE_CHECKING:
    import pyvista as pv

SIZE = (1280, 720)
LUMEN = "lumen"
"""Name of the body that holds the vessels."""
_TOP, _BOTTOM = "#26313d", "#0c1015"
_IDEAL, _WAY = "#56b4e9", "#e69f00"
"""Okabe and Ito's blue and orange, told apart without red and green. because: jfly.uni-koeln.de/color (known)"""
_BONE = (0.93, 0.90, 0.82)
LEGEND = "blue thread: ideal way    orange thread: way of the tip"
_LEAST = 0.0025
"""Smallest drawn radius of a device as share of the height of the view, so that it is still seen."""


def can_draw() -> Finding:
    """Return what `probe` finds of 3D here; the way that worked in the child is then taken in this process, too.

    VTK would otherwise look for a screen first, and warn of the missing one on standard error.
    """
    if importlib.util.find_spec("pyvista") is None:
        return Finding(works=False, detail="type: pip install 'simtrainer[view]'")
    found = probe(Part.GL)
    kind = found.detail.partition(",")[0]
    if found.works and kind in ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", kind)
    return found


@dataclass(frozen=True, slots=True)
class View:
    """Where to look from, and how much is seen.

    Parameters
    ----------
    camera
        Position, focus and up.
    height
        Height of what is seen [m], in the plane of the focus.
    """

    camera: Camera
    height: float


@dataclass(frozen=True, slots=True)
class Lines:
    """What is drawn besides the scene: positions [m] in W, each shape (n, 3); the way of the tip in pieces."""

    curves: Mapping[str, NDArray[np.float64]]
    ideal: NDArray[np.float64]
    ways: tuple[NDArray[np.float64], ...]


def whole(scene: Scene) -> View:
    """Return a view of the whole lumen from the front, a little from the left and above."""
    return whole_of(np.concatenate([body.points for body in scene.bodies if body.name == LUMEN]))


def whole_of(points: NDArray[np.float64]) -> View:
    """Return a view of all `points` [m] in W, shape (n, 3), from the front, a little from the left and above."""
    low, high = points.min(axis=0), points.max(axis=0)
    x, y, z = (float(v) for v in 0.5 * (low + high))
    away = float(np.linalg.norm(high - low)) * np.array([-0.75, 2.6, 0.35])
    height = 1.2 * float(max(high[2] - low[2], (high[0] - low[0]) * SIZE[1] / SIZE[0]))
    middle = np.array([x, y, z])
    return View(Camera("whole", _triple(middle + away), _triple(middle), (0.0, 0.0, 1.0)), height)


def close(scene: Scene, focus: NDArray[np.float64] | None = None, height: float = 0.2) -> View:
    """Return a close view along the scene's last oblique camera, at `focus` [m] in W where one is given."""
    named = [camera for camera in scene.cameras if "oblique" in camera.name] or list(scene.cameras)
    if not named:
        raise InputError("the scene has no camera")
    camera = named[0]
    at = np.array(camera.focus) if focus is None else np.asarray(focus, dtype=np.float64)
    away = np.array(camera.position) - np.array(camera.focus)
    away = away / np.linalg.norm(away) * 4.0 * height
    return View(Camera(camera.name, _triple(at + away), _triple(at), camera.up), height)


def _triple(point: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in point)
    return x, y, z


def draw(scene: Scene, lines: Lines, view: View, path: Path, *, size: tuple[int, int] = SIZE) -> Path:
    """Draw `scene` with `lines` as PNG to `path` and return it; the machine must have been probed before."""
    import pyvista as pv  # noqa: PLC0415  # heavy, and an extra

    plotter = pv.Plotter(off_screen=True, window_size=list(size), lighting="three lights")
    try:
        _compose(plotter, scene, lines, view)
        plotter.screenshot(str(path), return_img=False)
    finally:
        plotter.close()
    return path


def _compose(plotter: pv.Plotter, scene: Scene, lines: Lines, view: View) -> None:
    stage(plotter)
    for body in scene.bodies:
        is_bone = body.name != LUMEN
        colour = _BONE if is_bone else body.colour
        opacity = 0.12 if is_bone else 0.42
        mesh = mesh_of(body.points, body.triangles)
        plotter.add_mesh(mesh, color=colour, opacity=opacity, smooth_shading=True, specular=0.25, specular_power=20)
    least = _LEAST * view.height
    _add_way(plotter, lines.ideal, _IDEAL, 0.5 * least)
    for way in lines.ways:
        _add_way(plotter, way, _WAY, 0.5 * least)
    for curve in scene.curves:
        points = lines.curves.get(curve.name)
        if points is not None and len(points) > 1:
            tube = tube_of(points, max(curve.radius, (1.0 if curve.name == "wire" else 1.6) * least))
            plotter.add_mesh(tube, color=curve.colour, smooth_shading=True, specular=0.6, specular_power=40)
    set_camera(plotter, view)
    plotter.add_text(LEGEND, position="lower_left", font_size=9, color="#c8d0d8")


def stage(plotter: pv.Plotter) -> None:
    """Give a plotter the background and the manner of drawing that all our pictures share."""
    plotter.set_background(_BOTTOM, top=_TOP)
    plotter.enable_depth_peeling(8)
    plotter.enable_anti_aliasing("ssaa")


def set_camera(plotter: pv.Plotter, view: View) -> None:
    """Look at the scene from `view`."""
    camera = plotter.camera
    camera.position, camera.focal_point, camera.up = view.camera.position, view.camera.focus, view.camera.up
    distance = float(np.linalg.norm(np.subtract(view.camera.position, view.camera.focus)))
    camera.view_angle = float(np.degrees(2.0 * np.arctan(0.5 * view.height / distance)))
    plotter.reset_camera_clipping_range()


def _add_way(plotter: pv.Plotter, points: NDArray[np.float64], colour: str, radius: float) -> None:
    if len(points) > 1:
        plotter.add_mesh(tube_of(points, radius), color=colour, opacity=0.9, lighting=False)


def mesh_of(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> pv.PolyData:
    """Return a surface for VTK."""
    import pyvista as pv  # noqa: PLC0415  # heavy, and an extra

    faces = np.hstack((np.full((len(triangles), 1), 3), triangles)).ravel()
    return pv.PolyData(points.astype(np.float32), faces)


def tube_of(points: NDArray[np.float64], radius: float) -> pv.PolyData:
    """Return a tube of `radius` [m] along `points` [m] in W, shape (n, 3)."""
    import pyvista as pv  # noqa: PLC0415  # heavy, and an extra

    apart = np.concatenate(([True], np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-6))
    return pv.lines_from_points(points[apart].astype(np.float64)).tube(radius=radius, n_sides=14, capping=True)


def tip_way(rows: Sequence[NDArray[np.float64]], apart: float = 1.0 * MM) -> NDArray[np.float64]:
    """Return the way of a tip without the places where it stayed within `apart` [m], shape (n, 3)."""
    kept: list[NDArray[np.float64]] = []
    for row in rows:
        if not kept or float(np.linalg.norm(row - kept[-1])) >= apart:
            kept.append(row)
    return np.array(kept).reshape(-1, 3)

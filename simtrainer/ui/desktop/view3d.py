"""The 3D view: PyVista off-screen in one thread, double-buffered, with a quality ladder driven by frame time.

Everything of VTK is made, used and closed in that thread; what crosses are curves (in) and pixels (out).
Whether this machine can render at all is asked in a child process beforehand (`ui.probe`), as VTK ends a process
that finds no OpenGL.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.scene import Camera, Scene
from simtrainer.ui.desktop.tube import tube_points, tube_triangles

FOLLOW = "follow"
"""The camera that stays with the leading tip."""
EXAGGERATED = 2.2
"""Devices are drawn so much thicker than they are, to be seen at all. because: design"""
LEAST_REST_S = 0.02
"""Shortest rest after a frame; it rests as long as it worked, for the sake of the mechanics. because: design"""
_BONE_ALPHA = 0.22
"""Opacity of everything but the lumen: one looks through the bones at the devices. because: design, by looking at it"""


@dataclass(frozen=True, slots=True)
class Quality:
    """One rung: share of the resolution, and whether bones are drawn."""

    scale: float
    bones: bool


LADDER = (Quality(1.0, True), Quality(0.75, True), Quality(0.5, True), Quality(0.5, False))
SLOW_S, FAST_S = 0.070, 0.018
"""Frame times [s] beyond which the ladder is gone down and up. because: ui.md, 26 to 52 ms a frame on two cores"""


def next_rung(rung: int, recent: tuple[float, ...]) -> int:
    """Return the rung after frames that took `recent` [s] each; it moves only on the median of at least eight."""
    if len(recent) < 8:
        return rung
    median = float(np.median(recent))
    if median > SLOW_S:
        return min(rung + 1, len(LADDER) - 1)
    return max(rung - 1, 0) if median < FAST_S else rung


def follow_camera(tip: NDArray[np.float64]) -> Camera:
    """Return the camera that looks at `tip` [m], shape (3,), from the front and the patient's left."""
    x, y, z = (float(v) for v in tip)
    return Camera(FOLLOW, (x - 0.11, y + 0.20, z + 0.03), (x, y, z), (0.0, 0.0, 1.0))


class SceneRenderer:
    """The scene with its actors; lives in one thread."""

    def __init__(self, scene: Scene, size: tuple[int, int]) -> None:
        """Build all actors once, for pictures of `size` [pixels]."""
        import pyvista  # noqa: PLC0415  # heavy, and only where a 3D view is shown

        self.scene = scene
        self._size = size
        self._pv: Any = pyvista
        self.plotter: Any = pyvista.Plotter(off_screen=True, window_size=size, lighting="none")
        self.plotter.set_background((0.063, 0.075, 0.09))
        self.plotter.add_light(pyvista.Light(light_type="headlight", intensity=1.0))
        self._bones: list[Any] = []
        for body in scene.bodies:
            self._add_body(body.name, body.points, body.triangles, colour=body.colour, opacity=body.opacity)
        self._tubes: dict[str, Any] = {}
        for curve in scene.curves:
            mesh = self._mesh(tube_points(np.zeros((0, 3)), curve.radius), tube_triangles())
            self.plotter.add_mesh(mesh, color=curve.colour, name=curve.name, lighting=True, smooth_shading=False)
            self._tubes[curve.name] = mesh
        self._tip: NDArray[np.float64] = np.array(scene.cameras[0].focus)
        self.plotter.show(auto_close=False)  # before this PyVista renders nothing

    def draw(self, curves: Mapping[str, NDArray[np.float64]], camera: str, quality: Quality) -> NDArray[np.uint8]:
        """Return the picture of `curves` as RGB, uint8, shape (height, width, 3)."""
        for curve in self.scene.curves:
            points = curves.get(curve.name, np.zeros((0, 3)))
            self._tubes[curve.name].points[:] = tube_points(points, EXAGGERATED * curve.radius).astype(np.float32)
            self._tubes[curve.name].GetPoints().Modified()
        self._look(curves, camera)
        for actor in self._bones:
            actor.SetVisibility(quality.bones)
        width, height = (max(64, int(side * quality.scale)) for side in self._size)
        window = self.plotter.render_window
        if tuple(window.GetSize()) != (width, height):
            window.SetSize(width, height)
        self.plotter.render()
        return self._pixels(width, height)

    def close(self) -> None:
        """Give everything of VTK back."""
        self.plotter.close()

    def _look(self, curves: Mapping[str, NDArray[np.float64]], name: str) -> None:
        tips = [points[-1] for points in curves.values() if len(points)]
        if tips:
            leading = max(tips, key=lambda tip: float(tip[2]))
            self._tip = self._tip + 0.25 * (leading - self._tip)  # the camera follows softly
        chosen = next((camera for camera in self.scene.cameras if camera.name == name), follow_camera(self._tip))
        self.plotter.camera_position = (chosen.position, chosen.focus, chosen.up)
        self.plotter.reset_camera_clipping_range()

    def _pixels(self, width: int, height: int) -> NDArray[np.uint8]:
        from vtkmodules.util.numpy_support import numpy_to_vtk  # noqa: PLC0415

        pixels = np.zeros((width * height, 3), dtype=np.uint8)
        data = numpy_to_vtk(pixels)
        self.plotter.render_window.GetPixelData(0, 0, width - 1, height - 1, 0, data, 0)
        return np.ascontiguousarray(pixels.reshape(height, width, 3)[::-1])

    def _mesh(self, points: NDArray[np.float64], triangles: NDArray[np.int64]) -> Any:
        faces = np.hstack((np.full((len(triangles), 1), 3), triangles)).ravel()
        return self._pv.PolyData(points.astype(np.float32), faces)

    def _add_body(
        self,
        name: str,
        points: NDArray[np.float64],
        triangles: NDArray[np.int64],
        *,
        colour: tuple[float, float, float],
        opacity: float,
    ) -> None:
        mesh = self._mesh(points, triangles)
        if len(triangles) > 60_000:
            mesh = mesh.decimate_pro(1.0 - 60_000 / len(triangles), preserve_topology=True)
        actor = self.plotter.add_mesh(
            mesh,
            color=colour,
            opacity=opacity if name == "lumen" else _BONE_ALPHA,
            name=name,
            smooth_shading=True,
            culling="back",
        )
        if name != "lumen":
            self._bones.append(actor)


class View3D:
    """The thread around a `SceneRenderer`."""

    def __init__(self, scene: Scene, size: tuple[int, int]) -> None:
        """Start the thread; the first picture comes when it is ready."""
        self.cameras = (FOLLOW, *(camera.name for camera in scene.cameras))
        self.camera = FOLLOW
        self.rung = 0
        self.frame_s = 0.0
        self.version = 0
        self.error = ""
        self._scene, self._size = scene, size
        self._curves: Mapping[str, NDArray[np.float64]] = {}
        self._wake = threading.Condition()
        self._fresh = self._stopped = False
        self._picture: NDArray[np.uint8] | None = None
        self._thread = threading.Thread(target=self._run, name="view3d", daemon=True)
        self._thread.start()

    def show(self, curves: Mapping[str, NDArray[np.float64]]) -> None:
        """Hand over the read-only curves of a snapshot; what is not drawn in time is passed over."""
        with self._wake:
            self._curves, self._fresh = curves, True
            self._wake.notify()

    def next_camera(self) -> None:
        """Look from the next camera."""
        self.camera = self.cameras[(self.cameras.index(self.camera) + 1) % len(self.cameras)]

    def picture(self) -> NDArray[np.uint8] | None:
        """Return the newest picture, RGB, uint8, shape (height, width, 3); None before the first."""
        return self._picture

    def close(self) -> None:
        """End the thread and everything of VTK in it."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(timeout=20.0)

    def _run(self) -> None:
        spare = max(1, (os.cpu_count() or 2) - 1)  # Mesa's software renderer would take every core from the mechanics
        os.environ.setdefault("LP_NUM_THREADS", str(spare))
        try:
            renderer = SceneRenderer(self._scene, self._size)
        except Exception as error:  # shown in the window, which works without 3D
            self.error = f"{type(error).__name__}: {error}"
            return
        try:
            self._loop(renderer)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
        finally:
            renderer.close()

    def _loop(self, renderer: SceneRenderer) -> None:
        recent: list[float] = []
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._fresh or self._stopped)
                if self._stopped:
                    return
                curves, self._fresh = self._curves, False
            began = time.perf_counter()
            self._picture = renderer.draw(curves, self.camera, LADDER[self.rung])
            self.frame_s = time.perf_counter() - began
            self.version += 1
            recent.append(self.frame_s)
            if len(recent) >= 12:
                self.rung, recent = next_rung(self.rung, tuple(recent[2:])), []  # the first frames pay for the change
            time.sleep(max(LEAST_REST_S, self.frame_s))

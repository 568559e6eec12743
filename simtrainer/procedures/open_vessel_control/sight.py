"""What lies open to the eye: the surfaces of wound, vessels, blood and tools, and a quick look at what is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.imaging.open_field import OpenCamera, Surface, camera_axes, render, visible_share
from simtrainer.imaging.open_grain import Grain
from simtrainer.imaging.open_shape import tube
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.procedures.open_vessel_control.instrument import surfaces_of
from simtrainer.procedures.open_vessel_control.state import Hand, Placed, Sight

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
LOOK = 96
"""Pixels of a scored look, either way. because: design; a pixel is 1 mm of the wound"""
SEEN_PIXELS = 2
"""Pixels of a stretch of artery that are enough to see it. because: design"""
FACES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
"""Corners of the faces of a brick, low and high along x, y and z, counter-clockwise from outside."""


class What(IntEnum):
    """Labels of a picture; tissue has those of the block, from 1 on."""

    ARTERY = 10
    VEIN = 11
    NERVE = 12
    HERE = 13
    POOL = 20
    JET = 21
    TOOL = 30
    INK = 40


COLOURS = {
    "skin": (0.86, 0.68, 0.58), "fat": (0.94, 0.82, 0.42), "fascia": (0.86, 0.84, 0.82), "muscle": (0.60, 0.20, 0.18),
    "areolar": (0.88, 0.74, 0.66), "floor": (0.52, 0.17, 0.16),
}  # fmt: skip
GRAINS = {
    "skin": Grain.SKIN, "fat": Grain.FAT, "fascia": Grain.FASCIA, "muscle": Grain.MUSCLE, "floor": Grain.MUSCLE,
}  # fmt: skip
TUBE_COLOURS = {"artery": (0.80, 0.36, 0.34), "vein": (0.34, 0.30, 0.50), "nerve": (0.93, 0.90, 0.74)}
TUBE_LABELS = {"artery": What.ARTERY, "vein": What.VEIN, "nerve": What.NERVE}
BLOOD = (0.50, 0.02, 0.03)
INK, INK_RADIUS = (0.30, 0.15, 0.45), 0.5 * MM
"""Of the skin marker. because: gentian violet, a line of 1 mm"""
TOP = [2, 3, 6, 7]
"""Upper corners of a brick."""
CLEAR = 0.25 * MM
"""Depth at which a third of green light passes [m]. because: design; whole blood hides in half a millimetre"""


def _camera(place: tuple[float, float, float], focus: tuple[float, float, float], up: F8, angle: float) -> OpenCamera:
    return OpenCamera(np.array(place), np.array(focus), up, angle)


_HEAD = np.array([0.0, 0.0, 1.0])
CAMERAS: dict[str, OpenCamera] = {
    "surgeon": _camera((0.0, 0.36, -0.07), (0.0, -0.008, 0.0), _HEAD, 0.26),
    "assistant": _camera((0.20, 0.27, 0.05), (0.0, -0.008, 0.0), np.array([-1.0, 0.0, 0.0]), 0.28),
    "close": _camera((0.0, 0.20, -0.03), (0.0, -0.012, 0.0), _HEAD, 0.28),
}
"""By name; the first is the one that scores look through."""
SURGEON = CAMERAS["surgeon"]


@dataclass(frozen=True, slots=True)
class View:
    """What there is to be seen at one moment.

    Parameters
    ----------
    x, alive
        Nodes [m] and living bricks.
    axes
        Axis of each tube by name [m], (n, 3), and its drawn radii [m], (n,).
    level
        Surface of the blood, y [m]; below everything for none.
    jet
        Where blood spurts [m], (3,); None where nothing does, or where it is hidden.
    """

    x: F8
    alive: Bool
    axes: dict[str, tuple[F8, F8]]
    level: float
    jet: F8 | None
    hands: tuple[Hand, Hand]
    placed: tuple[Placed, ...]


class Field:
    """What a block looks like; holds models, no state."""

    def __init__(self, mesh: VoxelMesh, names: tuple[str, ...], line: F8) -> None:
        """Find the neighbours of every brick; `names` of the materials, marked `line` of the incision (n, 3) [m]."""
        self.mesh, self.names = mesh, names
        brick = np.full(np.array(mesh.shape) + 2, -1, dtype=np.int64)
        brick[tuple(mesh.voxels.T + 1)] = np.arange(len(mesh.kind))
        steps = np.array([[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]])
        self._next = np.stack([brick[tuple((mesh.voxels + 1 + step).T)] for step in steps], axis=1)
        cell = np.floor((line - [0.0, 0.5 * mesh.spacing[1], 0.0] - mesh.origin) / mesh.spacing).astype(np.int64)
        under = brick[tuple(np.clip(cell, -1, np.array(mesh.shape)).T + 1)]
        self._line, self._under = line[under >= 0], under[under >= 0]
        self._ground = mesh.origin
        self._size = mesh.spacing * mesh.shape

    def tissue(self, x: F8, alive: Bool) -> list[Surface]:
        """Return the surface of the living bricks, one piece a material."""
        neighbour = self._next
        bare = alive[:, None] & ((neighbour < 0) | ~alive[neighbour])
        out = []
        for kind, name in enumerate(self.names):
            rows, sides = np.nonzero(bare & (self.mesh.kind == kind)[:, None])
            quads = self.mesh.corners[rows[:, None], FACES[sides]]
            triangles = np.concatenate((quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]))
            out.append(Surface(
                x, triangles, np.array(COLOURS[name]), self.mesh.labels[kind], gloss=0.08 if name == "skin" else 0.45,
                grain=GRAINS.get(name, Grain.NONE), rest=self.mesh.points, closed=True,
            ))  # fmt: skip
        return out

    def surfaces(self, view: View, *, tools: bool = True, skip: int = -1) -> list[Surface]:
        """Return everything that is drawn; without the tool of hand `skip`, or without any."""
        out = [*self.tissue(view.x, view.alive), *self._ink(view)]
        for name, (axis, radii) in view.axes.items():
            points, triangles = tube(axis, radii, 14)
            out.append(
                Surface(points, triangles, np.array(TUBE_COLOURS[name]), int(TUBE_LABELS[name]), gloss=0.5, closed=True)
            )
        if view.level > -0.5:
            out.append(self._pool(view.level))
        if view.jet is not None:
            points, triangles = tube(view.jet + np.outer([0.0, 2.0 * MM, 5.0 * MM], [0.0, 1.0, 0.0]), 0.9 * MM, 8)
            out.append(Surface(points, triangles, np.array(BLOOD), int(What.JET), gloss=0.9))
        if tools:
            out += surfaces_of(view.hands, view.placed, int(What.TOOL), skip)
        return out

    def _ink(self, view: View) -> list[Surface]:
        """Return the marked line of the incision, where the skin under it still is; it moves with the skin."""
        top = self.mesh.corners[self._under][:, TOP]
        points = self._line + (view.x[top] - self.mesh.points[top]).mean(axis=1) + [0.0, INK_RADIUS, 0.0]
        shown = view.alive[self._under]
        out = []
        for run in np.split(np.arange(len(shown)), np.flatnonzero(np.diff(shown)) + 1):
            if len(run) > 1 and shown[run[0]]:
                skin, triangles = tube(points[run], INK_RADIUS, 6)
                out.append(Surface(skin, triangles, np.array(INK), int(What.INK), closed=True))
        return out

    def _pool(self, level: float) -> Surface:
        """Return the surface of the blood: a plane through the block, of which the tissue hides what it covers."""
        low, high = self._ground, self._ground + self._size
        corners = np.array([[low[0], level, low[2]], [low[0], level, high[2]],
                            [high[0], level, high[2]], [high[0], level, low[2]]])  # fmt: skip
        corners[:, [0, 2]] *= 0.97  # the blood stands in the wound, not at the cut sides of the block
        return Surface(corners, np.array([[0, 1, 2], [0, 2, 3]]), np.array(BLOOD), int(What.POOL), 0.35, CLEAR)

    def look(self, view: View, step_mm: float) -> Sight:
        """Return one scored look through the surgeon's eyes, without the tools, which a head moves around."""
        seen = render(self.surfaces(view, tools=False), SURGEON, (LOOK, LOOK), shade=False)
        label, depth = seen.label, seen.depth
        label.setflags(write=False)
        depth.setflags(write=False)
        z = places(label, depth, int(What.ARTERY))[:, 2]
        bins = np.bincount(np.floor((z + 0.1) / (step_mm * MM)).astype(np.int64)) if len(z) else np.zeros(1)
        return Sight(label, depth, step_mm * float(np.count_nonzero(bins >= SEEN_PIXELS)))

    def share(self, view: View, station: int, hand: int, half: int = 2) -> float:
        """Return how much of the artery about a point is seen past everything but the tool of `hand`, 0 to 1."""
        axis, radii = view.axes["artery"]
        part = slice(max(station - half, 0), station + half + 1)
        points, triangles = tube(axis[part], radii[part] * 1.02, 14)
        here = Surface(points, triangles, np.array(TUBE_COLOURS["artery"]), int(What.HERE), closed=True)
        seen = render([*self.surfaces(view, skip=hand), here], SURGEON, (LOOK, LOOK), shade=False)
        alone = render([here], SURGEON, (LOOK, LOOK), shade=False)
        return visible_share(seen, alone, int(What.HERE))


def places(label: NDArray[np.int32], depth: F8, what: int, camera: OpenCamera = SURGEON) -> F8:
    """Return where the pixels of one label lie [m] in W, shape (n, 3)."""
    rows, columns = np.nonzero(label == what)
    h, w = label.shape
    pitch = 2.0 * math.tan(0.5 * camera.angle) / h
    ray = np.column_stack(((columns + 0.5 - 0.5 * w) * pitch, (0.5 * h - rows - 0.5) * pitch, np.ones(len(rows))))
    return np.asarray(camera.position + (ray * depth[rows, columns][:, None]) @ camera_axes(camera))

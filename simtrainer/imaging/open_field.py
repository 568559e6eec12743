"""What a person sees in an open wound: surfaces under a head-light, as pixels, labels and depths.

Our own z-buffer on the CPU (`open_raster`, `open_shade`), so that what is scored (is the vessel seen, is the clamp
applied under vision) is the same bits with every driver. Labels and depths do not depend on the shading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.imaging.open_grain import Grain, grain_rows, noise_table
from simtrainer.imaging.open_raster import F8, I4, I8, raster, to_camera, vertex_normals
from simtrainer.imaging.open_room import Room, room_of
from simtrainer.imaging.open_shade import cover, name, occlusion, paint, prepare, smooth_edges, soften

NEAR = 0.005
"""Depth [m] before which nothing is drawn; design: a lens, or a nose, is never nearer."""
REACH = 0.006
"""How far [m] a neighbour shades a point in the wound; design."""
BACKGROUND = (0.045, 0.100, 0.105)
"""Colour of what no surface covers, a dark drape, as light (squares of screen values)."""
_ABOVE = 0.06  # the head-light sits this far [m] above the eye that looks; design
_LAMP = np.array([-0.48, 0.64, -0.60])
"""Where the theatre lamp hangs in camera axes: over the left shoulder; a tool meets its shadow where it touches."""
_LAMP_AWAY, _LAMP_LEAST = 0.8, 0.0008
"""Distance of the lamp [m], and between two things of which one shades the other [m]; design."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One thing that is drawn.

    Parameters
    ----------
    points
        Vertices [m] in W, shape (n, 3).
    triangles
        Vertex numbers, counter-clockwise seen from outside, shape (m, 3).
    colour
        Red, green, blue as on a screen, 0 to 1, one for all, shape (3,), or one a triangle, shape (m, 3).
    label
        What it is, for visibility; 0 is the background.
    gloss
        Wetness, 0 (dull) to 1.
    clear
        Depth [m] at which a third (1/e) of green light passes, for pooled blood; 0 for what lets none pass.
    grain
        Grain of all triangles, or one a triangle, shape (m,).
    rest
        Vertices [m] at rest, which the grain is tied to, shape (n, 3); None takes `points`.
    crease
        Angle [rad] above which an edge looks sharp; 0 shows every facet.
    closed
        Whether its back is never seen, so that faces turned away are skipped.
    """

    points: F8
    triangles: I8
    colour: F8
    label: int
    gloss: float = 0.0
    clear: float = 0.0
    grain: Grain | I8 = Grain.NONE
    rest: F8 | None = None
    crease: float = 1.0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """An eye with a head-light: places [m] and direction in W, each shape (3,), and its vertical angle [rad].

    `lamp` is where the head-light stands [m]; None puts it a little above the eye.
    """

    position: F8
    focus: F8
    up: F8
    angle: float
    lamp: F8 | None = None


@dataclass(frozen=True, slots=True)
class OpenPicture:
    """Pixels (h, w, 3), labels (h, w) and depths along the view axis [m] (h, w), without end in the background."""

    pixels: NDArray[np.uint8]
    label: I4
    depth: F8


@dataclass(frozen=True, slots=True)
class _Mesh:
    """All surfaces in one: vertices in camera axes [m], at rest [m], and what each triangle is."""

    v: F8
    rest: F8
    triangles: I8
    colours: F8
    kinds: I8
    grains: I8
    table: F8  # label, gloss, cosine of the crease, clear; one row a surface
    labels: I4
    closed: NDArray[np.bool_]
    clear: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Found:
    """Depth [m] and triangle of each pixel, opaque and clear; without end and -1 where nothing is; shape (h, w)."""

    depth: F8
    face: I4
    over: F8
    over_face: I4


def render(
    surfaces: Sequence[Surface], camera: OpenCamera, size: tuple[int, int], *, shade: bool = True
) -> OpenPicture:
    """Return what the camera sees, `size` rows by columns; without `shade` the pixels stay black.

    Method: z-buffer over homogeneous edge functions; shading once a pixel; another for the shadows. With
    10,000 triangles on 512 x 512 pixels some 20 to 30 ms of one core, without shading on 96 x 96 pixels 2 ms.
    """
    pitch = 2.0 * np.tan(0.5 * camera.angle) / size[0]
    axes = camera_axes(camera)
    mesh = _mesh(surfaces, camera.position, axes)
    room = room_of(size)
    found = _found(mesh, room, pitch)
    nearest, label = found.depth.copy(), np.zeros(size, dtype=np.int32)
    name(mesh.labels, found.face, label)
    if mesh.clear.any():
        cover(mesh.labels, mesh.table[mesh.kinds, 3], found.depth, found.over, found.over_face, pitch, label, nearest)
    pixels = np.zeros((*size, 3), dtype=np.uint8)
    if shade:
        smooth_edges(_paint(mesh, found, room, pitch, _light(camera, axes)), label, nearest, pixels)
    return OpenPicture(pixels, label, nearest)


def visible_share(seen: OpenPicture, alone: OpenPicture, label: int) -> float:
    """Return the share of the pixels that a thing has alone which it keeps among all others, 0 to 1.

    Both pictures are of one camera and size. A thing outside the picture is not seen: 0.
    """
    whole = int(np.count_nonzero(alone.label == label))
    return int(np.count_nonzero((seen.label == label) & (alone.label == label))) / whole if whole else 0.0


def camera_axes(camera: OpenCamera) -> F8:
    """Return right, up and forward of a camera as unit rows in W, shape (3, 3)."""
    forward = np.asarray(camera.focus, dtype=np.float64) - np.asarray(camera.position, dtype=np.float64)
    right = np.cross(forward, np.asarray(camera.up, dtype=np.float64))
    away, wide = np.sqrt(np.sum(forward**2)), np.sqrt(np.sum(right**2))
    if not (away > 0.0 and wide > 1e-9 * away):
        raise InputError(f"camera at {camera.position} looks at {camera.focus} with up {camera.up}: no view has that")
    forward, right = forward / away, right / wide
    return np.ascontiguousarray(np.stack([right, np.cross(right, forward), forward]))


def _light(camera: OpenCamera, axes: F8) -> F8:
    """Return place and aim of the head-light in camera axes, the distance [m] of full strength, and the focus's.

    Shape (8,).
    """
    centre = np.asarray(camera.position, dtype=np.float64)
    lamp = centre + _ABOVE * axes[1] if camera.lamp is None else np.asarray(camera.lamp, dtype=np.float64)
    aim = np.asarray(camera.focus, dtype=np.float64) - lamp
    far = float(np.sqrt(np.sum(aim**2)))
    ahead = float(np.sqrt(np.sum((np.asarray(camera.focus, dtype=np.float64) - centre) ** 2)))
    return np.concatenate([axes @ (lamp - centre), axes @ aim / far, [far, ahead]])


def _mesh(surfaces: Sequence[Surface], position: F8, axes: F8) -> _Mesh:
    """Return all surfaces in one, or refuse what cannot be drawn."""
    starts = np.cumsum([0, *(len(s.points) for s in surfaces)])
    points = _joined([np.asarray(s.points, dtype=np.float64).reshape(-1, 3) for s in surfaces])
    rests = [np.asarray(s.points if s.rest is None else s.rest, dtype=np.float64).reshape(-1, 3) for s in surfaces]
    triangles, colours, grains = [], [], []
    for surface, start in zip(surfaces, starts, strict=False):
        faces = np.asarray(surface.triangles, dtype=np.int64).reshape(-1, 3)
        if faces.size and (faces.min() < 0 or faces.max() >= len(surface.points)):
            raise InputError(f"surface {surface.label}: a triangle names a vertex that is not there")
        triangles.append(faces + start)
        colours.append(np.broadcast_to(np.asarray(surface.colour, dtype=np.float64), faces.shape))
        grains.append(np.broadcast_to(np.asarray(surface.grain, dtype=np.int64), len(faces)))
    counts = [len(faces) for faces in triangles]
    kinds = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    if not np.isfinite(points).all():
        raise InputError("a surface has a vertex that is no finite number")
    table = np.array([[s.label, s.gloss, np.cos(s.crease), s.clear] for s in surfaces], dtype=np.float64).reshape(-1, 4)
    v = np.empty_like(points)
    to_camera(points, np.asarray(position, dtype=np.float64), axes, v)
    closed = np.array([s.closed for s in surfaces], dtype=np.bool_)
    return _Mesh(
        v, _joined(rests), _joined(triangles).astype(np.int64), _joined(colours), kinds,
        np.concatenate([*grains, np.zeros(0, dtype=np.int64)]), table,
        table[kinds, 0].astype(np.int32), closed[kinds], table[kinds, 3] > 0.0,
    )  # fmt: skip


def _joined(parts: Sequence[NDArray[np.float64]] | Sequence[NDArray[np.int64]]) -> F8:
    """Return the rows of all parts, shape (n, 3), contiguous."""
    return np.ascontiguousarray(np.concatenate([*parts, np.zeros((0, 3), dtype=np.int64)]))


def _found(mesh: _Mesh, room: Room, pitch: float) -> _Found:
    """Return what each pixel meets first, opaque and clear, in buffers of the room."""
    inverse, face, over, over_face = room.inverse, room.face, room.over, room.over_face
    for buffer, empty in ((inverse, 0.0), (over, 0.0), (face, -1), (over_face, -1)):
        buffer.fill(empty)
    raster(mesh.v, mesh.triangles, ~mesh.clear, mesh.closed, pitch, NEAR, over, inverse, face, room.work)
    if mesh.clear.any():
        raster(mesh.v, mesh.triangles, mesh.clear, mesh.closed, pitch, NEAR, inverse, over, over_face, room.work)
    with np.errstate(divide="ignore"):  # without end where nothing is
        return _Found(np.divide(1.0, inverse, out=inverse), face, np.divide(1.0, over, out=over), over_face)


def _lamp(far: float, pitch: float, room: Room) -> F8:
    """Return place, axes, cell and least distance of the theatre lamp, as `open_shade` wants them, shape (14,)."""
    place = np.array([0.0, 0.0, far]) + _LAMP_AWAY * _LAMP
    right = np.cross(np.array([0.0, 1.0, 0.0]), -_LAMP)
    right = right / np.sqrt(np.sum(right**2))
    axes = np.stack([right, np.cross(-_LAMP, right), -_LAMP])
    half = 0.6 * np.hypot(*room.face.shape) * pitch * far  # radius of what the picture shows, and a little more
    return np.concatenate([place, axes.ravel(), [2.0 * half / _LAMP_AWAY / room.shadow.shape[0], _LAMP_LEAST]])


def _shadow(mesh: _Mesh, lamp: F8, room: Room) -> F8:
    """Return 1/depth [1/m] of what the lamp meets first, in a buffer of the room; blood shades nothing."""
    seen = np.empty_like(mesh.v)
    to_camera(mesh.v, lamp[:3], np.ascontiguousarray(lamp[3:12].reshape(3, 3)), seen)
    room.shadow.fill(0.0)
    open_back = np.zeros_like(mesh.closed)
    raster(
        seen, mesh.triangles, ~mesh.clear, open_back, float(lamp[12]), NEAR, room.no_shadow, room.shadow,
        room.shadow_face, room.work,
    )  # fmt: skip
    return room.shadow


def _paint(mesh: _Mesh, found: _Found, room: Room, pitch: float, light: F8) -> NDArray[np.uint8]:
    """Return every pixel shaded, in a buffer of the room."""
    lamp = _lamp(float(light[7]), pitch, room)
    shadow = _shadow(mesh, lamp, room)
    lens = np.array([pitch, REACH])
    occlusion(mesh.v, mesh.triangles, found.depth, found.face, lens, _offsets(), np.empty(3), room.rough)
    soften(room.rough, room.sky)
    normals = np.empty_like(mesh.v)
    vertex_normals(mesh.v, mesh.triangles, normals)
    facts, needed = room.facts_of(len(mesh.triangles))
    prepare(
        mesh.v, mesh.triangles, normals, mesh.rest, mesh.colours, mesh.kinds, mesh.grains, mesh.table, grain_rows(),
        found.face, found.over_face, needed, np.empty((4, 3)), facts,
    )  # fmt: skip
    paint(
        facts, noise_table(), found.depth, found.face, found.over, found.over_face, room.sky, room.open_sky, shadow,
        pitch, light, lamp, np.array(BACKGROUND), room.row, room.pixels,
    )  # fmt: skip
    return room.pixels


@cache
def _offsets() -> F8:
    """Return four patterns of six neighbours in shares of the reach, turned against one another, shape (4, 6, 2)."""
    turn = 2.0 * np.pi * (np.arange(6)[None, :] + np.arange(4)[:, None] / 4.0) / 6.0
    radius = np.where(np.arange(6) % 2 == 0, 1.0, 0.45)
    out = np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=-1)
    out.setflags(write=False)
    return out

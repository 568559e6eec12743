"""Broken meshes, made by code: what each writes, how it is imported, and what must be said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.unit.anatomy.mesh_file import WRITERS
from tests.unit.anatomy.surface import Ints, Surface, tube, write_obj, write_stl

UNIT_AND_FRAME = ("--unit", "mm", "--frame", "RAS")
AS_LIVER = (*UNIT_AND_FRAME, "--kind", "liver")


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken file.

    Parameters
    ----------
    file
        Its name.
    write
        Writes it.
    says
        Words of the one message or of the report.
    options
        Options of `anatomy import` beside the folder.
    """

    file: str
    write: Callable[[Path], object]
    says: str
    options: tuple[str, ...] = UNIT_AND_FRAME


def luck() -> np.random.Generator:
    """Return the same luck every time."""
    return np.random.Generator(np.random.Philox(5))


def stl(spoil: Callable[[], Surface], scale: float = 1e3) -> Callable[[Path], object]:
    """Return a writer of what `spoil` makes, as binary STL."""
    return lambda path: write_stl(path, spoil(), scale)


def content(data: bytes) -> Callable[[Path], object]:
    """Return a writer of these bytes."""
    return lambda path: path.write_bytes(data)


def cut(file: str, share: float) -> Callable[[Path], object]:
    """Return a writer of the first `share` of a good file."""

    def write(path: Path) -> None:
        WRITERS[file](path, whole(), 1.0 if file.endswith("glb") else 1e3)
        data = path.read_bytes()
        path.write_bytes(data[: int(share * len(data))])

    return write


def whole() -> Surface:
    """A closed tube of 4 mm radius and 60 mm length."""
    return tube(radius=0.004, length=0.06, along=25, capped=True)


# --- what is mended ---------------------------------------------------------------------------------------------


def holes() -> Surface:
    points, triangles = whole()
    return points, np.delete(triangles, luck().choice(len(triangles), 40, replace=False), axis=0)


def inverted() -> Surface:
    points, triangles = whole()
    return points, triangles[:, ::-1]


def mixed() -> Surface:
    points, triangles = whole()
    some = luck().random(len(triangles)) < 0.3
    return points, np.where(some[:, None], triangles[:, ::-1], triangles)


def nan() -> Surface:
    points, triangles = whole()
    points = points.copy()
    points[luck().choice(len(points), 4, replace=False)] = np.nan
    return points, triangles


def astray() -> Surface:
    points, triangles = whole()
    points = points.copy()
    points[300] = [3.7e5, 0.0, -9e4]
    return points, triangles


def flat() -> Surface:
    points, triangles = whole()
    return points, np.vstack([triangles, triangles[:60, [0, 0, 1]], triangles[:60, [0, 1, 0]]])


def twice() -> Surface:
    points, triangles = whole()
    return points, np.vstack([triangles, triangles[:700]])


def fins() -> Surface:
    """Three triangles at each of six edges."""
    points, triangles = whole()
    tips = points[triangles[300:306, 0]] * [1.8, 1.8, 1.0]
    flaps = np.column_stack([triangles[300:306, :2], len(points) + np.arange(6)])
    return np.vstack([points, tips]), np.vstack([triangles, flaps])


def inner_wall() -> Surface:
    """A disc across the lumen, as meshes of several regions have."""
    points, triangles = whole()
    ring = 12 * 24 + np.arange(24)
    disc = np.column_stack([ring, np.roll(ring, -1), np.full(24, len(points))])
    return np.vstack([points, points[ring].mean(axis=0)]), np.vstack([triangles, disc])


def with_another(offset: tuple[float, float, float], radius: float, length: float) -> Surface:
    points, triangles = whole()
    other, more = tube(radius=radius, length=length, capped=True)
    return np.vstack([points, other + offset]), np.vstack([triangles, more + len(points)])


def window() -> Surface:
    """A tube without a piece of its wall, 15 mm across."""
    points, triangles = whole()
    middle = points[triangles].mean(axis=1)
    return points, triangles[~((middle[:, 0] > 0.001) & (np.abs(middle[:, 2] - 0.03) < 0.01))]


def figure_of_eight() -> Surface:
    """A tube that runs through itself."""
    angle = np.linspace(0.0, 1.8 * np.pi, 120)
    line = np.column_stack([0.03 * np.sin(2.0 * angle), 0.0 * angle, 0.03 * np.sin(angle) + 0.03])
    ahead = np.gradient(line, axis=0)
    side = np.cross(ahead, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    rings = line[:, None] + 0.004 * (np.cos(turn)[:, None] * side[:, None] + np.sin(turn)[:, None] * [0.0, 1.0, 0.0])
    return rings.reshape(-1, 3), tube(around=24, along=120)[1]


MENDED = {
    "holes": Broken("a.stl", stl(holes), "holes, the widest"),
    "inverted": Broken("a.stl", stl(inverted), "faced inward"),
    "mixed winding": Broken("a.stl", stl(mixed), "neighbours face the same side"),
    "nan": Broken("a.stl", stl(nan), "coordinates that are not numbers"),
    "one vertex far away": Broken("a.stl", stl(astray), "far away from all others"),
    "zero area": Broken("a.obj", lambda path: write_obj(path, flat()), "120 triangles without area"),
    "triangles twice": Broken("a.stl", stl(twice), "700 triangles that stood there twice"),
    "three triangles at an edge": Broken("a.stl", stl(fins), "took away 6 triangles"),
    "a wall across the lumen": Broken("a.stl", stl(inner_wall), "took away 24 triangles"),
    "a crumb beside it": Broken("a.stl", stl(lambda: with_another((0.03, 0, 0), 0.001, 0.01)), "separate bodies"),
    "open at both ends": Broken(
        "a.stl", stl(lambda: tube(radius=0.004, length=0.06, along=25)), "closed 2 flat round borders"
    ),
}
"""A tube of 4 mm radius and 60 mm length comes out; the report says what was done."""

DOUBTED = {
    "two bodies side by side": Broken(
        "a.stl", stl(lambda: with_another((0.03, 0, 0), 0.0035, 0.05)), "beside it; if it is a vessel of this tree"
    ),
    "two bodies across": Broken("a.stl", stl(lambda: with_another((0.003, 0, 0.03), 0.003, 0.05)), "boolean union"),
    "a wall of two sides": Broken("a.stl", stl(lambda: with_another((0, 0, 0.005), 0.003, 0.05)), "the inner one"),
    "a window in the wall": Broken("a.stl", stl(window), "no vessel ends there"),
    "runs through itself": Broken("a.stl", stl(figure_of_eight), "do not train on it"),
    "centimetres called millimetres": Broken("a.stl", stl(lambda: tube(capped=True), 1e2), "give --unit cm"),
}  # fmt: skip
"""A package is made, and a warning says what may be wrong."""


# --- what is refused --------------------------------------------------------------------------------------------


def sheet() -> Surface:
    x, y = np.meshgrid(np.linspace(0.0, 0.1, 12), np.linspace(0.0, 0.1, 12))
    a: Ints = (np.arange(11)[:, None] * 12 + np.arange(11)).ravel()
    triangles = np.concatenate([np.column_stack([a, a + 1, a + 13]), np.column_stack([a, a + 13, a + 12])])
    return np.column_stack([x.ravel(), y.ravel(), 0.0 * x.ravel()]), triangles


def half_pipe() -> Surface:
    points, triangles = tube()
    return points, triangles[(triangles % 24 < 13).all(axis=1)]


def ellipsoid(x: float, y: float, z: float) -> Surface:
    """A closed ellipsoid with these half axes [m]."""
    points, triangles = tube(radius=1.0, length=2.0, around=32, along=32, capped=True)
    height = 1.0 - np.cos(0.5 * np.pi * np.clip(points[:, 2], 0.001, 1.999))
    wide = np.sqrt(np.maximum(height * (2.0 - height), 0.0))[:, None]
    return np.column_stack([points[:, :2] * wide, height - 1.0]) * [x, y, z], triangles


def ring() -> Surface:
    """A torus: a vessel without an end."""
    turn, around = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False), np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    wide = 0.04 + 0.005 * np.cos(around)
    points = np.stack(
        [np.cos(turn)[:, None] * wide, 0.005 * np.sin(around) + 0.0 * turn[:, None], np.sin(turn)[:, None] * wide],
        axis=2,
    ).reshape(-1, 3)
    i, j = np.arange(90)[:, None] * 16, np.arange(16)
    k, after = np.roll(j, -1), (np.arange(90)[:, None] + 1) % 90 * 16
    a, b, c, d = ((x + 0 * i).ravel() for x in (i + j, i + k, after + k, after + j))
    return points, np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])


def face(line: str) -> Callable[[Path], object]:
    return content(b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" + line.encode() + b"\n")


def crashing_vtk(path: Path) -> None:
    """A file that the format's own library runs over the end of."""
    WRITERS["legacy.vtk"](path, whole(), 1e3)
    path.write_text(path.read_text().replace("POLYGONS", "POLYGONS 1"))


LIVER = ellipsoid(0.0551, 0.03855, 0.02705)
"""Half axes of 55, 38.5 and 27 mm: 239 ml."""

REFUSED = {
    "empty file": Broken("a.stl", content(b""), "is empty (0 bytes)"),
    "text with .stl ending": Broken("a.stl", content(b"dear diary, I renamed it\n" * 9), "was another file renamed"),
    "web page with .stl ending": Broken("a.stl", content(b"<!DOCTYPE html><html>404</html>"), "did a download fail"),
    "a pointer to a file": Broken("a.stl", content(b"version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
    "binary STL cut off": Broken("a.stl", cut("binary.stl", 0.4), "it was cut off"),
    "text STL cut off": Broken("a.stl", cut("text.stl", 0.4), "was cut off after"),
    "PLY cut off": Broken("a.ply", cut("binary.ply", 0.6), "cannot be read as PLY"),
    "VTP cut off": Broken("a.vtp", cut("xml.vtp", 0.6), "cannot be read as VTP"),
    "VTK cut off": Broken("a.vtk", cut("legacy.vtk", 0.3), "cannot be read as VTK"),
    "VTK that crashes its reader": Broken("a.vtk", crashing_vtk, "cannot be read as VTK"),
    "GLB cut off": Broken("a.glb", cut("node.glb", 0.6), "cannot be read as GLB"),
    "metres called millimetres": Broken("a.stl", stl(whole, 1.0), "give --unit m"),
    "millimetres called metres": Broken("a.stl", stl(whole), "give --unit mm", ("--unit", "m", "--frame", "RAS")),
    "unit missing": Broken("a.stl", stl(whole), "by its size mm or cm may be meant", ("--frame", "RAS")),
    "unit unknown": Broken("a.stl", stl(whole), "Did you mean 'mm'?", ("--unit", "mmm", "--frame", "RAS")),
    "frame missing": Broken("a.stl", stl(whole), "--frame LPS (DICOM), RAS (NIfTI)", ("--unit", "mm")),
    "frame mirrored": Broken("a.stl", stl(whole), "mirror image", ("--unit", "mm", "--frame", "LAS")),
    "frame of two numbers": Broken("a.stl", stl(whole), "9 or 16 numbers", ("--unit", "mm", "--frame", "1 0")),
    "ending unknown": Broken("a.step", stl(whole), "Export the solid as STL"),
    "an image": Broken("a.nii.gz", content(b"\x1f\x8b"), "segment the vessel"),
    "kind unknown": Broken("a.stl", stl(whole), "Did you mean 'vessel'", (*UNIT_AND_FRAME, "--kind", "vesel")),
    "OBJ names a vertex that is not there": Broken("a.obj", face("f 1 2 9"), "a.obj:4: a face names vertex 9"),
    "OBJ names vertex 0": Broken("a.obj", face("f 0 1 2"), "counted from 1"),
    "OBJ names too far back": Broken("a.obj", face("f -9 1 2"), "a.obj:4"),
    "OBJ names a vertex beyond all numbers": Broken("a.obj", face("f 1 2 99999999999999999999"), "a.obj:4"),
    "OBJ of two corners": Broken("a.obj", face("f 1 2"), "2 of at least 3"),
    "OBJ of points alone": Broken("a.obj", face("# none"), "holds no triangles"),
    "every coordinate nan": Broken("a.stl", stl(lambda: (whole()[0] * np.nan, whole()[1])), "not a number"),
    "coordinates beyond all lengths": Broken("a.obj", lambda p: write_obj(p, whole(), 1e200), "no length of"),
    "all triangles without area": Broken("a.stl", stl(lambda: (whole()[0], whole()[1][:, [0, 0, 1]])), "with an area"),
    "a sheet": Broken("a.stl", stl(sheet), "it is a sheet"),
    "half a pipe": Broken("a.stl", stl(half_pipe), "open sheet"),
    "a ball": Broken("a.stl", stl(lambda: ellipsoid(0.02, 0.02, 0.02)), "a lump without openings"),
    "a ring": Broken("a.stl", stl(ring), "a closed ring without an end"),
    "a liver called a vessel": Broken("a.stl", stl(lambda: LIVER), "of 239 ml"),
    "a small liver": Broken("a.stl", stl(lambda: LIVER), "adults' hold 594 to 2250 ml", AS_LIVER),
    "a whole liver": Broken("a.stl", stl(lambda: (1.8 * LIVER[0], LIVER[1])), "No wire goes into", AS_LIVER),
}  # fmt: skip
"""One message, exit code 2, nothing written."""

"""Reads triangle surfaces from STL, OBJ, PLY, VTP, VTK and GLB files, as they stand: file units, file frame."""

from __future__ import annotations

import importlib.util
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.vtk_file import VtkReadError, read_vtk
from simtrainer.core.error import InputError, suggestion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_BROKEN = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, OSError, RuntimeError, StopIteration, NameError,
    ArithmeticError, MemoryError, struct.error,
)  # fmt: skip
"""What trimesh raises over a broken file."""


_FACET = np.dtype([("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])


@dataclass(frozen=True, slots=True)
class RawSurface:
    """A surface as a file holds it.

    Parameters
    ----------
    points
        Vertices in the file's unit and frame, shape (n, 3); may hold nan.
    triangles
        Vertex numbers within range, shape (m, 3).
    """

    points: Floats
    triangles: Ints


def read_surface(path: Path) -> RawSurface:
    """Return the triangles of a surface file; InputError says why there are none."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; give a surface file ({', '.join(FORMATS)})")
    if not path.is_file():
        near = suggestion(path.name, [p.name for p in path.parent.glob("*")]) if path.parent.is_dir() else ""
        raise InputError(f"there is no file {path}.{near}")
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        hint = _OTHERS.get(path.suffix.lower(), "")
        raise InputError(
            f"{path}: '{path.suffix}' is not a surface format that is read; allowed: {', '.join(FORMATS)}{hint}"
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes)")
    surface = reader(path)
    if len(surface.triangles) == 0:
        raise InputError(f"{path} holds no triangles ({len(surface.points)} points)")
    if surface.triangles.min() < 0 or surface.triangles.max() >= len(surface.points):
        raise InputError(
            f"{path}: a triangle names vertex {surface.triangles.max()}, the file has {len(surface.points)}"
        )
    return surface


def _stl(path: Path) -> RawSurface:
    data = path.read_bytes()
    count = int.from_bytes(data[80:84], "little") if len(data) >= 84 else -1
    if count >= 0 and len(data) >= 84 + 50 * count and not (count == 0 and data[:5] == b"solid"):
        rows = np.frombuffer(data, dtype=_FACET, count=count, offset=84)
        return _soup(rows["v"].reshape(-1, 3))
    if b"facet" in data[:100_000]:
        found = re.findall(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", data)
        if len(found) % 3 or b"endsolid" not in data[-1000:]:
            raise InputError(
                f"{path} was cut off after {len(found) // 3} facets: an STL of text ends with 'endsolid'; "
                "copy or export it again"
            )
        return _soup(_numbers(path, found))
    if other := disguise(data):
        raise InputError(f"{path} is not an STL file: {other}")
    if b"\0" in data[:1000]:
        raise InputError(
            f"{path} is not a whole STL file: its header says {count} triangles, its {len(data)} bytes hold "
            f"{max(len(data) - 84, 0) // 50}; it was cut off, or is no STL; copy or export it again"
        )
    raise InputError(f"{path} is not an STL file: it holds text without a single 'facet'; was another file renamed?")


def disguise(data: bytes) -> str:
    """Return what a file with another format's ending is, by its first bytes; empty where that is not known."""
    start = data[:200].lstrip().lower()
    for mark, words in _MARKS.items():
        if start.startswith(mark):
            return words
    return "it is a DICOM image; segment the vessel and export its surface" if data[128:132] == b"DICM" else ""


def write_stl(path: Path, points: Floats, triangles: Ints) -> None:
    """Write a binary STL of points, shape (n, 3), in any unit, and triangles, shape (m, 3)."""
    rows = np.zeros(len(triangles), dtype=_FACET)
    rows["v"] = points[triangles]
    path.write_bytes(b"\0" * 80 + struct.pack("<I", len(triangles)) + rows.tobytes())


def _soup(corners: NDArray[np.float32] | Floats) -> RawSurface:
    with np.errstate(invalid="ignore"):  # a signalling nan; repair says what is not a number
        points = corners.astype(np.float64)
    return RawSurface(points, np.arange(len(corners), dtype=np.int64).reshape(-1, 3))


def _numbers(path: Path, words: list[tuple[bytes, ...]]) -> Floats:
    try:
        return np.array(words, dtype=np.bytes_).astype(np.float64).reshape(-1, 3)
    except ValueError as error:
        raise InputError(f"{path}: a coordinate is not a number: {error}") from error


def _obj(path: Path) -> RawSurface:
    points: list[tuple[bytes, ...]] = []
    faces: list[tuple[int, ...]] = []
    lines: list[int] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        words = line.split()
        if not words or words[0] not in {b"v", b"f"}:
            continue
        if words[0] == b"v":
            if len(words) < 4:
                raise InputError(f"{path}:{number}: a vertex has {len(words) - 1} of 3 coordinates")
            points.append(tuple(words[1:4]))
            continue
        corners = _corners(f"{path}:{number}", words[1:], len(points))
        faces.extend((corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1))
        lines.extend([number] * (len(corners) - 2))
    if not points:
        found = disguise(path.read_bytes()[:200])
        raise InputError(f"{path} holds no vertex ('v x y z'); it is not an OBJ surface{f': {found}' if found else ''}")
    triangles = np.array(faces, dtype=np.int64).reshape(-1, 3)
    wrong = np.flatnonzero((triangles >= len(points)).any(axis=1))
    if len(wrong):
        raise InputError(
            f"{path}:{lines[wrong[0]]}: a face names vertex {triangles[wrong[0]].max() + 1}, the file has "
            f"{len(points)}, counted from 1; was it cut off, or its faces kept from another file?"
        )
    return RawSurface(_numbers(path, points), triangles)


def _corners(where: str, words: list[bytes], n_points: int) -> list[int]:
    """Return the vertices of a face, counted from 0; those that it names from the end back lie before `n_points`."""
    try:
        named = [int(word.split(b"/")[0]) for word in words]
    except ValueError as error:
        raise InputError(f"{where}: a face is made of whole numbers, not '{_text(words)}'") from error
    if len(named) < 3:
        raise InputError(f"{where}: a face has {len(named)} of at least 3 vertices")
    if 0 in named or max(named) > 2**31 or min(named) < -n_points:
        raise InputError(
            f"{where}: a face names '{_text(words)}'; vertices are counted from 1, or back from -1, and {n_points} "
            "stand before it"
        )
    return [corner - 1 if corner > 0 else n_points + corner for corner in named]


def _text(words: list[bytes]) -> str:
    return b" ".join(words)[:60].decode(errors="replace")


def _trimesh(path: Path) -> RawSurface:
    _need("trimesh")
    import trimesh  # noqa: PLC0415  # heavy, and an extra

    try:
        mesh = trimesh.load(path, force="mesh", process=False)
        points = np.asarray(mesh.vertices, dtype=np.float64).reshape(-1, 3)
        triangles = np.asarray(mesh.faces, dtype=np.int64).reshape(-1, 3)
    except _BROKEN as error:
        raise InputError(
            f"{path} cannot be read as {path.suffix[1:].upper()}: {error or type(error).__name__}"
        ) from error
    return RawSurface(points, triangles)


def _vtk(path: Path) -> RawSurface:
    _need("vtk")
    try:
        return RawSurface(*read_vtk(path))
    except VtkReadError as error:
        raise InputError(f"{path} cannot be read as {path.suffix[1:].upper()}: {error}") from error


def _need(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        raise InputError(f"this format needs {name}: pip install 'simtrainer[anatomy]'")


_OTHERS = dict.fromkeys(
    (".dcm", ".nii", ".gz", ".nrrd", ".mha", ".mhd"), ". An image holds no surface: segment the vessel and export it"
) | dict.fromkeys((".step", ".stp", ".iges", ".igs"), ". Export the solid as STL")
_MARKS = {
    b"<!doctype html": "it is a web page; did a download fail?",
    b"<html": "it is a web page; did a download fail?",
    b"version https://git-lfs": "it is a pointer of Git LFS, not the file itself; type: git lfs pull",
    b"ply": "it is a PLY file; rename it",
    b"gltf": "it is a GLB file; rename it",
    b"# vtk datafile": "it is a VTK file; rename it",
    b"<?xml": "it is XML; is it a VTP file?",
    b"<vtkfile": "it is a VTP file; rename it",
    b"\x1f\x8b": "it is compressed; unpack it first",
    b"pk\x03\x04": "it is a ZIP archive; unpack it first",
}
"""How files of other kinds begin, in lower case."""

FORMATS: dict[str, Callable[[Path], RawSurface]] = {
    ".stl": _stl,
    ".obj": _obj,
    ".ply": _trimesh,
    ".vtp": _vtk,
    ".vtk": _vtk,
    ".glb": _trimesh,
    ".gltf": _trimesh,
}
"""Reader of each file ending."""

"""Writers of every surface format that is read, by hand where the format is small: no reader is tested by its twin."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.unit.anatomy.surface import Surface, write_obj, write_stl

Write = Callable[[Path, Surface, float], Path]


def write_text_stl(path: Path, surface: Surface, scale: float = 1e3) -> Path:
    """Write an STL of text."""
    lines = ["solid vessel"]
    for corners in (surface[0] * scale)[surface[1]]:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x:.6f} {y:.6f} {z:.6f}" for x, y, z in corners]
        lines += ["endloop", "endfacet"]
    path.write_text("\n".join([*lines, "endsolid vessel", ""]))
    return path


def write_ply(path: Path, surface: Surface, scale: float = 1e3) -> Path:
    """Write a binary little-endian PLY with a property that nobody asked for."""
    points, triangles = surface
    header = (
        f"ply\nformat binary_little_endian 1.0\ncomment a vessel\nelement vertex {len(points)}\nproperty float x\n"
        f"property float y\nproperty float z\nproperty float quality\nelement face {len(triangles)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    vertices = np.column_stack([points * scale, np.ones(len(points))]).astype("<f4")
    rows = np.zeros(len(triangles), dtype=np.dtype([("n", "u1"), ("v", "<i4", 3)]))
    rows["n"], rows["v"] = 3, triangles
    path.write_bytes(header.encode() + vertices.tobytes() + rows.tobytes())
    return path


def write_vtk(path: Path, surface: Surface, scale: float = 1e3) -> Path:
    """Write a legacy VTK file of text."""
    points, triangles = surface
    lines = ["# vtk DataFile Version 3.0", "a vessel", "ASCII", "DATASET POLYDATA", f"POINTS {len(points)} float"]
    lines += [f"{x:.6f} {y:.6f} {z:.6f}" for x, y, z in points * scale]
    lines += [f"POLYGONS {len(triangles)} {4 * len(triangles)}", *(f"3 {a} {b} {c}" for a, b, c in triangles), ""]
    path.write_text("\n".join(lines))
    return path


def write_vtp(path: Path, surface: Surface, scale: float = 1e3) -> Path:
    """Write an XML VTP file of text."""
    points, triangles = surface
    path.write_text(
        '<?xml version="1.0"?>\n<VTKFile type="PolyData" version="0.1" byte_order="LittleEndian"><PolyData>'
        f'<Piece NumberOfPoints="{len(points)}" NumberOfPolys="{len(triangles)}">'
        f'<Points><DataArray type="Float32" NumberOfComponents="3" format="ascii">{_words(points * scale)}</DataArray>'
        f'</Points><Polys><DataArray type="Int64" Name="connectivity" format="ascii">{_words(triangles)}</DataArray>'
        f'<DataArray type="Int64" Name="offsets" format="ascii">{_words(3 * np.arange(1, len(triangles) + 1))}'
        "</DataArray></Polys></Piece></PolyData></VTKFile>\n"
    )
    return path


def write_glb(path: Path, surface: Surface, scale: float = 1.0) -> Path:
    """Write a binary glTF whose node doubles and shifts what its mesh holds at half size, as exporters do."""
    points, triangles = (surface[0] * scale - [0.01, 0.0, 0.0]) / 2.0, surface[1]
    body = triangles.astype("<u4").tobytes() + points.astype("<f4").tobytes()
    split = 12 * len(triangles)
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "scale": [2.0, 2.0, 2.0], "translation": [0.01, 0.0, 0.0]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 1}, "indices": 0}]}],
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": split},
            {"buffer": 0, "byteOffset": split, "byteLength": len(body) - split},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5125, "count": 3 * len(triangles), "type": "SCALAR"},
            {"bufferView": 1, "componentType": 5126, "count": len(points), "type": "VEC3",
             "min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()},
        ],
    }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(body), 0x004E4942) + body
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks)
    return path


def _words(numbers: NDArray[np.float64] | NDArray[np.int64]) -> str:
    return " ".join(f"{x:.7g}" for x in numbers.ravel())


WRITERS: dict[str, Write] = {
    "binary.stl": write_stl, "text.stl": write_text_stl, "plain.obj": write_obj, "binary.ply": write_ply,
    "xml.vtp": write_vtp, "legacy.vtk": write_vtk, "node.glb": write_glb,
}  # fmt: skip
"""A file name and the writer of each format."""

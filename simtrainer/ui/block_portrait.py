"""A soft block in words and as a picture: layers, what lies in them, and a corner cut away to see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.block import Block
from simtrainer.core.units import MM
from simtrainer.imaging.open_field import OpenCamera, Surface, render
from simtrainer.imaging.open_grain import Grain
from simtrainer.imaging.open_shape import tube

SIZE = (720, 960)
_COLOURS = {
    "skin": (0.86, 0.68, 0.58), "fat": (0.94, 0.82, 0.42), "fascia": (0.86, 0.84, 0.82), "muscle": (0.60, 0.20, 0.18),
    "areolar": (0.88, 0.74, 0.66), "artery": (0.80, 0.30, 0.28), "vein": (0.34, 0.30, 0.60),
    "nerve": (0.95, 0.92, 0.70),
}  # fmt: skip
_GRAINS = {"skin": Grain.SKIN, "fat": Grain.FAT, "fascia": Grain.FASCIA, "muscle": Grain.MUSCLE, "floor": Grain.MUSCLE}
_OTHER = (0.52, 0.17, 0.16)
_SIDES = np.array([[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]])
_QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
"""Corners of a voxel, and of its faces counter-clockwise from outside."""


def described(block: Block) -> dict[str, Any]:
    """Return what `--json` says of a block; lengths in millimetres, stiffness in kPa."""
    size = np.array(block.labels.shape) * block.spacing / MM
    return {
        "package": block.folder,
        "name": block.name,
        "title": block.title,
        "origin": block.manifest.origin,
        "size_mm": [round(float(side), 1) for side in size],
        "voxels": int(np.count_nonzero(block.labels)),
        "materials": [
            {
                "name": entry.name,
                "voxels": int(np.count_nonzero(block.labels == entry.label)),
                "youngs_modulus_kpa": entry.youngs_modulus_kpa,
                "density_kg_m3": entry.density_kg_m3,
                "because": entry.because,
            }
            for entry in block.manifest.materials
        ],
        "tubes": [
            {
                "name": name,
                "length_mm": float(np.linalg.norm(np.diff(item.points, axis=0), axis=1).sum()) / MM,
                "radius_mm": float(item.radii.mean()) / MM,
                "deepest_mm": float(-item.points[:, 1].min()) / MM,
            }
            for name, item in block.tubes.items()
        ],
    }


def sentences(block: Block) -> list[str]:
    """Return the same as lines for a screen."""
    known = described(block)
    lines = [f"{block.name}: {block.title}", f"  {' x '.join(f'{side:.0f}' for side in known['size_mm'])} mm, "]
    lines[-1] += f"{known['voxels']} bricks, generated"
    lines += ["", f"{'layer':<12} {'bricks':>7} {'stiffness':>11}"]
    lines += [f"{m['name']:<12} {m['voxels']:>7} {m['youngs_modulus_kpa']:>7.1f} kPa" for m in known["materials"]]
    lines += ["", f"{'in it':<12} {'length':>9} {'radius':>9} {'deepest':>9}"]
    lines += [
        f"{t['name']:<12} {t['length_mm']:>6.0f} mm {t['radius_mm']:>6.1f} mm {t['deepest_mm']:>6.1f} mm"
        for t in known["tubes"]
    ]
    return lines


def portrait(block: Block, path: Path) -> None:
    """Write a picture of the block as PNG, with a quarter cut away over its vessels."""
    from PIL import Image  # noqa: PLC0415  # an extra; only pictures need it

    Image.fromarray(picture(block)).save(path)


def picture(block: Block) -> NDArray[np.uint8]:
    """Return a picture of the block, uint8, shape (720, 960, 3)."""
    size = np.array(block.labels.shape) * block.spacing
    middle = block.origin + 0.5 * size
    away = np.array([-0.75, 0.95, -0.85]) * float(np.linalg.norm(size)) * 1.30
    camera = OpenCamera(middle + away, middle, np.array([0.0, 1.0, 0.0]), 0.50)
    surfaces = _layers(block)
    for name, item in block.tubes.items():
        points, triangles = tube(item.points, item.radii, 20)
        colour = np.array(_COLOURS[name])
        surfaces.append(Surface(points, triangles, colour, 100, gloss=0.6, grain=Grain.VESSEL, closed=True))
    return render(surfaces, camera, SIZE).pixels


def _layers(block: Block) -> list[Surface]:
    """Return the outside of the voxels that are left after the cut, one surface a material."""
    labels = block.labels.copy()
    centre = block.origin + (np.moveaxis(np.indices(labels.shape), 0, -1) + 0.5) * block.spacing
    axis = block.tubes["artery"].points
    half = 0.5 * (centre[..., 2].min() + centre[..., 2].max())
    depth = float(axis[:, 1].min()) - 2.0 * MM
    labels[(centre[..., 0] < float(axis[:, 0].max())) & (centre[..., 2] < half) & (centre[..., 1] > depth)] = 0
    full = np.pad(labels, 1)
    out = []
    for entry in block.manifest.materials:
        places = np.argwhere(labels == entry.label)
        beside: list[NDArray[np.int64]] = [full[tuple((places + 1 + side).T)] for side in _SIDES]
        bare = np.stack(beside, axis=1) == 0
        rows, sides = np.nonzero(bare)
        corners = places[rows][:, None, :] + _CORNERS[_QUADS[sides]]
        points = (block.origin + corners.reshape(-1, 3) * block.spacing).astype(np.float64)
        first = 4 * np.arange(len(rows))[:, None]
        faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])])
        colour = np.array(_COLOURS.get(entry.name, _OTHER))
        grain = _GRAINS.get(entry.name, Grain.NONE)
        out.append(Surface(points, faces, colour, entry.label, gloss=0.2, grain=grain, crease=0.0, closed=True))
    return out

"""Files of an anatomy package: the tree as JSON, surfaces as a NumPy archive; the same content gives the same bytes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.array_file import write_arrays
from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.error import InputError
from simtrainer.core.units import MM

TREE_VERSION = 1
_STEP = 0.05 * MM


def write_tree(path: Path, tree: CentrelineTree) -> None:
    """Write `tree` as JSON: millimetres with three decimals, so that no processor's last bit shows."""
    branches = [
        {
            "name": branch.name,
            "parent": branch.parent,
            "parent_index": branch.parent_index,
            "points_mm": np.round(branch.points / MM, 3).tolist(),
            "radii_mm": np.round(branch.radii / MM, 3).tolist(),
        }
        for branch in tree.branches
    ]
    rows = ",\n".join(json.dumps(branch, separators=(",", ":")) for branch in branches)
    path.write_text(f'{{"schema_version":{TREE_VERSION},"branches":[\n{rows}\n]}}\n', encoding="utf-8", newline="\n")


def read_tree(path: Path) -> CentrelineTree:
    """Return the tree that `write_tree` wrote; InputError for anything else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data["schema_version"]
        branches = tuple(
            Branch(
                str(row["name"]),
                np.asarray(row["points_mm"], dtype=np.float64).reshape(-1, 3) * MM,
                np.asarray(row["radii_mm"], dtype=np.float64) * MM,
                int(row["parent"]),
                int(row["parent_index"]),
            )
            for row in data["branches"]
        )
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} does not hold a centreline tree: {error}") from error
    if version != TREE_VERSION:
        raise InputError(f"{path} has schema_version {version}, this program reads {TREE_VERSION}")
    return CentrelineTree(branches)


def write_parts(path: Path, parts: Mapping[str, BodyPart]) -> None:
    """Write closed surfaces: points as whole steps of 0.05 mm, vertex numbers, the tissue in the array's name.

    A part `left_x` that is the mirror image of `right_x` is stored by name alone.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, part in parts.items():
        key = f"{name}.{part.tissue.value}"
        steps = np.round(part.points / _STEP)
        if _mirrors(steps, parts.get(name.replace("left_", "right_", 1)), name):
            arrays[f"{key}.mirror"] = np.zeros(0, dtype=np.uint8)
            continue
        wide = np.abs(steps).max() > np.iinfo(np.int16).max or len(steps) > np.iinfo(np.uint16).max
        few = len(steps) <= np.iinfo(np.uint8).max
        arrays[f"{key}.points"] = steps.astype(np.int32 if wide else np.int16)
        arrays[f"{key}.triangles"] = part.triangles.astype(np.uint8 if few else np.int32 if wide else np.uint16)
    write_arrays(path, arrays)


def _mirrors(steps: NDArray[np.float64], other: BodyPart | None, name: str) -> bool:
    if not name.startswith("left_") or other is None or len(other.points) != len(steps):
        return False
    return bool(np.array_equal(steps, np.round(other.points / _STEP) * np.array([-1.0, 1.0, 1.0])))


def read_parts(path: Path) -> dict[str, BodyPart]:
    """Return the surfaces that `write_parts` wrote; InputError for anything else."""
    parts = {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for key in arrays.files:
                name, tissue, what = key.rsplit(".", 2)
                if what == "points":
                    points = arrays[key].astype(np.float64) * _STEP
                    triangles = arrays[f"{name}.{tissue}.triangles"].astype(np.int64)
                    parts[name] = BodyPart(points, triangles, Tissue(tissue))
                elif what == "mirror":
                    other = parts[name.replace("left_", "right_", 1)]
                    turned = other.triangles[:, ::-1].copy()
                    parts[name] = BodyPart(other.points * np.array([-1.0, 1.0, 1.0]), turned, Tissue(tissue))
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} does not hold body surfaces: {error}") from error
    return parts

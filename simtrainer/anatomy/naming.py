"""Gives extracted branches their names: from a map of names to points, or by number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

_FAR = 15.0 * MM


def read_names(path: Path) -> dict[str, tuple[float, float, float]]:
    """Return the name map of a YAML file, `left_common_carotid: [x, y, z]`, in the unit and frame of the surface."""
    if not path.is_file():
        raise InputError(f"there is no name map {path}")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(data, dict) or not data:
        raise InputError(f"{path} holds no names; it takes lines such as `left_common_carotid: [12.5, -3.0, 140.2]`")
    found = {}
    for name, point in data.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name)):
            raise InputError(f"{path}: '{name}' is no name of a vessel; names are snake case, left_common_carotid")
        if not isinstance(point, list) or len(point) != 3 or not all(isinstance(x, int | float) for x in point):
            raise InputError(f"{path}: {name}: a point is three numbers, [x, y, z], not {point!r}")
        found[str(name)] = (float(point[0]), float(point[1]), float(point[2]))
    return found


def named(tree: CentrelineTree, points: Mapping[str, Floats]) -> tuple[CentrelineTree, list[str]]:
    """Return the tree with the branch nearest to each point [m] named, and what is doubtful about it."""
    doubts = []
    best: dict[int, tuple[float, str]] = {}
    for name, point in points.items():
        gaps = [float((np.linalg.norm(branch.points - point, axis=1) - branch.radii).min()) for branch in tree.branches]
        number = int(
            np.argmin([float(np.linalg.norm(branch.points - point, axis=1).min()) for branch in tree.branches])
        )
        if gaps[number] > _FAR:
            raise InputError(
                f"the point of {name} lies {gaps[number] / MM:.0f} mm outside the nearest vessel; "
                "give points in the unit and frame of the surface file"
            )
        if number in best:
            kept, lost = sorted([best[number], (gaps[number], name)])
            doubts.append(f"{kept[1]} and {lost[1]} name the same branch, which is called {kept[1]}")
            best[number] = kept
        else:
            best[number] = (gaps[number], name)
    branches = tuple(
        replace(branch, name=best[i][1]) if i in best else branch for i, branch in enumerate(tree.branches)
    )
    return CentrelineTree(branches), doubts


def chosen_branch(tree: CentrelineTree, name: str, what: str) -> int:
    """Return the number of the branch that a person named as `what`; UnknownNameError lists the names there are."""
    names = [branch.name for branch in tree.branches]
    if name not in names:
        raise UnknownNameError("vessel", name, names, what)
    return names.index(name)

"""How near extracted centrelines come to axes that are known: generated patients and tubes, through a surface file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from simtrainer.anatomy.build import PATIENTS, parameters
from simtrainer.anatomy.curve import resampled
from simtrainer.anatomy.field import build_field, tree_shape
from simtrainer.anatomy.generators import generators
from simtrainer.anatomy.intake import centrelines
from simtrainer.anatomy.isosurface import wall
from simtrainer.anatomy.mesh_io import read_surface, write_stl
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

_FINE, _STEP = 0.05 * MM, 0.5 * MM


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One vessel of known axis, compared with what was extracted from its surface.

    Parameters
    ----------
    name
        Patient or tube.
    branches, found
        Vessels that go in, and ends of the tree that come out.
    length
        Length of the axes compared [m]: what lies outside the parent's lumen.
    distance, distance_p95
        Mean and 95th percentile of the distance from the known axis to the extracted one [m].
    astray
        Mean distance from the extracted axis back to the known one [m]; large where something was made up.
    radius, radius_p95
        Mean and 95th percentile of |extracted radius / known radius - 1|.
    """

    name: str
    branches: int
    found: int
    length: float
    distance: float
    distance_p95: float
    astray: float
    radius: float
    radius_p95: float


def accuracy_table(names: Sequence[str] = (), progress: Callable[[str], None] | None = None) -> tuple[Accuracy, ...]:
    """Return the accuracy on the tubes and built-in patients called `names`; on all of them by default.

    A patient takes some twenty seconds, a tube two.
    """
    known = {**tubes(), **dict.fromkeys(PATIENTS)}
    rows = []
    for name in names or known:
        if progress is not None:
            progress(name)
        tree = known[name] or generators.get("aorto_carotid")(parameters(name)).tree
        rows.append(accuracy(name, tree))
    return tuple(rows)


def accuracy(name: str, tree: CentrelineTree) -> Accuracy:
    """Return how near the centrelines extracted from the wall of `tree` come to it, by way of an STL file."""
    thin = min(float(branch.radii.min()) for branch in tree.branches)
    spacing = float(np.clip(0.35 * thin, 0.3 * MM, 0.7 * MM))
    points, triangles = wall(build_field(tree_shape(tree), spacing), 1.3 * spacing)
    with TemporaryDirectory(prefix="simtrainer-") as folder:
        file = Path(folder) / f"{name}.stl"
        write_stl(file, points / MM, triangles)
        raw = read_surface(file)
        found = centrelines(raw.points * MM, raw.triangles, str(file))
    return _compared(name, tree, found)


def _compared(name: str, tree: CentrelineTree, found: CentrelineTree) -> Accuracy:
    axis, radii = _outside(tree)
    fine = np.concatenate([resampled(np.column_stack([b.points, b.radii]), _FINE) for b in found.branches])
    distance, at = (np.asarray(part) for part in cKDTree(fine[:, :3]).query(axis))
    lines = [resampled(branch.points, _FINE) for branch in tree.branches]
    ends = np.cumsum([len(line) for line in lines]) - 1
    back, near = (np.asarray(p) for p in cKDTree(np.concatenate(lines)).query(np.concatenate(_points(found))))
    back = back[~np.isin(near, np.append(ends, 0), kind="sort")]  # beyond an end: a tip, or the tunnel of the sheath
    off = np.abs(fine[at, 3] / radii - 1.0)
    return Accuracy(
        name, len(tree.branches), len(found.ends()) + 1, _STEP * len(axis), float(distance.mean()),
        float(np.percentile(distance, 95)), float(back.mean()), float(off.mean()), float(np.percentile(off, 95)),
    )  # fmt: skip


def _points(tree: CentrelineTree) -> list[Floats]:
    return [branch.points for branch in tree.branches]


def _outside(tree: CentrelineTree) -> tuple[Floats, Floats]:
    """Return axis points every half millimetre and their radii, but what lies in the parent's lumen or in its mouth.

    There two vessels are one lumen, and neither axis is in the middle of it.
    """
    points, radii = [], []
    for number, branch in enumerate(tree.branches):
        line = resampled(np.column_stack([branch.points, branch.radii]), _STEP)
        clear = np.ones(len(line), dtype=np.bool_)
        for other in (branch.parent, *tree.children(branch.parent if branch.parent >= 0 else number)):
            if other in (number, -1):
                continue
            gap, at = (np.asarray(part) for part in cKDTree(tree.branches[other].points).query(line[:, :3]))
            clear &= gap > tree.branches[other].radii[at] + line[:, 3]
        points.append(line[clear, :3] if branch.parent >= 0 else line[:, :3])
        radii.append(line[clear, 3] if branch.parent >= 0 else line[:, 3])
    return np.concatenate(points), np.concatenate(radii)


def tubes() -> dict[str, CentrelineTree | None]:
    """Return single vessels of known axis: straight, bent, tapering, wound, thin, swollen."""
    z = np.linspace(0.0, 0.15, 151)
    turn = np.linspace(0.0, 1.2 * np.pi, 151)
    zero = np.zeros(151)
    straight = np.column_stack([zero, zero, z])
    arch = 0.03 * np.column_stack([np.cos(turn), zero, np.sin(turn)])
    helix = np.column_stack([0.02 * np.cos(2.0 * turn), 0.02 * np.sin(2.0 * turn), z])
    bulge = 0.004 + 0.008 * np.exp(-(((z - 0.075) / 0.015) ** 2))
    return {
        "straight_tube": _single(straight, np.full(151, 0.004)),
        "bent_tube": _single(arch, np.full(151, 0.006)),
        "tapering_tube": _single(straight, np.linspace(0.006, 0.002, 151)),
        "wound_tube": _single(helix, np.full(151, 0.0035)),
        "thin_tube": _single(straight + 0.008 * np.column_stack([np.sin(40.0 * z), zero, zero]), np.full(151, 0.001)),
        "aneurysm": _single(straight, bulge),
    }


def _single(points: Floats, radii: Floats) -> CentrelineTree:
    return CentrelineTree((Branch("vessel", points, radii, -1, -1),))

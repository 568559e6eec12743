"""Vessels of many kinds with known axes, none of them shared or shipped: for imports that nobody tuned for."""

from __future__ import annotations

from functools import cache

import numpy as np

from simtrainer.anatomy.curve import smooth_curve
from simtrainer.anatomy.field import build_field, tree_shape
from simtrainer.anatomy.isosurface import wall
from simtrainer.anatomy.tree import Branch, CentrelineTree
from tests.unit.anatomy.surface import Floats, Surface

MM = 1e-3


def branch(
    name: str, knots_mm: list[list[float]], radii_mm: tuple[float, float], parent: Branch | None = None
) -> Branch:
    """A branch through points [mm]; with a parent it begins at the parent's point nearest to the first of them."""
    knots = np.array(knots_mm) * MM
    at = -1
    if parent is not None:
        at = int(np.argmin(np.linalg.norm(parent.points - knots[0], axis=1)))
        knots[0] = parent.points[at]
    points = smooth_curve(knots, 1.0 * MM)
    radii = np.linspace(radii_mm[0] * MM, radii_mm[1] * MM, len(points))
    return Branch(name, points, radii, -1 if parent is None else 0, at)


def y_phantom() -> CentrelineTree:
    """A silicone Y: 6 mm that divides into 4.5 and 4 mm."""
    trunk = branch("trunk", [[0, 0, 0], [0, 0, 40], [0, 0, 80]], (6.0, 6.0))
    left = branch("left_arm", [[0, 0, 72], [-15, 0, 100], [-30, 5, 140]], (4.5, 4.5), trunk)
    right = branch("right_arm", [[0, 0, 72], [14, 0, 102], [26, -5, 140]], (4.0, 4.0), trunk)
    return CentrelineTree((trunk, left, right))


def coronary() -> CentrelineTree:
    """A left coronary artery: 2.2 mm to 0.9 mm, with a diagonal and a circumflex, lying across the body."""
    main = branch("main", [[0, 0, 0], [15, 8, -2], [35, 20, -20], [45, 22, -50], [42, 18, -80]], (2.2, 1.1))
    around = branch("circumflex", [[15, 8, -2], [25, -5, -12], [35, -22, -25], [38, -35, -50]], (1.7, 1.0), main)
    diagonal = branch("diagonal", [[38, 21, -26], [50, 14, -38], [58, 5, -60]], (1.1, 0.9), main)
    return CentrelineTree((main, around, diagonal))


def curved_tube() -> CentrelineTree:
    """One vessel that turns back on itself."""
    return CentrelineTree((branch("tube", [[0, 0, 0], [0, 5, 50], [25, 10, 85], [50, 5, 50], [50, 0, 5]], (4.0, 3.0)),))


def aneurysm() -> CentrelineTree:
    """An abdominal aorta with a bulge of 58 mm, and two iliac arteries."""
    aorta = branch("abdominal_aorta", [[0, 0, 220], [0, 4, 120], [0, 0, 20]], (11.0, 9.0))
    z = aorta.points[:, 2]
    wide = aorta.radii + 19.0 * MM * np.exp(-(((z - 0.12) / 0.028) ** 2))
    aorta = Branch(aorta.name, aorta.points, wide, -1, -1)
    left = branch("left_common_iliac", [[0, 0, 28], [-18, 4, -10], [-40, 6, -60]], (5.5, 5.0), aorta)
    right = branch("right_common_iliac", [[0, 0, 28], [18, 4, -10], [42, 2, -60]], (5.5, 5.0), aorta)
    return CentrelineTree((aorta, left, right))


def renal_pair() -> CentrelineTree:
    """A piece of aorta with both renal arteries."""
    aorta = branch("abdominal_aorta", [[0, 0, 0], [2, 2, 50], [0, 0, 110]], (10.0, 10.0))
    left = branch("left_renal", [[0, 0, 60], [-25, -6, 52], [-50, -14, 46]], (2.8, 2.6), aorta)
    right = branch("right_renal", [[0, 0, 54], [25, -8, 46], [54, -16, 38]], (2.8, 2.6), aorta)
    return CentrelineTree((aorta, left, right))


VESSELS = {
    "y_phantom": y_phantom, "coronary": coronary, "curved_tube": curved_tube, "aneurysm": aneurysm,
    "renal_pair": renal_pair,
}  # fmt: skip


@cache
def tree_of(name: str) -> CentrelineTree:
    """Return the known tree of a vessel [m]."""
    return VESSELS[name]()


@cache
def surface_of(name: str) -> Surface:
    """Return its closed wall [m], with round ends, as an isosurface."""
    tree = tree_of(name)
    thin = min(float(one.radii.min()) for one in tree.branches)
    spacing = float(np.clip(0.3 * thin, 0.25 * MM, 0.8 * MM))
    return wall(build_field(tree_shape(tree), spacing), 1.3 * spacing)


def cut_open(name: str) -> Surface:
    """Return the wall cut flat near every end, open, as segmentations of an image are."""
    points, triangles = surface_of(name)
    tree = tree_of(name)
    middle = points[triangles].mean(axis=1)
    keep = ~_beyond(middle, tree.branches[0].points[0], tree.branches[0].points[3], 0.05)
    for number, one in enumerate(tree.branches):
        others = [other for i, other in enumerate(tree.branches) if i != number]
        gaps = [float((np.linalg.norm(o.points - one.points[-1], axis=1) - o.radii).min()) for o in others]
        if min(gaps, default=1.0) > 0.0:  # it does not end in another's lumen
            keep &= ~_beyond(middle, one.points[-1], one.points[-4], 3.0 * float(one.radii.max()))
    return points, triangles[keep]


def _beyond(points: Floats, end: Floats, inner: Floats, reach: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    outward = (end - inner) / np.linalg.norm(end - inner)
    away = points - end
    return np.asarray((away @ outward > 0.0) & (np.linalg.norm(away, axis=1) < reach))

"""Where a catheter lies when a trial begins: in the ascending aorta, a reverse curve already re-formed there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.units import MM
from simtrainer.physics.rod_device import Profile
from simtrainer.procedures.selective_catheterisation.fact import ROOT

Floats = NDArray[np.float64]
DOUBLED_BACK = np.radians(120.0)
"""Bend from which a catheter counts as a reverse curve. because: design; JR4 and Berenstein bend by 90 degrees or less,
the tip of a reverse curve doubles back on itself (radiopaedia.org/articles/simmons-catheter)"""
BEND, ASIDE, LIMB = 9.0 * MM, 60.0 * MM, 200.0 * MM
"""Radius of the bend that a reverse curve is laid in, over which length shaft and limb part to make room for it, and
how far the path goes back. because: design; the aorta is 28 mm wide, and the shape relaxes to its own"""


@dataclass(frozen=True, slots=True)
class Bent:
    """What a shape does by its sections alone.

    Parameters
    ----------
    range
        Largest turning [rad] between two places of the shape.
    knee
        Distance [m] from the tip to the middle of that bend.
    """

    range: float
    knee: float

    @property
    def reversed(self) -> bool:
        """Tell whether the tip doubles back, so that the catheter is re-formed first and engages when it is drawn."""
        return bool(self.range >= DOUBLED_BACK)


def bend_of(profile: Profile) -> Bent:
    """Return the largest bend of a device's natural shape."""
    at = np.linspace(0.0, profile.distance[-1], 2000)
    angle = np.cumsum(np.interp(at, profile.distance, profile.curvature)) * (at[1] - at[0])
    first, last = sorted((int(np.argmin(angle)), int(np.argmax(angle))))
    middle = 0.5 * (angle[first] + angle[last])
    between = slice(first, last + 1)
    return Bent(float(abs(angle[last] - angle[first])), float(at[between][np.argmin(np.abs(angle[between] - middle))]))


def straight_way(tree: CentrelineTree, depth: float) -> tuple[Floats, float]:
    """Return the way to the root of the aorta (n, 3) and the length of it that ends `depth` before the valve [m]."""
    path, _ = tree.path_to(tree.number(ROOT))
    return path, _arc(path)[-1] - depth


def reversed_way(tree: CentrelineTree, depth: float, plane: float) -> tuple[Floats, float]:
    """Return a way up the aorta, round a bend `depth` before the valve and back, and the length to the bend's middle.

    Parameters
    ----------
    plane
        Angle [rad] about the vessel's axis of the plane that the bend lies in.
    """
    path, end = straight_way(tree, depth)
    arc = _arc(path)
    kept = arc < end - BEND
    axis, arc = path[kept], arc[kept]
    ahead = axis[-1] - axis[-4]
    ahead /= np.linalg.norm(ahead)
    level = np.cross(ahead, [0.0, 0.0, 1.0])
    level /= np.linalg.norm(level)
    aside = np.cos(plane) * level + np.sin(plane) * np.cross(ahead, level)
    parted = np.clip(1.0 - (arc[-1] - arc) / ASIDE, 0.0, 1.0)[:, None] * BEND * aside
    turn = np.linspace(0.0, np.pi, 17)[1:-1, None]
    bend = axis[-1] + BEND * (np.sin(turn) * ahead - np.cos(turn) * aside)
    back = (axis + parted)[arc > arc[-1] - LIMB][::-1]
    way = np.concatenate((axis - parted, bend, back))
    return way, float(_arc(way)[len(axis) + 7])


def _arc(path: Floats) -> Floats:
    """Return the arc length [m] at the points of a polyline."""
    return np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))))

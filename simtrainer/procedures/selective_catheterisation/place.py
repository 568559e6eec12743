"""Where in the tree a tip lies: in which vessel, how far beyond its origin, and how far along the way to the target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.tree import Branch, CentrelineTree


@dataclass(frozen=True, slots=True)
class Place:
    """A point in the tree.

    Parameters
    ----------
    branch
        Number of the vessel.
    beyond
        Arc length [m] beyond the place where the vessel leaves the lumen of its parent.
    index
        Number of the nearest point of its centreline.
    """

    branch: int
    beyond: float
    index: int


class Atlas:
    """All centreline points of a tree, ready to be searched."""

    def __init__(self, tree: CentrelineTree) -> None:
        """Gather the points of `tree` that lie beyond each vessel's origin."""
        self.tree = tree
        self.origin_arc = tuple(_leaves_at(tree, number) for number in range(len(tree.branches)))
        points, radii, branch, index, beyond = [], [], [], [], []
        for number, vessel in enumerate(tree.branches):
            arc = vessel.arc
            kept = np.flatnonzero(arc >= self.origin_arc[number])
            points.append(vessel.points[kept])
            radii.append(vessel.radii[kept])
            branch.append(np.full(len(kept), number))
            index.append(kept)
            beyond.append(arc[kept] - self.origin_arc[number])
        self._points = np.concatenate(points)
        self._radii = np.concatenate(radii)
        self._branch = np.concatenate(branch)
        self._index = np.concatenate(index)
        self._beyond = np.concatenate(beyond)

    def place(self, point: NDArray[np.float64]) -> Place:
        """Return where `point` [m] in W lies: in the vessel in whose lumen it is deepest."""
        away = self._points - point
        k = int(np.argmin(np.sqrt(np.einsum("ij,ij->i", away, away)) - self._radii))
        return Place(int(self._branch[k]), float(self._beyond[k]), int(self._index[k]))

    def name(self, number: int) -> str:
        """Return the name of vessel `number`."""
        return self.tree.branches[number].name

    def origin(self, number: int) -> NDArray[np.float64]:
        """Return the centre of the origin of vessel `number`, [m] in W, shape (3,)."""
        vessel = self.tree.branches[number]
        k = int(np.searchsorted(vessel.arc, self.origin_arc[number]))
        point: NDArray[np.float64] = vessel.points[min(k, len(vessel.points) - 1)]
        return point

    def direction(self, place: Place) -> NDArray[np.float64]:
        """Return the unit tangent of the centreline at `place`, away from the access, shape (3,)."""
        points = self.tree.branches[place.branch].points
        a, b = max(place.index - 2, 0), min(place.index + 2, len(points) - 1)
        step = points[b] - points[a]
        unit: NDArray[np.float64] = step / np.linalg.norm(step)
        return unit

    def backward(self, points: NDArray[np.float64], spare: float) -> float:
        """Return the length [m] of a device that runs against its vessel; the last `spare` [m], its shape, is let be.

        Beyond 120 degrees to the centreline a stretch counts as running back.
        """
        steps = np.diff(points, axis=0)
        lengths = np.linalg.norm(steps, axis=1)
        to_tip = np.cumsum(lengths[::-1])[::-1]
        total = 0.0
        for k in np.flatnonzero((to_tip > spare) & (lengths > 0.0)):
            if float(steps[k] @ self.direction(self.place(points[k]))) < -0.5 * lengths[k]:
                total += float(lengths[k])
        return total


def _leaves_at(tree: CentrelineTree, number: int) -> float:
    """Return the arc length [m] at which vessel `number` leaves its parent's lumen; 0 for one that continues it."""
    vessel = tree.branches[number]
    if vessel.parent < 0:
        return 0.0
    parent: Branch = tree.branches[vessel.parent]
    if vessel.parent_index == len(parent.points) - 1 and _goes_on(parent, vessel):
        return 0.0
    away = np.linalg.norm(vessel.points[:, None] - parent.points[None], axis=2)
    outside = np.flatnonzero((away - parent.radii[None]).min(axis=1) > 0.0)
    return float(vessel.arc[outside[0]]) if len(outside) else 0.0


def _goes_on(parent: Branch, child: Branch) -> bool:
    a = parent.points[-1] - parent.points[max(len(parent.points) - 4, 0)]
    b = child.points[min(3, len(child.points) - 1)] - child.points[0]
    return float(a @ b) > 0.8 * float(np.linalg.norm(a) * np.linalg.norm(b))

"""Grows a centreline tree: a trunk cut into named vessels, then side branches that leave it where they are told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.curve import arc_length, smooth_curve, smooth_values
from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.units import MM

Floats = NDArray[np.float64]

STEP = 2.0 * MM
"""Distance between centreline points [m]."""


class Growth:
    """A tree under construction."""

    def __init__(self) -> None:
        """Start without a branch."""
        self._branches: list[Branch] = []

    def trunk(self, points: Floats, radii: Floats, cuts: Sequence[tuple[str, int]]) -> None:
        """Lay the trunk from the access on, cut into vessels that end at the given point numbers."""
        first = 0
        for i, (name, last) in enumerate(cuts):
            part = slice(first, last + 1)
            parent_index = len(self._branches[-1].points) - 1 if i else -1
            self._branches.append(Branch(name, points[part], radii[part], i - 1, parent_index))
            first = last

    def side(self, name: str, parent: str, at: int, knots: Floats, radii: Sequence[tuple[float, float]]) -> Branch:
        """Grow `name` from point `at` of `parent` through `knots`; `radii` are (arc length share, radius [m])."""
        number = self.number(parent)
        base = self._branches[number]
        points = smooth_curve(np.vstack([base.points[at], knots]), STEP if radii[0][1] > 4.0 * MM else 0.75 * STEP)
        share = arc_length(points) / arc_length(points)[-1]
        shares, sizes = np.array(radii).T
        index = at if at >= 0 else len(base.points) - 1
        self._branches.append(Branch(name, points, smooth_values(shares, sizes, share), number, index))
        return self._branches[-1]

    def number(self, name: str) -> int:
        """Return the number of the branch called `name`."""
        return self.tree().number(name)

    def branch(self, name: str) -> Branch:
        """Return the branch called `name`."""
        return self._branches[self.number(name)]

    def nearest(self, name: str, point: Floats) -> int:
        """Return the number of the point of branch `name` that lies nearest to `point`."""
        return int(np.argmin(np.linalg.norm(self.branch(name).points - point, axis=1)))

    def tree(self) -> CentrelineTree:
        """Return the tree as it stands."""
        return CentrelineTree(tuple(self._branches))

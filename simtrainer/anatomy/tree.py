"""A tree of tubes: named branches with centrelines and maximal inscribed radii."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import UnknownNameError


@dataclass(frozen=True, slots=True)
class Branch:
    """One vessel between two forks.

    Parameters
    ----------
    name
        Standard name in snake case, `left_common_carotid`; `branch_7` where no name is known.
    points
        Centreline [m] in W, shape (n, 3), n >= 2, from the side of the access to the far end. The first point lies on
        the parent's centreline.
    radii
        Maximal inscribed radius [m] at each point, shape (n,).
    parent
        Number of the branch it leaves; -1 for the root, which begins at the access.
    parent_index
        Number of the parent's point that it leaves from; -1 for the root.
    """

    name: str
    points: NDArray[np.float64]
    radii: NDArray[np.float64]
    parent: int
    parent_index: int

    @property
    def arc(self) -> NDArray[np.float64]:
        """Arc length [m] from the first point, shape (n,)."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return np.concatenate(([0.0], np.cumsum(steps)))

    @property
    def length(self) -> float:
        """Length of the centreline [m]."""
        return float(self.arc[-1])


@dataclass(frozen=True, slots=True)
class CentrelineTree:
    """Branches in an order in which every parent comes before its children."""

    branches: tuple[Branch, ...]

    def number(self, name: str) -> int:
        """Return the number of the branch called `name`; UnknownNameError with the nearest name otherwise."""
        for i, branch in enumerate(self.branches):
            if branch.name == name:
                return i
        raise UnknownNameError("vessel", name, [branch.name for branch in self.branches])

    def lineage(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the branches from the root to `number`."""
        chain = [number]
        while self.branches[chain[-1]].parent >= 0:
            chain.append(self.branches[chain[-1]].parent)
        return tuple(reversed(chain))

    def path_to(self, number: int, end: int = -1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return points (n, 3) [m] and radii (n,) [m] from the access to point `end` of branch `number`.

        The point at which a branch leaves its parent stands once, with the parent's radius.
        """
        chain = self.lineage(number)
        points, radii = [], []
        for here, following in zip(chain, (*chain[1:], None), strict=True):
            branch = self.branches[here]
            last = len(branch.points) if following is None else self.branches[following].parent_index + 1
            stop = last if following is not None or end == -1 else end + 1
            start = 1 if branch.parent >= 0 and branch.parent_index >= 0 else 0
            points.append(branch.points[start:stop])
            radii.append(branch.radii[start:stop])
        return np.concatenate(points), np.concatenate(radii)

    def children(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the branches that leave branch `number`."""
        return tuple(i for i, branch in enumerate(self.branches) if branch.parent == number)

    def ends(self) -> tuple[int, ...]:
        """Return the numbers of the branches that nothing leaves at their last point: the far ends of the tree."""
        going_on = {(b.parent, b.parent_index) for b in self.branches}
        return tuple(i for i, b in enumerate(self.branches) if (i, len(b.points) - 1) not in going_on)

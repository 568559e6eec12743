"""Mean blood flow in a tree of tubes: where blood comes in, what each end takes, and a chain of mixing cells along it.

The tree begins at the access, against the stream: blood enters at the far end of one branch (the aortic root) and
leaves by every other end, the access among them. Ends known by name take their share of the cardiac output; others
take what Murray's law (flow as the cube of the radius) gives them; what vessels outside the tree take leaves along
the aorta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.error import InputError
from simtrainer.core.units import MINUTE

CARDIAC_OUTPUT = 5.6e-3 / MINUTE
"""Cardiac output at rest of a 77 kg man [m3/s]. because: Guyton & Hall, Medical Physiology, 11th ed., p. 232, 5.6
L/min"""

SHARES: dict[str, float] = {
    "internal_carotid": 0.043,
    "external_carotid": 0.022,
    "common_carotid": 0.065,
    "vertebral": 0.016,
    "subclavian": 0.054,
    "axillary": 0.038,
    "brachial": 0.030,
    "brachiocephalic": 0.119,
    "coeliac": 0.115,
    "celiac": 0.115,
    "superior_mesenteric": 0.110,
    "inferior_mesenteric": 0.030,
    "renal": 0.095,
    "internal_iliac": 0.025,
    "external_iliac": 0.045,
    "common_iliac": 0.070,
    "femoral": 0.045,
}
"""Share of the cardiac output that an artery takes, by the part of its name. because: organ shares of ICRP
Publication 89 (2002), table 2.39 (brain 12 %, kidneys 19 %, liver by its artery 6.5 %, spleen 3 %, small intestine 10
%, large intestine 4 %, stomach, pancreas 1 % each), given to their arteries; brain by artery as in Zarrinkoob et al.,
J Cereb Blood Flow Metab 2015;35:648 (each internal carotid 36 %, each vertebral about 13 %). Limbs and the external
carotid: design values that leave 4 % to the heart and about 8 % to body wall and bronchi."""

AORTA_RADIUS = 8e-3
"""An inlet wider than this [m] is the aorta and carries the cardiac output. because: smallest thoracic aorta of
Framingham CT is 23 mm across, widest carotid bulb below 10 mm"""
_CELL = 2.5e-3
"""Length of a mixing cell [m]."""


@dataclass(frozen=True, slots=True)
class FlowNetwork:
    """A tree of mixing cells with its mean flow; cells are numbered so that every cell comes after its upstream one.

    Parameters
    ----------
    branch
        Number of the tree's branch, shape (m,).
    points, radii
        Centre [m] in W, shape (m, 3), and radius [m], shape (m,), of each cell.
    volume
        Volume [m3], shape (m,).
    upstream
        Number of the cell that blood comes from, shape (m,); -1 for the inlet cell, which is cell 0.
    inflow
        Mean flow [m3/s] from the upstream cell (for cell 0 from the heart), shape (m,).
    outflow
        Mean flow [m3/s] that leaves the tree here, by an end or by vessels that the tree does not hold, shape (m,).
    """

    branch: NDArray[np.int64]
    points: NDArray[np.float64]
    radii: NDArray[np.float64]
    volume: NDArray[np.float64]
    upstream: NDArray[np.int64]
    inflow: NDArray[np.float64]
    outflow: NDArray[np.float64]

    def nearest(self, point: NDArray[np.float64]) -> int:
        """Return the cell whose wall-scaled distance to `point` [m] in W is least."""
        return int(np.argmin(np.linalg.norm(self.points - point, axis=1) / self.radii))

    def way_from_inlet(self, cell: int) -> NDArray[np.int64]:
        """Return the cells from the inlet to `cell`, both included."""
        way = [cell]
        while self.upstream[way[-1]] >= 0:
            way.append(int(self.upstream[way[-1]]))
        return np.array(way[::-1], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Chain:
    """Cells of one branch from the access side: numbers, centres, radii, volumes; and the parent's cell it leaves."""

    first: int
    points: NDArray[np.float64]
    radii: NDArray[np.float64]
    volume: NDArray[np.float64]
    parent: int


def build_flow(
    tree: CentrelineTree,
    *,
    inlet: str | None = None,
    inlet_flow: float | None = None,
    shares: Mapping[str, float] = SHARES,
) -> FlowNetwork:
    """Return the network of `tree`.

    Parameters
    ----------
    tree
        Branches from the access outwards.
    inlet
        Branch at whose far end blood enters; without it the widest end that no other branch leaves.
    inlet_flow
        Flow at the inlet [m3/s]; without it the cardiac output for an aorta, else Murray's law against the carotid.
    shares
        Share of the cardiac output by part of the branch's name; the longest part that fits counts.
    """
    chains = _chains(tree)
    ends = _ends(tree, chains)
    entry = _entry(tree, chains, ends, inlet)
    count = chains[-1].first + len(chains[-1].radii)
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for chain in chains:
        for k in range(len(chain.radii)):
            other = chain.first + k - 1 if k else chain.parent
            if other >= 0:
                neighbours[chain.first + k].append(other)
                neighbours[other].append(chain.first + k)
    order, upstream = _downstream_order(neighbours, entry)
    radii = np.concatenate([chain.radii for chain in chains])
    total = inlet_flow if inlet_flow is not None else _default_flow(float(radii[entry]))
    if total <= 0.0:
        raise InputError(f"inlet flow {total} m3/s; it must be above 0")
    branch = np.concatenate([np.full(len(chain.radii), i) for i, chain in enumerate(chains)])
    taken = _taken(tree, (branch, radii), {cell: name for cell, name in ends.items() if cell != entry}, total, shares)
    taken = _with_rest(taken, total, radii, upstream, entry)
    inflow = taken.copy()
    for cell in order[:0:-1].tolist():
        inflow[upstream[cell]] += inflow[cell]
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    parents = upstream[order]
    return FlowNetwork(
        branch[order].astype(np.int64),
        np.concatenate([chain.points for chain in chains])[order],
        radii[order],
        np.concatenate([chain.volume for chain in chains])[order],
        np.where(parents >= 0, place[parents], -1),
        inflow[order],
        taken[order],
    )


def _chains(tree: CentrelineTree) -> list[_Chain]:
    chains: list[_Chain] = []
    first = 0
    for branch in tree.branches:
        parent = -1
        begin = 0.0
        if branch.parent >= 0:
            mother = chains[branch.parent]
            fork = tree.branches[branch.parent].points[branch.parent_index]
            parent = mother.first + int(np.argmin(np.linalg.norm(mother.points - fork, axis=1)))
            if not continues(tree, len(chains)):
                begin = lumen_exit(branch, tree.branches[branch.parent])
        points, radii, step = _resampled(branch, begin)
        chains.append(_Chain(first, points, radii, np.pi * radii**2 * step, parent))
        first += len(radii)
    return chains


def leaves_at_end(tree: CentrelineTree, number: int) -> bool:
    """Tell whether a branch leaves its parent at the parent's last point."""
    branch = tree.branches[number]
    return branch.parent >= 0 and branch.parent_index >= len(tree.branches[branch.parent].points) - 1


def continues(tree: CentrelineTree, number: int) -> bool:
    """Tell whether a branch is the first at its parent's end, and so carries the parent on as one tube."""
    parent = tree.branches[number].parent
    elder = (k for k in range(number) if tree.branches[k].parent == parent and leaves_at_end(tree, k))
    return leaves_at_end(tree, number) and next(elder, None) is None


def lumen_exit(branch: Branch, parent: Branch) -> float:
    """Return the arc length [m] at which a branch leaves its parent's lumen; at most 0.8 of its length."""
    distance, near = cKDTree(parent.points).query(branch.points)
    outside = np.flatnonzero(distance > parent.radii[near])
    arc = branch.arc
    return float(min(arc[outside[0]] if len(outside) else arc[-1], 0.8 * arc[-1]))


def _resampled(branch: Branch, begin: float) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return centres (n, 3), radii (n,) and length [m] of equal cells from arc length `begin` to the end."""
    arc = branch.arc
    n = max(2, round((arc[-1] - begin) / _CELL))
    step = (arc[-1] - begin) / n
    at = begin + (np.arange(n) + 0.5) * step
    points = np.column_stack([np.interp(at, arc, branch.points[:, k]) for k in range(3)])
    return points, np.interp(at, arc, branch.radii), float(step)


def _ends(tree: CentrelineTree, chains: list[_Chain]) -> dict[int, str]:
    """Return the cells at ends of the tree with the name of their branch; the access is one."""
    ends = {0: tree.branches[0].name}
    left = {(branch.parent, chains[i].parent) for i, branch in enumerate(tree.branches)}
    for i, (branch, chain) in enumerate(zip(tree.branches, chains, strict=True)):
        last = chain.first + len(chain.radii) - 1
        if (i, last) not in left:
            ends[last] = branch.name
    return ends


def _entry(tree: CentrelineTree, chains: list[_Chain], ends: dict[int, str], inlet: str | None) -> int:
    if inlet is not None:
        chain = chains[tree.number(inlet)]
        return chain.first + len(chain.radii) - 1
    radii = np.concatenate([chain.radii for chain in chains])
    far = [cell for cell in ends if cell != 0]
    if not far:
        raise InputError("the tree has no end besides its access where blood could enter")
    return max(far, key=lambda cell: float(radii[cell]))


def _downstream_order(neighbours: list[list[int]], entry: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return cells in downstream order and the upstream cell of each."""
    upstream = np.full(len(neighbours), -1, dtype=np.int64)
    order = [entry]
    for cell in order:
        for other in neighbours[cell]:
            if other != upstream[cell]:
                upstream[other] = cell
                order.append(other)
    return np.array(order, dtype=np.int64), upstream


def _default_flow(radius: float) -> float:
    """Return the flow [m3/s] of a vessel: the cardiac output of an aorta, else by Murray's law from the carotid."""
    return CARDIAC_OUTPUT if radius > AORTA_RADIUS else CARDIAC_OUTPUT * _murray_share(radius)


def _murray_share(radius: float) -> float:
    """Share of the cardiac output by the cube of the radius, against a common carotid of 3.1 mm with 6.5 %."""
    return SHARES["common_carotid"] * (radius / 3.1e-3) ** 3


def _taken(
    tree: CentrelineTree,
    cells: tuple[NDArray[np.int64], NDArray[np.float64]],
    ends: dict[int, str],
    total: float,
    shares: Mapping[str, float],
) -> NDArray[np.float64]:
    """Return the flow [m3/s] that leaves at each cell by the ends of the tree."""
    branch, radii = cells
    taken = np.zeros(len(radii))
    for cell, name in ends.items():
        parts = [
            part for part in shares if part in name and not (cell == 0 and tree.branches[branch[cell]].length > 0.3)
        ]
        share = shares[max(parts, key=len)] if parts else min(_murray_share(float(radii[cell])), 0.07)
        taken[cell] = share * total
    return taken


def _with_rest(
    taken: NDArray[np.float64], total: float, radii: NDArray[np.float64], upstream: NDArray[np.int64], entry: int
) -> NDArray[np.float64]:
    """Return outflows that sum to `total`: an aorta loses the rest along its way to the access, others scale up."""
    rest = total - float(taken.sum())
    if rest <= 0.0 or radii[entry] <= AORTA_RADIUS:
        scaled: NDArray[np.float64] = taken * (total / taken.sum())
        return scaled
    way = [0]
    while way[-1] != entry:
        way.append(int(upstream[way[-1]]))
    trunk = np.array([cell for cell in way if radii[cell] > 0.5 * radii[entry]], dtype=np.int64)
    # the arch feeds the head; what the tree lacks (gut, kidneys, body wall) leaves the half nearer the access
    lower = trunk[: max(1, len(trunk) // 2)]
    taken[lower] += rest / len(lower)
    return taken

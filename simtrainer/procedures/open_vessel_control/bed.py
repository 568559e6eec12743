"""Artery, vein and nerve in the tissue: where they lie as it moves, and how the artery is squeezed.

Method: a point of an axis follows its bed, the brick under the tube, by trilinear weights. The tube is squeezed between
the bed and what comes down on it: the brick above as long as that lives, else a fingertip or a swab.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.block import TUBES, Block
from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.physics.tissue_mesh import VoxelMesh

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
WALL = 0.1
"""Wall of the artery over its radius. because: design, a muscular artery; walls meet at a tenth of the diameter"""
JAW = 1.2 * MM
"""Room that a jaw needs beside the artery [m]. because: design"""
WALL_STIFF = 2.0e5
"""Stiffness of two walls pressed on each other, per metre [N/m2]. because: design, walls of 400 kPa, 2 mm wide"""
YIELDING = 0.25
"""Share of the change of a squeezing force that is passed on in a tick. because: design; it acts one tick late, and all
of it at once would make soft tissue ring"""


@dataclass(frozen=True, slots=True)
class Press:
    """A round thing that may come down on the artery: middle [m], radius [m], and whose hand it is."""

    middle: F8
    radius: float
    hand: int


@dataclass(frozen=True, slots=True)
class Squeeze:
    """How the artery is squeezed at each of its points, shape (n,).

    Parameters
    ----------
    height
        Outer height over the round diameter, 0 to 1.
    open
        Lumen over the round one, 0 to 1.
    force
        What flattens it [N].
    hand
        Whose fingertip or swab it is: 0, 1, or -1 where it is the tissue or nothing.
    """

    height: F8
    open: F8
    force: F8
    hand: I8


def lumen(height: F8) -> F8:
    """Return the lumen of a flattened tube over its round one, shape as `height`.

    An inextensible thin tube between plates is a stadium: of perimeter 2 pi r and height 2 r s it has the area
    pi r2 (2 s - s2) (geometry). The walls take `WALL` of the height.
    """
    inner = np.clip((height - WALL) / (1.0 - WALL), 0.0, 1.0)
    return np.asarray(2.0 * inner - inner**2)


def flat_width(height: F8, radius: F8) -> F8:
    """Return how wide the flat sides of a flattened tube are [m]: pi r (1 - s) (geometry, as in `lumen`)."""
    return np.asarray(np.pi * radius * (1.0 - np.clip(height, 0.0, 1.0)))


def squeezing(height: F8, radius: F8, pressure: float) -> F8:
    """Return the force on a metre of tube [N/m] that keeps it flattened against `pressure` [Pa] within.

    Equilibrium of a plate on the flat side of a membrane: pressure times width; and walls that meet push back.
    """
    meet = np.clip(WALL - height, 0.0, None) * 2.0 * radius
    return np.asarray(pressure * flat_width(height, radius) + WALL_STIFF * meet)


class Bed:
    """Which bricks carry and cover each point of the tubes; holds no state."""

    def __init__(self, block: Block, mesh: VoxelMesh) -> None:
        """Find the bricks under and over each point; InputError for a point that lies on nothing."""
        self.mesh, self.tubes = mesh, dict(block.tubes)
        self._brick = np.full(mesh.shape, -1, dtype=np.int64)
        self._brick[tuple(mesh.voxels.T)] = np.arange(len(mesh.kind))
        self.under = {name: self._bound(name, -1.0) for name in TUBES}
        self.over = {name: self._bound(name, 1.0) for name in TUBES}

    def brick_at(self, point: F8) -> int:
        """Return the brick that holds a point of W at rest [m], -1 for none."""
        cell = np.floor((point - self.mesh.origin) / self.mesh.spacing).astype(np.int64)
        if np.any(cell < 0) or np.any(cell >= self.mesh.shape):
            return -1
        return int(self._brick[tuple(cell)])

    def _bound(self, name: str, side: float) -> tuple[I8, F8]:
        """Return bricks (n,) and weights of their corners (n, 8) just beyond the bottom (-1) or within the top (1)."""
        tube = self.tubes[name]
        points = tube.points + np.outer(side * tube.radii, [0.0, 1.0, 0.0])
        points[:, 1] -= 0.1 * MM
        bricks, weights = np.zeros(len(points), dtype=np.int64), np.zeros((len(points), 8))
        for k, point in enumerate(points):
            bricks[k] = self.brick_at(point)
            if bricks[k] < 0:
                place = ", ".join(f"{c / MM:.1f}" for c in point)
                raise InputError(f"soft block: {name}: point {k} at ({place}) mm lies on no tissue")
            low = self.mesh.points[self.mesh.corners[bricks[k], 0]]
            u = np.clip((point - low) / self.mesh.spacing, 0.0, 1.0)
            for c in range(8):
                bits = np.array([c >> 2, (c >> 1) & 1, c & 1])
                weights[k, c] = float(np.prod(np.where(bits == 1, u, 1.0 - u)))
        return bricks, weights

    def moved(self, x: F8, name: str, which: dict[str, tuple[I8, F8]] | None = None) -> F8:
        """Return how far the bed (or the cover, with `which` = `over`) of each point moved [m], shape (n, 3)."""
        bricks, weights = (which or self.under)[name]
        nodes = self.mesh.corners[bricks]
        return np.asarray(np.einsum("kc,kcd->kd", weights, x[nodes] - self.mesh.points[nodes]))

    def axis(self, x: F8, name: str, height: F8 | None = None) -> F8:
        """Return the axis of a tube [m] in W, shape (n, 3); `height` as in `Squeeze` lowers it in its bed."""
        tube = self.tubes[name]
        axis = tube.points + self.moved(x, name)
        if height is not None:
            axis[:, 1] -= tube.radii * (1.0 - height)
        return axis

    def squeeze(self, x: F8, alive: Bool, presses: Sequence[Press], pressure: float) -> Squeeze:
        """Return how the artery is squeezed with nodes at `x` [m] and the bricks that are `alive`."""
        tube = self.tubes["artery"]
        axis = tube.points + self.moved(x, "artery")
        floor = axis[:, 1] - tube.radii
        top = tube.points[:, 1] + tube.radii + self.moved(x, "artery", self.over)[:, 1]
        covered = alive[self.over["artery"][0]]
        ceiling = np.where(covered, top, np.inf)
        hand = np.full(len(axis), -1, dtype=np.int64)
        for press in presses:
            dx = np.maximum(np.abs(axis[:, 0] - press.middle[0]) - 0.5 * tube.radii, 0.0)
            beside = dx**2 + (axis[:, 2] - press.middle[2]) ** 2
            below = press.middle[1] - np.sqrt(np.clip(press.radius**2 - beside, 0.0, None))
            lower = (beside < press.radius**2) & (below < ceiling) & ~covered
            ceiling = np.where(lower, below, ceiling)
            hand[lower] = press.hand
        height = np.clip((ceiling - floor) / (2.0 * tube.radii), 0.0, 1.0)
        force = squeezing(height, tube.radii, pressure) * self.step
        force[height >= 1.0] = 0.0
        hand[height >= 1.0] = -1
        return Squeeze(height, lumen(height), force, hand)

    @property
    def step(self) -> F8:
        """Length of artery that each of its points stands for [m], shape (n,)."""
        gap = np.linalg.norm(np.diff(self.tubes["artery"].points, axis=0), axis=1)
        out: F8 = 0.5 * (np.concatenate((gap, gap[-1:])) + np.concatenate((gap[:1], gap)))
        return out

    def push(self, force: F8, covered: Bool) -> F8:
        """Return the force of the squeezed artery on the nodes [N], (nodes, 3): down on the bed, up on a cover."""
        out = np.zeros_like(self.mesh.points)
        for (bricks, weights), sign in ((self.under["artery"], -1.0), (self.over["artery"], 1.0)):
            share = force if sign < 0.0 else np.where(covered, force, 0.0)
            nodes = self.mesh.corners[bricks]
            np.add.at(out[:, 1], nodes.ravel(), (sign * share[:, None] * weights).ravel())
        return out

    @cached_property
    def _beside(self) -> I8:
        """Bricks beside and over each point of the artery, (n, most); the number of bricks where there is none."""
        tube, rows = self.tubes["artery"], []
        for middle, r in zip(tube.points, tube.radii, strict=True):
            ups = np.arange(float(r), -float(middle[1]), 0.5 * float(self.mesh.spacing[1]))
            places = [middle + np.array([side * (float(r) + JAW), 0.0, 0.0]) for side in (-1.0, 1.0)]
            places += [middle + np.array([0.0, up, 0.0]) for up in ups]
            rows.append([brick for brick in map(self.brick_at, places) if brick >= 0])
        most = max(len(row) for row in rows)
        none = len(self.mesh.kind)
        return np.array([row + [none] * (most - len(row)) for row in rows], dtype=np.int64)

    def free(self, alive: Bool) -> Bool:
        """Tell at which points the artery can be encircled: nothing lives beside it, nor over it, shape (n,).

        Jaws come from above: what lies over the axis has to be gone up to the skin, at rest.
        """
        return np.asarray(~np.append(alive, False)[self._beside].any(axis=1))

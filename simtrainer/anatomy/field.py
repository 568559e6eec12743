"""The contact field: clearance to the wall on a sparse grid, from tubes, from a triangle surface, or from both.

Clearance [m] is the distance to the wall, positive in the lumen and negative outside it. The band reaches
`BAND` beyond the lumen, so that an escaped wire is seen and pushed back. Far ends are closed by a ball of the
vessel's own radius: the model ends there, the vessel does not, and `AnatomyPackage.ends` says where. The access
stays open: a sheath tunnel of `TUNNEL` prolongs the lumen straight outward.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.brick import brick_index, coefficients, mark_needed, with_neighbours
from simtrainer.anatomy.cone import clearance_at, cone_balls, near_cones, union_clearance
from simtrainer.anatomy.distance import TriangleTree, surface_clearance
from simtrainer.anatomy.propagate import lattice_clearance
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.grid import BRICK, SparseGrid, build_sparse
from simtrainer.core.kernel import njit
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BAND = 6.0 * MM
"""Band of the field outside the lumen [m]. because: 6-13 mm, so that a wire that left is pushed back"""
TUNNEL = 30.0 * MM
"""Length of the sheath tunnel outside the access [m]. because: design, a short introducer between skin and artery"""
BLEND = 1.0 * MM
"""Width over which tubes are rounded into each other at a fork [m]. because: design; opens the crease by <= 0.25 mm"""
COARSE, FINE = 1.0 * MM, 0.6 * MM
"""Spacings [m]. because: reference physics, 1 mm and finer where the radius is under 3 mm"""
NARROW = 3.0 * MM


@dataclass(frozen=True, slots=True)
class FieldError:
    """How far the field is from the exact distance, over random points within 3 mm of the wall.

    Parameters
    ----------
    largest, p99, mean
        Absolute error [m]: the largest, the 99th percentile, the mean (signed: positive where the field is wider).
    count
        Points compared.
    """

    largest: float
    p99: float
    mean: float
    count: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What the field is built from: a union of tubes, or a closed surface with tubes added to it.

    Parameters
    ----------
    cones
        Round cones, shape (n, 8): ax, ay, az, ra, bx, by, bz, rb [m].
    tube
        Number of the tube that each cone belongs to, ascending, shape (n,).
    surface
        Closed surface, or None.
    """

    cones: Floats
    tube: Ints
    surface: TriangleTree | None = None

    def clearance(self, points: Floats) -> Floats:
        """Return the exact clearance [m] at `points`, shape (n,)."""
        inside = np.full(len(points), -np.inf)
        if len(self.cones):
            inside = clearance_at(points, self.cones, cone_balls(self.cones), self.tube, BLEND)
        if self.surface is not None:
            inside = np.maximum(inside, surface_clearance(self.surface, points))
        return inside


def spacing_for(radii: Floats) -> float:
    """Return the spacing [m] that vessels of these radii [m] need."""
    return FINE if radii.min() < NARROW else COARSE


def tree_shape(tree: CentrelineTree) -> Shape:
    """Return the tubes of `tree` with its sheath tunnel; a branch that goes on from its parent's end is one tube."""
    owner = list(range(len(tree.branches)))
    for i, branch in enumerate(tree.branches):
        if _continues(tree, i):
            owner[i] = owner[branch.parent]
    cones, tube = [], []
    root = tree.branches[0]
    cones.append(tunnel_cone(root.points, root.radii))
    tube.append(owner[0])
    for i, branch in enumerate(tree.branches):
        ends = np.column_stack([branch.points, branch.radii])
        cones.extend(np.hstack([ends[:-1], ends[1:]]))
        tube.extend([owner[i]] * (len(branch.points) - 1))
    order = np.argsort(tube, kind="stable")
    return Shape(np.ascontiguousarray(np.array(cones)[order]), np.array(tube, dtype=np.int64)[order])


def _continues(tree: CentrelineTree, number: int) -> bool:
    """Tell whether a branch is the straightest way on from the last point of its parent."""
    branch = tree.branches[number]
    if branch.parent < 0 or branch.parent_index != len(tree.branches[branch.parent].points) - 1:
        return False
    parent = tree.branches[branch.parent]
    ahead = parent.points[-1] - parent.points[-2]

    def straightness(i: int) -> float:
        step = tree.branches[i].points[1] - tree.branches[i].points[0]
        return float(ahead @ step / np.linalg.norm(step))

    rivals = [i for i in tree.children(branch.parent) if tree.branches[i].parent_index == branch.parent_index]
    return max(rivals, key=straightness) == number


def tunnel_cone(points: Floats, radii: Floats) -> Floats:
    """Return the round cone, shape (8,), that prolongs a branch outward beyond its first point."""
    outward = points[0] - points[min(2, len(points) - 1)]
    far = points[0] + outward / np.linalg.norm(outward) * TUNNEL
    return np.concatenate([far, radii[:1], points[0], radii[:1]])


def build_field(shape: Shape, spacing: float, band: float = BAND) -> SparseGrid:
    """Return the contact field of `shape` with samples every `spacing` [m], known up to `band` [m] outside."""
    low, high = _bounds(shape)
    edge = BRICK * spacing
    origin = np.floor((low - band) / edge) * edge - 2 * edge
    count = np.ceil((high + band - origin) / edge).astype(np.int64) + 3
    near = _candidates(shape, origin, edge, count, band)
    centres = origin + (near + 0.5) * edge
    reach = 0.5 * np.sqrt(3.0) * edge
    bricks = near[shape.clearance(centres) >= -(band + reach)]
    every = with_neighbours(bricks)
    index = brick_index(every, tuple(int(n) for n in count))
    needed = np.zeros((len(every), BRICK, BRICK, BRICK), dtype=np.bool_)
    mark_needed(bricks, index, needed)
    samples = _samples(shape, every, needed, origin, spacing)
    values = np.empty((len(bricks), BRICK + 2, BRICK + 2, BRICK + 2), dtype=np.float32)
    coefficients(bricks, index, samples, values)
    return build_sparse(origin, spacing, bricks, values)


def field_error(field: SparseGrid, shape: Shape, count: int = 20000) -> FieldError:
    """Return the error of `field` against the exact clearance of `shape` at random points near the wall."""
    generator = Streams(0).at("field_error", 0)
    bricks = np.argwhere(field.index >= 0)
    where = bricks[generator.integers(0, len(bricks), 4 * count)] + generator.random((4 * count, 3))
    points = field.origin + (where * BRICK - 0.5) * field.spacing
    found, _, known = field.sample(points)
    near = known & (np.abs(found) < 3.0 * MM)
    chosen = points[near][:count]
    error = found[near][:count] - shape.clearance(chosen)
    size = np.abs(error)
    return FieldError(float(size.max()), float(np.percentile(size, 99)), float(error.mean()), len(chosen))


def _bounds(shape: Shape) -> tuple[Floats, Floats]:
    corners = []
    if len(shape.cones):
        for ball in (shape.cones[:, :4], shape.cones[:, 4:]):
            corners += [ball[:, :3] - ball[:, 3:], ball[:, :3] + ball[:, 3:]]
    if shape.surface is not None:
        corners.append(shape.surface.points)
    every = np.concatenate(corners)
    return every.min(axis=0), every.max(axis=0)


def _candidates(shape: Shape, origin: Floats, edge: float, count: Ints, band: float) -> Ints:
    """Return the bricks, shape (n, 3), that may lie in the lumen or its band."""
    marks = np.zeros(tuple(int(n) for n in count), dtype=np.bool_)
    boxes = []
    if len(shape.cones):
        balls = shape.cones.reshape(-1, 2, 4)
        boxes.append((balls[:, :, :3] - balls[:, :, 3:]).min(axis=1))
        boxes.append((balls[:, :, :3] + balls[:, :, 3:]).max(axis=1))
        _mark_boxes(marks, ((boxes[0] - band - origin) / edge), ((boxes[1] + band - origin) / edge))
    if shape.surface is not None:
        corners = shape.surface.points[shape.surface.triangles]
        low, high = corners.min(axis=1), corners.max(axis=1)
        _mark_boxes(marks, ((low - band - origin) / edge), ((high + band - origin) / edge))
        _fill_gaps(marks)
    return np.argwhere(marks)


def _mark_boxes(marks: NDArray[np.bool_], low: Floats, high: Floats) -> None:
    _mark(marks, np.floor(low).astype(np.int64), np.floor(high).astype(np.int64))


@njit(cache=True)
def _mark(marks: NDArray[np.bool_], low: Ints, high: Ints) -> None:
    """Mark every brick in the boxes from `low` to `high`, both included."""
    for b in range(low.shape[0]):
        marks[low[b, 0] : high[b, 0] + 1, low[b, 1] : high[b, 1] + 1, low[b, 2] : high[b, 2] + 1] = True


def _fill_gaps(marks: NDArray[np.bool_]) -> None:
    """Mark what the marked bricks enclose: the core of a lumen wider than the band."""
    from scipy.ndimage import binary_fill_holes  # noqa: PLC0415  # heavy, only for imported surfaces

    marks |= np.asarray(binary_fill_holes(marks), dtype=np.bool_)


def _samples(shape: Shape, bricks: Ints, needed: NDArray[np.bool_], origin: Floats, spacing: float) -> Floats:
    samples = np.full(needed.shape, -np.inf)
    if len(shape.cones):
        balls = cone_balls(shape.cones)
        _fill_from_cones(bricks, needed, origin, spacing, shape.cones, balls, shape.tube, samples)
    if shape.surface is not None:
        samples = np.maximum(samples, lattice_clearance(shape.surface, bricks, needed, origin, spacing))
    return samples


@njit(cache=True)
def _fill_from_cones(
    bricks: Ints,
    needed: NDArray[np.bool_],
    origin: Floats,
    spacing: float,
    cones: Floats,
    balls: Floats,
    tube: Ints,
    samples: Floats,
) -> None:
    """Write the exact clearance at the needed samples; cones are looked up for each brick, then for 2 x 2 x 2 samples.

    Exact. Cost about ten cones a sample.
    """
    every = np.arange(cones.shape[0])
    in_brick, in_block = np.empty(cones.shape[0], dtype=np.int64), np.empty(cones.shape[0], dtype=np.int64)
    p = np.empty(3)
    half = 0.5 * np.sqrt(3.0) * spacing
    for b in range(bricks.shape[0]):
        for axis in range(3):
            p[axis] = origin[axis] + (bricks[b, axis] * BRICK + 0.5 * (BRICK - 1)) * spacing
        n_brick = near_cones(p, balls, every, 2.0 * half * (BRICK - 1) + BLEND, in_brick)
        for block in range((BRICK // 2) ** 3):
            i, j, k = 2 * (block // 16), 2 * (block // 4 % 4), 2 * (block % 4)
            if needed[b, i : i + 2, j : j + 2, k : k + 2].any():
                u, v, w = bricks[b, 0] * BRICK + i, bricks[b, 1] * BRICK + j, bricks[b, 2] * BRICK + k
                p[0] = origin[0] + (u + 0.5) * spacing
                p[1] = origin[1] + (v + 0.5) * spacing
                p[2] = origin[2] + (w + 0.5) * spacing
                n_block = near_cones(p, balls, in_brick[:n_brick], 2.0 * half + BLEND, in_block)
                for c in range(8):
                    x, y, z = c >> 2, (c >> 1) & 1, c & 1
                    p[0] = origin[0] + (u + x) * spacing
                    p[1] = origin[1] + (v + y) * spacing
                    p[2] = origin[2] + (w + z) * spacing
                    samples[b, i + x, j + y, k + z] = union_clearance(p, cones, tube, in_block[:n_block], BLEND)


def narrowest(tree: CentrelineTree, names: Iterable[str]) -> float:
    """Return the smallest radius [m] on the ways from the access to the branches called `names`."""
    return min(float(tree.path_to(tree.number(name))[1].min()) for name in names)

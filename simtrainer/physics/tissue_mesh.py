"""From a label map to bricks, nodes and masses; refuses maps and materials that no tissue can have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simtrainer.core.error import InputError
from simtrainer.core.frame import frozen
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
MOST_BRICKS = 200_000
"""Voxels of tissue in one map. because: design; the coarse factor of more would not fit a laptop's memory."""


@dataclass(frozen=True, slots=True)
class Material:
    """A linear isotropic solid.

    Parameters
    ----------
    youngs_modulus, poisson_ratio, density
        [Pa], 1, [kg/m3].
    because
        Where the numbers come from.
    damping
        Stiffness-proportional damping time [s]: stress = C (strain + damping * strain rate).
    drag
        Mass-proportional damping rate [1/s].
    """

    youngs_modulus: float
    poisson_ratio: float
    density: float
    because: str
    damping: float = 0.0
    drag: float = 0.0


class Loose(Enum):
    """What to do with a piece of tissue that is attached to nothing."""

    REFUSED = "refused"
    """It would fall out of the patient: a mistake in the map."""
    ALLOWED = "allowed"
    """It flies; its own inertia keeps the system regular."""


@dataclass(frozen=True, slots=True)
class VoxelMesh:
    """Bricks of a label map and their nodes, in W.

    Parameters
    ----------
    spacing, origin
        Edges of a voxel, and position of the low corner of voxel (0, 0, 0) [m], shape (3,).
    points
        Nodes at rest [m], shape (n, 3), in the order of their places in the lattice.
    lattice
        Place of each node in the lattice of corners, shape (n, 3).
    voxels
        Place of each brick in the label map, shape (e, 3), ordered by label.
    corners
        Nodes of each brick, shape (e, 8); corner 4 i + 2 j + l.
    kind
        Number of the brick's material, shape (e,).
    labels, materials
        Label and material by that number.
    shape
        Of the label map.
    """

    spacing: F8
    origin: F8
    points: F8
    lattice: I8
    voxels: I8
    corners: I8
    kind: I8
    labels: tuple[int, ...]
    materials: tuple[Material, ...]
    shape: tuple[int, int, int]

    def within(self, low: F8, high: F8) -> Bool:
        """Tell which nodes lie in a box of W at rest, with a thousandth of a voxel to spare, shape (n,)."""
        spare = 1e-3 * self.spacing
        return np.asarray(np.all((self.points >= low - spare) & (self.points <= high + spare), axis=1))

    def masses(self, alive: Bool) -> tuple[F8, F8]:
        """Return the lumped mass [kg] of each node, and its drag [kg/s], of the bricks that are `alive`, each (n,)."""
        share = np.array([m.density for m in self.materials]) * float(np.prod(self.spacing)) / 8.0
        rate = share * np.array([m.drag for m in self.materials])
        nodes = self.corners[alive]
        kind = np.repeat(self.kind[alive], 8)
        count = len(self.points)
        mass = np.bincount(nodes.ravel(), weights=share[kind], minlength=count)
        drag = np.bincount(nodes.ravel(), weights=rate[kind], minlength=count)
        return np.asarray(mass, dtype=np.float64), np.asarray(drag, dtype=np.float64)


def voxel_mesh(labels: NDArray[np.generic], spacing: F8, origin: F8, materials: Mapping[int, Material]) -> VoxelMesh:
    """Return the bricks of all voxels whose label is not 0.

    Parameters
    ----------
    labels
        Label of each voxel, shape (i, j, k), axes along x, y and z of W; 0 is nothing.
    spacing, origin
        Edges of a voxel, and the low corner of voxel (0, 0, 0) [m], shape (3,).
    materials
        By label.
    """
    edges, corner = np.asarray(spacing, dtype=np.float64), np.asarray(origin, dtype=np.float64)
    _check_map(labels, edges, corner)
    present = tuple(int(v) for v in np.unique(labels) if v != 0)
    for label in present:
        if label not in materials:
            place = tuple(int(v) for v in np.argwhere(labels == label)[0])
            known = ", ".join(str(k) for k in sorted(materials)) or "none"
            raise InputError(f"tissue: voxel {place} has label {label}, which has no material; known: {known}")
        check_material(label, materials[label])
    voxels = np.concatenate([np.argwhere(labels == label) for label in present])
    kind = np.concatenate([np.full(np.count_nonzero(labels == v), g) for g, v in enumerate(present)])
    offsets = np.array([[k >> 2, (k >> 1) & 1, k & 1] for k in range(8)])
    dims = np.array(labels.shape) + 1
    flat = np.ravel_multi_index(tuple(np.moveaxis(voxels[:, None] + offsets, -1, 0)), tuple(dims))
    used, corners = np.unique(flat, return_inverse=True)
    lattice = np.column_stack(np.unravel_index(used, tuple(dims))).astype(np.int64)
    i, j, k = labels.shape
    return VoxelMesh(
        frozen(edges), frozen(corner), frozen(corner + lattice * edges), lattice, voxels.astype(np.int64),
        corners.reshape(-1, 8).astype(np.int64), kind.astype(np.int64), present, tuple(materials[v] for v in present),
        (i, j, k),
    )  # fmt: skip


def _check_map(labels: NDArray[np.generic], spacing: F8, origin: F8) -> None:
    if labels.ndim != 3 or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(f"tissue: the label map has {labels.ndim} axes of {labels.dtype}; it needs 3 of integers")
    if spacing.shape != (3,) or not np.all(np.isfinite(spacing)) or not np.all(spacing > 0.0):
        raise InputError(f"tissue: spacing is {spacing.tolist()} m; it must be three finite numbers above 0")
    if origin.shape != (3,) or not np.all(np.isfinite(origin)):
        raise InputError(f"tissue: origin is {origin.tolist()} m; it must be three finite numbers")
    count = int(np.count_nonzero(labels))
    if not 0 < count <= MOST_BRICKS:
        raise InputError(
            f"tissue: the label map of {labels.shape} has {count} voxels that are not 0; 1 to {MOST_BRICKS} are allowed"
        )


def check_material(label: int, material: Material) -> None:
    """Refuse a material that cannot be, or one whose numbers nobody vouches for."""
    where = f"tissue: material of label {label}"
    for name, value in (("youngs_modulus", material.youngs_modulus), ("density", material.density)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{where}: {name} is {value}, it must be finite and above 0")
    if not -1.0 < material.poisson_ratio < 0.5:
        raise InputError(f"{where}: poisson_ratio is {material.poisson_ratio}, it must lie between -1 and 0.5")
    for name, value in (("damping", material.damping), ("drag", material.drag)):
        if not (math.isfinite(value) and value >= 0.0):
            raise InputError(f"{where}: {name} is {value}, it must be finite and at least 0")
    if not material.because.strip():
        raise InputError(f"{where}: because is empty; say where its numbers come from")


@dataclass(frozen=True, slots=True)
class Attachment:
    """What holds the tissue, by node of the mesh.

    Parameters
    ----------
    fixed
        Nodes that do not move, shape (n,).
    stiffness, points
        Springs [N/m] (n,), 0 for none, and where they pull to [m] (n, 3); None for no springs at all.
    """

    fixed: Bool
    stiffness: F8 | None = None
    points: F8 | None = None


def check_attachment(mesh: VoxelMesh, held: Attachment, loose: Loose) -> tuple[F8, F8]:
    """Refuse attachments that do not fit, and loose pieces; return springs [N/m] (n,) and points [m] (n, 3)."""
    n = len(mesh.points)
    if held.fixed.shape != (n,) or held.fixed.dtype != np.bool_:
        raise InputError(f"tissue: fixed has shape {held.fixed.shape}; the mesh has {n} nodes")
    spring = np.zeros(n) if held.stiffness is None else np.asarray(held.stiffness, dtype=np.float64)
    points = np.array(mesh.points) if held.points is None else np.asarray(held.points, dtype=np.float64)
    if spring.shape != (n,) or points.shape != (n, 3):
        raise InputError(f"tissue: springs have shapes {spring.shape} and {points.shape}; the mesh has {n} nodes")
    bad = ~(np.isfinite(spring) & (spring >= 0.0) & np.all(np.isfinite(points), axis=1))
    if bad.any():
        k = int(np.argmax(bad))
        raise InputError(
            f"tissue: the spring of node {k} at {place_of(mesh.points[k])} is {spring[k]} N/m to "
            f"{points[k].tolist()} m; stiffness must be finite and at least 0, points finite"
        )
    if loose is Loose.REFUSED:
        _check_loose(mesh, held.fixed | (spring > 0.0))
    return spring, points


def _check_loose(mesh: VoxelMesh, held: Bool) -> None:
    solid = np.zeros(mesh.shape, dtype=np.bool_)
    solid[tuple(mesh.voxels.T)] = True
    pieces, count = ndimage.label(solid, structure=np.ones((3, 3, 3), dtype=np.int64))
    mine = pieces[tuple(mesh.voxels.T)]
    attached = np.unique(mine[held[mesh.corners].any(axis=1)])
    loose = np.setdiff1d(np.arange(1, count + 1), attached)
    if len(loose):
        first = mine == loose[0]
        middle = mesh.origin + (mesh.voxels[first].mean(axis=0) + 0.5) * mesh.spacing
        raise InputError(
            f"tissue: {len(loose)} of {count} pieces are attached to nothing; the first has {int(first.sum())} voxels "
            f"about {place_of(middle)}. Fix it, hold it with springs, remove it, or allow loose pieces"
        )


def place_of(point: F8) -> str:
    """Return a point of W as people read it."""
    return "(" + ", ".join(f"{c / MM:.1f}" for c in point) + ") mm"

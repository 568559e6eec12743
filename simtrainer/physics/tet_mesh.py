"""Tetrahedra of soft tissue: nodes, materials, surface and masses; refuses meshes that no tissue can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from simtrainer.core.error import InputError
from simtrainer.core.frame import frozen
from simtrainer.physics.tissue_contact import Surface
from simtrainer.physics.tissue_mesh import Attachment, Loose, Material, check_material, place_of

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
MOST_TETS = 60_000
"""Tetrahedra of one mesh. because: design; the factor of more would not fit a laptop's memory."""
FLATTEST = 1e-3
"""Least volume of a tetrahedron over that of a regular one with its mean edge. because: design; flatter ones make the
stiffness of a mesh as large as they are thin, and no solver converges."""
FACES = ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1))
"""Corners of the faces of a tetrahedron, outward; face k lies opposite corner k."""
EDGES = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
"""Corners of its edges."""


@dataclass(frozen=True, slots=True)
class TetMesh:
    """Tetrahedra and their nodes, in W.

    Parameters
    ----------
    points
        Nodes at rest [m], shape (n, 3).
    tets
        Nodes of each, of positive volume, shape (e, 4).
    kind
        Number of its material, shape (e,).
    labels, materials
        Label and material by that number.
    """

    points: F8
    tets: I8
    kind: I8
    labels: tuple[int, ...]
    materials: tuple[Material, ...]

    def volumes(self) -> F8:
        """Return the volume of each [m3], shape (e,)."""
        return volumes(self.points, self.tets)

    def within(self, low: F8, high: F8) -> Bool:
        """Tell which nodes lie in a box of W at rest, with a thousandth of its longest edge to spare, shape (n,)."""
        spare = 1e-3 * float(np.max(high - low))
        return np.asarray(np.all((self.points >= low - spare) & (self.points <= high + spare), axis=1))

    def skin(self) -> I8:
        """Return the outward triangles of the surface, shape (m, 3)."""
        return skin(self.tets)

    def masses(self) -> tuple[F8, F8]:
        """Return the lumped mass [kg] and drag [kg/s] of each node, a quarter of each tetrahedron, each (n,)."""
        mass = self.volumes() * np.array([m.density for m in self.materials])[self.kind] / 4.0
        drag = mass * np.array([m.drag for m in self.materials])[self.kind]
        nodes, count = self.tets.ravel(), len(self.points)
        return (
            np.asarray(np.bincount(nodes, weights=np.repeat(mass, 4), minlength=count)),
            np.asarray(np.bincount(nodes, weights=np.repeat(drag, 4), minlength=count)),
        )


def tet_mesh(points: F8, tets: I8, labels: I8, materials: Mapping[int, Material]) -> TetMesh:
    """Return the mesh of tetrahedra `tets` (e, 4) between `points` [m] (n, 3) with `labels` (e,).

    InputError for numbers that are not finite, nodes that belong to nothing, tetrahedra that are inside out or flat,
    and labels without a material; it says which and where.
    """
    points, tets = np.asarray(points, dtype=np.float64), np.asarray(tets, dtype=np.int64)
    labels = np.asarray(labels, dtype=np.int64)
    if points.ndim != 2 or points.shape[1:] != (3,) or tets.ndim != 2 or tets.shape[1:] != (4,):
        raise InputError(f"tets: points have shape {points.shape} and tets {tets.shape}; (n, 3) and (e, 4) are needed")
    if labels.shape != (len(tets),) or not 0 < len(tets) <= MOST_TETS:
        raise InputError(f"tets: {len(tets)} of them with {labels.size} labels; 1 to {MOST_TETS}, and as many labels")
    if not np.all(np.isfinite(points)):
        raise InputError(f"tets: node {int(np.argmin(np.isfinite(points).all(axis=1)))} is not finite")
    if tets.min() < 0 or tets.max() >= len(points):
        raise InputError(f"tets: they name nodes {tets.min()} to {tets.max()}; there are {len(points)}")
    _check_shape(points, tets)
    present = tuple(int(v) for v in np.unique(labels))
    for label in present:
        if label not in materials:
            known = ", ".join(str(k) for k in sorted(materials)) or "none"
            raise InputError(f"tets: label {label} has no material; known: {known}")
        check_material(label, materials[label])
    kind = np.searchsorted(np.array(present), labels)
    return TetMesh(frozen(points), tets, kind.astype(np.int64), present, tuple(materials[v] for v in present))


def _check_shape(points: F8, tets: I8) -> None:
    used = np.bincount(tets.ravel(), minlength=len(points)) > 0
    if not used.all():
        k = int(np.argmin(used))
        count = int((~used).sum())
        raise InputError(f"tets: {count} nodes belong to nothing; the first is {k} at {place_of(points[k])}")
    volume = volumes(points, tets)
    ends = points[tets[:, EDGES]]
    edge = np.linalg.norm(ends[:, :, 1] - ends[:, :, 0], axis=2).mean(axis=1)
    share = volume * np.sqrt(72.0) / edge**3
    bad = ~(share > FLATTEST)
    if bad.any():
        k = int(np.argmax(bad))
        raise InputError(
            f"tets: {int(bad.sum())} are flat or inside out; the first is {k} about "
            f"{place_of(points[tets[k]].mean(axis=0))}, {volume[k]:.3g} m3: {share[k]:.2g} of a regular one, "
            f"at least {FLATTEST:g} is needed"
        )


def volumes(points: F8, tets: I8) -> F8:
    """Return the signed volume of each tetrahedron [m3], shape (e,)."""
    a, b, c, d = (points[tets[:, k]] for k in range(4))
    return np.asarray(np.einsum("ei,ei->e", np.cross(b - a, c - a), d - a) / 6.0)


def skin(tets: I8) -> I8:
    """Return the faces that only one tetrahedron has, outward, shape (m, 3)."""
    faces = tets[:, FACES].reshape(-1, 3)
    _, where, count = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    return np.asarray(faces[np.sort(where[count == 1])])


def feelers(points: F8, triangles: I8) -> Surface:
    """Return the points of the surface that feel tools: its nodes, and the middles of its edges.

    As dense as those of bricks. A node stands for a twelfth of each of its triangles, the middle of an edge for a
    quarter: the corners of four equal parts. Nodes 0 and 1 of a point are the same, as are 2 and 3.
    """
    a, b, c = (points[triangles[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    rows, sizes = [], []
    for k in range(3):
        ends = np.sort(triangles[:, [k, (k + 1) % 3]], axis=1)
        rows += [np.repeat(triangles[:, [k]], 4, axis=1), np.repeat(ends, 2, axis=1)]
        sizes += [area / 12.0, area / 4.0]
    node, where = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    total = np.bincount(where.ravel(), weights=np.concatenate(sizes))
    return Surface(np.ascontiguousarray(node), np.full(node.shape, 0.25), np.asarray(total, dtype=np.float64))


def check_held(mesh: TetMesh, held: Attachment, loose: Loose) -> tuple[F8, F8]:
    """Refuse attachments that do not fit, and loose pieces; return springs [N/m] (n,) and points [m] (n, 3)."""
    n = len(mesh.points)
    spring = np.zeros(n) if held.stiffness is None else np.asarray(held.stiffness, dtype=np.float64)
    points = np.array(mesh.points) if held.points is None else np.asarray(held.points, dtype=np.float64)
    if held.fixed.shape != (n,) or held.fixed.dtype != np.bool_ or spring.shape != (n,) or points.shape != (n, 3):
        shapes = f"{held.fixed.shape}, {spring.shape} and {points.shape}"
        raise InputError(f"tets: fixed nodes, springs and their points have shapes {shapes}; the mesh has {n} nodes")
    good = np.isfinite(spring) & (spring >= 0.0) & np.all(np.isfinite(points), axis=1)
    if not good.all():
        k = int(np.argmin(good))
        raise InputError(
            f"tets: the spring of node {k} at {place_of(mesh.points[k])} is {spring[k]} N/m to {points[k].tolist()} m; "
            "both must be finite, stiffness at least 0"
        )
    if loose is Loose.REFUSED:
        _check_loose(mesh, held.fixed | (spring > 0.0))
    return spring, points


def _check_loose(mesh: TetMesh, held: Bool) -> None:
    n = len(mesh.points)
    rows, columns = np.repeat(mesh.tets[:, 0], 3), mesh.tets[:, 1:].ravel()
    graph = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    count, piece = connected_components(graph, directed=False)
    loose = np.setdiff1d(np.arange(count), piece[held])
    if len(loose):
        mine = piece == loose[0]
        raise InputError(
            f"tets: {len(loose)} of {count} pieces are attached to nothing; the first has {int(mine.sum())} nodes "
            f"about {place_of(mesh.points[mine].mean(axis=0))}. Fix it, hold it with springs, remove it, or allow "
            "loose pieces"
        )

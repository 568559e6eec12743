"""Over what the strain of tetrahedra is averaged, so that they neither lock in bending nor where they keep volume.

A linear tetrahedron has one strain. Alone it is too stiff: it cannot bend, and, nearly incompressible, hardly move.
Three rules, none of which needs a number of ours:

- `Rule.PLAIN`: each for itself; to compare with.
- `Rule.NODAL`: change of volume averaged about each node, change of shape by tetrahedron (J. Bonet, A. J. Burton, A
  simple average nodal pressure tetrahedral element, Commun. Numer. Meth. Engng 14 (1998) 437).
- `Rule.EDGE`: change of volume about each node, change of shape about each edge (G. R. Liu, Nguyen Thoi Trung, Smoothed
  Finite Element Methods, 2010: the selective edge- and node-based method).

All are the same sum over domains: a part of the volume, nodes, and slopes that give the mean gradient there. Slopes of
a linear field stay exact under averaging, so that the patch test holds. Domains end where a material ends.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from simtrainer.physics.tet_mesh import EDGES, TetMesh

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


class Rule(Enum):
    """Over what strain is averaged; see the module."""

    PLAIN = "plain"
    NODAL = "nodal"
    EDGE = "edge"


class Domains(NamedTuple):
    """Parts of the volume with one mean strain each.

    first: where the nodes of each begin, (d + 1,); node: 3 times the node, (k,); slope: gradient of the mean shape
    function [1/m], (k, 3); volume [m3] (d,); shear, bulk: moduli times volume [N m] (d,); kind: material, (d,).
    """

    first: I8
    node: I8
    slope: F8
    volume: F8
    shear: F8
    bulk: F8
    kind: I8


def slopes(points: F8, tets: I8) -> tuple[F8, F8]:
    """Return the gradients [1/m] of the shapes of each tetrahedron (e, 4, 3), and the volumes [m3] (e,)."""
    edges = points[tets[:, 1:]] - points[tets[:, :1]]
    turned = np.linalg.inv(edges).transpose(0, 2, 1)
    out = np.concatenate((-turned.sum(axis=1, keepdims=True), turned), axis=1)
    return out, np.asarray(np.linalg.det(edges) / 6.0)


def domains(mesh: TetMesh, rule: Rule) -> tuple[Domains, Domains]:
    """Return the domains that resist a change of shape, and those about nodes, which resist a change of volume."""
    e, n = len(mesh.tets), len(mesh.points)
    own = np.arange(e)[:, None]
    ends = np.sort(mesh.tets[:, EDGES], axis=2)
    about = (ends[..., 0] * n + ends[..., 1]) if rule is Rule.EDGE else own
    shear = np.array([m.youngs_modulus / (2.0 * (1.0 + m.poisson_ratio)) for m in mesh.materials])
    bulk = np.array([m.youngs_modulus / (3.0 * (1.0 - 2.0 * m.poisson_ratio)) for m in mesh.materials])
    none = np.zeros_like(shear)
    if rule is Rule.PLAIN:
        return _gathered(mesh, about, shear, bulk), _gathered(mesh, mesh.tets, none, none)
    return _gathered(mesh, about, shear, none), _gathered(mesh, mesh.tets, none, bulk)


def turners(mesh: TetMesh, full: Domains) -> I8:
    """Return, for each node, the largest of the domains `full` about it, shape (n,): it lends the node its rotation."""
    kinds = len(mesh.materials)
    node = np.unique(mesh.tets * kinds + mesh.kind[:, None]) // kinds
    order = np.argsort(full.volume, kind="stable")
    out = np.empty(len(mesh.points), dtype=np.int64)
    out[node[order]] = order
    return out


def _gathered(mesh: TetMesh, about: I8, shear: F8, bulk: F8) -> Domains:
    """Return the domains of tetrahedra that have the same number `about` (e, j) and material, in equal shares."""
    gradient, volume = slopes(mesh.points, mesh.tets)
    e, j = about.shape
    n, kinds = len(mesh.points), len(mesh.materials)
    names, where = np.unique(about * kinds + mesh.kind[:, None], return_inverse=True)
    where = where.reshape(e, j)
    share = np.repeat(volume[:, None] / j, j, axis=1)
    whole = np.asarray(np.bincount(where.ravel(), weights=share.ravel()), dtype=np.float64)
    part = share / whole[where]
    rows = np.broadcast_to(where[:, :, None], (e, j, 4)).ravel()
    columns = np.broadcast_to(mesh.tets[:, None, :], (e, j, 4)).ravel()
    sums = [
        sparse.csr_array(((part[:, :, None] * gradient[:, None, :, c]).ravel(), (rows, columns)), shape=(len(names), n))
        for c in range(3)
    ]
    for one in sums:
        one.sum_duplicates()
    slope = np.stack([one.data for one in sums], axis=1)
    kind = (names % kinds).astype(np.int64)
    return Domains(
        sums[0].indptr.astype(np.int64), 3 * sums[0].indices.astype(np.int64), np.ascontiguousarray(slope), whole,
        shear[kind] * whole, bulk[kind] * whole, kind,
    )  # fmt: skip


def assembled(parts: tuple[Domains, ...], gain: F8, count: int) -> sparse.csr_array:
    """Return the stiffness at rest [N/m] of `count` nodes, shape (3 n, 3 n), of each material times `gain`."""
    total = sparse.csr_array((3 * count, 3 * count))
    for part in parts:
        sizes = np.diff(part.first)
        for size in np.unique(sizes):
            mine = np.flatnonzero(sizes == size)
            at = part.first[mine][:, None] + np.arange(size)
            total = total + _summed(part, mine, at, gain[part.kind[mine]], 3 * count)
    return sparse.csr_array(0.5 * (total + total.T))


def _summed(part: Domains, mine: I8, at: I8, gain: F8, dofs: int) -> sparse.csr_array:
    """Return the sum over domains `mine` whose slopes stand `at` (d, s): mu (g.g' I + g' g) + (k - 2/3 mu) g g'."""
    g, size = part.slope[at], at.shape[1]
    shear, bulk = gain * part.shear[mine], gain * part.bulk[mine]
    if not (shear.any() or bulk.any()):
        return sparse.csr_array((dofs, dofs))
    block = np.einsum("d,dai,dbj->daibj", bulk - 2.0 / 3.0 * shear, g, g)
    block += np.einsum("d,dbi,daj->daibj", shear, g, g)
    block += np.einsum("d,dak,dbk,ij->daibj", shear, g, g, np.eye(3))
    dof = part.node[at][:, :, None] + np.arange(3)
    shape = (len(mine), size, 3, size, 3)
    rows = np.broadcast_to(dof[:, :, :, None, None], shape).ravel()
    columns = np.broadcast_to(dof[:, None, None], shape).ravel()
    return sparse.csr_array((block.ravel(), (rows, columns)), shape=(dofs, dofs))

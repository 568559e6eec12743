"""Where nodes and bricks lie in the kernels: a dense lattice about the tissue, in which no brick looks up its nodes.

A brick bears the number of its lowest corner, so that corner (i, j, l) of brick b is node b + i J K + j K + l. What a
block of LANES bricks reads and writes is then contiguous. Bricks and nodes of the lattice that are no tissue have a
stiffness of zero; blocks without any tissue are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_brick import LANES, Bricks
from simtrainer.physics.tissue_element import shear_and_volume
from simtrainer.physics.tissue_mesh import VoxelMesh

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """The lattice of one mesh; does not change when bricks are cut.

    Parameters
    ----------
    dims
        Nodes along each axis, of the smallest box of voxels that holds the tissue.
    low
        Place of its first voxel in the label map, shape (3,).
    node
        Number in the lattice of each node of the mesh, shape (n,).
    lane
        Where each brick lies among the lanes of all blocks, shape (e,).
    spans
        Stretches of the lattice that hold nodes, whole blocks, shape (s, 2).
    size
        Numbers that a vector has along each axis.
    bricks
        What the kernels read.
    """

    dims: tuple[int, int, int]
    low: I8
    node: I8
    lane: I8
    spans: I8
    size: int
    bricks: Bricks


def lay_out(mesh: VoxelMesh) -> Layout:
    """Return the lattice of `mesh`."""
    low = mesh.voxels.min(axis=0)
    high = mesh.voxels.max(axis=0)
    i, j, k = (int(v) for v in high - low + 2)
    node = np.ravel_multi_index(tuple((mesh.lattice - low).T), (i, j, k)).astype(np.int64)
    brick = np.ravel_multi_index(tuple((mesh.voxels - low).T), (i, j, k)).astype(np.int64)
    used, block = np.unique(brick // LANES, return_inverse=True)
    corners = np.array([0, k, j * k, j * k + k], dtype=np.int64)
    blocks = np.unique(node // LANES)
    ends = np.flatnonzero(np.diff(blocks) > 1)
    first, last = blocks[np.append(0, ends + 1)], blocks[np.append(ends, len(blocks) - 1)]
    size = int(max(blocks[-1], used[-1]) + 2) * LANES + int(corners[-1])
    table = shear_and_volume(mesh.spacing)
    bricks = Bricks(used * LANES, corners, table, table.astype(np.float32), -4.0 * mesh.spacing)
    spans = LANES * np.column_stack((first, last + 1))
    return Layout((i, j, k), low, node, block.ravel() * LANES + brick % LANES, spans, size, bricks)

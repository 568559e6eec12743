"""Arrays that a step writes into. They hold nothing between steps: what is read has been written in the same step."""

from __future__ import annotations

import numpy as np

from simtrainer.physics.tissue_brick import LANES, ROWS
from simtrainer.physics.tissue_factor import Lattice
from simtrainer.physics.tissue_kernel import TURN_SCRATCH
from simtrainer.physics.tissue_lattice import Layout
from simtrainer.physics.tissue_solve import Work


class Buffers:
    """Vectors over the lattice and blocks of bricks, of one tissue; one step at a time may use them."""

    def __init__(self, layout: Layout, grid: Lattice) -> None:
        """Make them for a lattice of bricks and the coarse one."""
        blocks, size = len(layout.bricks.at), layout.size
        _, j, k = layout.dims
        wide, f4 = (3, size), np.float32
        self.at, self.out, self.right = np.zeros(wide), np.zeros(wide), np.zeros(wide)
        self.move = np.zeros(wide)
        self.old = np.zeros((blocks, 21 * LANES))
        self.rot = np.zeros((blocks, 9 * LANES))
        self.small = np.zeros((blocks, 9 * LANES), dtype=np.float32)
        self.r, self.s = np.zeros(9 * LANES), np.zeros(TURN_SCRATCH)
        self.diagonal, self.firm, self.free = np.zeros(size), np.zeros(size), np.zeros(size)
        self.rough = np.zeros((3, size), dtype=np.float32)
        """Diagonal, free, and inverse of the diagonal, in single precision."""
        self.mark = np.zeros(size, dtype=np.int64)
        self.cells = np.zeros((int(np.prod(grid.dims)) + 1, 9))
        self.turned = np.zeros((-(-grid.count // LANES), 9 * LANES))
        self.live = np.zeros(LANES)
        single = [np.zeros(wide, f4) for _ in range(7)]
        narrow = np.zeros(ROWS * LANES, f4)
        first = np.zeros((3, grid.dims[0], j * k), f4)
        second = np.zeros((3, grid.dims[0] * grid.dims[1], k), f4)
        self.work = Work(
            np.zeros(wide), np.zeros(wide), np.zeros(ROWS * LANES), single[0], single[1], single[2], single[3],
            single[4], single[5], single[6], narrow, first, second, np.zeros(1), np.zeros(LANES),
        )  # fmt: skip

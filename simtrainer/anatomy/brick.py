"""Bricks of a sparse grid: which are needed, which samples they share, and B-spline coefficients from samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import BRICK
from simtrainer.core.kernel import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALO = 2
"""Samples needed around a brick: one that the grid stores, one more for the prefilter."""


def with_neighbours(bricks: Ints) -> Ints:
    """Return `bricks`, shape (n, 3), and all their 26 neighbours, each once, in lexical order."""
    offsets = np.array([(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    return np.unique((bricks[:, None, :] + offsets).reshape(-1, 3), axis=0)


def brick_index(bricks: Ints, shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Return the number of the brick at each brick position, -1 where there is none."""
    index = np.full(shape, -1, dtype=np.int32)
    index[bricks[:, 0], bricks[:, 1], bricks[:, 2]] = np.arange(len(bricks), dtype=np.int32)
    return index


@njit(cache=True)
def mark_needed(bricks: Ints, index: NDArray[np.int32], needed: NDArray[np.bool_]) -> None:
    """Mark in `needed`, shape (m, 8, 8, 8), every sample that `bricks` or their halo of two samples touch."""
    for b in range(bricks.shape[0]):
        for i in range(-HALO, BRICK + HALO):
            for j in range(-HALO, BRICK + HALO):
                for k in range(-HALO, BRICK + HALO):
                    home = index[bricks[b, 0] + (i >> 3), bricks[b, 1] + (j >> 3), bricks[b, 2] + (k >> 3)]
                    needed[home, i & 7, j & 7, k & 7] = True


@njit(cache=True)
def coefficients(
    bricks: Ints, index: NDArray[np.int32], samples: NDArray[np.float64], out: NDArray[np.float32]
) -> None:
    """Write B-spline coefficients of each brick with its halo of one, shape (n, 10, 10, 10), from `samples`.

    The quadratic B-spline of the samples themselves is smoother than they are by h^2/8 times the second derivative;
    taking that term away beforehand (one Neumann step of the inverse filter) leaves an error of order h^4.
    Cost 1000 x 10 flops a brick.
    """
    block = np.empty((BRICK + 2 * HALO, BRICK + 2 * HALO, BRICK + 2 * HALO))
    for b in range(bricks.shape[0]):
        for i in range(BRICK + 2 * HALO):
            for j in range(BRICK + 2 * HALO):
                for k in range(BRICK + 2 * HALO):
                    u, v, w = i - HALO, j - HALO, k - HALO
                    home = index[bricks[b, 0] + (u >> 3), bricks[b, 1] + (v >> 3), bricks[b, 2] + (w >> 3)]
                    block[i, j, k] = samples[home, u & 7, v & 7, w & 7]
        for i in range(BRICK + 2):
            for j in range(BRICK + 2):
                for k in range(BRICK + 2):
                    x, y, z = i + 1, j + 1, k + 1
                    around = block[x - 1, y, z] + block[x + 1, y, z] + block[x, y - 1, z] + block[x, y + 1, z]
                    around += block[x, y, z - 1] + block[x, y, z + 1]
                    out[b, i, j, k] = 1.75 * block[x, y, z] - 0.125 * around

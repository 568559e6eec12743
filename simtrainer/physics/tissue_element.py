"""The eight-node brick: its stiffness, and the eight small blocks that the kernels use in its place."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
CORNERS: F8 = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
"""Signs of the corners, shape (8, 3): corner k = 4 i + 2 j + l lies at (i, j, l) of its voxel."""
HADAMARD: F8 = np.array([[(-1.0) ** (k & m).bit_count() for m in range(8)] for k in range(8)])
"""Corner values to the sums 1, z, y, yz, x, xz, xy, xyz of them with signs; its own inverse but for a factor 8."""
AXIS_MODE = (4, 2, 1)
"""Number of the mode that is linear in x, in y and in z."""


SURFACE = 1.1
"""Margin of the bound. because: measured; a surface has eigenvalues up to 1.28 of those of the endless lattice, and the
smoother stays positive up to 1.26 of its bound."""


@dataclass(frozen=True, slots=True)
class Brick:
    """What a kernel needs of the bricks of one material.

    Parameters
    ----------
    blocks
        Upper triangles of the eight 3 x 3 blocks of B = H K H / 64 [N/m], shape (8, 6): block q couples component c
        of mode q xor AXIS_MODE[c].
    diagonal
        Mean of the diagonal of K [N/m]; the same at each corner.
    bound
        Largest eigenvalue of the endless lattice of such bricks under Jacobi, see `lattice_bound`.
    stiffness
        K itself [N/m], shape (24, 24), row 3 k + c.
    """

    blocks: F8
    diagonal: float
    bound: float
    stiffness: F8


def brick(modulus: float, ratio: float, spacing: F8) -> Brick:
    """Return the brick with edges `spacing` [m] (3,) of Young's `modulus` [Pa] and Poisson's `ratio`.

    A box has three mirror planes, so that K falls into eight blocks of 3 x 3 once corner values are replaced by their
    sums with signs: 72 products instead of 576, and no rounding worse than that of the full matrix.
    """
    full = stiffness(modulus, ratio, spacing)
    turned = np.kron(HADAMARD, np.eye(3))
    inner = turned @ full @ turned / 64.0
    blocks = np.empty((8, 6))
    covered = np.zeros((24, 24), dtype=np.bool_)
    for q in range(8):
        rows = np.array([3 * (q ^ mode) + c for c, mode in enumerate(AXIS_MODE)])
        blocks[q] = inner[np.ix_(rows, rows)][np.triu_indices(3)]
        covered[np.ix_(rows, rows)] = True
    assert np.abs(inner[~covered]).max() <= 1e-10 * np.abs(inner).max(), "a brick without mirror planes"
    diagonal = float(np.trace(full)) / 24.0
    return Brick(blocks, diagonal, lattice_bound(full, diagonal), full)


def shear_and_volume(spacing: F8) -> F8:
    """Return the blocks of any brick with edges `spacing` [m] over its shear modulus, shape (9, 6) [m].

    Row q is block q of a brick that does not resist changes of volume (see `Brick.blocks`); row 8 begins with the three
    numbers v whose v v^T times the bulk over the shear modulus belongs to block 0: volume is measured once a brick.
    Components that are not coupled by symmetry are exactly zero.
    """
    turned = np.kron(HADAMARD, np.eye(3))
    out = np.zeros((9, 6))
    inner = turned @ _stiffness(1.0, 0.0, spacing) @ turned / 64.0
    for q in range(8):
        rows = np.array([3 * (q ^ mode) + c for c, mode in enumerate(AXIS_MODE)])
        out[q] = inner[np.ix_(rows, rows)][np.triu_indices(3)]
    volume = turned @ _stiffness(0.0, 1.0, spacing) @ turned / 64.0
    rows = np.array([3 * mode + c for c, mode in enumerate(AXIS_MODE)])
    out[8, :3] = np.sqrt(np.diagonal(volume)[rows])
    out[np.abs(out) < 1e-12 * np.abs(out).max()] = 0.0
    return out


def moduli(modulus: float, ratio: float) -> tuple[float, float]:
    """Return shear and bulk modulus of Young's `modulus` and Poisson's `ratio`."""
    return modulus / (2.0 * (1.0 + ratio)), modulus / (3.0 * (1.0 - 2.0 * ratio))


def lattice_bound(full: F8, diagonal: float) -> float:
    """Return the largest eigenvalue of an endless lattice of bricks `full` over its diagonal, 8 `diagonal`.

    By waves of 0 to pi a brick along each axis (the others are mirror images). The largest eigenvalue of one brick
    would be an upper bound for any mesh, but is three times as large, and a smoother set up for it damps little.
    """
    pairs = full.reshape(8, 3, 8, 3)
    most = 0.0
    for wave in itertools.product(np.linspace(0.0, np.pi, 5), repeat=3):
        phase = np.exp(0.5j * (CORNERS @ np.array(wave)))
        symbol = np.einsum("a,aibj,b->ij", phase.conj(), pairs, phase)
        most = max(most, float(np.linalg.eigvalsh(symbol)[-1]))
    return SURFACE * most / (8.0 * diagonal)


def stiffness(modulus: float, ratio: float, spacing: F8) -> F8:
    """Return the stiffness [N/m] of a brick, shape (24, 24), symmetric, with six zero eigenvalues.

    Shape changes by 2 x 2 x 2 points, volume by one, which keeps nearly incompressible tissue from locking. Source:
    T. J. R. Hughes, The Finite Element Method, 4.4 (selective reduced integration, here B-bar with mean dilatation).
    Incompatible bending modes were tried: no better at a clamp, worse at a Poisson ratio of 0.49 on a coarse mesh.
    """
    return _stiffness(*moduli(modulus, ratio), spacing)


def _stiffness(shear: float, bulk: float, spacing: F8) -> F8:
    one = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    shape_law = shear * (np.diag([2.0, 2.0, 2.0, 1.0, 1.0, 1.0]) - 2.0 / 3.0 * np.outer(one, one))
    volume_law = bulk * np.outer(one, one)
    volume = float(np.prod(spacing))
    out: F8 = np.zeros((24, 24))
    for at in CORNERS / np.sqrt(3.0):
        b = strain(_slopes(at, spacing))
        out += b.T @ shape_law @ b * (volume / 8.0)
    middle = strain(_slopes(np.zeros(3), spacing))
    out += middle.T @ volume_law @ middle * volume
    return np.asarray(0.5 * (out + out.T))


def strain(slopes: F8) -> F8:
    """Return the strain (xx, yy, zz, xy, yz, zx; shears in full) of displacements whose shapes have `slopes` (n, 3)."""
    b = np.zeros((6, 3 * len(slopes)))
    for a, (dx, dy, dz) in enumerate(slopes):
        b[:, 3 * a : 3 * a + 3] = [[dx, 0, 0], [0, dy, 0], [0, 0, dz], [dy, dx, 0], [0, dz, dy], [dz, 0, dx]]
    return b


def _slopes(at: F8, spacing: F8) -> F8:
    """Return the gradients [1/m] of the eight trilinear shapes at `at` in [-1, 1]^3, shape (8, 3)."""
    factor = 1.0 + CORNERS * at
    out = np.empty((8, 3))
    for c in range(3):
        others = [o for o in range(3) if o != c]
        out[:, c] = 0.125 * CORNERS[:, c] * factor[:, others].prod(axis=1) * 2.0 / spacing[c]
    return out

"""Which bricks a blade crosses on its way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_mesh import VoxelMesh

F8 = NDArray[np.float64]
Bool = NDArray[np.bool_]
SAMPLES = 4.0
"""Points of the blade's path in an edge of a voxel. because: design; a corner that is cut by less may stay."""
MOST_SAMPLES = 250_000
"""Points of one path. because: design; more is a blade that jumps, not one that cuts."""


def crossed(mesh: VoxelMesh, x: F8, alive: Bool, path: F8) -> Bool:
    """Tell which of the bricks that are `alive` contain a point of the blade's `path`, shape (e,).

    Parameters
    ----------
    x
        Nodes now [m], shape (n, 3).
    path
        The edge of the blade at the last tick and now [m], shape (2, 2, 3): the patch between is swept.
    """
    if path.shape != (2, 2, 3) or not np.all(np.isfinite(path)):
        raise InputError(f"control: cut has shape {path.shape}; it must be two edges of two finite points [m]")
    fine = float(mesh.spacing.min()) / SAMPLES
    wide = max(np.linalg.norm(path[0, 1] - path[0, 0]), np.linalg.norm(path[1, 1] - path[1, 0]))
    long = max(np.linalg.norm(path[1, 0] - path[0, 0]), np.linalg.norm(path[1, 1] - path[0, 1]))
    rows, columns = int(wide / fine) + 2, int(long / fine) + 2
    if rows * columns > MOST_SAMPLES:
        raise InputError(f"control: cut sweeps {wide:.3g} m by {long:.3g} m in one step; at most {MOST_SAMPLES} points")
    u, v = np.linspace(0.0, 1.0, rows)[:, None, None], np.linspace(0.0, 1.0, columns)[None, :, None]
    first, second = path[0, 0] + u * (path[0, 1] - path[0, 0]), path[1, 0] + u * (path[1, 1] - path[1, 0])
    points = np.ascontiguousarray((first + v * (second - first)).reshape(-1, 3))
    corners = x[mesh.corners]
    low, high = corners.min(axis=1), corners.max(axis=1)
    near = alive & np.all((low <= points.max(axis=0)) & (high >= points.min(axis=0)), axis=1)
    chosen = np.flatnonzero(near)
    out = np.zeros(len(alive), dtype=np.bool_)
    if len(chosen):
        hit = np.zeros(len(chosen), dtype=np.bool_)
        find_crossed(np.ascontiguousarray(corners[chosen]), points, hit)
        out[chosen] = hit
    return out


@njit(cache=True)
def find_crossed(corners: F8, points: F8, hit: Bool) -> None:
    """Mark the bricks, given by their corners (e, 8, 3), that contain one of `points`.

    A brick is taken for the parallelepiped of its mean gradient, which is exact where it is not hourglass-shaped.
    """
    for e in range(corners.shape[0]):
        g = np.zeros((3, 3))
        middle = np.zeros(3)
        for k in range(8):
            for r in range(3):
                v = corners[e, k, r]
                middle[r] += 0.125 * v
                g[r, 0] += 0.125 * v if k >= 4 else -0.125 * v
                g[r, 1] += 0.125 * v if k & 2 else -0.125 * v
                g[r, 2] += 0.125 * v if k & 1 else -0.125 * v
        d = (
            g[0, 0] * (g[1, 1] * g[2, 2] - g[1, 2] * g[2, 1])
            - g[0, 1] * (g[1, 0] * g[2, 2] - g[1, 2] * g[2, 0])
            + g[0, 2] * (g[1, 0] * g[2, 1] - g[1, 1] * g[2, 0])
        )
        if d == 0.0:
            continue
        for i in range(points.shape[0]):
            inside = True
            for r in range(3):
                r1, r2 = (r + 1) % 3, (r + 2) % 3
                at = 0.0
                for c in range(3):
                    c1, c2 = (c + 1) % 3, (c + 2) % 3
                    at += (g[c1, r1] * g[c2, r2] - g[c2, r1] * g[c1, r2]) / d * (points[i, c] - middle[c])
                if abs(at) > 1.0:
                    inside = False
                    break
            if inside:
                hit[e] = True
                break

"""What edges cut and blunt tips part: which bricks go, which vessels are hit, and what a cut resists with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics.tissue_cut import crossed
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.procedures.open_vessel_control.state import Hand
from simtrainer.procedures.open_vessel_control.tool import EDGE, SCISSORS, SCISSORS_HIGH, UP, heading

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
TOUGH = {"skin": 400.0, "fat": 80.0, "fascia": 300.0, "muscle": 120.0, "areolar": 40.0, "floor": 120.0}
"""Work of cutting a square metre with a sharp blade [J/m2]. because: design; 3 mm of skin then resist with 1.2 N; a
no. 11 blade through the cricothyroid membrane was measured at 1.01 N (physics.md, 5)"""
PARTS = {"areolar": 1.25, "muscle": 1.6}
"""Stretch at which a blunt spread parts a tissue. because: design; loose tissue parts easily, muscle splits, and skin,
fat and fascia do not part"""
TEARS = 3.0
"""Stretch at which any tissue tears by itself. because: design"""
NEAR, UNDER, OVER = 6.5 * MM, 2.5 * MM, 9.0 * MM
"""How far beside, under and over a blunt tip tissue may part [m]. because: design, its spread and a voxel"""
DRAW = 0.02 * MM
"""Travel in a tick [m] below which an edge does not cut. because: design; one that is only pressed does not slice"""
CLOSED = 0.75
"""How far scissors close until they have cut. because: design"""
WHOLE = 12e-6
"""Largest hole [m2]. because: design, half of an artery of 5 mm cut through"""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A patch that an edge swept in this tick: its edge before and now [m], shape (2, 2, 3), and its length [m]."""

    path: F8
    length: float


def scalpel(before: Hand, now: Hand) -> Stroke | None:
    """Return what the edge of a scalpel swept; None where it did not draw."""
    a, b = np.array(before.tip), np.array(now.tip)
    drawn = float(np.hypot(b[0] - a[0], b[2] - a[2]))
    if before.tool != "scalpel" or drawn < DRAW:
        return None
    return Stroke(np.array([[a, a + EDGE * UP], [b, b + EDGE * UP]]), drawn)


def scissors(before: Hand, now: Hand) -> Stroke | None:
    """Return what the jaws of scissors cut when they closed; None while they did not."""
    if before.tool != "scissors" or not before.close < CLOSED <= now.close:
        return None
    a = np.array(now.tip)
    b = a - SCISSORS * heading(now.turn)
    high = SCISSORS_HIGH * UP
    return Stroke(np.array([[a, a + high], [b, b + high]]), SCISSORS)


def swept(mesh: VoxelMesh, x: F8, alive: Bool, stroke: Stroke) -> Bool:
    """Tell which bricks a stroke cuts through: those whose middle its edge has passed, shape (e,)."""
    path = stroke.path.copy()
    path[:, 0, 1] += 0.5 * float(mesh.spacing[1])
    if np.any(path[:, 0, 1] >= path[:, 1, 1]):
        return np.zeros(len(alive), dtype=np.bool_)
    return crossed(mesh, np.ascontiguousarray(x), alive, path)


def touched(mesh: VoxelMesh, x: F8, alive: Bool, stroke: Stroke) -> Bool:
    """Tell which bricks an edge lies in, shape (e,)."""
    edge = stroke.path[1]
    return crossed(mesh, np.ascontiguousarray(x), alive, np.stack((edge, edge)))


def resistance(mesh: VoxelMesh, gone: Bool, tough: F8) -> float:
    """Return the force [N] that a cut through the bricks `gone` resists with; `tough` [J/m2] by material."""
    kinds, layers = mesh.kind[gone], mesh.voxels[gone, 1]
    if not len(kinds):
        return 0.0
    _, first = np.unique(layers, return_index=True)  # a brick a layer: the edge is one line
    return float(np.sum(tough[kinds[first]]) * mesh.spacing[1])


def depth_in(stroke: Stroke, axis: F8, radii: F8) -> tuple[int, float]:
    """Return the point of a tube that a stroke came nearest to, and how deep it went into the tube [m], 0 for not."""
    u = np.linspace(0.0, 1.0, 5)[:, None, None]
    n = 2 + int(stroke.length / MM)
    v = np.linspace(0.0, 1.0, n)[None, :, None]
    p = stroke.path
    a, b = p[0, 0] + u * (p[0, 1] - p[0, 0]), p[1, 0] + u * (p[1, 1] - p[1, 0])
    points = (a + v * (b - a)).reshape(-1, 3)
    away = points[:, None] - axis[None]
    away[..., 2] *= np.clip(np.abs(away[..., 2]) / 1.3e-3 - 1.0, 0.0, 1.0)  # between two points of the axis
    gap = np.sqrt(np.einsum("pkd,pkd->pk", away, away)) - radii[None]
    k = int(np.argmin(gap.min(axis=0)))
    return k, max(-float(gap[:, k].min()), 0.0)


def stretch(mesh: VoxelMesh, x: F8, bricks: I8) -> F8:
    """Return the greatest principal stretch of each of `bricks` at their middle, shape (n,)."""
    corners = x[mesh.corners[bricks]].reshape(-1, 2, 2, 2, 3)
    F = np.empty((len(bricks), 3, 3))
    for axis in range(3):
        side = np.moveaxis(corners, 1 + axis, 1)
        F[:, :, axis] = (side[:, 1] - side[:, 0]).mean(axis=(1, 2)) / mesh.spacing[axis]
    return np.sqrt(np.linalg.eigvalsh(np.einsum("nki,nkj->nij", F, F))[:, 2])


def near(mesh: VoxelMesh, x: F8, alive: Bool, tips: tuple[F8, ...]) -> I8:
    """Return the living bricks whose middle lies near one of `tips` [m] or of the line above it."""
    middle = x[mesh.corners].mean(axis=1)
    close = np.zeros(len(alive), dtype=np.bool_)
    for tip in tips:
        away = middle - tip
        level = (away[:, 1] > -UNDER) & (away[:, 1] < OVER)
        close |= level & (away[:, 0] ** 2 + away[:, 2] ** 2 < NEAR**2)
    return np.flatnonzero(close & alive)


def parting(mesh: VoxelMesh, x: F8, bricks: I8, limit: F8) -> int:
    """Return the brick that is stretched most beyond its `limit` (by material), -1 for none."""
    if not len(bricks):
        return -1
    over = stretch(mesh, x, bricks) / limit[mesh.kind[bricks]]
    k = int(np.argmax(over))
    return int(bricks[k]) if over[k] >= 1.0 else -1


def into(mesh: VoxelMesh, x: F8, brick: int) -> F8:
    """Return a path, shape (2, 2, 3), that cuts this brick and no other."""
    middle = x[mesh.corners[brick]].mean(axis=0)
    tiny = 0.02 * MM * np.eye(3)
    return np.array([[middle - tiny[0], middle + tiny[0]], [middle - tiny[2], middle + tiny[2]]])

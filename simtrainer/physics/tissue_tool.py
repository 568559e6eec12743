"""What touches tissue: balls, capsules, blades, chains of points, jaws; and how they reach the kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
MOST_MOVE = 50.0 * MM
"""Longest move of a tool in one step [m]. because: design; hands move at most 2 m/s, 5 m/s in a tick is a mistake."""
COLUMNS = 40
"""Numbers of a piece, see `pieces`."""
KIND, OWNER, R_A, R_B, A, B, ROT, BACK, SHIFT_A, SHIFT_B = 0, 1, 2, 3, 4, 7, 10, 19, 28, 31


@dataclass(frozen=True, slots=True)
class Sphere:
    """A ball about the origin of its frame; radius [m]."""

    radius: float


@dataclass(frozen=True, slots=True)
class Capsule:
    """A rod with round ends along z of its frame, its axis from -length/2 to length/2 [m]; radius [m]."""

    length: float
    radius: float


@dataclass(frozen=True, slots=True)
class Blade:
    """A flat plate about the origin of its frame: edges `size` [m] (3,) in all, `rounding` [m] of its edges within."""

    size: tuple[float, float, float]
    rounding: float


Tool: TypeAlias = Sphere | Capsule | Blade


@dataclass(frozen=True, slots=True)
class Chain:
    """A slender instrument: points of its centreline.

    Parameters
    ----------
    points, radius
        [m], shapes (n, 3) and (n,).
    moved
        How far each point has come since the last tick [m], (n, 3); None for an instrument that stands still. Friction
        needs it, and points of a rod are not the same from tick to tick.
    """

    points: F8
    radius: F8
    moved: F8 | None = None


@dataclass(frozen=True, slots=True)
class Jaw:
    """A forceps: on closing it binds the nodes within `reach` [m] of its origin.

    Parameters
    ----------
    reach
        [m].
    stiffness
        Of the spring to each bound node [N/m].
    tear_force
        Force [N] above which what is held tears out.
    """

    reach: float
    stiffness: float
    tear_force: float


@dataclass(frozen=True, slots=True)
class Grip:
    """Where a jaw is, `X_WJ` (4, 4), and whether it is closed."""

    pose: F8
    closed: bool


def check_tools(tools: tuple[Tool, ...], jaws: tuple[Jaw, ...]) -> None:
    """Refuse tools without size and jaws that hold nothing."""
    for t, tool in enumerate(tools):
        if isinstance(tool, Blade):
            good = all(math.isfinite(s) and s > 0.0 for s in tool.size) and 0.0 <= tool.rounding <= min(tool.size) / 2.0
        elif isinstance(tool, Capsule):
            good = 0.0 < tool.radius < math.inf and 0.0 <= tool.length < math.inf
        else:
            good = 0.0 < tool.radius < math.inf
        if not good:
            raise InputError(
                f"tissue: tools[{t}] is {tool}; sizes are finite, above 0, rounding at most half the least"
            )
    for j, jaw in enumerate(jaws):
        for name, value in (("reach", jaw.reach), ("stiffness", jaw.stiffness), ("tear_force", jaw.tear_force)):
            if not value > 0.0 or math.isnan(value) or (name != "tear_force" and math.isinf(value)):
                raise InputError(f"tissue: jaws[{j}].{name} is {value}; it must be above 0")


def check_pose(pose: F8, where: str) -> None:
    """Refuse what is no pose (4, 4)."""
    if pose.shape != (4, 4) or not np.all(np.isfinite(pose)):
        raise InputError(f"control: {where} must be a pose of 4 x 4 finite numbers")
    R = pose[:3, :3]
    if not np.allclose(R @ R.T, np.eye(3), atol=1e-6) or np.linalg.det(R) < 0.0:
        raise InputError(f"control: {where} is no rotation and shift: its axes are not orthonormal and right-handed")


def check_chain(chain: Chain, where: str) -> None:
    """Refuse a chain of fewer than two points, without thickness or with numbers that are not finite."""
    n = len(chain.points)
    moved = chain.points if chain.moved is None else chain.moved
    fits = chain.points.shape == (n, 3) and chain.radius.shape == (n,) and moved.shape == (n, 3) and n >= 2
    if not fits:
        raise InputError(f"control: {where} has {n} points and {chain.radius.size} radii; it needs two or more of each")
    if not (np.all(np.isfinite(chain.points)) and np.all(np.isfinite(moved)) and np.all(np.isfinite(chain.radius))):
        raise InputError(f"control: {where} has numbers that are not finite")
    if not np.all(chain.radius > 0.0):
        k = int(np.argmin(chain.radius))
        raise InputError(f"control: {where}.radius[{k}] is {chain.radius[k]} m, it must be above 0")


def pieces(tools: tuple[Tool, ...], poses: F8, before: F8, chains: tuple[Chain, ...]) -> F8:
    """Return capsules (KIND 0) and boxes (1), shape (p, COLUMNS), first those of tools, then of chains.

    A row holds kind, owner, radii, ends (or middle and half edges), rotation, and the affine map BACK p + SHIFT that
    takes a point of the tool to where it was a tick before; along a chain SHIFT runs from SHIFT_A to SHIFT_B. Poses
    (t, 4, 4) that are not a number are tools that are not there.
    """
    rows = [
        _rigid(tool, poses[t], before[t] if np.isfinite(before[t, 0, 0]) else poses[t], t)
        for t, tool in enumerate(tools)
        if np.isfinite(poses[t, 0, 0])
    ]
    owner = len(tools)
    for chain in chains:
        moved = np.zeros_like(chain.points) if chain.moved is None else chain.moved
        for k in range(len(chain.points) - 1):
            row = np.zeros(COLUMNS)
            row[OWNER], row[R_A], row[R_B] = owner, chain.radius[k], chain.radius[k + 1]
            row[A : A + 3], row[B : B + 3] = chain.points[k], chain.points[k + 1]
            row[BACK : BACK + 9] = np.eye(3).ravel()
            row[SHIFT_A : SHIFT_A + 3], row[SHIFT_B : SHIFT_B + 3] = -moved[k], -moved[k + 1]
            rows.append(row)
        owner += 1
    return np.array(rows).reshape(-1, COLUMNS)


def _rigid(tool: Tool, pose: F8, before: F8, owner: int) -> F8:
    row = np.zeros(COLUMNS)
    R, middle = pose[:3, :3], pose[:3, 3]
    row[OWNER] = owner
    row[ROT : ROT + 9] = R.ravel()
    if isinstance(tool, Blade):
        row[KIND], row[R_A] = 1.0, tool.rounding
        row[A : A + 3], row[B : B + 3] = middle, 0.5 * np.array(tool.size) - tool.rounding
    else:
        half = 0.5 * tool.length if isinstance(tool, Capsule) else 0.0
        row[R_A] = row[R_B] = tool.radius
        row[A : A + 3], row[B : B + 3] = middle - half * R[:, 2], middle + half * R[:, 2]
    back = before[:3, :3] @ R.T
    row[BACK : BACK + 9] = back.ravel()
    row[SHIFT_A : SHIFT_A + 3] = row[SHIFT_B : SHIFT_B + 3] = before[:3, 3] - back @ middle
    return row


def bounds(table: F8, spare: float) -> F8:
    """Return the boxes about the pieces with `spare` [m] around, low and high corner, shape (p, 6)."""
    capsule = table[:, KIND] == 0.0
    thick = np.where(capsule, np.maximum(table[:, R_A], table[:, R_B]), table[:, R_A]) + spare
    a, b = table[:, A : A + 3], table[:, B : B + 3]
    wide = np.einsum("prc,pc->pr", np.abs(table[:, ROT : ROT + 9].reshape(-1, 3, 3)), b)
    low = np.where(capsule[:, None], np.minimum(a, b), a - wide)
    high = np.where(capsule[:, None], np.maximum(a, b), a + wide)
    return np.ascontiguousarray(np.hstack((low - thick[:, None], high + thick[:, None])))


def check_motion(before: F8, now: F8, where: str) -> None:
    """Refuse a tool that jumps; one that has not been there before may appear anywhere."""
    if not np.isfinite(before[0, 0]):
        return
    moved = float(np.linalg.norm(now[:3, 3] - before[:3, 3]))
    if moved > MOST_MOVE:
        raise InputError(f"control: {where} moves by {moved / MM:.1f} mm in one step; at most {MOST_MOVE / MM:.0f} mm")

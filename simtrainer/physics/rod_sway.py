"""The wall of moving anatomy as a rod feels it: the resting field, looked up where the point was at rest."""

from __future__ import annotations

import math

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_problem import F8, Grid
from simtrainer.physics.rod_wall import clearance_at, wall_shape

FAR, MODES = 5, 6
"""In `outside`, behind gravity (3), stiffness and hardening of the wall: the bound of the clearance's slope, and from
where on the modes stand."""
CENTRE, PER, NOW, CHANGE, MODE = 0, 3, 6, 9, 12
"""Columns of a mode: centre [mm], 1 / reach [1/mm], displacement at the end of the step and its change in it [mm]."""
MARGIN = 1.05
"""Bound of a resting clearance's slope: a distance has 1, a smooth union and the spline a little more."""


@njit(cache=True)
def surroundings(still: F8, modes: F8, then: F8, now: F8) -> F8:
    """Return `outside` as the kernels read it; still (5,), modes (m, 6), displacements [mm] at both ends of a step."""
    out = np.empty(MODES + MODE * modes.shape[0])
    out[:FAR] = still
    steep = 0.0
    for k in range(modes.shape[0]):
        at = MODES + MODE * k
        size = math.sqrt(now[k, 0] ** 2 + now[k, 1] ** 2 + now[k, 2] ** 2)
        steep += math.exp(-0.5) * size * max(modes[k, 3], modes[k, 4], modes[k, 5])
        out[at : at + NOW] = modes[k]
        for r in range(3):
            out[at + NOW + r], out[at + CHANGE + r] = now[k, r], now[k, r] - then[k, r]
    out[FAR] = MARGIN * (1.0 + steep)
    return out


@njit(cache=True)
def drift(outside: F8) -> float:
    """Return by how much a clearance can have fallen [mm] because the wall moved in the step."""
    far = 0.0
    for at in range(MODES, outside.shape[0], MODE):
        far += math.sqrt(sum_of_squares(outside, at + CHANGE))
    return MARGIN * far


@njit(cache=True)
def sum_of_squares(a: F8, at: int) -> float:
    """Return the sum of the squares of three numbers of `a` from `at` on."""
    return a[at] * a[at] + a[at + 1] * a[at + 1] + a[at + 2] * a[at + 2]  # type: ignore[no-any-return]


@njit(cache=True)
def weigh_mode(outside: F8, at: int, x: float, y: float, z: float) -> tuple[float, float, float, float]:
    """Return the weight of the mode whose row begins at `at`, and where the point lies in its reaches."""
    u = (x - outside[at]) * outside[at + PER]
    v = (y - outside[at + 1]) * outside[at + PER + 1]
    w = (z - outside[at + 2]) * outside[at + PER + 2]
    return math.exp(-0.5 * (u * u + v * v + w * w)), u, v, w


@njit(cache=True)
def moved(outside: F8, column: int, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return the displacement at a point [mm]: with NOW that of the end of the step, with CHANGE that of the step."""
    a, b, c = 0.0, 0.0, 0.0
    for at in range(MODES, outside.shape[0], MODE):
        w, _, _, _ = weigh_mode(outside, at, x, y, z)
        a += w * outside[at + column]
        b += w * outside[at + column + 1]
        c += w * outside[at + column + 2]
    return a, b, c


@njit(cache=True)
def clearance_now(grid: Grid, outside: F8, x: float, y: float, z: float) -> float:
    """Return the clearance of the moved wall at a point [mm], nan outside the bricks.

    Cost as `clearance_at`, and about 40 flops a mode.
    """
    if outside.shape[0] == MODES:
        return clearance_at(grid, x, y, z)
    a, b, c = moved(outside, NOW, x, y, z)
    return clearance_at(grid, x - a, y - b, z - c)


@njit(cache=True)
def wall_now(grid: Grid, outside: F8, x: float, y: float, z: float, slope: F8, bend: F8) -> None:
    """Write gradient (3,) and second derivatives (3, 3) [1/mm] of `clearance_now` at a point that lies in a brick.

    The chain rule over X = p - sum w d: with A = dX/dp, gradient A^T g, second derivatives A^T H A - sum (d . g) w''.
    """
    if outside.shape[0] == MODES:
        wall_shape(grid, x, y, z, slope, bend)
        return
    a, b, c = moved(outside, NOW, x, y, z)
    wall_shape(grid, x - a, y - b, z - c, slope, bend)
    turn, half, more = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    for r in range(3):
        turn[r, r] = 1.0
    for at in range(MODES, outside.shape[0], MODE):
        w, u, v, t = weigh_mode(outside, at, x, y, z)
        away = (u, v, t)
        along = outside[at + NOW] * slope[0] + outside[at + NOW + 1] * slope[1] + outside[at + NOW + 2] * slope[2]
        for r in range(3):
            per = outside[at + PER + r]
            for q in range(3):
                turn[q, r] += outside[at + NOW + q] * w * away[r] * per
                more[q, r] -= along * w * away[q] * outside[at + PER + q] * away[r] * per
            more[r, r] += along * w * per * per
    for r in range(3):
        for q in range(3):
            for k in range(3):
                half[r, q] += bend[r, k] * turn[k, q]
    s0, s1, s2 = slope[0], slope[1], slope[2]
    for r in range(3):
        slope[r] = turn[0, r] * s0 + turn[1, r] * s1 + turn[2, r] * s2
        for q in range(3):
            bend[r, q] = more[r, q]
            for k in range(3):
                bend[r, q] += turn[k, r] * half[k, q]

"""Newton's method for one implicit step of a rod: damped, bounded by iterations, never by a clock."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.band import factor, solve, width_of
from simtrainer.physics.rod_contact import add_surroundings
from simtrainer.physics.rod_elastic import bend_forces, bend_stiffness, stretch_edges
from simtrainer.physics.rod_problem import (
    ALONG,
    ANGLE,
    DIRECTOR,
    DRAG,
    EDGE,
    F8,
    FELT,
    FRAME,
    HELD,
    PRESENT,
    RATE,
    TANGENT,
    THETA,
    Grid,
)

Scratch = tuple[F8, F8]
"""Room (2, 4) and (3, 3) for what presses on the wall."""


class Bounds(NamedTuple):
    """When Newton's method stops: iterations, residual [N]; and the longest move of a node in one of them [mm]."""

    iterations: int
    tolerance: float
    longest: float


RAISE, RAISED = 0.01, 1e6
"""First number and last that the diagonal is raised by where the Hessian is not positive definite."""


@njit(cache=True)
def pull(
    node: F8, device: F8, hub: F8, grid: Grid, outside: F8, x: F8, theta: F8,
    a: F8, b: F8, edge: F8, felt: F8, scratch: Scratch,
) -> float:  # fmt: skip
    """Write the gradient `b` (n (3 + d) + width,) of the energy, and begin its band `a`; return the energy [N mm].

    Unknowns in the order x, y, z, twist of each device, node by node. outside: gravity [mm/ms2], stiffness
    [N/mm2] and hardening [1/mm] of the wall, and how it moves. `edge` and `felt` are written as rod_problem says. The
    band (same, width) is complete but for bending and twist, which are the costly part: see `stiffen`. Cost about 400
    flops a node.
    """
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    a[:] = 0.0
    b[:] = 0.0
    total = stretch_edges(node, x, size, a, b, edge, felt)
    total += bend_forces(node, device, theta, b, edge, felt)
    total += add_surroundings(node, device, grid, outside, x, theta, a, b, scratch[0], scratch[1])
    for d in range(devices):
        away = theta[0, d] - hub[d, ANGLE]
        total += 0.5 * hub[d, RATE] * away * away
        b[3 + d] += hub[d, RATE] * away
        a[3 + d, 0] += hub[d, RATE]
        for j in range(n - 1):
            if device[j, d, PRESENT] > 0.0:
                at = j * size + 3 + d
                away = theta[j, d] - device[j, d, THETA]
                total += 0.5 * node[j, DRAG] * away * away
                b[at] += node[j, DRAG] * away
                a[at, 0] += node[j, DRAG]
    for i in range(HELD):
        for r in range(3):
            b[i * size + r] = 0.0
    return total


@njit(cache=True)
def stiffen(node: F8, device: F8, theta: F8, a: F8, edge: F8, felt: F8) -> None:
    """Complete the band `a` that `pull` began, at the same place: bending and twist, rows of what is not free.

    Cost about 600 flops a node.
    """
    n, devices = node.shape[0], theta.shape[1]
    size = 3 + devices
    bend_stiffness(node, device, theta, a, edge, felt)
    for d in range(devices):
        for j in range(n):
            if j == n - 1 or not device[j, d, PRESENT] > 0.0:
                a[j * size + 3 + d, 0] = 1.0
    for i in range(HELD):
        for r in range(3):
            at = i * size + r
            for c in range(1, a.shape[1]):
                a[at, c] = 0.0
                if at >= c:
                    a[at - c, c] = 0.0
            a[at, 0] = 1.0


@njit(cache=True)
def assemble(
    node: F8, device: F8, hub: F8, grid: Grid, outside: F8, x: F8, theta: F8,
    a: F8, b: F8, edge: F8, felt: F8, scratch: Scratch,
) -> float:  # fmt: skip
    """Write gradient `b` and the whole band `a` of the energy; return the energy [N mm]; see `pull`."""
    total = pull(node, device, hub, grid, outside, x, theta, a, b, edge, felt, scratch)
    stiffen(node, device, theta, a, edge, felt)
    return total


@njit(cache=True)
def descend(
    node: F8, device: F8, hub: F8, grid: Grid, outside: F8, x: F8, theta: F8, limits: Bounds
) -> tuple[F8, F8, float, int]:
    """Minimise the energy in place over `x` and `theta`.

    Method: Newton with the exact elastic Hessian; where it is not positive definite its diagonal is raised; the update
    is cut to `limits.longest` [mm] and then halved up to five times until the energy falls. Stops below
    `limits.tolerance` [N] or after `limits.iterations`. Cost per iteration, O(n): one factorisation, the Hessian of
    bending, and the gradient one to six times; the last place reached needs its gradient only.

    Returns `felt` and `edge` as rod_problem describes them, residual [N] and iterations. Directors in `node` are
    carried to the new positions (time-parallel transport).
    """
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    rows = n * size + width_of(devices)
    a, b, u = np.empty((rows, width_of(devices))), np.empty(rows), np.empty(rows)
    edge, felt = np.zeros((n, EDGE)), np.zeros((n, FELT + 2 * devices))
    x0, theta0 = np.empty_like(x), np.empty_like(theta)
    scratch = (np.empty((2, 4)), np.empty((3, 3)))
    before = pull(node, device, hub, grid, outside, x, theta, a, b, edge, felt, scratch)
    it = 0
    while True:
        worst = largest(b, n * size)
        if not (worst >= limits.tolerance) or it >= limits.iterations:
            break
        it += 1
        stiffen(node, device, theta, a, edge, felt)
        shift = 0.0
        while not factor(devices, a, 1e-9) and shift <= RAISED:
            shift = RAISE if shift == 0.0 else shift * 4.0
            assemble(node, device, hub, grid, outside, x, theta, a, b, edge, felt, scratch)
            for k in range(rows):
                a[k, 0] += shift
        u[:] = b
        solve(devices, a, u)
        slope = 0.0
        for k in range(n * size):
            slope += b[k] * u[k]
        part = whole(u, n, size, limits.longest)
        x0[:] = x
        theta0[:] = theta
        for half in range(6):
            move(x0, theta0, u, part, x, theta)
            after = pull(node, device, hub, grid, outside, x, theta, a, b, edge, felt, scratch)
            if after <= before - 1e-4 * part * slope + 1e-12 * abs(before) or half == 5:
                break
            part *= 0.5
        before = after
        for j in range(n - 1):
            for r in range(3):
                node[j, FRAME + r] = edge[j, DIRECTOR + r]
                node[j, TANGENT + r] = edge[j, ALONG + r]
    return edge, felt, worst, it


@njit(cache=True)
def largest(b: F8, count: int) -> float:
    """Return the largest size among the first `count` of `b`; a number that is not one among them is passed over."""
    worst = 0.0
    for k in range(count):
        worst = max(worst, abs(b[k]))
    return worst


@njit(cache=True)
def whole(u: F8, n: int, size: int, longest: float) -> float:
    """Return the part, at most 1, of the update `u` at which no node moves further than `longest` [mm]."""
    most = 0.0
    for i in range(n):
        k = i * size
        most = max(most, math.sqrt(u[k] ** 2 + u[k + 1] ** 2 + u[k + 2] ** 2))
        for d in range(3, size):
            most = max(most, abs(u[k + d]))
    return min(1.0, longest / most) if most > 0.0 else 1.0


@njit(cache=True)
def move(x0: F8, theta0: F8, u: F8, part: float, x: F8, theta: F8) -> None:
    """Write x0, theta0 less `part` of the update `u` into `x` and `theta`."""
    n, devices = x.shape[0], theta.shape[1]
    for i in range(n):
        at = i * (3 + devices)
        for r in range(3):
            x[i, r] = x0[i, r] - part * u[at + r]
        if i < n - 1:
            for d in range(devices):
                theta[i, d] = theta0[i, d] - part * u[at + 3 + d]

"""Newton's method for one implicit step of a rod: damped, bounded by iterations, never by a clock."""

from __future__ import annotations

import math

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.band import factor, solve, width_of
from simtrainer.physics.rod_contact import add_surroundings
from simtrainer.physics.rod_elastic import SCRATCH, bend_nodes, stretch_edges
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

Scratch = tuple[F8, F8, F8, F8]


@njit(cache=True)
def assemble(
    node: F8, device: F8, hub: F8, grid: Grid, outside: F8, x: F8, theta: F8,
    a: F8, b: F8, edge: F8, felt: F8, scratch: Scratch,
) -> float:  # fmt: skip
    """Write gradient `b` (n (3 + d) + width,) and band `a` (same, width) of the energy; return the energy [N mm].

    Unknowns in the order x, y, z, twist of each device, node by node. outside: gravity [mm/ms2], stiffness
    [N/mm2] and hardening [1/mm] of the wall, and how it moves. `edge` and `felt` are written as rod_problem says. Cost
    about 2 kflop a node.
    """
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    for k in range(a.shape[0]):
        b[k] = 0.0
        for c in range(a.shape[1]):
            a[k, c] = 0.0
    total = stretch_edges(node, x, size, a, b, edge, felt)
    total += bend_nodes(node, device, x, theta, a, b, edge, felt, scratch[0], scratch[1], scratch[2])
    total += add_surroundings(node, device, grid, outside, x, theta, a, b, scratch[3], scratch[1][0])
    for d in range(devices):
        away = theta[0, d] - hub[d, ANGLE]
        total += 0.5 * hub[d, RATE] * away * away
        b[3 + d] += hub[d, RATE] * away
        a[3 + d, 0] += hub[d, RATE]
        for j in range(n - 1):
            at = j * size + 3 + d
            if device[j, d, PRESENT] > 0.0:
                away = theta[j, d] - device[j, d, THETA]
                total += 0.5 * node[j, DRAG] * away * away
                b[at] += node[j, DRAG] * away
                a[at, 0] += node[j, DRAG]
            else:
                a[at, 0] = 1.0
        a[(n - 1) * size + 3 + d, 0] = 1.0
    for i in range(HELD):
        for r in range(3):
            at = i * size + r
            b[at] = 0.0
            for c in range(1, a.shape[1]):
                a[at, c] = 0.0
                if at >= c:
                    a[at - c, c] = 0.0
            a[at, 0] = 1.0
    return total


@njit(cache=True)
def descend(
    node: F8, device: F8, hub: F8, grid: Grid, outside: F8, x: F8, theta: F8, limits: F8
) -> tuple[F8, F8, float, int]:
    """Minimise the energy in place over `x` and `theta`.

    Method: Newton with the exact elastic Hessian; where it is not positive definite its diagonal is raised; the update
    is cut to `limits[2]` [mm] and then halved up to five times until the energy falls. Stops below `limits[1]` [N] or
    after `limits[0]` iterations. Cost per iteration: one to six assemblies and one factorisation, O(n).

    Returns `felt` and `edge` as rod_problem describes them, residual [N] and iterations. Directors in `node` are
    carried to the new positions (time-parallel transport).
    """
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    width = width_of(devices)
    rows = n * size + width
    a, low, a1 = np.empty((rows, width)), np.empty((rows, width)), np.empty((rows, width))
    b, u, b1 = np.empty(rows), np.empty(rows), np.empty(rows)
    edge, felt = np.zeros((n, EDGE)), np.zeros((n, FELT + 2 * devices))
    x1, theta1 = np.empty_like(x), np.empty_like(theta)
    scratch = (np.empty((SCRATCH, 3)), np.empty((3, 3, 3)), np.empty((4, 3)), np.empty((2, 4)))
    before = assemble(node, device, hub, grid, outside, x, theta, a, b, edge, felt, scratch)
    it = 0
    while True:
        worst = 0.0
        for k in range(n * size):
            worst = max(worst, abs(b[k]))
            u[k] = b[k]
        if not (worst >= limits[1]) or it >= limits[0]:
            break
        it += 1
        shift = 0.0
        while True:
            for k in range(rows):
                for c in range(width):
                    low[k, c] = a[k, c]
                low[k, 0] += shift
            if factor(devices, low, 1e-9) or shift > 1e6:
                break
            shift = 0.01 if shift == 0.0 else shift * 4.0
        solve(devices, low, u)
        longest, slope = 0.0, 0.0
        for k in range(n * size):
            slope += b[k] * u[k]
        for i in range(n):
            k = i * size
            longest = max(longest, math.sqrt(u[k] ** 2 + u[k + 1] ** 2 + u[k + 2] ** 2))
            for d in range(3, size):
                longest = max(longest, abs(u[k + d]))
        part = min(1.0, limits[2] / longest) if longest > 0.0 else 1.0
        for half in range(6):
            for i in range(n):
                for r in range(3):
                    x1[i, r] = x[i, r] - part * u[i * size + r]
                if i < n - 1:
                    for d in range(devices):
                        theta1[i, d] = theta[i, d] - part * u[i * size + 3 + d]
            after = assemble(node, device, hub, grid, outside, x1, theta1, a1, b1, edge, felt, scratch)
            if after <= before - 1e-4 * part * slope + 1e-12 * abs(before) or half == 5:
                break
            part *= 0.5
        a, a1 = a1, a
        b, b1 = b1, b
        before = after
        for i in range(n):
            for r in range(3):
                x[i, r] = x1[i, r]
        for j in range(n - 1):
            for d in range(devices):
                theta[j, d] = theta1[j, d]
            for r in range(3):
                node[j, FRAME + r] = edge[j, DIRECTOR + r]
                node[j, TANGENT + r] = edge[j, ALONG + r]
    return edge, felt, worst, it

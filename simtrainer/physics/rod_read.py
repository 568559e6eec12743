"""What a rod does after a step: its motion for the next step, wall forces, clearance, force at the hands."""

from __future__ import annotations

import math

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_contact import is_far, press_on, slip_of
from simtrainer.physics.rod_prepare import ANCHOR, ANCHOR_MM, MOTION, PRESS, V
from simtrainer.physics.rod_problem import (
    ALONG,
    BEND,
    BENT,
    CELL,
    COUPLE,
    DEVICE,
    F8,
    FELT,
    HELD,
    LIMIT,
    MASS,
    NODE,
    OUTER,
    PRESENT,
    RADIUS,
    REACH,
    SEEN,
    STICK,
    STORED,
    STRAIN,
    STRETCH,
    TURN,
    TWIST,
    Grid,
)
from simtrainer.physics.rod_profile import weigh
from simtrainer.physics.rod_sway import FAR, clearance_now

PUSH, RUB, CLEAR, MIDDLE, THICK, WALL = 0, 3, 6, 7, 8, 9
"""Columns of `wall`: force of the wall [N] and friction [N], 3 each; clearance of the node and of the middle of its
edge, nan where the field knows nothing; outer radius [mm]."""


@njit(cache=True)
def finish(
    start: F8, x: F8, theta: F8, motion: F8, node: F8, device: F8, felt: F8, grid: Grid, outside: F8, dt: float
) -> F8:
    """Write `motion` for the next step and twist in the Bishop frame; return `wall` (n, WALL) but for clearances."""
    n = x.shape[0]
    out = np.zeros((n, WALL))
    v, h, slip = np.empty((2, 4)), np.empty((3, 3)), np.empty(3)
    for i in range(n):
        for r in range(MOTION):
            motion[i, r] = 0.0
    for i in range(HELD, n):
        for k in range(i, min(i + 2, n)):
            if is_far(node, x, i, k, SEEN if k == i else SEEN + 4, outside[FAR]):
                continue
            press_on(node, grid, outside, x, i, k, v, h)
            if v[1, 3] > 0.0:
                force = math.sqrt(v[0, 1] ** 2 + v[0, 2] ** 2 + v[0, 3] ** 2)
                motion[i, PRESS] += 0.5 * force / node[i, REACH]
                motion[k, PRESS] += 0.5 * force / node[k, REACH]
                for r in range(3):
                    out[i, PUSH + r] += 0.5 * v[0, 1 + r]
                    out[k, PUSH + r] += 0.5 * v[0, 1 + r]
    for i in range(HELD, n):
        for r in range(3):
            motion[i, V + r] = (x[i, r] - start[i, r]) / dt
        if node[i, LIMIT] > 0.0:
            z = slip_of(node, device, x, theta, i, slip)
            held = min(1.0, ANCHOR_MM / z) if z > 0.0 else 0.0
            for r in range(3):
                motion[i, ANCHOR + r] = held * slip[r]
                out[i, RUB + r] = -node[i, STICK] * held * slip[r]
    unroll(theta, device, felt)
    return out


@njit(cache=True)
def survey(x: F8, node: F8, grid: Grid, outside: F8, wall: F8) -> None:
    """Write clearances and radius into `wall`."""
    n = x.shape[0]
    for i in range(n):
        k = min(i + 1, n - 1)
        p0, p1, p2 = 0.5 * (x[i, 0] + x[k, 0]), 0.5 * (x[i, 1] + x[k, 1]), 0.5 * (x[i, 2] + x[k, 2])
        wall[i, CLEAR] = clearance_now(grid, outside, x[i, 0], x[i, 1], x[i, 2])
        wall[i, MIDDLE] = clearance_now(grid, outside, p0, p1, p2)
        wall[i, THICK] = node[i, RADIUS]


@njit(cache=True)
def remember(x: F8, wall: F8) -> F8:
    """Return where clearances are known from the end of the step before, (n, 8) as SEEN of rod_problem says.

    Zeros in `wall` (n, WALL) are clearances that say nothing.
    """
    n = x.shape[0]
    out = np.empty((n, 8))
    for i in range(n):
        k = min(i + 1, n - 1)
        for r in range(3):
            out[i, r] = x[i, r]
            out[i, 4 + r] = 0.5 * (x[i, r] + x[k, r])
        out[i, 3], out[i, 7] = wall[i, CLEAR], wall[i, MIDDLE]
    return out


@njit(cache=True)
def unroll(theta: F8, device: F8, felt: F8) -> None:
    """Turn twist against the carried directors into twist in the Bishop frame; beyond a device's tip it goes on."""
    total = 0.0
    for j in range(1, theta.shape[0]):
        total += felt[j, TWIST]
        for d in range(theta.shape[1]):
            if device[j, d, PRESENT] > 0.0:
                theta[j, d] += total
            else:
                theta[j, d] = theta[j - 1, d]


@njit(cache=True)
def virtual_work(
    s: F8, x: F8, inserted: F8, push: F8, ride: F8, table: F8, sheath: F8, gravity: F8,
    node: F8, device: F8, edge: F8, felt: F8, out: F8,
) -> float:  # fmt: skip
    """Return the work per length [N] of pushing devices by `push` (d,) while the nodes keep their places.

    Where `ride` (n,) is 1 the nodes move on in arc length with the push, where it is 0 the material slides past them;
    any choice gives the same work up to the error of the discretisation. It contains the compression of edges between
    the two, the energy that enters and leaves, and the force of one shape on another that a merely prescribed offset
    would forget. Surfaces that move past the nodes rub.
    """
    n, devices = s.shape[0], inserted.shape[0]
    eps = 1e-3
    s1, ins = np.empty(n), np.empty(devices)
    node1, device1 = np.zeros((n, NODE)), np.zeros((n, devices, DEVICE))
    total = 0.0
    for side in range(2):
        h = eps if side == 1 else -eps
        for d in range(devices):
            ins[d] = inserted[d] + h * push[d]
        for i in range(n):
            s1[i] = s[i] + h * ride[i]
        weigh(table, sheath, s1, s1[n - 1], ins, node1, device1)
        k = 0.0
        for j in range(n - 1):
            if j > 0:
                k += node1[j, BEND] / node1[j, CELL] * felt[j, BENT] + node1[j, STORED]
                for d in range(devices):
                    if device[j, d, PRESENT] > 0.0:
                        k -= device1[j, d, COUPLE] * felt[j, FELT + 2 * d]
                        k += 0.5 * device1[j, d, TURN] * felt[j, FELT + 2 * d + 1] ** 2
        for i in range(n):
            for r in range(3):
                k -= node1[i, MASS] * gravity[r] * (x[i, r] - x[0, r])
        total += k if side == 1 else -k
    total /= 2.0 * eps
    for j in range(n - 1):  # the shaft outside is as stretched as what enters, so that stretch stores nothing new
        total -= node[j, STRETCH] * felt[j, STRAIN] * (ride[j + 1] - ride[j])
    for i in range(HELD, n):
        if node[i, LIMIT] > 0.0:
            o = int(node[i, OUTER])
            moved = (push[o] if o >= 0 else 0.0) - ride[i]
            j = min(i, n - 2)
            for r in range(3):
                total -= moved * out[i, RUB + r] * edge[j, ALONG + r]
    return total

"""Carries a rod to the nodes of its new insertions and sets up the implicit step from there."""

from __future__ import annotations

import math

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_layout import middles, resample_curve, resample_linear, restore_lengths
from simtrainer.physics.rod_problem import (
    AT,
    BEFORE,
    BEHIND,
    DEVICE,
    DRAG,
    F8,
    FRAME,
    HELD,
    I8,
    INERTIA,
    LIMIT,
    MASS,
    NODE,
    NORMAL,
    OUTER,
    PRESENT,
    RADIUS,
    REACH,
    SEEN,
    SLIP,
    SPIN,
    STICK,
    TANGENT,
    THETA,
    Grid,
)
from simtrainer.physics.rod_profile import weigh
from simtrainer.physics.rod_sway import CHANGE, clearance_now, moved, wall_now
from simtrainer.physics.vector import cross, dot, mul, norm, row, sub, transport

ANCHOR_MM = 0.02
"""Elastic slip before sliding [mm]; the field's presliding distances are of the order of asperities, 0.01-0.05 mm."""
V, ANCHOR, PRESS, MOTION = 0, 3, 6, 7
"""Columns of `motion`, what a node brings into the next step: velocity [mm/ms] and anchor [mm], 3 each, and the normal
force per length of wall [N/mm]."""


@njit(cache=True)
def bishop(x: F8, a1: F8, node: F8) -> None:
    """Write twist-free directors and unit tangents of the edges into `node`, beginning with director `a1` of edge 0."""
    t0 = sub(row(x, 1), row(x, 0))
    t0 = mul(t0, 1.0 / norm(t0))
    a = (a1[0], a1[1], a1[2])
    a = sub(a, mul(t0, dot(a, t0)))
    a = mul(a, 1.0 / norm(a))
    for j in range(x.shape[0] - 1):
        t = sub(row(x, j + 1), row(x, j))
        t = mul(t, 1.0 / norm(t))
        a = transport(a, t0, t)
        for r in range(3):
            node[j, FRAME + r] = a[r]
            node[j, TANGENT + r] = t[r]
        t0 = t


@njit(cache=True)
def prepare(
    s0: F8, x0: F8, theta0: F8, motion0: F8, s: F8, shift: F8, table: F8, entry: F8, sheath: F8, inserted: F8, feed: F8,
) -> tuple[F8, F8, F8, F8, F8]:  # fmt: skip
    """Carry the old shape to the nodes `s` and weigh it there; return start, theta, motion, `node` and `device`.

    `start`: where the old curve has the new arc lengths. Motion is carried by material: from s - shift, where shift is
    how far each node rides in the step; twist likewise, from s - feed of each device. entry (3, 3): position and
    direction of the first edge and its director.
    """
    n, devices = s.shape[0], inserted.shape[0]
    x = resample_curve(s0, x0, s)
    restore_lengths(s0, s, x)
    origin = np.empty(n)
    for i in range(n):
        origin[i] = s[i] - shift[i]
    motion = resample_linear(s0, motion0, origin)
    old_middles, now_middles = middles(s0), middles(s)
    theta = np.empty((n - 1, devices))
    for d in range(devices):
        for j in range(n - 1):
            origin[j] = now_middles[j] - feed[d]
        carried = resample_linear(old_middles, theta0, origin[: n - 1])
        for j in range(n - 1):
            theta[j, d] = carried[j, d]
    for r in range(3):
        x[0, r] = entry[0, r]
        x[1, r] = entry[0, r] + (s[1] - s[0]) * entry[1, r]
    node, device = np.zeros((n, NODE)), np.zeros((n, devices, DEVICE))
    weigh(table, sheath, s, s[n - 1], inserted, node, device)
    bishop(x, entry[2], node)
    for j in range(n - 1):
        for d in range(devices):
            device[j, d, THETA] = theta[j, d]
    return x, theta, motion, node, device


@njit(cache=True)
def recall(seen: F8, less: float, ride: I8, node: F8) -> None:
    """Write into each node what its predecessor saw, counted from the access or, where it rides with a tip, from there.

    The clearance is taken for `less` [mm] smaller, as far as the wall has moved since. It stays true whichever node it
    is given to: how far it bears depends on how far away it was seen. So nothing that a rod does depends on it, but for
    how often it looks.
    """
    n, last = node.shape[0], seen.shape[0] - 1
    for i in range(n):
        k = min(max(i if ride[i] == 0 else last - (n - 1 - i), 0), last)
        for c in range(8):
            node[i, SEEN + c] = seen[k, c] - less if c in (3, 7) else seen[k, c]


@njit(cache=True)
def brace(start: F8, motion: F8, node: F8, drag: F8, dt: float) -> None:
    """Write the potential of inertia and drag over a step of `dt` [ms].

    drag (3,): linear [N ms/mm2], 0.5 rho Cd [g/mm3], spin [N ms], per length of rod.
    """
    n = node.shape[0]
    for i in range(n):
        speed = math.sqrt(motion[i, V] ** 2 + motion[i, V + 1] ** 2 + motion[i, V + 2] ** 2)
        c = node[i, REACH] * (drag[0] + drag[1] * 2.0 * node[i, RADIUS] * speed) / dt
        k = node[i, MASS] / (dt * dt)
        node[i, INERTIA] = k + c + 1e-9
        for r in range(3):
            node[i, AT + r] = start[i, r] + k / node[i, INERTIA] * dt * motion[i, V + r]
        if i < n - 1:
            node[i, DRAG] = drag[2] * 0.5 * (node[i, REACH] + node[i + 1, REACH]) / dt


@njit(cache=True)
def touch(start: F8, motion: F8, node: F8, device: F8, grid: Grid, outside: F8, friction: float, feed: F8) -> None:
    """Write the Coulomb limit, contact normal and slip that each touching node brings into the step.

    A wall that moves along brings what it moves by.
    """
    n = node.shape[0]
    slope, bend = np.empty(3), np.empty((3, 3))
    for i in range(HELD, n):
        node[i, LIMIT] = 0.0
        push = friction * motion[i, PRESS] * node[i, REACH]
        if push < 1e-6 or math.isnan(clearance_now(grid, outside, start[i, 0], start[i, 1], start[i, 2])):
            continue
        wall_now(grid, outside, start[i, 0], start[i, 1], start[i, 2], slope, bend)
        g = (slope[0], slope[1], slope[2])
        size = norm(g)
        if size < 1e-6:
            continue
        g = mul(g, 1.0 / size)
        o = int(node[i, OUTER])
        j = min(i, n - 2)
        t = (node[j, TANGENT], node[j, TANGENT + 1], node[j, TANGENT + 2])
        brought = (motion[i, ANCHOR], motion[i, ANCHOR + 1], motion[i, ANCHOR + 2])
        turned = (0.0, 0.0, 0.0)
        if o >= 0:
            brought = (brought[0] + feed[o] * t[0], brought[1] + feed[o] * t[1], brought[2] + feed[o] * t[2])
            turned = cross(t, mul(g, -node[i, RADIUS]))
        brought = sub(brought, moved(outside, CHANGE, start[i, 0], start[i, 1], start[i, 2]))
        brought = sub(brought, row(start, i))
        brought = sub(brought, mul(g, dot(brought, g)))
        node[i, LIMIT], node[i, STICK] = push, push / ANCHOR_MM
        for r in range(3):
            node[i, NORMAL + r] = g[r]
            node[i, SLIP + r] = brought[r]
            node[i, SPIN + r] = turned[r]
        before = device[i - 1, max(o, 0), PRESENT]
        behind = device[i, max(o, 0), PRESENT] if i < n - 1 else 0.0
        total = before + behind
        node[i, BEFORE] = before / total if total > 0.0 else 0.0
        node[i, BEHIND] = behind / total if total > 0.0 else 0.0

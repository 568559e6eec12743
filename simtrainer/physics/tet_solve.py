"""Conjugate gradients over domains of tetrahedra; the factor at rest, turned, and all contacts precondition them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tet_domain import Domains
from simtrainer.physics.tet_factor import Factor, solve_factor
from simtrainer.physics.tet_kernel import multiply
from simtrainer.physics.tissue_contact import Surface, press

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
MOST_KNOWN = 48
"""Contacts that the preconditioner knows of. because: design; what it does for them grows with the cube of their
number, and each further one costs an iteration or so."""
VECTORS = 8
"""Vectors of work that `solve` needs."""


class System(NamedTuple):
    """A linear system A d = rhs of one Newton iteration.

    A = gain R K R^T + diagonal + contacts, on the free nodes. rot (d, 9), turned (k, 3): see `tet_kernel`; gain
    (materials,); diagonal [N/m] (n,); free (n,) 1 or 0; skin, at, stiff, contacts: see `tissue_contact`; nodes: the
    rotation of each node (n, 9); known: contacts in the preconditioner; root: S = root root^T of their stiffness
    (c, 9); small: Cholesky factor of I + root^T (compliance) root (3 c, 3 c).
    """

    shape: Domains
    rot: F8
    full: Domains
    turned: F8
    gain: F8
    diagonal: F8
    free: F8
    skin: Surface
    at: I8
    stiff: F8
    contacts: int
    factor: Factor
    nodes: F8
    known: int
    root: F8
    small: F8


@njit(cache=True)
def operate(x: F8, sys: System, y: F8, e: F8) -> None:
    """Write A x into `y`; e (6,) is scratch."""
    for n in range(sys.free.shape[0]):
        d = sys.diagonal[n]
        y[3 * n], y[3 * n + 1], y[3 * n + 2] = d * x[3 * n], d * x[3 * n + 1], d * x[3 * n + 2]
    multiply(x, sys.shape, sys.rot, sys.full, sys.turned, sys.gain, y, e)
    press(x, sys.stiff, sys.at, sys.contacts, sys.skin, y)
    for n in range(sys.free.shape[0]):
        y[3 * n] *= sys.free[n]
        y[3 * n + 1] *= sys.free[n]
        y[3 * n + 2] *= sys.free[n]


@njit(cache=True)
def find_root(stiff: F8, count: int, root: F8) -> None:
    """Write lower triangles with S = root root^T, row by row, into `root` (c, 9); S may be singular."""
    for i in range(count):
        r = root[i]
        r[:] = 0.0
        tiny = 1e-12 * (stiff[i, 0] + stiff[i, 3] + stiff[i, 5])
        r[0] = math.sqrt(max(stiff[i, 0], 0.0))
        if stiff[i, 0] > tiny:
            r[3], r[6] = stiff[i, 1] / r[0], stiff[i, 2] / r[0]
        left = stiff[i, 3] - r[3] * r[3]
        r[4] = math.sqrt(max(left, 0.0))
        if left > tiny:
            r[7] = (stiff[i, 4] - r[6] * r[3]) / r[4]
        r[8] = math.sqrt(max(stiff[i, 5] - r[6] * r[6] - r[7] * r[7], 0.0))


@njit(cache=True)
def couple(at: I8, count: int, skin: Surface, factor: Factor, nodes: F8, root: F8, small: F8) -> bool:
    """Write the Cholesky factor of I + root^T E C E^T root into `small` (3 c, 3 c); tell whether there is one.

    C is the compliance at rest, turned by the rotations of its `nodes`; E takes the middle of a contact's two nodes, of
    which `tet_mesh.feelers` writes each twice. Cost 260 flops for each two contacts, and 9 c^3.
    """
    for i in range(count):
        for j in range(i + 1):
            _turned_compliance(i, j, at, skin, factor, nodes, root, small)
    size = 3 * count
    for i in range(size):
        small[i, i] += 1.0
    for i in range(size):
        for j in range(i + 1):
            total = small[i, j]
            for k in range(j):
                total -= small[i, k] * small[j, k]
            if i > j:
                small[i, j] = total / small[j, j]
            elif total > 0.0:
                small[i, i] = math.sqrt(total)
            else:
                return False
    return True


@njit(cache=True)
def _turned_compliance(i: int, j: int, at: I8, skin: Surface, factor: Factor, nodes: F8, root: F8, small: F8) -> None:
    """Write root_i^T (E C E^T)_ij root_j into `small`."""
    for r in range(3):
        for c in range(3):
            small[3 * i + r, 3 * j + c] = 0.0
    for p in (0, 2):
        m = skin.node[at[i, 0], p]
        u = factor.seat[m]
        for q in (0, 2):
            n = skin.node[at[j, 0], q]
            if u < 0 or factor.seat[n] < 0:
                continue
            for r in range(3):
                for c in range(3):
                    total = 0.0
                    for k in range(3):
                        left = 0.0
                        for h in range(3):
                            left += nodes[m, 3 * h + k] * root[i, 3 * h + r]
                        right = 0.0
                        for h in range(3):
                            turned = 0.0
                            for o in range(3):
                                turned += nodes[n, 3 * o + h] * root[j, 3 * o + c]
                            right += factor.yielding[3 * u + k, factor.place[n] + h] * turned
                        total += left * right
                    small[3 * i + r, 3 * j + c] += 0.25 * total


@njit(cache=True)
def turn_back(r: F8, sys: System, b: F8) -> None:
    """Write `r` (3 n,) as it stands in the frames of its nodes, in the factor's order, into `b`."""
    m = sys.nodes
    for n in range(sys.free.shape[0]):
        x, y, w = r[3 * n], r[3 * n + 1], r[3 * n + 2]
        k = sys.factor.place[n]
        b[k] = m[n, 0] * x + m[n, 3] * y + m[n, 6] * w
        b[k + 1] = m[n, 1] * x + m[n, 4] * y + m[n, 7] * w
        b[k + 2] = m[n, 2] * x + m[n, 5] * y + m[n, 8] * w


@njit(cache=True)
def yields(n: int, sys: System, b: F8, out: F8) -> None:
    """Write how node n [m] yields to the forces `b`, by the compliance, into out[:3]; zeros for one that has no seat.

    6 flops and 12 bytes for each number of `b`.
    """
    out[0], out[1], out[2] = 0.0, 0.0, 0.0
    seat = sys.factor.seat[n]
    if seat < 0:
        return
    c0, c1, c2 = sys.factor.yielding[3 * seat], sys.factor.yielding[3 * seat + 1], sys.factor.yielding[3 * seat + 2]
    u0, u1, u2, v0, v1, v2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    half = b.shape[0] // 2
    for i in range(half):
        x, y = b[2 * i], b[2 * i + 1]
        u0 += c0[2 * i] * x
        u1 += c1[2 * i] * x
        u2 += c2[2 * i] * x
        v0 += c0[2 * i + 1] * y
        v1 += c1[2 * i + 1] * y
        v2 += c2[2 * i + 1] * y
    if b.shape[0] > 2 * half:
        x = b[2 * half]
        u0 += c0[2 * half] * x
        u1 += c1[2 * half] * x
        u2 += c2[2 * half] * x
    m = sys.nodes[n]
    x, y, w = u0 + v0, u1 + v1, u2 + v2
    out[0] = m[0] * x + m[1] * y + m[2] * w
    out[1] = m[3] * x + m[4] * y + m[5] * w
    out[2] = m[6] * x + m[7] * y + m[8] * w


@njit(cache=True)
def precondition(r: F8, sys: System, z: F8, work: F8, v: F8) -> None:
    """Write an approximation of A^-1 r into `z`, symmetric and positive; work (4, 3 n), v (2, 3).

    One pass through the factor: what contacts push back with follows from how their nodes alone would yield to `r`.
    """
    b, t, u, left, skin = work[0], work[1], work[2], work[3], sys.skin
    turn_back(r, sys, b)
    for i in range(sys.known):
        m, n = skin.node[sys.at[i, 0], 0], skin.node[sys.at[i, 0], 2]
        yields(m, sys, b, v[0])
        yields(n, sys, b, v[1])
        for c in range(3):
            total = 0.0
            for k in range(c, 3):
                total += sys.root[i, 3 * k + c] * 0.5 * (v[0, k] + v[1, k])
            u[3 * i + c] = total
    if sys.known > 0:
        _solve_small(sys.small, 3 * sys.known, u)
        for i in range(r.shape[0]):
            left[i] = r[i]
        for i in range(sys.known):
            m, n = skin.node[sys.at[i, 0], 0], skin.node[sys.at[i, 0], 2]
            for k in range(3):
                total = 0.0
                for c in range(k + 1):
                    total += sys.root[i, 3 * k + c] * u[3 * i + c]
                left[3 * m + k] -= 0.5 * sys.free[m] * total
                left[3 * n + k] -= 0.5 * sys.free[n] * total
        turn_back(left, sys, b)
    solve_factor(sys.factor, b, t)
    m9 = sys.nodes
    for n in range(sys.free.shape[0]):
        k = sys.factor.place[n]
        x, y, w = sys.free[n] * b[k], sys.free[n] * b[k + 1], sys.free[n] * b[k + 2]
        z[3 * n] = m9[n, 0] * x + m9[n, 1] * y + m9[n, 2] * w
        z[3 * n + 1] = m9[n, 3] * x + m9[n, 4] * y + m9[n, 5] * w
        z[3 * n + 2] = m9[n, 6] * x + m9[n, 7] * y + m9[n, 8] * w


@njit(cache=True)
def _solve_small(low: F8, size: int, u: F8) -> None:
    """Overwrite `u` with (low low^T)^-1 u."""
    for i in range(size):
        for k in range(i):
            u[i] -= low[i, k] * u[k]
        u[i] /= low[i, i]
    for i in range(size - 1, -1, -1):
        u[i] /= low[i, i]
        for k in range(i):
            u[k] -= low[i, k] * u[i]


@njit(cache=True)
def solve(sys: System, x: F8, r: F8, most: int, enough: float, work: F8, e: F8) -> int:
    """Add to `x` what makes the residual `r` at most `enough` [N], in at most `most` iterations; return their number.

    `r` is the residual at `x` and is brought down with it. Preconditioned conjugate gradients (Y. Saad, Iterative
    Methods, 9.2). work (VECTORS, 3 n), more rows than 3 contacts each; e (6,).
    """
    z, p, q = work[0], work[1], work[2]
    v = work[3, :6].reshape(2, 3)
    before = 1.0
    for turn in range(most):
        if not size_of(r) > enough:
            return turn
        precondition(r, sys, z, work[4:], v)
        now = 0.0
        for i in range(r.shape[0]):
            now += r[i] * z[i]
        beta = now / before if turn > 0 else 0.0
        before = now
        for i in range(r.shape[0]):
            p[i] = z[i] + (beta * p[i] if turn > 0 else 0.0)
        operate(p, sys, q, e)
        bent = 0.0
        for i in range(r.shape[0]):
            bent += p[i] * q[i]
        if not bent > 0.0:
            return turn
        step = now / bent
        for i in range(r.shape[0]):
            x[i] += step * p[i]
            r[i] -= step * q[i]
    return most


@njit(cache=True)
def size_of(r: F8) -> float:
    """Return the norm of `r`."""
    total = 0.0
    for i in range(r.shape[0]):
        total += r[i] * r[i]
    return math.sqrt(total)

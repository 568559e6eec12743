"""Conjugate gradients with a two-level preconditioner: smoothing on the bricks, a factor of the rest state above."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_contact import Surface, press
from simtrainer.physics.tissue_factor import Coarse, solve_band
from simtrainer.physics.tissue_kernel import Bricks, multiply, polar

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
SPREAD = 5.0
"""Ratio of the eigenvalues that the smoother damps. because: measured; longer waves are the coarse factor's."""
VECTORS = 7
"""Vectors of work that `solve` needs."""


class System(NamedTuple):
    """A linear system A d = rhs of one Newton iteration.

    A = gain R K R^T + diagonal + contacts, on the free nodes. rot (blocks, 9, LANES), gain (materials,), diagonal
    [N/m] (n + 1,), free (n + 1,) 1 or 0, jacobi: inverse node blocks (n + 1, 6) [m/N], contacts `at`, `stiff` of
    `contacts`, see `tissue_contact`; turned: rotations of the coarse nodes (c, 9); bound: largest eigenvalue of
    jacobi A.
    """

    body: Bricks
    rot: F8
    gain: F8
    diagonal: F8
    free: F8
    jacobi: F8
    skin: Surface
    at: I8
    stiff: F8
    contacts: int
    coarse: Coarse
    turned: F8
    bound: float


@njit(cache=True)
def operate(x: F8, sys: System, y: F8, b: F8) -> None:
    """Write A x into `y`."""
    for n in range(sys.free.shape[0]):
        d = sys.diagonal[n]
        y[3 * n], y[3 * n + 1], y[3 * n + 2] = d * x[3 * n], d * x[3 * n + 1], d * x[3 * n + 2]
    multiply(x, sys.body, sys.rot, sys.gain, y, b)
    press(x, sys.stiff, sys.at, sys.contacts, sys.skin, y)
    for n in range(sys.free.shape[0]):
        y[3 * n] *= sys.free[n]
        y[3 * n + 1] *= sys.free[n]
        y[3 * n + 2] *= sys.free[n]


@njit(cache=True)
def invert_nodes(diagonal: F8, free: F8, stiff: F8, at: I8, count: int, skin: Surface, out: F8) -> None:
    """Write the inverse of each node's block into `out` (n + 1, 6): `diagonal` [N/m], and contacts by their shares.

    Taking a contact's stiffness by its shares and not by their squares keeps the largest eigenvalue of a contact at 1.
    """
    for n in range(free.shape[0]):
        out[n, 0] = out[n, 3] = out[n, 5] = diagonal[n]
        out[n, 1] = out[n, 2] = out[n, 4] = 0.0
    for i in range(count):
        for k in range(4):
            for c in range(6):
                out[skin.node[at[i, 0], k], c] += 0.25 * stiff[i, c]
    for n in range(free.shape[0]):
        if free[n] == 0.0:
            for c in range(6):
                out[n, c] = 0.0
            continue
        a, b, c, d, e, f = out[n, 0], out[n, 1], out[n, 2], out[n, 3], out[n, 4], out[n, 5]
        g, h, i = d * f - e * e, c * e - b * f, b * e - c * d
        one = 1.0 / (a * g + b * h + c * i)
        out[n, 0], out[n, 1], out[n, 2] = g * one, h * one, i * one
        out[n, 3], out[n, 4], out[n, 5] = (a * f - c * c) * one, (b * c - a * e) * one, (a * d - b * b) * one


@njit(cache=True)
def turn_coarse(rot: F8, coarse: Coarse, out: F8, f: F8, s: F8) -> None:
    """Write the mean rotation of the bricks about each coarse node into `out` (c, 9); f (3, 3), s (4, 9) scratch."""
    lanes = rot.shape[2]
    out[:] = 0.0
    for e in range(rot.shape[0]):
        for m in range(lanes):
            for p in range(8):
                share = coarse.part[e * lanes + m, p]
                if share > 0.0:
                    n = coarse.cell[e * lanes + m, p]
                    for k in range(9):
                        out[n, k] += share * rot[e, k, m]
    for n in range(out.shape[0]):
        size = 0.0
        for k in range(9):
            f[k // 3, k % 3] = out[n, k]
            size += out[n, k] * out[n, k]
        if size > 1e-12:
            polar(f, s)
        for k in range(9):
            out[n, k] = f[k // 3, k % 3] if size > 1e-12 else (1.0 if k % 4 == 0 else 0.0)


@njit(cache=True)
def correct(r: F8, sys: System, z: F8, band: F8) -> None:
    """Write P T A_c^-1 T^T P^T r into `z`: what the coarse factor of the rest state, turned as its nodes are, says."""
    c, t = sys.coarse, sys.turned
    w = c.down.shape[1]
    band[:] = 0.0
    for n in range(c.parent.shape[0]):
        for k in range(8):
            share = c.weight[n, k]
            if share > 0.0:
                m = w + 3 * c.parent[n, k]
                band[m] += share * r[3 * n]
                band[m + 1] += share * r[3 * n + 1]
                band[m + 2] += share * r[3 * n + 2]
    for n in range(t.shape[0]):
        m = w + 3 * n
        x, y, q = band[m], band[m + 1], band[m + 2]
        band[m] = t[n, 0] * x + t[n, 3] * y + t[n, 6] * q
        band[m + 1] = t[n, 1] * x + t[n, 4] * y + t[n, 7] * q
        band[m + 2] = t[n, 2] * x + t[n, 5] * y + t[n, 8] * q
    solve_band(c.down, c.up, c.pivot, band)
    for n in range(t.shape[0]):
        m = w + 3 * n
        x, y, q = band[m], band[m + 1], band[m + 2]
        band[m] = t[n, 0] * x + t[n, 1] * y + t[n, 2] * q
        band[m + 1] = t[n, 3] * x + t[n, 4] * y + t[n, 5] * q
        band[m + 2] = t[n, 6] * x + t[n, 7] * y + t[n, 8] * q
    for n in range(c.parent.shape[0]):
        z[3 * n], z[3 * n + 1], z[3 * n + 2] = 0.0, 0.0, 0.0
        for k in range(8):
            share = c.weight[n, k] * sys.free[n]
            if share > 0.0:
                m = w + 3 * c.parent[n, k]
                z[3 * n] += share * band[m]
                z[3 * n + 1] += share * band[m + 1]
                z[3 * n + 2] += share * band[m + 2]


@njit(cache=True)
def smooth(sys: System, turns: int, products: int, z: F8, r: F8, d: F8, q: F8, b: F8) -> None:
    """Improve `z` by `turns` steps of Chebyshev over Jacobi; take the first `products` off the residual `r`.

    Damps eigenvalues of jacobi A between bound / SPREAD and bound (Y. Saad, Iterative Methods, 12.3). One product with
    A a turn. d, q: work.
    """
    high = 1.05 * sys.bound
    low = sys.bound / SPREAD
    middle, half = 0.5 * (high + low), 0.5 * (high - low)
    sigma = middle / half
    rho = 1.0 / sigma
    j = sys.jacobi
    for turn in range(turns):
        if turn == 0:
            keep, more = 0.0, 1.0 / middle
        else:
            new = 1.0 / (2.0 * sigma - rho)
            keep, more = new * rho, 2.0 * new / half
            rho = new
        for n in range(j.shape[0]):
            x, y, w = r[3 * n], r[3 * n + 1], r[3 * n + 2]
            d[3 * n] = keep * d[3 * n] + more * (j[n, 0] * x + j[n, 1] * y + j[n, 2] * w)
            d[3 * n + 1] = keep * d[3 * n + 1] + more * (j[n, 1] * x + j[n, 3] * y + j[n, 4] * w)
            d[3 * n + 2] = keep * d[3 * n + 2] + more * (j[n, 2] * x + j[n, 4] * y + j[n, 5] * w)
        for i in range(z.shape[0]):
            z[i] += d[i]
        if turn < products:
            operate(d, sys, q, b)
            for i in range(z.shape[0]):
                r[i] -= q[i]


@njit(cache=True)
def precondition(r: F8, sys: System, turns: int, z: F8, work: F8, band: F8, b: F8) -> None:
    """Write an approximation of A^-1 r into `z`; symmetric and positive. work (3, 3 n + 3): leaves `r` alone.

    A V-cycle of two levels (Briggs, Henson, McCormick, A Multigrid Tutorial); 2 turns products with A and one pass
    through the coarse factor.
    """
    if turns == 0:
        j = sys.jacobi
        for n in range(j.shape[0]):
            x, y, w = r[3 * n], r[3 * n + 1], r[3 * n + 2]
            z[3 * n] = j[n, 0] * x + j[n, 1] * y + j[n, 2] * w
            z[3 * n + 1] = j[n, 1] * x + j[n, 3] * y + j[n, 4] * w
            z[3 * n + 2] = j[n, 2] * x + j[n, 4] * y + j[n, 5] * w
        return
    left, d, q = work[0], work[1], work[2]
    for i in range(r.shape[0]):
        left[i], z[i], d[i] = r[i], 0.0, 0.0
    smooth(sys, turns, turns, z, left, d, q, b)
    correct(left, sys, d, band)
    for i in range(r.shape[0]):
        z[i] += d[i]
    operate(d, sys, q, b)
    for i in range(r.shape[0]):
        left[i] -= q[i]
        d[i] = 0.0
    smooth(sys, turns, turns - 1, z, left, d, q, b)


@njit(cache=True)
def solve(sys: System, x: F8, r: F8, turns: int, most: int, enough: float, work: F8, band: F8, b: F8) -> int:
    """Add to `x` what makes the residual `r` at most `enough` [N], in at most `most` iterations; return their number.

    `r` is the residual at `x` and is brought down with it. Preconditioned conjugate gradients. work (VECTORS, 3 n + 3).
    """
    z, p, q = work[0], work[1], work[2]
    before = 0.0
    for turn in range(most):
        if not _size(r) > enough:
            return turn
        precondition(r, sys, turns, z, work[3:], band, b)
        now = 0.0
        for i in range(r.shape[0]):
            now += r[i] * z[i]
        beta = now / before if turn > 0 else 0.0
        before = now
        for i in range(r.shape[0]):
            p[i] = z[i] + (beta * p[i] if turn > 0 else 0.0)
        operate(p, sys, q, b)
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
def _size(r: F8) -> float:
    total = 0.0
    for i in range(r.shape[0]):
        total += r[i] * r[i]
    return math.sqrt(total)

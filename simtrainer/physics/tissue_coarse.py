"""Kernels of the coarse half of the preconditioner: down to the coarse lattice, through its factor, and up again."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_brick import LANES
from simtrainer.physics.tissue_factor import Coarse, solve_band
from simtrainer.physics.tissue_kernel import turn_lanes

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
Number: TypeAlias = float | np.float32


@njit(cache=True)
def turn_coarse(rot: F4, coarse: Coarse, cells: F8, out: F8, live: F8, s: F8) -> None:
    """Write the mean rotation of the bricks about each coarse node into `out`, shape (blocks, 9 LANES), in band order.

    Bricks count by the root of their stiffness, as `rot` bears it. cells (coarse cells + 1, 9), live (LANES,) and s
    (see `turn_lanes`) are scratch. 9 additions a brick.
    """
    cells[:] = 0.0
    for e in range(rot.shape[0]):
        r = rot[e]
        for m in range(LANES):
            c = coarse.cell[LANES * e + m]
            for k in range(9):
                cells[c, k] += r[LANES * k + m]
    cells[cells.shape[0] - 1] = 0.0
    out[:] = 0.0
    for n in range(coarse.ring.shape[0]):
        e, m = n // LANES, n % LANES
        for q in range(8):
            c = coarse.ring[n, q]
            for k in range(9):
                out[e, LANES * k + m] += cells[c, k]
    for e in range(out.shape[0]):
        for m in range(LANES):
            size = 0.0
            for k in range(9):
                size += out[e, LANES * k + m] * out[e, LANES * k + m]
            live[m] = size
            shrink = math.sqrt(3.0 / size) if size > 0.0 else 0.0
            for k in range(9):
                out[e, LANES * k + m] *= shrink
        turn_lanes(out[e], live, s)


@njit(cache=True)
def _add(share: Number, x: F4, y: F4) -> None:
    for i in range(x.shape[0]):
        y[i] += share * x[i]


@njit(cache=True)
def _blend(one: Number, x: F4, other: Number, y: F4, out: F4) -> None:
    for i in range(x.shape[0]):
        out[i] = one * x[i] + other * y[i]


@njit(cache=True)
def restrict(r: F4, coarse: Coarse, first: F4, second: F4, band: F8) -> None:
    """Add P^T r to `band`, axis by axis, which costs 2 to 3 products a number instead of 8.

    first (3, nodes I, nodes j k), second (3, nodes I J, nodes k): scratch, capitals for coarse.
    """
    t, w = coarse.times, coarse.down.shape[1]
    i_end, j_end, k_end = coarse.fine[0], coarse.fine[1], coarse.fine[2]
    plane = j_end * k_end
    first[:] = np.float32(0.0)
    second[:] = np.float32(0.0)
    for c in range(3):
        x = r[c]
        for i in range(i_end):
            share = np.float32(i % t) / np.float32(t)
            _add(np.float32(1.0) - share, x[i * plane : (i + 1) * plane], first[c, i // t])
            if i % t > 0:
                _add(share, x[i * plane : (i + 1) * plane], first[c, i // t + 1])
        for a in range(coarse.dims[0]):
            for j in range(j_end):
                share = np.float32(j % t) / np.float32(t)
                row = first[c, a, j * k_end : (j + 1) * k_end]
                at = a * coarse.dims[1] + j // t
                _add(np.float32(1.0) - share, row, second[c, at])
                if j % t > 0:
                    _add(share, row, second[c, at + 1])
        for n in range(second.shape[1]):
            for k in range(k_end):
                share = np.float32(k % t) / np.float32(t)
                value, at = second[c, n, k], n * coarse.dims[2] + k // t
                if coarse.spot[at] >= 0:
                    band[w + 3 * coarse.spot[at] + c] += (np.float32(1.0) - share) * value
                if k % t > 0 and coarse.spot[at + 1] >= 0:
                    band[w + 3 * coarse.spot[at + 1] + c] += share * value


@njit(cache=True)
def prolong(band: F8, coarse: Coarse, first: F4, second: F4, z: F4) -> None:
    """Write P of `band` into `z`; the way back of `restrict`."""
    t, w = coarse.times, coarse.down.shape[1]
    i_end, j_end, k_end = coarse.fine[0], coarse.fine[1], coarse.fine[2]
    plane = j_end * k_end
    for c in range(3):
        for n in range(second.shape[1]):
            row = second[c, n]
            for k in range(k_end):
                part, at = (k % t) / t, n * coarse.dims[2] + k // t
                low = band[w + 3 * coarse.spot[at] + c] if coarse.spot[at] >= 0 else 0.0
                high = band[w + 3 * coarse.spot[at + 1] + c] if k % t > 0 and coarse.spot[at + 1] >= 0 else 0.0
                row[k] = (1.0 - part) * low + part * high
        for a in range(coarse.dims[0]):
            for j in range(j_end):
                share = np.float32(j % t) / np.float32(t)
                at = a * coarse.dims[1] + j // t
                line = first[c, a, j * k_end : (j + 1) * k_end]
                more = second[c, at + 1] if j % t > 0 else second[c, at]
                _blend(np.float32(1.0) - share, second[c, at], share, more, line)
        out = z[c]
        for i in range(i_end):
            share = np.float32(i % t) / np.float32(t)
            more = first[c, i // t + 1] if i % t > 0 else first[c, i // t]
            _blend(np.float32(1.0) - share, first[c, i // t], share, more, out[i * plane : (i + 1) * plane])


@njit(cache=True)
def correct(r: F4, coarse: Coarse, turned: F8, first: F4, second: F4, band: F8, z: F4) -> None:
    """Write P T A_c^-1 T^T P^T r into `z`: what the coarse factor of the rest state, turned as its nodes are, says.

    turned: see `turn_coarse`; first, second: see `restrict`; band (2 width + 3 c + 1,): scratch.
    """
    w = coarse.down.shape[1]
    band[:] = 0.0
    restrict(r, coarse, first, second, band)
    for n in range(coarse.ring.shape[0]):
        t, o, m = turned[n // LANES], n % LANES, w + 3 * n
        x, y, q = band[m], band[m + 1], band[m + 2]
        band[m] = t[o] * x + t[3 * LANES + o] * y + t[6 * LANES + o] * q
        band[m + 1] = t[LANES + o] * x + t[4 * LANES + o] * y + t[7 * LANES + o] * q
        band[m + 2] = t[2 * LANES + o] * x + t[5 * LANES + o] * y + t[8 * LANES + o] * q
    solve_band(coarse.down, coarse.up, coarse.pivot, band)
    for n in range(coarse.ring.shape[0]):
        t, o, m = turned[n // LANES], n % LANES, w + 3 * n
        x, y, q = band[m], band[m + 1], band[m + 2]
        band[m] = t[o] * x + t[LANES + o] * y + t[2 * LANES + o] * q
        band[m + 1] = t[3 * LANES + o] * x + t[4 * LANES + o] * y + t[5 * LANES + o] * q
        band[m + 2] = t[6 * LANES + o] * x + t[7 * LANES + o] * y + t[8 * LANES + o] * q
    prolong(band, coarse, first, second, z)

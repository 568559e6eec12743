"""Where a rod's nodes stand along its length, and how a shape is carried from one set of nodes to another.

Nodes are fixed in arc length from the access, not in the material: what is pushed in makes the rod longer at its tip,
and material slides past the nodes (an arbitrary Lagrangian-Eulerian description). A device that slides inside another
then moves no node at all, and a long quiet stretch of wire costs no Newton iterations. Only the fine nodes near the
tips ride with them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]


@njit(cache=True)
def layout(lead: float, behind: float, coarse: float, fine: float, zone: float) -> F8:
    """Return arc lengths [mm] of the nodes, shape (n,), from 0 to `lead`.

    Steps of `fine` within `zone` of the leading tip and of the tip at `behind` (0 where there is none), multiples of
    `coarse` elsewhere. A pure function of the two lengths.
    """
    back = lead - zone
    joined = behind > 0.0 and behind + 3.0 * fine >= back
    if joined:
        back = min(back, behind - zone)
    start = lead - math.floor(max(lead - max(back, 2.0 * coarse), 0.0) / fine) * fine
    lo, hi = start, start
    if behind > 2.5 * coarse + zone * 0.2 and not joined:
        lo = behind - math.floor(max(behind - max(behind - zone, 2.0 * coarse), 0.0) / fine) * fine
        hi = behind + 2.0 * fine
    out = np.empty(int(lead / min(fine, coarse)) + 8)
    n = 0
    k = 0
    while k * coarse < lo - 0.5 * coarse or k < 2:
        out[n] = k * coarse
        n += 1
        k += 1
    if lo < start:
        steps = round((hi - lo) / fine)
        for j in range(steps + 1):
            out[n] = lo + j * fine
            n += 1
        k = math.floor(hi / coarse)
        while k * coarse < start - 0.5 * coarse:
            if k * coarse > hi + 0.5 * coarse:
                out[n] = k * coarse
                n += 1
            k += 1
    steps = round((lead - start) / fine)
    for j in range(steps + 1):
        out[n] = lead - (steps - j) * fine
        n += 1
    return out[:n].copy()


@njit(cache=True)
def place(s: F8, at: float) -> int:
    """Return the number of the last entry of increasing `s` that is not above `at`, at most n - 2."""
    lo, hi = 0, s.shape[0] - 1
    while hi - lo > 1:
        mid = (lo + hi) // 2
        if s[mid] <= at:
            lo = mid
        else:
            hi = mid
    return lo


@njit(cache=True)
def slopes(s: F8, x: F8) -> F8:
    """Return dx/ds at every node, second order on uneven steps, shape of `x`."""
    n = s.shape[0]
    out = np.empty_like(x)
    for i in range(n):
        if i in (0, n - 1):
            a, b = (0, 1) if i == 0 else (n - 2, n - 1)
            for r in range(x.shape[1]):
                out[i, r] = (x[b, r] - x[a, r]) / (s[b] - s[a])
        else:
            h0, h1 = s[i] - s[i - 1], s[i + 1] - s[i]
            for r in range(x.shape[1]):
                d0, d1 = (x[i, r] - x[i - 1, r]) / h0, (x[i + 1, r] - x[i, r]) / h1
                out[i, r] = (h1 * d0 + h0 * d1) / (h0 + h1)
    return out


@njit(cache=True)
def resample_curve(s0: F8, x0: F8, s1: F8) -> F8:
    """Return the curve `x0` (n0, 3) over `s0` at arc lengths `s1`, cubic Hermite; beyond the tip it goes on straight.

    Nodes that stand in both are copied exactly. Error O(h^4).
    """
    m = slopes(s0, x0)
    last = s0.shape[0] - 1
    out = np.empty((s1.shape[0], x0.shape[1]))
    for i in range(s1.shape[0]):
        at = s1[i]
        if at >= s0[last]:
            for r in range(x0.shape[1]):
                out[i, r] = x0[last, r] + (at - s0[last]) * m[last, r]
            continue
        k = place(s0, at)
        h = s0[k + 1] - s0[k]
        u = (at - s0[k]) / h
        if u < 1e-12:
            out[i] = x0[k]
            continue
        h00, h10 = (1 + 2 * u) * (1 - u) ** 2, u * (1 - u) ** 2
        h01, h11 = u * u * (3 - 2 * u), u * u * (u - 1)
        for r in range(x0.shape[1]):
            out[i, r] = h00 * x0[k, r] + h10 * h * m[k, r] + h01 * x0[k + 1, r] + h11 * h * m[k + 1, r]
    return out


@njit(cache=True)
def restore_lengths(s0: F8, s1: F8, x1: F8) -> None:
    """Give every edge of `x1` that did not stand in `s0` its length in `s1` again, keeping its direction.

    Interpolation cuts corners; where a tip is tightly bent that alone would strain the rod by a percent.
    """
    k = 0
    kept = True
    sx, sy, sz = 0.0, 0.0, 0.0
    for i in range(1, s1.shape[0]):
        while k < s0.shape[0] - 1 and s0[k] < s1[i] - 1e-9:
            k += 1
        before = kept
        kept = abs(s0[k] - s1[i]) < 1e-9
        dx, dy, dz = x1[i, 0] + sx - x1[i - 1, 0], x1[i, 1] + sy - x1[i - 1, 1], x1[i, 2] + sz - x1[i - 1, 2]
        size = math.sqrt(dx * dx + dy * dy + dz * dz)
        if kept and before:
            x1[i, 0] += sx
            x1[i, 1] += sy
            x1[i, 2] += sz
            continue
        u = (s1[i] - s1[i - 1]) / size
        nx, ny, nz = x1[i - 1, 0] + u * dx, x1[i - 1, 1] + u * dy, x1[i - 1, 2] + u * dz
        sx, sy, sz = nx - x1[i, 0], ny - x1[i, 1], nz - x1[i, 2]
        x1[i, 0] = nx
        x1[i, 1] = ny
        x1[i, 2] = nz


@njit(cache=True)
def resample_linear(s0: F8, y0: F8, s1: F8) -> F8:
    """Return `y0` (n0, k) over `s0` at `s1`, linear, constant beyond the ends."""
    last = s0.shape[0] - 1
    out = np.empty((s1.shape[0], y0.shape[1]))
    for i in range(s1.shape[0]):
        k = place(s0, s1[i])
        u = min(max((s1[i] - s0[k]) / (s0[k + 1] - s0[k]), 0.0), 1.0)
        for r in range(y0.shape[1]):
            out[i, r] = (1 - u) * y0[k, r] + u * y0[min(k + 1, last), r]
    return out


@njit(cache=True)
def middles(s: F8) -> F8:
    """Return the arc length of the middle of each edge, shape (n - 1,)."""
    return 0.5 * (s[1:] + s[:-1])

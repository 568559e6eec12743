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
I8 = NDArray[np.int64]


FIXED, LEAD, BEHIND = 0, 1, 2
"""What a node rides with: it stands in arc length, or it moves with the leading tip, or with the first tip behind it;
BEHIND + k stands for the tip behind[k] of `layout`."""


@njit(cache=True)
def layout(lead: float, behind: F8, stand: F8, fine: float, zone: F8, mouth: float) -> tuple[F8, I8]:
    """Return arc lengths [mm] of the nodes, shape (n,), from 0 to `lead`, and what each rides with.

    Steps of `fine` within `zone[0]` of the leading tip and `zone[1 + k]` of the tip at `behind[k]` (k,), which
    decrease, places of `stand` elsewhere; up to `mouth` they stand as long as a tip is not right there: nodes that ride
    past the end of a sheath that the vessel bends make the push ripple. A pure function of these lengths.
    """
    coarse = stand[1] - stand[0]
    tip, low, number = np.empty(behind.shape[0] + 1), np.empty(behind.shape[0] + 1), np.empty(behind.shape[0] + 1)
    tip[0], low[0], number[0] = lead, lead - zone[0], LEAD
    last = 0
    for k in range(behind.shape[0]):
        if behind[k] > 0.0 and behind[k] + 3.0 * fine >= low[last]:
            low[last] = min(low[last], behind[k] - zone[1 + k])  # so near that its nodes are those of the tip before it
        elif behind[k] > 2.5 * coarse + zone[1 + k] * 0.2:
            last += 1
            tip[last], low[last], number[last] = behind[k], behind[k] - zone[1 + k], BEHIND + k
    out = np.empty(int(lead / min(fine, coarse)) + 8 * (last + 1))
    ride = np.zeros(out.shape[0], dtype=np.int64)
    n, k, past = 0, 0, -coarse
    for block in range(last, -1, -1):
        least = max(min(mouth, tip[block] - 3.0 * fine), 2.0 * coarse) if block == last else 2.0 * coarse
        start = tip[block] - math.floor(max(tip[block] - max(low[block], least), 0.0) / fine) * fine
        end = lead if block == 0 else tip[block] + 2.0 * fine
        spare = (0.5 if block == last else 0.25) * coarse  # between two fine stretches no step grows beyond 1.5 coarse
        while stand[k] < start - spare or (block == last and k < 2):
            if stand[k] > past + spare:
                out[n] = stand[k]
                n += 1
            k += 1
        steps = round((end - start) / fine)
        for j in range(steps + 1):
            out[n] = start + j * fine if block > 0 else lead - (steps - j) * fine
            ride[n] = int(number[block])
            n += 1
        past = end
    return out[:n].copy(), ride[:n].copy()


def standing(longest: float, coarse: float, fine: float, mouth: tuple[float, float]) -> F8:
    """Return places of standing nodes [mm] from 0 to beyond `longest`: every `coarse`, every `fine` between `mouth`."""
    out = [0.0, coarse]
    while out[-1] < longest + coarse:
        near = mouth[0] - 1e-9 <= out[-1] < mouth[1] - 1e-9
        out.append(out[-1] + (fine if near else coarse))
    return np.array(out)


@njit(cache=True)
def slope(s: F8, x: F8, i: int, r: int) -> float:
    """Return dx/ds of column r at node i, second order on uneven steps."""
    n = s.shape[0]
    lo, hi = max(i - 1, 0), min(i + 1, n - 1)
    if i in (lo, hi):
        return (x[hi, r] - x[lo, r]) / (s[hi] - s[lo])  # type: ignore[no-any-return]
    h0, h1 = s[i] - s[lo], s[hi] - s[i]
    return (h1 * (x[i, r] - x[lo, r]) / h0 + h0 * (x[hi, r] - x[i, r]) / h1) / (h0 + h1)  # type: ignore[no-any-return]


@njit(cache=True)
def resample_curve(s0: F8, x0: F8, s1: F8) -> F8:
    """Return the curve `x0` (n0, 3) over `s0` at arc lengths `s1`, cubic Hermite; beyond the tip it goes on straight.

    Nodes that stand in both are copied exactly. Error O(h^3), its slopes being of second order.
    """
    last = s0.shape[0] - 1
    out = np.empty((s1.shape[0], x0.shape[1]))
    k = 0
    for i in range(s1.shape[0]):
        at = s1[i]
        while k < last - 1 and s0[k + 1] <= at:
            k += 1
        h = s0[k + 1] - s0[k]
        u = (at - s0[k]) / h
        for r in range(x0.shape[1]):
            if at >= s0[last]:
                out[i, r] = x0[last, r] + (at - s0[last]) * slope(s0, x0, last, r)
            elif u < 1e-12:
                out[i, r] = x0[k, r]
            else:
                m0, m1 = slope(s0, x0, k, r), slope(s0, x0, k + 1, r)
                w, step = u * u * (3.0 - 2.0 * u), u * (1.0 - u) * h
                out[i, r] = (1.0 - w) * x0[k, r] + w * x0[k + 1, r] + step * ((1.0 - u) * m0 - u * m1)
    return out


@njit(cache=True)
def restore_lengths(s0: F8, s1: F8, x1: F8) -> None:
    """Give every edge of `x1` that was no edge over `s0` its length in `s1` again, keeping its direction.

    Interpolation cuts corners, and so does an edge past a node that is gone; where a tip is tightly bent that alone
    would strain the rod by a percent.
    """
    k = 0
    last = 0  # the old node that the new node before stood on, -2 if none
    sx, sy, sz = 0.0, 0.0, 0.0
    for i in range(1, s1.shape[0]):
        while k < s0.shape[0] - 1 and s0[k] < s1[i] - 1e-9:
            k += 1
        before = last
        last = k if abs(s0[k] - s1[i]) < 1e-9 else -2
        dx, dy, dz = x1[i, 0] + sx - x1[i - 1, 0], x1[i, 1] + sy - x1[i - 1, 1], x1[i, 2] + sz - x1[i - 1, 2]
        size = math.sqrt(dx * dx + dy * dy + dz * dz)
        if last >= 0 and last == before + 1:
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
    """Return `y0` (n0, k) over `s0` at increasing `s1`, linear, constant beyond the ends."""
    last = s0.shape[0] - 1
    out = np.empty((s1.shape[0], y0.shape[1]))
    k = 0
    for i in range(s1.shape[0]):
        while k < last - 1 and s0[k + 1] <= s1[i]:
            k += 1
        u = min(max((s1[i] - s0[k]) / (s0[k + 1] - s0[k]), 0.0), 1.0)
        for r in range(y0.shape[1]):
            out[i, r] = (1.0 - u) * y0[k, r] + u * y0[k + 1, r]
    return out


@njit(cache=True)
def middles(s: F8) -> F8:
    """Return the arc length of the middle of each edge, shape (n - 1,)."""
    out = np.empty(s.shape[0] - 1)
    for j in range(out.shape[0]):
        out[j] = 0.5 * (s[j] + s[j + 1])
    return out

"""Contact and friction of a rod's nodes with a wall given by its clearance."""

from __future__ import annotations

import math

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_problem import (
    AMID,
    AT,
    BEFORE,
    BEHIND,
    BLEND_MM,
    F8,
    GRIP,
    HELD,
    INERTIA,
    LIMIT,
    MASS,
    NORMAL,
    OUTER,
    RADIUS,
    SEEN,
    SLIP,
    SPIN,
    STICK,
    THETA,
    Grid,
)
from simtrainer.physics.rod_sway import FAR, clearance_now, wall_now

GIVE, HARDEN = 3, 4
"""Where stiffness per length [N/mm2] and hardening [1/mm] of the wall stand among what a rod is surrounded by."""
ALONG_SLIDING = 0.02
"""Share of the sticking stiffness that stays along the direction of sliding; it keeps Newton's steps short."""


@njit(cache=True)
def contact_law(gap: float, harden: float) -> tuple[float, float, float]:
    """Return energy, force and stiffness, per unit stiffness, of a wall met at `gap` = clearance - radius [mm].

    Its force over the depth d is d + harden d^2. A quadratic blend over +- BLEND_MM makes it C1; a kink there keeps
    Newton from converging.
    """
    if gap >= BLEND_MM:
        return 0.0, 0.0, 0.0
    if gap > -BLEND_MM:
        d = BLEND_MM - gap
        deep = max(-gap, 0.0)
        more = harden * deep * deep
        return (
            d * d * d / (12.0 * BLEND_MM) + more * deep / 3.0,
            d * d / (4.0 * BLEND_MM) + more,
            d / (2.0 * BLEND_MM) + 2.0 * harden * deep,
        )
    more = harden * gap * gap
    return 0.5 * gap * gap + BLEND_MM * BLEND_MM / 6.0 - more * gap / 3.0, more - gap, 1.0 - 2.0 * harden * gap


@njit(cache=True)
def slip_of(node: F8, device: F8, x: F8, theta: F8, i: int, slip: F8) -> float:
    """Write the tangential displacement [mm] of node i's surface against the wall into `slip` (3,); return its size."""
    o = max(int(node[i, OUTER]), 0)
    spin = node[i, BEFORE] * (theta[i - 1, o] - device[i - 1, o, THETA])
    if i < theta.shape[0]:
        spin += node[i, BEHIND] * (theta[i, o] - device[i, o, THETA])
    k = x[i, 0] * node[i, NORMAL] + x[i, 1] * node[i, NORMAL + 1] + x[i, 2] * node[i, NORMAL + 2]
    total: float = 0.0
    for r in range(3):
        slip[r] = x[i, r] - k * node[i, NORMAL + r] + node[i, SLIP + r] + spin * node[i, SPIN + r]
        total += slip[r] * slip[r]
    return math.sqrt(total)


@njit(cache=True)
def rub(node: F8, device: F8, x: F8, theta: F8, i: int, a: F8, b: F8, slip: F8, flat: F8) -> float:
    """Add friction of node i, slide and spin together, with their coupling blocks; return its energy [N mm].

    A Huber potential: elastic up to the Coulomb limit, then linear. slip (3,) and flat (3,) are scratch.
    """
    size = 3 + theta.shape[1]
    z = slip_of(node, device, x, theta, i, slip)
    stick, limit = node[i, STICK], node[i, LIMIT]
    k, along = stick, stick
    total: float = 0.5 * stick * z * z
    if stick * z > limit:
        k = limit / z
        along = ALONG_SLIDING * stick
        total = limit * z - 0.5 * limit * limit / stick
    more = along - k if z > 0.0 else 0.0
    at = i * size
    nx, ny, nz = node[i, NORMAL], node[i, NORMAL + 1], node[i, NORMAL + 2]
    un = (slip[0] * nx + slip[1] * ny + slip[2] * nz) / max(z, 1e-300)
    fn = k * (slip[0] * nx + slip[1] * ny + slip[2] * nz)
    fc, uc, cc, cn = 0.0, 0.0, 0.0, 0.0
    for r in range(3):
        u, c = slip[r] / max(z, 1e-300), node[i, SPIN + r]
        flat[r] = u - un * node[i, NORMAL + r]
        fc += k * slip[r] * c
        uc += u * c
        cc += c * c
        cn += c * node[i, NORMAL + r]
    for r in range(3):
        b[at + r] += k * slip[r] - fn * node[i, NORMAL + r]
        for q in range(r, 3):
            one = 1.0 if r == q else 0.0
            a[at + r, q - r] += k * (one - node[i, NORMAL + r] * node[i, NORMAL + q]) + more * flat[r] * flat[q]
    o = max(int(node[i, OUTER]), 0)
    kc = k * cc + more * uc * uc
    before, behind = node[i, BEFORE], node[i, BEHIND]
    e, f = at - size + 3 + o, at + 3 + o
    b[e] += before * fc
    b[f] += behind * fc
    a[e, 0] += before * before * kc
    a[f, 0] += behind * behind * kc
    a[e, size] += before * behind * kc
    for r in range(3):
        mixed = k * (node[i, SPIN + r] - cn * node[i, NORMAL + r]) + more * uc * flat[r]
        a[e, size + r - 3 - o] += before * mixed
        a[at + r, 3 + o - r] += behind * mixed
    return total


@njit(cache=True)
def is_far(node: F8, x: F8, i: int, k: int, at: int, steepest: float) -> bool:
    """Tell that the wall is too far to look for it from the middle between nodes i and k.

    The clearance changes no faster than one moves, times `steepest`, so that what it was when it was last looked up is
    enough. at: the column where that stands.
    """
    d0 = 0.5 * (x[i, 0] + x[k, 0]) - node[i, at]
    d1 = 0.5 * (x[i, 1] + x[k, 1]) - node[i, at + 1]
    d2 = 0.5 * (x[i, 2] + x[k, 2]) - node[i, at + 2]
    spare = node[i, at + 3] - 0.5 * (node[i, RADIUS] + node[k, RADIUS]) - BLEND_MM
    return spare > 0.0 and steepest * steepest * (d0 * d0 + d1 * d1 + d2 * d2) < spare * spare  # type: ignore[no-any-return]


@njit(cache=True)
def press_on(node: F8, grid: Grid, outside: F8, x: F8, i: int, k: int, v: F8, h: F8) -> float:
    """Press the middle between nodes i and k, which are neighbours or the same, on the wall; return the energy [N mm].

    Writes force [N] into v[0, 1:], its size per unit gradient (0 without contact) into v[1, 3], and its second
    derivatives into `h` (3, 3) if it touches. v (2, 4).
    """
    p0, p1, p2 = 0.5 * (x[i, 0] + x[k, 0]), 0.5 * (x[i, 1] + x[k, 1]), 0.5 * (x[i, 2] + x[k, 2])
    clear = clearance_now(grid, outside, p0, p1, p2)
    at = SEEN if i == k else SEEN + 4
    node[i, at], node[i, at + 1], node[i, at + 2], node[i, at + 3] = p0, p1, p2, clear
    gap = clear - 0.5 * (node[i, RADIUS] + node[k, RADIUS])
    v[1, 3] = 0.0
    if not gap < BLEND_MM:
        return 0.0
    stiff = outside[GIVE] * (node[i, GRIP] if i == k else node[i, AMID])
    e, force, bent = contact_law(gap, outside[HARDEN])
    wall_now(grid, outside, p0, p1, p2, v[1], h)
    for r in range(3):
        v[0, 1 + r] = stiff * force * v[1, r]
        for c in range(3):
            h[r, c] = stiff * (bent * v[1, r] * v[1, c] - force * h[r, c])
    v[1, 3] = stiff * force
    return stiff * e  # type: ignore[no-any-return]


@njit(cache=True)
def add_contact(node: F8, grid: Grid, outside: F8, x: F8, size: int, a: F8, b: F8, v: F8, h: F8) -> float:
    """Add the wall's force on nodes and on the middles of edges; return the energy [N mm].

    v (2, 4) and h (3, 3) are scratch.
    """
    n = x.shape[0]
    total = 0.0
    for i in range(HELD, n):
        at = i * size
        if not is_far(node, x, i, i, SEEN, outside[FAR]):
            total += press_on(node, grid, outside, x, i, i, v, h)
            if v[1, 3] > 0.0:
                for r in range(3):
                    b[at + r] -= v[0, 1 + r]
                    for c in range(r, 3):
                        a[at + r, c - r] += h[r, c]
        if i == n - 1 or is_far(node, x, i, i + 1, SEEN + 4, outside[FAR]):
            continue
        total += press_on(node, grid, outside, x, i, i + 1, v, h)
        if v[1, 3] > 0.0:
            for r in range(3):
                b[at + r] -= 0.5 * v[0, 1 + r]
                b[at + size + r] -= 0.5 * v[0, 1 + r]
                for c in range(3):
                    k = 0.25 * h[r, c]
                    a[at + r, size + c - r] += k
                    if c >= r:
                        a[at + r, c - r] += k
                        a[at + size + r, c - r] += k
    return total


@njit(cache=True)
def add_surroundings(
    node: F8, device: F8, grid: Grid, outside: F8, x: F8, theta: F8, a: F8, b: F8, v: F8, h: F8
) -> float:
    """Add inertia, drag, weight, contact and friction of the free nodes; return their energy [N mm].

    outside: gravity [mm/ms2], stiffness [N/mm2] and hardening [1/mm] of the wall, and how it moves (rod_sway). v (2, 4)
    and h (3, 3) are scratch.
    """
    size = 3 + theta.shape[1]
    total = add_contact(node, grid, outside, x, size, a, b, v, h)
    for i in range(HELD, x.shape[0]):
        at = i * size
        for r in range(3):
            away = x[i, r] - node[i, AT + r]
            load = node[i, MASS] * outside[r]
            total += 0.5 * node[i, INERTIA] * away * away - load * x[i, r]
            b[at + r] += node[i, INERTIA] * away - load
            a[at + r, 0] += node[i, INERTIA]
        if node[i, LIMIT] > 0.0:
            total += rub(node, device, x, theta, i, a, b, v[0], v[1])
    return total

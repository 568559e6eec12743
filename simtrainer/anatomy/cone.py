"""Exact distance to unions of round cones (tubes about a polyline), the shape that a centreline tree stands for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True)
def cone_distance(p: Floats, cone: Floats) -> float:
    """Return the signed distance from `p`, shape (3,), to one round cone; negative inside.

    `cone` is ax, ay, az, ra, bx, by, bz, rb: two balls and their hull. Exact. Cost about 60 flops and one root.
    Source: I. Quilez, "round cone - exact" (distance functions), derived from the tangent cone of two spheres.
    """
    bx, by, bz = cone[4] - cone[0], cone[5] - cone[1], cone[6] - cone[2]
    px, py, pz = p[0] - cone[0], p[1] - cone[1], p[2] - cone[2]
    l2 = bx * bx + by * by + bz * bz
    rr = cone[3] - cone[7]
    a2 = l2 - rr * rr
    if a2 <= 0.0:  # one ball holds the other
        da = np.sqrt(px * px + py * py + pz * pz) - cone[3]
        db = np.sqrt((px - bx) ** 2 + (py - by) ** 2 + (pz - bz) ** 2) - cone[7]
        return float(min(da, db))
    il2 = 1.0 / l2
    y = px * bx + py * by + pz * bz
    z = y - l2
    qx, qy, qz = px * l2 - bx * y, py * l2 - by * y, pz * l2 - bz * y
    x2 = qx * qx + qy * qy + qz * qz
    y2 = y * y * l2
    z2 = z * z * l2
    k = (1.0 if rr > 0 else -1.0 if rr < 0 else 0.0) * rr * rr * x2
    if (1.0 if z > 0 else -1.0 if z < 0 else 0.0) * a2 * z2 > k:
        return float(np.sqrt(x2 + z2) * il2 - cone[7])
    if (1.0 if y > 0 else -1.0 if y < 0 else 0.0) * a2 * y2 < k:
        return float(np.sqrt(x2 + y2) * il2 - cone[3])
    return float((np.sqrt(x2 * a2 * il2) + y * rr) * il2 - cone[3])


@njit(cache=True)
def union_clearance(p: Floats, cones: Floats, tube: Ints, chosen: Ints, blend: float) -> float:
    """Return the clearance [unit of the cones] at `p`: positive inside the union of the `chosen` cones.

    Cones of one tube are joined by the plain minimum; tubes by a polynomial smooth minimum of width `blend`, which
    opens the crease of a fork by at most blend / 4 and never narrows the lumen. `chosen` is sorted by tube.
    """
    total = 1e30
    best = 1e30
    current = -1
    for i in range(chosen.shape[0]):
        c = chosen[i]
        if tube[c] != current:
            total = _smooth_min(total, best, blend)
            best = 1e30
            current = tube[c]
        d = cone_distance(p, cones[c])
        best = min(best, d)
    return -_smooth_min(total, best, blend)


@njit(cache=True)
def _smooth_min(a: float, b: float, width: float) -> float:
    """Return the minimum of `a` and `b`, rounded over `width` (C1; Quilez, polynomial smooth minimum)."""
    h = width - abs(a - b)
    if h <= 0.0:
        return min(a, b)
    return min(a, b) - 0.25 * h * h / width


@njit(cache=True)
def near_cones(p: Floats, balls: Floats, among: Ints, margin: float, out: Ints) -> int:
    """Write those cones of `among` that lie within `margin` of the nearest one into `out`; return how many.

    `balls` come from `cone_balls`.

    For all points within r of `p`, no other cone matters if `margin` is 2 r plus the width of the blend: the
    distance of a point within r differs from that of `p` by no more than r, for the nearest cone and for the rest.
    """
    least = 1e30
    for c in among:
        d = np.sqrt((p[0] - balls[c, 0]) ** 2 + (p[1] - balls[c, 1]) ** 2 + (p[2] - balls[c, 2]) ** 2)
        least = min(least, d + balls[c, 4])
    count = 0
    for c in among:
        d = np.sqrt((p[0] - balls[c, 0]) ** 2 + (p[1] - balls[c, 1]) ** 2 + (p[2] - balls[c, 2]) ** 2)
        if d - balls[c, 3] <= least + margin:
            out[count] = c
            count += 1
    return count


def cone_balls(cones: Floats) -> Floats:
    """Return the ball about each cone that bounds its distance, shape (n, 5): middle, and what to take off and add."""
    middle = 0.5 * (cones[:, 0:3] + cones[:, 4:7])
    half = 0.5 * np.linalg.norm(cones[:, 0:3] - cones[:, 4:7], axis=1)
    radii = cones[:, [3, 7]]
    return np.column_stack([middle, half + radii.max(axis=1), half - radii.min(axis=1)])


@njit(cache=True)
def clearance_at(points: Floats, cones: Floats, balls: Floats, tube: Ints, blend: float) -> Floats:
    """Return the exact clearance at many points, shape (n,); the reference that a grid is compared with."""
    out = np.empty(points.shape[0])
    every = np.arange(cones.shape[0])
    chosen = np.empty(cones.shape[0], dtype=np.int64)
    for i in range(points.shape[0]):
        count = near_cones(points[i], balls, every, blend, chosen)
        out[i] = union_clearance(points[i], cones, tube, chosen[:count], blend)
    return out

"""Shadows of slender bodies: wires, hollow catheters and vessels full of contrast, as swept tubes of exact chord.

A curve is a chain of cylinders (or cones) cut at the mitre planes of its joints, so that the pieces fill the tube
without overlap. Each ray is intersected with each piece in space, so that a tube seen end-on is as dark as it should
be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.imaging.carm import NEAREST, CArmPose

_FINE = 3
"""Rays along each side of a pixel for a tube thinner than `_COARSE_PIXELS`."""
_COARSE_PIXELS = 4.0
"""Radius [pixels] from which one ray a pixel is enough."""


@dataclass(frozen=True, slots=True)
class Tubes:
    """Pieces of tubes, all that one kernel call draws.

    Parameters
    ----------
    start, end
        Axis ends [m] in W, shape (n, 3).
    cut_start, cut_end
        Unit normals of the mitre planes at both ends, pointing along the axis, shape (n, 3).
    radius
        Radius [m] at start and end, shape (n, 2).
    weight
        Linear attenuation [1/m] at start and end, shape (n, 2); negative for a bore.
    spared
        Two cylinders whose inside a piece leaves to others, shape (n, 2, 8): middle [m] in W, direction, radius and
        half length [m]; a radius of 0 for none. So a branch is not counted twice inside the vessel that it leaves.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    cut_start: NDArray[np.float64]
    cut_end: NDArray[np.float64]
    radius: NDArray[np.float64]
    weight: NDArray[np.float64]
    spared: NDArray[np.float64]


def tubes_along(points: NDArray[np.float64], radii: NDArray[np.float64], weights: NDArray[np.float64]) -> Tubes:
    """Return the pieces of one curve: `points` [m] in W (n, 3), `radii` [m] (n,), `weights` [1/m] (n,)."""
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    kept = np.concatenate(([True], lengths > 1e-9))
    points, radii, weights = points[kept], radii[kept], weights[kept]
    directions = np.diff(points, axis=0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    normals = np.empty_like(points)
    if len(directions):
        normals[0], normals[-1] = directions[0], directions[-1]
        normals[1:-1] = directions[:-1] + directions[1:]
        size = np.linalg.norm(normals, axis=1, keepdims=True)
        normals = np.where(size > 1e-6, normals / np.where(size > 1e-6, size, 1.0), 0.0)
        folded = size[:, 0] <= 1e-6
        normals[folded] = directions[np.minimum(np.flatnonzero(folded), len(directions) - 1)]
    return Tubes(
        points[:-1],
        points[1:],
        normals[:-1],
        normals[1:],
        np.column_stack((radii[:-1], radii[1:])),
        np.column_stack((weights[:-1], weights[1:])),
        np.zeros((len(steps) if kept.all() else int(kept.sum()) - 1, 2, 8)),
    )


def joined(parts: list[Tubes]) -> Tubes:
    """Return all pieces of several curves in one."""
    if not parts:
        none = np.zeros((0, 3))
        return Tubes(none, none, none, none, np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2, 8)))
    return Tubes(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.cut_start for part in parts]),
        np.concatenate([part.cut_end for part in parts]),
        np.concatenate([part.radius for part in parts]),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.spared for part in parts]),
    )


def add_tubes(out: NDArray[np.float64], pose: CArmPose, tubes: Tubes) -> None:
    """Add the line integral of attenuation [-] of all pieces to each pixel of `out`, shape (n, n)."""
    if not len(tubes.start):
        return
    axes = pose.axes
    source = pose.source
    spared = tubes.spared.copy()
    spared[:, :, :3] = (spared[:, :, :3] - source) @ axes.T
    spared[:, :, 3:6] = spared[:, :, 3:6] @ axes.T
    raster_tubes(
        out,
        np.ascontiguousarray((tubes.start - source) @ axes.T),
        np.ascontiguousarray((tubes.end - source) @ axes.T),
        np.ascontiguousarray(tubes.cut_start @ axes.T),
        np.ascontiguousarray(tubes.cut_end @ axes.T),
        np.ascontiguousarray(tubes.radius),
        np.ascontiguousarray(tubes.weight),
        spared,
        pose.sid,
        pose.field / out.shape[0],
    )


@njit(cache=True)
def raster_tubes(
    out: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    cut_start: NDArray[np.float64],
    cut_end: NDArray[np.float64],
    radius: NDArray[np.float64],
    weight: NDArray[np.float64],
    spared: NDArray[np.float64],
    sid: float,
    pitch: float,
) -> None:
    """Add weight times chord of every piece; geometry in the C-arm's axes from the source.

    Method: ray against infinite cylinder of the local radius, cut by the two mitre planes; thin tubes with 3 x 3 rays a
    pixel. Cost: about 60 flops a ray.
    """
    n = out.shape[0]
    middle = 0.5 * (n - 1)
    for s in range(start.shape[0]):
        ax = start[s, 0]
        ay = start[s, 1]
        az = start[s, 2]
        bx = end[s, 0]
        by = end[s, 1]
        bz = end[s, 2]
        r0 = radius[s, 0]
        r1 = radius[s, 1]
        thick = max(r0, r1)
        if az - thick < NEAREST or bz - thick < NEAREST or thick <= 0.0:
            continue
        if weight[s, 0] == 0.0 and weight[s, 1] == 0.0:
            continue
        ex = bx - ax
        ey = by - ay
        ez = bz - az
        length = np.sqrt(ex * ex + ey * ey + ez * ez)
        ex /= length
        ey /= length
        ez /= length
        # a mitre cut reaches beyond the joint by at most the radius on the outer side of a bend of 90 degrees
        size0 = sid / (az * pitch)
        size1 = sid / (bz * pitch)
        margin = thick * sid / ((min(az, bz) - thick) * pitch) + 1.0
        ua = middle + ax * size0
        va = middle - ay * size0
        ub = middle + bx * size1
        vb = middle - by * size1
        low_i = max(0, int(np.floor(min(ua, ub) - margin)))
        high_i = min(n - 1, int(np.ceil(max(ua, ub) + margin)))
        low_j = max(0, int(np.floor(min(va, vb) - margin)))
        high_j = min(n - 1, int(np.ceil(max(va, vb) + margin)))
        if low_i > high_i or low_j > high_j:
            continue
        fine = 1 if margin - 1.0 > _COARSE_PIXELS else _FINE
        step = 1.0 / fine
        share = 1.0 / (fine * fine)
        du = ub - ua
        dv = vb - va
        span = du * du + dv * dv
        reach = margin * margin
        nax = cut_start[s, 0]
        nay = cut_start[s, 1]
        naz = cut_start[s, 2]
        nbx = cut_end[s, 0]
        nby = cut_end[s, 1]
        nbz = cut_end[s, 2]
        pa = ax * nax + ay * nay + az * naz
        pb = bx * nbx + by * nby + bz * nbz
        ae = ax * ex + ay * ey + az * ez
        for j in range(low_j, high_j + 1):
            for i in range(low_i, high_i + 1):
                pu = i - ua
                pv = j - va
                f = 0.0
                if span > 0.0:
                    f = min(1.0, max(0.0, (pu * du + pv * dv) / span))
                gu = pu - f * du
                gv = pv - f * dv
                if gu * gu + gv * gv > reach:
                    continue
                total = 0.0
                for k in range(fine):
                    y = -(j - middle + (k + 0.5) * step - 0.5) * pitch
                    for m in range(fine):
                        x = (i - middle + (m + 0.5) * step - 0.5) * pitch
                        size = np.sqrt(x * x + y * y + sid * sid)
                        wx = x / size
                        wy = y / size
                        wz = sid / size
                        we = wx * ex + wy * ey + wz * ez
                        wa = wx * ax + wy * ay + wz * az
                        # closest approach of ray t w and axis a + q e
                        sine = 1.0 - we * we
                        sine = max(sine, 1e-12)
                        t = (wa - ae * we) / sine
                        q = (wa * we - ae) / sine
                        cx = t * wx - ax - q * ex
                        cy = t * wy - ay - q * ey
                        cz = t * wz - az - q * ez
                        gap = cx * cx + cy * cy + cz * cz
                        g = min(1.0, max(0.0, q / length))
                        r = r0 + g * (r1 - r0)
                        inside = r * r - gap
                        if inside <= 0.0:
                            continue
                        half = np.sqrt(inside / sine)
                        low = t - half
                        high = t + half
                        rate = wx * nax + wy * nay + wz * naz
                        if rate > 1e-12:
                            low = max(low, pa / rate)
                        elif rate < -1e-12:
                            high = min(high, pa / rate)
                        elif pa > 0.0:
                            continue
                        rate = wx * nbx + wy * nby + wz * nbz
                        if rate > 1e-12:
                            high = min(high, pb / rate)
                        elif rate < -1e-12:
                            low = max(low, pb / rate)
                        elif pb < 0.0:
                            continue
                        if high > low:
                            along = min(1.0, max(0.0, (0.5 * (low + high) * we - ae) / length))
                            chord = high - low
                            for c in range(2):
                                if spared[s, c, 6] > 0.0:
                                    chord -= overlap(spared[s, c], wx, wy, wz, low, high)
                            total += (weight[s, 0] + along * (weight[s, 1] - weight[s, 0])) * max(0.0, chord)
                out[j, i] += total * share


@njit(cache=True)
def overlap(cylinder: NDArray[np.float64], wx: float, wy: float, wz: float, low: float, high: float) -> float:
    """Return the length of a ray from `low` to `high` inside a cylinder (middle, direction, radius, half length)."""
    px, py, pz, ex, ey, ez, radius, half = cylinder
    we = wx * ex + wy * ey + wz * ez
    wa = wx * px + wy * py + wz * pz
    ae = px * ex + py * ey + pz * ez
    sine = max(1.0 - we * we, 1e-12)
    t = (wa - ae * we) / sine
    q = (wa * we - ae) / sine
    cx = t * wx - px - q * ex
    cy = t * wy - py - q * ey
    cz = t * wz - pz - q * ez
    inside = radius * radius - cx * cx - cy * cy - cz * cz
    if inside <= 0.0:
        return 0.0
    reach = np.sqrt(inside / sine)
    begin = max(low, t - reach)
    end = min(high, t + reach)
    if abs(we) > 1e-9:
        one = (ae - half) / we
        two = (ae + half) / we
        begin = max(begin, min(one, two))
        end = min(end, max(one, two))
    elif abs(ae) > half:
        return 0.0
    return float(max(0.0, end - begin))

"""Contact and friction between points of a tissue's surface and the pieces of tools."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.physics.tissue_tool import BACK, KIND, OWNER, R_A, R_B, ROT, SHIFT_A, SHIFT_B, A, B

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
"""Corners of the faces of a brick, in order round each: -x, +x, -y, +y, -z, +z."""


class Surface(NamedTuple):
    """Points of the surface that feel tools: its nodes, middles of its edges and of its faces.

    node: their nodes, twice or four times the same where there are fewer, (s, 4); share: of each node, (s, 4); area: of
    surface that each stands for at rest [m2], (s,).
    """

    node: I8
    share: F8
    area: F8


def surface(mesh: VoxelMesh, alive: Bool) -> Surface:
    """Return the points of the surface of the bricks that are `alive`.

    Nine points a face, four of them its own: an instrument thicker than half a voxel cannot slip in between.
    """
    solid = np.zeros(tuple(s + 2 for s in mesh.shape), dtype=np.bool_)
    place = mesh.voxels + 1
    solid[tuple(place[alive].T)] = True
    quads, areas = [], []
    for f, corners in enumerate(FACES):
        axis, way = f // 2, 2 * (f % 2) - 1
        there = place.copy()
        there[:, axis] += way
        bare = alive & ~solid[tuple(there.T)]
        quads.append(mesh.corners[bare][:, corners])
        areas.append(np.full(int(bare.sum()), float(np.prod(np.delete(mesh.spacing, axis)))))
    quad, area = np.concatenate(quads), np.concatenate(areas)
    rows, sizes = [np.sort(quad, axis=1)], [area / 4.0]
    for k in range(4):
        rows += [np.repeat(quad[:, [k]], 4, axis=1), np.sort(quad[:, [k, k, (k + 1) % 4, (k + 1) % 4]], axis=1)]
        sizes += [area / 16.0, area / 8.0]
    node, where = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    total = np.bincount(where.ravel(), weights=np.concatenate(sizes))
    return Surface(np.ascontiguousarray(node), np.full(node.shape, 0.25), np.asarray(total, dtype=np.float64))


@njit(cache=True)
def find_near(x: F8, skin: Surface, boxes: F8, out: I8) -> int:
    """Write the points that lie in a box of `boxes` (p, 6) into `out`; return how many. Cost about 6 flops each."""
    count = 0
    for s in range(skin.node.shape[0]):
        p0, p1, p2 = 0.0, 0.0, 0.0
        for k in range(4):
            n = 3 * skin.node[s, k]
            p0 += 0.25 * x[n]
            p1 += 0.25 * x[n + 1]
            p2 += 0.25 * x[n + 2]
        for b in range(boxes.shape[0]):
            if (
                boxes[b, 0] <= p0 <= boxes[b, 3]
                and boxes[b, 1] <= p1 <= boxes[b, 4]
                and boxes[b, 2] <= p2 <= boxes[b, 5]
            ):
                out[count] = s
                count += 1
                break
    return count


@njit(cache=True)
def law(gap: float, blend: float) -> tuple[float, float]:
    """Return force and stiffness, per unit stiffness, at `gap` [m]: linear, with a quadratic blend of +- `blend`.

    The blend makes the force C1, without which Newton's iteration does not converge.
    """
    if gap >= blend:
        return 0.0, 0.0
    if gap > -blend:
        d = blend - gap
        return d * d / (4.0 * blend), d / (2.0 * blend)
    return -gap, 1.0


@njit(cache=True)
def gap_to(piece: F8, p: F8, n: F8) -> tuple[float, float]:
    """Return the gap [m] from a piece to point `p`, and the share of the piece's end B; its normal comes into `n`."""
    if piece[KIND] == 0.0:
        along, length = 0.0, 0.0
        for r in range(3):
            d = piece[B + r] - piece[A + r]
            along += d * (p[r] - piece[A + r])
            length += d * d
        t = min(max(along / length, 0.0), 1.0) if length > 0.0 else 0.0
        far = 0.0
        for r in range(3):
            n[r] = p[r] - piece[A + r] - t * (piece[B + r] - piece[A + r])
            far += n[r] * n[r]
        far = math.sqrt(far)
        if far > 0.0:
            for r in range(3):
                n[r] /= far
        else:
            n[0], n[1], n[2] = 0.0, 0.0, 1.0
        return far - (1.0 - t) * piece[R_A] - t * piece[R_B], t
    deepest, axis, out = -1e300, 0, 0.0
    for c in range(3):
        q = 0.0
        for r in range(3):
            q += piece[ROT + 3 * r + c] * (p[r] - piece[A + r])
        n[c] = q
        over = abs(q) - piece[B + c]
        if over > deepest:
            deepest, axis = over, c
        if over > 0.0:
            out += over * over
    out = math.sqrt(out)
    l0, l1, l2 = 0.0, 0.0, 0.0
    for c in range(3):
        sign = 1.0 if n[c] >= 0.0 else -1.0
        over = abs(n[c]) - piece[B + c]
        part = sign * max(over, 0.0) / out if out > 0.0 else (sign if c == axis else 0.0)
        l0 += piece[ROT + c] * part
        l1 += piece[ROT + 3 + c] * part
        l2 += piece[ROT + 6 + c] * part
    n[0], n[1], n[2] = l0, l1, l2
    return (out if out > 0.0 else deepest) - piece[R_A], 0.0


class Law(NamedTuple):
    """Numbers of contact: penalty [N/m3], friction coefficient, tangential over normal stiffness, blend [m]."""

    stiffness: float
    friction: float
    tangential: float
    blend: float


@njit(cache=True)
def touch(
    x: F8, start: F8, skin: Surface, near: I8, table: F8, rule: Law, slip: F8, who: I8, at: I8, force: F8, stiff: F8,
    rub: F8, v: F8,
) -> int:  # fmt: skip
    """Find the contacts of the points `near` at `x`; return how many.

    Each point feels the piece that it is deepest in. Writes, by contact, the point and the piece into `at` (c, 2), the
    force on the tissue [N] into force[c, :3], its normal size into force[c, 3], the share of end B into force[c, 4];
    the stiffness (symmetric, xx xy xz yy yz zz) [N/m] into `stiff` (c, 6); the new slip [m] into `rub` (c, 3).

    Friction is a return mapping: a tangential spring from where the point stuck, `slip` (s, 3) long at the beginning of
    the step, limited by friction times the normal force at `x`. `who` (s,): the owner of the piece touched before, -1.
    When it slides, the tangential stiffness is the secant one, which keeps the system positive. v (5, 3) is scratch.
    """
    count = 0
    p, n, old, z, tang = v[0], v[1], v[2], v[3], v[4]
    for i in range(near.shape[0]):
        s = near[i]
        for r in range(3):
            p[r], old[r] = 0.0, 0.0
            for k in range(4):
                p[r] += 0.25 * x[3 * skin.node[s, k] + r]
                old[r] += 0.25 * start[3 * skin.node[s, k] + r]
        best, which = rule.blend, -1
        for j in range(table.shape[0]):
            gap, _ = gap_to(table[j], p, n)
            if gap < best:
                best, which = gap, j
        if which < 0:
            continue
        piece = table[which]
        gap, t = gap_to(piece, p, n)
        pressed, bent = law(gap, rule.blend)
        k_n = rule.stiffness * skin.area[s]
        normal = k_n * pressed
        inward = 0.0
        for r in range(3):
            back = (1.0 - t) * piece[SHIFT_A + r] + t * piece[SHIFT_B + r]
            for c in range(3):
                back += piece[BACK + 3 * r + c] * p[c]
            z[r] = back - old[r]
            if who[s] == int(piece[OWNER]):
                z[r] += slip[s, r]
            inward += z[r] * n[r]
        size = 0.0
        for r in range(3):
            tang[r] = z[r] - inward * n[r]
            size += tang[r] * tang[r]
        size = math.sqrt(size)
        k_t = rule.tangential * k_n * bent
        if k_t * size > rule.friction * normal:
            k_t = rule.friction * normal / size
        shrink = k_t / (rule.tangential * k_n * bent) if rule.tangential * bent > 0.0 else 0.0
        for r in range(3):
            force[count, r] = normal * n[r] - k_t * tang[r]
            rub[count, r] = shrink * tang[r]
        force[count, 3], force[count, 4] = normal, t
        at[count, 0], at[count, 1] = s, which
        m = 0
        for r in range(3):
            for c in range(r, 3):
                one = 1.0 if r == c else 0.0
                stiff[count, m] = k_n * bent * n[r] * n[c] + k_t * (one - n[r] * n[c])
                m += 1
        count += 1
    return count


@njit(cache=True)
def spread(force: F8, at: I8, count: int, skin: Surface, y: F8) -> None:
    """Take the forces of the contacts off the residual `y`: a quarter for each of a point's four nodes."""
    for i in range(count):
        for k in range(4):
            n = 3 * skin.node[at[i, 0], k]
            for r in range(3):
                y[n + r] -= 0.25 * force[i, r]


@njit(cache=True)
def press(x: F8, stiff: F8, at: I8, count: int, skin: Surface, y: F8) -> None:
    """Add the contacts' stiffness times `x` to `y`."""
    for i in range(count):
        p0, p1, p2 = 0.0, 0.0, 0.0
        for k in range(4):
            n = 3 * skin.node[at[i, 0], k]
            p0 += 0.25 * x[n]
            p1 += 0.25 * x[n + 1]
            p2 += 0.25 * x[n + 2]
        f0 = 0.25 * (stiff[i, 0] * p0 + stiff[i, 1] * p1 + stiff[i, 2] * p2)
        f1 = 0.25 * (stiff[i, 1] * p0 + stiff[i, 3] * p1 + stiff[i, 4] * p2)
        f2 = 0.25 * (stiff[i, 2] * p0 + stiff[i, 4] * p1 + stiff[i, 5] * p2)
        for k in range(4):
            n = 3 * skin.node[at[i, 0], k]
            y[n] += f0
            y[n + 1] += f1
            y[n + 2] += f2


@njit(cache=True)
def add_up(x: F8, force: F8, at: I8, count: int, skin: Surface, table: F8, out: F8) -> None:
    """Add to `out` (p, 9) what tissue does to each piece: force [N], moment about W's origin [N m], share at end B."""
    for i in range(count):
        p0, p1, p2 = 0.0, 0.0, 0.0
        for k in range(4):
            n = 3 * skin.node[at[i, 0], k]
            p0 += 0.25 * x[n]
            p1 += 0.25 * x[n + 1]
            p2 += 0.25 * x[n + 2]
        o = out[at[i, 1]]
        f0, f1, f2 = -force[i, 0], -force[i, 1], -force[i, 2]
        o[0] += f0
        o[1] += f1
        o[2] += f2
        o[3] += p1 * f2 - p2 * f1
        o[4] += p2 * f0 - p0 * f2
        o[5] += p0 * f1 - p1 * f0
        for r in range(3):
            o[6 + r] -= force[i, 4] * force[i, r]

"""One step of a needle: the hub moves in short strides, the shaft bends, the tip goes on along its track."""

from __future__ import annotations

import math

from simtrainer.core.kernel import njit
from simtrainer.physics.needle_axial import axial_force, cover, enter, march, tent, tip_force
from simtrainer.physics.needle_beam import bend, weigh
from simtrainer.physics.needle_problem import (
    ARC,
    AXIAL,
    COUNT,
    COVERED,
    CURVED,
    F8,
    FRONT,
    LAG,
    LONG,
    LOST,
    NEAR,
    ON,
    PEAK,
    PIERCED,
    REACH,
    SEEN,
    SLACK,
    SLIDES,
    SLIPPED,
    SPAN,
    STRIDE,
    TICK,
    WHICH,
    Body,
    Model,
    Scratch,
    Z,
)
from simtrainer.physics.needle_track import (
    SLIVER,
    cut_short,
    distance,
    first_whole,
    forget,
    lay_track,
    layer_of,
    look,
    point_at,
)

DONE, TOO_DEEP, TOO_MANY, NOT_FINITE = 0, 1, 2, 3
"""How a step ended."""
ALIKE = 0.97
"""Cosine between a tip and an old track up to which it finds its way into it. because: design; 14 degrees"""
SWEEP = 0.2
"""Share of the way of the tip that counts for strides where the hub only turns: tissue holds the tip."""


@njit(cache=True)
def advance(model: Model, body: Body, goal: F8, dt: float, scratch: Scratch) -> int:
    """Move the hub to `goal` (4, 3) within `dt` [s]; return how that ended.

    Method: strides of at most `STRIDE`; in each the beam is solved, then the tip goes on along the track. Both are of
    first order in the stride; the laws along the shaft are exact within it. Cost about 400 flops a node and 30 a cell
    of a stride.
    """
    s = body.scalars
    s[TICK] += 1.0
    s[PEAK] = -math.inf
    scratch.begin[:] = body.hub
    moved, turned = 0.0, 0.0
    for r in range(3):
        moved += (goal[0, r] - scratch.begin[0, r]) ** 2
        turned += (goal[1, r] - scratch.begin[1, r]) ** 2
    way = max(math.sqrt(moved), SWEEP * model.beam[LONG] * math.sqrt(turned))
    count = max(math.ceil(way / model.beam[STRIDE]), 1)
    for i in range(count):
        gone = carry(body, scratch.begin, goal, (i + 1.0) / count)
        arc = s[Z] + gone if s[ON] > 0.0 else 0.0
        if not bend(model, body, arc, scratch.band, scratch.right, scratch.place):
            return NOT_FINITE
        ended = stride(model, body, dt / count, scratch)
        if ended != DONE:
            return ended
    weigh(model, body, scratch.place)
    slid, whole = 0.0, 0.0
    for k in range(len(body.cells)):
        slid += body.cells[k, COVERED] * body.cells[k, SLIDES]
        whole += body.cells[k, COVERED]
    s[SLIPPED] = slid / max(whole, 1e-12)
    s[FRONT] = tip_force(model, body, 0.0)
    s[AXIAL] = axial_force(model, body) + s[CURVED]
    s[PEAK] = max(s[PEAK], s[AXIAL])
    body.load[0, 0] = s[AXIAL]
    return DONE if math.isfinite(s[AXIAL] + s[Z] + body.tip[0, 0] + body.load[0, 1] + body.load[0, 2]) else NOT_FINITE


@njit(cache=True)
def carry(body: Body, begin: F8, goal: F8, share: float) -> float:
    """Bring the hub `share` of its way; return how far that carries the tip along its direction [m]."""
    hub, gone = body.hub, 0.0
    for r in range(3):
        at = begin[0, r] + share * (goal[0, r] - begin[0, r])
        gone += (at - hub[0, r]) * body.tip[1, r]
        hub[0, r] = at
        hub[1, r] = begin[1, r] + share * (goal[1, r] - begin[1, r])
        hub[2, r] = begin[2, r] + share * (goal[2, r] - begin[2, r])
    along = 1.0 / math.sqrt(hub[1, 0] ** 2 + hub[1, 1] ** 2 + hub[1, 2] ** 2)
    off = 0.0
    for r in range(3):
        hub[1, r] *= along
        off += hub[1, r] * hub[2, r]
    size = 0.0
    for r in range(3):
        hub[2, r] -= off * hub[1, r]
        size += hub[2, r] * hub[2, r]
    size = 1.0 / math.sqrt(size)
    for r in range(3):
        hub[2, r] *= size
    hub[3, 0] = hub[1, 1] * hub[2, 2] - hub[1, 2] * hub[2, 1]
    hub[3, 1] = hub[1, 2] * hub[2, 0] - hub[1, 0] * hub[2, 2]
    hub[3, 2] = hub[1, 0] * hub[2, 1] - hub[1, 1] * hub[2, 0]
    return gone


@njit(cache=True)
def stride(model: Model, body: Body, dt: float, scratch: Scratch) -> int:
    """Let the tip go to where the beam has it, `scratch.place`, through the tissue on its way."""
    s, place, tip = body.scalars, scratch.place, body.tip
    x = scratch.goal
    for r in range(3):
        x[0, r], x[1, r] = place[0, r], place[1, r]
    if not math.isfinite(x[0, 0] + x[0, 1] + x[0, 2]):
        return NOT_FINITE
    dz = 0.0
    if s[ON] == 0.0:
        way = meet(model, body, x, scratch)
        dz = way if s[ON] > 0.0 else 0.0
    else:
        for r in range(3):
            dz += 0.5 * (x[0, r] - tip[0, r]) * (x[1, r] + tip[1, r])
        dz = steer(model, body, x, dz, place)
    ended = DONE
    if s[ON] > 0.0:
        ended = go(model, body, x, dz, dt, scratch)
    for r in range(3):
        tip[0, r], tip[1, r] = x[0, r], x[1, r]
    if s[Z] > model.beam[SPAN] * len(body.cells):
        return TOO_DEEP
    return ended


@njit(cache=True)
def steer(model: Model, body: Body, x: F8, dz: float, place: F8) -> float:
    """Return how far along the track the tip goes to `x` (2, 3), `dz` [m] by its own direction.

    On an old track it is where the track passes the tip. Too far beside it a tip that goes on leaves it.
    """
    s = body.scalars
    if s[Z] + dz >= s[REACH]:
        return dz
    point_at(model, body, s[Z] + dz, place)
    size, off = 0.0, 0.0
    for r in range(3):
        off += (x[0, r] - place[0, r]) * place[1, r]
        size += place[1, r] * place[1, r]
    beside = 0.0
    for r in range(3):
        beside += (x[0, r] - place[0, r] - off * place[1, r]) ** 2
    if dz > 0.0 and math.sqrt(beside) > model.beam[NEAR]:
        cut_short(model, body, body.tip[0])
        return dz
    return min(dz + off / max(size, 1e-12), max(s[REACH] - s[Z], dz))  # type: ignore[no-any-return]


@njit(cache=True)
def go(model: Model, body: Body, x: F8, dz: float, dt: float, scratch: Scratch) -> int:
    """Take the tip `dz` [m] along its track to `x` (2, 3): what it meets, what resists, what it cuts."""
    s, end = body.scalars, len(body.track) - 1
    if s[Z] + dz > s[SEEN] and not look(model, body, x[0], s[Z] + dz, scratch.walk):
        return TOO_MANY
    march(model, body, dz, dt)
    k = first_whole(body)
    held = k < int(s[COUNT])
    lay_track(model, body, s[Z], min(s[Z], body.cross[k, ARC]) if held else s[Z], x[0], scratch.touch[0])
    if held and s[Z] < s[SEEN]:
        free = s[Z] <= body.cross[k, ARC]
        forget(model, body, True, s[REACH] if free else s[Z], body.track[end] if free else x[0])
    cover(model, body)
    if s[Z] <= 0.0 or (k == 0 and held and lost_touch(model, body, x[0])):
        leave(model, body, x[0])
    return DONE


@njit(cache=True)
def lost_touch(model: Model, body: Body, x: F8) -> bool:
    """Tell that the first surface, not pierced yet, no longer lies before the tip at `x` (3,): it slid off."""
    return distance(model, int(body.cross[0, WHICH]), x[0], x[1], x[2]) > 0.0


@njit(cache=True)
def leave(model: Model, body: Body, x: F8) -> None:
    """Take the tip at `x` (3,) out of the tissue; the track that it cut stays."""
    s = body.scalars
    for k in range(int(s[COUNT])):
        cross = body.cross[k]
        d = cross[SLACK] if cross[PIERCED] > 0.0 else max(s[Z] - cross[ARC], 0.0)
        _, energy = tent(model.walls[int(cross[WHICH])], d, cross[LAG])
        s[LOST] += energy
        cross[SLACK], cross[LAG] = 0.0, 0.0
    s[COUNT], s[Z], s[ON], s[SEEN] = first_whole(body), 0.0, 0.0, 0.0
    cover(model, body)
    enter(model, body, 0)
    for j in range(len(body.field)):  # it is outside of all, whatever rounding says, or it would never touch again
        body.field[j] = max(distance(model, j, x[0], x[1], x[2]), SLIVER)


@njit(cache=True)
def meet(model: Model, body: Body, x: F8, scratch: Scratch) -> float:
    """Look whether the tip, in the air, touches tissue on its way to `x` (2, 3); return how far it goes on then [m]."""
    s, tip, field, walk = body.scalars, body.tip[0], body.field, scratch.walk
    outside, at = layer_of(model, field), 2.0
    for j in range(len(field)):
        walk[0, j] = distance(model, j, x[0, 0], x[0, 1], x[0, 2])
        if (walk[0, j] < 0.0) != (field[j] < 0.0):
            at = min(at, field[j] / (field[j] - walk[0, j]))
    if layer_of(model, walk[0]) == outside:
        for j in range(len(field)):
            field[j] = walk[0, j]
        return 0.0
    length = 0.0
    for r in range(3):
        length += (x[0, r] - tip[r]) ** 2
    length = math.sqrt(length)
    place, end = scratch.place, len(body.track) - 1
    for r in range(3):
        place[0, r] = tip[r] + at * (x[0, r] - tip[r])
    s[ON], s[Z] = 1.0, 0.0
    if s[COUNT] > 0.0 and finds_track(model, body, x, scratch):
        s[SEEN] = s[REACH]
        for j in range(len(field)):
            field[j] = distance(model, j, body.track[end, 0], body.track[end, 1], body.track[end, 2])
        return (1.0 - at) * length
    for r in range(3):
        body.track[0, r] = place[0, r]
        body.track[end, r] = place[0, r]
    s[COUNT], s[REACH], s[SEEN] = 0.0, 0.0, -at * length
    return (1.0 - at) * length


@njit(cache=True)
def finds_track(model: Model, body: Body, x: F8, scratch: Scratch) -> bool:
    """Tell that a tip that points as `x` (2, 3) and touches at `scratch.place` slides into the hole that is there."""
    away, alike, size = 0.0, 0.0, 0.0
    touch = scratch.touch
    for r in range(3):
        touch[0, r] = scratch.place[0, r]
    point_at(model, body, 0.0, scratch.place)
    for r in range(3):
        away += (touch[0, r] - body.track[0, r]) ** 2
        alike += x[1, r] * scratch.place[1, r]
        size += scratch.place[1, r] ** 2
    return math.sqrt(away) < model.beam[NEAR] and alike > ALIKE * math.sqrt(size)

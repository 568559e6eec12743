"""Where the tip goes: surfaces of the tissue, the track that the tip cuts, and where the two cross."""

from __future__ import annotations

import math

from simtrainer.core.kernel import njit
from simtrainer.physics.needle_problem import (
    AIM,
    ARC,
    BEYOND,
    BEYOND_IT,
    COUNT,
    CROSS,
    CROSSINGS,
    CYLINDER,
    F8,
    GRID,
    KIND,
    PIERCED,
    PLACE,
    PLANE,
    REACH,
    SEEN,
    SENSE,
    SIGN,
    SPAN,
    WHICH,
    WIDE,
    Body,
    Model,
    Z,
)
from simtrainer.physics.rod_wall import clearance_at

FAR = 1.0
"""Distance [m] that a sampled surface has where it knows nothing."""
EDGE = 5e-5
"""Advance [m] within which a tip that is pressed aside cuts there. because: design; the edge of a needle's point"""
SLIVER = 1e-12
"""Distance [m] that stands for "just on this side"."""


@njit(cache=True)
def distance(model: Model, j: int, x: float, y: float, z: float) -> float:
    """Return the distance [m] of a point from surface j, positive outside. Cost 10 flops, 60 where it is sampled."""
    s = model.surfaces[j]
    dx, dy, dz = x - s[PLACE], y - s[PLACE + 1], z - s[PLACE + 2]
    along = dx * s[AIM] + dy * s[AIM + 1] + dz * s[AIM + 2]
    if s[KIND] == PLANE:
        return along  # type: ignore[no-any-return]
    if s[KIND] == CYLINDER:
        return math.sqrt(max(dx * dx + dy * dy + dz * dz - along * along, 0.0)) - s[WIDE]  # type: ignore[no-any-return]
    g = int(s[GRID])
    shape = model.shapes[g]
    first, begin = model.starts[g, 0], model.starts[g, 1]
    bricks = model.bricks[first : first + shape[0] * shape[1] * shape[2]].reshape((shape[0], shape[1], shape[2]))
    found = clearance_at((bricks, model.values[begin:], model.corners[g, :3], model.corners[g, 3]), x, y, z)
    return s[SIGN] * found if math.isfinite(found) else FAR


@njit(cache=True)
def layer_of(model: Model, field: F8) -> int:
    """Return the layer where surfaces are at distances `field`: inside the last that encloses it, or air."""
    for j in range(len(field) - 1, -1, -1):
        if field[j] < 0.0:
            return int(model.surfaces[j, BEYOND_IT])
    return 0


@njit(cache=True)
def look(model: Model, body: Body, y: F8, arc: float, scratch: F8) -> bool:
    """Find what the tip crosses on its way to `y` (3,), whose arc length is `arc` [m]; note it on the track.

    The way begins where `body.field` was seen. scratch (2, j): distances at the end, and where between 0 and 1 they
    change sign. Returns False where the track has no room left.
    """
    s, field = body.scalars, body.field
    count = len(field)
    for j in range(count):
        scratch[0, j] = distance(model, j, y[0], y[1], y[2])
        turned = (scratch[0, j] < 0.0) != (field[j] < 0.0)
        scratch[1, j] = field[j] / (field[j] - scratch[0, j]) if turned else 2.0
    begin = s[SEEN]
    while True:
        first = 0
        for j in range(1, count):
            if scratch[1, j] < scratch[1, first]:
                first = j
        at = scratch[1, first]
        if not at <= 1.0:  # also where it is no number
            break
        before = layer_of(model, field)
        sense = 1.0 if scratch[0, first] < 0.0 else -1.0
        field[first] = scratch[0, first] if scratch[0, first] != 0.0 else SLIVER
        scratch[1, first] = 2.0
        beyond = layer_of(model, field)
        if beyond != before:
            n = int(s[COUNT])
            if n == CROSSINGS:
                return False
            for c in range(CROSS):
                body.cross[n, c] = 0.0
            body.cross[n, ARC] = begin + at * (arc - begin)
            body.cross[n, WHICH] = first
            body.cross[n, SENSE] = sense
            body.cross[n, BEYOND] = beyond
            s[COUNT] = n + 1
    for j in range(count):
        field[j] = scratch[0, j]
    s[SEEN] = arc
    return True


@njit(cache=True)
def first_whole(body: Body) -> int:
    """Return the first crossing that is not pierced, or the number of crossings."""
    for k in range(int(body.scalars[COUNT])):
        if body.cross[k, PIERCED] == 0.0:
            return k
    return int(body.scalars[COUNT])


@njit(cache=True)
def layer_at(body: Body, arc: float) -> int:
    """Return the layer around arc length `arc`: beyond the last pierced crossing before it."""
    layer = 0
    for k in range(int(body.scalars[COUNT])):
        if body.cross[k, PIERCED] == 0.0 or body.cross[k, ARC] > arc:
            break
        layer = int(body.cross[k, BEYOND])
    return layer


@njit(cache=True)
def forget(model: Model, body: Body, whole: bool, arc: float, x: F8) -> None:
    """Drop crossings beyond the tip, the whole (not pierced) ones or all, and look anew from `arc` [m] at `x` (3,).

    A crossing that the tip left must be met again: where the surface says otherwise by rounding it is overruled.
    """
    s = body.scalars
    for j in range(len(body.field)):
        body.field[j] = distance(model, j, x[0], x[1], x[2])
    n = int(s[COUNT])
    while n > 0 and body.cross[n - 1, ARC] > s[Z] and not (whole and body.cross[n - 1, PIERCED] > 0.0):
        n -= 1
        j, sense = int(body.cross[n, WHICH]), body.cross[n, SENSE]
        if (body.field[j] < 0.0) == (sense > 0.0):
            body.field[j] = SLIVER * sense
    s[COUNT], s[SEEN] = n, arc


@njit(cache=True)
def point_at(model: Model, body: Body, arc: float, out: F8) -> None:
    """Write the point [m] and the direction of the track at arc length `arc` into `out` (2, 3).

    Beyond its end it goes on as the tip points; before its begin as it begins.
    """
    span, reach, end = model.beam[SPAN], body.scalars[REACH], len(body.track) - 1
    if arc >= reach:
        for r in range(3):
            out[1, r] = body.tip[1, r]
            out[0, r] = body.track[end, r] + (arc - reach) * out[1, r]
        return
    k = max(int(arc / span), 0)
    high = (k + 1) * span
    last = high > reach
    width = (reach if last else high) - k * span
    if width < 1e-3 * span and k > 0:
        k -= 1
        width += span
    u = max(arc, 0.0) - k * span
    for r in range(3):
        step = (body.track[end, r] if last else body.track[k + 1, r]) - body.track[k, r]
        out[1, r] = step / max(width, 1e-9)
        out[0, r] = body.track[k, r] + u * out[1, r]


@njit(cache=True)
def lay_track(model: Model, body: Body, arc: float, to: float, x: F8, goal: F8) -> None:
    """Let the track reach `to` [m] on the way from its end to the tip at `x` (3,), whose arc length is `arc` [m].

    What the tip presses aside without advancing is not cut: the track begins in the tip's direction and comes to the
    tip within `EDGE`. goal (3,) is scratch.
    """
    span, reach, end = model.beam[SPAN], body.scalars[REACH], len(body.track) - 1
    if to <= reach:
        return
    ahead = arc - reach
    per, cut = 1.0 / ahead, 1.0 - math.exp(-ahead / EDGE)
    for r in range(3):
        straight = body.track[end, r] + ahead * body.tip[1, r]
        goal[r] = straight + cut * (x[r] - straight)
    k = int(reach / span) + 1
    while k * span <= to and k < end:
        u = (k * span - reach) * per
        for r in range(3):
            body.track[k, r] = body.track[end, r] + u * (goal[r] - body.track[end, r])
        k += 1
    u = (to - reach) * per
    for r in range(3):
        body.track[end, r] += u * (goal[r] - body.track[end, r])
    body.scalars[REACH] = to


@njit(cache=True)
def cut_short(model: Model, body: Body, x: F8) -> None:
    """Let the track end at the tip at `x` (3,): what lay beyond is another place now."""
    end = len(body.track) - 1
    for r in range(3):
        body.track[end, r] = x[r]
    body.scalars[REACH] = body.scalars[Z]
    forget(model, body, False, body.scalars[Z], x)

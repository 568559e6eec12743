"""What resists along the shaft: the wall before the tip, the tip that cuts, and tissue that sticks to the shaft.

Every law is a spring with a limit, and its work is split exactly into what is stored and what is lost, along the
one-way path of a stride. Stiffness before puncture, cutting and friction as separate parts: Okamura, Simone and
O'Leary, IEEE Trans. Biomed. Eng. 51, 2004.
"""

from __future__ import annotations

import math

from simtrainer.core.kernel import njit
from simtrainer.physics.needle_problem import (
    ARC,
    BEYOND,
    COUNT,
    COVER,
    COVERED,
    CUT,
    F8,
    FADE,
    FADES,
    FADING,
    HERE,
    KINETIC,
    L_ARC,
    L_BEYOND,
    L_FORCE,
    L_SENSE,
    L_WHEN,
    L_WHICH,
    LAG,
    LATERAL,
    LEFT,
    LINEAR,
    LOGGED,
    LOST,
    MOST,
    MOVING,
    PEAK,
    PIERCE,
    PIERCED,
    PUNCTURES,
    PUSH,
    RATE,
    REACH,
    RECOIL,
    REST,
    SENSE,
    SHEAR,
    SIDE,
    SLACK,
    SLIDES,
    SPAN,
    SQUARE,
    STATIC,
    STIFF,
    STRETCH,
    TICK,
    TIP,
    WHEN,
    WHICH,
    WORK,
    Body,
    Model,
    Z,
)
from simtrainer.physics.needle_track import first_whole, layer_at

STILL = 1e-9
"""Stride [m] below which a shaft that slid sticks again. because: design; far below a hand, above rounding"""


@njit(cache=True)
def tent(wall: F8, d: float, lag: float) -> tuple[float, float]:
    """Return force [N] and energy [J] of a wall pushed by `d` [m] whose slow part has followed by `lag` [m].

    a1 d + a2 d^2, a share of a1 behind a dashpot (standard linear solid).
    """
    a, b, c = wall[LINEAR], wall[SQUARE], wall[FADE] * wall[LINEAR]
    force = (a - c) * d + b * d * d + c * (d - lag)
    return force, 0.5 * (a - c) * d * d + b * d * d * d / 3.0 + 0.5 * c * (d - lag) * (d - lag)


@njit(cache=True)
def free_at(wall: F8, lag: float) -> float:
    """Return the displacement [m] at which a wall that has followed by `lag` does not push."""
    a, b, c = wall[LINEAR], wall[SQUARE], wall[FADE] * wall[LINEAR] * lag
    free: float = 2.0 * c / (a + math.sqrt(a * a + 4.0 * b * c))
    return free


@njit(cache=True)
def tip_force(model: Model, body: Body, dz: float) -> float:
    """Return the force [N] at the tip once it has moved on by `dz` [m]: cutting, and walls that it pushes."""
    s = body.scalars
    layer = model.layers[int(s[HERE])]
    total: float = max(min(layer[PUSH] * stretched(s, dz), layer[CUT]), 0.0)
    for k in range(first_whole(body), int(s[COUNT])):
        force, _ = tent(model.walls[int(body.cross[k, WHICH])], s[Z] + dz - body.cross[k, ARC], body.cross[k, LAG])
        if s[Z] + dz > body.cross[k, ARC]:
            total += max(force, 0.0)
    return total


@njit(cache=True)
def stretched(s: F8, dz: float) -> float:
    """Return the displacement [m] before the tip after `dz`, before it cuts; only what is not cut yet resists."""
    return s[TIP] + (dz if dz < 0.0 else max(s[Z] + dz - max(s[Z], s[REACH]), 0.0))  # type: ignore[no-any-return]


@njit(cache=True)
def relax(model: Model, body: Body, dt: float) -> None:
    """Let all that fades do so for `dt` [s], the needle at rest; exact exponentials. Only loses energy."""
    s = body.scalars
    layer = model.layers[int(s[HERE])]
    least = layer[REST] * layer[CUT] / layer[PUSH]
    if s[TIP] > least:
        new = least + (s[TIP] - least) * math.exp(-dt * layer[RATE])
        s[LOST] += 0.5 * layer[PUSH] * (s[TIP] * s[TIP] - new * new)
        s[TIP] = new
    for k in range(first_whole(body), int(s[COUNT])):
        wall = model.walls[int(body.cross[k, WHICH])]
        d = s[Z] - body.cross[k, ARC]
        if d <= 0.0 and body.cross[k, LAG] <= 0.0:
            continue
        _, before = tent(wall, d, body.cross[k, LAG])
        body.cross[k, LAG] += (d - body.cross[k, LAG]) * (1.0 - math.exp(-dt * wall[FADING]))
        _, after = tent(wall, d, body.cross[k, LAG])
        s[LOST] += before - after
    recoil(model, body, dt)
    for k in range(cells_in(model, s[COVER])):
        c = body.cells[k]
        if c[STIFF] <= 0.0:
            continue
        force, least = abs(c[STIFF] * c[STRETCH]), c[LEFT]
        if force > least:
            new = (least + (force - least) * math.exp(-dt * c[FADES])) / c[STIFF]
            s[LOST] += 0.5 * c[STIFF] * (c[STRETCH] * c[STRETCH] - new * new)
            c[STRETCH] = math.copysign(new, c[STRETCH])


@njit(cache=True)
def recoil(model: Model, body: Body, dt: float) -> None:
    """Let pierced walls slide back along the shaft for `dt` [s]."""
    for k in range(first_whole(body)):
        cross = body.cross[k]
        if cross[SLACK] > 0.0:
            wall = model.walls[int(cross[WHICH])]
            _, before = tent(wall, cross[SLACK], cross[LAG])
            fade = math.exp(-dt * wall[RECOIL])
            cross[SLACK] *= fade
            cross[LAG] *= fade
            _, after = tent(wall, cross[SLACK], cross[LAG])
            body.scalars[LOST] += before - after


@njit(cache=True)
def cells_in(model: Model, cover: float) -> int:
    """Return how many cells of the track the first `cover` [m] of it touch."""
    return max(math.ceil(cover / model.beam[SPAN] - 1e-9), 0)  # type: ignore[no-any-return]


@njit(cache=True)
def shift(model: Model, body: Body, dz: float) -> None:
    """Move tip and shaft on by `dz` [m] with all that sticks to them, and book the work. No wall gives way here."""
    s = body.scalars
    layer = model.layers[int(s[HERE])]
    k, most = layer[PUSH], layer[CUT] / layer[PUSH]
    trial = stretched(s, dz)
    new = max(min(trial, most), 0.0)
    gone = layer[CUT] * max(trial - new, 0.0)
    s[LOST] += gone
    s[WORK] += 0.5 * k * (new * new - s[TIP] * s[TIP]) + gone
    s[TIP] = new
    for i in range(int(s[COUNT])):
        push_wall(model.walls[int(body.cross[i, WHICH])], body.cross[i], s, dz)
    for i in range(cells_in(model, s[COVER])):
        drag(body.cells[i], s, dz)
    s[Z] += dz


@njit(cache=True)
def push_wall(wall: F8, cross: F8, s: F8, dz: float) -> None:
    """Move the tip by `dz` [m] against a wall, or the shaft through one that slides back."""
    if cross[PIERCED] > 0.0:
        if cross[SLACK] <= 0.0:
            return
        force, before = tent(wall, cross[SLACK], cross[LAG])
        if dz >= 0.0:  # it slips along the shaft
            s[WORK] += max(force, 0.0) * dz
            s[LOST] += max(force, 0.0) * dz
            return
        keep = max(cross[SLACK] + dz, 0.0) / cross[SLACK]
        cross[SLACK] *= keep
        cross[LAG] *= keep
        _, after = tent(wall, cross[SLACK], cross[LAG])
        s[WORK] += after - before
        return
    d0, d1 = max(s[Z] - cross[ARC], 0.0), max(s[Z] + dz - cross[ARC], 0.0)
    begin = max(d0, free_at(wall, cross[LAG]))
    _, before = tent(wall, d0, cross[LAG])
    _, carried = tent(wall, begin, cross[LAG])
    force, after = tent(wall, d1, cross[LAG])
    if force >= 0.0:
        s[WORK] += after - (before if d0 >= begin else carried)
        s[LOST] -= 0.0 if d0 >= begin else carried - before
        return
    free = free_at(wall, cross[LAG])
    _, least = tent(wall, free, cross[LAG])
    cross[LAG] = (wall[LINEAR] * d1 + wall[SQUARE] * d1 * d1) / (wall[FADE] * wall[LINEAR])
    _, after = tent(wall, d1, cross[LAG])
    s[WORK] += least - before
    s[LOST] += least - after


@njit(cache=True)
def drag(c: F8, s: F8, dz: float) -> None:
    """Move the shaft by `dz` [m] through one cell: return mapping onto the static, then the sliding limit."""
    if c[STIFF] <= 0.0:
        return
    old = c[STRETCH]
    trial = old + dz
    way = 1.0 if trial > 0.0 else -1.0
    again = c[SLIDES] > 0.0 and dz * way > STILL and old * way >= 0.0
    limit = (c[MOVING] if again else c[MOST]) / c[STIFF]
    if abs(trial) <= limit:
        c[STRETCH] = trial
        if not again:  # it turned round, or stands: the static limit holds again
            c[SLIDES] = 0.0
        s[WORK] += 0.5 * c[STIFF] * (trial * trial - old * old)
        return
    # up to the limit it is elastic; what is stored beyond the sliding limit is lost when it lets go
    new = way * c[MOVING] / c[STIFF]
    top = max(limit, abs(old)) if old * way > 0.0 else limit
    s[WORK] += 0.5 * c[STIFF] * (top * top - old * old) + c[MOVING] * (abs(trial) - top)
    s[LOST] += 0.5 * c[STIFF] * (top * top - new * new) + c[MOVING] * (abs(trial) - top)
    c[STRETCH], c[SLIDES] = new, 1.0


@njit(cache=True)
def march(model: Model, body: Body, dz: float, dt: float) -> None:
    """Advance the tip by `dz` [m] in `dt` [s]; a wall gives way at the very place where the tip's force is its limit.

    Cost about 30 flops a cell.
    """
    s, whole = body.scalars, dz
    relax(model, body, dt)
    if dz < 0.0:
        enter(model, body, layer_at(body, s[Z] + dz))
    for _ in range(int(s[COUNT]) + 1):
        k = first_whole(body)
        if k == int(s[COUNT]) or dz < 0.0 or s[Z] + dz <= body.cross[k, ARC]:
            break
        limit = model.walls[int(body.cross[k, WHICH]), PIERCE]
        if tip_force(model, body, dz) < limit:
            break
        part = reached(model, body, dz, limit, body.cross[k, ARC])
        shift(model, body, part)
        s[PEAK] = max(s[PEAK], axial_force(model, body))
        pierce(model, body, k)
        dz -= part
        recoil(
            model, body, dt * dz / max(whole, 1e-12)
        )  # the rest of the stride, or walls and the next tissue would add up
    shift(model, body, dz)
    for k in range(int(s[COUNT])):
        cross = body.cross[k]
        if cross[SLACK] > 0.0 and s[Z] < cross[ARC]:  # the tip has slipped out of it
            _, energy = tent(model.walls[int(cross[WHICH])], cross[SLACK], cross[LAG])
            s[LOST] += energy
            cross[SLACK], cross[LAG] = 0.0, 0.0
    s[PEAK] = max(s[PEAK], axial_force(model, body))
    enter(model, body, layer_at(body, s[Z]))


@njit(cache=True)
def reached(model: Model, body: Body, dz: float, limit: float, arc: float) -> float:
    """Return how far the tip comes before its force is `limit` [N], at least as far as the wall at `arc`: bisection."""
    low: float = min(max(arc - body.scalars[Z], 0.0), dz)
    high = dz
    if tip_force(model, body, low) >= limit:
        return low
    for _ in range(40):
        middle = 0.5 * (low + high)
        if tip_force(model, body, middle) < limit:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True)
def pierce(model: Model, body: Body, k: int) -> None:
    """Let crossing k give way: what it stored slides back along the shaft, the tip is in what lies beyond."""
    s, cross = body.scalars, body.cross[k]
    n = int(s[PUNCTURES])
    row = body.log[n % LOGGED]
    row[L_WHICH], row[L_SENSE], row[L_WHEN] = cross[WHICH], cross[SENSE], s[TICK]
    row[L_FORCE], row[L_BEYOND], row[L_ARC] = tip_force(model, body, 0.0), cross[BEYOND], cross[ARC]
    s[PUNCTURES] = n + 1
    cross[PIERCED], cross[WHEN], cross[SLACK] = 1.0, s[TICK], max(s[Z] - cross[ARC], 0.0)
    enter(model, body, int(cross[BEYOND]))


@njit(cache=True)
def enter(model: Model, body: Body, layer: int) -> None:
    """Let the tip be in `layer`; what it pushes before it can only lose energy by that."""
    s = body.scalars
    if layer == int(s[HERE]):
        return
    old, new = model.layers[int(s[HERE])], model.layers[layer]
    energy = 0.5 * old[PUSH] * s[TIP] * s[TIP]
    force = min(old[PUSH] * s[TIP], new[CUT], math.sqrt(2.0 * new[PUSH] * energy))
    s[TIP] = force / new[PUSH]
    s[LOST] += energy - 0.5 * new[PUSH] * s[TIP] * s[TIP]
    s[HERE] = layer


@njit(cache=True)
def axial_force(model: Model, body: Body) -> float:
    """Return the force [N] along the shaft that the hand needs, without that of the bent track."""
    s = body.scalars
    total = tip_force(model, body, 0.0)
    for k in range(int(s[COUNT])):
        if body.cross[k, PIERCED] > 0.0 and body.cross[k, SLACK] > 0.0:
            force, _ = tent(model.walls[int(body.cross[k, WHICH])], body.cross[k, SLACK], body.cross[k, LAG])
            total += max(force, 0.0)
    for k in range(cells_in(model, s[COVER])):
        total += body.cells[k, STIFF] * body.cells[k, STRETCH]
    return total


@njit(cache=True)
def cover(model: Model, body: Body) -> None:
    """Find what of the track holds the shaft now, and give every cell the sums of its layers.

    Tissue comes to the shaft unstrained: a cell that grows keeps its force. One that shrinks keeps its strain.
    """
    s, span = body.scalars, model.beam[SPAN]
    k = first_whole(body)
    until = s[Z] if k == int(s[COUNT]) else min(s[Z], body.cross[k, ARC])
    until = max(min(until, span * len(body.cells)), 0.0)
    low = max(cells_in(model, min(s[COVER], until)) - 1, 0)
    for i in range(low, cells_in(model, max(s[COVER], until))):
        c = body.cells[i]
        stiff = c[STIFF]
        for q in (STIFF, MOST, MOVING, LEFT, FADES, LATERAL, COVERED):
            c[q] = 0.0
        begin, end = i * span, min((i + 1) * span, until)
        for p in range(k + 1):
            stop = min(end, body.cross[p, ARC]) if p < k else end
            if stop > begin:
                add(c, model.layers[layer_at(body, 0.5 * (begin + stop))], stop - begin)
                begin = stop
        if c[COVERED] > 0.0:
            c[FADES] /= c[COVERED]
        settle(c, stiff, s)
    s[COVER] = until


@njit(cache=True)
def add(c: F8, layer: F8, length: float) -> None:
    """Add `length` [m] of a layer to a cell."""
    c[STIFF] += layer[SHEAR] * length if layer[STATIC] > 0.0 else 0.0
    c[MOST] += layer[STATIC] * length
    c[MOVING] += layer[KINETIC] * length
    c[LEFT] += layer[REST] * layer[KINETIC] * length
    c[FADES] += layer[RATE] * length
    c[LATERAL] += layer[SIDE] * length
    c[COVERED] += length


@njit(cache=True)
def settle(c: F8, stiff: float, s: F8) -> None:
    """Bring the strain of a cell whose stiffness was `stiff` [N/m] to what it is now, and book what is lost."""
    before = 0.5 * stiff * c[STRETCH] * c[STRETCH]
    if c[STIFF] <= 0.0:
        c[STRETCH], c[SLIDES] = 0.0, 0.0
    elif c[STIFF] > stiff:
        c[STRETCH] *= stiff / c[STIFF]
        c[SLIDES] = 1.0 if stiff <= 0.0 else c[SLIDES]  # what the tip has just come past was never at rest
    top = c[MOST] / max(c[STIFF], 1e-30)
    c[STRETCH] = max(min(c[STRETCH], top), -top)
    s[LOST] += before - 0.5 * c[STIFF] * c[STRETCH] * c[STRETCH]


@njit(cache=True)
def stored(model: Model, body: Body) -> float:
    """Return the energy [J] of walls, of tissue before the tip and of tissue that the shaft drags."""
    s = body.scalars
    total = 0.5 * model.layers[int(s[HERE]), PUSH] * s[TIP] * s[TIP]
    for k in range(int(s[COUNT])):
        d = body.cross[k, SLACK] if body.cross[k, PIERCED] > 0.0 else max(s[Z] - body.cross[k, ARC], 0.0)
        _, energy = tent(model.walls[int(body.cross[k, WHICH])], d, body.cross[k, LAG])
        total += energy
    for k in range(cells_in(model, s[COVER])):
        total += 0.5 * body.cells[k, STIFF] * body.cells[k, STRETCH] * body.cells[k, STRETCH]
    return total  # type: ignore[no-any-return]

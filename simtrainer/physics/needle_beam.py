"""The shaft: an Euler-Bernoulli beam held by the hub, on the springs of the tissue along its own track."""

from __future__ import annotations

import math

from simtrainer.core.kernel import njit
from simtrainer.physics.band import factor_of, solve_of
from simtrainer.physics.needle_problem import (
    ARC,
    COUNT,
    COVER,
    COVERED,
    CURVED,
    F8,
    FADE,
    HERE,
    LATERAL,
    LEAN,
    LINEAR,
    LONG,
    ON,
    PIERCED,
    PUSH,
    RIGID,
    SPAN,
    SQUARE,
    STEP,
    TIP,
    WHICH,
    Body,
    Model,
    Z,
)
from simtrainer.physics.needle_track import point_at

WIDTH = 4
"""Width of the band: deflection and slope of two neighbours."""
factor, solve = factor_of(WIDTH), solve_of(WIDTH)
AT = (0.5 - 0.5 * math.sqrt(0.6), 0.5, 0.5 + 0.5 * math.sqrt(0.6))
"""Gauss points of an edge ; exact for polynomials up to the fifth degree with the lengths of `EDGE`."""
EDGE = (0.0, 5.0 / 18.0, 13.0 / 18.0, 1.0)
"""Stretches of the edge that they stand for."""
LEAST = 0.2
"""Cosine between track and axis below which the beam's small turns are far left. because: design; 78 degrees"""


@njit(cache=True)
def shape(u: float) -> tuple[float, float, float, float]:
    """Return Hermite's cubics at `u` (0 to 1) of an edge; slopes count times the edge's length."""
    return (
        1.0 - u * u * (3.0 - 2.0 * u), u * (1.0 - u) * (1.0 - u), u * u * (3.0 - 2.0 * u), u * u * (u - 1.0)
    )  # fmt: skip


@njit(cache=True)
def softness(model: Model, body: Body, arc: float, low: float, high: float) -> float:
    """Return the lateral stiffness [N/m] of the tissue from `low` to `high` [m], for which a point at `arc` stands.

    Its modulus is linear between the middles of cells; where tissue begins and ends within the stretch only its part
    counts.
    """
    span, until = model.beam[SPAN], body.scalars[COVER]
    part = min(high, until) - max(low, 0.0)
    if part <= 0.0:
        return 0.0
    u = min(max(arc, 0.0), until) / span - 0.5
    k = max(math.floor(u), 0)
    first, second = firmness(body, k), firmness(body, k + 1)
    if first < 0.0:
        return 0.0
    if second >= 0.0:
        first += min(max(u - k, 0.0), 1.0) * (second - first)
    return first * part  # type: ignore[no-any-return]


@njit(cache=True)
def firmness(body: Body, k: int) -> float:
    """Return the lateral modulus [N/m2] of cell k, -1 where no tissue is."""
    if k >= len(body.cells) or body.cells[k, COVERED] <= 0.0:
        return -1.0
    return body.cells[k, LATERAL] / body.cells[k, COVERED]  # type: ignore[no-any-return]


@njit(cache=True)
def tip_hold(model: Model, body: Body) -> float:
    """Return how stiffly [N/m] walls that the tip pushes hold it across."""
    total = 0.0
    s = body.scalars
    for k in range(int(s[COUNT])):
        d = s[Z] - body.cross[k, ARC]
        if body.cross[k, PIERCED] == 0.0 and d > 0.0:
            wall = model.walls[int(body.cross[k, WHICH])]
            total += (1.0 - wall[FADE]) * wall[LINEAR] + wall[SQUARE] * d
    return total


@njit(cache=True)
def assemble(model: Model, body: Body, arc: float, band: F8, right: F8, place: F8) -> None:
    """Write the beam's stiffness (2 n + 2, WIDTH) and loads (2, 2 n + 2), the tip at `arc` [m] of the track.

    The first node is held: its unknowns are left out. place (2, 3) is scratch.
    """
    h, n = model.beam[STEP], model.nodes
    hub = body.hub
    band[:] = 0.0
    right[:] = 0.0
    stiff = model.beam[RIGID] / (h * h * h)
    for e in range(n - 1):
        at = 2 * (e - 1)
        if e > 0:
            band[at, 0] += 12.0 * stiff
            band[at, 1] += 6.0 * stiff
            band[at, 2] -= 12.0 * stiff
            band[at, 3] += 6.0 * stiff
            band[at + 1, 0] += 4.0 * stiff
            band[at + 1, 1] -= 6.0 * stiff
            band[at + 1, 2] += 2.0 * stiff
        band[at + 2, 0] += 12.0 * stiff
        band[at + 2, 1] -= 6.0 * stiff
        band[at + 3, 0] += 4.0 * stiff
    behind = arc - model.beam[LONG]
    begin = min(max(int(-behind / h) - 1, 0), n - 1) if body.scalars[COVER] > 0.0 else n - 1
    for e in range(begin, n - 1):
        at = 2 * (e - 1)
        for g in range(3):
            along = (e + AT[g]) * h
            k = softness(model, body, behind + along, behind + (e + EDGE[g]) * h, behind + (e + EDGE[g + 1]) * h)
            if k <= 0.0:
                continue
            point_at(model, body, behind + along, place)
            rest0, rest1 = across(hub, place, along, 2), across(hub, place, along, 3)
            w = shape(AT[g])
            for p in range(4):
                if at + p < 0:
                    continue
                right[0, at + p] += k * w[p] * rest0
                right[1, at + p] += k * w[p] * rest1
                for q in range(p, 4):
                    band[at + p, q - p] += k * w[p] * w[q]
    load_tip(model, body, band, right)


@njit(cache=True)
def across(hub: F8, place: F8, along: float, row: int) -> float:
    """Return how far the track lies from the hub's axis along one of its directions, `along` [m] from the hub.

    place (2, 3): a point of the track nearby and the track's direction there; a bent track is longer than the axis.
    """
    off, far, slope, ahead = 0.0, along, 0.0, 0.0
    for r in range(3):
        off += (place[0, r] - hub[0, r]) * hub[row, r]
        far -= (place[0, r] - hub[0, r]) * hub[1, r]
        slope += place[1, r] * hub[row, r]
        ahead += place[1, r] * hub[1, r]
    return off + far * slope / ahead if ahead > LEAST else off


@njit(cache=True)
def lean(model: Model, body: Body) -> float:
    """Return the force [N] of the tissue on the bevel, along the way it faces: it pushes the tip the other way."""
    s = body.scalars
    return -model.beam[LEAN] * model.layers[int(s[HERE]), PUSH] * s[TIP]  # type: ignore[no-any-return]


@njit(cache=True)
def load_tip(model: Model, body: Body, band: F8, right: F8) -> None:
    """Add what acts at the tip: the bevel's load, and walls that it pushes, which hold it where it met them."""
    at, end = 2 * (model.nodes - 2), len(body.track) - 1
    hub = body.hub
    right[0, at] += lean(model, body)
    hold = tip_hold(model, body)
    band[at, 0] += hold
    for r in range(3):
        off = body.track[end, r] - hub[0, r]
        right[0, at] += hold * off * hub[2, r]
        right[1, at] += hold * off * hub[3, r]


@njit(cache=True)
def bend(model: Model, body: Body, arc: float, band: F8, right: F8, place: F8) -> bool:
    """Bring the shaft to rest, the tip at `arc` [m] of the track, and find where its tip is.

    Method: cubic finite elements, exact for loads at nodes, order 4 on a foundation; banded LDL^T. Cost about 300 flops
    a node. Returns False where the system is not positive definite.
    """
    assemble(model, body, arc, band, right, place)
    if not factor(band, 0.0):
        return False
    h, n, hub = model.beam[STEP], model.nodes, body.hub
    for c in range(2):
        solve(band, right[c])
        body.bend[c, 0, 0], body.bend[c, 0, 1] = 0.0, 0.0
        for i in range(1, n):
            body.bend[c, i, 0] = right[c, 2 * (i - 1)]
            body.bend[c, i, 1] = right[c, 2 * (i - 1) + 1] / h
    y0, y1 = body.bend[0, n - 1, 0], body.bend[1, n - 1, 0]
    d0, d1 = body.bend[0, n - 1, 1], body.bend[1, n - 1, 1]
    per = 1.0 / math.sqrt(1.0 + d0 * d0 + d1 * d1)
    for r in range(3):
        place[0, r] = hub[0, r] + model.beam[LONG] * hub[1, r] + y0 * hub[2, r] + y1 * hub[3, r]
        place[1, r] = per * (hub[1, r] + d0 * hub[2, r] + d1 * hub[3, r])
    return True


@njit(cache=True)
def weigh(model: Model, body: Body, place: F8) -> None:
    """Write what the hand needs across the axis, and along it because the track is bent: virtual work of springs."""
    h, n, hub, s = model.beam[STEP], model.nodes, body.hub, body.scalars
    body.load[:] = 0.0
    s[CURVED] = 0.0
    if s[ON] == 0.0:
        return
    behind = s[Z] - model.beam[LONG]
    begin = min(max(int(-behind / h) - 1, 0), n - 1)
    for e in range(begin, n - 1):
        for g in range(3):
            along = (e + AT[g]) * h
            k = softness(model, body, behind + along, behind + (e + EDGE[g]) * h, behind + (e + EDGE[g + 1]) * h)
            if k <= 0.0:
                continue
            point_at(model, body, behind + along, place)
            w = shape(AT[g])
            for c in range(2):
                y = body.bend[c]
                at = w[0] * y[e, 0] + w[1] * h * y[e, 1] + w[2] * y[e + 1, 0] + w[3] * h * y[e + 1, 1]
                force = k * (at - across(hub, place, along, 2 + c))
                pull(body.load, c, along, force)
                for r in range(3):
                    s[CURVED] -= force * place[1, r] * hub[2 + c, r]
    hold, end = tip_hold(model, body), len(body.track) - 1
    for c in range(2):
        off = body.bend[c, n - 1, 0]
        for r in range(3):
            off -= (body.track[end, r] - hub[0, r]) * hub[2 + c, r]
        pull(body.load, c, model.beam[LONG], hold * off)
    pull(body.load, 0, model.beam[LONG], -lean(model, body))


@njit(cache=True)
def pull(load: F8, c: int, along: float, force: float) -> None:
    """Add a force [N] across the shaft in direction c, `along` [m] from the hub, to what the hand bears."""
    load[0, 1 + c] += force
    load[1, 2 - c] += along * force if c == 0 else -along * force

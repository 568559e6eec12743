"""What coaxial devices weigh and resist at each node: integrals of their profiles over the nodes' cells."""

from __future__ import annotations

import numpy as np

from simtrainer.core.kernel import njit
from simtrainer.physics.rod_problem import (
    AMID,
    BEND,
    CELL,
    COUPLE,
    F8,
    GRIP,
    HELD,
    MASS,
    OUTER,
    PRESENT,
    RADIUS,
    REACH,
    REST,
    STORED,
    STRETCH,
    TURN,
)

TABLE_STEP_MM = 0.25
"""Step of a device's table [mm]."""
T_BEND, T_COUPLE, T_STORED, T_TURN, T_MASS, T_RADIUS = 0, 1, 2, 3, 4, 5
"""Columns of a device's table, by distance from its tip. The first five are integrals from the tip: of EI [N mm3], EI
times natural curvature [N mm2], EI curvature^2 / 2 [N mm], GJ [N mm3], mass [g]; the last is the outer radius [mm]."""
COUPLED, SQUARED, TURNED = 0, 1, 2
SLIVER_MM = 1e-7
"""Ends nearer than this to the end of a cell [mm] count as that end. because: integrals of 1e6 N mm3 over what is left
of the cell are rounding, 0.1 N mm2 at 1e-9 mm, and a rigidity that is rounding can be 0; what the change of a rigidity
over 1e-7 mm of 2 mm does to the energy is far below the rest of rounding in a force."""
STRETCH_N = 2000.0
"""EA [N]; because: reference comparison, 2000 N stretches 0.1 % at 2 N, the true 5900 N only slows Newton."""
STRETCH_PER_BEND_MM2 = 20.0
"""EA over EI where that is less [1/mm2]: a floppy tip of 6 N mm2 buckles below 0.1 N and stretches 0.1 % at that."""


@njit(cache=True)
def looked_up(table: F8, d: int, at: float, out: F8) -> None:
    """Write the columns of device d's table at distance `at` [mm] from its tip into `out` (5,), linear between rows.

    Beyond the last row integrals go on at their last slope.
    """
    last = table.shape[1] - 1
    u = max(at, 0.0) / TABLE_STEP_MM
    k = min(int(u), last - 1)
    u -= k
    for c in range(T_RADIUS):
        out[c] = (1.0 - u) * table[d, k, c] + u * table[d, k + 1, c]


@njit(cache=True)
def radius_at(table: F8, d: int, at: float) -> float:
    """Return the outer radius [mm] of device d at distance `at` [mm] from its tip."""
    last = table.shape[1] - 1
    u = max(at, 0.0) / TABLE_STEP_MM
    k = min(int(u), last - 1)
    u = min(u - k, 1.0)
    return (1.0 - u) * table[d, k, T_RADIUS] + u * table[d, k + 1, T_RADIUS]  # type: ignore[no-any-return]


@njit(cache=True)
def weigh(table: F8, sheath: F8, s: F8, lead: float, inserted: F8, node: F8, device: F8) -> None:
    """Write the columns that follow from nodes and insertions alone into `node` (n, NODE) and `device`.

    All are integrals over each node's cell, so that they move on smoothly while a device slides past the nodes. Where
    something ends inside a cell its parts bend one after the other: compliances add up, not stiffnesses, and the force
    with which the bent rest drives the ending piece out comes out right. sheath (3,): length [mm], EI [N mm2], radius.
    """
    n, devices = s.shape[0], inserted.shape[0]
    past, at, sums = np.zeros((devices, T_RADIUS)), np.zeros((devices, T_RADIUS)), np.zeros((3, devices))
    for d in range(devices):
        looked_up(table, d, inserted[d] - s[0], past[d])
    for i in range(n):
        a = 0.5 * (s[i - 1] + s[i]) if i > 0 else s[0]
        b = 0.5 * (s[i] + s[i + 1]) if i < n - 1 else lead
        node[i, REST] = (s[i + 1] if i < n - 2 else lead) - s[i]
        node[i, REACH] = b - a
        # the free end has no bending element of its own; without the rest of it stored energy would get lost there
        end = lead if i == n - 2 else b
        node[i, CELL] = end - a
        node[i, MASS] = 0.0
        compliance, stored = 0.0, 0.0
        for d in range(devices):
            sums[COUPLED, d], sums[SQUARED, d] = 0.0, 0.0
            sums[TURNED, d] = past[d, T_TURN]
        while a < end:
            stop = end
            if a + SLIVER_MM < sheath[0] < stop - SLIVER_MM:
                stop = sheath[0]
            for d in range(devices):
                if a + SLIVER_MM < inserted[d] < stop - SLIVER_MM:
                    stop = inserted[d]
            stiff = sheath[1] if stop <= sheath[0] + SLIVER_MM else 0.0
            length = stop - a
            for d in range(devices):
                looked_up(table, d, inserted[d] - stop, at[d])
                stiff += (past[d, T_BEND] - at[d, T_BEND]) / length
            soft = 1.0 / max(stiff, 1e-9)
            compliance += length * soft
            for d in range(devices):
                couple = past[d, T_COUPLE] - at[d, T_COUPLE]
                sums[COUPLED, d] += couple * soft
                sums[SQUARED, d] += couple * couple * soft / length
                stored += past[d, T_STORED] - at[d, T_STORED]
                node[i, MASS] += past[d, T_MASS] - at[d, T_MASS]
                for c in range(T_RADIUS):
                    past[d, c] = at[d, c]
            a = stop
        node[i, BEND] = node[i, CELL] / compliance
        for d in range(devices):
            w = sums[COUPLED, d]
            node_stored = 0.5 * (w * w / compliance - sums[SQUARED, d])
            stored += node_stored
            filled = min(max(inserted[d] - end + node[i, CELL], 0.0), node[i, CELL])
            device[i, d, PRESENT] = 1.0 if filled > 0.0 and i < n - 1 else 0.0
            device[i, d, COUPLE] = w / compliance
            turned = sums[TURNED, d] - at[d, T_TURN]
            device[i, d, TURN] = turned / filled / node[i, CELL] if filled > 0.0 else 0.0
        node[i, STORED] = stored
        if i == n - 2:  # what is beyond the reach of this node weighs on the last
            for d in range(devices):
                looked_up(table, d, inserted[d] - b, past[d])
                node[i, MASS] -= past[d, T_MASS] - at[d, T_MASS]
    for i in range(n):
        a = lead - node[i, REACH] if i == n - 1 else s[i] + 0.5 * node[i, REST] - node[i, REACH]
        envelop(table, sheath, a, s[i], inserted, node[i])
        k = STRETCH_PER_BEND_MM2 * node[i, BEND] + 20.0
        node[i, STRETCH] = min(STRETCH_N, k) if i > 1 else STRETCH_N
        # half of the wall is felt amid the edges: a ridge between two nodes would cut deep into an edge of 5 mm
        node[i, AMID] = 0.5 * node[i, REST] if HELD <= i < n - 1 else 0.0
        node[i, GRIP] = node[i, REACH] - 0.5 * (node[i, AMID] + (node[i - 1, AMID] if i > 0 else 0.0))
    node[n - 1, GRIP] += node[n - 2, REST]  # a tip that meets the wall head on has nothing but itself to press with


@njit(cache=True)
def envelop(table: F8, sheath: F8, a: float, s: float, inserted: F8, node: F8) -> None:
    """Write radius and outer device of the node at arc length `s` that stands for the rod from `a` on.

    Where something thicker ends within the node's reach the radius is that of both by their shares: it must not jump
    when a tip passes a node that the wall presses on.
    """
    reach = node[REACH]
    share = min(max((sheath[0] - a) / reach, 0.0), 1.0)
    total = share * sheath[2]
    outer, inner, thick, thin = -1, -1, 0.0, 0.0
    for d in range(inserted.shape[0]):
        if inserted[d] > a:
            here = radius_at(table, d, inserted[d] - s)
            if here > thick:
                outer, inner, thick, thin = d, outer, here, thick
            elif here > thin:
                inner, thin = d, here
    for d, radius in ((outer, thick), (inner, thin)):
        if d >= 0:
            filled = min((inserted[d] - a) / reach, 1.0)
            total += max(filled - share, 0.0) * radius
            share = max(filled, share)
    for d in range(inserted.shape[0]):
        if inserted[d] > a and d not in (outer, inner):
            filled = min((inserted[d] - a) / reach, 1.0)
            total += max(filled - share, 0.0) * radius_at(table, d, inserted[d] - s)
            share = max(filled, share)
    node[RADIUS] = total / share if share > 0.0 else 0.0
    if s <= sheath[0] or outer < 0:
        node[OUTER] = -1.0
    else:
        node[OUTER] = float(outer if inserted[outer] > s - 1e-6 or inner < 0 else inner)

"""A wire that is pushed against a wall until it buckles: Euler's columns and the sliding sleeve."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import ellipe, ellipk

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodReadout, RodSettings
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.rig import GUIDEWIRE, feed, field_of, settle, uniform

X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)
WALL = 0.2
"""Distance of the wall from the access [m]."""
SLIPPERY_TO, STICKING_TO = 0.2045, 0.19985
"""Length of wire that is pushed in [m]: far beyond buckling, and so little that the load is still Euler's."""
PINNED = 20.1907
"""(u)^2 with tan u = u: load of a clamped and pinned column in EI / L^2.

because: Timoshenko and Gere, Theory of Elastic Stability, 2.5
"""


def pushed_on_a_wall(friction: float, to: float, *, sideways: float, node_step: float = 4.0 * MM) -> RodReadout:
    """Return a wire pushed out of a clamp, `to` [m] in, against a wall 200 mm away.

    Parameters
    ----------
    sideways
        Weight [m/s2] that tells it which way to buckle.
    node_step
        Half of it near the tip.
    """
    wall = field_of(lambda p: WALL - p[:, 0], np.array([-0.01, -0.1, -0.02]), np.array([0.22, 0.03, 0.02]), 2e-3, 0.02)
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=0.5 * node_step, zone=0.03,
        friction=friction, gravity=(0.0, -sideways, 0.0), tolerance=1e-7, iterations=30,
    )  # fmt: skip
    rod = Rod(wall, ORIGIN, X, (uniform(GUIDEWIRE),), settings)
    state = feed(rod, rod.init(), np.array([0.199]), ticks=60, dt=0.1)
    state = feed(rod, state, np.array([to]), ticks=30, dt=0.1)
    return rod.read(settle(rod, state, ticks=40))


def elastica_load(chord_share: float, length: float) -> tuple[float, float]:
    """Return load [N] and base moment [N m] of a clamped column whose free end has come down to a share of its length.

    Euler's elastica: x / L = 2 E(k) / K(k) - 1, P = EI K^2 / L^2, y = 2 k L / K, k = sin(tip angle / 2).
    """
    m = brentq(lambda q: 2.0 * ellipe(q) / ellipk(q) - 1.0 - chord_share, 1e-9, 0.8)
    load = GUIDEWIRE * N_MM2 * ellipk(m) ** 2 / length**2
    return float(load), float(load * 2.0 * np.sqrt(m) * length / ellipk(m))


def slippery(node_step: float) -> tuple[RodReadout, float, float]:
    """Return a wire buckled on a slippery wall, and its load [N] and base moment [N m] by Euler's elastica."""
    read = pushed_on_a_wall(0.0, SLIPPERY_TO, sideways=2e-3, node_step=node_step)
    clamp = 0.5 * node_step  # amid the clamped edge
    length = SLIPPERY_TO - clamp
    return read, *elastica_load((float(read.points[-1, 0]) - clamp) / length, length)


def _load(node_step: float) -> Pair:
    read, load, _ = slippery(node_step)
    return Pair(load, -float(read.wall_force[-1, 0]))


def _sleeve(node_step: float) -> Pair:
    """Compare the hand's force: a sliding clamp drives the bent wire out by M^2 / 2 EI."""
    read, load, moment = slippery(node_step)
    return Pair(load - moment**2 / (2.0 * GUIDEWIRE * N_MM2), float(read.hand_force[0]))


def _pinned(node_step: float) -> Pair:
    read = pushed_on_a_wall(2.0, STICKING_TO, sideways=2e-2, node_step=node_step)
    length = STICKING_TO - 0.5 * node_step
    return Pair(PINNED * GUIDEWIRE * N_MM2 / length**2, -float(read.wall_force[-1, 0]))


closed_forms.put(
    "buckling_free_end",
    ClosedForm(
        title="Load of a column with a free end, buckled by 2 %",
        unit="N",
        source="Euler's elastica: P = EI K^2 / L^2",
        limit=0.01,
        node_steps=(16.0 * MM, 8.0 * MM, 4.0 * MM),
        measure=_load,
    ),
)
closed_forms.put(
    "buckling_sleeve_hand",
    ClosedForm(
        title="Hand that pushes a buckled column out of its clamp",
        unit="N",
        source="P - M^2 / 2 EI (Bigoni et al., Mech. Mater. 80, 2015)",
        limit=0.01,
        node_steps=(16.0 * MM, 8.0 * MM, 4.0 * MM),
        measure=_sleeve,
    ),
)
closed_forms.put(
    "buckling_pinned_end",
    ClosedForm(
        title="Load of a column clamped and pinned",
        unit="N",
        source="20.19 EI / L^2 (Timoshenko and Gere, Theory of Elastic Stability, 2.5)",
        limit=0.01,
        node_steps=(16.0 * MM, 8.0 * MM, 4.0 * MM),
        measure=_pinned,
    ),
)

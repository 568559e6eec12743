"""A straight heavy wire that lies in a groove: what friction takes of a push and of a turn."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodSettings, RodState
from simtrainer.physics.rod_problem import BLEND_MM
from simtrainer.physics.wall import RIGID
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.rig import GRAVITY, feed, field_of, settle, uniform

GROOVE, LENGTH, MASS = 4.0 * MM, 0.4, 0.02
"""Radius of the groove [m], length of wire [m], and its mass per length [kg/m]: heavy, so that little else matters."""
RADIUS, EI, GJ = 0.45 * MM, 20.0, 60.0
"""Of the wire: [m], [N mm2] and [N mm2]."""
TOTAL = 2.0
"""Whole length of the wire [m]; what is outside twists as well."""
DROP, CLAMP = 0.03 * MM, 2.5 * MM
"""Depth of the floor below the access, and distance from the access to the middle of the clamped edge [m]."""
TURN = 9.0
"""By which the hub is turned [rad]."""


def resting() -> float:
    """Return the length of wire [m] whose weight the floor carries.

    The access is DROP above the floor, and contact begins BLEND above it. The wire comes down over L by w L^4 / 72 EI,
    and the clamp carries two thirds of that: slope and moment are 0 where the floor begins.
    """
    sunk = np.sqrt(4.0 * BLEND_MM * MASS * GRAVITY * MM / (RIGID.give * MM * MM))  # mm, of w = k d^2 / 4 b
    drop = DROP - (BLEND_MM - sunk) * MM
    return float(LENGTH - CLAMP - 2.0 / 3.0 * (72.0 * EI * N_MM2 * drop / (MASS * GRAVITY)) ** 0.25)


@cache
def groove() -> SparseGrid:
    """Return the field of a tube along x whose floor is DROP below a wire at the height of the access."""
    rise, spacing = GROOVE - RADIUS - DROP, 0.5 * MM
    smoothed = spacing**2 / 8.0 / GROOVE  # by which the spline makes the bore narrower
    low, high = np.array([-0.01, -0.003, -0.003]), np.array([0.43, 0.003, 0.004])
    return field_of(lambda p: GROOVE + smoothed - np.hypot(p[:, 1], p[:, 2] - rise), low, high, spacing, 2.0 * MM)


def lying(friction: float) -> tuple[Rod, RodState]:
    """Return the wire at rest in the groove."""
    settings = RodSettings(
        sheath_length=10.0 * MM, sheath_rigidity=0.0, sheath_radius=RADIUS, friction=friction,
        gravity=(0.0, 0.0, -GRAVITY), fine=4.0 * MM, tolerance=1e-6, iterations=20,
    )  # fmt: skip
    device = uniform(EI, mass=MASS, turning=GJ, radius=RADIUS, length=TOTAL)
    rod = Rod(groove(), np.zeros(3), np.array([1.0, 0.0, 0.0]), (device,), settings)
    state = feed(rod, rod.init(), np.array([LENGTH]), ticks=40, dt=0.1)
    return rod, settle(rod, state, ticks=10)


@cache
def turned(friction: float) -> tuple[Pair, Pair]:
    """Return the torque at the hub [N m] and the lag of the tip behind the hub's end [rad] of a wire that is turned.

    Torque mu w r / sqrt(1 + mu^2) per length: the wire climbs its groove until it slides, N = w cos(atan mu).
    """
    rod, state = lying(friction)
    state = feed(rod, state, np.array([LENGTH]), ticks=100, dt=1.0, hub=np.array([TURN]))
    read = rod.read(state)
    per_length = friction * MASS * GRAVITY * RADIUS / np.hypot(1.0, friction)
    outside = float(read.hand_torque[0]) / (GJ * N_MM2) * (TOTAL - LENGTH)
    lag = per_length * resting() * (LENGTH - 0.5 * resting()) / (GJ * N_MM2)
    torque = Pair(per_length * resting(), float(read.hand_torque[0]))
    return torque, Pair(lag, TURN - outside - float(read.tip_angle[0]))


def pushed(friction: float, by: float) -> Pair:
    """Return the force [N] that pushes the wire on, or back, by a length [m]: mu times the weight on the floor."""
    rod, state = lying(friction)
    read = rod.read(feed(rod, state, np.array([LENGTH + by]), ticks=100, dt=0.01))
    return Pair(float(np.sign(by)) * friction * MASS * GRAVITY * (resting() + by), float(read.hand_force[0]))


def _torque(_: float, *, friction: float) -> Pair:
    return turned(friction)[0]


def _lag(_: float, *, friction: float) -> Pair:
    return turned(friction)[1]


def _push(_: float, *, friction: float) -> Pair:
    return pushed(friction, 10.0 * MM)


for _friction in (0.1, 0.3):
    closed_forms.put(
        f"torque_hub_{_friction:g}",
        ClosedForm(
            title=f"Torque that turns a wire in a groove, friction {_friction:g}",
            unit="N m",
            source="mu w r L / sqrt(1 + mu^2)",
            limit=0.01,
            node_steps=(5.0 * MM,),
            measure=partial(_torque, friction=_friction),
        ),
    )
    closed_forms.put(
        f"torque_lag_{_friction:g}",
        ClosedForm(
            title=f"Lag of the tip of a wire turned in a groove, friction {_friction:g}",
            unit="rad",
            source="torque along the wire, integrated over GJ",
            limit=0.02,
            node_steps=(5.0 * MM,),
            measure=partial(_lag, friction=_friction),
        ),
    )
    closed_forms.put(
        f"sliding_push_{_friction:g}",
        ClosedForm(
            title=f"Push that moves a wire along a groove, friction {_friction:g}",
            unit="N",
            source="Coulomb: mu w L",
            limit=0.01,
            node_steps=(5.0 * MM,),
            measure=partial(_push, friction=_friction),
        ),
    )

"""A wall that moves: a groove that drags a wire along, and a floor that bulges and lifts a cantilever."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from scipy.optimize import brentq

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodControl, RodSettings
from simtrainer.physics.sway import Sway
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.closed_form.groove import EI as HEAVY_EI
from simtrainer.studies.closed_form.groove import LENGTH, MASS, TOTAL, groove, resting
from simtrainer.studies.closed_form.groove import RADIUS as HEAVY_RADIUS
from simtrainer.studies.rig import GRAVITY, feed, field_of, settle, uniform

FRICTION, DRAG, TICKS = 0.3, 10.0 * MM, 100
"""Between wire and groove; how far the groove moves [m], and in how many ticks of 10 ms."""
EVERYWHERE = Sway(np.zeros((1, 3)), np.full((1, 3), 1e4), np.array([20.0 * MM]))
"""A mode so wide that it moves the whole groove."""
SPAN, EI, RADIUS, GAP, LIFT = 0.15, 3e4, 0.45 * MM, 1.0 * MM, 4.0 * MM
"""Cantilever: length out of the clamp [m], EI [N mm2], so stiff that the wall hardly gives, radius; its distance from
the floor, and how far that bulges."""
WIDE = 30.0 * MM
"""Reach of the bulge along the wire [m]; across it the whole floor rises."""


@cache
def dragged(along: float) -> Pair:
    """Return the push [N] that holds a wire while its groove moves by `along` [m]: mu times the weight."""
    settings = RodSettings(
        sheath_length=10.0 * MM, sheath_rigidity=0.0, sheath_radius=HEAVY_RADIUS, friction=FRICTION,
        gravity=(0.0, 0.0, -GRAVITY), fine=4.0 * MM, tolerance=1e-6, iterations=20, sway=EVERYWHERE,
    )  # fmt: skip
    device = uniform(HEAVY_EI, mass=MASS, turning=60.0, radius=HEAVY_RADIUS, length=TOTAL)
    rod = Rod(groove(), np.zeros(3), np.array([1.0, 0.0, 0.0]), (device,), settings)
    state = settle(rod, feed(rod, rod.init(), np.array([LENGTH]), ticks=40, dt=0.1), ticks=10)
    for k in range(1, TICKS + 1):
        moved = np.array([[along * k / TICKS, 0.0, 0.0]])
        state = rod.step(state, RodControl(np.array([LENGTH]), np.zeros(1), moved), 0.01)
    return Pair(-float(np.sign(along)) * FRICTION * MASS * GRAVITY * resting(), float(rod.read(state).hand_force[0]))


@cache
def floor() -> SparseGrid:
    """Return the field of a floor GAP below the surface of a wire at the height of the access."""
    low, high = np.array([-0.01, -0.01, -0.02]), np.array([SPAN + 0.03, 0.01, 0.02])
    return field_of(lambda p: p[:, 2] + RADIUS + GAP, low, high, 1.0 * MM, 10.0 * MM)


@cache
def lifted(node_step: float) -> Pair:
    """Return the force [N] of the bulge under a clamped wire, 3 EI h / a^3, and what the wall reads.

    The wire touches where the bulge is as steep as the bent wire there: h' = 3 h / 2 a, a from the clamp.
    """
    clamp = 0.5 * node_step  # amid the clamped edge
    bulge = Sway(np.array([[SPAN + clamp, 0.0, 0.0]]), np.array([[WIDE, 1e4, 1e4]]), np.array([LIFT]))
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, sheath_radius=RADIUS, coarse=node_step, fine=node_step,
        friction=0.0, tolerance=1e-7, iterations=30, sway=bulge,
    )  # fmt: skip
    rod = Rod(floor(), np.zeros(3), np.array([1.0, 0.0, 0.0]), (uniform(EI, mass=1e-3),), settings)
    out = np.array([SPAN + clamp])
    state = settle(rod, feed(rod, rod.init(), out, ticks=40, dt=0.1), ticks=5)
    for k in range(1, 41):
        state = rod.step(state, RodControl(out, np.zeros(1), np.array([[0.0, 0.0, LIFT * k / 40]])), 0.5)
    for _ in range(10):
        state = rod.step(state, RodControl(out, np.zeros(1), np.array([[0.0, 0.0, LIFT]])), 0.5)
    read = rod.read(state)
    a = brentq(lambda x: _rise(x) * (SPAN - x) / WIDE**2 - 1.5 * (_rise(x) - GAP) / x, SPAN - WIDE, SPAN)
    return Pair(3.0 * EI * N_MM2 * (_rise(a) - GAP) / a**3, float(read.wall_force[:, 2].sum()))


def _rise(x: float) -> float:
    """Return how far the floor has come up [m] at `x` [m] from the clamp."""
    return float(LIFT * np.exp(-0.5 * ((x - SPAN) / WIDE) ** 2))


def _dragged(_: float, *, along: float) -> Pair:
    return dragged(along)


for _name, _along in (("out", DRAG), ("in", -DRAG)):
    closed_forms.put(
        f"moving_wall_drag_{_name}",
        ClosedForm(
            title=f"Force that holds a wire while its groove moves {'away' if _along > 0.0 else 'back'}",
            unit="N",
            source="Coulomb: mu w L",
            limit=0.01,
            node_steps=(5.0 * MM,),
            measure=partial(_dragged, along=_along),
        ),
    )
closed_forms.put(
    "moving_wall_lift",
    ClosedForm(
        title="Force of a floor that bulges under a clamped wire",
        unit="N",
        source="Euler and Bernoulli: 3 EI h / a^3",
        limit=0.01,
        node_steps=(5.0 * MM, 2.5 * MM),
        measure=lifted,
    ),
)

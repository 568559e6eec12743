"""A limp cord over a slippery or rough drum: the capstan law, hauled in and paid out."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.physics.rod_device import Profile
from simtrainer.physics.rod_layout import layout
from simtrainer.physics.rod_prepare import MOTION
from simtrainer.physics.rod_read import WALL
from simtrainer.physics.rod_step import Shape
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.rig import GRAVITY, field_of, settle

DRUM, RADIUS, HEIGHT, HANG = 20.0 * MM, 0.45 * MM, 60.0 * MM, 60.0 * MM
"""Radius of the drum and of the cord, height of the drum's axis, length that hangs down [m]."""
EI = 2.0
"""Of the limp cord [N mm2]."""
WEIGHT, HEAVY = 0.5, 30.0 * MM
"""Weight at the cord's end [N], and the length that carries it [m]."""
NODE_STEP = 2.0 * MM
HAUL, PAY_OUT = -1.0, 1.0


def cord() -> Profile:
    """Return the cord."""
    one = np.ones(3)
    heavy = WEIGHT * 60.0 / 61.0 / GRAVITY / HEAVY  # the millimetre in which the mass falls off weighs half
    mass = np.array([heavy, heavy, 1e-9])
    distance = np.array([0.0, HEAVY, HEAVY + 1.0 * MM])
    return Profile(distance, one * EI * N_MM2, one * 0.0, one * EI * N_MM2, one * RADIUS, mass, 2.0)


@cache
def drum() -> SparseGrid:
    """Return the field of the drum, 1 mm: clearance is positive outside it."""
    centre = DRUM + RADIUS
    low, high = np.array([-0.01, -0.008, -0.01]), np.array([0.055, 0.008, 0.095])
    return field_of(lambda p: np.hypot(p[:, 0] - centre, p[:, 2] - HEIGHT) - DRUM, low, high, 1.0 * MM, 4.0 * MM)


def laid_over(friction: float, *, substeps: int = 2, node_step: float = NODE_STEP) -> tuple[Rod, RodState]:
    """Return a cord that comes up from the access, lies over the drum and hangs down on the other side."""
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, friction=friction, gravity=(0.0, 0.0, -GRAVITY),
        coarse=node_step, fine=node_step, zone=40.0 * MM, substeps=substeps, iterations=20, tolerance=1e-6,
    )  # fmt: skip
    rod = Rod(drum(), np.zeros(3), np.array([0.0, 0.0, 1.0]), (cord(),), settings)
    length = HEIGHT + np.pi * (DRUM + RADIUS) + HANG
    s, _ = layout(
        length / MM, np.zeros(0), np.arange(0.0, 2.0 * length, node_step) / MM, node_step / MM, np.array([40.0]), 0.0
    )
    angle = np.clip((s * MM - HEIGHT) / (DRUM + RADIUS), 0.0, np.pi)
    x = np.zeros((len(s), 3))
    x[:, 0] = (DRUM + RADIUS) * (1.0 - np.cos(angle))
    down = np.maximum(s * MM - HEIGHT - np.pi * (DRUM + RADIUS), 0.0)
    x[:, 2] = np.minimum(s * MM, HEIGHT) + (DRUM + RADIUS) * np.sin(angle) - down
    n = len(s)
    shape = Shape(
        s, x / MM, np.zeros((n - 1, 1)), np.zeros((n, MOTION)), np.array([length / MM]), np.zeros(1), np.zeros((0, 3))
    )
    return rod, settle(rod, RodState(shape, np.zeros((n, WALL)), np.zeros((1, 2)), np.zeros(4)), ticks=10, dt=0.1)


def hauled(
    friction: float, direction: float, *, dt: float = 0.01, substeps: int = 2, node_step: float = NODE_STEP
) -> float:
    """Return the mean pull [N] of the hand while it hauls the cord in (-1) or pays it out (+1) at 10 mm/s."""
    rod, state = laid_over(friction, substeps=substeps, node_step=node_step)
    inserted, pulls = np.array(rod.read(state).inserted), []
    ticks = round(0.8 / dt)
    for _ in range(ticks):
        inserted = inserted + direction * 0.01 * dt
        state = rod.step(state, RodControl(inserted, np.zeros(1)), dt)
        pulls.append(-rod.read(state).hand_force[0])
    return float(np.mean(pulls[ticks // 2 :]))


def limp(friction: float, direction: float) -> float:
    """Return the pull [N] by the capstan law, T1 / T2 = exp(mu phi) over half a drum."""
    return float(WEIGHT * np.exp(-direction * friction * np.pi))


def rope(friction: float, direction: float) -> float:
    """Return the pull [N] of a cord with bending stiffness: T - EI / 2 R^2 grows as exp(mu phi)."""
    stiff = EI * N_MM2 / 2.0 / (DRUM + RADIUS) ** 2
    return float((WEIGHT - stiff) * np.exp(-direction * friction * np.pi) + stiff)


def _pull(node_step: float, *, friction: float, direction: float) -> Pair:
    return Pair(rope(friction, direction), hauled(friction, direction, node_step=node_step))


for _name, _direction in (("haul", HAUL), ("pay_out", PAY_OUT)):
    for _friction in (0.1, 0.3):
        closed_forms.put(
            f"capstan_{_name}_{_friction:g}",
            ClosedForm(
                title=f"Pull to {_name.replace('_', ' ')} a cord over half a drum, friction {_friction:g}",
                unit="N",
                source="capstan law with bending stiffness: T - EI / 2 R^2 grows as exp(mu phi)",
                limit=0.005,
                node_steps=(8.0 * MM, 4.0 * MM, 2.0 * MM),
                measure=partial(_pull, friction=_friction, direction=_direction),
            ),
        )

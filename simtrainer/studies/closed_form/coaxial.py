"""A straight wire in a bent catheter: the force that drives it, and the curvature that both agree on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodReadout, RodSettings, RodState
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.rig import GUIDEWIRE, feed, free_space, settle, uniform

X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)
WIRE, CATHETER, RADIUS = GUIDEWIRE, 100.0, 20.0 * MM
"""EI of both [N mm2] and natural radius of the catheter [m]."""
DRIVE = 0.5 * WIRE * CATHETER / (WIRE + CATHETER) * N_MM2 / RADIUS**2
"""Energy per length that straightening takes, which is the push force [N]: 0.0938."""
GUIDE = 900.0
"""EI of a guiding catheter over both [N mm2]. because: design, twice a 5F shaft"""
GUIDE_DRIVE = 0.5 * CATHETER**2 * (1.0 / (WIRE + CATHETER) - 1.0 / (WIRE + CATHETER + GUIDE)) * N_MM2 / RADIUS**2
"""Push force of the guide over wire and catheter [N]: 0.0216."""
SLIDES, SLIDE = 12, 0.37 * MM
"""Pushes over which the force is averaged, at places between the nodes that have nothing to do with them."""


def straight_in_bent(node_step: float) -> tuple[Rod, RodState]:
    """Return a straight wire half way in a catheter that is bent all along."""
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=node_step, zone=0.02, tolerance=1e-6
    )
    bent = uniform(CATHETER, curvature=1.0 / RADIUS, curved=0.3, radius=0.8 * MM)
    rod = Rod(free_space(), ORIGIN, X, (uniform(WIRE), bent), settings)
    state = feed(rod, rod.init(), np.array([0.0, 0.1]), ticks=30, dt=0.1)
    return rod, feed(rod, state, np.array([0.05, 0.1]), ticks=30, dt=0.1)


def drives(node_step: float) -> NDArray[np.float64]:
    """Return the force at both hands [N] after each of some small pushes of the wire, shape (SLIDES, 2)."""
    rod, state = straight_in_bent(node_step)
    forces = []
    for _ in range(SLIDES):
        state = feed(rod, state, rod.read(state).inserted + np.array([SLIDE, 0.0]), ticks=1, dt=0.1)
        forces.append(rod.read(settle(rod, state, ticks=3)).hand_force)
    return np.array(forces)


def guide_over_both(node_step: float) -> tuple[Rod, RodState]:
    """Return a straight guide half way over a straight wire in a catheter that is bent all along."""
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=node_step, zone=0.02, tolerance=1e-6
    )
    bent = uniform(CATHETER, curvature=1.0 / RADIUS, curved=0.3, radius=0.8 * MM)
    devices = (uniform(WIRE), bent, uniform(GUIDE, radius=1.2 * MM))
    rod = Rod(free_space(), ORIGIN, X, devices, settings)
    state = feed(rod, rod.init(), np.array([0.08, 0.1, 0.0]), ticks=30, dt=0.1)
    return rod, feed(rod, state, np.array([0.08, 0.1, 0.05]), ticks=30, dt=0.1)


def guide_drives(node_step: float) -> NDArray[np.float64]:
    """Return the force at all three hands [N] after each of some small pushes of the guide, shape (SLIDES, 3)."""
    rod, state = guide_over_both(node_step)
    forces = []
    for _ in range(SLIDES):
        state = feed(rod, state, rod.read(state).inserted + np.array([0.0, 0.0, SLIDE]), ticks=1, dt=0.1)
        forces.append(rod.read(settle(rod, state, ticks=3)).hand_force)
    return np.array(forces)


def bends(read: RodReadout) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the arc lengths [m] of the inner nodes and the curvature [1/m] there."""
    t = np.diff(read.points, axis=0)
    t /= np.linalg.norm(t, axis=1)[:, None]
    turned = np.arccos(np.clip((t[1:] * t[:-1]).sum(axis=1), -1.0, 1.0))
    return read.arc[1:-1], turned / (0.5 * (read.arc[2:] - read.arc[:-2]))


def _drive(node_step: float) -> Pair:
    """Judge the worst of all pushes, not their mean."""
    forces = drives(node_step)[:, 0]
    return Pair(DRIVE, float(forces[np.argmax(np.abs(forces - DRIVE))]))


def _composite(node_step: float) -> Pair:
    rod, state = straight_in_bent(node_step)
    at, bent = bends(rod.read(settle(rod, state, ticks=5)))
    both = bent[(at > 0.01) & (at < 0.04)]
    exact = CATHETER / (WIRE + CATHETER) / RADIUS
    return Pair(exact, float(both[np.argmax(np.abs(both - exact))]))


def _guide_drive(node_step: float) -> Pair:
    forces = guide_drives(node_step)[:, 2]
    return Pair(GUIDE_DRIVE, float(forces[np.argmax(np.abs(forces - GUIDE_DRIVE))]))


closed_forms.put(
    "coaxial_guide",
    ClosedForm(
        title="Push of a straight guide over a wire in a bent catheter, worst of 12 places",
        unit="N",
        source="energy of straightening per length: EI2^2 / 2 R^2 (1 / (EI1 + EI2) - 1 / (EI1 + EI2 + EI3))",
        limit=0.02,
        node_steps=(4.0 * MM,),
        measure=_guide_drive,
    ),
)
closed_forms.put(
    "coaxial_drive",
    ClosedForm(
        title="Push of a straight wire into a bent catheter, worst of 12 places",
        unit="N",
        source="energy of straightening per length: EI1 EI2 / 2 (EI1 + EI2) R^2",
        limit=0.01,
        node_steps=(4.0 * MM,),
        measure=_drive,
    ),
)
closed_forms.put(
    "coaxial_curvature",
    ClosedForm(
        title="Curvature of a wire in a bent catheter, worst place",
        unit="1/m",
        source="stiffness-weighted mean of the natural curvatures",
        limit=0.01,
        node_steps=(8.0 * MM, 4.0 * MM, 2.0 * MM),
        measure=_composite,
    ),
)

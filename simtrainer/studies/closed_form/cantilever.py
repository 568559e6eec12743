"""A wire held at one end: under its own weight, and coiled by its natural curvature."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_bvp

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodReadout, RodSettings
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.rig import GRAVITY, GUIDEWIRE, feed, free_space, settle, uniform

X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)
LENGTH = 0.2
"""Length of wire that is fed out [m]."""
MASS = 4e-3
"""[kg/m]."""
COIL = 20.0 * MM
"""Natural radius of the coiled wire [m]."""


def elastica(length: float) -> tuple[float, float]:
    """Return where the tip of a horizontal cantilever ends under its own weight, along and down [m].

    EI phi'' = w (L - s) cos phi, phi clockwise.
    """
    s = np.linspace(0.0, length, 201)
    weight = MASS * GRAVITY
    solved = solve_bvp(
        lambda at, y: np.array([y[1], weight * (length - at) * np.cos(y[0]) / (GUIDEWIRE * N_MM2)]),
        lambda a, b: np.array([a[0], b[1]]), s, np.zeros((2, 201)), tol=1e-9, max_nodes=50_000,
    )  # fmt: skip
    assert solved.success
    phi = solved.sol(np.linspace(0.0, length, 4001))[0]
    return float(np.trapezoid(np.cos(phi), dx=length / 4000)), float(-np.trapezoid(np.sin(phi), dx=length / 4000))


def hanging(node_step: float) -> tuple[float, float, float]:
    """Return how far the tip reaches beyond the clamp and hangs down, and the length that is free to bend [m].

    The clamp is amid the first edge.
    """
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=node_step, zone=0.03,
        gravity=(0.0, -GRAVITY, 0.0), tolerance=1e-8, iterations=30,
    )  # fmt: skip
    rod = Rod(free_space(), ORIGIN, X, (uniform(GUIDEWIRE, mass=MASS),), settings)
    state = feed(rod, rod.init(), np.array([LENGTH]), ticks=40, dt=0.1)
    x, y, _ = rod.read(settle(rod, state, ticks=40)).points[-1]
    return float(x) - 0.5 * node_step, -float(y), LENGTH - 0.5 * node_step


def coiled(node_step: float, turn: float) -> RodReadout:
    """Return a wire of natural radius `COIL` of which `turn` [rad] are outside the clamp."""
    settings = RodSettings(
        sheath_length=2.0 * node_step, sheath_rigidity=0.0, coarse=node_step, fine=node_step, tolerance=1e-7
    )
    bent = uniform(GUIDEWIRE, curvature=1.0 / COIL, curved=0.5)
    rod = Rod(free_space(), ORIGIN, X, (bent,), settings)
    state = feed(rod, rod.init(), np.array([turn * COIL + 0.5 * node_step]), ticks=60, dt=0.1)
    return rod.read(settle(rod, state, ticks=5))


def _sag(node_step: float) -> Pair:
    _, down, free = hanging(node_step)
    return Pair(elastica(free)[1], down)


def _width(node_step: float) -> Pair:
    tip = coiled(node_step, np.pi).points[-1]
    return Pair(2.0 * COIL, float(np.hypot(tip[0] - 0.5 * node_step, np.hypot(tip[1], tip[2]))))


closed_forms.put(
    "cantilever_sag",
    ClosedForm(
        title="Sag of a cantilever of 200 mm under its own weight",
        unit="m",
        source="elastica: EI phi'' = w (L - s) cos phi",
        limit=0.001,
        node_steps=(16.0 * MM, 8.0 * MM, 4.0 * MM),
        measure=_sag,
    ),
)
closed_forms.put(
    "natural_half_circle",
    ClosedForm(
        title="Width of half a coil of natural radius 20 mm",
        unit="m",
        source="a free rod lies on its natural curvature: 2 R",
        limit=0.01,
        node_steps=(4.0 * MM, 2.0 * MM, 1.0 * MM),
        measure=_width,
    ),
)

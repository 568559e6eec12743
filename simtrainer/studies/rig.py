"""Rods, walls and slow hands for experiments that have closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import BRICK, SparseGrid, build_sparse
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodControl, RodState
from simtrainer.physics.rod_device import Profile

Floats = NDArray[np.float64]
POISSON_TURNING = 0.75
"""GJ over EI of a round solid rod: 1 / (1 + nu), nu = 1/3."""
GRAVITY = 9.81
"""Standard acceleration of free fall, rounded [m/s2]."""
GUIDEWIRE = 300.0
"""EI [N mm2] of a guidewire of 0.035 inch. because: Harrison 2011, doi 10.1583/11-3592.1"""


def free_space() -> SparseGrid:
    """Return a field that knows no wall."""
    index = np.full((1, 1, 1), -1, dtype=np.int32)
    return SparseGrid(np.zeros(3), 1.0, index, np.zeros((1, BRICK + 2, BRICK + 2, BRICK + 2), dtype=np.float32))


def field_of(
    clearance: Callable[[Floats], Floats], low: Floats, high: Floats, spacing: float, band: float
) -> SparseGrid:
    """Return the clearance [m] of points (n, 3), sampled where it is above -band."""
    count = np.ceil((high - low) / spacing / BRICK).astype(int)
    steps = np.arange(-1, BRICK + 1)
    halo = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    bricks, samples = [], []
    for brick in np.ndindex(*count):
        points = low + spacing * (np.array(brick) * BRICK + halo)
        value = clearance(points.reshape(-1, 3)).reshape(halo.shape[:3])
        if value.max() > -band:
            bricks.append(brick)
            samples.append(value)
    return build_sparse(low, spacing, np.array(bricks), np.array(samples, dtype=np.float32))


def uniform(
    rigidity: float, *, curvature: float = 0.0, curved: float = 0.0, radius: float = 0.45 * MM,
    mass: float = 4e-3, length: float = 2.0, turning: float | None = None,
) -> Profile:  # fmt: skip
    """Return a device of one EI [N mm2], straight but for `curved` [m] of natural `curvature` [1/m] from the tip on.

    Parameters
    ----------
    radius, length
        [m].
    mass
        [kg/m].
    turning
        GJ [N mm2]; that of a round solid rod by default.
    """
    distance = np.array([0.0, 1e-6, 2e-6]) if curved == 0.0 else np.array([0.0, curved - 1e-6, curved + 1e-6])
    one = np.ones(3)
    return Profile(
        distance, one * rigidity * N_MM2, np.array([curvature, curvature, 0.0]),
        one * (POISSON_TURNING * rigidity if turning is None else turning) * N_MM2, one * radius, one * mass, length,
    )  # fmt: skip


def feed(rod: Rod, state: RodState, to: Floats, *, ticks: int, dt: float, hub: Floats | None = None) -> RodState:
    """Move hubs evenly from where they are to inserted lengths `to` [m] and angles `hub` [rad]."""
    begin, turned = rod.read(state).inserted, state.shape.hub
    for k in range(1, ticks + 1):
        u = k / ticks
        angle = turned if hub is None else turned + (hub - turned) * u
        state = rod.step(state, RodControl(begin + (to - begin) * u, angle), dt)
    return state


def settle(rod: Rod, state: RodState, *, ticks: int, dt: float = 0.5) -> RodState:
    """Hold the hubs still for a while in long, damped steps of `dt` [s]."""
    held = RodControl(np.array(rod.read(state).inserted), np.array(state.shape.hub))
    for _ in range(ticks):
        state = rod.step(state, held, dt)
    return state

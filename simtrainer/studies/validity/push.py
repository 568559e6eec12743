"""A device is pushed evenly up a vessel by a hand that does not turn: what other measurements compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodControl, RodSettings
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.manoeuvre.recording import Floats

DT, SPEED, FROM = 0.01, 40.0 * MM, 0.13
"""Length of a tick [s], speed [m/s], and length at which counting begins: just beyond the sheath [m]."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A lumen with its access, in some frame.

    Parameters
    ----------
    path
        From the access on, (n, 3) [m]: the sheath is laid towards it.
    """

    field: SparseGrid
    entry: Floats
    direction: Floats
    path: Floats


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push was like: force at the hubs together [N] and place of the tip [m] tick by tick, (t,) and (t, 3)."""

    force: Floats
    tip: Floats
    unconverged: int


LEADS = 60.0 * MM
"""How far the wire leads a catheter that is pushed over it [m]."""


def pushed(
    vessel: Vessel, devices: tuple[Profile, Profile | None], to: float, settings: RodSettings, *, hub: float = 0.0
) -> Pushed:
    """Push the leading tip to `to` [m] with the hubs at the angle `hub` [rad], a second device behind the first."""
    rod = Rod(vessel.field, vessel.entry, vessel.direction, devices, settings)
    last = np.array([0.0, LEADS if devices[1] else to])
    state = rod.init(vessel.path)
    forces, tips, unconverged = [], [], 0
    at = 0.0
    while at < to - 1e-9:
        at = min(at + SPEED * DT, to)
        state = rod.step(state, RodControl(np.maximum(at - last, 0.0), np.full(2, hub)), DT)
        read = rod.read(state)
        if at > FROM:
            forces.append(float(read.hand_force.sum()))
            tips.append(read.points[-1])
            unconverged += int(read.unconverged > 0)
    return Pushed(np.array(forces), np.array(tips), unconverged)

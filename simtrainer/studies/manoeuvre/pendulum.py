"""Twist of a shaped device that a bent lumen holds on its axis: a pendulum along the device, solved by shooting.

(GJ theta')' = EI kappa0 kappa sin theta: the shape wants to lie in the plane of the bend. Without friction and with a
free tip, the hub's angle follows from the tip's. Where the hub's angle stops growing with the tip's, the tip snaps.
For a uniform rod that happens where EI kappa0 kappa L^2 / GJ exceeds (pi / 2)^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simtrainer.core.units import MM
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.manoeuvre.recording import Floats

STEP = 0.1 * MM
"""Step of the integration [m]."""
ANGLES = 4321
"""Angles of the tip that are tried, from one turn back to two turns on."""
TIE = 0.02
"""Share of the range of energies within which two states at rest count as mirrored: the angles tried hit neither."""


@dataclass(frozen=True, slots=True)
class Whip:
    """What the theory says of a hub that is turned on slowly from angle 0.

    Parameters
    ----------
    snaps
        Whether the tip jumps at all.
    start
        Angle of the tip at the beginning [rad]: 0 where a shape bends one way only.
    hub, before, after
        Angle of the hub [rad] where the tip jumps, and of the tip before and after; nan where it does not.
    lag
        Largest angle [rad] by which the tip has stayed behind the hub before it jumps.
    """

    snaps: bool
    start: float
    hub: float
    before: float
    after: float
    lag: float


def equilibria(profile: Profile, curvature: Floats, outside: float) -> tuple[Floats, Floats, Floats]:
    """Return angles of the tip [rad], of the hub that hold them, and the energy [J] of each, shape (ANGLES,).

    Parameters
    ----------
    curvature
        Of the lumen [1/m] every STEP from the tip backwards; as long as the device lies inside.
    outside
        Length of shaft between access and hub [m].
    """
    at = np.arange(len(curvature)) * STEP
    gj = np.interp(at, profile.distance, profile.torsional_rigidity)
    well = np.interp(at, profile.distance, profile.flexural_rigidity) * curvature
    well = well * np.interp(at, profile.distance, profile.curvature)
    tip = np.linspace(-2.0 * np.pi, 4.0 * np.pi, ANGLES)
    angle, torque, energy = tip.copy(), np.zeros(ANGLES), np.zeros(ANGLES)
    for k in range(len(at)):
        torque = torque + well[k] * np.sin(angle) * STEP
        energy = energy + (0.5 * torque**2 / gj[k] - well[k] * np.cos(angle)) * STEP
        angle = angle + torque / gj[k] * STEP
    stiff = float(gj[-1]) / outside
    return tip, angle + torque / stiff, energy + 0.5 * torque**2 / stiff


def whip(profile: Profile, curvature: Floats, outside: float, lies: float = 0.0) -> Whip:
    """Return when the tip snaps while the hub is turned on from rest at angle 0.

    A shape that bends both ways rests in either of two mirrored states, twisted in itself: the one with the tip nearer
    to `lies` [rad] counts.
    """
    tip, hub, energy = equilibria(profile, curvature, outside)
    rising = np.flatnonzero((hub[:-1] <= 0.0) & (hub[1:] > 0.0))
    lowest = rising[energy[rising] < energy[rising].min() + TIE * np.ptp(energy)]
    first = int(lowest[np.argmin(np.abs(tip[lowest] - lies))])
    start = float(tip[first])
    fall = np.flatnonzero(np.diff(hub[first:]) < 0.0)
    if not len(fall):
        none = float("nan")
        within = hub[first:] <= 2.0 * np.pi
        return Whip(False, start, none, none, none, float((hub - tip + start)[first:][within].max()))
    top = first + int(fall[0])
    beyond = np.flatnonzero(hub[top + 1 :] >= hub[top])
    after = float(tip[top + 1 + beyond[0]]) if len(beyond) else float("nan")
    lag = float((hub - tip + start)[first : top + 1].max())
    return Whip(True, start, float(hub[top]), float(tip[top]), after, lag)

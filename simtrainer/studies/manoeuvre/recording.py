"""What a manoeuvre leaves behind: every number of every tick, and the whole shape at some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WIRE, CATHETER = 0, 1
"""Places of the two devices."""


@dataclass(frozen=True, slots=True)
class Tube:
    """A vessel to draw: axis [m] in W, shape (n, 3), and radii [m], shape (n,)."""

    points: Floats
    radii: Floats


@dataclass(frozen=True, slots=True)
class Mark:
    """What was done or what happened, and when."""

    tick: int
    label: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The whole shape at the end of a tick.

    Parameters
    ----------
    label
        Empty where it was kept by the clock alone.
    points, arc
        Nodes [m] in W, shape (n, 3), and their arc length [m], shape (n,).
    inserted
        Inserted length of each device [m], shape (d,).
    wall_force
        Force of the wall on each node [N], shape (n, 3).
    """

    tick: int
    label: str
    points: Floats
    arc: Floats
    inserted: Floats
    wall_force: Floats

    def curve(self, device: int) -> Floats:
        """Return the points of a device up to its tip, shape (n, 3) [m]."""
        return cut(self.points, self.arc, float(self.inserted[device]))


@dataclass(frozen=True, slots=True)
class Recording:
    """A manoeuvre tick by tick; t ticks, d places for devices.

    Parameters
    ----------
    name, vessel, devices
        Of the manoeuvre, of where it was done, and of what lay in each place, in their order.
    dt
        Length of a tick [s].
    inserted, hub
        Inserted lengths [m] and angles of the hubs [rad], shape (t, d).
    hand_force, hand_torque
        What the hands feel: [N] and [N m], shape (t, d).
    tip, tip_angle
        Position of the tips [m] in W, shape (t, d, 3), and their twist in the twist-free frame [rad], shape (t, d).
    wall_force
        Largest force of the wall on 10 mm of device [N], shape (t,).
    residual, halvings, unconverged
        What the solver reports: largest unbalanced force [N], steps halved, steps above the accepted residual; (t,).
    penetration
        Depth beyond the wall [m], shape (t,).
    escaped
        Whether a device lay outside the vessel, shape (t,).
    moments, marks
        Whole shapes, and what was done when.
    outline
        Vessels to draw.
    given
        Numbers that the manoeuvre was set up with, for its findings.
    """

    name: str
    vessel: str
    devices: tuple[str, ...]
    dt: float
    inserted: Floats
    hub: Floats
    hand_force: Floats
    hand_torque: Floats
    tip: Floats
    tip_angle: Floats
    wall_force: Floats
    residual: Floats
    halvings: NDArray[np.int64]
    unconverged: NDArray[np.int64]
    penetration: Floats
    escaped: NDArray[np.bool_]
    moments: tuple[Moment, ...]
    marks: tuple[Mark, ...]
    outline: tuple[Tube, ...]
    given: Mapping[str, float]

    @property
    def times(self) -> Floats:
        """End of each tick [s], shape (t,)."""
        return np.arange(1.0, len(self.wall_force) + 1.0, dtype=np.float64) * self.dt

    def at(self, label: str) -> int:
        """Return the tick of the mark `label`; -1 where it never came."""
        return next((mark.tick for mark in self.marks if mark.label == label), -1)

    def moment(self, label: str) -> Moment:
        """Return the shape that was kept at `label`."""
        return next(moment for moment in self.moments if moment.label == label)

    def tip_speed(self, device: int) -> Floats:
        """Return how fast a tip moves [m/s], shape (t,)."""
        moved = np.linalg.norm(np.diff(self.tip[:, device], axis=0), axis=1) / self.dt
        return np.concatenate(([0.0], moved))


def cut(points: Floats, arc: Floats, length: float) -> Floats:
    """Return the points of a curve up to an arc length, the end included, shape (n, 3)."""
    inside = arc < length - 1e-6
    end = np.array([[np.interp(length, arc, points[:, axis]) for axis in range(3)]])
    return np.concatenate((points[inside], end))


def directions(curve: Floats) -> Floats:
    """Return the unit tangents of a polyline, shape (n - 1, 3)."""
    steps = np.diff(curve, axis=0)
    lengths = np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-12)
    return np.asarray(steps / lengths)


def turning(curve: Floats) -> float:
    """Return the sum of all turns of a polyline [rad], the integral of its curvature."""
    t = directions(curve)
    return float(np.arccos(np.clip((t[1:] * t[:-1]).sum(axis=1), -1.0, 1.0)).sum())


def arc_of(points: Floats) -> Floats:
    """Return the arc length [m] at the points of a polyline, shape (n,)."""
    return np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))


def force_on(force: Floats, arc: Floats, stretch: float) -> float:
    """Return the largest force [N] of the wall on any `stretch` [m] of device."""
    size = np.linalg.norm(force, axis=1)
    total = np.concatenate(([0.0], np.cumsum(size)))
    until = np.searchsorted(arc, arc + stretch, side="right")
    return float((total[until] - total[: len(arc)]).max())

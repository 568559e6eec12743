"""A scripted pair of hands on a wire and a catheter, and the clerk who writes every tick down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodControl, RodReadout, RodState
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.manoeuvre.recording import Floats, Mark, Moment, Recording, Tube, cut, force_on

DT = 0.01
"""Length of a tick [s], the exercise's."""
WALL_MM = 10.0
"""Length of wall that a force is told for [mm]. because: the exercise's own limit is for 10 mm"""
KEPT_EVERY = 25
"""Ticks between two shapes kept by the clock."""


@dataclass(slots=True)
class Hands:
    """Moves both hubs and records.

    Parameters
    ----------
    rod, state
        Where it begins.
    dt
        Length of a tick [s].
    motion
        Displacement of each mode of the wall [m] at the end of a tick, by its number; None for a wall at rest.
    """

    rod: Rod
    state: RodState
    dt: float = DT
    motion: Callable[[int], Floats] | None = None
    marks: list[Mark] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    _rows: list[tuple[Floats, ...]] = field(default_factory=list)
    _tips: list[Floats] = field(default_factory=list)

    @property
    def ticks(self) -> int:
        """Ticks so far."""
        return len(self._rows)

    @property
    def read(self) -> RodReadout:
        """What the rod does now."""
        return self.rod.read(self.state)

    def curve(self, device: int) -> Floats:
        """Return the points of a device now, up to its tip, shape (n, 3) [m]."""
        read = self.read
        return cut(read.points, read.arc, float(read.inserted[device]))

    def move(
        self, device: int, by: float, speed: float, *, turn: float = 0.0, until: Callable[[], bool] = lambda: False
    ) -> bool:
        """Push or draw a device by up to `by` [m] at `speed` [m/s], turning it at `turn` [rad/s]; True if `until`."""
        push, spin = np.zeros(2), np.zeros(2)
        push[device], spin[device] = np.sign(by) * speed * self.dt, turn * self.dt
        return self.go(push, spin, round(abs(by) / (speed * self.dt)), until)

    def turn(self, device: int, by: float, rate: float, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Turn a hub by up to `by` [rad] at `rate` [rad/s]; True where `until` came true."""
        spin = np.zeros(2)
        spin[device] = np.sign(by) * rate * self.dt
        return self.go(np.zeros(2), spin, round(abs(by) / (rate * self.dt)), until)

    def wait(self, seconds: float) -> None:
        """Hold both hubs still."""
        self.go(np.zeros(2), np.zeros(2), round(seconds / self.dt))

    def go(self, push: Floats, turn: Floats, ticks: int, until: Callable[[], bool] = lambda: False) -> bool:
        """Move both hubs by so much a tick for up to `ticks`; True as soon as `until` is."""
        places = len(self.state.shape.hub)
        inserted, hub = np.array(self.read.inserted), np.array(self.state.shape.hub)
        for k in range(1, ticks + 1):
            moved = None if self.motion is None else self.motion(self.ticks + 1)
            control = RodControl(inserted + k * push[:places], hub + k * turn[:places], moved)
            self.state = self.rod.step(self.state, control, self.dt)
            self._note()
            if until():
                return True
        return False

    def tips(self, device: int) -> Floats:
        """Return where a tip was at the end of every tick so far, shape (t, 3) [m]."""
        return np.array([tips[device] for tips in self._tips])

    def mark(self, label: str) -> None:
        """Write down that something was done or happened, and keep the whole shape."""
        tick = max(self.ticks - 1, 0)
        self.marks.append(Mark(tick, label))
        self._keep(tick, label)

    def swap(self, devices: tuple[Profile | None, ...]) -> None:
        """Take other devices into the hands; what lies in the patient must stay the same device."""
        self.rod = self.rod.with_devices(devices)

    def _keep(self, tick: int, label: str) -> None:
        read = self.read
        self.moments.append(Moment(tick, label, read.points, read.arc, read.inserted, read.wall_force))

    def _note(self) -> None:
        read = self.read
        effort = np.array(
            [
                force_on(read.wall_force, read.arc, WALL_MM * MM), read.residual, read.halvings, read.unconverged,
                read.penetration, float(read.escaped.any()),
            ]
        )  # fmt: skip
        angles = np.array(self.state.shape.hub)
        self._rows.append((read.inserted, angles, read.hand_force, read.hand_torque, read.tip_angle, effort))
        ends = [[np.interp(at, read.arc, read.points[:, axis]) for axis in range(3)] for at in read.inserted]
        self._tips.append(np.array(ends))
        if self.ticks % KEPT_EVERY == 0:
            self._keep(self.ticks - 1, "")

    def recorded(
        self, name: str, vessel: str, devices: tuple[str, ...], outline: tuple[Tube, ...],
        given: Mapping[str, float] | None = None,
    ) -> Recording:  # fmt: skip
        """Return all that was written down."""
        inserted, hub, force, torque, angle, effort = (np.array(column) for column in zip(*self._rows, strict=True))
        counts: NDArray[np.int64] = effort[:, 2:4].astype(np.int64)
        return Recording(
            name=name, vessel=vessel, devices=devices, dt=self.dt, inserted=inserted, hub=hub, hand_force=force,
            hand_torque=torque, tip=np.array(self._tips), tip_angle=angle, wall_force=effort[:, 0],
            residual=effort[:, 1], halvings=counts[:, 0], unconverged=counts[:, 1], penetration=effort[:, 4],
            escaped=effort[:, 5] > 0.0, moments=tuple(self.moments), marks=tuple(self.marks), outline=outline,
            given=dict(given or {}),
        )  # fmt: skip

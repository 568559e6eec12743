"""Coaxial slender devices on one shared centreline: the solver that wires, catheters and tubes move by.

Interface in SI; the kernels behind it work in mm, g, ms.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.frame import frozen
from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod_layout import layout
from simtrainer.physics.rod_step import TABLE_STEP_MM, Model, Shape, advance

F8 = NDArray[np.float64]
_MS = 1e-3


@dataclass(frozen=True, slots=True)
class Profile:
    """A slender device along its length, from its tip backwards.

    Parameters
    ----------
    distance
        Distance from the tip [m], increasing, beginning with 0, shape (k,); values between rows are linear.
    flexural_rigidity
        EI [N m2], shape (k,).
    curvature
        Natural curvature in the plane of the tip [1/m], signed, shape (k,).
    torsional_rigidity
        GJ [N m2], shape (k,).
    radius
        Outer radius [m], shape (k,).
    mass_per_length
        [kg/m], shape (k,).
    length
        Total length [m].
    """

    distance: F8
    flexural_rigidity: F8
    curvature: F8
    torsional_rigidity: F8
    radius: F8
    mass_per_length: F8
    length: float

    def table(self, rows: int, blur: float) -> F8:
        """Return the table that the kernels read, in kernel units, shape (rows, 6).

        Natural curvature is averaged over `blur` [mm], two node steps: a shape that begins more sharply than the nodes
        can show would make the push force depend on where it lies between them.
        """
        at = np.arange(rows) * TABLE_STEP_MM
        rigid = np.interp(at, self.distance / MM, self.flexural_rigidity / N_MM2)
        bent = np.interp(at, self.distance / MM, self.curvature * MM)
        width = max(1, round(blur / TABLE_STEP_MM))
        padded = np.concatenate([np.full(width, bent[0]), bent, np.full(width, bent[-1])])
        bent = np.convolve(padded, np.ones(width) / width, mode="same")[width:-width]
        turning = np.interp(at, self.distance / MM, self.torsional_rigidity / N_MM2)
        mass = np.interp(at, self.distance / MM, self.mass_per_length)  # kg/m is g/mm
        sums = [_integral(y) for y in (rigid, rigid * bent, 0.5 * rigid * bent * bent, turning, mass)]
        return np.column_stack([*sums, np.interp(at, self.distance / MM, self.radius / MM)])

    def check(self) -> None:
        """Refuse a profile that no device can have; InputError says what and where."""
        for name in ("flexural_rigidity", "torsional_rigidity", "radius", "mass_per_length"):
            values = getattr(self, name)
            if not np.all(np.isfinite(values)) or np.any(values <= 0.0):
                row = int(np.argmin(np.where(np.isfinite(values), values, -np.inf)))
                raise InputError(f"profile row {row}: {name} is {values[row]}, it must be finite and above 0")
        if self.distance[0] != 0.0 or np.any(np.diff(self.distance) <= 0.0):
            raise InputError("profile: distances from the tip must begin with 0 and increase")


@dataclass(frozen=True, slots=True)
class RodSettings:
    """Discretisation and surroundings.

    Parameters
    ----------
    coarse, fine, zone
        Node distance in quiet stretches, near tips, and length of the fine stretch [m].
    substeps
        Implicit steps in a tick of 10 ms.
    iterations, accept, tolerance
        Newton iterations a step; residuals [N] that are accepted and that stop the iteration.
    friction
        Coulomb coefficient between device and wall.
    sheath_length, sheath_rigidity, sheath_radius
        The introducer: [m], EI [N m2], outer radius [m].
    gravity
        Acceleration times (1 - buoyancy) [m/s2], shape (3,).
    """

    coarse: float = 5.0 * MM
    fine: float = 2.0 * MM
    zone: float = 50.0 * MM
    substeps: int = 2
    iterations: int = 8
    accept: float = 0.01
    tolerance: float = 5e-4
    friction: float = 0.05
    sheath_length: float = 0.11
    sheath_rigidity: float = 430.0 * N_MM2
    sheath_radius: float = 1.15 * MM
    gravity: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RodControl:
    """Where the hands hold the hubs at the end of the step: inserted length [m] and angle [rad], each shape (d,)."""

    inserted: F8
    hub: F8


@dataclass(frozen=True, slots=True)
class RodState:
    """Shape of the rod between steps, in kernel units (mm, ms); read it through `RodReadout`."""

    shape: Shape
    wall: F8
    hand: F8
    report: F8


@dataclass(frozen=True, slots=True)
class RodReadout:
    """What the rod does, in SI.

    Parameters
    ----------
    points
        Nodes [m] in W, shape (n, 3), from the access to the leading tip.
    arc
        Arc length of the nodes [m], shape (n,).
    wall_force
        Force of the wall on each node [N], (n, 3); `friction` likewise.
    inserted
        Inserted length of each device [m], (d,).
    hand_force, hand_torque
        Push force [N] and torque [N m] that each hub needs, (d,).
    residual
        Largest unbalanced force of the tick [N].
    iterations, halvings, unconverged
        What the solver spent, and how many steps stayed above the accepted residual.
    """

    points: F8
    arc: F8
    wall_force: F8
    friction: F8
    inserted: F8
    hand_force: F8
    hand_torque: F8
    residual: float
    iterations: int
    halvings: int
    unconverged: int


def _empty() -> Profile:
    one = np.ones(1)
    return Profile(np.zeros(1), one * N_MM2, np.zeros(1), one * N_MM2, one * MM, one * 1e-3, 1.0)


@dataclass(frozen=True, slots=True)
class Rod:
    """Solver for up to two coaxial devices that enter at one access.

    Parameters
    ----------
    field
        Clearance to the wall [m], positive in the lumen.
    entry, direction
        Position [m] of the access in W and the direction inwards, each shape (3,).
    devices
        Profile of each device, None for an empty place.
    """

    field: SparseGrid
    entry: F8
    direction: F8
    devices: tuple[Profile | None, ...]
    settings: RodSettings = RodSettings()
    _model: list[Model] = dataclasses.field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the devices and put everything into kernel units once."""
        for device in self.devices:
            if device is not None:
                device.check()
        self._model.append(self._build())

    def _build(self) -> Model:
        s = self.settings
        grid = self.field.scaled(1.0 / MM)
        chosen = [device or _empty() for device in self.devices]
        rows = (
            int(max(device.distance[-1] for device in chosen) / MM / TABLE_STEP_MM)
            + int(2.0 * s.fine / MM / TABLE_STEP_MM)
            + 3
        )
        total = np.array([device.length / MM for device in chosen])
        direction = np.asarray(self.direction, dtype=np.float64) / np.linalg.norm(self.direction)
        helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
        director = np.cross(direction, helper)
        director /= np.linalg.norm(director)
        entry = np.stack([np.asarray(self.entry) / MM, direction, director])
        # blood 1.06e-3 g/mm3, cross-flow drag coefficient 1.1 (Hoerner, Fluid-Dynamic Drag, 1965, Re 1e3-1e5);
        # linear and spin drag: Stokes drag of blood (3.5 mPa s) on a slender cylinder, about 4 pi eta per length
        drag = np.array([4.4e-5, 0.5 * 1.06e-3 * 1.1, 2e-4])
        return Model(
            table=np.stack([device.table(rows, 2.0 * s.fine / MM) for device in chosen]),
            entry=entry,
            sheath=np.array([s.sheath_length / MM, s.sheath_rigidity / N_MM2, s.sheath_radius / MM]),
            steps=np.array([s.coarse, s.fine, s.zone]) / MM,
            tolerance=s.tolerance,
            friction=s.friction,
            drag=drag,
            gravity=np.array(s.gravity) * _MS,
            grid_index=grid.index,
            grid_values=grid.values,
            grid_origin=grid.origin,
            grid_spacing=grid.spacing,
            total=total,
        )

    def init(self, path: F8 | None = None) -> RodState:
        """Return the empty sheath, no device in it yet, laid along `path` [m] (n, 3) or straight without one."""
        m = self._model[0]
        d = len(self.devices)
        s = layout(m.sheath[0], 0.0, m.steps[0], m.steps[1], m.steps[2])
        n = len(s)
        x = m.entry[0] + s[:, None] * m.entry[1]
        if path is not None:
            x[2:] = _along(np.asarray(path) / MM, s)[2:]
        zeros = np.zeros((n, 3))
        shape = Shape(s, x, np.zeros((n - 1, d)), zeros, zeros, np.zeros(n), np.zeros(d), np.zeros(d))
        return RodState(_still(shape), frozen(np.zeros((n, 6))), frozen(np.zeros((d, 2))), frozen(np.zeros(4)))

    def step(self, state: RodState, control: RodControl, dt: float) -> RodState:
        """Move the hubs to `control` within `dt` [s]; DivergedError when the shape leaves the finite numbers."""
        m, s = self._model[0], self.settings
        shape = Shape(*(array.copy() for array in state.shape))
        goal, hub = np.asarray(control.inserted) / MM, np.array(control.hub, dtype=np.float64)
        limits = (s.substeps, s.iterations, s.accept)
        shape, wall, hand, report = advance(m, shape, goal, hub, dt / _MS, limits)
        if not np.all(np.isfinite(shape.x)):
            raise DivergedError("the rod's node positions are no longer finite numbers")
        return RodState(_still(shape), frozen(wall), frozen(hand), frozen(report))

    def read(self, state: RodState) -> RodReadout:
        """Return what the rod does, in SI."""
        shape = state.shape
        return RodReadout(
            points=frozen(shape.x * MM),
            arc=frozen(shape.s * MM),
            wall_force=frozen(state.wall[:, :3]),
            friction=frozen(state.wall[:, 3:]),
            inserted=frozen(shape.inserted * MM),
            hand_force=frozen(state.hand[:, 0]),
            hand_torque=frozen(state.hand[:, 1] * MM),
            residual=float(state.report[0]),
            iterations=int(state.report[1]),
            halvings=int(state.report[2]),
            unconverged=int(state.report[3]),
        )


def _along(path: F8, s: F8) -> F8:
    """Return points at arc lengths `s` of the polyline `path`; beyond its end the last point."""
    arc = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))))
    return np.column_stack([np.interp(s, arc, path[:, r]) for r in range(3)])


def _integral(y: F8) -> F8:
    """Return the integral of `y` (k,) from the first row to each row, trapezoidal."""
    return np.concatenate(([0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * TABLE_STEP_MM)))


def _still(shape: Shape) -> Shape:
    for array in shape:
        array.setflags(write=False)
    return shape

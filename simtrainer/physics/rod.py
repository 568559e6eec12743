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
from simtrainer.physics.rod_check import check_access, check_control, check_devices, check_numbers
from simtrainer.physics.rod_device import Profile, empty
from simtrainer.physics.rod_layout import layout, standing
from simtrainer.physics.rod_prepare import MOTION, PRESS
from simtrainer.physics.rod_problem import HELD, Grid
from simtrainer.physics.rod_profile import T_TURN, TABLE_STEP_MM
from simtrainer.physics.rod_read import CLEAR, MIDDLE, PUSH, RUB, THICK, WALL
from simtrainer.physics.rod_step import (
    Goal,
    Limits,
    Model,
    Shape,
    advance,
    among,
    blank,
    only,
    relaxed,
    tips_behind,
    zones,
)
from simtrainer.physics.sway import STILL, Sway
from simtrainer.physics.wall import RIGID, Wall

F8 = NDArray[np.float64]
_MS = 1e-3
MOUTH_MM = 10.0
"""Length before and behind the sheath's end along which fine nodes stand [mm]. because: there the rigidity jumps, and a
vessel that bends the wire there presses hardest; with nodes that ride past it halving them changed the peak push in an
imported vessel by 19 %, with standing ones by 1 %"""
SPARE = 2.0
"""Fine nodes go on beyond a device's shape by this many coarse steps. because: the natural curvature is rounded over
two node steps, so that the rounded shape ends so much later."""


@dataclass(frozen=True, slots=True)
class RodSettings:
    """Discretisation and surroundings.

    Parameters
    ----------
    coarse, fine, zone
        Node distance in quiet stretches, near tips, and least length of the fine stretch [m]; a device with a longer
        shape has as much as its shape takes, since a bent shape that slides past standing nodes makes the push ripple.
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
    wall, sway
        How the wall gives way and how it moves.
    """

    coarse: float = 5.0 * MM
    fine: float = 2.0 * MM
    zone: float = 50.0 * MM
    substeps: int = 2
    iterations: int = 12
    accept: float = 0.01
    tolerance: float = 5e-4
    friction: float = 0.05
    sheath_length: float = 0.11
    sheath_rigidity: float = 430.0 * N_MM2
    sheath_radius: float = 1.15 * MM
    gravity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    wall: Wall = RIGID
    sway: Sway = STILL

    def check(self) -> None:
        """Refuse settings that describe no rod; InputError says which."""
        check_numbers({"coarse": self.coarse, "fine": self.fine, "zone": self.zone}, least=0.1 * MM)
        check_numbers({"substeps": self.substeps, "iterations": self.iterations}, least=1.0)
        check_numbers(
            {
                "friction": self.friction, "accept": self.accept, "tolerance": self.tolerance,
                "sheath_rigidity": self.sheath_rigidity, "sheath_radius": self.sheath_radius,
            },
            least=0.0,
        )  # fmt: skip
        check_numbers({"sheath_length": self.sheath_length}, least=2.0 * self.coarse)
        if not np.all(np.isfinite(self.gravity)):
            raise InputError(f"rod settings: gravity is {self.gravity}, it must be finite")
        self.wall.check()
        self.sway.check()


@dataclass(frozen=True, slots=True)
class RodControl:
    """Where the hands hold the hubs at the end of the step: inserted length [m] and angle [rad], each shape (d,).

    A device cannot be withdrawn further than out nor pushed further than its length: what goes beyond is cut, and
    `RodReadout.inserted` says where the device is. sway: displacement of each mode of the wall [m], shape (m, 3); None
    for a wall at rest.
    """

    inserted: F8
    hub: F8
    sway: F8 | None = None


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
        Normal force of the wall on each node and half of the edges beside it [N], (n, 3), so that its sum over a
        stretch is the force on that length of wall; `friction` likewise.
    inserted
        Inserted length of each device [m], (d,).
    hand_force, hand_torque
        Push force [N] and torque [N m] that each hub needs, (d,).
    residual
        Largest unbalanced force of the tick [N].
    iterations, halvings, unconverged
        What the solver spent, and how many steps stayed above the accepted residual.
    wall_pressure
        Normal force of the wall per length [N/m], (n,).
    penetration
        Largest depth [m] of the surface at a node or amid an edge beyond the wall, 0 where it touches nothing.
    escaped
        Where the middle of the device, at a node or on the way to the next, lies deeper beyond the wall than that
        lets pass for giving way (`Wall.escape`), or where the field knows nothing, (n,).
    tip_angle
        Twist of each device at its tip against the twist-free frame of the centreline [rad], (d,).
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
    wall_pressure: F8
    penetration: float
    escaped: NDArray[np.bool_]
    tip_angle: F8


@dataclass(frozen=True, slots=True)
class Rod:
    """Solver for up to three coaxial devices that enter at one access.

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
        """Refuse what no rod can be, and put everything into kernel units once."""
        check_devices(self.devices)
        self.settings.check()
        for device in self.devices:
            if device is not None:
                device.check()
        entry, direction = np.asarray(self.entry, dtype=np.float64), np.asarray(self.direction, dtype=np.float64)
        thickest = max((float(device.radius.max()) for device in self.devices if device is not None), default=0.0)
        check_access(self.field, entry, direction, thickest)
        grid = self._model.pop().grid if self._model else self._gridded()
        self._model.append(self._build(entry, direction / np.linalg.norm(direction), grid))

    def with_devices(self, devices: tuple[Profile | None, ...]) -> Rod:
        """Return a solver for other devices at the same access, in the same field, which is not copied."""
        return Rod(self.field, self.entry, self.direction, devices, self.settings, list(self._model))

    def _gridded(self) -> Grid:
        grid = self.field.scaled(1.0 / MM)
        # copies, because arrays that are read-only would be another type to the compiler
        return np.array(grid.index), grid.values.ravel(), np.array(grid.origin), float(grid.spacing)

    def _build(self, entry: F8, direction: F8, grid: Grid) -> Model:
        s = self.settings
        wide = 2.0 * max(s.coarse, s.fine)
        chosen = [device or empty() for device in self.devices]
        rows = int((max(device.distance[-1] for device in chosen) + wide) / MM / TABLE_STEP_MM) + 3
        steps, sheath = (s.coarse / MM, s.fine / MM), s.sheath_length / MM
        longest = max(sheath, *(device.length / MM for device in chosen))
        zone = [max(s.zone, device.shaped + SPARE * s.coarse if device.shaped > 0.0 else 0.0) / MM for device in chosen]
        table = np.stack([d.table(rows, steps[1], steps[0], z) for d, z in zip(chosen, zone, strict=True)])
        helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
        director = np.cross(direction, helper)
        director /= np.linalg.norm(director)
        # blood 1.06e-3 g/mm3, cross-flow drag coefficient 1.1 (Hoerner, Fluid-Dynamic Drag, 1965, Re 1e3-1e5);
        # linear and spin drag: Stokes drag of blood (3.5 mPa s) on a slender cylinder, about 4 pi eta per length
        drag = np.array([4.4e-5, 0.5 * 1.06e-3 * 1.1, 2e-4])
        return Model(
            table=table,
            entry=np.stack([entry / MM, direction, director]),
            sheath=np.array([s.sheath_length / MM, s.sheath_rigidity / N_MM2, s.sheath_radius / MM]),
            stand=standing(longest, *steps, (sheath - MOUTH_MM, sheath + MOUTH_MM)),
            fine=steps[1],
            mouth=sheath + MOUTH_MM,
            zone=np.array([*zone, s.zone / MM]),
            friction=s.friction,
            drag=drag,
            still=np.array([*(np.array(s.gravity) * _MS), s.wall.give * MM * MM, s.wall.harden * MM]),
            modes=np.hstack((s.sway.centre / MM, MM / s.sway.reach)),
            grid=grid,
            total=np.array([device.length / MM if device else 0.0 for device in self.devices]),
            shaft=(table[:, -1, T_TURN] - table[:, -2, T_TURN]) / TABLE_STEP_MM,
        )

    def init(self, path: F8 | None = None) -> RodState:
        """Return the empty sheath at rest, no device in it yet, near `path` [m] (n, 3) or straight without one."""
        m = self._model[0]
        shape = blank(m)
        if path is not None:
            laid = np.asarray(path, dtype=np.float64)
            if laid.ndim != 2 or laid.shape[1] != 3 or len(laid) < 2 or not np.all(np.isfinite(laid)):
                raise InputError("rod: the path of the sheath must be two or more points of three finite numbers [m]")
            shape.x[HELD:] = _along(laid / MM, shape.s)[HELD:]
        shape = relaxed(m, shape)
        n, d = len(shape.s), len(self.devices)
        return RodState(_still(shape), frozen(np.zeros((n, WALL))), frozen(np.zeros((d, 2))), frozen(np.zeros(4)))

    def lay(self, path: F8, inserted: F8) -> RodState:
        """Return the devices at rest with `inserted` [m] of each (d,) already in, laid along `path` [m] (n, 3).

        For studies and cases that begin half way; nobody's hand brought them there. Unturned; wall forces unknown (0).
        """
        m = self._model[0]
        lengths = np.asarray(inserted, dtype=np.float64) / MM
        used = np.flatnonzero(lengths > 0.0)
        laid = np.asarray(path, dtype=np.float64)
        reach = float(np.linalg.norm(np.diff(laid, axis=0), axis=1).sum()) if laid.ndim == 2 else 0.0
        fits = lengths.shape == m.total.shape and bool(np.all((lengths >= 0.0) & (lengths <= m.total)))
        if not (fits and len(used) and lengths.max() <= reach / MM):
            raise InputError("rod: to lay devices takes a length for each, no longer than the path and the device")
        lead = float(lengths.max())
        behind = tips_behind(lengths, lead, 0.0)
        s, _ = layout(lead, lengths[behind], m.stand, m.fine, zones(m, lengths, lead, behind), m.mouth)
        n, d = len(s), len(lengths)
        start = Shape(
            s, _along(laid / MM, s), np.zeros((n - 1, d)), np.zeros((n, MOTION)), lengths, np.zeros(d), _rest(m)
        )
        start.x[:HELD] = m.entry[0] + s[:HELD, None] * m.entry[1]
        shape = among(relaxed(*only(m, start, used)), used, np.zeros(d))
        n = len(shape.s)
        return RodState(_still(shape), frozen(np.zeros((n, WALL))), frozen(np.zeros((d, 2))), frozen(np.zeros(4)))

    def step(self, state: RodState, control: RodControl, dt: float) -> RodState:
        """Move the hubs to `control` within `dt` [s].

        InputError for a control that is not finite or jumps; DivergedError when the shape leaves the finite numbers.
        """
        m, s = self._model[0], self.settings
        old = Shape(*(array.copy() for array in state.shape))
        goal, hub = np.asarray(control.inserted, dtype=np.float64), np.array(control.hub, dtype=np.float64)
        if goal.shape == m.total.shape:
            goal = np.minimum(np.maximum(goal, 0.0), m.total * MM)
        check_control(goal, hub, (old.inserted * MM, old.hub))
        limits = Limits(s.substeps, s.iterations, s.accept, s.tolerance)
        end = Goal(goal / MM, hub, s.sway.checked(control.sway) / MM)
        shape, wall, hands, effort = advance(m, old, state.wall.copy(), end, dt / _MS, limits)
        if not np.isfinite(shape.x).all():
            raise DivergedError("the rod's node positions are no longer finite numbers")
        return RodState(_still(shape), frozen(wall), frozen(hands), frozen(np.array(effort)))

    def read(self, state: RodState) -> RodReadout:
        """Return what the rod does, in SI."""
        shape, wall = state.shape, state.wall
        clear = np.minimum(wall[:, CLEAR], wall[:, MIDDLE])
        deep = np.maximum(wall[:, THICK] - wall[:, CLEAR], wall[:, THICK] - wall[:, MIDDLE])[HELD:]
        known = deep[np.isfinite(deep)]
        walled = bool(np.any(self.field.index >= 0))
        escaped = np.array(~(clear >= -self.settings.wall.escape / MM) & walled, dtype=np.bool_)
        escaped[:HELD] = False
        escaped.setflags(write=False)
        return RodReadout(
            points=frozen(shape.x * MM),
            arc=frozen(shape.s * MM),
            wall_force=frozen(wall[:, PUSH : PUSH + 3].copy()),
            friction=frozen(wall[:, RUB : RUB + 3].copy()),
            inserted=frozen(shape.inserted * MM),
            hand_force=frozen(state.hand[:, 0].copy()),
            hand_torque=frozen(state.hand[:, 1] * MM),
            residual=float(state.report[0]),
            iterations=int(state.report[1]),
            halvings=int(state.report[2]),
            unconverged=int(state.report[3]),
            wall_pressure=frozen(shape.motion[:, PRESS] / MM),
            penetration=max(float(known.max()), 0.0) * MM if len(known) else 0.0,
            escaped=escaped,
            tip_angle=frozen(shape.theta[-1].copy()),
        )


def _rest(model: Model) -> F8:
    """Return the displacements of a wall at rest."""
    return np.zeros((len(model.modes), 3))


def _along(path: F8, s: F8) -> F8:
    """Return points at arc lengths `s` of the polyline `path`; beyond its end the last point."""
    arc = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))))
    return np.column_stack([np.interp(s, arc, path[:, r]) for r in range(3)])


def _still(shape: Shape) -> Shape:
    for array in shape:
        array.setflags(write=False)
    return shape

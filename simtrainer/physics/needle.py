"""A needle in the hand, in layered tissue: it dents walls, pierces them, cuts, rubs, bends, and leaves a track.

The hand holds the hub. Tissue is at rest but for what the needle pushes before it and drags along its shaft; lateral
motion is that of a beam of small turns against the hub's axis. One track is kept: a needle that is drawn back and
pushed on follows it without cutting; one that leaves it, or enters elsewhere, cuts a new one and the old is forgotten.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.units import MM
from simtrainer.physics import needle_problem as at
from simtrainer.physics.needle_check import check_fields, check_move, check_pose
from simtrainer.physics.needle_problem import Body, Model, Scratch
from simtrainer.physics.needle_read import NeedleReadout, readout
from simtrainer.physics.needle_spec import FOLLOWS, SPARE, NeedleControl, NeedleSettings, NeedleSpec
from simtrainer.physics.needle_step import DONE, TOO_DEEP, TOO_MANY, advance
from simtrainer.physics.needle_tissue import Tissue
from simtrainer.physics.needle_track import distance

F8 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NeedleState:
    """A needle between steps; read it through `NeedleReadout`."""

    body: Body


@dataclass(frozen=True, slots=True)
class Needle:
    """Solver for one needle and the tissue before it."""

    spec: NeedleSpec
    tissue: Tissue
    settings: NeedleSettings = dataclasses.field(default_factory=NeedleSettings)
    _model: list[Model] = dataclasses.field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Put everything into arrays once."""
        self._model.clear()
        self._model.append(_modelled(self.spec, self.tissue, self.settings))

    def init(self, control: NeedleControl) -> NeedleState:
        """Return the needle at rest in the air, its hub as in `control`; InputError where its tip lies in tissue."""
        m = self._model[0]
        hub = _hub(control)
        n, cells, count = m.nodes, math.ceil((self.spec.length + SPARE) / self.settings.cell), len(m.surfaces)
        tip = np.stack([hub[0] + self.spec.length * hub[1], hub[1]])
        field = np.array([distance(m, j, *(float(v) for v in tip[0])) for j in range(count)])
        if np.any(field < 0.0):
            name = self.tissue.boundaries[int(np.argmin(field))].wall.name
            raise InputError(f"needle: its tip begins {-field.min() / MM:.2f} mm behind '{name}'; it begins in the air")
        body = Body(
            np.zeros(at.SCALARS), hub, np.zeros((2, n, 2)), tip, np.zeros((cells + 1, 3)), np.zeros((cells, at.CELL)),
            np.zeros((at.CROSSINGS, at.CROSS)), field, np.zeros((at.LOGGED, at.LOG)), np.zeros((2, 3)),
        )  # fmt: skip
        return NeedleState(_still(body))

    def step(self, state: NeedleState, control: NeedleControl, dt: float) -> NeedleState:
        """Move the hub to `control` within `dt` [s].

        InputError for a control that is not finite or jumps, or that pushes the hub into the tissue; DivergedError
        where the needle leaves the finite numbers.
        """
        m = self._model[0]
        check_fields("needle", least=1e-6, most=1.0, dt=dt)
        goal = _hub(control)
        check_move(goal, state.body.hub)
        body = Body(*(array.copy() for array in state.body))
        ended = advance(m, body, goal, dt, _scratch(m))
        tick = int(body.scalars[at.TICK])
        if ended == TOO_DEEP:
            raise InputError(f"tick {tick}: the hub lies more than {SPARE / MM:g} mm below the surface of the tissue")
        if ended == TOO_MANY:
            raise DivergedError(f"tick {tick}: the needle's track crosses more than {at.CROSSINGS} walls")
        if ended != DONE:
            raise DivergedError(f"tick {tick}: the needle's shape or force is no longer a finite number")
        return NeedleState(_still(body))

    def read(self, state: NeedleState) -> NeedleReadout:
        """Return what the needle does, in SI."""
        return readout(self._model[0], state.body, self.tissue)


def _hub(control: NeedleControl) -> F8:
    pose = np.asarray(control.hub, dtype=np.float64)
    check_pose(pose)
    return np.stack([pose[:3, 3], pose[:3, 0], pose[:3, 2], np.cross(pose[:3, 0], pose[:3, 2])])


def _modelled(spec: NeedleSpec, tissue: Tissue, settings: NeedleSettings) -> Model:
    """Return needle and tissue as the kernels read them."""
    layers, walls, surfaces = tissue.rows()
    grids = tissue.grids()
    edges = max(math.ceil(spec.length / settings.node_step - 1e-9), 2)
    bricks = np.cumsum([0, *(grid.index.size for grid in grids)])
    samples = np.cumsum([0, *(grid.values.size for grid in grids)])
    beam = np.array(
        [
            spec.length, spec.flexural_rigidity, spec.lean, spec.length / edges, settings.cell, settings.stride,
            FOLLOWS * spec.radius,
        ]
    )  # fmt: skip
    return Model(
        layers=layers, walls=walls, surfaces=surfaces,
        bricks=np.concatenate([np.zeros(0, np.int32), *(grid.index.ravel() for grid in grids)]).astype(np.int32),
        shapes=np.array([grid.index.shape for grid in grids], dtype=np.int64).reshape(-1, 3),
        starts=np.column_stack([bricks[:-1], samples[:-1]]).astype(np.int64),
        values=np.concatenate([np.zeros(0, np.float32), *(grid.values.ravel() for grid in grids)]).astype(np.float32),
        corners=np.array([[*grid.origin, grid.spacing] for grid in grids], dtype=np.float64).reshape(-1, 4),
        beam=beam, nodes=edges + 1,
    )  # fmt: skip


def _scratch(m: Model) -> Scratch:
    rows = 2 * m.nodes + 2
    return Scratch(
        np.empty((rows, 4)), np.empty((2, rows)), np.empty((4, 3)),
        np.empty((2, 3)), np.empty((2, 3)), np.empty((2, 3)), np.empty((2, len(m.surfaces))),
    )  # fmt: skip


def _still(body: Body) -> Body:
    for array in body:
        array.setflags(write=False)
    return body

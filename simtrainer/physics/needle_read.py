"""What a needle tells: where it is, what it went through, what the hand feels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.frame import frozen
from simtrainer.physics import needle_problem as at
from simtrainer.physics.needle_axial import stored
from simtrainer.physics.needle_problem import Body, Model
from simtrainer.physics.needle_tissue import Layer, Tissue

F8 = NDArray[np.float64]


class Way(Enum):
    """Which way a surface is crossed: into what it encloses, or out of it (the far wall of a vessel)."""

    IN = "in"
    OUT = "out"


class Grip(Enum):
    """How tissue holds the shaft: not at all, fast, or it slides (more than half of its length)."""

    FREE = "free"
    STUCK = "stuck"
    SLIDING = "sliding"


@dataclass(frozen=True, slots=True)
class Puncture:
    """A wall that gave way: which way, at which tick of the needle, force at the tip [N], depth on the track [m]."""

    boundary: int
    name: str
    way: Way
    tick: int
    force: float
    depth: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A wall on the needle's track.

    Parameters
    ----------
    depth
        Where on the track it stands at rest [m].
    pierced, tick
        Whether the needle went through it on this track, and when; -1 while it has not.
    displacement
        How far the needle holds it from its place, inwards along the track [m].
    """

    boundary: int
    name: str
    way: Way
    depth: float
    pierced: bool
    tick: int
    displacement: float


@dataclass(frozen=True, slots=True)
class NeedleReadout:
    """What the needle does, in SI.

    Parameters
    ----------
    tip, direction
        Of the tip in W [m], (3,).
    points
        Shaft from hub to tip [m] in W, (n, 3).
    layer
        Number of the tip's layer in `Tissue.layers`, and its name.
    depth
        Arc length of the tip along its track [m], 0 outside.
    depths
        Length of the shaft in each layer [m], (l,).
    axial_force, peak_force
        Push [N] of the hand along the needle at the end of the step, and its largest within it.
    tip_force
        Of it, what acts at the tip [N].
    hand_force, hand_torque
        What the hand does to the hub in W [N], [N m], (3,) each; the torque about the hub.
    displacement
        Largest of each boundary's walls on the track, inwards along it [m], (j,).
    crossings
        Walls on the track, from the outside.
    punctures, count
        The latest walls that gave way since the beginning, at most 64, and how many ever.
    through
        Boundaries whose near and far wall are both pierced on this track.
    grip, sliding
        How tissue holds the shaft, and the share of it that slides.
    work, stored, lost
        Of the hand along the track since the beginning, and where it is [J]; bending is not in them.
    buried
        The hub lies on the tissue: no more of the needle is left.
    """

    tip: F8
    direction: F8
    points: F8
    layer: int
    layer_name: str
    depth: float
    depths: F8
    axial_force: float
    peak_force: float
    tip_force: float
    hand_force: F8
    hand_torque: F8
    displacement: F8
    crossings: tuple[Crossing, ...]
    punctures: tuple[Puncture, ...]
    count: int
    through: tuple[int, ...]
    grip: Grip
    sliding: float
    work: float
    stored: float
    lost: float
    buried: bool
    tick: int


def readout(model: Model, body: Body, tissue: Tissue) -> NeedleReadout:
    """Return what `body` is, in SI."""
    s, hub, load, span = body.scalars, body.hub, body.load, float(model.beam[at.SPAN])
    along = np.linspace(0.0, float(model.beam[at.LONG]), model.nodes)[:, None]
    crossings, layers = _crossings(body, tissue, span), tissue.layers
    shift = np.zeros(len(tissue.boundaries))
    for one in crossings:
        shift[one.boundary] = max(shift[one.boundary], one.displacement, key=abs)
    ways = {(one.boundary, one.way) for one in crossings if one.pierced}
    return NeedleReadout(
        tip=frozen(body.tip[0]), direction=frozen(body.tip[1]),
        points=frozen(hub[0] + along * hub[1] + body.bend[0, :, :1] * hub[2] + body.bend[1, :, :1] * hub[3]),
        layer=int(s[at.HERE]), layer_name=layers[int(s[at.HERE])].name, depth=float(s[at.Z]),
        depths=frozen(_depths(body, layers)), axial_force=float(s[at.AXIAL]),
        peak_force=float(s[at.PEAK]) if math.isfinite(s[at.PEAK]) else 0.0, tip_force=float(s[at.FRONT]),
        hand_force=frozen(load[0] @ hub[1:]), hand_torque=frozen(load[1] @ hub[1:]),
        displacement=frozen(shift), crossings=crossings, punctures=_punctures(body, tissue),
        count=int(s[at.PUNCTURES]),
        through=tuple(sorted(j for j, way in ways if way is Way.OUT and (j, Way.IN) in ways)),
        grip=_grip(s), sliding=float(s[at.SLIPPED]), work=float(s[at.WORK]), stored=float(stored(model, body)),
        lost=float(s[at.LOST]), buried=bool(s[at.Z] > float(model.beam[at.LONG])), tick=int(s[at.TICK]),
    )  # fmt: skip


def _crossings(body: Body, tissue: Tissue, span: float) -> tuple[Crossing, ...]:
    found = []
    for row in body.cross[: int(body.scalars[at.COUNT])]:
        arc, whole = float(row[at.ARC]), row[at.PIERCED] == 0.0
        if whole:
            moved = max(float(body.scalars[at.Z]) - arc, 0.0)
        else:
            cell = body.cells[min(int(arc / span), len(body.cells) - 1)]
            moved = float(row[at.SLACK] + cell[at.STRETCH])
        found.append(
            Crossing(
                boundary=int(row[at.WHICH]), name=tissue.boundaries[int(row[at.WHICH])].wall.name,
                way=_way(row[at.SENSE]), depth=arc, pierced=not whole, tick=-1 if whole else int(row[at.WHEN]),
                displacement=moved,
            )
        )  # fmt: skip
    return tuple(found)


def _punctures(body: Body, tissue: Tissue) -> tuple[Puncture, ...]:
    count = int(body.scalars[at.PUNCTURES])
    rows = [body.log[k % at.LOGGED] for k in range(max(count - at.LOGGED, 0), count)]
    return tuple(
        Puncture(
            boundary=int(row[at.L_WHICH]), name=tissue.boundaries[int(row[at.L_WHICH])].wall.name,
            way=_way(row[at.L_SENSE]), tick=int(row[at.L_WHEN]), force=float(row[at.L_FORCE]),
            depth=float(row[at.L_ARC]),
        )
        for row in rows
    )  # fmt: skip


def _way(sense: float) -> Way:
    return Way.IN if sense > 0.0 else Way.OUT


def _grip(s: F8) -> Grip:
    if s[at.COVER] <= 0.0:
        return Grip.FREE
    return Grip.SLIDING if s[at.SLIPPED] > 0.5 else Grip.STUCK


def _depths(body: Body, layers: tuple[Layer, ...]) -> F8:
    """Return the covered length of the track in each layer [m], (l,)."""
    out, begin, layer = np.zeros(len(layers)), 0.0, 0
    cover = float(body.scalars[at.COVER])
    for row in body.cross[: int(body.scalars[at.COUNT])]:
        if row[at.PIERCED] == 0.0 or row[at.ARC] > cover:
            break
        out[layer] += row[at.ARC] - begin
        begin, layer = float(row[at.ARC]), int(row[at.BEYOND])
    out[layer] += cover - begin
    return out

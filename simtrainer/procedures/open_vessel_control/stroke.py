"""What edges and blunt tips do in one tick: bricks that go, vessels and nerve that are hit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.procedures.open_vessel_control import cut
from simtrainer.procedures.open_vessel_control.state import Deeds, Hole, WoundState
from simtrainer.procedures.open_vessel_control.tool import tines

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
TEAR_EVERY = 5
"""Ticks between two looks for tissue that tears by itself. because: design, 20 times a second"""
BESIDE, BEYOND = 6.0 * MM, 5.0 * MM
"""How far beside the marked line, and beyond its ends, a cut in the skin may be [m]. because: design, 1.5 voxels"""


@dataclass(frozen=True, slots=True)
class Body:
    """What strokes meet: mesh, materials by their names, what parts and tears them, and the line on the skin [m]."""

    mesh: VoxelMesh
    names: tuple[str, ...]
    line: F8

    @property
    def tough(self) -> F8:
        """Return the work of cutting by material [J/m2]."""
        return np.array([cut.TOUGH[name] for name in self.names])

    @property
    def parts(self) -> F8:
        """Return the stretch at which a blunt tip parts each material."""
        return np.array([cut.PARTS.get(name, np.inf) for name in self.names])


@dataclass(frozen=True, slots=True)
class Struck:
    """What came of the strokes of a tick: the path that the solver cuts along, and the state with holes and counts."""

    path: F8 | None
    state: WoundState


def strike(body: Body, before: WoundState, now: WoundState, axes: dict[str, tuple[F8, F8]], tick: int) -> Struck:
    """Return what edges cut, blunt tips part and stretch tears in this tick; one of them at a time."""
    x, alive, deeds = now.tissue.position, now.tissue.alive, now.deeds
    felt, path = [0.0, 0.0], None
    for side in (0, 1):
        old, hand = before.hands[side], now.hands[side]
        stroke = cut.scalpel(old, hand) or cut.scissors(old, hand)
        if stroke is None:
            continue
        felt[side] = cut.resistance(body.mesh, cut.touched(body.mesh, x, alive, stroke), body.tough)
        now = _hit(now, stroke, axes)
        gone = cut.swept(body.mesh, x, alive, stroke)
        if gone.any() and path is None:
            raised = stroke.path.copy()
            raised[:, 0, 1] += 0.5 * float(body.mesh.spacing[1])
            path = raised
            deeds = replace(deeds, cuts=deeds.cuts + int(gone.sum()), outside=deeds.outside + _outside(body, gone))
    deeds = replace(deeds, cut_force=(felt[0], felt[1]))
    if path is None:
        path, deeds = _blunt(body, now, deeds, tick)
    counted = replace(deeds, nerve=now.deeds.nerve, vein=now.deeds.vein)
    return Struck(path, replace(now, deeds=counted))


def _blunt(body: Body, now: WoundState, deeds: Deeds, tick: int) -> tuple[F8 | None, Deeds]:
    """Return the path into the brick that parts or tears, if one does."""
    x, alive = now.tissue.position, now.tissue.alive
    tips: list[F8] = []
    for hand in now.hands:
        if hand.tip[1] < 0.0 and hand.tool == "dissector":
            tips += tines(hand)
    if tips:
        brick = cut.parting(body.mesh, x, cut.near(body.mesh, x, alive, tuple(tips)), body.parts)
        if brick >= 0:
            return cut.into(body.mesh, x, brick), replace(deeds, cuts=deeds.cuts + 1)
    if tick % TEAR_EVERY == 0:
        brick = cut.parting(body.mesh, x, np.flatnonzero(alive), np.full(len(body.names), cut.TEARS))
        if brick >= 0:
            name = body.names[int(body.mesh.kind[brick])]
            return cut.into(body.mesh, x, brick), replace(deeds, torn=deeds.torn + 1, last_torn=name)
    return None, deeds


def _outside(body: Body, gone: NDArray[np.bool_]) -> int:
    """Return how many voxels of skin among `gone` lie beside or beyond the marked line."""
    mesh = body.mesh
    skin = mesh.voxels[gone & (mesh.kind == body.names.index("skin"))]
    if not len(skin):
        return 0
    middle = mesh.origin + (skin + 0.5) * mesh.spacing
    order = np.argsort(body.line[:, 2])
    line = body.line[order]
    away = np.abs(middle[:, 0] - np.interp(middle[:, 2], line[:, 2], line[:, 0]))
    beyond = (middle[:, 2] < line[0, 2] - BEYOND) | (middle[:, 2] > line[-1, 2] + BEYOND)
    return int(np.count_nonzero((away > BESIDE) | beyond))


def _hit(now: WoundState, stroke: cut.Stroke, axes: dict[str, tuple[F8, F8]]) -> WoundState:
    """Return the state with what the edge did to artery, vein and nerve."""
    deeds = now.deeds
    for name in ("artery", "vein"):
        station, deep = cut.depth_in(stroke, *axes[name])
        if deep <= 0.0:
            continue
        old = now.hole if name == "artery" else now.vein_hole
        area = min(old.area + deep * max(stroke.length, 0.2 * MM), cut.WHOLE)
        hole = Hole(old.station if old.station >= 0 else station, area, old.cause or "blade")
        if name == "artery":
            now = replace(now, hole=hole)
        else:
            deeds = replace(deeds, vein=deeds.vein + (old.station < 0))
            now = replace(now, vein_hole=hole)
    if cut.depth_in(stroke, *axes["nerve"])[1] > 0.0:
        deeds = replace(deeds, nerve=deeds.nerve + 1)
    return replace(now, deeds=deeds)

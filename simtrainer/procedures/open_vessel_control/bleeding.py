"""One tick of bleeding: out of the holes, into the wound, into sucker and swabs; and when it begins by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.stream import Streams
from simtrainer.core.units import ML, MM
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.procedures.open_vessel_control import blood as law
from simtrainer.procedures.open_vessel_control.bed import Bed, Squeeze, flat_width
from simtrainer.procedures.open_vessel_control.clamp import closed, closers
from simtrainer.procedures.open_vessel_control.fact import FOUND_MM
from simtrainer.procedures.open_vessel_control.state import Blood, Deeds, Hole, WoundState

F8 = NDArray[np.float64]
Bool = NDArray[np.bool_]
DUE_S = (1.5, 4.0)
"""How long after the artery was found it begins to bleed by itself [s]. because: design"""
MIDDLE = 6.0 * MM
"""How far from the middle of the block it bleeds at most [m]. because: design; both sides can then be reached"""
AREA = (0.8e-6, 1.5e-6)
"""How large the hole is [m2]. because: design; 1.0 to 1.4 mm wide, a torn off branch"""
HELD_DOWN = 0.3
"""Flow over that without a finger below which a bleeding counts as pressed. because: design"""
NEAR = 2
"""Points of the artery on either side of the hole that a finger may press on. because: design, 5 mm"""
PRESSED_TICKS, CLOT_TICKS, LET_GO_TICKS = 50, 150, 80
"""Ticks: until pressure counts as applied, until there is a clot to open, and until it has been let go of. because:
design; hands change within 0.8 s"""
SUCK_REACH, DRAW_UP = 5.0 * MM, 1.0 * MM
"""How far beside open wound and over the blood a sucker still takes [m]. because: design"""


@dataclass(frozen=True, slots=True)
class Wound:
    """What the blood runs in: the mesh, the tubes' bed, and the area of a voxel seen from above [m2]."""

    mesh: VoxelMesh
    bed: Bed

    def cavity(self, alive: Bool) -> law.Cavity:
        """Return the voxels that are gone under the skin as a vessel for blood, at rest: that it gapes is left out."""
        mesh = self.mesh
        layers = np.arange(mesh.shape[1])
        gone = np.bincount(mesh.voxels[~alive, 1], minlength=mesh.shape[1])
        area = float(mesh.spacing[0] * mesh.spacing[2])
        gone[-1] = 0  # the edges sink under retractors: it runs over below the skin's own layer
        bottoms: F8 = mesh.origin[1] + layers * mesh.spacing[1]
        areas: F8 = gone.astype(np.float64) * area
        return law.Cavity(bottoms, float(mesh.spacing[1]), areas)


def began(state: WoundState, bed: Bed, tick: int, streams: Streams) -> WoundState:
    """Return the state with the bleeding that begins by itself, a while after the artery was found."""
    deeds = state.deeds
    if deeds.found == 0 and state.sight.artery_mm >= FOUND_MM:
        wait = float(streams.at("bleed", 0).uniform(*DUE_S))
        return replace(state, deeds=replace(deeds, found=tick, due=tick + round(100.0 * wait)))
    if tick != deeds.due or state.hole.station >= 0:
        return state
    chance = streams.at("bleed", 1)
    z = float(chance.uniform(-MIDDLE, MIDDLE))
    station = int(np.argmin(np.abs(bed.tubes["artery"].points[:, 2] - z)))
    return replace(state, hole=Hole(station, float(chance.uniform(*AREA)), "itself"))


def opened(state: WoundState, squeeze: Squeeze) -> F8:
    """Return the lumen of the artery over its round one, with what clamps and ties close, shape (n,)."""
    out = squeeze.open.copy()
    for station, _ in closers(state):
        out[max(station - 1, 0) : station + 2] = 0.0
    return out


def flows(state: WoundState, bed: Bed, squeeze: Squeeze, open_: F8, pressure: float) -> tuple[float, float]:
    """Return what leaves the artery and how much of it comes from behind [m3/s]."""
    hole, tube, step = state.hole, bed.tubes["artery"], bed.step
    if hole.station < 0:
        return 0.0, 0.0
    k = hole.station
    front = law.resistance(open_[: k + 1], tube.radii[: k + 1], step[: k + 1])
    back = law.resistance(open_[k:], tube.radii[k:], step[k:])
    way = law.Way(pressure, law.BACK_PRESSURE * pressure, law.SUPPLY + front, law.BACK_SUPPLY + back)
    width = float(flat_width(squeeze.height, tube.radii)[k]) if squeeze.hand[k] >= 0 else 0.0
    plugged = min(max(width / (2.0 * np.sqrt(hole.area / np.pi)) - 1.0, 0.0), 1.0)
    return law.outflow(way, hole.area, plugged * pressure)


def bled(wound: Wound, before: WoundState, now: WoundState, squeeze: Squeeze, dt: float) -> WoundState:
    """Return the state a tick of bleeding later."""
    open_ = opened(now, squeeze)
    pressure = law.pressure_after(now.blood.lost_ml, now.deeds.called)
    flow, behind = flows(now, wound.bed, squeeze, open_, pressure)
    free, _ = flows(now, wound.bed, _unpressed(squeeze), opened(now, _unpressed(squeeze)), pressure)
    venous = 0.0
    if now.vein_hole.station >= 0:
        venous = law.DISCHARGE * now.vein_hole.area * float(np.sqrt(2.0 * law.VENOUS / law.DENSITY))
    cavity = wound.cavity(now.tissue.alive)
    blood = law.poured(now.blood, (flow + venous) * dt / ML, cavity.room_ml)
    blood, deeds = _taken_up(wound, now, blood, dt)
    deeds = _watched(now, deeds, squeeze, (flow, free, venous))
    blood = replace(
        blood, flow_ml_s=flow / ML, back_ml_s=behind / ML, venous_ml_s=venous / ML, pressure=pressure,
        pool_level=cavity.level(blood.pool_ml),
    )  # fmt: skip
    open_.setflags(write=False)
    return replace(now, blood=blood, deeds=deeds, open=open_)


def _unpressed(squeeze: Squeeze) -> Squeeze:
    bare = squeeze.hand < 0
    return Squeeze(
        np.where(bare, squeeze.height, 1.0), np.where(bare, squeeze.open, 1.0), squeeze.force,
        np.full(len(bare), -1, dtype=np.int64),
    )  # fmt: skip


def _taken_up(wound: Wound, now: WoundState, blood: Blood, dt: float) -> tuple[Blood, Deeds]:
    """Return what sucker and swabs take out of the pool."""
    soaked = list(now.deeds.soaked_ml)
    for side, hand in enumerate(now.hands):
        if hand.tip[1] > now.blood.pool_level + DRAW_UP or not _over_wound(wound, now.tissue.alive, hand.tip):
            continue
        if hand.tool == "suction" and hand.close > 0.5:
            blood = law.sucked(blood, law.SUCTION_ML_S * dt)
        elif hand.tool == "swab":
            room = law.SWAB_ML - soaked[side]
            blood, taken = law.soaked(blood, min(law.SOAK_ML_S * dt, max(room, 0.0)))
            soaked[side] += taken
    return blood, replace(now.deeds, soaked_ml=(soaked[0], soaked[1]))


def _over_wound(wound: Wound, alive: Bool, tip: Sequence[float]) -> bool:
    mesh = wound.mesh
    gone = mesh.voxels[~alive]
    middle = mesh.origin[[0, 2]] + (gone[:, [0, 2]] + 0.5) * mesh.spacing[[0, 2]]
    away = np.abs(middle - np.array([tip[0], tip[2]])) - 0.5 * mesh.spacing[[0, 2]]
    return bool(len(gone)) and bool(np.any(np.all(away <= SUCK_REACH, axis=1)))


def _watched(now: WoundState, deeds: Deeds, squeeze: Squeeze, flow: tuple[float, float, float]) -> Deeds:
    """Return the deeds with how long the bleeding is pressed, let go and dry."""
    k = now.hole.station
    if k < 0:
        return deeds
    out, free, venous = flow
    about = squeeze.hand[max(k - NEAR, 0) : k + NEAR + 1]
    pressed = bool((about >= 0).any()) and out <= HELD_DOWN * free and free > 0.0
    dry = deeds.dry + 1 if law.stagnant((out + venous) / ML) else 0
    if pressed:
        return replace(deeds, pressed=deeds.pressed + 1, unpressed=0, dry=dry)
    unpressed = deeds.unpressed + 1
    if unpressed < LET_GO_TICKS or deeds.pressed == 0:
        return replace(deeds, unpressed=unpressed, dry=dry)
    before, beyond = closed(now)
    clot = deeds.pressed >= CLOT_TICKS and not (before and beyond)
    return replace(deeds, pressed=0, unpressed=0, dry=dry, opened=deeds.opened + clot)

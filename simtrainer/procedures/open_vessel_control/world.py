"""The exercise on one block: from actions to the next state, in the order of the tick."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.block import TUBES, Block
from simtrainer.core.action import Action, Control
from simtrainer.core.event import EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.frame import frozen
from simtrainer.core.session import Detector, Stimulus
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_mesh import Attachment, Material, VoxelMesh, voxel_mesh
from simtrainer.physics.tissue_state import TissueControl, TissueReadout, TissueSettings
from simtrainer.procedures.open_vessel_control import blood as law
from simtrainer.procedures.open_vessel_control import fact
from simtrainer.procedures.open_vessel_control.bed import Bed, Press, Squeeze
from simtrainer.procedures.open_vessel_control.bleeding import Wound, began, bled
from simtrainer.procedures.open_vessel_control.catalogue import CONTROLS, EVENTS, SIDES, SIGNALS
from simtrainer.procedures.open_vessel_control.detector import DETECTORS
from simtrainer.procedures.open_vessel_control.hand import leave, moved, take, with_hand
from simtrainer.procedures.open_vessel_control.jaw import jawed
from simtrainer.procedures.open_vessel_control.sense import Feeling, Windows, sense
from simtrainer.procedures.open_vessel_control.sight import Field, View
from simtrainer.procedures.open_vessel_control.state import Blood, Hand, Sight, WoundState
from simtrainer.procedures.open_vessel_control.stroke import Body, strike
from simtrainer.procedures.open_vessel_control.tool import (
    FINGER,
    HANDS_SLOTS,
    JAWS,
    REST,
    SOLIDS,
    SWAB,
    UP,
    jaws,
    solids,
)

F8 = NDArray[np.float64]
TICK_HZ = 100
DT = 1.0 / TICK_HZ
LOOK_TICKS = 20
"""Ticks between two scored looks at the wound. because: design, five looks a second"""
CLEAR = 10.0 * MM
"""Height over the skin [m] above which a tool touches nothing. because: design, more than tissue is ever lifted"""
STILL_TICKS, STILL = 12, 2e-4
"""Ticks without a tool moving, and speed [m/s] of its nodes, after which tissue at rest is left as it lies."""
SETTINGS = TissueSettings(contact_stiffness=1e8, friction=0.2, tolerance=5e-3, iterations=40)
"""because: design; five times the usual contact stiffness, or thin blades slip through; and a coarser end."""
JET_ML_S, JET_DEEP = 0.3, 4.0 * MM
"""Flow that spurts, and the depth of blood that hides a spurt [m]. because: design"""


@dataclass(frozen=True, slots=False)
class Exercise:
    """World of an open vessel control; see `core.session.World`."""

    block: Block
    name: str = "open_vessel_control"
    tick_hz: int = TICK_HZ
    controls: tuple[Control, ...] = CONTROLS
    signals: tuple[Signal, ...] = SIGNALS
    event_types: tuple[EventType, ...] = EVENTS

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """What turns two snapshots into events."""
        return tuple(detector(self.facts) for detector in DETECTORS)

    @cached_property
    def facts(self) -> SessionFacts:
        """Marked line and limits."""
        return fact.facts(self.block)

    @cached_property
    def mesh(self) -> VoxelMesh:
        """The bricks of the block."""
        made = {
            entry.label: Material(
                entry.youngs_modulus_kpa * 1e3, entry.poisson_ratio, entry.density_kg_m3, entry.because,
                damping=entry.damping_s,
            )
            for entry in self.block.manifest.materials
        }  # fmt: skip
        return voxel_mesh(self.block.labels, self.block.spacing, self.block.origin, made)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the materials in the order of the mesh."""
        return tuple(self.block.material[label].name for label in self.mesh.labels)

    @cached_property
    def tissue(self) -> Tissue:
        """The solver of the block."""
        return Tissue(self.mesh, _attachment(self.mesh), SETTINGS, tools=SOLIDS, jaws=JAWS)

    @cached_property
    def bed(self) -> Bed:
        """Artery, vein and nerve in the tissue."""
        return Bed(self.block, self.mesh)

    @cached_property
    def wound(self) -> Wound:
        """What blood runs in."""
        return Wound(self.mesh, self.bed)

    @cached_property
    def body(self) -> Body:
        """What edges meet."""
        return Body(self.mesh, self.names, self.block.line)

    @cached_property
    def field(self) -> Field:
        """What the block looks like."""
        return Field(self.mesh, self.names, self.block.line)

    @cached_property
    def windows(self) -> Windows:
        """The layers over the artery."""
        return Windows(self.mesh, self.names, self.block.tubes["artery"].points)

    @cached_property
    def last_seen(self) -> list[tuple[Sight, tuple[int, int], Mapping[str, F8]]]:
        """The places of the last look, worked out once for all observations of it; derived data, no state."""
        return []

    @cached_property
    def fingerprint(self) -> str:
        """Hash over block, materials and settings."""
        text = json.dumps([self.block.manifest.model_dump(mode="json"), repr(SETTINGS), repr(SOLIDS), repr(JAWS)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def init(self, streams: Streams) -> WoundState:
        """Return the block at rest, nothing in the hands."""
        n = len(self.block.tubes["artery"].points)
        nothing = Sight(np.zeros((1, 1), dtype=np.int32), np.zeros((1, 1)))
        start = WoundState(
            self.tissue.init(), Hand(tip=REST[0]), Hand(tip=REST[1]), frozen(np.zeros(n)), frozen(np.ones(n)), nothing,
            blood=Blood(pressure=law.START_PRESSURE),
        )  # fmt: skip
        start = replace(start, sight=self.field.look(self.view(start), self._step_mm))
        return self._sensed(start, start, self._squeeze(start))

    def advance(
        self, state: WoundState, actions: tuple[Action, ...], *, pending: tuple[Stimulus, ...], tick: int,
        streams: Streams,
    ) -> WoundState:  # fmt: skip
        """Return the state one tick later."""
        now = state
        for action in actions:
            now = self._deed(now, action)
        floor = float(self.mesh.origin[1]) + 1.0 * MM
        now = replace(now, left=moved(now.left, floor, DT), right=moved(now.right, floor, DT))
        axes = self.axes(state)
        struck = strike(self.body, state, now, axes, tick)
        now = self._pressed_on(struck.state, struck.path)
        squeeze = self._squeeze(now)
        rate = 0.25 * (squeeze.force - now.squeeze)
        now = replace(now, squeeze=frozen(now.squeeze + rate))
        now = jawed(self, state, now, axes)
        now = bled(self.wound, state, began(now, self.bed, tick, streams), squeeze, DT)
        if tick % LOOK_TICKS == 0:
            now = replace(now, sight=self.field.look(self.view(now), self._step_mm))
        return self._sensed(state, now, squeeze)

    def snapshot(self, state: WoundState, tick: int) -> Snapshot:
        """Return signals, curves and words."""
        curves = {name: frozen(axis) for name, (axis, _) in self.axes(state).items()}
        for name, hand in zip(SIDES, state.hands, strict=True):
            if hand.tool:
                tip = np.array(hand.tip)
                curves[f"{name}_tool"] = frozen(np.array([tip + 0.1 * UP, tip]))
        for number, item in enumerate(state.placed):
            tip = np.array(item.tip)
            curves[f"{item.kind}_{number}"] = frozen(np.array([tip + 0.02 * UP, tip]))
        return Snapshot(tick, state.signals, curves, dict(state.words))

    def quantities(self, state: WoundState) -> Mapping[str, NDArray[np.generic]]:
        """Return every array that defines the state."""
        tissue = state.tissue
        rows: dict[str, NDArray[np.generic]] = {
            f"tissue.{name}": getattr(tissue, name)
            for name in (
                "position", "velocity", "alive", "factored", "pending", "slip", "owner", "bound", "local", "jaws",
                "poses",
            )
        }  # fmt: skip
        rows["tissue.clock"] = np.array([tissue.tick, tissue.due])
        rows |= {"squeeze": state.squeeze, "open": state.open}
        rows |= {"sight.label": state.sight.label, "sight.depth": state.sight.depth}
        for name in ("left", "right", "hole", "vein_hole", "blood", "deeds"):
            part = getattr(state, name)
            rows[name] = _text([str(getattr(part, f.name)) for f in fields(part)])
        rows["placed"] = _text([str(item) for item in state.placed])
        rows["words"] = _text([list(pair) for pair in state.words])
        return rows

    def axes(self, state: WoundState) -> dict[str, tuple[F8, F8]]:
        """Return axis (n, 3) and radii (n,) [m] of each tube as it lies."""
        return {name: (self.bed.axis(state.tissue.position, name), self.bed.tubes[name].radii) for name in TUBES}

    def view(self, state: WoundState) -> View:
        """Return what there is to be seen."""
        axes = self.axes(state)
        axis, radii = axes["artery"]
        axes["artery"] = (axis, radii * np.clip(np.sqrt(state.open), 0.55, 1.0))
        return View(
            state.tissue.position, state.tissue.alive, axes, state.blood.pool_level, self._jet(state, axis, radii),
            state.hands, state.placed,
        )  # fmt: skip

    def read(self, state: WoundState) -> TissueReadout:
        """Return what the tissue does."""
        return self.tissue.read(state.tissue)

    @cached_property
    def _step_mm(self) -> float:
        z = self.block.tubes["artery"].points[:, 2]
        return round(float(np.mean(np.abs(np.diff(z)))) / MM, 3)

    def _jet(self, state: WoundState, axis: F8, radii: F8) -> F8 | None:
        k, blood = state.hole.station, state.blood
        if k < 0 or blood.flow_ml_s < JET_ML_S:
            return None
        top = axis[k] + np.array([0.0, radii[k], 0.0])
        return None if blood.pool_level > top[1] + JET_DEEP else np.asarray(top)

    def _deed(self, state: WoundState, action: Action) -> WoundState:
        name, value = action.control, action.value
        part, _, what = name.partition(".")
        if part in SIDES:
            return self._by_hand(state, SIDES.index(part), what, value)
        deeds = state.deeds
        if name == "swab.count":
            return replace(state, deeds=replace(deeds, counts=deeds.counts + 1))
        change: dict[str, Any] = {{"chart.read": "card_read", "team.time_out": "time_out"}.get(name, "called"): True}
        return replace(state, deeds=replace(deeds, **change))

    def _by_hand(self, state: WoundState, side: int, what: str, value: float | str) -> WoundState:
        hand = state.hands[side]
        if what == "take":
            return take(state, side, str(value))
        if what == "leave":
            return leave(state, side)
        if what in "xyz":
            speed = list(hand.speed)
            speed["xyz".index(what)] = float(value)
            return with_hand(state, side, replace(hand, speed=(speed[0], speed[1], speed[2])))
        change: dict[str, Any] = {"spin" if what == "turn" else "close": float(value)}
        return with_hand(state, side, replace(hand, **change))

    def _presses(self, state: WoundState) -> tuple[Press, ...]:
        radius = {"finger": FINGER, "swab": SWAB}
        return tuple(
            Press(np.array(hand.tip) + radius[hand.tool] * UP, radius[hand.tool], side)
            for side, hand in enumerate(state.hands)
            if hand.tool in radius
        )

    def _squeeze(self, state: WoundState) -> Squeeze:
        tissue = state.tissue
        return self.bed.squeeze(tissue.position, tissue.alive, self._presses(state), state.blood.pressure)

    def _pressed_on(self, state: WoundState, path: F8 | None) -> WoundState:
        """Return the state after the tissue's tick; tissue at rest that nothing moves against is left as it lies."""
        tissue, deeds = state.tissue, state.deeds
        every = solids(state.hands, state.placed)
        poses = tuple(None if pose is None or _high(pose, n) else pose for n, pose in enumerate(every))
        grip = jaws(state.hands)
        same = path is None and tissue.due < 0 and _same(poses, tissue.poses) and not any(one.closed for one in grip)
        same = same and not np.any(tissue.jaws)
        still = same and float(np.abs(tissue.velocity).max()) < STILL
        if still and deeds.quiet >= STILL_TICKS:
            return state
        covered = tissue.alive[self.bed.over["artery"][0]]
        push = self.bed.push(state.squeeze, covered)
        control = TissueControl(poses=poses, grips=grip, cut=path, force=push)
        after = self.tissue.step(tissue, control, DT)
        torn = sum(jaw < len(SIDES) for jaw in after.felt.torn)  # a tine that slips tears nothing
        deeds = replace(deeds, quiet=deeds.quiet + 1 if same else 0, torn=deeds.torn + torn)
        if torn:
            deeds = replace(deeds, last_torn="grip")
        return replace(state, tissue=after, deeds=deeds)

    def _sensed(self, before: WoundState, now: WoundState, squeeze: Squeeze) -> WoundState:
        push = np.array([float(squeeze.force[squeeze.hand == side].sum()) for side in (0, 1)])
        axis = self.bed.axis(now.tissue.position, "artery")
        free = self.bed.free(now.tissue.alive)
        return sense(Feeling(self.windows, self.read(now), axis, push, free, self._step_mm), before, now)

    @property
    def patient(self) -> str | Path:
        """Name or folder that the block was loaded from."""
        return self.block.name if self.block.folder.parent.name == "meshes" else self.block.folder


def _attachment(mesh: VoxelMesh) -> Attachment:
    """Return what holds the block: its ground is fixed, and springs at its sides stand for the tissue around.

    A column of tissue as long as the block is wide holds a node of area a with E a / L, E that of fat or muscle.
    because: design, 15 kPa over 60 mm.
    """
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    spare = 1e-3 * mesh.spacing
    fixed = mesh.points[:, 1] <= low[1] + spare[1]
    beside = np.zeros(len(mesh.points), dtype=np.bool_)
    for axis in (0, 2):
        beside |= (mesh.points[:, axis] <= low[axis] + spare[axis]) | (mesh.points[:, axis] >= high[axis] - spare[axis])
    area = float(mesh.spacing[1] * mesh.spacing[2])
    return Attachment(fixed, np.where(beside & ~fixed, 15e3 * area / 60e-3, 0.0), mesh.points)


def _high(pose: F8, solid: int) -> bool:
    """Tell whether a solid is so far over the skin that it touches nothing; retractors in the wound never are."""
    low = {0: FINGER, 1: SWAB}.get(solid % HANDS_SLOTS, 16.0 * MM)
    return solid < 2 * HANDS_SLOTS and float(pose[1, 3]) - low > CLEAR


def _same(poses: tuple[F8 | None, ...], before: F8) -> bool:
    """Tell whether no solid has come, gone or moved."""
    for pose, old in zip(poses, before, strict=True):
        there = bool(np.isfinite(old[0, 0]))
        if (pose is not None) != there or (pose is not None and not np.array_equal(pose, old)):
            return False
    return True


def _text(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)

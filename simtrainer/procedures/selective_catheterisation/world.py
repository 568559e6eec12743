"""The exercise on one patient: from actions to the next state, in the order of the tick."""

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

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.action import Action, Control
from simtrainer.core.event import EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.frame import frozen
from simtrainer.core.session import Detector, Stimulus
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams
from simtrainer.core.units import ML, MM
from simtrainer.imaging.carm import FIELDS, CArmPose
from simtrainer.imaging.contrast import Injection, advance_bolus, clear_blood
from simtrainer.imaging.dose import DoseState, Exposure, Mode
from simtrainer.imaging.flow import FlowNetwork, build_flow
from simtrainer.imaging.fluoroscope import Fluoroscope
from simtrainer.imaging.patient import patient_bodies
from simtrainer.instruments import instruments
from simtrainer.instruments.slender import Kind, Slender
from simtrainer.physics.rod import Rod, RodControl, RodReadout, RodSettings, RodState
from simtrainer.physics.rod_check import check_way
from simtrainer.procedures.selective_catheterisation import fact
from simtrainer.procedures.selective_catheterisation.catalogue import CONTROLS, EVENTS, SIGNALS
from simtrainer.procedures.selective_catheterisation.detector import DETECTORS
from simtrainer.procedures.selective_catheterisation.fluid import (
    PUFF_ML,
    Stroke,
    draw,
    flush,
    fresh,
    inject,
    opened,
)
from simtrainer.procedures.selective_catheterisation.place import Atlas
from simtrainer.procedures.selective_catheterisation.sense import Feeling, sense
from simtrainer.procedures.selective_catheterisation.state import Hands, Record, TableState

TICK_HZ = 100
DT = 1.0 / TICK_HZ
IODINE = 300.0
"""Iodine in the contrast [kg/m3]. because: 300 mg/ml is a common strength for angiography (known)"""
TIME_LAPSE = 60.0
"""Compression runs this much faster, so that ten minutes at the groin take ten seconds."""
STILL_TICKS = 30
"""Ticks without a hand moving after which the rod, at rest in its friction, is left where it lies."""
BEYOND_VESSELS = 0.1
"""How far past the vessels the table goes [m]. because: design, half a field: farther there is nothing"""
LANDMARKS = ("vertebra_l4", "vertebra_t12", "vertebra_t6", "vertebra_t4", "vertebra_t2", "vertebra_c7", "vertebra_c4")
HELD = {
    "wire.push": "wire_push", "wire.twist": "wire_twist", "catheter.push": "catheter_push",
    "catheter.twist": "catheter_twist", "beam.mode": "beam", "carm.lao": "lao", "carm.cranial": "cranial",
    "table.along": "along", "table.across": "across", "syringe.aspirate": "aspirate", "syringe.saline": "saline",
    "syringe.contrast": "contrast", "groin.press": "press",
}  # fmt: skip


@dataclass(frozen=True, slots=False)
class Exercise:
    """World of a selective catheterisation; see `core.session.World`."""

    package: AnatomyPackage
    name: str = "selective_catheterisation"
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
        """Ideal path, target, limits."""
        return fact.facts(self.package)

    @cached_property
    def atlas(self) -> Atlas:
        """Where things lie in this patient."""
        return Atlas(self.package.tree)

    @cached_property
    def network(self) -> FlowNetwork:
        """How contrast travels in this patient."""
        return build_flow(self.package.tree)

    @cached_property
    def landmarks(self) -> dict[str, NDArray[np.float64]]:
        """Bones that a person goes by on the screen, middle points [m] in W."""
        parts = self.package.body_parts
        return {name: parts[name].points.mean(axis=0) for name in LANDMARKS if name in parts}

    @cached_property
    def travel(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How far the table goes: lowest and highest isocentre [m] in W."""
        points = np.vstack((self.package.lumen_points, self.package.access.point))
        return points.min(axis=0) - BEYOND_VESSELS, points.max(axis=0) + BEYOND_VESSELS

    @cached_property
    def machine(self) -> Fluoroscope:
        """The C-arm with this patient on its table."""
        return Fluoroscope(patient_bodies(self.package.body_parts))

    @cached_property
    def fingerprint(self) -> str:
        """Hash over patient, instruments and settings."""
        files = {entry.file: entry.sha256 for entry in self.package.manifest.files}
        shelf = [device.model_dump(mode="json") for device in instruments]
        text = json.dumps([files, self.package.name, shelf, repr(RodSettings())], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def _rods(self) -> dict[tuple[str, str], Rod]:
        return {}

    def rod(self, wire: str, catheter: str) -> Rod:
        """Return the solver for what is loaded; made once for each pair."""
        if (wire, catheter) not in self._rods:
            devices = tuple(instruments.get(name).profile() if name else None for name in (wire, catheter))
            self._rods[wire, catheter] = self._sheath.with_devices(devices)
        return self._rods[wire, catheter]

    @cached_property
    def _sheath(self) -> Rod:
        access = self.package.access
        return Rod(self.package.field, access.point, access.direction, (None, None))

    @cached_property
    def _last_read(self) -> list[tuple[RodState, RodReadout]]:
        return []

    def reading(self, state: TableState) -> RodReadout:
        """Return what the rod does in `state`; asked several times a tick, worked out once."""
        if not self._last_read or self._last_read[0][0] is not state.rod:
            self._last_read[:] = [(state.rod, self.rod(state.wire, state.catheter).read(state.rod))]
        return self._last_read[0][1]

    def init(self, streams: Streams) -> TableState:
        """Return the sheath in place, flushed, nothing in it; the C-arm over the groin."""
        path, _ = self.package.tree.path_to(self.package.tree.number(self.package.target))
        check_way(self.package.field, self._needed(path), thinnest_catheter())
        rod = self.rod("", "").init(path)
        for _ in range(20):  # the sheath settles in the iliac artery before anybody touches it
            rod = self.rod("", "").step(rod, RodControl(np.zeros(2), np.zeros(2)), DT)
        x, y, z = (float(v) for v in self.package.access.point + 0.1 * self.package.access.direction)
        pose = CArmPose(isocentre=(x, y, z), field=FIELDS[0])
        start = TableState(rod, Hands(), "", "", pose, DoseState(), clear_blood(self.network))
        return self._sensed(start, start)

    def _needed(self, path: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the way as far as the target has to be reached."""
        target = self.package.tree.branches[self.package.tree.number(self.package.target)]
        arc = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))))
        end = float(arc[-1]) - target.length + self.facts.numbers["target_depth_mm"] * MM
        return path[: max(int(np.searchsorted(arc, end)), 2)]

    def advance(
        self,
        state: TableState,
        actions: tuple[Action, ...],
        *,
        pending: tuple[Stimulus, ...],
        tick: int,
        streams: Streams,
    ) -> TableState:
        """Return the state one tick later."""
        now = state
        for action in actions:
            now = self._deed(now, action)
        now = self._moved(now)
        now = self._looked(now)
        now = self._poured(now)
        press = now.compression + (TIME_LAPSE * DT if now.hands.press > 0.5 and not now.catheter else 0.0)
        return self._sensed(state, replace(now, compression=press))

    def snapshot(self, state: TableState, tick: int) -> Snapshot:
        """Return signals, curves and words."""
        read = self.reading(state)
        curves = {
            name: frozen(curve)
            for name, curve in zip(("wire", "catheter"), (self.curve(read, 0), self.curve(read, 1)), strict=True)
            if len(curve)
        }
        return Snapshot(tick, state.signals, curves, dict(state.words))

    def quantities(self, state: TableState) -> Mapping[str, NDArray[np.generic]]:
        """Return every array that defines the state."""
        shape = state.rod.shape
        rows: dict[str, NDArray[np.generic]] = {f"rod.{name}": getattr(shape, name) for name in shape._fields}
        for name in ("hands", "lumen", "dose"):
            part = getattr(state, name)
            text = json.dumps([str(getattr(part, f.name)) for f in fields(part)])
            rows[name] = np.frombuffer(text.encode(), dtype=np.uint8)
        rows["iodine"] = state.bolus.iodine
        rows["words"] = np.frombuffer(json.dumps(state.words).encode(), dtype=np.uint8)
        return rows

    @staticmethod
    def curve(read: RodReadout, device: int) -> NDArray[np.float64]:
        """Return the points of device 0 (wire) or 1 (catheter) from the access to its tip, (n, 3); empty if outside."""
        length = float(read.inserted[device])
        if length <= 0.0:
            return np.zeros((0, 3))
        inside = read.arc < length - 1e-6
        tip = np.array([[np.interp(length, read.arc, read.points[:, axis]) for axis in range(3)]])
        return np.concatenate((read.points[inside], tip))

    def _deed(self, state: TableState, action: Action) -> TableState:
        name, value = action.control, action.value
        change: dict[str, Any]  # one field, by name
        if name in HELD:
            change = {HELD[name]: value}
            return replace(state, hands=replace(state.hands, **change))
        if name == "wire.load":
            return self._load_wire(state, str(value))
        if name == "catheter.load":
            return self._load_catheter(state, str(value))
        if name == "beam.keep_roadmap":
            return self._keep_roadmap(state)
        if name in ("beam.width", "beam.height"):
            change = {name.split(".")[1]: float(value)}
            return replace(state, **change)
        flag = {"chart.read": "card_read", "team.time_out": "time_out", "dose.note": "dose_noted"}[name]
        change = {flag: True}
        return replace(state, **change)

    def _load_wire(self, state: TableState, wire: str) -> TableState:
        if state.wire:
            return state  # the lumen is taken: a second wire does not go in
        return replace(state, wire=wire, rod=_renewed(state.rod, 0))

    def _load_catheter(self, state: TableState, catheter: str) -> TableState:
        if state.catheter:
            return state
        return replace(state, catheter=catheter, rod=_renewed(state.rod, 1), lumen=fresh(state.lumen), bare=0.0)

    def _keep_roadmap(self, state: TableState) -> TableState:
        if float(state.bolus.iodine.max(initial=0.0)) < IODINE * 0.05:
            return state  # nothing is opacified: there is nothing to keep
        record = state.record
        vessel = dict(state.words).get("catheter_vessel", "")
        kept = replace(record, roadmaps=record.roadmaps + 1, roadmap_vessel=vessel, roadmap_pose=state.pose)
        return replace(state, record=kept)

    def _moved(self, state: TableState) -> TableState:
        hands, shape = state.hands, state.rod.shape
        speed = np.array([hands.wire_push if state.wire else 0.0, hands.catheter_push if state.catheter else 0.0])
        twist = np.array([hands.wire_twist if state.wire else 0.0, hands.catheter_twist if state.catheter else 0.0])
        if not speed.any() and not twist.any():
            if state.quiet >= STILL_TICKS:
                return state
            quiet = state.quiet + 1
        else:
            quiet = 0
        longest = [instruments.get(n).length_mm * MM - 0.03 if n else 0.0 for n in (state.wire, state.catheter)]
        inserted = np.clip(shape.inserted * MM + speed * DT, 0.0, longest)
        control = RodControl(inserted, shape.hub + twist * DT)
        rod = self.rod(state.wire, state.catheter).step(state.rod, control, DT)
        return self._removed(state, replace(state, rod=rod, quiet=quiet))

    def _removed(self, before: TableState, now: TableState) -> TableState:
        inserted = now.rod.shape.inserted
        if before.wire and inserted[0] <= 0.0 and before.hands.wire_push < 0.0:
            lumen = opened(now.lumen) if now.catheter else now.lumen
            now = replace(now, wire="", wire_exits=now.wire_exits + 1, lumen=lumen)
        if before.catheter and inserted[1] <= 0.0 and before.hands.catheter_push < 0.0:
            now = replace(now, catheter="")
        return now

    def _looked(self, state: TableState) -> TableState:
        hands, pose = state.hands, state.pose
        if hands.lao or hands.cranial:
            lao = float(np.clip(pose.lao + hands.lao * DT, -1.6, 1.6))
            pose = replace(pose, lao=lao, cranial=float(np.clip(pose.cranial + hands.cranial * DT, -0.7, 0.7)))
        if hands.along or hands.across:
            moved = pose.with_table(hands.across * DT, 0.0, -hands.along * DT)
            x, y, z = np.clip(moved.isocentre, *self.travel)
            pose = replace(moved, isocentre=(float(x), float(y), float(z)))
        exposure = Exposure(Mode(hands.beam), state.width, state.height)
        return replace(state, pose=pose, dose=self.machine.account(state.dose, exposure, _coarse(pose), DT))

    def _poured(self, state: TableState) -> TableState:
        lumen, hands, stroke = state.lumen, state.hands, Stroke()
        clear = bool(state.catheter) and not state.wire  # a wire in the lumen leaves no room for the syringe
        if state.catheter:
            lumen = draw(lumen, hands.aspirate if clear else 0.0, DT)
            lumen = flush(lumen, hands.saline if clear else 0.0, DT)
            recording = Mode(hands.beam) in (Mode.CINE, Mode.DSA)
            lumen, stroke = inject(lumen, hands.contrast if clear else 0.0, DT, recording)
        injections: tuple[Injection, ...] = ()
        record = state.record
        if stroke.contrast_ml > 0.0:
            read = self.reading(state)
            tip = self.curve(read, 1)[-1]
            injections = (Injection(self.network.nearest(tip), stroke.contrast_ml * ML / DT, IODINE),)
            if state.lumen.injecting_ml == 0.0:
                record = replace(record, dose_at_start=state.dose.area_product)
        if stroke.injected_ml > 0.0:
            record = self._recorded(state, record, stroke)
        bolus = advance_bolus(self.network, state.bolus, injections, DT)
        return replace(state, lumen=lumen, bolus=bolus, record=record)

    def _recorded(self, state: TableState, record: Record, stroke: Stroke) -> Record:
        vessel = dict(state.words).get("catheter_vessel", "")
        seen = Mode(state.hands.beam) is not Mode.OFF
        if stroke.run_s > 0.3:
            return replace(
                record,
                runs=record.runs + 1,
                injected_ml=stroke.injected_ml,
                run_dose=state.dose.area_product - record.dose_at_start,
                vessel=vessel,
                projection=projection(state.pose),
            )
        if stroke.injected_ml <= PUFF_ML and seen:
            return replace(record, puffs=record.puffs + 1, injected_ml=stroke.injected_ml, vessel=vessel)
        return record

    def _sensed(self, before: TableState, now: TableState) -> TableState:
        read = self.reading(now)
        feeling = Feeling(self.atlas, self.facts, read, self.curve(read, 0), self.curve(read, 1))
        return sense(feeling, before, now)

    def device(self, name: str) -> Slender:
        """Return the instrument called `name`."""
        return instruments.get(name)

    @property
    def patient(self) -> str | Path:
        """Name or folder that the package was loaded from."""
        return self.package.name if self.package.origin == "generated" else self.package.folder


def thinnest_catheter() -> float:
    """Return the outer radius [m] of the thinnest catheter on the shelf."""
    return min(one.outer_diameter_mm for one in instruments if one.kind is Kind.CATHETER) / 2.0 * MM


def projection(pose: CArmPose) -> str:
    """Return the class of projection of a pose.

    because: design; 15 degrees either way still read as AP, and from 75 on as lateral.
    """
    angle = np.degrees(pose.lao)
    if abs(angle) >= 75.0:
        return "lateral"
    if angle > 15.0:
        return "LAO"
    return "RAO" if angle < -15.0 else "AP"


def _coarse(pose: CArmPose) -> CArmPose:
    """Return `pose` on a lattice of 2 cm and 5 degrees: exposure control does not follow every millimetre."""
    step = np.radians(5.0)
    x, y, z = (round(v / 0.02) * 0.02 for v in pose.isocentre)
    lao, cranial = round(pose.lao / step) * step, round(pose.cranial / step) * step
    return replace(pose, lao=lao, cranial=cranial, isocentre=(x, y, z))


def _renewed(rod: RodState, device: int) -> RodState:
    """Return the rod with another device in place `device`, not inserted and not turned yet."""
    inserted, hub = np.array(rod.shape.inserted), np.array(rod.shape.hub)
    theta = np.array(rod.shape.theta)
    inserted[device], hub[device] = 0.0, 0.0
    theta[:, device] = 0.0
    for array in (inserted, hub, theta):
        array.setflags(write=False)
    return replace(rod, shape=rod.shape._replace(inserted=inserted, hub=hub, theta=theta))

"""A light procedure for tests of the window: the real controls, signals, events and course, a bench instead of a body.

Pushing moves a straight wire up a straight tube; nothing is compiled, so that a window test takes no time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action, Control
from simtrainer.core.event import Event, EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.header import Mode
from simtrainer.core.scene import Body, Camera, Curve, Scene
from simtrainer.core.session import Detector, Session, Stimulus
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.curriculum.course import load_course
from simtrainer.curriculum.live import LiveCourse
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.procedures.procedure import Bot, Drafting
from simtrainer.procedures.selective_catheterisation.catalogue import BY_NAME, CONTROLS, EVENTS, SIGNALS
from simtrainer.ui import shipped
from simtrainer.ui.case import Case

COURSE = "selective_left_carotid"
PRESS_N_PER_M = 20.0
"""The bench presses back the harder the further the wire is in, so that tests can pass the limit."""


@dataclass(frozen=True, slots=True)
class BenchState:
    held: Mapping[str, float | str] = field(default_factory=dict)
    wire: str = ""
    wire_m: float = 0.0
    beam_s: float = 0.0
    contrast_ml: float = 0.0
    card_read: bool = False
    time_out: bool = False


def _number(state: BenchState, name: str) -> float:
    value = state.held.get(name, 0.0)
    return value if isinstance(value, float | int) else 0.0


def _deeds(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
    names = [signal.name for signal in SIGNALS]
    told = []
    for signal, event in (("card_read", "CaseCardRead"), ("time_out", "TimeOutDone")):
        if now.signals[names.index(signal)] > before.signals[names.index(signal)]:
            told.append(BY_NAME[event].at(now.tick))
    if before.signals[names.index("wire_in_mm")] < 400.0 <= now.signals[names.index("wire_in_mm")]:
        told.append(BY_NAME["VesselPerforated"].at(now.tick, vessel="aorta", force_n=8.0))
    return tuple(told)


@dataclass(frozen=True)
class Bench:
    """The world."""

    name: str = "selective_catheterisation"
    tick_hz: int = 100
    controls: tuple[Control, ...] = CONTROLS
    signals: tuple[Signal, ...] = SIGNALS
    event_types: tuple[EventType, ...] = EVENTS
    detectors: tuple[Detector, ...] = (_deeds,)
    fingerprint: str = "bench"
    facts: SessionFacts = field(
        default_factory=lambda: SessionFacts(
            {
                "wall_force_limit_n": 2.0, "contrast_limit_ml": 150.0, "perforation_n": 5.0, "ideal_path_mm": 700.0,
                "target_depth_mm": 40.0, "engaged_depth_mm": 3.0, "compression_s": 600.0,
            },
            {"target_vessel": "left_common_carotid", "patient": "bench", "access_vessel": "x", "arch": "I",
             "flush_vessel": "ascending_aorta",
             "right_way": ""},
        )
    )  # fmt: skip

    def init(self, streams: Streams) -> BenchState:
        return BenchState()

    def advance(
        self,
        state: BenchState,
        actions: tuple[Action, ...],
        *,
        pending: tuple[Stimulus, ...],
        tick: int,
        streams: Streams,
    ) -> BenchState:
        held = {control.name for control in CONTROLS if control.held}
        for action in actions:
            if action.control in held:
                state = replace(state, held={**state.held, action.control: action.value})
            elif action.control == "wire.load":
                state = replace(state, wire=str(action.value))
            elif action.control == "chart.read":
                state = replace(state, card_read=True)
            elif action.control == "team.time_out":
                state = replace(state, time_out=True)
        push = _number(state, "wire.push") if state.wire else 0.0
        beam = 0.01 if state.held.get("beam.mode", "off") != "off" else 0.0
        return replace(
            state,
            wire_m=max(0.0, state.wire_m + 0.01 * push),
            beam_s=state.beam_s + beam,
            contrast_ml=state.contrast_ml + 0.01 * _number(state, "syringe.contrast"),
        )

    def snapshot(self, state: BenchState, tick: int) -> Snapshot:
        values = {
            "wire_in_mm": state.wire_m / MM, "fluoroscopy_s": state.beam_s, "dose_gy_cm2": 0.001 * state.beam_s,
            "contrast_ml": state.contrast_ml,
            "wall_force_max_n": PRESS_N_PER_M * state.wire_m, "card_read": state.card_read,
            "time_out": state.time_out,
        }  # fmt: skip
        signals = np.array([float(values.get(signal.name, 0.0)) for signal in SIGNALS])
        curves = {"wire": _line(state.wire_m)} if state.wire_m > 0.0 else {}
        return Snapshot(tick, signals, curves, {"wire": state.wire, "catheter": ""})

    def quantities(self, state: BenchState) -> Mapping[str, NDArray[np.generic]]:
        return {"wire": np.array([state.wire_m, state.beam_s, state.contrast_ml])}


def _line(length: float) -> NDArray[np.float64]:
    return np.stack((np.zeros(20), np.zeros(20), np.linspace(0.0, length, 20)), axis=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees of the bench."""

    lao_deg: float
    view_mm: tuple[float, float]
    drawn_ml: float
    compression_s: float = 0.0


class BenchEye:
    """A white bar as long as the wire, on black while the beam is off before the first frame."""

    def __init__(self) -> None:
        self._last = np.zeros((64, 64), dtype=np.uint8)

    def look(self, state: BenchState, tick: int) -> NDArray[np.uint8]:
        if state.held.get("beam.mode", "off") != "off":
            self._last = np.full((64, 64), 40, dtype=np.uint8)
            self._last[: max(1, int(64 * state.wire_m)), 30:34] = 255
        return self._last


def scene() -> Scene:
    """Return a tetrahedron as lumen, another as bone, the wire, and two cameras."""
    points = 0.3 * np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    triangles = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    bodies = (
        Body("lumen", points, triangles, (0.78, 0.2, 0.18), 0.35),
        Body("bone", points + 0.1, triangles, attenuation_per_m=20.0),
    )
    cameras = tuple(Camera(name, (0.0, 1.5, 0.2), (0.1, 0.1, 0.15), (0.0, 0.0, 1.0)) for name in ("front", "arch"))
    return Scene(bodies, (Curve("wire", 0.45 * MM, (0.93, 0.93, 0.96)),), cameras)


class BenchProcedure:
    """The procedure."""

    name = "selective_catheterisation"

    @property
    def vocabulary(self) -> Vocabulary:
        return shipped.vocabulary(self.name)

    def world(self, patient: str | Path) -> Bench:
        return Bench()

    def scene(self, world: Any) -> Scene:
        return scene()

    def eye(self, world: Any, streams: Streams) -> BenchEye:
        return BenchEye()

    def observe(self, world: Any, state: BenchState, tick: int, streams: Streams) -> Seen:
        return Seen(0.0, (0.0, 0.0), 1.0 if _number(state, "syringe.aspirate") else 0.0)

    @property
    def bots(self) -> tuple[str, ...]:
        return ("expert", "novice")

    @property
    def steps_left_out(self) -> tuple[str, ...]:
        return ()

    @property
    def drafting(self) -> Drafting:
        return Drafting()

    def bot(self, name: str, seed: int, leave_out: str = "") -> Bot:
        raise NotImplementedError("the bench has no bots")


def bench_case(mode: Mode = Mode.PRACTICE, language: str = "en", seed: int = 1) -> Case:
    """Return the shipped course on the bench."""
    procedure = BenchProcedure()
    world = procedure.world("bench")
    course = load_course(shipped.course_file(COURSE), procedure.vocabulary)
    names = tuple(signal.name for signal in world.signals)
    live = LiveCourse(course, names, world.tick_hz, mode=mode, language=language)
    return Case(course, procedure, world, Session(world, live, seed), live, {"patient": "bench"})

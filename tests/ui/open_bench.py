"""A light open table for tests of the window: the real controls, signals and events, a board instead of a wound.

Hands move two rods over a board and bleed it at will; the eye draws that small, so that a window test takes no time.
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
from simtrainer.core.scene import Body, Camera, Scene
from simtrainer.core.session import Detector, Session, Stimulus
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.curriculum.course import Course, load_course
from simtrainer.curriculum.live import LiveCourse
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.imaging.open_field import Surface, render
from simtrainer.imaging.open_shape import box, capsule
from simtrainer.procedures.open_vessel_control.catalogue import BY_NAME, CONTROLS, EVENTS, SIGNALS
from simtrainer.procedures.open_vessel_control.sight import CAMERAS
from simtrainer.procedures.procedure import Bot, Drafting
from simtrainer.ui.case import Case

SIZE = 48
PRESS_N_PER_M = 400.0
"""The board presses back by so much [N/m] below its top, so that tests can pass the limit."""
COURSE = """\
schema_version: 1
id: open_board
edition: "test"
version: 1.0.0
review_date: 2026-11-23
reviewed_by: null
procedure: open_vessel_control
level: novice
title: "t"
objectives: [t]
duration_s: 600
briefing: t
case_card: {indication: t, allergy: t, renal_function: t, anticoagulants: t, instrument_plan: t}
pass: {cut: 0.5}
modes: {practice: {aids: [hints, step_list, force_bar]}, assessed: {aids: [], pause: ends}}
strings: {t: "A board", s.card: "Read the card", s.call: "Tell anaesthesia"}
steps:
  - {id: card, do: s.card, until: {event: CaseCardRead}, weight: 1, v: design, because: "a test"}
  - {id: call, do: s.call, until: {event: AnaesthesiaCalled}, weight: 1, v: design, because: "a test"}
"""


@dataclass(frozen=True, slots=True)
class BoardState:
    held: Mapping[str, float | str] = field(default_factory=dict)
    tools: tuple[str, str] = ("", "")
    left_mm: tuple[float, float, float] = (45.0, 45.0, -25.0)
    right_mm: tuple[float, float, float] = (-45.0, 45.0, -25.0)
    placed: int = 0
    lost_ml: float = 0.0
    called: bool = False
    card_read: bool = False


def _moved(place: tuple[float, float, float], held: Mapping[str, float | str], side: str) -> tuple[float, float, float]:
    speed = [held.get(f"{side}.{axis}", 0.0) for axis in "xyz"]
    x, y, z = (a + 0.01 * float(v) / MM for a, v in zip(place, speed, strict=True))
    return x, y, z


def _deeds(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
    names = [signal.name for signal in SIGNALS]
    pairs: tuple[tuple[str, str, dict[str, float]], ...] = (
        ("card_read", "CaseCardRead", {}),
        ("called", "AnaesthesiaCalled", {"lost_ml": 0.0}),
    )
    return tuple(
        BY_NAME[event].at(now.tick, **data)
        for signal, event, data in pairs
        if now.signals[names.index(signal)] > before.signals[names.index(signal)]
    )


@dataclass(frozen=True)
class Board:
    """The world."""

    name: str = "open_vessel_control"
    tick_hz: int = 100
    controls: tuple[Control, ...] = CONTROLS
    signals: tuple[Signal, ...] = SIGNALS
    event_types: tuple[EventType, ...] = EVENTS
    detectors: tuple[Detector, ...] = (_deeds,)
    fingerprint: str = "board"
    facts: SessionFacts = field(
        default_factory=lambda: SessionFacts(
            {"force_limit_n": 8.0, "grave_loss_ml": 750.0, "line_mm": 40.0}, {"patient": "board"}
        )
    )

    def init(self, streams: Streams) -> BoardState:
        return BoardState()

    def advance(
        self,
        state: BoardState,
        actions: tuple[Action, ...],
        *,
        pending: tuple[Stimulus, ...],
        tick: int,
        streams: Streams,
    ) -> BoardState:
        for action in actions:
            state = self._did(state, action)
        return replace(
            state,
            left_mm=_moved(state.left_mm, state.held, "left"),
            right_mm=_moved(state.right_mm, state.held, "right"),
            lost_ml=state.lost_ml + (0.01 if "scalpel" in state.tools else 0.0),
        )

    def _did(self, state: BoardState, action: Action) -> BoardState:
        side, _, deed = action.control.partition(".")
        if deed == "take":
            tools = (str(action.value), state.tools[1]) if side == "left" else (state.tools[0], str(action.value))
            return replace(state, tools=tools)
        if deed == "leave":
            return replace(state, placed=state.placed + 1)
        if action.control == "team.call":
            return replace(state, called=True)
        if action.control == "chart.read":
            return replace(state, card_read=True)
        return replace(state, held={**state.held, action.control: action.value})

    def snapshot(self, state: BoardState, tick: int) -> Snapshot:
        force = PRESS_N_PER_M * MM * max(0.0, -min(state.left_mm[1], state.right_mm[1]))
        values: dict[str, float] = {
            "lost_ml": state.lost_ml, "called": state.called, "card_read": state.card_read, "tissue_force_n": force,
            "pressure_mmhg": 90.0, "right_force_n": force, "retractors": state.placed,
            "proximal_closed": float(state.placed > 0), "artery_seen_mm": 3.0,
        }  # fmt: skip
        for side, place in (("left", state.left_mm), ("right", state.right_mm)):
            values |= {f"{side}_tip_{axis}_mm": place[k] for k, axis in enumerate("xyz")}
            values[f"{side}_close"] = float(state.held.get(f"{side}.close", 0.0))
        signals = np.array([float(values.get(signal.name, 0.0)) for signal in SIGNALS])
        return Snapshot(tick, signals, {}, {"left_tool": state.tools[0], "right_tool": state.tools[1]})

    def quantities(self, state: BoardState) -> Mapping[str, NDArray[np.generic]]:
        return {"tips": np.array([*state.left_mm, *state.right_mm, state.lost_ml])}


class BoardEye:
    """Draws the board and two rods from the cameras of the procedure."""

    cameras: tuple[str, ...] = tuple(CAMERAS)

    def __init__(self) -> None:
        self.camera = self.cameras[0]
        self.looks: list[tuple[str, int]] = []

    def look(self, state: BoardState, tick: int) -> NDArray[np.uint8]:
        self.looks.append((self.camera, tick))
        points, triangles = box([0.0, -0.005, 0.0], np.eye(3), [0.03, 0.005, 0.04])
        surfaces = [Surface(points, triangles, np.array([0.85, 0.65, 0.55]), 1, closed=True)]
        for k, place in enumerate((state.left_mm, state.right_mm)):
            tip = np.array(place) * MM
            points, triangles = capsule(tip, tip + np.array([0.0, 0.03, 0.0]), 0.004)
            surfaces.append(Surface(points, triangles, np.array([0.2, 0.3 + 0.4 * k, 0.8]), 2 + k, closed=True))
        return render(surfaces, CAMERAS[self.camera], (SIZE, SIZE)).pixels


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees of the board."""

    lost_ml: float


class BoardProcedure:
    """The procedure."""

    name = "open_vessel_control"

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(Board())

    def world(self, patient: str | Path) -> Board:
        return Board()

    def scene(self, world: Any) -> Scene:
        points = 0.03 * np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        cameras = tuple(Camera(name, (0.0, 0.3, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)) for name in CAMERAS)
        return Scene((Body("skin", points, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])),), (), cameras)

    def eye(self, world: Any, streams: Streams) -> BoardEye:
        return BoardEye()

    def observe(self, world: Any, state: BoardState, tick: int, streams: Streams) -> Seen:
        return Seen(state.lost_ml)

    @property
    def bots(self) -> tuple[str, ...]:
        return ("expert",)

    @property
    def steps_left_out(self) -> tuple[str, ...]:
        return ()

    @property
    def drafting(self) -> Drafting:
        return Drafting()

    def bot(self, name: str, seed: int, leave_out: str = "") -> Bot:
        raise NotImplementedError("the board has no bots")


def board_course(folder: Path) -> Course:
    """Return the board's course, written into `folder`."""
    path = folder / "open_board.yaml"
    path.write_text(COURSE, encoding="utf-8")
    return load_course(path, BoardProcedure().vocabulary)


def board_case(folder: Path, mode: Mode = Mode.PRACTICE, language: str = "en", seed: int = 1) -> Case:
    """Return the board's course on the board."""
    procedure, course = BoardProcedure(), board_course(folder)
    world = procedure.world("board")
    live = LiveCourse(course, tuple(s.name for s in world.signals), world.tick_hz, mode=mode, language=language)
    labels = {"patient": "board", "language": language}
    return Case(course, procedure, world, Session(world, live, seed), live, labels)

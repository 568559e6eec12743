"""A tiny procedure with all four hands, and a course on it: a proof of it takes milliseconds a run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action, Control
from simtrainer.core.event import Event, EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.scene import Scene
from simtrainer.core.session import Detector, Stimulus
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams
from simtrainer.curriculum.course import Course, load_course
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.procedures.procedure import Bot, Drafting, Eye
from simtrainer.studies.proof.make import Task, task_of
from tests.unit.curriculum.conftest import HEAD

DEEDS = ("nothing", "wash", "cut", "close", "spill")
DONE = EventType("Done", "Something was done.", ("what",))
SPILLED = EventType("Spilled", "Something was spilled.", ())
PATIENTS = ("anna", "bert", "carl")
COURSE = """
steps:
  - {id: wash, do: s.a, until: {event: Done, where: {what: wash}}, before: [cut], critical: true, safety: s, weight: 3,
     v: known, because: r}
  - {id: cut, do: s.b, until: {event: Done, where: {what: cut}}, weight: 3, v: known, because: r}
  - {id: close, do: s.b, until: {event: Done, where: {what: close}}, after: [cut], critical: true, safety: s, weight: 3,
     v: known, because: r}
forbidden:
  - {id: spill, say: t, never: {event: Spilled}, points: 20, cap: 20, critical: true, safety: s, v: known, because: r}
"""


@dataclass(frozen=True, slots=True)
class RoomState:
    deed: int
    washed: bool
    spills: int
    dust: NDArray[np.float64]


def done(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
    deed = DEEDS[int(now.signals[0])]
    return () if deed == "nothing" else (DONE.at(now.tick, what=deed),)


def spilled(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
    return (SPILLED.at(now.tick),) if now.signals[1] > before.signals[1] else ()


@dataclass(frozen=True, slots=True)
class Room:
    """Where deeds are done; a cut without washing spills. `draught` moves the dust, as another patient would."""

    draught: float = 0.0
    name: str = "bench"
    tick_hz: int = 100
    fingerprint: str = "room"
    controls: tuple[Control, ...] = (Control("hand.do", "What to do.", choices=DEEDS),)
    signals: tuple[Signal, ...] = (Signal("deed", "Deed."), Signal("spills", "Spills."))
    event_types: tuple[EventType, ...] = (DONE, SPILLED)
    detectors: tuple[Detector, ...] = (done, spilled)
    facts: SessionFacts = field(default_factory=lambda: SessionFacts({}, {}, np.zeros((0, 3))))

    def init(self, streams: Streams) -> RoomState:
        return RoomState(0, False, 0, streams.at("dust", 0).random(2) + self.draught)

    def advance(
        self,
        state: RoomState,
        actions: tuple[Action, ...],
        *,
        pending: tuple[Stimulus, ...],
        tick: int,
        streams: Streams,
    ) -> RoomState:
        deed = str(actions[0].value) if actions else "nothing"
        washed = state.washed or deed == "wash"
        spills = state.spills + (deed == "spill" or (deed == "cut" and not washed))
        dust = streams.at("dust", tick).random(2) + self.draught
        return RoomState(DEEDS.index(deed), washed, spills, dust)

    def snapshot(self, state: RoomState, tick: int) -> Snapshot:
        return Snapshot(tick, np.array([float(state.deed), float(state.spills)]), {}, {})

    def quantities(self, state: RoomState) -> Mapping[str, NDArray[np.generic]]:
        return {"deed": np.array([state.deed, state.washed, state.spills]), "dust": state.dust}


PLANS = {
    "expert": ("wash", "cut", "close"),
    "slow_and_safe": ("nothing", "wash", "nothing", "nothing", "cut", "nothing", "close"),
    "novice": ("cut",),
    "fast_and_reckless": ("wash", "cut", "spill", "close"),
}


class Deeds:
    """Does one deed after another, and nothing for ever after where it is stuck."""

    def __init__(self, deeds: tuple[str, ...], *, stuck: bool) -> None:
        self._deeds: Iterator[str] = iter(deeds)
        self._stuck = stuck
        self.done = False

    def act(self, seen: Any) -> tuple[Action, ...]:
        deed = next(self._deeds, None)
        self.done = deed is None and not self._stuck
        return () if deed is None else (Action("hand.do", deed),)


@dataclass(frozen=True)
class Toy:
    """The procedure. `fuse` is a file: whoever is first to play seed 3 while it is there kills the whole proof."""

    stuck: str = ""
    crash_seed: int = -1
    clumsy_seed: int = -1
    consequences: tuple[str, ...] = ("spill",)
    steps_left_out: tuple[str, ...] = ("wash", "cut", "close")
    bots: tuple[str, ...] = tuple(PLANS)
    fuse: Path | None = None
    name: str = "bench"

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(Room())

    @property
    def drafting(self) -> Drafting:
        return Drafting(("bert",), (1, 2), {"wash": self.consequences})

    def world(self, patient: str | Path) -> Room:
        return Room(draught=float(PATIENTS.index(str(patient))))

    def scene(self, world: Any) -> Scene:
        raise NotImplementedError

    def eye(self, world: Any, streams: Streams) -> Eye:
        raise NotImplementedError

    def observe(self, world: Any, state: RoomState, tick: int, streams: Streams) -> int:
        return state.deed

    def bot(self, name: str, seed: int, leave_out: str = "") -> Bot:
        if seed == 3 and self.fuse is not None and self.fuse.exists():
            self.fuse.unlink()
            os.kill(os.getppid(), signal.SIGKILL)
        if seed == self.crash_seed:
            os._exit(9)
        deeds = tuple(deed for deed in PLANS[name] if deed != leave_out)
        deeds += ("spill",) if seed == self.clumsy_seed else ()
        return Deeds(deeds, stuck=name == self.stuck)


def toy_course(folder: Path) -> Course:
    path = folder / "little.yaml"
    path.write_text(HEAD + COURSE, encoding="utf-8")
    return load_course(path, Toy().vocabulary)


def patient_folders(folder: Path) -> dict[str, Path]:
    for name in PATIENTS:
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "manifest.yaml").write_text(f"name: {name}\n", encoding="utf-8")
    return {name: folder / name for name in PATIENTS}


def toy_task(folder: Path, toy: Toy | None = None, *, most_s: float = 1.0) -> Task:
    """Return the toy course to be proved, whole."""
    return task_of(toy_course(folder), toy or Toy(), patient_folders(folder), most_s=most_s)

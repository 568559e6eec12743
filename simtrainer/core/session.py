"""A session is a pure function: (world, curriculum, seed, actions by tick) -> snapshots, events, feedback.

Tick 0 is the state before anybody has done anything. The actions of tick n take part in the step that leads from
snapshot n - 1 to snapshot n; chance, events and feedback of that step bear the number n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action, Control
from simtrainer.core.error import DivergedError, UnknownNameError
from simtrainer.core.event import Event, EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.frame import frozen
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Stimulus:
    """What a coupling or a course wants to cause; a course's stimulus takes effect one tick later."""

    name: str
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """One remark of a course at one tick: a stable `code`, and the `text` that a trainee reads or hears."""

    code: str
    text: str
    tick: int


@dataclass(frozen=True, slots=True)
class Verdict(Generic[C]):
    """What a curriculum makes of one tick: its next state, remarks, and stimuli for the next tick."""

    state: C
    feedback: tuple[Feedback, ...] = ()
    pending: tuple[Stimulus, ...] = ()


class Detector(Protocol):
    """Sees what happened between two snapshots; holds no state."""

    def __call__(self, before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        """Return the events of the tick of `now`."""
        ...


class World(Protocol[S]):
    """What a procedure hands to the session: everything between actions and the snapshot, over a state `S`."""

    @property
    def name(self) -> str:
        """Name of the procedure."""
        ...

    @property
    def tick_hz(self) -> int:
        """Ticks in a second."""
        ...

    @property
    def controls(self) -> tuple[Control, ...]:
        """Every control that an action may set."""
        ...

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Every signal, in the order of `Snapshot.signals`."""
        ...

    @property
    def event_types(self) -> tuple[EventType, ...]:
        """Every event that a detector may emit."""
        ...

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """What turns two snapshots into events, in the order in which events are listed."""
        ...

    @property
    def facts(self) -> SessionFacts:
        """What a score may know beforehand."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash over patient, instruments and settings: everything that the run depends on besides the code."""
        ...

    def init(self, streams: Streams) -> S:
        """Return the state at tick 0."""
        ...

    def advance(
        self, state: S, actions: tuple[Action, ...], *, pending: tuple[Stimulus, ...], tick: int, streams: Streams
    ) -> S:
        """Return the state at `tick`, one tick after `state`; held controls are kept in the state."""
        ...

    def snapshot(self, state: S, tick: int) -> Snapshot:
        """Return what is true in `state` at `tick`."""
        ...

    def quantities(self, state: S) -> Mapping[str, NDArray[np.generic]]:
        """Return every array that defines `state`, by name; always the same names in the same order."""
        ...


class Curriculum(Protocol[C]):
    """What watches a session and judges it; sees events and snapshots, nothing else."""

    @property
    def name(self) -> str:
        """Name of the course; empty for free practice."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash over all that the verdicts depend on besides the code; empty for free practice."""
        ...

    def init(self, facts: SessionFacts) -> C:
        """Return the state before tick 1."""
        ...

    def advance(self, state: C, events: tuple[Event, ...], now: Snapshot) -> Verdict[C]:
        """Judge one tick."""
        ...


@dataclass(frozen=True, slots=True)
class NoCurriculum:
    """Free practice: no remark, no complication, no score."""

    name: str = ""
    fingerprint: str = ""

    def init(self, facts: SessionFacts) -> None:
        """Return nothing; there is nothing to remember."""

    def advance(self, state: None, events: tuple[Event, ...], now: Snapshot) -> Verdict[None]:
        """Make nothing of the tick."""
        return Verdict(None)


@dataclass(frozen=True, slots=True)
class SessionState(Generic[S, C]):
    """Everything that changes in a session: what the next tick depends on, and the snapshot of this one."""

    tick: int
    world: S
    curriculum: C
    pending: tuple[Stimulus, ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Step(Generic[S, C]):
    """What one tick gave: the state after it, the actions as they took effect, and what was seen and said."""

    state: SessionState[S, C]
    actions: tuple[Action, ...]
    events: tuple[Event, ...]
    feedback: tuple[Feedback, ...]

    @property
    def snapshot(self) -> Snapshot:
        """What is true after the tick."""
        return self.state.snapshot


@dataclass(frozen=True, slots=True)
class Session(Generic[S, C]):
    """The pure function itself; holds models and the seed, no state.

    Parameters
    ----------
    world
        The procedure on its patient.
    curriculum
        The course that watches, or `NoCurriculum()`.
    seed
        Seed of all chance, 0 to 2**64 - 1.
    """

    world: World[S]
    curriculum: Curriculum[C]
    seed: int

    def start(self) -> SessionState[S, C]:
        """Return the state at tick 0."""
        state = self.world.init(Streams(self.seed))
        snapshot = self._sealed(self.world.snapshot(state, 0), 0)
        return SessionState(0, state, self.curriculum.init(self.world.facts), (), snapshot)

    def step(self, state: SessionState[S, C], actions: Sequence[Action] = ()) -> Step[S, C]:
        """Advance one tick under `actions`; equal arguments give equal results, bit for bit.

        Raises InputError for an action that no control answers to, and DivergedError where a signal or the evidence
        of an event is not a finite number.
        """
        tick = state.tick + 1
        checked = self.checked(actions)
        world = self.world.advance(state.world, checked, pending=state.pending, tick=tick, streams=Streams(self.seed))
        now = self._sealed(self.world.snapshot(world, tick), tick)
        events = tuple(event for detect in self.world.detectors for event in detect(state.snapshot, now))
        self._check_events(events, tick)
        verdict = self.curriculum.advance(state.curriculum, events, now)
        after = SessionState(tick, world, verdict.state, verdict.pending, now)
        return Step(after, checked, events, verdict.feedback)

    def checked(self, actions: Sequence[Action]) -> tuple[Action, ...]:
        """Return `actions` as they take effect: numbers clipped to their range, unknown names refused."""
        controls = {control.name: control for control in self.world.controls} if actions else {}
        for action in actions:
            if action.control not in controls:
                raise UnknownNameError("control", action.control, controls, self.world.name)
        return tuple(Action(a.control, controls[a.control].checked(a.value)) for a in actions)

    def marks(self, state: SessionState[S, C]) -> dict[str, bytes]:
        """Return the SHA-256 of every quantity that defines `state`, and of its signals under `signals`."""
        marks = {name: quantity_hash(array) for name, array in self.world.quantities(state.world).items()}
        assert "signals" not in marks, f"{self.world.name}: 'signals' is not free for a quantity"
        marks["signals"] = quantity_hash(state.snapshot.signals)
        return marks

    def digest(self, state: SessionState[S, C]) -> str:
        """Return one hash over all quantities of `state`, hexadecimal."""
        return hashlib.sha256(b"".join(self.marks(state).values())).hexdigest()

    def _sealed(self, snapshot: Snapshot, tick: int) -> Snapshot:
        names = self.world.signals
        assert snapshot.tick == tick, f"{self.world.name}: snapshot of tick {snapshot.tick} at tick {tick}"
        assert snapshot.signals.shape == (len(names),), f"{self.world.name}: declares {len(names)} signals"
        signals = _sealed(snapshot.signals)
        finite = np.isfinite(signals)
        if not finite.all():
            first = int(np.argmin(finite))
            raise DivergedError(f"tick {tick}: signal {names[first].name} is {signals[first]} ({self.world.name})")
        curves = {name: _sealed(points) for name, points in snapshot.curves.items()}
        return replace(snapshot, signals=signals, curves=curves, words=dict(snapshot.words))

    def _check_events(self, events: tuple[Event, ...], tick: int) -> None:
        declared = {kind.name for kind in self.world.event_types} if events else set()
        for event in events:
            assert event.name in declared, f"{self.world.name}: event {event.name} was not declared"
            assert event.tick == tick, f"{self.world.name}: event {event.name} of tick {event.tick} at tick {tick}"
            for name, value in event.data.items():
                if not isinstance(value, str) and not np.isfinite(value):
                    raise DivergedError(f"tick {tick}: {name} of event {event.name} is {value} ({self.world.name})")


def quantity_hash(array: NDArray[np.generic]) -> bytes:
    """Return the SHA-256 of the type, shape and bits of `array`; -0.0 differs from 0.0."""
    assert not array.dtype.hasobject, "an array of Python objects has no bits of its own"
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _sealed(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `array` itself where nobody can change it any more, else a read-only copy."""
    if array.flags.writeable or array.base is not None or array.dtype != np.float64:
        return frozen(array)
    return array

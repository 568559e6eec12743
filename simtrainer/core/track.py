"""The two tracks of an attempt, second by second: causes (actions), effects (what was seen and said), and marks.

A mark is the head of the SHA-256 of one quantity at one tick. Marks cannot rebuild anything; they tell at which tick
and in which quantity a rebuilt run first differs.
"""

from __future__ import annotations

import base64
import hashlib
import json
from copy import copy
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from simtrainer.core.event import Event
from simtrainer.core.header import Line
from simtrainer.core.session import Feedback, Session, SessionState, Step
from simtrainer.core.snapshot import Snapshot

S = TypeVar("S")
C = TypeVar("C")

MARK_BYTES = 4
SIGNAL_HZ = 50

Value = float | str


class Second(Line):
    """Everything that happened from tick `first` to tick `last`, both included.

    Parameters
    ----------
    actions
        (tick, ((control, value), ...)) of every tick with actions.
    events
        (tick, name, evidence).
    feedback
        (tick, code, text).
    words
        (tick, all words) wherever a word changed.
    signals
        Rows of the sampled ticks, float32 in base64; see `sampled`.
    poses
        (tick, curve by name) of every whole second, points [m] in W as float32 in base64.
    marks
        Heads of the hashes of all quantities at all ticks, in base64, shape (ticks, quantities, MARK_BYTES).
    digest
        SHA-256 over the full hashes of all quantities, events, feedback and words since tick 0, hexadecimal.
    """

    kind: Literal["second"] = "second"
    first: int
    last: int
    actions: tuple[tuple[int, tuple[tuple[str, Value], ...]], ...]
    events: tuple[tuple[int, str, dict[str, Value]], ...]
    feedback: tuple[tuple[int, str, str], ...]
    words: tuple[tuple[int, dict[str, str]], ...]
    signals: str
    poses: tuple[tuple[int, dict[str, str]], ...]
    marks: str
    digest: str


class End(Line):
    """The last line of a whole attempt; `outcome` is what the caller had to say."""

    kind: Literal["end"] = "end"
    ticks: int
    digest: str
    outcome: dict[str, JsonValue]


def sampled(first: int, last: int, tick_hz: int) -> NDArray[np.int64]:
    """Return the ticks from `first` to `last` at which signals are kept: 50 a second or, if fewer, every one."""
    ticks = np.arange(first, last + 1, dtype=np.int64)
    chosen: NDArray[np.int64] = ticks[ticks % max(1, tick_hz // SIGNAL_HZ) == 0]
    return chosen


def packed(values: NDArray[np.float64]) -> str:
    """Return `values` as little-endian float32 in base64."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").data).decode()


def unpacked(text: str, rows: int, columns: int) -> NDArray[np.float32]:
    """Return what `packed` wrote, shape (rows, columns), read-only; -1 for as many rows as there are.

    Raises ValueError where it does not fit.
    """
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4").reshape(rows, columns)


def unpacked_marks(second: Second, quantities: int) -> NDArray[np.uint32]:
    """Return the marks of a second, shape (ticks, quantities); ValueError where they do not fit."""
    ticks = second.last - second.first + 1
    return np.frombuffer(base64.b64decode(second.marks, validate=True), dtype=">u4").reshape(ticks, quantities)


class Ledger(Generic[S, C]):
    """Gathers the ticks of one session into seconds; fed by a live session and by a replay alike."""

    def __init__(self, session: Session[S, C], start: SessionState[S, C]) -> None:
        """Open the ledger with the state at tick 0."""
        assert start.tick == 0, f"an attempt begins at tick 0, not {start.tick}"
        self._session = session
        self._hash = hashlib.sha256()
        self._words: dict[str, str] | None = None
        self.tick = -1
        self._open(0)
        self._enter(start, (), ())

    @property
    def digest(self) -> str:
        """SHA-256 over all that was entered so far, hexadecimal."""
        return self._hash.hexdigest()

    def add(self, step: Step[S, C]) -> Second | None:
        """Enter one step; return the second that it completes, if it does."""
        tick = step.state.tick
        if step.actions:
            self._actions.append((tick, tuple((a.control, _plain(a.value)) for a in step.actions)))
        self._enter(step.state, step.events, step.feedback)
        return self.flush() if tick % self._session.world.tick_hz == 0 else None

    def flush(self) -> Second | None:
        """Return what was entered since the last second, whole or not; None where there is nothing."""
        if self.tick < self._first:
            return None
        second = Second(
            first=self._first,
            last=self.tick,
            actions=tuple(self._actions),
            events=tuple((e.tick, e.name, _evidence(e)) for e in self._events),
            feedback=tuple((f.tick, f.code, f.text) for f in self._feedback),
            words=tuple(self._changes),
            signals=packed(np.array(self._rows)),
            poses=tuple(self._poses),
            marks=base64.b64encode(bytes(self._marks)).decode(),
            digest=self.digest,
        )
        self._open(self.tick + 1)
        return second

    def forked(self) -> Ledger[S, C]:
        """Return a ledger that goes on from here on its own; only where a second has just been completed."""
        assert self._first == self.tick + 1, f"tick {self.tick} stands in the midst of a second"
        twin = copy(self)
        twin._hash = self._hash.copy()
        twin._open(self._first)
        return twin

    def _open(self, first: int) -> None:
        self._first = first
        self._actions: list[tuple[int, tuple[tuple[str, Value], ...]]] = []
        self._events: list[Event] = []
        self._feedback: list[Feedback] = []
        self._changes: list[tuple[int, dict[str, str]]] = []
        self._rows: list[NDArray[np.float64]] = []
        self._poses: list[tuple[int, dict[str, str]]] = []
        self._marks = bytearray()

    def _enter(self, state: SessionState[S, C], events: tuple[Event, ...], feedback: tuple[Feedback, ...]) -> None:
        assert state.tick == self.tick + 1, f"tick {state.tick} cannot follow tick {self.tick}"
        self.tick = state.tick
        self._events.extend(events)
        self._feedback.extend(feedback)
        for mark in self._session.marks(state).values():
            self._hash.update(mark)
            self._marks += mark[:MARK_BYTES]
        said = [[e.name, _evidence(e)] for e in events] + [[f.code, f.text] for f in feedback]
        if said:
            self._hash.update(json.dumps([state.tick, said], sort_keys=True).encode())
        self._see(state.snapshot)

    def _see(self, now: Snapshot) -> None:
        hz = self._session.world.tick_hz
        if sampled(now.tick, now.tick, hz).size:
            self._rows.append(now.signals)
        if now.words != self._words:
            self._words = dict(now.words)
            self._changes.append((now.tick, self._words))
            self._hash.update(json.dumps([now.tick, self._words], sort_keys=True).encode())
        if now.tick % hz == 0:
            self._poses.append((now.tick, {name: packed(points) for name, points in now.curves.items()}))


def _plain(value: Value) -> Value:
    return value if isinstance(value, str) else float(value)


def _evidence(event: Event) -> dict[str, Value]:
    return {name: _plain(value) for name, value in event.data.items()}

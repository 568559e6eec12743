"""An attempt on disk: append-only lines of JSON, one a second, each chained by SHA-256 to all before it.

Header, seconds, end. Every line ends in the hash over itself and the hash of the line before, so a changed byte, a lost
or an added line is found and named. The chain tells damage and careless editing; it is no signature, as whoever can
write the file can also write a new chain. Whole lines are handed to the disk once a second, so that a crash or a power
cut loses at most one second; such an attempt has no end line and no outcome, and everything before it can be used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue, ValidationError

from simtrainer.core.action import Action
from simtrainer.core.error import AttemptError
from simtrainer.core.event import Event
from simtrainer.core.header import Header, Line, Parent, Sitting, header_of
from simtrainer.core.migration import MIGRATIONS, Migration, Record, migrated
from simtrainer.core.session import Feedback, Session, SessionState, Step
from simtrainer.core.snapshot import Snapshot
from simtrainer.core.track import End, Ledger, Second, sampled, unpacked, unpacked_marks

S = TypeVar("S")
C = TypeVar("C")

SUFFIX = ".attempt.jsonl"
_SEAM = b',"chain":"'
_TAIL = 64 + len(b'"}')


class AttemptWriter(Generic[S, C]):
    """Writes one attempt while it runs; never overwrites another."""

    def __init__(
        self,
        path: Path,
        session: Session[S, C],
        *,
        start: SessionState[S, C],
        sitting: Sitting | None = None,
        parent: Parent | None = None,
    ) -> None:
        """Create the file and write its header; `start` is `session.start()`."""
        if not path.name.endswith(SUFFIX):
            raise AttemptError(f"{path}: the name of an attempt file ends in '{SUFFIX}'")
        self.header = header_of(session, start, sitting=sitting or Sitting(), parent=parent)
        self._ledger = Ledger(session, start)
        self._chain = b""
        self._path = path
        self._file = _created(path)
        self._append(self.header)

    def write(self, step: Step[S, C]) -> None:
        """Append the next step; every whole second goes to the disk."""
        second = self._ledger.add(step)
        if second is not None:
            self._append(second)

    def seam(self) -> Ledger[S, C]:
        """Return what `fork` needs to leave this attempt here; a second must just have been completed."""
        return self._ledger.forked()

    def fork(self, path: Path, seam: Ledger[S, C], *, sitting: Sitting) -> AttemptWriter[S, C]:
        """Begin at `path` a branch that shares the seconds up to `seam`, without running them again.

        This attempt must have been closed: the branch names it by its digest.
        """
        assert self._file.closed, "an attempt is closed before another one branches off it"
        twin = copy(self)
        twin.header = self.header.model_copy(
            update={"sitting": sitting, "parent": Parent(digest=self._ledger.digest, tick=seam.tick)}
        )
        twin._ledger, twin._chain, twin._path, twin._file = seam.forked(), b"", path, _created(path)
        shared = [record for record in _records(self._path) if record["kind"] == "second"]
        for line in (twin.header, *(Second.model_validate(record) for record in shared)):
            if not isinstance(line, Second) or line.last <= seam.tick:
                twin._put(line)
        twin._sync()
        return twin

    def close(self, outcome: Mapping[str, JsonValue]) -> str:
        """End the attempt with its `outcome` and return its digest."""
        self._rest()
        digest = self._ledger.digest
        self._append(End(ticks=self._ledger.tick, digest=digest, outcome=dict(outcome)))
        self._file.close()
        return digest

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what was written where the attempt was not closed; it then counts as cut off."""
        if not self._file.closed:
            self._rest()
            self._file.close()

    def _rest(self) -> None:
        second = self._ledger.flush()
        if second is not None:
            self._append(second)

    def _append(self, line: Line) -> None:
        self._put(line)
        self._sync()

    def _put(self, line: Line) -> None:
        text = json.dumps(line.model_dump(mode="json"), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        body = text[:-1].encode()
        self._chain = _link(self._chain, body)
        try:
            self._file.write(body + _SEAM + self._chain + b'"}\n')
        except OSError as error:
            raise self._torn(error) from None

    def _sync(self) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._torn(error) from None

    def _torn(self, error: OSError) -> AttemptError:
        with contextlib.suppress(OSError):
            self._file.close()  # nothing may follow a line that is torn
        return AttemptError(f"{self._path}: cannot be written any further: {error.strerror}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as it was read, its chain verified.

    Parameters
    ----------
    path
        Where it was read.
    header
        What was run, where, and by whom.
    seconds
        The recorded seconds as they stand in the file.
    actions
        Actions by tick, only of ticks that have any.
    events, feedback
        What happened and what was said, in order.
    words
        (tick, all words) wherever a word changed.
    signal_ticks, signals
        Sampled ticks, shape (n,), and the signals of `header.signals` at them, shape (n, n_signals).
    poses
        Curves by name, points [m] in W, shape (k, 3), by tick, once a second.
    outcome
        What the caller of `close` said; None for an attempt that was cut off.
    """

    path: Path
    header: Header
    seconds: tuple[Second, ...]
    actions: Mapping[int, tuple[Action, ...]]
    events: tuple[Event, ...]
    feedback: tuple[Feedback, ...]
    words: tuple[tuple[int, Mapping[str, str]], ...]
    signal_ticks: NDArray[np.int64]
    signals: NDArray[np.float32]
    poses: Mapping[int, Mapping[str, NDArray[np.float32]]]
    outcome: Mapping[str, JsonValue] | None

    @property
    def cut_off(self) -> bool:
        """Whether the attempt ended without being closed."""
        return self.outcome is None

    @property
    def ticks(self) -> int:
        """The last recorded tick."""
        return self.seconds[-1].last if self.seconds else 0

    @property
    def digest(self) -> str:
        """SHA-256 over all quantities, events, feedback and words; empty where not one second was recorded."""
        return self.seconds[-1].digest if self.seconds else ""

    def snapshots(self) -> Iterator[Snapshot]:
        """Yield the snapshots of the effects track at the sampled ticks, curves only where poses were kept."""
        changes = dict(self.words)
        words: Mapping[str, str] = {}
        at = -1
        for tick, row in zip(self.signal_ticks.tolist(), self.signals, strict=True):
            for passed in range(at + 1, tick + 1):
                words = changes.get(passed, words)
            at = tick
            curves = {name: points.astype(np.float64) for name, points in self.poses.get(tick, {}).items()}
            yield Snapshot(tick, row.astype(np.float64), curves, words)


def read_attempt(path: Path, migrations: Mapping[int, Migration] = MIGRATIONS) -> Attempt:
    """Return the attempt at `path`; AttemptError names the line that is damaged or not understood.

    What follows the last whole line of a file that was cut off is dropped.
    """
    records = _records(path)
    if not records:
        raise AttemptError(f"{path}: is no attempt: it has no whole line")
    version = records[0].get("schema_version")
    if records[0].get("kind") != "header" or not isinstance(version, int):
        raise AttemptError(f"{path}: line 1: is not the header of an attempt")
    seconds: list[Second] = []
    number = 1
    try:
        header = Header.model_validate(migrated(records[0], version, migrations))
        for number, record in enumerate(records[1:], start=2):
            line = migrated(record, version, migrations)
            if line.get("kind") == "end":
                end = _checked_end(End.model_validate(line), seconds, final=number == len(records))
                return _assembled(path, header, seconds, end.outcome)
            seconds.append(_checked_second(Second.model_validate(line), seconds, header))
    except (ValueError, AttemptError) as error:
        raise AttemptError(f"{path}: line {number}: {_reason(error)}") from None
    return _assembled(path, header, seconds, None)


def _created(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")
    except FileExistsError:
        raise AttemptError(f"{path}: exists already; an attempt is never overwritten") from None
    except OSError as error:
        raise AttemptError(f"{path}: cannot be written: {error.strerror}") from None


def _link(chain: bytes, body: bytes) -> bytes:
    return hashlib.sha256(chain + body).hexdigest().encode()


def _records(path: Path) -> list[Record]:
    try:
        *lines, rest = path.read_bytes().split(b"\n")
    except OSError as error:
        raise AttemptError(f"{path}: cannot be read: {error.strerror}") from None
    if not rest and lines and b"\0" in lines[-1]:
        lines.pop()  # pages that a power cut kept from the disk read as zeros; JSON holds none
    records: list[Record] = []
    chain = b""
    for number, line in enumerate(lines, start=1):
        body, seam, tail = line[: -_TAIL - len(_SEAM)], line[-_TAIL - len(_SEAM) : -_TAIL], line[-_TAIL:]
        chain = _link(chain, body)
        if seam != _SEAM or tail != chain + b'"}':
            kind = "is no line of an attempt, or was" if number == 1 else "was"
            raise AttemptError(f"{path}: line {number}: {kind} changed after it was written: its hash does not fit")
        try:
            records.append(json.loads(body + b"}"))
        except ValueError as error:
            raise AttemptError(f"{path}: line {number}: is no JSON: {error}") from None
    return records


def _checked_second(second: Second, before: list[Second], header: Header) -> Second:
    expected = before[-1].last + 1 if before else 0
    if second.first != expected or second.last < second.first:
        raise ValueError(f"holds ticks {second.first} to {second.last} where tick {expected} was to come")
    wanted = len(sampled(second.first, second.last, header.tick_hz))
    if len(unpacked(second.signals, wanted, len(header.signals))) != wanted:
        raise ValueError(f"does not hold {wanted} rows of {len(header.signals)} signals")
    unpacked_marks(second, len(header.quantities))
    for _, curves in second.poses:
        for text in curves.values():
            unpacked(text, -1, 3)
    return second


def _checked_end(end: End, seconds: list[Second], *, final: bool) -> End:
    if not seconds or (end.ticks, end.digest) != (seconds[-1].last, seconds[-1].digest):
        raise ValueError("the end does not fit the second before it")
    if not final:
        raise ValueError("the attempt ends here, but more lines follow")
    return end


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _assembled(path: Path, header: Header, seconds: list[Second], outcome: Mapping[str, JsonValue] | None) -> Attempt:
    ticks = [sampled(s.first, s.last, header.tick_hz) for s in seconds]
    rows = [unpacked(s.signals, len(t), len(header.signals)) for s, t in zip(seconds, ticks, strict=True)]
    poses = {t: {n: unpacked(p, -1, 3) for n, p in curves.items()} for s in seconds for t, curves in s.poses}
    return Attempt(
        path=path,
        header=header,
        seconds=tuple(seconds),
        actions={t: tuple(Action(c, v) for c, v in given) for s in seconds for t, given in s.actions},
        events=tuple(Event(name, t, data) for s in seconds for t, name, data in s.events),
        feedback=tuple(Feedback(code, text, t) for s in seconds for t, code, text in s.feedback),
        words=tuple(change for s in seconds for change in s.words),
        signal_ticks=np.concatenate(ticks) if ticks else np.zeros(0, np.int64),
        signals=np.concatenate(rows) if rows else np.zeros((0, len(header.signals)), np.float32),
        poses=poses,
        outcome=outcome,
    )

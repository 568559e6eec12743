"""Runs an attempt again: to verify it, to branch from it, to look at it from elsewhere.

A replay is bit for bit where code, versions, processor class, patient and course are those of the recording; where they
are not, it refuses and says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from simtrainer.core.attempt import Attempt, AttemptWriter
from simtrainer.core.breakdown import Breakdown
from simtrainer.core.error import AttemptError, DivergedError
from simtrainer.core.header import Header, Parent, header_of, mismatches
from simtrainer.core.session import Session, SessionState, Step
from simtrainer.core.track import Ledger, Second, sampled, unpacked, unpacked_marks

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a rebuilt run first leaves the recording: the tick, the quantity, and both values in words."""

    tick: int
    quantity: str
    recorded: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the effects of an attempt follow from its causes, over `ticks` ticks.

    broke_off: what the tick said that could not be computed, where that happened again; empty for an attempt that did
    not break off.
    """

    identical: bool
    ticks: int
    first_difference: Difference | None = None
    broke_off: str = ""


def verify(attempt: Attempt, session: Session[S, C]) -> Verification:
    """Rebuild `attempt` by running it again on `session`, and compare everything that was recorded."""
    start = _admitted(attempt, session)
    ledger = Ledger(session, start)
    state, seconds = start, list(attempt.seconds)
    try:
        while seconds:
            second = ledger.flush() if ledger.tick == seconds[0].last else None
            if second is None:
                step = session.step(state, attempt.actions.get(state.tick + 1, ()))
                state, second = step.state, ledger.add(step)
            if second is not None and second != (recorded := seconds.pop(0)):
                return Verification(False, attempt.ticks, _first_difference(attempt.header, recorded, second))
    except DivergedError as error:
        return Verification(False, attempt.ticks, Difference(state.tick + 1, "session", "ran on", str(error)))
    last = Breakdown.of(attempt.outcome)
    if last is None:
        return Verification(True, attempt.ticks)
    try:
        session.step(state, last.actions)
    except DivergedError as error:
        return Verification(True, attempt.ticks, broke_off=str(error))
    return Verification(False, attempt.ticks, Difference(last.tick, "session", last.message, "ran on"))


def rerun(attempt: Attempt, session: Session[S, C], until: int | None = None) -> Iterator[Step[S, C]]:
    """Return the steps of `attempt`, run again, up to tick `until` or its end; refuses before the first step."""
    end = _tick(attempt, attempt.ticks if until is None else until)
    return _steps(attempt, session, _admitted(attempt, session), end)


def branch(
    attempt: Attempt, session: Session[S, C], tick: int, *, writer: AttemptWriter[S, C] | None = None
) -> SessionState[S, C]:
    """Return the state of `attempt` at `tick`, from which to go on with other actions.

    A `writer` made with `parent=parent_of(attempt, tick)` gets the shared ticks, so that the branch is whole in itself.
    """
    end = _tick(attempt, tick)
    state = _admitted(attempt, session)
    for step in _steps(attempt, session, state, end):
        if writer is not None:
            writer.write(step)
        state = step.state
    return state


def parent_of(attempt: Attempt, tick: int) -> Parent:
    """Return what the header of a branch that leaves `attempt` after `tick` says about it."""
    return Parent(digest=attempt.digest, tick=tick)


def _tick(attempt: Attempt, tick: int) -> int:
    if not 0 <= tick <= attempt.ticks:
        raise AttemptError(f"{attempt.path}: has no tick {tick}; it runs from 0 to {attempt.ticks}")
    return tick


def _admitted(attempt: Attempt, session: Session[S, C]) -> SessionState[S, C]:
    start = session.start()
    reasons = mismatches(attempt.header, header_of(session, start, sitting=attempt.header.sitting))
    if reasons:
        raise AttemptError(f"{attempt.path}: cannot be run again bit for bit:\n  " + "\n  ".join(reasons))
    return start


def _steps(attempt: Attempt, session: Session[S, C], state: SessionState[S, C], end: int) -> Iterator[Step[S, C]]:
    for tick in range(1, end + 1):
        step = session.step(state, attempt.actions.get(tick, ()))
        state = step.state
        yield step


def _first_difference(header: Header, recorded: Second, rebuilt: Second) -> Difference:
    """Return the earliest difference within a second; causes before effects where the tick is the same."""
    found = [*_marks(header, recorded, rebuilt), *_tracks(recorded, rebuilt)]
    digest = Difference(recorded.last, "digest", recorded.digest, rebuilt.digest)
    return min(found, key=lambda difference: difference.tick, default=digest)


def _marks(header: Header, recorded: Second, rebuilt: Second) -> Iterator[Difference]:
    was, now = (unpacked_marks(second, len(header.quantities)) for second in (recorded, rebuilt))
    rows, columns = np.nonzero(was != now)
    if rows.size:
        row, column = int(rows[0]), int(columns[0])
        tick, name = recorded.first + row, header.quantities[column]
        marks = Difference(tick, name, f"hash {was[row, column]:08x}..", f"hash {now[row, column]:08x}..")
        yield marks if name != "signals" else _signal(header, recorded, rebuilt, marks)


def _signal(header: Header, recorded: Second, rebuilt: Second, marks: Difference) -> Difference:
    """Name the signal that differs, by the samples from the tick of `marks` on; sensors may differ, not the state."""
    ticks = sampled(recorded.first, recorded.last, header.tick_hz)
    was, now = (unpacked(second.signals, len(ticks), len(header.signals)) for second in (recorded, rebuilt))
    rows, columns = np.nonzero((was != now) & (ticks >= marks.tick)[:, None])
    if not rows.size:
        return marks
    row, column = int(rows[0]), int(columns[0])
    values = (f"{values[row, column]!s} at tick {ticks[row]}" for values in (was, now))
    return Difference(marks.tick, f"signal {header.signals[column]}", *values)


def _tracks(recorded: Second, rebuilt: Second) -> Iterator[Difference]:
    for name in ("words", "events", "feedback", "actions", "poses"):
        was: dict[int, list[object]] = {}
        now: dict[int, list[object]] = {}
        for second, by_tick in ((recorded, was), (rebuilt, now)):
            for tick, *entry in getattr(second, name):
                by_tick.setdefault(tick, []).append(entry)
        ticks = [tick for tick in sorted(was | now) if was.get(tick) != now.get(tick)]
        if ticks:
            yield Difference(ticks[0], name, *(_listed(track.get(ticks[0])) for track in (was, now)))


def _listed(entries: list[object] | None) -> str:
    text = "; ".join(", ".join(str(part) for part in entry) for entry in entries or () if isinstance(entry, list))
    return (text[:197] + "...") if len(text) > 200 else text or "nothing"

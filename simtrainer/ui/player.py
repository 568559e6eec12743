"""Plays a case with a hand as fast as the machine can, writes the attempt and scores it; no window, no clock."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any

from simtrainer.core.attempt import SUFFIX, AttemptWriter
from simtrainer.core.breakdown import Breakdown
from simtrainer.core.error import AttemptError, DivergedError, InputError
from simtrainer.core.event import Event
from simtrainer.core.header import Sitting
from simtrainer.core.session import SessionState, Step
from simtrainer.core.stream import Streams
from simtrainer.curriculum.recorder import Recorder
from simtrainer.curriculum.score import Score, score
from simtrainer.ui.case import Case
from simtrainer.ui.hand import Hand

MOST_NUMBERS = 100_000

Watcher = Callable[[Step[Any, Any]], None]
"""Is shown every step; changes nothing."""


class Ended(Enum):
    """Why an attempt came to its end."""

    DONE = "done"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"
    BROKE_OFF = "broke_off"
    """A tick could not be computed; the attempt keeps what asked for it."""


@dataclass(frozen=True, slots=True)
class Played:
    """An attempt that was played and written."""

    path: Path
    digest: str
    score: Score
    events: tuple[Event, ...]
    ticks: int
    tick_hz: int
    ended: Ended
    patient: str
    seed: int
    breakdown: Breakdown | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """The last state of a run, why it is the last, and the tick after it that could not be computed."""

    state: SessionState[Any, Any]
    ended: Ended
    breakdown: Breakdown | None = None


class Stop:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.asked = False
        self.interrupted = False

    def ask(self) -> None:
        """Ask for an end at the next tick."""
        self.asked = True

    def interrupt(self) -> None:
        """Ask for an end as Ctrl-C does: the second time there is no waiting for the next tick."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        self.ask()


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Turn Ctrl-C and a polite kill into an end between two ticks; a second Ctrl-C ends at once."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def heard(number: int, frame: FrameType | None) -> None:
        del frame
        (stop.interrupt if number == signal.SIGINT else stop.ask)()

    signals = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, heard) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def play(
    case: Case,
    hand: Hand,
    path: Path,
    *,
    sitting: Sitting,
    limit_s: float,
    watchers: Sequence[Watcher] = (),
    stop: Stop | None = None,
) -> Played:
    """Let `hand` act until it is done, the time is up or somebody asks to stop; write the attempt and score it."""
    session, asked = case.session, stop or Stop()
    state = session.start()
    with AttemptWriter(path, session, start=state, sitting=sitting) as writer:
        recorder = Recorder(case.world, state)
        last = act_on(case, hand, state, limit_s=limit_s, stop=asked, see=(writer.write, recorder, *watchers))
        return closed(case, writer, recorder, last, path)


def closed(
    case: Case,
    writer: AttemptWriter[Any, Any],
    recorder: Recorder,
    last: Last,
    path: Path,
) -> Played:
    """Score what was recorded, close the attempt at `path` with it, and return both."""
    sitting = writer.header.sitting
    result = score(
        case.course,
        recorder.recording(),
        mode=sitting.mode,
        device=sitting.device,
        language=case.live.language,
        state=last.state.curriculum,
    )
    digest = writer.close(
        {
            "ended": last.ended.value,
            "passed": result.passed,
            "score": result.score,
            "critical_failures": list(result.critical_failures),
            "course_hash": result.course_hash,
            **(last.breakdown.to_json() if last.breakdown else {}),
        }
    )
    return Played(
        path, digest, result, tuple(recorder.events), last.state.tick, case.world.tick_hz, last.ended, case.patient,
        case.seed, last.breakdown,
    )  # fmt: skip


def act_on(
    case: Case, hand: Hand, state: SessionState[Any, Any], *, limit_s: float, stop: Stop, see: Sequence[Watcher]
) -> Last:
    """Let `hand` act from `state` on and show every step to `see`; return the last state and why it is the last."""
    session, procedure, world = case.session, case.procedure, case.world
    streams = Streams(case.seed)
    last = round(limit_s * world.tick_hz)
    while not hand.done:
        if stop.asked:
            return Last(state, Ended.INTERRUPTED)
        if state.tick >= last:
            return Last(state, Ended.TIME_LIMIT)
        seen = procedure.observe(world, state.world, state.tick, streams) if hand.sees else None
        actions = hand.act(seen, state.tick + 1)
        if hand.done and not actions and hand.sees:
            break  # a bot that only now says that it is done
        try:
            step = session.step(state, actions)
        except DivergedError as error:
            return Last(state, Ended.BROKE_OFF, Breakdown(state.tick + 1, actions, str(error)))
        for look in see:
            look(step)
        state = step.state
    return Last(state, Ended.DONE)


def free_path(folder: Path, case: Case, hand: str) -> Path:
    """Return the next free file name in `folder` for an attempt at `case`; InputError where it is no folder."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; name a folder for attempts with --out")
    words = (case.live.name, case.patient, hand)
    stem = ".".join(re.sub(r"[^A-Za-z0-9_-]+", "-", word).strip("-") or "x" for word in words)
    for number in range(1, MOST_NUMBERS):
        path = folder / f"{stem}.seed{case.seed}.{number:03d}{SUFFIX}"
        if not path.exists():
            return path
    raise AttemptError(f"{folder}: holds {MOST_NUMBERS} attempts of that name already; choose another folder")

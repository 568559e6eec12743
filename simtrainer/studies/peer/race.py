"""Engines on the task one after the other, each in a process of its own, and what their work comes to beside ours."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from simtrainer.core.units import MINUTE
from simtrainer.studies.bench.clock import Clock
from simtrainer.studies.peer.engine import Peer, Run, drive
from simtrainer.studies.peer.task import Task
from simtrainer.studies.thread import one_thread

LIMIT = 20.0 * MINUTE
"""After which an engine counts as hanging [s]. because: Newton compiled for 4 minutes on two busy cores"""
_LONGEST = 160
"""Characters of another's message that are passed on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An engine that did not come to an end, and why, in words."""

    name: str
    title: str
    version: str
    reason: str

    @property
    def did_it(self) -> bool:
        """Tell whether the task was done: no."""
        return False


@dataclass(frozen=True, slots=True)
class Ratio:
    """Work of a peer over that of ours.

    Parameters
    ----------
    ratio
        Both in matrix products timed beside them; None where one of the two did not do the task.
    against
        Which of ours it was divided by.
    as_exact
        Whether that one was no further off the wall than the peer.
    """

    ratio: float | None
    against: str | None
    as_exact: bool


def race(
    entrants: Mapping[str, Peer], task: Task, clock: Clock, *, limit: float = LIMIT,
    heard: Callable[[Run | Fault], None] = lambda one: None,
) -> tuple[Run | Fault, ...]:  # fmt: skip
    """Return how each of `entrants` fared, in their order; whatever one does, the next has its turn.

    Parameters
    ----------
    clock
        A function that another process can import, as `time.process_time` is.
    limit
        Time after which one is ended [s].
    heard
        Told of each as soon as it is done.
    """
    done = []
    for name, peer in entrants.items():
        with tempfile.TemporaryDirectory(prefix="simtrainer-peer-", ignore_cleanup_errors=True) as folder:
            done.append(_alone(name, peer, task, clock, folder=Path(folder), limit=limit))
        heard(done[-1])
    return tuple(done)


def compare(run: Run, ours: Sequence[Run]) -> Ratio:
    """Return the work of a peer's `run` over that of ours.

    Divided by the cheapest of ours that kept as close to the exact wall (depth in absolute value) as the peer did, or
    closer; where none did, by the closest.
    """
    fit = [one for one in ours if one.did_it]
    if not (run.did_it and fit):
        return Ratio(None, None, as_exact=False)
    exact = [one for one in fit if _off(one) <= _off(run)]
    chosen = min(exact, key=lambda one: one.products) if exact else min(fit, key=_off)
    return Ratio(run.products / chosen.products, chosen.name, as_exact=bool(exact))


def _off(run: Run) -> float:
    return abs(run.max_penetration_mm)


def _alone(name: str, peer: Peer, task: Task, clock: Clock, *, folder: Path, limit: float) -> Run | Fault:
    """Let `peer` do the task in a process that is started afresh, with one thread, and ended when it hangs."""
    context = multiprocessing.get_context("spawn")
    listen, speak = context.Pipe(duplex=False)
    process = context.Process(target=_ride, args=(name, peer, task, clock, folder, speak), daemon=True)
    try:
        with one_thread():
            process.start()
        speak.close()
        if not listen.poll(limit):
            return Fault(name, peer.title, peer.version or "", f"did not come to an end within {limit:g} s")
        run: Run = listen.recv()
    except EOFError:
        process.join()
        return Fault(name, peer.title, peer.version or "", _last_words(process.exitcode or 0, folder))
    finally:
        if process.pid is not None:
            process.kill()
            process.join()
        listen.close()
    return run


def _ride(name: str, peer: Peer, task: Task, clock: Clock, folder: Path, speak: Connection) -> None:
    """Do the task in a folder of its own, where what the engine prints and leaves behind ends up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the process that started this one
    os.chdir(folder)
    for stream, number, file in ((sys.stdout, 1, "printed"), (sys.stderr, 2, "complained")):
        stream.flush()
        with Path(file).open("wb") as kept:
            os.dup2(kept.fileno(), number)
    speak.send(drive(name, peer, task, clock))


def _last_words(exit_code: int, folder: Path) -> str:
    """Return why a process ended without an answer: the signal that killed it, or the last line it complained with."""
    if exit_code < 0:
        return f"was killed by {_signal(-exit_code)}"
    file = folder / "complained"
    text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = lines[-1] if lines else "no word of why"
    return f"ended with code {exit_code}: {said if len(said) <= _LONGEST else said[:_LONGEST] + ' ...'}"


def _signal(number: int) -> str:
    return next((one.name for one in signal.Signals if one.value == number), f"signal {number}")

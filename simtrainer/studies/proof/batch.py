"""Plays runs side by side, each in a process of its own, started afresh; no run can harm another one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from simtrainer.core.error import InputError
from simtrainer.studies.proof.plan import Run
from simtrainer.studies.proof.stamp import code_hash
from simtrainer.studies.proof.trial import Ended, Exam, Outcome, play
from simtrainer.studies.thread import one_thread

Took = Callable[[Run, Outcome, bool], None]
"""Is told of every run, its outcome, and whether it came to an end of its own (a killed process did not)."""


@dataclass(frozen=True, slots=True)
class _Going:
    run: Run
    process: BaseProcess


def perform(
    exam: Exam, runs: Sequence[Run], *, code: str, jobs: int, took: Took, hashed: Callable[[str], str] = code_hash
) -> None:  # fmt: skip
    """Play `runs`, at most `jobs` at a time, and tell `took` of each as it ends.

    Every process says by `hashed` what code it found, after its run, and that must be `code`.

    Raises
    ------
    InputError
        The code on disk is not that of the hash `code` any more; what ran until then was told.
    """
    if jobs < 1:
        raise InputError(f"a proof needs at least one process, not {jobs}")
    waiting, going = deque(runs), dict[Connection, _Going]()
    try:
        while waiting or going:
            while waiting and len(going) < jobs:
                receiver, started = _started(exam, waiting.popleft(), hashed)
                going[receiver] = started
            ready = wait(list(going))
            for receiver in [one for one in going if one in ready]:
                _take(going.pop(receiver), receiver, code, took)
    finally:
        _end(going)


def _take(ended: _Going, receiver: Connection, code: str, took: Took) -> None:
    """Hear the last of a process and tell of it."""
    try:
        outcome, used = receiver.recv()
    except (EOFError, OSError):
        ended.process.join()
        error = f"its process ended with exit code {ended.process.exitcode}"
        took(ended.run, Outcome(ended=Ended.ERROR, error=error), False)
        return
    finally:
        receiver.close()
    ended.process.join()
    if used != code:
        raise InputError("the code was changed while the proof was made; start it again when nobody edits it")
    took(ended.run, outcome, True)


def _started(exam: Exam, run: Run, hashed: Callable[[str], str]) -> tuple[Connection, _Going]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(exam, run, sender, hashed), daemon=True)
    with one_thread():
        process.start()
    sender.close()  # so that the death of the process closes the pipe
    return receiver, _Going(run, process)


def _work(exam: Exam, run: Run, sender: Connection, hashed: Callable[[str], str]) -> None:
    """Play one run in a new process and send what came of it with the hash of the code that was on disk."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    threading.Thread(target=_follow, daemon=True).start()
    outcome = play(exam, run)
    with contextlib.suppress(BrokenPipeError):
        sender.send((outcome, hashed(exam.exercise)))


def _follow() -> None:
    """End this process as soon as the one that started it is gone, killed or not."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end(going: dict[Connection, _Going]) -> None:
    for receiver, left in going.items():
        left.process.terminate()
        left.process.join()
        receiver.close()

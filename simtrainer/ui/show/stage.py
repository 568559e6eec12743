"""Plays the jobs of the demonstration side by side, in processes that are started afresh (no fork)."""

from __future__ import annotations

import multiprocessing
import os
import queue
import re
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path

from simtrainer.core.error import AttemptError, InputError
from simtrainer.ui.show.job import Job, Outcome, connect, run

RUN = "run-"
MOST_RUNS = 10_000
POLL_S, LINE_S = 0.3, 20.0


def new_run(folder: Path) -> Path:
    """Make and return the next `run-001` in `folder`, so that nothing that lies there is touched."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = [int(m[1]) for path in folder.iterdir() if (m := re.fullmatch(rf"{RUN}(\d+)", path.name))]
        number = max(taken, default=0) + 1
        if number >= MOST_RUNS:
            raise AttemptError(f"{folder}: holds {number} runs already; choose another folder with --out")
        run_folder = folder / f"{RUN}{number:03d}"
        run_folder.mkdir()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}; choose another folder with --out") from None
    return run_folder


def perform(jobs: Sequence[Job], *, quiet: bool) -> tuple[Outcome, ...]:
    """Return what became of `jobs`, in their order; as many at a time as there are cores, at most one each."""
    context = multiprocessing.get_context("spawn")
    channel = context.Queue()
    at_once = max(1, min(len(jobs), os.cpu_count() or 1))
    with ProcessPoolExecutor(at_once, mp_context=context, initializer=connect, initargs=(channel,)) as pool:
        running = [pool.submit(run, job) for job in jobs]
        ticker = _Ticker(quiet=quiet)
        try:
            while wait(running, timeout=POLL_S).not_done:
                ticker.heard(_drained(channel))
        except KeyboardInterrupt:
            _end(pool)
            raise
        finally:
            ticker.close()
        return tuple(one.result() for one in running)


def _end(pool: ProcessPoolExecutor) -> None:
    """Ask the processes of `pool` to close their attempts; a terminal's Ctrl-C has reached them already."""
    for process in multiprocessing.active_children():
        process.terminate()
    pool.shutdown(wait=True, cancel_futures=True)


def _drained(channel: multiprocessing.Queue[tuple[int, str]]) -> dict[int, str]:
    said = {}
    try:
        while True:
            number, text = channel.get_nowait()
            said[number] = text
    except queue.Empty:
        return said


class _Ticker:
    """One line on standard error about all jobs."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._said: dict[int, str] = {}
        self._told = time.monotonic()

    def heard(self, said: dict[int, str]) -> None:
        self._said |= said
        now = time.monotonic()
        if self._quiet or not self._said or now - self._told < (POLL_S if self._is_terminal else LINE_S):
            return
        self._told = now
        line = "   ".join(self._said[number] for number in sorted(self._said))
        if self._is_terminal:
            line = line[: shutil.get_terminal_size().columns - 1]  # a line that wraps cannot be overwritten
        sys.stderr.write(f"\r\x1b[2K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()

    def close(self) -> None:
        if self._is_terminal and not self._quiet:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

"""Shakes many patients side by side, in processes that are started afresh (no fork)."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from simtrainer.studies.bench.clock import Clock
from simtrainer.studies.bench.stress import PAIRS, Robustness, shake_patient


def shake_ward(
    patients: Sequence[str], clock: Clock, *, seed: int, seconds: float, heard: Callable[[Robustness, int], None]
) -> tuple[Robustness, ...]:
    """Return how each of `patients` fared, in their order; wires and catheters take turns.

    Parameters
    ----------
    clock
        Must be a function that another process can import, as `time.thread_time` is.
    seconds
        Simulated time each [s].
    heard
        Told of each as soon as it is done, and how many are still to come.
    """
    at_once = max(1, min(len(patients), os.cpu_count() or 1))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=context, initializer=_deaf) as pool:
        running: list[Future[Robustness]] = [
            pool.submit(shake_patient, name, PAIRS[number % len(PAIRS)], clock, seed=seed, seconds=seconds)
            for number, name in enumerate(patients)
        ]
        try:
            left: set[Future[Robustness]] = set(running)
            while left:
                done, left = wait(left, return_when=FIRST_COMPLETED)
                for one in done:
                    heard(one.result(), len(left))
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(one.result() for one in running)


def _deaf() -> None:
    """Leave a terminal's Ctrl-C to the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

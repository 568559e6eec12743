"""All trials side by side, in processes that are started afresh (no fork)."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from simtrainer.studies.engagement.trial import Outcome, Trial, attempt

CATHETERS = ("simmons", "berenstein")
ARCHES = {
    "type III": ("older_female_type3", "older_male_type3", "oldest_male_type3_tortuous"),
    "type I": ("adult_male_type1", "young_female_type1"),
}
"""Patients by the type of their arch; type I is the control, where any catheter should do."""


def trials(seeds: Sequence[int], patients: Sequence[str]) -> tuple[Trial, ...]:
    """Return every catheter in every one of `patients` with every seed, seed by seed."""
    return tuple(Trial(catheter, patient, seed) for seed in seeds for patient in patients for catheter in CATHETERS)


def attempt_all(
    wanted: Sequence[Trial], heard: Callable[[Trial, Outcome, int], None]
) -> tuple[tuple[Trial, Outcome], ...]:
    """Return trials and what came of them, in their order.

    Parameters
    ----------
    heard
        Told of each as soon as it is done, and how many are still to come.
    """
    at_once = max(1, min(len(wanted), os.cpu_count() or 1))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=context, initializer=_deaf) as pool:
        running: dict[Future[Outcome], Trial] = {pool.submit(attempt, trial): trial for trial in wanted}
        try:
            left: set[Future[Outcome]] = set(running)
            while left:
                done, left = wait(left, return_when=FIRST_COMPLETED)
                for one in done:
                    heard(running[one], one.result(), len(left))
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple((trial, future.result()) for future, trial in running.items())


def _deaf() -> None:
    """Leave a terminal's Ctrl-C to the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

"""One trial: who tries what in whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.studies.engagement.hand import hand_of
from simtrainer.studies.engagement.work import CAROTID, DT, Work


@dataclass(frozen=True, slots=True)
class Trial:
    """Who tries what in whom: names of a catheter and a patient, and the seed of the hand."""

    catheter: str
    patient: str
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial.

    Parameters
    ----------
    engaged
        The tip lay 3 mm deep in the target for 0.5 s.
    wired, held
        A wire advanced by 80 mm went 40 mm up the carotid; and the catheter was still 3 mm deep in the target.
    seconds
        Simulated time [s] until it engaged or was given up.
    depth
        How deep [m] the catheter lay when it was seated; 0 where it did not engage.
    strayed
        Other branches that it fell into, in their order.
    """

    engaged: bool
    wired: bool
    held: bool
    seconds: float
    depth: float
    strayed: tuple[str, ...]


def attempt(trial: Trial) -> Outcome:
    """Do a trial; equal trials give equal outcomes."""
    work = Work(trial.patient, trial.catheter, hand_of(trial.seed))
    engaged = work.engage()
    seconds, strayed = work.ticks * DT, tuple(work.strayed)
    if not engaged:
        return Outcome(False, False, False, seconds, 0.0, strayed)
    work.seat()
    depth = work.depth()
    wired = work.wire() in CAROTID
    return Outcome(True, wired, wired and work.in_target(), seconds, depth, strayed)

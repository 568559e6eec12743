"""Counts over trials: how often out of how many, and within which limits that pins the chance down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simtrainer.studies.engagement.trial import Outcome, Trial

Z = 1.959963984540054
"""Quantile of the normal distribution for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """How often something came about, and its Wilson interval of 95 % (Wilson, J Am Stat Assoc 1927;22:209-212)."""

    count: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """What a catheter did in some patients.

    Parameters
    ----------
    patients
        Names of one or several packages.
    engaged, wired, held
        Tip in the target; a wire up the carotid besides; the catheter still in place then as well.
    seconds
        Median simulated time [s] until it engaged; none where it never did.
    """

    catheter: str
    patients: tuple[str, ...]
    engaged: Share
    wired: Share
    held: Share
    seconds: float | None


def share(count: int, of: int) -> Share:
    """Return `count` out of `of` with its interval; without trials it may be anything from 0 to 1."""
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    p, zz = count / of, Z * Z / of
    middle, half = p + 0.5 * zz, Z * math.sqrt(p * (1.0 - p) / of + 0.25 * zz / of)
    low = 0.0 if count == 0 else (middle - half) / (1.0 + zz)
    return Share(count, of, low, 1.0 if count == of else (middle + half) / (1.0 + zz))


def row(catheter: str, patients: Sequence[str], done: Sequence[tuple[Trial, Outcome]]) -> Row:
    """Return the counts of a catheter over `patients` taken together."""
    mine = [outcome for trial, outcome in done if trial.catheter == catheter and trial.patient in patients]

    def counted(came_about: Callable[[Outcome], bool]) -> Share:
        return share(sum(came_about(outcome) for outcome in mine), len(mine))

    times = sorted(outcome.seconds for outcome in mine if outcome.engaged)
    return Row(
        catheter, tuple(patients), counted(lambda one: one.engaged), counted(lambda one: one.wired),
        counted(lambda one: one.held), times[len(times) // 2] if times else None,
    )  # fmt: skip

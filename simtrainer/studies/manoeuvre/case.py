"""What a recorded manoeuvre is, and how it is judged: from its recording alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.finding import Finding, most, told
from simtrainer.studies.manoeuvre.recording import Floats, Recording

ACCEPTED = 0.02
"""Share of ticks with a step above the accepted residual that a run may have. because: design; the reference's stress
run had 0.6 % under far wilder hands"""
SPIKE_N = 0.5
"""Force at a hand [N] that may come and go within a tick. because: design; people feel 0.1 N, a snap lasts longer"""


@dataclass(frozen=True, slots=True)
class Manoeuvre:
    """A manoeuvre.

    Parameters
    ----------
    title
        What is done, for people.
    perform
        Does it and returns its recording; the same every time.
    judge
        What mechanics expects of the recording, and what it shows.
    """

    title: str
    perform: Callable[[], Recording]
    judge: Callable[[Recording], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Performed:
    """A manoeuvre that was done."""

    name: str
    title: str
    recording: Recording
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every finding that is judged holds."""
        return all(finding.holds for finding in self.findings if finding.judged)


def performed(name: str) -> Performed:
    """Do the manoeuvre `name` and judge it."""
    one = manoeuvres.get(name)
    recording = one.perform()
    return Performed(name, one.title, recording, judged(one, recording))


def judged(one: Manoeuvre, recording: Recording) -> tuple[Finding, ...]:
    """Return the findings of a recording, those that every run must pass last."""
    return (*one.judge(recording), *solved(recording))


def calm(force: Floats) -> Floats:
    """Return forces (t, d) as the median of three ticks each: what lasts for one tick only is gone."""
    around = np.stack([force[:-2], force[1:-1], force[2:]])
    return np.concatenate((force[:1], np.median(around, axis=0), force[-1:]))


def solved(recording: Recording) -> tuple[Finding, ...]:
    """Return what every recording is asked: did the solver solve, and did everything stay in the vessel."""
    share = float((recording.unconverged > 0).mean())
    spike = float(np.abs(recording.hand_force - calm(recording.hand_force)).max())
    return (
        most(
            "unconverged", "Ticks with a step above the accepted residual", share, ACCEPTED, unit="",
            because="0.01 N is accepted; what is above it is a number nobody should read",
        ),
        most(
            "escaped", "Ticks with a device outside the vessel", float(recording.escaped.sum()), 0.0, unit="",
            because="a wall holds",
        ),
        most(
            "spike", "Largest force at a hand that lasts for one tick only", spike, SPIKE_N, unit="N",
            because="no mass in the hand's way turns round within 20 ms; design",
        ),
        told(
            "wall_force", "Largest force of the wall on 10 mm", float(recording.wall_force.max()), unit="N",
            because="reported, never tuned to a figure",
        ),
        told(
            "penetration", "Largest depth beyond the wall", float(recording.penetration.max()), unit="m",
            because="reported; the wall is a spring of 5 N/mm per mm of device",
        ),
    )  # fmt: skip

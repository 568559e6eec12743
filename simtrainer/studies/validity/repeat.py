"""The same seed gives the same bits."""

from __future__ import annotations

import numpy as np

from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.physics.rod import RodControl, RodSettings
from simtrainer.studies.bench.patient import from_shelf, in_patient
from simtrainer.studies.manoeuvre.finding import Finding, least, most
from simtrainer.studies.manoeuvre.recording import Floats
from simtrainer.studies.rig import feed
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity

DEVICES = ("hydrophilic_wire", "simmons")
TICKS, DT, HOLD = 300, 0.01, 20
PUSH, TURN = 80.0 * MM, 8.0
"""Fastest push [m/s] and turn [rad/s] of a hand of chance."""
BEGIN = (0.45, 0.40)


def run(patient: str, seed: int, ticks: int = TICKS) -> Floats:
    """Return all that is read of a run with a hand of chance, one row a tick, from a solver made anew."""
    rod, state = in_patient(patient, RodSettings(), *from_shelf(*DEVICES))
    state = feed(rod, state, np.array(BEGIN), ticks=100, dt=0.05)
    streams, rows = Streams(seed), []
    inserted, hub, speed = np.array(BEGIN), np.zeros(2), np.zeros(4)
    for tick in range(ticks):
        if tick % HOLD == 0:
            speed = streams.at("repeat", tick).uniform(-1.0, 1.0, 4)
        inserted, hub = np.clip(inserted + speed[:2] * PUSH * DT, 0.2, 0.8), hub + speed[2:] * TURN * DT
        state = rod.step(state, RodControl(inserted, hub), DT)
        read = rod.read(state)
        rows.append(
            np.concatenate([read.points[-1], read.points.sum(axis=0), read.hand_force, read.hand_torque, read.tip_angle,
                            read.wall_force.sum(axis=0), [read.residual, float(read.iterations)]])
        )  # fmt: skip
    return np.array(rows)


def differing(one: Floats, other: Floats) -> int:
    """Return how many numbers differ in any bit."""
    return int(np.count_nonzero(one.view(np.uint64) != other.view(np.uint64)))


def measure(patient: str) -> tuple[Finding, ...]:
    """Run one seed twice and another once."""
    first, again, other = run(patient, 1), run(patient, 1), run(patient, 2)
    return (
        most("same_seed", f"Numbers of {first.size} that differ between two runs of one seed",
             float(differing(first, again)), 0.0, unit="", because="a session is a pure function"),
        least("other_seed", "Numbers that differ with another seed", float(differing(first, other)), 1.0, unit="",
              because="or the first row says nothing"),
    )  # fmt: skip


validities.put("same_seed", Validity("The same seed gives the same bits", measure))

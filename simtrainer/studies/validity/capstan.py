"""A limp cord is hauled in through a patient's vessels, under the pull of a weight at its end: the capstan law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodControl, RodReadout, RodSettings
from simtrainer.physics.rod_device import Profile
from simtrainer.procedures.selective_catheterisation.fact import flush_vessel
from simtrainer.studies.bench.patient import package
from simtrainer.studies.manoeuvre.finding import Finding, near, told
from simtrainer.studies.manoeuvre.recording import Floats, arc_of, turning
from simtrainer.studies.rig import GRAVITY
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity

FRICTIONS = (0.1, 0.3)
EI, RADIUS, WEIGHT, HEAVY = 2.0, 0.45 * MM, 0.5, 30.0 * MM
"""The cord of the closed form: EI [N mm2], radius [m], weight at its end [N] and the length that carries it [m]."""
NODE_STEP = 2.0 * MM
"""Node spacing [m]."""
SHORT, RISEN, MOST = 5.0 * MM, 35.0 * MM, 0.25
"""How far before the end of the vessel the cord begins, how far the weight has to rise until all slack is hauled in and
the tensions are read, and how much is hauled at most [m]."""
SPEED, READ_S, DT = 20.0 * MM, 0.5, 0.01
AWAY, BEHIND = 60.0 * MM, 35.0 * MM
"""How far from the access, and how far from the tip and so behind the weight, the tensions are read [m]."""
SHARE = 0.02
"""Error that is allowed. because: a curve in space and a sampled wall; the closed form over a drum has 0.5 %"""


@dataclass(frozen=True, slots=True)
class Hauled:
    """Tensions [N] at both ends of what is looked at, the cord's turning between [rad], the hand's pull [N]."""

    far: float
    near: float
    turning: float
    pull: float


def cord() -> Profile:
    """Return the cord; its weight is all in the last millimetres."""
    one = np.ones(3)
    heavy = WEIGHT * 60.0 / 61.0 / GRAVITY / HEAVY  # the millimetre in which the mass falls off weighs half
    mass = np.array([heavy, heavy, 1e-9])
    at = np.array([0.0, HEAVY, HEAVY + 1.0 * MM])
    return Profile(at, one * EI * N_MM2, one * 0.0, one * EI * N_MM2, one * RADIUS, mass, 2.0)


def tension(read: RodReadout, node: int, pull: Floats) -> float:
    """Return the tension [N] at a node: what wall, friction and weight do to all that lies beyond it."""
    beyond = read.wall_force[node:].sum(axis=0) + read.friction[node:].sum(axis=0)
    return float(np.linalg.norm(beyond + WEIGHT * pull))


def way_of(patient: str) -> tuple[Floats, Floats]:
    """Return the way to the vessel where a flush catheter lies, (n, 3), and the direction of its end.

    In a built-in patient that is up the aorta, over the arch and down to the valve. A branch would not do: at the edge
    of its origin the cord would turn by more than a right angle between two nodes.
    """
    tree = package(patient).tree
    path, _ = tree.path_to(tree.number(flush_vessel(package(patient))))
    ahead = path[-1] - path[int(np.searchsorted(arc_of(path), arc_of(path)[-1] - RISEN))]
    return path, ahead / np.linalg.norm(ahead)


def hauled(patient: str, friction: float) -> Hauled:
    """Haul the cord in until its weight has risen, and read the last half second."""
    one, (path, pull) = package(patient), way_of(patient)
    gravity = (float(pull[0]) * GRAVITY, float(pull[1]) * GRAVITY, float(pull[2]) * GRAVITY)
    settings = RodSettings(
        sheath_length=2.0 * NODE_STEP, sheath_rigidity=0.0, sheath_radius=RADIUS, friction=friction,
        coarse=NODE_STEP, fine=NODE_STEP, gravity=gravity, iterations=20, tolerance=1e-5,
    )  # fmt: skip
    rod = Rod(one.field, one.access.point, one.access.direction, (cord(),), settings)
    begin = length = float(arc_of(path)[-1]) - SHORT
    state = rod.lay(path, np.array([length]))
    rows: list[tuple[float, float, float, float]] = []
    risen = 0.0
    while risen < RISEN and begin - length < MOST:
        length -= SPEED * DT
        state = rod.step(state, RodControl(np.array([length]), np.zeros(1)), DT)
        read = rod.read(state)
        risen = float((path[-1] - read.points[-1]) @ pull)
        rows.append(_sections(read, pull))
    far, close, turned, hand = np.array(rows[-round(READ_S / DT) :]).mean(axis=0)
    return Hauled(float(far), float(close), float(turned), float(hand))


def _sections(read: RodReadout, pull: Floats) -> tuple[float, float, float, float]:
    a = int(np.searchsorted(read.arc, AWAY))
    b = int(np.searchsorted(read.arc, read.arc[-1] - BEHIND))
    return tension(read, b, pull), tension(read, a, pull), turning(read.points[a : b + 1]), -float(read.hand_force[0])


def vessel_turning(patient: str) -> float:
    """Return the integral of the curvature [rad] of the vessels' axis on the same way."""
    path, _ = way_of(patient)
    arc = arc_of(path)
    return turning(path[(arc >= AWAY) & (arc <= arc[-1] - RISEN - BEHIND)])


def measure(patient: str) -> tuple[Finding, ...]:
    """Haul with two frictions."""
    rows: list[Finding] = []
    axis = vessel_turning(patient)
    for friction in FRICTIONS:
        run = hauled(patient, friction)
        ratio = run.near / run.far
        rows += [
            near(f"capstan_{friction:g}", f"T1 / T2 over the bends, friction {friction:g}", ratio,
                 float(np.exp(friction * run.turning)), share=SHARE, unit="",
                 because="exp(mu phi), phi the integral of the curvature of the cord as it lies"),
            told(f"capstan_axis_{friction:g}", f"The same, friction {friction:g}; if the cord lay on the axis", ratio,
                 unit="", expected=float(np.exp(friction * axis)),
                 because="a taut cord cuts the corners of a wide vessel: it turns less than the axis"),
            told(f"capstan_turning_{friction:g}", f"Turning of the cord, friction {friction:g}; of the axis",
                 run.turning, unit="rad", expected=axis, because="reported"),
        ]  # fmt: skip
    return tuple(rows)


validities.put("capstan", Validity("A cord through a patient's vessels obeys the capstan law", measure))

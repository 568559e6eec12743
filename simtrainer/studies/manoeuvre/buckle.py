"""A limp heavy wire is pushed against the blind end of a wide vessel: straight, then a snake, then a helix.

Weight makes the three stages lie apart and gives both loads a closed form; without it a wire goes straight to a helix.
"""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre
from simtrainer.studies.manoeuvre.finding import Finding, least, near, told
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.recording import WIRE, Floats, Moment, Recording
from simtrainer.studies.manoeuvre.vessel import blind_tube, straight_outline
from simtrainer.studies.rig import GRAVITY, feed, settle, uniform

TUBE, LENGTH = 6.0 * MM, 0.6
"""Radius and length of the vessel [m]."""
EI, MASS, RADIUS = 10.0, 0.02, 0.45 * MM
"""Of the wire: [N mm2], [kg/m] and [m]. because: as limp as the end of a wire on the shelf, at five times its mass"""
TOUCH, PUSH, SPEED = 0.598, 50.0 * MM, 4.0 * MM
"""Length that nearly touches the end, how far it is pushed on [m], and how fast [m/s]."""
SNAKE, SWING = "snake", 0.35
"""The wire has left the floor: its swing [rad] about the vessel's axis. because: design, 20 degrees"""
HELIX = "helix"


WOUND, CLEAR = (0.1, LENGTH - 0.05), (0.1, 0.35)
"""Stretches of the vessel [m] where winding and the snake's beginning are looked for. because: a free end snakes at
half the load (Hetenyi, Beams on Elastic Foundation, 1946); that swing dies out over a wave of 140 mm"""


def swing(points: Floats, stretch: tuple[float, float] = WOUND) -> Floats:
    """Return the angle [rad] of each point about the axis from the floor, unwrapped along the wire."""
    middle = points[(points[:, 0] > stretch[0]) & (points[:, 0] < stretch[1])]
    return np.asarray(np.unwrap(np.arctan2(middle[:, 1], -middle[:, 2])))


def perform() -> Recording:
    """Push the wire on without friction, and mark when it snakes and when it has wound once round."""
    settings = RodSettings(
        sheath_length=20.0 * MM, sheath_rigidity=0.0, sheath_radius=RADIUS, friction=0.0, coarse=4.0 * MM,
        fine=4.0 * MM, gravity=(0.0, 0.0, -GRAVITY), tolerance=1e-5, iterations=20,
    )  # fmt: skip
    entry = np.array([0.0, 0.0, -(TUBE - RADIUS) + 0.05 * MM])
    aside = np.array([1.0, 0.003, 0.0])  # no hand is so straight that the wire could not choose a side
    device = uniform(EI, mass=MASS, radius=RADIUS)
    rod = Rod(blind_tube(TUBE, LENGTH, 0.75 * MM), entry, aside, (device,), settings)
    state = feed(rod, rod.init(), np.array([TOUCH]), ticks=80, dt=0.1)
    hands = Hands(rod, settle(rod, state, ticks=10))
    hands.mark("laid")
    hands.move(WIRE, PUSH, SPEED, until=lambda: float(np.abs(swing(hands.curve(WIRE), CLEAR)).max()) > SWING)
    hands.mark(SNAKE)
    left = PUSH + TOUCH - float(hands.read.inserted[WIRE])
    hands.move(WIRE, left, SPEED, until=lambda: float(np.ptp(swing(hands.curve(WIRE)))) > 2.0 * np.pi)
    hands.mark(HELIX)
    left = PUSH + TOUCH - float(hands.read.inserted[WIRE])
    hands.move(WIRE, left, SPEED)
    hands.wait(1.0)
    hands.mark("end")
    given = {"ei": EI * N_MM2, "weight": MASS * GRAVITY, "free": TUBE - RADIUS}
    return hands.recorded("buckle", "tube of 12 mm", ("limp wire",), straight_outline(TUBE, LENGTH), given)


def wound(moment: Moment) -> float:
    """Return how often [turns] the wire winds round the vessel, either way: a helix of two hands turns back between."""
    return float(np.abs(np.diff(swing(moment.curve(WIRE)))).sum() / (2.0 * np.pi))


def pressed(moment: Moment) -> float:
    """Return the mean force of the wall per length [N/m] amid the vessel."""
    amid = (moment.points[:, 0] > 0.25 * LENGTH) & (moment.points[:, 0] < 0.75 * LENGTH)
    arc = moment.arc[amid]
    return float(np.linalg.norm(moment.wall_force[amid], axis=1)[:-1].sum() / (arc[-1] - arc[0]))


def judge(recording: Recording) -> tuple[Finding, ...]:
    """Hold both loads and the wall's force against the theory of rods in tubes."""
    ei, weight, free = (recording.given[key] for key in ("ei", "weight", "free"))
    snake = 2.0 * np.sqrt(ei * weight / free)
    force = recording.hand_force[:, WIRE]
    at = {label: recording.at(label) for label in (SNAKE, HELIX, "end")}
    end = recording.moment("end")
    last = float(force[at["end"] - 20 :].mean())
    pitch = 2.0 * np.pi * np.sqrt(2.0 * ei / last)
    return (
        near("snake_load", "Push at which the wire leaves the floor", float(force[at[SNAKE]]), snake, share=0.15,
             unit="N", because="2 sqrt(EI w / r), Dawson and Paslay, J Pet Tech 36, 1984"),
        least("helix_load", "Push at which it has wound once round, over the snake's load",
              float(force[at[HELIX]] / snake), 1.41, unit="",
              because="a helix needs sqrt 2 to 1.83 times the snake's load, Chen, Lin and Cheatham 1990"),
        near("helix_turns", "Turns amid the vessel at the end", wound(end), (LENGTH - 0.15) / pitch, share=0.25,
             unit="", because="pitch 2 pi sqrt(2 EI / F), Lubinski 1962; where it changes its hand it loses some"),
        near("helix_wall", "Force of the wall per length amid the vessel", pressed(end), free * last**2 / (4.0 * ei),
             share=0.25, unit="N/m", because="r F^2 / 4 EI of a helix, Mitchell 1982; weight evens out over a turn"),
        told("stages", "Push at the end", last, unit="N", because="reported"),
    )  # fmt: skip


manoeuvres.put("buckle", Manoeuvre("A wire buckles in a wide vessel, first a snake, then a helix", perform, judge))

"""Our rod on the task, with three lengths of step: the settings of the product but for the nodes, every 3 mm."""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.peer.engine import TICK, Peer
from simtrainer.studies.peer.task import (
    AREA,
    BEND,
    DENSITY,
    EI,
    FRICTION,
    GJ,
    LENGTH,
    LUMEN,
    RADIUS,
    SEGMENTS,
    SHEATH,
    STRAIGHT,
    Floats,
    Task,
    clearance,
)  # fmt: skip
from simtrainer.studies.rig import feed, field_of

NODE_STEP = LENGTH / SEGMENTS
GUIDE = 20.0 * MM
"""Length of the introducer without stiffness through which the wire enters the tube's mouth [m]."""
SPACING, BAND = 1.0 * MM, 8.0 * MM
"""Of the field of the wall [m]: as in patients."""
HELD = 2
"""Nodes that the hand holds, in the tube's mouth."""


class Ours:
    """Our rod, fed into the mouth of the tube, so that it has the more segments the deeper it is: 103 to 157."""

    def __init__(self, task: Task, substeps: int) -> None:
        """Push the wire in until its tip stands at the beginning, which compiles what is not compiled yet."""
        ones = np.ones(3)
        wire = Profile(
            distance=np.array([0.0, 1.0, 2.0]) * MM, flexural_rigidity=EI * ones, curvature=0.0 * ones,
            torsional_rigidity=GJ * ones, radius=RADIUS * ones, mass_per_length=DENSITY * AREA * ones,
            length=2.0 * LENGTH,
        )  # fmt: skip
        settings = RodSettings(
            coarse=NODE_STEP, fine=NODE_STEP, zone=GUIDE, substeps=substeps, friction=FRICTION, sheath_length=GUIDE,
            sheath_rigidity=0.0,
        )  # fmt: skip
        margin = LUMEN + 2.0 * BAND
        low = np.array([-SHEATH - margin, -margin, -margin])
        high = np.array([STRAIGHT + BEND + margin, STRAIGHT + BEND + margin, margin])
        self._rod = Rod(
            field_of(clearance, low, high, SPACING, BAND), np.array([-SHEATH, 0.0, 0.0]), np.array([1.0, 0.0, 0.0]),
            (wire,), settings,
        )  # fmt: skip
        self._begin = np.array([SHEATH + task.tip])
        self._state: RodState = feed(self._rod, self._rod.init(), self._begin, ticks=40, dt=0.1)

    def advance(self, pushed: float, turned: float) -> None:
        """Go on by a tick."""
        self._state = self._rod.step(self._state, RodControl(self._begin + pushed, np.array([turned])), TICK)

    def nodes(self) -> Floats:
        """Return the nodes that no hand holds."""
        return self._rod.read(self._state).points[HELD:]


def _ten(task: Task) -> Ours:
    return Ours(task, 10)


def _five(task: Task) -> Ours:
    return Ours(task, 5)


def _two(task: Task) -> Ours:
    return Ours(task, 2)


OURS: dict[str, Peer] = {
    "simtrainer_1ms": Peer("simtrainer", "simtrainer", TICK / 10, _ten, steps=10),
    "simtrainer_2ms": Peer("simtrainer", "simtrainer", TICK / 5, _five, steps=5),
    "simtrainer_5ms": Peer("simtrainer, its own step", "simtrainer", TICK / 2, _two, steps=2),
}
"""The yardsticks, by name, from the shortest step to the longest; not peers themselves."""

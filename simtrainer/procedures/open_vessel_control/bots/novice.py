"""Hands that should not pass: somebody on the first day, and somebody who knows every step and is rough."""

from __future__ import annotations

from simtrainer.procedures.open_vessel_control.bots.expert import CLAMP_MM, Expert
from simtrainer.procedures.open_vessel_control.bots.operator import Doing, Style, chance_of

BLIND_S = 1.0
RECKLESS_PASSES, RECKLESS_MM = 5, 5.5
"""Strokes of a knife that does not stop, and how deep each goes below the last [mm]. because: design"""


class Novice(Expert):
    """Somebody who knows the names of things: no time-out, and clamps into the blood as soon as it bleeds."""

    def work(self) -> Doing[None]:
        """Do the procedure without what keeps the patient safe."""
        yield from self.incise()
        yield from self.retract("left")
        yield from self.retract("right")
        yield from self.split()
        for _ in range(16):
            yield from self.look()
            if self.bleeds():
                break
        where = yield from self.find()
        for side in (1.0, -1.0):
            yield from self.take("right", "clamp")
            yield from self.close("right", 0.0)
            at = where + 0.6 * side * CLAMP_MM
            x, y = self.axis(at)
            yield from self.reach("right", (x, y - 2.0, at))
            yield from self.close("right", 1.0)
            yield from self.deed("right.leave")
            yield from self.lift("right")
        yield from self.wait(3.0)


class Reckless(Expert):
    """Somebody who cuts down to the vessel with the knife and does not look between the strokes."""

    def incise(self) -> Doing[None]:
        """Cut along the line, deeper each time, whatever lies there."""
        yield from self.take("right", "scalpel")
        for number in range(RECKLESS_PASSES):
            yield from self.stroke(-RECKLESS_MM * (number + 1) + 1.0)
            if self.bleeds():
                break
        yield from self.lift("right")

    def stop_bleeding(self) -> Doing[None]:
        """Clamp where blood wells up, then again."""
        for _ in range(3):
            where = yield from self.find()
            yield from self.take("right", "clamp")
            yield from self.close("right", 0.0)
            x, y = self.axis(where)
            yield from self.reach("right", (x, y - 3.0, where), self.style.speed)
            yield from self.close("right", 1.0)
            yield from self.deed("right.leave")
            yield from self.lift("right")
        yield from self.wait(BLIND_S)


def novice(seed: int, leave_out: str = "") -> Novice:
    """Return somebody who hurries and forgets what keeps the patient safe."""
    return Novice(Style(speed=0.14, fine=0.07, jaws=5.0), chance_of(seed, 2), leave_out=leave_out)


def fast_and_reckless(seed: int, leave_out: str = "") -> Reckless:
    """Return somebody who is rough; no hand is faster than the table of controls allows."""
    return Reckless(Style(speed=0.15, fine=0.12, jaws=8.0), chance_of(seed, 4), leave_out=leave_out)

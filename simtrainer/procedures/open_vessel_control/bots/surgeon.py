"""Somebody who knows the way in: incise, retract, split the muscle, dissect the artery."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.procedures.open_vessel_control.bots.operator import Doing, Operator, Style

F8 = NDArray[np.float64]
BITE_MM = 2.2
"""How deep an edge is led below what is seen. because: design; through a layer of 3 mm, and not through two"""
HALF_CUT_MM = 25.0
"""Half the length of the incision. because: design, the marked line"""
SLOT_MM = 1.3
"""How far beside the line the ground of the cut is looked at. because: design, a third of its width"""
DEEP = ("muscle", "areolar", "floor", "artery", "vein", "nerve")
"""Where a scalpel stops."""
PASSES = 8
PULL_MM, MOST_PULL_N = 8.0, 4.0
"""How far a retractor is pulled, and the force at which it is left where it is. because: design"""
SPLIT_MM = 2.0
"""How deep a blunt tip is led below what is seen. because: design, within a layer of 3 mm"""
ROWS_MM = (17.5, 12.5, 7.5, 2.5, -2.5, -7.5, -12.5, -17.5)
"""Where the muscle is split, along the body."""
RADIUS_MM = 3.0
"""How far the axis of an artery lies below what is seen of it. because: design, its usual calibre"""
ENOUGH = 6
"""Points of artery in view that are enough to go by."""


class Surgeon(Operator):
    """A hand that opens a wound down to the artery.

    Parameters
    ----------
    leave_out
        Name of one thing that is forgotten, for proofs of the course: a step's id.
    """

    def __init__(self, style: Style, chance: np.random.Generator, *, leave_out: str = "") -> None:
        """Bring a plan to the table."""
        super().__init__(style, chance)
        self.leave_out = leave_out
        self._course = np.zeros((0, 3))

    def does(self, step: str) -> bool:
        """Tell whether this hand does the step called `step`."""
        return step != self.leave_out

    def bleeds(self) -> bool:
        """Tell whether bleeding is seen."""
        return self.seen.bleeding != "none"

    def line(self, z: float) -> float:
        """Return x [mm] of the marked line at a height."""
        line = self.seen.line_mm
        order = np.argsort(line[:, 2])
        return float(np.interp(z, line[order, 2], line[order, 0]))

    def slope(self) -> float:
        """Return how the line leans: x over z."""
        line = self.seen.line_mm
        return float((line[0, 0] - line[-1, 0]) / (line[0, 2] - line[-1, 2]))

    def ground(self, low: float = -20.0, high: float = 20.0) -> tuple[str, float]:
        """Return what is seen at the ground of the cut between two heights, and how deep it lies [mm]."""
        best, deep, most = "skin", 0.0, 0
        for name, points in self.seen.seen.items():
            if name == "blood" or not len(points):
                continue
            near = (np.abs(points[:, 0] - self._lines(points[:, 2])) < SLOT_MM) & (points[:, 2] > low)
            near &= points[:, 2] < high
            if int(near.sum()) > most:
                best, deep, most = name, float(np.median(points[near, 1])), int(near.sum())
        return best, deep

    def _lines(self, z: F8) -> F8:
        line = self.seen.line_mm
        order = np.argsort(line[:, 2])
        return np.asarray(np.interp(z, line[order, 2], line[order, 0]))

    def incise(self) -> Doing[None]:
        """Cut along the line, layer by layer, down to the muscle."""
        yield from self.take("right", "scalpel")
        for _ in range(PASSES):
            yield from self.look()
            name, deep = self.ground()
            if name in DEEP or self.bleeds():
                break
            yield from self.stroke(deep - BITE_MM)
        yield from self.lift("right")

    def stroke(self, deep: float) -> Doing[None]:
        """Draw the edge along the line at a depth [mm]."""
        start = HALF_CUT_MM
        yield from self.reach("right", (self.line(start), deep, start), 0.6 * self.style.speed)
        for z in np.arange(start - 10.0, -HALF_CUT_MM - 0.1, -10.0):
            yield from self.go("right", (self.line(float(z)), deep, float(z)), 1.6 * self.style.fine)
        yield from self.lift("right")

    def retract(self, side: str) -> Doing[None]:
        """Set a retractor into the cut, pull it aside and leave it."""
        yield from self.take(side, "retractor")
        lean = -math.atan(self.slope())
        yield from self.turn(side, lean)
        away = 1.0 if side == "left" else -1.0
        _, deep = self.ground(-10.0, 10.0)
        x = self.line(0.0) + 0.2 * away
        yield from self.reach(side, (x, deep + 0.8, 0.0))
        yield from self.go(side, (x + away * PULL_MM, None, None), 0.6 * self.style.fine, lambda: self.pulls(side))
        yield from self.deed(f"{side}.leave")

    def pulls(self, side: str) -> bool:
        """Tell whether a retractor is pulled as hard as it may be."""
        return float(np.linalg.norm(self.hand(side).force_n)) > MOST_PULL_N

    def turn(self, side: str, angle: float) -> Doing[None]:
        """Turn a tool by an angle [rad]."""
        ticks = max(1, round(abs(angle) / 0.02))
        yield from self.deed(f"{side}.turn", angle / ticks / 0.01)
        for _ in range(ticks - 1):
            yield from self.tick()
        yield from self.deed(f"{side}.turn", 0.0)

    def split(self) -> Doing[None]:
        """Split the muscle and the loose tissue under it, from above, until the artery lies open or bleeds."""
        yield from self.take("right", "dissector")
        yield from self.close("right", 1.0)
        for _ in range(3):
            yield from self.look()
            name, deep = self.ground()
            if name == "artery":
                break
            for z in ROWS_MM:
                yield from self.spread(self.line(z), deep - SPLIT_MM, z)
                if self.bleeds():
                    yield from self.lift("right")
                    return
        yield from self.lift("right")

    def spread(self, x: float, y: float, z: float) -> Doing[None]:
        """Lead the closed dissector into tissue and open it."""
        hand = self.hand("right").tip_mm
        if hand[1] > y + 4.0:
            yield from self.go("right", (x, None, z))
        yield from self.go("right", (None, y + 3.0, None))
        yield from self.go("right", (x, y + 3.0, z))
        yield from self.go("right", (x, y, z), self.style.fine)
        yield from self.close("right", 0.0)
        yield from self.wait(0.08)
        yield from self.close("right", 1.0)
        yield from self.go("right", (None, y + 4.0, None))
        self.mark()

    def mark(self) -> None:
        """Remember where the artery is seen; what is seen anew at a place takes the place of what was."""
        points = self.points("artery")
        if len(points) >= ENOUGH:
            gap = np.abs(self._course[:, 2:] - points[None, :, 2])
            kept = self._course[gap.min(axis=1) > 1.0] if len(self._course) else self._course
            self._course = np.concatenate((kept, points))

    def axis(self, z: float) -> tuple[float, float]:
        """Return x and y [mm] of the artery's axis at a height, by all that was seen of it: a straight line."""
        seen = self._course
        if len(seen) < ENOUGH:
            return self.line(z), self.ground()[1] - 2.0 * RADIUS_MM
        deep = float(np.quantile(seen[:, 1], 0.8)) - RADIUS_MM
        middle = float(np.median(seen[:, 2]))
        if float(np.ptp(seen[:, 2])) < 12.0:
            return float(np.median(seen[:, 0])) + self.slope() * (z - middle), deep
        lean, foot = np.polyfit(seen[:, 2], seen[:, 0], 1)
        return float(foot + lean * z), deep

    def in_view(self, z: float, half: float = 4.0) -> int:
        """Return how many points of the artery are seen about a height."""
        points = self.points("artery")
        return int(np.count_nonzero(np.abs(points[:, 2] - z) < half))

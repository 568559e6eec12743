"""Somebody who has a plan for the bleeding: press, call, expose, control both sides under vision, ligate, count."""

from __future__ import annotations

import numpy as np

from simtrainer.procedures.open_vessel_control.bots.operator import Doing, Style, chance_of
from simtrainer.procedures.open_vessel_control.bots.surgeon import Surgeon

STEPS = ("case_card", "time_out", "press", "call", "proximal_control", "distal_control", "stop", "count")
"""Steps of the course that this hand can leave out, for proofs of the course."""
CLAMP_MM, TIE_MM = 11.0, 6.5
"""How far from the bleeding clamps and ligatures are set. because: design; a fingertip lies between the clamps"""
BELOW_MM = 2.0
"""How far below the axis jaws go, so that they pass it. because: design, two thirds of a radius"""
BESIDE_MM = 4.0
"""How far beside the axis loose tissue is spread. because: design, a radius and the width of a tine"""
PRESS_N, PRESS_MM, MORE_MM = 3.0, 9.0, 0.5
"""Hardest press, how far below the axis it goes at most, what is added where it still bleeds. because: design"""
SUCK_S, DRY_POINTS = 3.0, 12
"""How long the wound is sucked at most, and how little blood in view is none. because: design"""
TRIES = 5


class Expert(Surgeon):
    """The whole exercise, in the order of the course."""

    def work(self) -> Doing[None]:
        """Do the procedure."""
        if self.does("case_card"):
            yield from self.deed("chart.read")
        if self.does("time_out"):
            yield from self.deed("team.time_out")
        yield from self.incise()
        yield from self.retract("left")
        yield from self.retract("right")
        yield from self.split()
        for _ in range(12):
            yield from self.look()
            self.mark()
            if self.bleeds():
                break
        if self.bleeds():
            yield from self.stop_bleeding()
        if self.does("count"):
            yield from self.deed("swab.count")
        yield from self.wait(0.1)

    def stop_bleeding(self) -> Doing[None]:
        """Control the bleeding in the right order."""
        where = yield from self.find()
        if self.does("press"):
            yield from self.press(where)
        if self.does("call"):
            yield from self.deed("team.call")
        yield from self.suck(where + CLAMP_MM)
        sides = (("proximal_control", 1.0), ("distal_control", -1.0))
        for step, side in sides:
            if self.does(step):
                yield from self.set_on("clamp", where + side * CLAMP_MM, side)
            else:
                yield from self.set_on("tie", where + side * CLAMP_MM, side)
        yield from self.lift("left")
        yield from self.take("left", "")
        yield from self.wait(1.0)
        yield from self.suck(where)
        if self.does("stop"):
            for step, side in sides:
                if self.does(step):
                    yield from self.set_on("tie", where + side * TIE_MM, side)
            yield from self.wait(2.5)

    def find(self) -> Doing[float]:
        """Watch where blood wells up; return its height z [mm]."""
        heights = []
        for _ in range(4):
            if self.seen.welling_mm is not None:
                heights.append(self.seen.welling_mm[1])
            yield from self.wait(0.2)
        return float(np.mean(heights)) if heights else 0.0

    def press(self, where: float) -> Doing[None]:
        """Put a finger on the bleeding and press until it stops."""
        yield from self.take("left", "finger")
        x, y = self.axis(where)
        yield from self.go("left", (x, 12.0, where))
        yield from self.go("left", (x, y + 4.0, where))
        yield from self.go("left", (x, y - PRESS_MM, where), 0.4 * self.style.fine, self.pressed)
        yield from self.firm()

    def pressed(self) -> bool:
        """Tell whether the finger has stopped the bleeding, or presses as hard as it may."""
        return not self.bleeds() or self.seen.left.force_n[1] > PRESS_N

    def firm(self) -> Doing[None]:
        """Press a little more while it still bleeds under the finger."""
        for _ in range(6):
            yield from self.wait(0.2)
            hand = self.seen.left
            if hand.tool != "finger" or self.pressed():
                return
            yield from self.go("left", (None, hand.tip_mm[1] - MORE_MM, None), 0.4 * self.style.fine)

    def suck(self, z: float) -> Doing[None]:
        """Suck the wound dry enough to see."""
        yield from self.firm()
        yield from self.take("right", "suction")
        x, y = self.axis(z)
        yield from self.reach("right", (x + 3.0, y - 2.0, z), self.style.speed)
        yield from self.deed("right.close", 1.0)
        for _ in range(round(SUCK_S / 0.25)):
            yield from self.look()
            if len(self.points("blood")) < DRY_POINTS:
                break
        yield from self.deed("right.close", 0.0)
        yield from self.lift("right")
        self.mark()

    def dry(self, z: float) -> Doing[bool]:
        """Suck where blood hides the artery about a height; tell whether it is in view."""
        if self.in_view(z) < ENOUGH_HERE and len(self.points("blood")) > DRY_POINTS:
            yield from self.suck(z)
        return self.in_view(z) >= ENOUGH_HERE

    def expose(self, z: float, side: float) -> Doing[None]:
        """Free the artery on both sides about a height, and over it where it is not in view."""
        yield from self.firm()
        yield from self.take("right", "dissector")
        yield from self.close("right", 1.0)
        x, y = self.axis(z)
        if self.in_view(z, 3.0) < ENOUGH_HERE:
            for along in (-1.5, 2.5):
                x, y = self.axis(z + along * side)
                yield from self.spread(x, y + 5.5, z + along * side)
        for beside in (-BESIDE_MM, BESIDE_MM):
            for along in (0.0, 3.0 * side):
                x, y = self.axis(z + along)
                yield from self.spread(x + beside, y - 0.5, z + along)
        yield from self.lift("right")
        yield from self.look()
        self.mark()

    def set_on(self, tool: str, z: float, side: float) -> Doing[bool]:
        """Set a clamp or a ligature about the artery under vision; True once it sits."""
        yield from self.expose(z, side)
        for attempt in range(TRIES):
            at = z + (0.0, 1.5, -1.5, 3.0, 0.5)[attempt] * side
            if not (yield from self.dry(at)):
                yield from self.expose(at, side)
                if not (yield from self.dry(at)):
                    continue
            yield from self.take("right", tool)
            yield from self.close("right", 0.0)
            x, y = self.axis(at)
            yield from self.reach("right", (x, y - BELOW_MM, at))
            yield from self.close("right", 1.0)
            yield from self.wait(0.05)
            if self.seen.right.grip == "vessel":
                yield from (self.deed("right.leave") if tool == "clamp" else self.wait(1.8))
                yield from self.firm()
                return True
            yield from self.close("right", 0.0)
            yield from self.lift("right")
            yield from self.expose(at, side)
        return False


ENOUGH_HERE = 5
"""Points of artery in view about a place that are enough to set a clamp by."""


def expert(seed: int, leave_out: str = "") -> Expert:
    """Return an expert with a source of chance of its own, who forgets one step if `leave_out` names one."""
    return Expert(Style(), chance_of(seed, 1), leave_out=leave_out)


def slow_and_safe(seed: int, leave_out: str = "") -> Expert:
    """Return somebody who takes twice the time for everything."""
    return Expert(Style(speed=0.06, fine=0.025, jaws=2.0, pause=0.3), chance_of(seed, 3), leave_out=leave_out)

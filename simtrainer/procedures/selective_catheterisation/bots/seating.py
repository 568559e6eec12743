"""Seating a selective catheter: along the roof of the arch until its tip falls into the target, and a little in."""

from __future__ import annotations

import math
from collections.abc import Callable

from simtrainer.procedures.selective_catheterisation.bots.operator import Doing
from simtrainer.procedures.selective_catheterisation.bots.reader import Reader


class Seating(Reader):
    """A hand that has seen the aortogram, with a selective catheter in the ascending aorta."""

    def engage(self, side: float = 1.0) -> Doing[bool]:
        """Draw the catheter back along the arch, its tip up against the roof, until it falls into the target's origin.

        side: 1 to turn clockwise, -1 the other way.
        """
        yield from self.let(beam_mode="fluoro")
        trunk = self.trunk()
        across, height = self.ostium()
        yield from self.view_to(across, height - 10.0)

        goal = self.along(tuple(self.vessels[trunk][0]) if trunk else (across, height))
        yield from self.move(
            "catheter", -self.style.fine_push, lambda: self.along(self.tip()) > goal - 14.0, 0.3 / self.style.fine_push
        )
        for _ in range(60):
            step = 2.5
            if self.seated():
                if (yield from self.nestle()):
                    return True
            elif trunk and self.in_branch(trunk):
                yield from self.sweep(side * 8.0, lambda: not self.in_branch(trunk))
            elif self.in_wrong_branch():
                yield from self.sweep(side * 8.0, lambda: not self.in_wrong_branch())
                step = 5.0  # or it would fall in again
            elif self.heading(self.leading()) < 0.3:
                yield from self.sweep(side * 8.0, lambda: self.heading(self.leading()) > 0.7)
                if self.in_wrong_branch() or (trunk and self.in_branch(trunk)):
                    continue
            if self.along(self.tip()) > goal + 14.0:
                return False
            yield from self.draw_back(step)
        return False

    def sweep(self, angle: float, enough: Callable[[], bool]) -> Doing[bool]:
        """Turn the catheter by at most `angle` [rad] until `enough`; True as soon as the tip lies in the target."""
        speed = math.copysign(0.8 * self.style.twist, angle)
        yield from self.let(catheter_twist=speed)
        found = False
        for _ in range(round(abs(angle / speed) / 0.01)):
            yield from self.tick()
            found = self.seated()
            if found or enough():
                break
        yield from self.let(catheter_twist=0.0)
        return found

    def nestle(self) -> Doing[bool]:
        """Push a tip that has just found the origin a few millimetres in, and see whether it stays."""
        goal = self.seen.catheter_mm + 5.0
        yield from self.move("catheter", 0.012, lambda: self.seen.catheter_mm > goal)
        yield from self.wait(0.6)
        return self.seated()

    def draw_back(self, length_mm: float) -> Doing[None]:
        """Pull the catheter back a little, slowly, but not out of the target, and not past its door."""
        goal, was_there = self.seen.catheter_mm - length_mm, self.at_door()

        def enough() -> bool:
            return self.seen.catheter_mm < goal or self.seated() or (self.at_door() and not was_there)

        yield from self.move("catheter", -0.01, enough)

"""Seating a selective catheter: along the roof of the arch until its tip falls into the target, and a little in."""

from __future__ import annotations

import math
from collections.abc import Callable

from simtrainer.procedures.selective_catheterisation.bots.operator import TICK_S, Doing
from simtrainer.procedures.selective_catheterisation.bots.reader import DOOR_MM, Reader

TURN_RAD = 8.0
"""How far a tip is turned in search of a way. because: design, once round and what the shaft stores as torque lag"""
DOORS = 6
"""Parts of a turn after which the door is felt for. because: design, a door of 5 mm in the wall of a trunk of 12 mm"""
ABOVE_DOOR_MM = 12.0
"""Height above the origin from which it is felt for. because: design, the width of a trunk"""
TURN_OF_USUAL = 0.8
"""Speed of such a turn as a part of the hand's usual one. because: design"""
UP, WELL_UP = 0.3, 0.7
"""How much of the last 6 mm must point to the head for the tip to be taken along the roof, and to go on turning less.

because: design, the sine of 17 and of 45 degrees; a tip that points lower falls past the door"""
NEAR_MM = 14.0
"""So far before the target's origin the search begins, and so far after it ends. because: design, a branch and a gap"""
LOOKS = 60
"""Times that the hand looks and decides in one passage of the arch. because: design, far more than 28 mm in STEP_MM"""
STEP_MM, LEAP_MM = 2.5, 5.0
"""What is drawn back between two looks, and out of a wrong branch. because: design, half a door, and a whole one"""
NESTLE_MM, NESTLE_M_S, NESTLE_S = 5.0, 0.012, 0.6
"""How far, how fast a found tip is pushed in, and how long it is watched. because: design, one width of a door"""
BARE_MM = 9.0
"""The farthest that a tip is pushed with no wire before it. because: design; courses count from 10 mm on"""
MOST_M = 0.3
"""The longest way [m] to the target's origin. because: design, more than the ascending aorta and the arch together"""
DRAW_M_S = 0.01
"""Speed of drawing back along the roof. because: design, slow enough to see a tip jump within a step"""


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
        speed = self.style.fine_push
        yield from self.move("catheter", -speed, lambda: self.along(self.tip()) > goal - NEAR_MM, MOST_M / speed)
        for _ in range(LOOKS):
            step = STEP_MM
            if self.seated() or self.faces_door():
                if (yield from self.nestle()):
                    return True
            elif self.in_trunk():
                if self.height() < height + ABOVE_DOOR_MM and (yield from self.feel_round(side)):
                    return True
            elif self.in_wrong_branch():
                yield from self.sweep(side * TURN_RAD, lambda: not self.in_wrong_branch())
                step = LEAP_MM  # or it would fall in again
            elif self.heading(self.leading()) < UP:
                yield from self.sweep(side * TURN_RAD, lambda: self.heading(self.leading()) > WELL_UP)
                if self.in_wrong_branch() or self.in_trunk() or self.faces_door():
                    continue
            if self.along(self.tip()) > goal + NEAR_MM:
                return False
            yield from self.draw_back(step)
        return False

    def feel_round(self, side: float) -> Doing[bool]:
        """Turn the tip round in the trunk, and when it comes to the target's door, push; True once it has gone in.

        In a bovine arch the carotid leaves from the wall of the trunk: a tip that only turns passes its door.
        """
        for _ in range(DOORS):
            enough = self.out_or_at_door(self.faces_door())
            yield from self.sweep(side * TURN_RAD / DOORS, enough)
            if (self.seated() or self.faces_door()) and (yield from self.nestle()):
                return True
            if not self.in_trunk():
                break
        return False

    def out_or_at_door(self, was_there: bool) -> Callable[[], bool]:
        """Return what tells that the tip has left the trunk, or come to the door where it was not before."""
        return lambda: not self.in_trunk() or (self.faces_door() and not was_there)

    def faces_door(self) -> bool:
        """Tell whether the tip, in the target's trunk, lies at the target's door or looks at it from below."""
        if not self.trunk() or self.heading(self.leading()) < UP:
            return False
        (across, height), (x, y) = self.ostium(), self.tip() or (1e9, 1e9)
        return self.at_door() or (abs(x - across) < DOOR_MM and 0.0 < height - y < ABOVE_DOOR_MM)

    def sweep(self, angle: float, enough: Callable[[], bool]) -> Doing[bool]:
        """Turn the catheter by at most `angle` [rad] until `enough`; True as soon as the tip lies in the target."""
        speed = math.copysign(TURN_OF_USUAL * self.style.twist, angle)
        yield from self.let(catheter_twist=speed)
        found = False
        for _ in range(round(abs(angle / speed) / TICK_S)):
            yield from self.tick()
            found = self.seated()
            if found or enough():
                break
        yield from self.let(catheter_twist=0.0)
        return found

    def nestle(self) -> Doing[bool]:
        """Push a tip that has just found the origin a few millimetres in, and see whether it stays.

        One that only looked at the door, and has not gone in, is drawn back as far as it was pushed.
        """
        tip, was_in = self.tip(), self.seated()
        below = 0.0 if tip is None else max(self.ostium()[1] - tip[1], 0.0)
        start, goal = self.seen.catheter_mm, self.seen.catheter_mm + min(NESTLE_MM + below, BARE_MM)
        yield from self.move("catheter", NESTLE_M_S, lambda: self.seen.catheter_mm > goal)
        yield from self.wait(NESTLE_S)
        if self.seated():
            return True
        if not was_in:
            yield from self.move("catheter", -NESTLE_M_S, lambda: self.seen.catheter_mm < start)
        return False

    def draw_back(self, length_mm: float) -> Doing[None]:
        """Pull the catheter back a little, slowly, but not out of the target, and not past its door."""
        goal, was_there = self.seen.catheter_mm - length_mm, self.at_door()

        def enough() -> bool:
            return self.seen.catheter_mm < goal or self.seated() or (self.at_door() and not was_there)

        yield from self.move("catheter", -DRAW_M_S, enough)

"""How a trained hand gets a wire and a pigtail round the arch."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.procedures.selective_catheterisation.bots.operator import Doing
from simtrainer.procedures.selective_catheterisation.bots.seating import Seating

ARCH_LAO_DEG = 45.0
"""Projection that opens the arch. because: LAO 30-60 degrees is general practice (known)"""
AORTA_MM = 330.0
"""Length of wire that has passed the iliac arteries. because: design, 200 mm to the bifurcation and 130 more"""
FAST_M_S = 0.12
"""Speed of the hand where nothing can be hurt, inside a catheter or a straight aorta. because: design"""
FOLLOW_MM = 15.0
"""Length of wire that is left beyond a catheter which follows it. because: design, the J and as much again"""
TURN_ON_RAD = 2.2
"""How far a pigtail that did not go round is turned for its next try. because: design, a third: no try is the same"""
PASSED_MM, DOWN_MM, HANGS_MM = 15.0, 55.0, 25.0
"""Fall below the highest point from which a loop counts as past the arch, as down at the root, and, when it has stood
still for `STILL_TICKS`, as hanging on the valve. because: design, an ascending aorta is 60 to 80 mm long"""
STILL_TICKS = 80
"""Ticks without a fall after which a loop stands still. because: design, 4 mm of a slow hand's push"""
ISTHMUS_MM, BRANCH_MM, LANDED_MM, STEP_MM = 15.0, 25.0, 20.0, 1.0
"""A loop that did not go round is drawn so far below the fourth thoracic vertebra; one so far above the second went
into a branch; one that fell so far has landed, less than where it stopped, since what is read off a screen trembles;
and a fall is a fall from this on. because: design"""
PULL_M = 0.55
"""Longest way of two devices at once [m]. because: design, from the groin to the arch"""
SLOW_SHARE, INSIDE_MM = 0.5, 8.0
"""Share of a hand's speed with two devices at once; so far a wire is drawn into the loop. because: design"""


class Railing(Seating):
    """A hand that brings a rail into the ascending aorta."""

    def rail_to_arch(self) -> Doing[None]:
        """Bring wire and pigtail into the ascending aorta, or into the aorta at all where it knows none of the bones.

        A wire that goes up the outer wall of the arch runs into the left subclavian artery, in people as here. So the
        pigtail follows to the isthmus, the wire is drawn back into it, and the loop, too wide for a branch, goes round
        the arch first; there the wire is let out again.
        """
        yield from self.move("wire", self.style.push, self.in_aorta)
        yield from self.swing(ARCH_LAO_DEG)
        if not self.bones:  # this hand knows the arch of the aorta and no other country
            yield from self.deed("catheter.load", "pigtail")
            yield from self.catheter_over_wire(FOLLOW_MM)
            return
        yield from self.move("wire", self.style.push, lambda: self.height() > self.spine("vertebra_t6"))
        yield from self.deed("catheter.load", "pigtail")
        yield from self.catheter_over_wire(FOLLOW_MM)
        into = -self.style.fine_push
        yield from self.move("wire", into, lambda: self.seen.wire_mm < self.seen.catheter_mm - INSIDE_MM)
        for _ in range(self.style.patience):
            if (yield from self.loop_round()):
                return
            slowly = -SLOW_SHARE * self.style.push
            yield from self.together(slowly, lambda: self.height() < self.spine("vertebra_t4") - ISTHMUS_MM)
            yield from self.turn("catheter", TURN_ON_RAD)

    def in_aorta(self) -> bool:
        """Tell whether the wire has gone far enough to lie in the aorta, noting every vertebra on the way."""
        self.spine("vertebra_l4")
        return self.seen.wire_mm > AORTA_MM

    def loop_round(self) -> Doing[bool]:
        """Push the pigtail with the wire in it over the arch and down to the root; False where it went elsewhere."""
        top, low, still = -1e9, 1e9, 0

        def round_it() -> bool:
            nonlocal top, low, still
            if not len(self.leading()):
                return False  # it is being looked for
            height = self.height()
            top = max(top, height)
            still += 1
            if top - height < PASSED_MM:
                low, still = 1e9, 0
            elif height < low - STEP_MM:  # a slow hand falls less than that in a tick, so `low` waits for a whole one
                low, still = height, 0
            if top - height > DOWN_MM or height > self.spine("vertebra_t2") + BRANCH_MM:
                return True
            return top - height > HANGS_MM and still > STILL_TICKS  # it hangs on the valve

        yield from self.together(SLOW_SHARE * self.style.push, round_it)
        return top - self.height() > LANDED_MM

    def together(self, speed: float, stop: Callable[[], bool], most_m: float = PULL_M) -> Doing[bool]:
        """Push or pull wire and catheter as one, at most `most_m` [m]."""
        return (yield from self.move("both", speed, stop, most_m / abs(speed)))

    def catheter_over_wire(self, short_mm: float) -> Doing[None]:
        """Push the catheter over the held wire until `short_mm` of wire are left beyond it."""
        yield from self.move("catheter", self.style.push, lambda: self.seen.catheter_mm > self.seen.wire_mm - short_mm)

    def wire_out(self) -> Doing[None]:
        """Draw the wire out of the catheter; nobody needs to see that."""
        yield from self.let(beam_mode="off")
        yield from self.move("wire", -FAST_M_S, lambda: not self.seen.wire)

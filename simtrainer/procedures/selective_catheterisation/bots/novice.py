"""Hands that should not pass: somebody on the first day, and somebody who knows every step and is rough."""

from __future__ import annotations

from simtrainer.procedures.selective_catheterisation.bots.expert import Catheterisation, chance_of
from simtrainer.procedures.selective_catheterisation.bots.operator import Doing, Style


class Reckless(Catheterisation):
    """Somebody who does every step, fast, and goes on pushing where nothing is seen."""

    watches = False

    def up_the_carotid(self) -> Doing[bool]:
        """Push wire and catheter up the carotid by the length outside, without the beam: it saves time."""
        yield from self.roadmap()
        yield from self.let(beam_mode="off")
        yield from self.deed("wire.load", "hydrophilic_wire")
        goal = self.seen.catheter_mm + 110.0
        yield from self.move("wire", self.style.fine_push, lambda: self.seen.wire_mm > goal)
        yield from self.move("catheter", self.style.fine_push, lambda: self.seen.catheter_mm > goal - 25.0)
        return True


def novice(seed: int, leave_out: str = "") -> Catheterisation:
    """Return somebody who knows the names of things, hurries, and forgets what keeps the patient safe."""
    style = Style(push=0.12, fine_push=0.06, twist=6.0, patience=2)
    return Catheterisation(style, chance_of(seed, 2), careless=True, leave_out=leave_out)


def fast_and_reckless(seed: int, leave_out: str = "") -> Catheterisation:
    """Return somebody who is rough; no hand is faster than the table of controls allows."""
    return Reckless(Style(push=0.12, fine_push=0.12, twist=9.0, patience=3), chance_of(seed, 4), leave_out=leave_out)

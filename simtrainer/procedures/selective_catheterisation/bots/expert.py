"""Somebody who has a plan: what to do next, how it should look, and what to do when it does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simtrainer.procedures.selective_catheterisation.bots.operator import Doing, Style
from simtrainer.procedures.selective_catheterisation.bots.seating import Seating

ARCH_LAO_DEG = 45.0
"""Projection that opens the arch. because: LAO 30-60 degrees is general practice (known)"""

AORTA_MM = 330.0
"""Length of wire that has passed the iliac arteries. because: design, 200 mm to the bifurcation and 130 more"""
FAST_M_S = 0.12
"""Speed of the hand where nothing can be hurt, inside a catheter or a straight aorta. because: design"""
BEFORE_TIP_MM = 40.0
"""So far before the tip of its catheter a wire is slowed down. because: design, the length of a shaped end"""
FOLLOW_MM = 15.0
"""Length of wire that is left beyond a catheter which follows it. because: design, the J and as much again"""
RESERVE_MM = 20.0
"""Length of wire left beyond a selective catheter at the root. because: design, the J and half its soft end"""
TURN_ON_RAD = 2.2
"""How far a pigtail that did not go round is turned for its next try. because: design, a third: no try is the same"""
PASSED_MM, DOWN_MM, HANGS_MM = 15.0, 55.0, 25.0
"""Fall below the highest point from which a loop counts as past the arch, as down at the root, and, when it has stood
still for `STILL_TICKS`, as hanging on the valve. because: design, an ascending aorta is 60 to 80 mm long"""
STILL_TICKS = 80
"""Ticks without a fall after which a loop stands still. because: design, 4 mm of a slow hand's push"""
ASPIRATE_ML_S, ASPIRATE_S, FLUSH_ML_S, FLUSH_S = 2.0, 1.5, 4.0, 1.4
"""Strokes of the syringes. because: design, 3 ml drawn and 5.6 ml flushed; a 5F catheter of 110 cm holds 1.2 ml"""
PUFF_ML_S, PICTURE_ML_S, AORTOGRAM_ML_S = 2.0, 6.0, 18.0
"""Rates of contrast. because: 4-8 ml/s carotid, 15-20 ml/s arch are general practice (known); a puff as in design"""
UP_MM, SHORT_OF_WIRE_MM = 75.0, 25.0
"""How high above the origin the wire is led, and how much of it stays beyond the catheter. because: design, the target
counts as reached 40 mm beyond its origin"""
SECOND_LAO_DEG = -20.0
"""Second projection. because: design, 65 degrees from the first"""
PRESS_S = 620.0
"""How long the groin is pressed. because: 10 minutes are asked for, and a little more"""
FALLEN_MM = 10.0
"""A tip this far below the target's origin has fallen out of it. because: design, two widths of a carotid's origin"""

STEPS = (
    "case_card", "time_out", "aspirate_arch", "flush_arch", "aortogram", "aspirate_engaged", "flush_engaged",
    "test_puff", "roadmap", "aspirate_carotid", "flush_carotid", "angiogram_first", "angiogram_second", "withdraw",
    "dose_noted", "haemostasis",
)  # fmt: skip
"""Steps of the course that this hand can leave out, for proofs of the course."""


def expert(seed: int, leave_out: str = "") -> Catheterisation:
    """Return an expert with a source of chance of its own, who forgets one step if `leave_out` names one."""
    return Catheterisation(Style(), chance_of(seed, 1), leave_out=leave_out)


def slow_and_safe(seed: int, leave_out: str = "") -> Catheterisation:
    """Return somebody who takes twice the time for everything."""
    style = Style(push=0.045, fine_push=0.010, twist=1.5, patience=12)
    return Catheterisation(style, chance_of(seed, 3), leave_out=leave_out)


def chance_of(seed: int, kind: int) -> np.random.Generator:
    """Return the source of chance of a kind of bot."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, kind], dtype=np.uint64)))


class Catheterisation(Seating):
    """The whole procedure, in the order of the course.

    Parameters
    ----------
    leave_out
        Name of one thing that is forgotten, for proofs of the course: a step's id.
    careless
        True for a hand that skips what keeps the patient safe.
    """

    def __init__(
        self,
        style: Style,
        chance: np.random.Generator,
        *,
        leave_out: str = "",
        careless: bool = False,
    ) -> None:
        """Bring a plan to the table."""
        super().__init__(style, chance)
        self.leave_out = leave_out
        self.careless = careless

    def does(self, step: str) -> bool:
        """Tell whether this hand does the step called `step`."""
        return step != self.leave_out

    def work(self) -> Doing[None]:
        """Do the procedure."""
        self.target = self.seen.target
        if self.does("case_card"):
            yield from self.deed("chart.read")
        if self.does("time_out"):
            yield from self.deed("team.time_out")
        yield from self.deed("wire.load", "j_wire")
        yield from self.let(beam_mode="fluoro")
        yield from self.rail_to_arch()
        yield from self.wire_out()
        yield from self.clean("arch")
        if self.does("aortogram"):
            yield from self.aortogram()
        if self.bones:
            yield from self.to_the_target()
        yield from self.finish()

    def to_the_target(self) -> Doing[None]:
        """Change to the selective catheter, seat it and go up the target; again from the root as often as it fails."""
        yield from self.exchange(self.choice())
        for attempt in range(self.style.patience):
            if attempt:
                yield from self.back_to_root()
            seated = yield from self.seat(-1.0 if attempt % 3 == 2 else 1.0)
            if seated and (yield from self.up_the_carotid()) and (yield from self.pictures()):
                return

    def seat(self, side: float) -> Doing[bool]:
        """Seat the catheter in the target, turning to a `side`, and let a puff show whether it is the target."""
        if not (yield from self.engage(side)):
            return False
        yield from self.clean("engaged")
        return not self.does("test_puff") or (yield from self.fills_target())

    def fills_target(self) -> Doing[bool]:
        """Give a puff of contrast; True where it shows the target and nothing else."""
        shown = yield from self.inject(PUFF_ML_S, 1.2, "fluoro")
        return self.target in shown and not self.others() & shown

    def roadmap(self) -> Doing[None]:
        """Fill the seated target and keep its picture."""
        if self.does("roadmap"):
            yield from self.let(beam_mode="fluoro", syringe_contrast=2.5)
            yield from self.watch(1.6)
            yield from self.deed("beam.keep_roadmap")
            yield from self.let(syringe_contrast=0.0)

    def pictures(self) -> Doing[bool]:
        """Make the catheter in the carotid safe, and take two angiograms; False where it fell out without the wire."""
        yield from self.wire_out()
        yield from self.let(beam_mode="fluoro")
        across, height = self.ostium()
        yield from self.view_to(across, height + 20.0)
        yield from self.wait(0.3)
        if self.tip() is None or self.fallen():
            return False
        yield from self.let(beam_mode="off")
        yield from self.clean("carotid")
        if self.does("test_puff") and not (yield from self.fills_target()):
            return False
        if self.does("angiogram_first"):
            yield from self.inject(PICTURE_ML_S, 1.2, "dsa")
        if self.does("angiogram_second"):
            yield from self.let(beam_mode="off")
            yield from self.swing(SECOND_LAO_DEG)
            yield from self.inject(PICTURE_ML_S, 1.2, "dsa")
        yield from self.let(beam_mode="off")
        return True

    def up_the_carotid(self) -> Doing[bool]:
        """Let a wire out of the seated catheter into the carotid, and follow; False where the wire threw it out."""
        yield from self.roadmap()
        yield from self.let(beam_mode="off")
        yield from self.deed("wire.load", "hydrophilic_wire")
        yield from self.move("wire", FAST_M_S, lambda: self.seen.wire_mm > self.seen.catheter_mm - BEFORE_TIP_MM)
        yield from self.let(beam_mode="roadmap" if self.does("roadmap") else "fluoro")
        goal = self.ostium()[1] + UP_MM
        yield from self.move("wire", self.style.fine_push, lambda: self.height() > goal or self.fallen(), 20.0)
        if self.fallen():
            yield from self.wire_out()
            return False
        goal = self.seen.wire_mm - SHORT_OF_WIRE_MM
        yield from self.move("catheter", self.style.fine_push, lambda: self.seen.catheter_mm > goal, 20.0)
        return True

    def fallen(self) -> bool:
        """Tell whether the leading tip is seen below the target's origin: what straightens a catheter can unseat it."""
        tip = self.tip()
        return tip is not None and tip[1] < self.ostium()[1] - FALLEN_MM

    def finish(self) -> Doing[None]:
        """Straighten the catheter over a wire, take everything out, note the dose, press."""
        if self.does("withdraw"):
            yield from self.withdraw_straight()
        yield from self.let(beam_mode="off")
        yield from self.move("catheter", -FAST_M_S, lambda: not self.seen.catheter)
        yield from self.move("wire", -FAST_M_S, lambda: self.seen.wire_mm < 260.0)
        yield from self.move("wire", -self.style.fine_push, lambda: not self.seen.wire)
        if self.does("dose_noted"):
            yield from self.deed("dose.note")
        if self.does("haemostasis"):
            yield from self.let(groin_press=1.0)
            while self.seen.compression_s < PRESS_S:
                yield from self.tick()
            yield from self.let(groin_press=0.0)

    def withdraw_straight(self) -> Doing[None]:
        """Draw the catheter out of the arch with a wire in its bends."""
        yield from self.let(beam_mode="off")
        yield from self.deed("wire.load", "j_wire")
        yield from self.move("wire", FAST_M_S, lambda: self.seen.wire_mm > self.seen.catheter_mm - BEFORE_TIP_MM)
        yield from self.let(beam_mode="fluoro")
        yield from self.move("wire", 0.04, lambda: self.seen.wire_mm > self.seen.catheter_mm + 25.0)
        yield from self.together(-0.06, lambda: self.seen.catheter_mm < 450.0)

    def back_to_root(self) -> Doing[None]:
        """Begin again with the pigtail: a wire goes round the arch by luck, its loop always does."""
        yield from self.withdraw_straight()
        yield from self.let(beam_mode="off")
        yield from self.move("catheter", -FAST_M_S, lambda: not self.seen.catheter)
        yield from self.view_to(None, self.spine("vertebra_t6"))
        yield from self.let(beam_mode="fluoro")
        yield from self.rail_to_arch()
        yield from self.wire_out()
        yield from self.clean("arch")
        yield from self.exchange(self.choice())

    def wire_to_root(self) -> Doing[None]:
        """Let the wire out towards the heart, turning the catheter until it does, and follow with the catheter."""
        yield from self.move("wire", -self.style.push, lambda: self.seen.wire_mm < self.seen.catheter_mm - 3.0)
        low = self.ostium()[1] - 12.0
        yield from self.together(-0.5 * self.style.push, lambda: self.height() < low)
        for _ in range(self.style.patience):
            start, roof = self.seen.wire_mm, self.ostium()[1] + 18.0

            def settled(start: float = start, roof: float = roof) -> bool:
                return self.in_root(35.0) or self.height() > roof or self.seen.wire_mm > start + 170.0

            yield from self.move("wire", 0.5 * self.style.push, settled)
            if self.in_root():
                break
            yield from self.wire_back_to(start)
            yield from self.together(-0.5 * self.style.push, lambda: self.height() < low - 12.0, 0.03)
            yield from self.turn("catheter", 1.3)
        yield from self.catheter_over_wire(RESERVE_MM)
        yield from self.wire_out()

    def wire_back_to(self, length_mm: float) -> Doing[None]:
        """Pull the wire back until that much of it is in."""
        yield from self.move("wire", -self.style.push, lambda: self.seen.wire_mm < length_mm)

    def choice(self) -> str:
        """Return the selective catheter that suits the arch as the aortogram showed it."""
        return "berenstein"

    def exchange(self, catheter: str) -> Doing[None]:
        """Bring the wire back through the catheter that lies, and change that for another over it."""
        yield from self.let(beam_mode="off")
        yield from self.deed("wire.load", "j_wire")
        yield from self.move("wire", FAST_M_S, lambda: self.seen.wire_mm > self.seen.catheter_mm - 60.0)
        yield from self.let(beam_mode="fluoro")
        yield from self.move("wire", 0.4 * self.style.push, lambda: self.seen.wire_mm > self.seen.catheter_mm + 15.0)
        yield from self.move("catheter", -self.style.push, lambda: self.seen.catheter_mm < self.seen.wire_mm - 120.0)
        yield from self.move("catheter", -FAST_M_S, lambda: not self.seen.catheter)
        yield from self.deed("catheter.load", catheter)
        yield from self.catheter_over_wire(RESERVE_MM)
        if self.in_root():
            yield from self.wire_out()
        else:
            yield from self.wire_to_root()

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
        yield from self.move("wire", -self.style.fine_push, lambda: self.seen.wire_mm < self.seen.catheter_mm - 8.0)
        for _ in range(self.style.patience):
            if (yield from self.loop_round()):
                return
            yield from self.together(-0.5 * self.style.push, lambda: self.height() < self.spine("vertebra_t4") - 15.0)
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
            elif height < low - 1.0:  # a slow hand falls less than that in a tick, so `low` waits for a whole one
                low, still = height, 0
            if top - height > DOWN_MM or height > self.spine("vertebra_t2") + 25.0:
                return True
            return top - height > HANGS_MM and still > STILL_TICKS  # it hangs on the valve

        yield from self.together(0.5 * self.style.push, round_it)
        return top - self.height() > 20.0  # less than where it stopped: what is read off a screen trembles

    def together(self, speed: float, stop: Callable[[], bool], most_m: float = 0.55) -> Doing[bool]:
        """Push or pull wire and catheter as one, at most `most_m` [m]."""
        return (yield from self.move("both", speed, stop, most_m / abs(speed)))

    def catheter_over_wire(self, short_mm: float) -> Doing[None]:
        """Push the catheter over the held wire until `short_mm` of wire are left beyond it."""
        yield from self.move("catheter", self.style.push, lambda: self.seen.catheter_mm > self.seen.wire_mm - short_mm)

    def wire_out(self) -> Doing[None]:
        """Draw the wire out of the catheter; nobody needs to see that."""
        yield from self.let(beam_mode="off")
        yield from self.move("wire", -FAST_M_S, lambda: not self.seen.wire)

    def clean(self, where: str) -> Doing[None]:
        """Aspirate and flush."""
        if self.does(f"aspirate_{where}") and not self.careless:
            yield from self.let(syringe_aspirate=ASPIRATE_ML_S)
            yield from self.wait(ASPIRATE_S)
            yield from self.let(syringe_aspirate=0.0)
        if self.does(f"flush_{where}") and not self.careless:
            yield from self.let(syringe_saline=FLUSH_ML_S)
            yield from self.wait(FLUSH_S)
            yield from self.let(syringe_saline=0.0)

    def inject(self, rate: float, seconds: float, beam: str) -> Doing[set[str]]:
        """Inject contrast under the beam and remember what it shows; return the names of what it showed."""
        yield from self.let(beam_mode=beam)
        yield from self.wait(0.4)
        yield from self.let(syringe_contrast=rate)
        shown = yield from self.watch(seconds)
        yield from self.let(syringe_contrast=0.0)
        return shown | (yield from self.watch(1.0))

    def watch(self, seconds: float) -> Doing[set[str]]:
        """Look at the opacified vessels for a while and remember their course; return their names."""
        names: set[str] = set()
        for _ in range(round(seconds / 0.01)):
            yield from self.tick()
            names |= {outline.name for outline in self.seen.vessels}
            for outline in self.seen.vessels:
                known = self.vessels.get(outline.name)
                if known is None or len(outline.pixels) >= len(known):
                    self.vessels[outline.name] = np.array([self.at(pixel) for pixel in outline.pixels])
        return names

    def aortogram(self) -> Doing[None]:
        """Show the arch in LAO and remember where its branches leave."""
        tip = self.tip()
        yield from self.view_to(None if tip is None else tip[0], self.seen.view_mm[0] + 30.0)
        yield from self.inject(AORTOGRAM_ML_S, 1.4, "dsa")
        yield from self.let(beam_mode="off")

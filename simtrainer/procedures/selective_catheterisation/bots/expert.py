"""Somebody who has a plan: what to do next, how it should look, and what to do when it does not."""

from __future__ import annotations

import numpy as np

from simtrainer.procedures.selective_catheterisation.bots.operator import TICK_S, Doing, Style
from simtrainer.procedures.selective_catheterisation.bots.railing import FAST_M_S, SLOW_SHARE, Railing

BEFORE_TIP_MM = 40.0
"""So far before the tip of its catheter a wire is slowed down. because: design, the length of a shaped end"""
RESERVE_MM = 20.0
"""Length of wire left beyond a selective catheter at the root. because: design, the J and half its soft end"""
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
PUFF_S, ROADMAP_S, ROADMAP_ML_S, AORTOGRAM_S, SETTLE_S, MASK_S, WASH_S = 1.2, 1.6, 2.5, 1.4, 0.3, 0.4, 1.0
"""Length of a puff and of a carotid picture, of a roadmap with its rate, and of the aortogram [s]; how long a screen is
looked at before one trusts it, a mask is taken, and contrast is watched as it leaves. because: design, 2.4 ml a puff,
7 ml a carotid and 25 ml an arch, within the volumes of general practice (known)"""
ABOVE_ORIGIN_MM, ABOVE_TIP_MM = 20.0, 30.0
"""So far above the target's origin, and above a pigtail's tip, the middle of the picture stands. because: design, then
origin and carotid, or root and arch, lie in one field"""
CLIMB_S = 20.0
"""How long a hand pushes towards a goal up the carotid before it gives up. because: design, 0.4 m of a slow hand"""
WITHDRAW_M_S, UNSEEN_M_S = 0.06, 0.04
"""Speeds of drawing both out of the arch, and of a wire that straightens the bends of a catheter. because: design, half
and a third of a hand's fastest"""
BEYOND_MM, OUT_OF_ARCH_MM, LAST_MM = 25.0, 450.0, 260.0
"""Wire beyond the tip of a catheter that is drawn; lengths in the patient at which it is out of the arch, and at which
the wire is drawn slowly, since its J comes. because: design; 580 to 640 mm reach the arch from the groin"""
INTO_TIP_MM, FIRST_TIP_MM, BEHIND_TIP_MM, LEFT_MM = 60.0, 15.0, 3.0, 120.0
"""Wire against its catheter's tip: slowed down before the pigtail's loop; let out before the exchange; drawn into a
selective tip; and as much left out as lets the old catheter be drawn slowly first. because: design, the loop takes
74 mm of wire"""
BELOW_MM, ROOF_MM, ROOT_MM, MOST_WIRE_MM, BACK_M, TURN_RAD = 12.0, 18.0, 35.0, 170.0, 0.03, 1.3
"""To let a wire out towards the heart: the tip so far below the target's origin; a wire so far above it went into a
branch; so far below it is in the root; so much wire is tried; how far both are drawn back and the catheter is turned
before the next try. because: design, by looking at arches of all three types"""
EXCHANGE_SHARE = 0.4
"""Share of a hand's speed with a wire at the loop. because: design"""
EVERY_THIRD = 3
"""Of so many tries one turns the other way. because: design"""
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


class Catheterisation(Railing):
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
            seated = yield from self.seat(-1.0 if attempt % EVERY_THIRD == EVERY_THIRD - 1 else 1.0)
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
        shown = yield from self.inject(PUFF_ML_S, PUFF_S, "fluoro")
        return self.target in shown and not self.others() & shown

    def roadmap(self) -> Doing[None]:
        """Fill the seated target and keep its picture."""
        if self.does("roadmap"):
            yield from self.let(beam_mode="fluoro", syringe_contrast=ROADMAP_ML_S)
            yield from self.watch(ROADMAP_S)
            yield from self.deed("beam.keep_roadmap")
            yield from self.let(syringe_contrast=0.0)

    def pictures(self) -> Doing[bool]:
        """Make the catheter in the carotid safe, and take two angiograms; False where it fell out without the wire."""
        yield from self.wire_out()
        yield from self.let(beam_mode="fluoro")
        across, height = self.ostium()
        yield from self.view_to(across, height + ABOVE_ORIGIN_MM)
        yield from self.wait(SETTLE_S)
        if self.tip() is None or self.fallen():
            return False
        yield from self.let(beam_mode="off")
        yield from self.clean("carotid")
        if self.does("test_puff") and not (yield from self.fills_target()):
            return False
        if self.does("angiogram_first"):
            yield from self.inject(PICTURE_ML_S, PUFF_S, "dsa")
        if self.does("angiogram_second"):
            yield from self.let(beam_mode="off")
            yield from self.swing(SECOND_LAO_DEG)
            yield from self.inject(PICTURE_ML_S, PUFF_S, "dsa")
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
        yield from self.move("wire", self.style.fine_push, lambda: self.height() > goal or self.fallen(), CLIMB_S)
        if self.fallen():
            yield from self.wire_out()
            return False
        goal = self.seen.wire_mm - SHORT_OF_WIRE_MM
        yield from self.move("catheter", self.style.fine_push, lambda: self.seen.catheter_mm > goal, CLIMB_S)
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
        yield from self.move("wire", -FAST_M_S, lambda: self.seen.wire_mm < LAST_MM)
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
        yield from self.move("wire", UNSEEN_M_S, lambda: self.seen.wire_mm > self.seen.catheter_mm + BEYOND_MM)
        yield from self.together(-WITHDRAW_M_S, lambda: self.seen.catheter_mm < OUT_OF_ARCH_MM)

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
        behind = BEHIND_TIP_MM
        yield from self.move("wire", -self.style.push, lambda: self.seen.wire_mm < self.seen.catheter_mm - behind)
        low = self.ostium()[1] - BELOW_MM
        yield from self.together(-SLOW_SHARE * self.style.push, lambda: self.height() < low)
        for _ in range(self.style.patience):
            start, roof = self.seen.wire_mm, self.ostium()[1] + ROOF_MM

            def settled(start: float = start, roof: float = roof) -> bool:
                return self.in_root(ROOT_MM) or self.height() > roof or self.seen.wire_mm > start + MOST_WIRE_MM

            yield from self.move("wire", SLOW_SHARE * self.style.push, settled)
            if self.in_root():
                break
            yield from self.wire_back_to(start)
            yield from self.together(-SLOW_SHARE * self.style.push, lambda: self.height() < low - BELOW_MM, BACK_M)
            yield from self.turn("catheter", TURN_RAD)
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
        yield from self.move("wire", FAST_M_S, lambda: self.seen.wire_mm > self.seen.catheter_mm - INTO_TIP_MM)
        yield from self.let(beam_mode="fluoro")
        slowly = EXCHANGE_SHARE * self.style.push
        yield from self.move("wire", slowly, lambda: self.seen.wire_mm > self.seen.catheter_mm + FIRST_TIP_MM)
        yield from self.move("catheter", -self.style.push, lambda: self.seen.catheter_mm < self.seen.wire_mm - LEFT_MM)
        yield from self.move("catheter", -FAST_M_S, lambda: not self.seen.catheter)
        yield from self.deed("catheter.load", catheter)
        yield from self.catheter_over_wire(RESERVE_MM)
        if self.in_root():
            yield from self.wire_out()
        else:
            yield from self.wire_to_root()

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
        yield from self.wait(MASK_S)
        yield from self.let(syringe_contrast=rate)
        shown = yield from self.watch(seconds)
        yield from self.let(syringe_contrast=0.0)
        return shown | (yield from self.watch(WASH_S))

    def watch(self, seconds: float) -> Doing[set[str]]:
        """Look at the opacified vessels for a while and remember their course; return their names."""
        names: set[str] = set()
        for _ in range(round(seconds / TICK_S)):
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
        yield from self.view_to(None if tip is None else tip[0], self.seen.view_mm[0] + ABOVE_TIP_MM)
        yield from self.inject(AORTOGRAM_ML_S, AORTOGRAM_S, "dsa")
        yield from self.let(beam_mode="off")

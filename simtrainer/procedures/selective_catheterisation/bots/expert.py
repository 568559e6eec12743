"""Somebody who has a plan: what to do next, how it should look, and what to do when it does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.procedures.selective_catheterisation.bots.operator import Doing, Operator, Style

ARCH_LAO_DEG = 45.0
"""Projection that opens the arch. because: LAO 30-60 degrees is general practice (known)"""


def expert(seed: int) -> Catheterisation:
    """Return an expert with a source of chance of its own."""
    chance = np.random.Generator(np.random.Philox(key=np.array([seed, 1], dtype=np.uint64)))
    return Catheterisation(Style(), chance)


class Catheterisation(Operator):
    """The whole procedure, in the order of the course.

    Parameters
    ----------
    leave_out
        Name of one thing that is forgotten, for proofs of the course: a step's id.
    careless
        True for a hand that skips what keeps the patient safe.
    """

    def __init__(
        self, style: Style, chance: np.random.Generator, *, leave_out: str = "", careless: bool = False
    ) -> None:
        """Bring a plan to the table."""
        super().__init__(style, chance)
        self.leave_out = leave_out
        self.careless = careless
        self.vessels: dict[str, NDArray[np.float64]] = {}

    def does(self, step: str) -> bool:
        """Tell whether this hand does the step called `step`."""
        return step != self.leave_out

    def work(self) -> Doing[None]:
        """Do the procedure."""
        if self.does("case_card"):
            yield from self.deed("chart.read")
        if self.does("time_out"):
            yield from self.deed("team.time_out")
        yield from self.deed("wire.load", "j_wire")
        yield from self.let(beam_mode="fluoro")
        yield from self.wire_to_arch()
        yield from self.deed("catheter.load", "pigtail")
        yield from self.catheter_over_wire(25.0)
        yield from self.wire_out()
        yield from self.clean("arch")
        if self.does("aortogram"):
            yield from self.aortogram()

    def wire_to_arch(self) -> Doing[None]:
        """Bring the wire round the arch into the ascending aorta; draw back and turn when it runs up the neck."""
        yield from self.move("wire", self.style.push, lambda: self.seen.wire_mm > 330.0)
        yield from self.swing(ARCH_LAO_DEG)
        for _ in range(self.style.patience):
            top = -1e9
            way = [0.0, 0.0]

            def stop(way: list[float] = way) -> bool:
                nonlocal top
                tip = self.tip()
                if tip is None:
                    return False
                top = max(top, tip[1])
                way[:] = [top - tip[1], tip[1] - self.neck()]
                return way[0] > 45.0 or way[1] > 0.0

            yield from self.move("wire", 0.6 * self.style.push, stop, 12.0)
            if way[0] > 45.0:
                return
            back = self.seen.wire_mm
            yield from self.move("wire", -self.style.push, lambda b=back: self.seen.wire_mm < b - 110.0)
            yield from self.turn("wire", 2.2)

    def neck(self) -> float:
        """Return the height [mm] above which a wire has left the arch, read off the spine."""
        for outline in self.seen.bones:
            if outline.name == "vertebra_t2":
                return self.at(outline.pixels[0])[1] + 15.0
        return 1e9

    def catheter_over_wire(self, short_mm: float) -> Doing[None]:
        """Push the catheter over the held wire until `short_mm` of wire are left beyond it."""
        yield from self.move("catheter", self.style.push, lambda: self.seen.catheter_mm > self.seen.wire_mm - short_mm)

    def wire_out(self) -> Doing[None]:
        """Draw the wire out of the catheter; nobody needs to see that."""
        yield from self.let(beam_mode="off")
        yield from self.move("wire", -0.12, lambda: not self.seen.wire)

    def clean(self, where: str) -> Doing[None]:
        """Aspirate and flush."""
        if self.does(f"aspirate_{where}") and not self.careless:
            yield from self.let(syringe_aspirate=2.0)
            yield from self.wait(1.5)
            yield from self.let(syringe_aspirate=0.0)
        if self.does(f"flush_{where}") and not self.careless:
            yield from self.let(syringe_saline=4.0)
            yield from self.wait(1.4)
            yield from self.let(syringe_saline=0.0)

    def inject(self, rate: float, seconds: float, beam: str) -> Doing[None]:
        """Inject contrast under the beam and remember what it shows."""
        yield from self.let(beam_mode=beam)
        yield from self.wait(0.4)
        yield from self.let(syringe_contrast=rate)
        yield from self.watch(seconds)
        yield from self.let(syringe_contrast=0.0)
        yield from self.watch(1.0)

    def watch(self, seconds: float) -> Doing[None]:
        """Look at the opacified vessels for a while and remember their course."""
        for _ in range(round(seconds / 0.01)):
            yield from self.tick()
            for outline in self.seen.vessels:
                known = self.vessels.get(outline.name)
                if known is None or len(outline.pixels) >= len(known):
                    self.vessels[outline.name] = np.array([self.at(pixel) for pixel in outline.pixels])

    def aortogram(self) -> Doing[None]:
        """Show the arch in LAO and remember where its branches leave."""
        tip = self.tip()
        yield from self.view_to(None if tip is None else tip[0], self.seen.view_mm[0] + 30.0)
        yield from self.inject(18.0, 1.4, "dsa")
        yield from self.let(beam_mode="off")

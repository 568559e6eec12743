"""The standard manoeuvre, and a wire through the catheter that has engaged.

It is the same for every catheter, as far as shapes allow, and blind: it knows in which vessel the tip lies, as a puff
of contrast would show, and how far along the arch, and nothing of where it looks. It begins in the ascending aorta.
The catheter is drawn back in small steps; once its tip comes near the origin, the hub is turned once round after each.
Out of another branch it is taken (a simple curve by drawing, a reverse curve by pushing, which backs it out), turned
aside, more each time, and drawn past. The pass ends when the tip has stayed in the target, has come well past it, has
fallen astray a dozen times, or takes too long. An engaged catheter is advanced by 5 mm at a time as long as it goes
deeper, up to 30 mm; then the wire comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.physics.rod import Rod, RodControl, RodState
from simtrainer.procedures.selective_catheterisation.fact import ROOT
from simtrainer.procedures.selective_catheterisation.place import Atlas
from simtrainer.studies.bench.patient import from_shelf, package
from simtrainer.studies.engagement.hand import Hand
from simtrainer.studies.engagement.lie import bend_of, reversed_way, straight_way

Floats = NDArray[np.float64]
TARGET = "left_common_carotid"
CAROTID = (TARGET, "left_internal_carotid", "left_external_carotid")
AORTA = ("descending_aorta", "aortic_arch", ROOT)
WIRE = "hydrophilic_wire"
DT = 0.02
DEEP, STAYS = 3.0 * MM, 25
"""A tip is engaged that lies so deep in the target for so many ticks (0.5 s). because: design"""
AHEAD, IN_CAROTID = 80.0 * MM, 40.0 * MM
"""How far the wire is advanced out of the catheter, and how deep in the carotid it must come. because: design"""
PASS_S, ASTRAY = 150.0, 12
"""How long a pass may take [s], and how often the tip may fall into other branches. because: design"""
REACH, PAST = 20.0 * MM, 25.0 * MM
"""How far before the origin, along the arch, turning begins, and how far past it the pass is over. because: design"""
ADVANCE, TWIST = 5.0 * MM, 1.6
"""How far a catheter is advanced in one go [m], and speed of turning [rad/s]. because: design"""
BACK, PAST_IT, ASIDE, BEYOND = 40.0 * MM, 60.0 * MM, 0.5 * np.pi, 8.0 * MM
"""How far a catheter is moved at most to leave a branch and to be drawn past it [m], how far it is turned in between,
and by the hand's own turn more each time [rad], and how far past is past [m]. because: design"""
SEATS, DEEPER = 6, 2.0 * MM
"""How often an engaged catheter is advanced by 5 mm, as long as it goes so much deeper [m]. because: design"""
PUSH, WIRE_FAST, WIRE_SLOW = 12.0 * MM, 200.0 * MM, 20.0 * MM
"""Speeds [m/s] of advancing the catheter, of the wire within it, and of the wire near its tip and beyond."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A patient: solver without devices, vessels, origin of the target [m], and the arch's axis there.

    Parameters
    ----------
    back
        Unit vector along the arch towards the groin, level, (3,).
    """

    rod: Rod
    atlas: Atlas
    origin: Floats
    back: Floats


@cache
def scene_of(patient: str) -> Scene:
    """Return what a trial needs to know of a patient, worked out once."""
    one = package(patient)
    atlas = Atlas(one.tree)
    origin = atlas.origin(one.tree.number(TARGET))
    arch = one.tree.branches[one.tree.number(AORTA[1])].points
    back = (arch[0] - arch[-1]) * [1.0, 1.0, 0.0]
    back /= np.linalg.norm(back)
    rod = Rod(one.field, one.access.point, one.access.direction, (None, None))
    return Scene(rod, atlas, origin, back)


@dataclass(slots=True)
class Work:
    """Both hands at work in a pass, and what puffs of contrast would tell of it.

    Parameters
    ----------
    patient, catheter
        Names of a package and of an instrument.
    ticks, inside
        Ticks since the beginning, and for how many the tip has lain in the target.
    strayed
        Other branches that the tip fell into.
    """

    patient: str
    catheter: str
    hand: Hand
    ticks: int = 0
    inside: int = 0
    strayed: list[str] = field(default_factory=list)
    reversed: bool = field(init=False)
    _scene: Scene = field(init=False)
    _rod: Rod = field(init=False)
    _state: RodState = field(init=False)

    def __post_init__(self) -> None:
        """Lay the catheter in the ascending aorta."""
        self._scene = scene_of(self.patient)
        self._rod = self._scene.rod.with_devices(from_shelf("", self.catheter))
        bend = bend_of(instruments.get(self.catheter).profile())
        self.reversed = bend.reversed
        way, length = straight_way(self._scene.atlas.tree, self.hand.depth)
        if bend.reversed:
            way, length = reversed_way(self._scene.atlas.tree, self.hand.depth, self.hand.start)
            length += bend.knee
        self._state = self._rod.lay(way, np.array([0.0, length]))

    def engage(self) -> bool:
        """Do one pass; True as soon as the catheter has engaged."""
        self.turn(self.hand.start)
        while not (self.seated() or self.over()):
            if self.in_target():
                self.wait(STAYS)
                continue
            if self.strays():
                self.strayed.append(self.lies_in())
                self.leave()
            elif self.ahead() < REACH:
                self.turn(2.0 * np.pi * self.hand.side, self.strays)
            if not (self.in_target() or self.strays()):
                self.move(1, -self.hand.step, self.hand.draw, lambda: self.in_target() or self.strays())
        return self.seated()

    def over(self) -> bool:
        """Tell whether the pass has to be given up."""
        return self.ticks * DT > PASS_S or len(self.strayed) >= ASTRAY or self.ahead() < -PAST

    def leave(self) -> None:
        """Take the tip out of a branch that is not the target, turn it aside, and draw it past."""
        past = self.ahead() - BEYOND
        self.move(1, BACK if self.reversed else -BACK, PUSH, lambda: not self.strays())
        if self.reversed:
            self.move(1, ADVANCE, PUSH)
        again = self.strayed.count(self.strayed[-1])
        self.turn(self.hand.side * (ASIDE + again * self.hand.search))
        self.move(1, -PAST_IT, self.hand.draw, lambda: self.ahead() < past or self.in_target() or self.strays())

    def strays(self) -> bool:
        """Tell whether the tip lies in another branch than the target."""
        return self.lies_in() not in (*AORTA, TARGET)

    def seat(self) -> None:
        """Advance an engaged catheter as long as it goes deeper."""
        way = -ADVANCE if self.reversed else ADVANCE
        for _ in range(SEATS):
            before = self.depth()
            self.move(1, way, PUSH)
            if not self.in_target() or self.depth() < before + DEEPER:
                self.move(1, -way, PUSH)
                return

    def wire(self) -> str:
        """Advance a wire through the catheter by 80 mm; the vessel it has gone up by 40 mm, or the aorta."""
        self._rod = self._rod.with_devices(from_shelf(WIRE, self.catheter))
        length = float(self._rod.read(self._state).inserted[1])
        self.move(0, length - AHEAD, WIRE_FAST)
        self.move(0, 2.0 * AHEAD, WIRE_SLOW)
        place = self._scene.atlas.place(self._curve(0)[-1])
        vessel = self._scene.atlas.name(place.branch)
        return vessel if vessel in CAROTID[1:] or place.beyond >= IN_CAROTID else AORTA[1]

    def move(self, device: int, by: float, speed: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Push or draw device 0 (wire) or 1 (catheter) by up to `by` [m] at `speed` [m/s]."""
        step = np.zeros(2)
        step[device] = np.sign(by) * speed * DT
        self._go(step, np.zeros(2), round(abs(by) / (speed * DT)), enough)

    def turn(self, by: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Turn the catheter's hub by up to `by` [rad], or until the tip lies in the target."""
        step = np.array([0.0, np.sign(by) * TWIST * DT])
        self._go(np.zeros(2), step, round(abs(by) / (TWIST * DT)), lambda: self.in_target() or enough())

    def wait(self, ticks: int) -> None:
        """Hold still, or until the tip has stayed in the target long enough."""
        self._go(np.zeros(2), np.zeros(2), ticks, self.seated)

    def _go(self, push: Floats, turn: Floats, ticks: int, enough: Callable[[], bool]) -> None:
        inserted, hub = np.array(self._rod.read(self._state).inserted), np.array(self._state.shape.hub)
        for k in range(1, ticks + 1):
            self._state = self._rod.step(self._state, RodControl(inserted + k * push, hub + k * turn), DT)
            self.ticks += 1
            self.inside = self.inside + 1 if self.in_target() else 0
            if enough():
                return

    def seated(self) -> bool:
        """Tell whether the tip has lain in the target long enough."""
        return self.inside >= STAYS

    def in_target(self) -> bool:
        """Tell whether the tip lies deep enough in the target now."""
        return self.lies_in() == TARGET

    def depth(self) -> float:
        """Return how far [m] beyond the origin of its vessel the tip lies."""
        return self._scene.atlas.place(self._tip()).beyond

    def lies_in(self) -> str:
        """Return the vessel that the tip lies in, a branch only where it is deep enough in it, or the arch."""
        place = self._scene.atlas.place(self._tip())
        name = self._scene.atlas.name(place.branch)
        return name if name in AORTA or place.beyond >= DEEP else AORTA[1]

    def ahead(self) -> float:
        """Return how far [m] along the arch the tip lies before the origin, seen from the heart; negative behind it."""
        return float((self._scene.origin - self._tip()) @ self._scene.back)

    def _tip(self) -> Floats:
        tip: Floats = self._curve(1)[-1]
        return tip

    def _curve(self, device: int) -> Floats:
        """Return the points of a device up to its tip, (n, 3) [m] in W."""
        read = self._rod.read(self._state)
        length = float(read.inserted[device])
        inside = read.arc < length - 1e-6
        tip = np.array([[np.interp(length, read.arc, read.points[:, axis]) for axis in range(3)]])
        return np.concatenate((read.points[inside], tip))

"""Two hands, eyes and memory that all bots share: moving a tool to a place, taking, closing, looking."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action
from simtrainer.procedures.open_vessel_control.catalogue import MOST_SPEED
from simtrainer.procedures.open_vessel_control.observation import HandFelt, Observation

T = TypeVar("T")
Doing: TypeAlias = Generator[tuple[Action, ...], Observation, T]
F8 = NDArray[np.float64]
TICK_S = 0.01
SPREAD = 0.15
"""How far the speeds of one hand lie from those of its kind, so that a seed is a person. because: design"""
LOOK_S = 0.25
"""How long it takes until the wound has been looked at again. because: five looks a second"""
OVER_MM = 12.0
"""Height over the skin at which a tool is moved about. because: design"""


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody works: usual and careful speed of the hand [m/s], how fast jaws move [1/s], and pauses [s]."""

    speed: float = 0.12
    fine: float = 0.05
    jaws: float = 4.0
    pause: float = 0.0

    def of(self, chance: np.random.Generator) -> Style:
        """Return the way of working of one person among those who work like this: speeds within `SPREAD`."""
        speed, fine, jaws = chance.uniform(1.0 - SPREAD, 1.0 + SPREAD, 3)
        return replace(
            self, speed=min(float(speed) * self.speed, MOST_SPEED), fine=min(float(fine) * self.fine, MOST_SPEED),
            jaws=float(jaws) * self.jaws,
        )  # fmt: skip


class Operator:
    """A pair of hands; a subclass says in `work` what they do."""

    def __init__(self, style: Style, chance: np.random.Generator) -> None:
        """Stand at the table as one of those who work in a style, drawn by `chance`."""
        self.style = style.of(chance)
        self.seen: Observation
        self.done = False
        self._work: Doing[None] | None = None

    def act(self, seen: Observation) -> tuple[Action, ...]:
        """Return the actions of the next tick; none once the work is done."""
        if self.done:
            return ()
        try:
            if self._work is None:
                self.seen = seen
                self._work = self.work()
                return next(self._work)
            return self._work.send(seen)
        except StopIteration:
            self.done = True
            return ()

    def work(self) -> Doing[None]:
        """Do the procedure."""
        raise NotImplementedError

    def tick(self, *acts: Action) -> Doing[None]:
        """Let one tick pass."""
        self.seen = yield acts

    def deed(self, control: str, value: float | str = 1.0) -> Doing[None]:
        """Do one thing once."""
        yield from self.tick(Action(control, value))

    def wait(self, seconds: float) -> Doing[None]:
        """Let time pass."""
        for _ in range(round(seconds / TICK_S)):
            yield from self.tick()

    def look(self) -> Doing[None]:
        """Look at the wound anew, and pause as this hand does."""
        yield from self.wait(LOOK_S + self.style.pause)

    def hand(self, side: str) -> HandFelt:
        """Return the left or the right hand as it is felt."""
        return self.seen.left if side == "left" else self.seen.right

    def take(self, side: str, tool: str) -> Doing[None]:
        """Take a tool."""
        yield from self.deed(f"{side}.take", tool)

    def go(
        self, side: str, place: tuple[float | None, float | None, float | None], speed: float = 0.0,
        stop: Callable[[], bool] | None = None,
    ) -> Doing[bool]:  # fmt: skip
        """Move a tip straight to a place [mm], None where a coordinate stays; True when `stop` stopped it."""
        tip = np.array(self.hand(side).tip_mm)
        goal = np.array([now if want is None else want for now, want in zip(tip, place, strict=True)])
        way = (goal - tip) * 1e-3
        length = float(np.linalg.norm(way))
        if length < 2e-5:
            return False
        ticks = max(1, math.ceil(length / ((speed or self.style.speed) * TICK_S)))
        pace = way / (ticks * TICK_S)
        acts = tuple(Action(f"{side}.{c}", float(v)) for c, v in zip("xyz", pace, strict=True))
        halted = False
        for k in range(ticks):
            yield from self.tick(*(acts if k == 0 else ()))
            if stop is not None and stop():
                halted = True
                break
        yield from self.tick(*(Action(f"{side}.{c}", 0.0) for c in "xyz"))
        return halted

    def reach(self, side: str, place: tuple[float, float, float], speed: float = 0.0) -> Doing[None]:
        """Bring a tip to a place [mm] in the wound: up, over it, and straight down."""
        x, y, z = place
        yield from self.go(side, (None, OVER_MM, None))
        yield from self.go(side, (x, OVER_MM, z))
        yield from self.go(side, (x, y, z), speed or self.style.fine)

    def lift(self, side: str) -> Doing[None]:
        """Bring a tip out of the wound."""
        yield from self.go(side, (None, OVER_MM, None))

    def close(self, side: str, to: float) -> Doing[None]:
        """Close or open a tool, 1 for closed."""
        start = self.hand(side).close
        ticks = max(1, round(abs(to - start) / self.style.jaws / TICK_S))
        for k in range(ticks):
            yield from self.deed(f"{side}.close", start + (to - start) * (k + 1) / ticks)

    def points(self, name: str) -> F8:
        """Return the places [mm] where something is seen, shape (n, 3)."""
        return self.seen.seen.get(name, np.zeros((0, 3)))


def chance_of(seed: int, kind: int) -> np.random.Generator:
    """Return the source of chance of a kind of bot."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, kind], dtype=np.uint64)))

"""Hands, eyes and memory that all bots share: moving devices, keeping the tip in the picture, reading the screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action
from simtrainer.procedures.selective_catheterisation.catalogue import MOST_PUSH, MOST_TWIST
from simtrainer.procedures.selective_catheterisation.observation import Observation

T = TypeVar("T")
Doing: TypeAlias = Generator[tuple[Action, ...], Observation, T]
MIDDLE = 255.5
TICK_S = 0.01
SEARCH_TICKS = 150
"""Ticks of looking for a tip one way before the other way is tried. because: design, 15 cm of table"""
SPREAD = 0.15
"""How far the speeds of one hand lie from those of its kind, so that a seed is a person. because: design"""


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody works.

    Parameters
    ----------
    push, fine_push
        Usual and careful speed of the hand [m/s].
    twist
        Usual turning speed [rad/s].
    patience
        How often a manoeuvre is tried before another way is taken.
    """

    push: float = 0.09
    fine_push: float = 0.02
    twist: float = 3.0
    patience: int = 8

    def of(self, chance: np.random.Generator) -> Style:
        """Return the way of working of one person among those who work like this: speeds within `SPREAD`.

        Who works as fast as the controls allow is slowed until nobody of the kind is faster than that.
        """
        push, fine, twist = chance.uniform(1.0 - SPREAD, 1.0 + SPREAD, 3)
        most_push, most_twist = MOST_PUSH / (1.0 + SPREAD), MOST_TWIST / (1.0 + SPREAD)
        return replace(
            self,
            push=float(push) * min(self.push, most_push),
            fine_push=float(fine) * min(self.fine_push, most_push),
            twist=float(twist) * min(self.twist, most_twist),
        )


class Operator:
    """One pair of hands; a subclass says in `work` what they do, and whether it `watches` the tip while it pushes."""

    watches: bool = True

    def __init__(self, style: Style, chance: np.random.Generator) -> None:
        """Stand at the table as one of those who work in a style, drawn by `chance`."""
        self.style = style.of(chance)
        self.seen: Observation
        self.done = False
        self._held: dict[str, float | str] = {}
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

    def hold(self, **controls: float | str) -> tuple[Action, ...]:
        """Return the actions that bring held controls to new values; `wire_push` stands for `wire.push`."""
        changed = []
        for name, value in controls.items():
            if self._held.get(name, "off" if name == "beam_mode" else 0.0) != value:
                self._held[name] = value
                changed.append(Action(name.replace("_", ".", 1), value))
        return tuple(changed)

    def let(self, **controls: float | str) -> Doing[None]:
        """Bring held controls to new values."""
        yield from self.tick(*self.hold(**controls))

    def wait(self, seconds: float) -> Doing[None]:
        """Let time pass; the table goes on following the tip."""
        for _ in range(round(seconds / TICK_S)):
            yield from self.tick(*self.follow())
        yield from self.let(table_along=0.0, table_across=0.0)

    def deed(self, control: str, value: float | str = 1.0) -> Doing[None]:
        """Do one thing once."""
        yield from self.tick(Action(control, value))

    def leading(self) -> NDArray[np.float64]:
        """Return the leading device on the screen, (n, 2) pixels; empty when it is not seen."""
        seen = self.seen
        return seen.wire_pixels if seen.wire and seen.wire_mm > seen.catheter_mm else seen.catheter_pixels

    def at(self, pixel: NDArray[np.float64]) -> tuple[float, float]:
        """Return across and height [mm] of a pixel, by table read-out and scale; good for one angle of the C-arm."""
        height, across = self.seen.view_mm
        scale = self.seen.mm_per_pixel
        turn = math.cos(math.radians(self.seen.lao_deg))
        return across * turn + (pixel[0] - MIDDLE) * scale, height + (MIDDLE - pixel[1]) * scale

    def tip(self) -> tuple[float, float] | None:
        """Return across and height [mm] of the leading tip, None when it is not seen."""
        shape = self.leading()
        return self.at(shape[-1]) if len(shape) else None

    def heading(self, shape: NDArray[np.float64]) -> float:
        """Return how much the last 6 mm of a device on the screen point to the head: 1 straight up, -1 down."""
        if len(shape) < 3:
            return 0.0
        back = max(0, len(shape) - 4)
        step = shape[-1] - shape[back]
        size = float(np.hypot(*step))
        return float(-step[1] / size) if size > 0.0 else 0.0

    def follow(self, row: float = 210.0) -> tuple[Action, ...]:
        """Return the table's controls that bring the leading tip towards `row` and the middle column."""
        shape = self.leading()
        if self.seen.beam == "off" or not len(shape):
            return self.hold(table_along=0.0, table_across=0.0)
        scale = self.seen.mm_per_pixel / 1000.0
        up = (row - shape[-1, 1]) * scale * 3.0
        left = (shape[-1, 0] - MIDDLE) * scale * 2.0
        quiet = abs(row - shape[-1, 1]) < 25.0
        aside = abs(shape[-1, 0] - MIDDLE) < 90.0
        return self.hold(
            table_along=0.0 if quiet else _stepped(up, 0.15), table_across=0.0 if aside else _stepped(left, 0.1)
        )

    def move(self, device: str, speed: float, stop: Callable[[], bool], most_s: float = 30.0) -> Doing[bool]:
        """Push or pull until `stop` says so, the view following; return False when it took longer than `most_s`.

        device: `wire`, `catheter`, or `both` of them as one.
        """
        names = [f"{name}_push" for name in (("wire", "catheter") if device == "both" else (device,))]
        yield from self.let(**dict.fromkeys(names, speed))
        ok, sought = False, 0
        for _ in range(round(most_s / TICK_S)):
            if stop():
                ok = True
                break
            lost = self.lost(device)
            sought = sought + 1 if lost else 0
            search = self.searching(speed, sought) if lost else self.follow()
            yield from self.tick(*self.hold(**dict.fromkeys(names, 0.0 if lost else speed)), *search)
        yield from self.let(**dict.fromkeys(names, 0.0), table_along=0.0, table_across=0.0)
        return ok

    def lost(self, device: str) -> bool:
        """Tell whether the leading tip has left the running picture, so that the hand has to stop."""
        free = self.seen.wire_mm > self.seen.catheter_mm if device == "wire" else True
        return self.watches and self.seen.beam != "off" and free and not len(self.leading())

    def searching(self, speed: float, sought: int) -> tuple[Action, ...]:
        """Return the table's controls that look for a tip which left the picture while it moved at `speed`.

        sought: ticks of looking so far; it goes on the way that the hand moved, and then to and fro, farther each time.
        """
        back = math.log2(1.0 + sought / SEARCH_TICKS) % 2.0 >= 1.0
        return self.hold(table_along=math.copysign(0.1, -speed if back else speed), table_across=0.0)

    def turn(self, device: str, angle: float) -> Doing[None]:
        """Turn a device by `angle` [rad]."""
        speed = math.copysign(self.style.twist, angle)
        control = {f"{device}_twist": speed}
        yield from self.let(**control)
        for _ in range(max(1, round(abs(angle) / self.style.twist / TICK_S))):
            yield from self.tick(*self.follow())
        control = {f"{device}_twist": 0.0}
        yield from self.let(**control, table_along=0.0, table_across=0.0)

    def swing(self, lao_deg: float) -> Doing[None]:
        """Turn the C-arm to an angle."""
        away = lao_deg - self.seen.lao_deg
        yield from self.let(carm_lao=math.copysign(0.3, away))
        while (lao_deg - self.seen.lao_deg) * away > 0.0:
            yield from self.tick()
        yield from self.let(carm_lao=0.0)

    def view_to(self, across: float | None, height: float) -> Doing[None]:
        """Move the table until the middle of the picture stands at a height [mm] (and across, where given)."""
        for _ in range(600):
            yield from self.tick(*self.towards(across, height))
            if not (self._held.get("table_along") or self._held.get("table_across")):
                break
        yield from self.let(table_along=0.0, table_across=0.0)

    def towards(self, across: float | None, height: float) -> tuple[Action, ...]:
        """Return the table's controls that bring the middle of the picture to a height [mm] (and across)."""
        up = height - self.seen.view_mm[0]
        turn = math.cos(math.radians(self.seen.lao_deg))
        left = 0.0 if across is None else (across / turn - self.seen.view_mm[1])
        return self.hold(
            table_along=0.0 if abs(up) < 3.0 else _stepped(up / 300.0, 0.15),
            table_across=0.0 if abs(left) < 3.0 else _stepped(left / 300.0, 0.1),
        )


def _stepped(speed: float, most: float) -> float:
    """Return `speed` in steps of 1 cm/s, so that a bot does not send an action every tick."""
    return float(np.clip(np.round(speed * 100.0) / 100.0, -most, most))

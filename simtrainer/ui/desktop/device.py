"""What a hand holds: from keys, pointer and gamepad to actions; what is not in the binding table does nothing.

A device is polled once for every tick and sees an `InputFrame`, so it knows no toolkit and no clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from simtrainer.core.action import Action
from simtrainer.ui.desktop.binding import (
    AxisRow,
    BindingTable,
    CommandRow,
    HoldRow,
    LevelRow,
    Profile,
    TapRow,
    for_hands,
)

FINE = 0.25
"""Share of the speed while a fine key (shift) is held. because: design"""
DEAD = 0.12
"""Deflection of a stick below which it rests. because: design; sticks rest within some 10 %"""
SMOOTH_S = 0.06
"""Time over which the movement of a pointer becomes a speed. because: design, four frames of the screen"""
TRIGGER = 0.5
"""Deflection from which a trigger counts as pressed. because: design"""
WHEEL_PIXELS = 12.0
"""Pixels of drag that one notch of a wheel stands for. because: design"""


@dataclass(frozen=True, slots=True)
class InputFrame:
    """What the hands did since the last look.

    Parameters
    ----------
    down, struck
        Names of the keys that are held, and of those that went down since the last look.
    shift
        Whether a shift key is held.
    drag
        Movement [pixels] of the pointer with its button held: right, down.
    wheel
        Notches of the wheel, or two fingers on a trackpad: right, up.
    axes, pad_down, pad_struck
        Deflections of the gamepad (-1 to 1, triggers 0 to 1), its buttons that are held and that went down.
    clicks
        Places [pixels] where the pointer was clicked.
    typed
        Text that was typed.
    quit
        Whether the window was to be closed.
    """

    down: frozenset[str] = frozenset()
    struck: tuple[str, ...] = ()
    shift: bool = False
    drag: tuple[float, float] = (0.0, 0.0)
    wheel: tuple[float, float] = (0.0, 0.0)
    axes: Mapping[str, float] = field(default_factory=dict)
    pad_down: frozenset[str] = frozenset()
    pad_struck: tuple[str, ...] = ()
    clicks: tuple[tuple[int, int], ...] = ()
    typed: str = ""
    quit: bool = False

    def later(self) -> InputFrame:
        """Return what of it still holds in the next tick: what is held, without what happened once."""
        return replace(self, struck=(), pad_struck=(), drag=(0.0, 0.0), wheel=(0.0, 0.0), clicks=(), typed="")


def merged(first: InputFrame, second: InputFrame) -> InputFrame:
    """Return two frames as one, for a tick that comes after both: what is held now, and all that happened once."""
    return replace(
        second,
        struck=(*first.struck, *second.struck),
        drag=(first.drag[0] + second.drag[0], first.drag[1] + second.drag[1]),
        wheel=(first.wheel[0] + second.wheel[0], first.wheel[1] + second.wheel[1]),
        pad_struck=(*first.pad_struck, *second.pad_struck),
        clicks=(*first.clicks, *second.clicks),
        typed=first.typed + second.typed,
    )


class InputDevice(Protocol):
    """A hand, or what stands for one."""

    @property
    def name(self) -> str:
        """What the attempt records as its input device."""
        ...

    def poll(self, frame: InputFrame, tick: int) -> tuple[Action, ...]:
        """Return the actions of `tick`."""
        ...

    def set_force(self, share: float) -> None:
        """Let the hand feel a force, as a share of the limit."""
        ...


Rumble: TypeAlias = Callable[[float], None]
"""Shakes what can shake, with a strength from 0 to 1, until told otherwise."""


class ScriptDevice:
    """Actions by tick, written beforehand."""

    def __init__(self, actions: Mapping[int, tuple[Action, ...]], name: str = "script") -> None:
        """Play `actions`."""
        self._actions = actions
        self.name = name

    def poll(self, frame: InputFrame, tick: int) -> tuple[Action, ...]:
        """Return the actions of `tick`; the hands of a person do nothing."""
        return self._actions.get(tick, ())

    def set_force(self, share: float) -> None:
        """Feel nothing."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which parts of a frame a device listens to."""

    keys: bool = True
    pointer: bool = True
    pad: bool = False


class HandDevice:
    """Keyboard, pointer and gamepad through one binding table.

    Parameters
    ----------
    tick_hz
        Ticks in a second, by which ramps and speeds are made.
    reach
        What is listened to.
    """

    def __init__(
        self,
        table: BindingTable,
        tick_hz: int,
        *,
        profile: Profile = Profile.MOUSE,
        reach: Reach | None = None,
        rumble: Rumble | None = None,
    ) -> None:
        """Hold `table`; nothing moves yet."""
        self.table = table
        self._rows = for_hands(table)
        self._has_wheel = _wheel_of(table)
        self.profile = profile
        self.hand = table.hands[0] if table.hands else ""
        self._reach = reach or Reach()
        self._dt = 1.0 / tick_hz
        self._rumble = rumble
        self._ramp: dict[str, float] = {}
        self._drift: dict[str, float] = {}
        self._sent: dict[str, float | str] = {}
        self._pressed: list[str] = []
        self._latched: set[str] = set()
        self._levels = {row.id: row.start for row in table.rows if isinstance(row, LevelRow)}

    @property
    def name(self) -> str:
        """`gamepad`, `trackpad` or `keyboard_mouse`."""
        if self._reach.pad:
            return "gamepad"
        return "trackpad" if self.profile is Profile.TRACKPAD else "keyboard_mouse"

    def commands(self, frame: InputFrame) -> tuple[str, ...]:
        """Return what the window is told in this frame; the choice of the hand is taken here as well."""
        said = tuple(
            row.command
            for row in self.table.rows
            if isinstance(row, CommandRow)
            and (any(key in frame.struck for key in row.keys) or (row.pad and row.pad in frame.pad_struck))
        )
        if "hand" in said and self.table.hands:
            hands = self.table.hands
            self.hand = hands[(hands.index(self.hand) + 1) % len(hands)]
        return said

    def poll(self, frame: InputFrame, tick: int) -> tuple[Action, ...]:
        """Return the actions of `tick`."""
        if not self._reach.keys:
            frame = replace(frame, down=frozenset(), struck=())
        actions: list[Action] = []
        for row in self._rows:
            if isinstance(row, AxisRow):
                drifted = bool(self._drift.get(row.id))  # a drag is followed exactly, a resting stick is not
                value = self._axis(row, frame)
                self._send(actions, row.control, value, 0.0 if drifted or self._drift.get(row.id) else row.full)
            elif isinstance(row, TapRow):
                if row.hand in ("", self.hand) and self._struck(row.keys, row.pad, frame):
                    actions.append(Action(row.control, row.value))
                    self._open(row.opens)
            elif isinstance(row, LevelRow):
                self._level(actions, row, frame)
        self._holds(actions, frame)
        return tuple(actions)

    def rebind(self, table: BindingTable) -> None:
        """Hold another table of the same rows; whoever lets it happen has let go of everything before."""
        self.table = table
        self._rows, self._has_wheel = for_hands(table), _wheel_of(table)
        self._pressed, self._latched = [], set()

    def release(self) -> tuple[Action, ...]:
        """Return the actions that let go of everything held, for a pause or the end."""
        rest = {row.control: row.rest for row in self._rows if isinstance(row, HoldRow)}
        rest |= {row.control: 0.0 for row in self._rows if isinstance(row, AxisRow)}
        held = [name for name, value in self._sent.items() if value != rest.get(name, value)]
        self._pressed, self._latched = [], set()
        self._ramp, self._drift = {}, {}
        for name in held:
            self._sent[name] = rest[name]
        return tuple(Action(name, rest[name]) for name in held)

    def set_force(self, share: float) -> None:
        """Shake the gamepad from 70 % of the limit on."""
        if self._rumble is not None:
            self._rumble(min(max((share - 0.7) / 0.6, 0.0), 1.0))

    def _axis(self, row: AxisRow, frame: InputFrame) -> float:
        wanted = float(any(key in frame.down for key in row.plus)) - float(any(key in frame.down for key in row.minus))
        if self._reach.pad:
            wanted += float(row.pad_plus in frame.pad_down) - float(row.pad_minus in frame.pad_down)
        fine = FINE if frame.shift and wanted else 1.0
        ramp = self._ramped(row, min(max(wanted, -1.0), 1.0) * fine)
        return (ramp + self._stick(row, frame)) * row.full + self._dragged(row, frame)

    def _ramped(self, row: AxisRow, wanted: float) -> float:
        """Let a key's speed rise over `ramp_s`, and stop at once: a hand that lets go lets go."""
        before = self._ramp.get(row.id, 0.0)
        if wanted == 0.0 or row.ramp_s == 0.0 or wanted * before < 0.0:
            now = wanted if row.ramp_s == 0.0 else 0.0
        else:
            now = math.copysign(min(abs(wanted), abs(before) + self._dt / row.ramp_s), wanted)
        if wanted != 0.0 and now == 0.0:
            now = math.copysign(min(abs(wanted), self._dt / row.ramp_s), wanted)
        self._ramp[row.id] = now
        return now

    def _stick(self, row: AxisRow, frame: InputFrame) -> float:
        if not (self._reach.pad and row.pad):
            return 0.0
        value = frame.axes.get(row.pad.lstrip("-"), 0.0) * (-1.0 if row.pad.startswith("-") else 1.0)
        if abs(value) < DEAD:
            return 0.0
        share = (abs(value) - DEAD) / (1.0 - DEAD)
        return math.copysign(share**2, value)  # squared: fine near the middle

    def _dragged(self, row: AxisRow, frame: InputFrame) -> float:
        if row.drag is None or not self._reach.pointer:
            return 0.0
        pixels = self._pixels(row.drag.axis, frame) if row.hand == self.hand else 0.0
        owed = self._drift.get(row.id, 0.0) + pixels * row.drag.per_pixel * (FINE if self._is_fine(frame) else 1.0)
        if abs(owed) < 1e-6 * abs(row.drag.per_pixel):
            self._drift[row.id] = 0.0
            return 0.0
        paid = owed * min(1.0, self._dt / SMOOTH_S)
        if abs(owed) < 0.05 * abs(row.drag.per_pixel):
            paid = owed  # the rest of a movement is paid at once, so that it ends
        speed = min(max(paid / self._dt, -row.full), row.full)
        self._drift[row.id] = owed - speed * self._dt
        return speed

    def _pixels(self, axis: str, frame: InputFrame) -> float:
        """Return the pixels that count for a push (`y`) or a twist (`x`) in this profile, or for a wheel of its own."""
        if self._has_wheel:
            return {"x": frame.drag[0], "y": frame.drag[1], "wheel": -frame.wheel[1] * WHEEL_PIXELS}[axis]
        if self.profile is Profile.TRACKPAD:
            if axis == "y":
                return 0.0 if frame.shift else frame.drag[1]
            return (frame.drag[0] if frame.shift else 0.0) + (frame.wheel[0] + frame.wheel[1]) * WHEEL_PIXELS
        return frame.drag[1] - frame.wheel[1] * WHEEL_PIXELS if axis == "y" else frame.drag[0]

    def _is_fine(self, frame: InputFrame) -> bool:
        return frame.shift and self.profile is Profile.MOUSE

    def _struck(self, keys: tuple[str, ...], pad: str, frame: InputFrame) -> bool:
        return any(key in frame.struck for key in keys) or (self._reach.pad and bool(pad) and pad in frame.pad_struck)

    def _level(self, actions: list[Action], row: LevelRow, frame: InputFrame) -> None:
        steps = sum(key in frame.struck for key in row.plus) - sum(key in frame.struck for key in row.minus)
        if steps:
            value = min(max(self._levels[row.id] + steps * row.step, row.step), row.start)
            self._levels[row.id] = value
            actions.append(Action(row.control, value))

    def _holds(self, actions: list[Action], frame: InputFrame) -> None:
        """Send, for each held control, the value of the row that was pressed last, or its rest."""
        rests: dict[str, float | str] = {}
        values: dict[str, float | str] = {}
        for row in self._rows:
            if isinstance(row, HoldRow):
                rests.setdefault(row.control, row.rest)
                self._press(row, frame)
        by_id = {row.id: row for row in self._rows}
        for name in self._pressed:
            row = by_id[name]
            if isinstance(row, HoldRow):
                values[row.control] = row.value
        for control, rest in rests.items():
            self._send(actions, control, values.get(control, rest), 0.0)

    def _press(self, row: HoldRow, frame: InputFrame) -> None:
        is_meant = row.hand in ("", self.hand)
        if row.latch:
            if is_meant and self._struck(row.keys, row.pad, frame):
                self._latched.symmetric_difference_update({row.id})
            active = row.id in self._latched
        else:
            active = is_meant and (any(key in frame.down for key in row.keys) or self._pad_held(row.pad, frame))
        if active and row.id not in self._pressed:
            self._pressed.append(row.id)
        elif not active and row.id in self._pressed:
            self._pressed.remove(row.id)

    def _open(self, control: str) -> None:
        """Let go of what is latched on a control."""
        self._latched -= {row.id for row in self._rows if isinstance(row, HoldRow) and row.control == control}

    def _pad_held(self, pad: str, frame: InputFrame) -> bool:
        if not (self._reach.pad and pad):
            return False
        return pad in frame.pad_down or frame.axes.get(pad, 0.0) > TRIGGER

    def _send(self, actions: list[Action], control: str, value: float | str, full: float) -> None:
        """Add an action where the value differs enough from what was sent last."""
        before = self._sent.get(control)
        if before is None and value in (0.0, "off"):
            self._sent[control] = value
            return
        if isinstance(value, str) or isinstance(before, str) or before is None:
            changed = value != before
        else:
            changed = value != before and (value == 0.0 or abs(value - before) > 0.01 * abs(full))
        if changed:
            self._sent[control] = value
            actions.append(Action(control, value))


def _wheel_of(table: BindingTable) -> bool:
    """Tell whether the wheel moves something of its own."""
    return any(isinstance(row, AxisRow) and row.drag is not None and row.drag.axis == "wheel" for row in table.rows)

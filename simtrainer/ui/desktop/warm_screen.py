"""The warm-up: the controls move two bars and tick off tasks; no session runs and nothing is scored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pygame

from simtrainer.core.action import Action
from simtrainer.ui.desktop.canvas import Canvas, Shape, Size
from simtrainer.ui.desktop.desk import Desk, Screen
from simtrainer.ui.desktop.device import HandDevice, InputFrame, Reach
from simtrainer.ui.desktop.help import key_word
from simtrainer.ui.desktop.help_page import HelpPage
from simtrainer.ui.desktop.menu import Choice, Menu
from simtrainer.ui.desktop.overlay import draw_captions
from simtrainer.ui.workplace import Task, Workplace, said

HZ = 60
MARK_M = 0.10
"""Where the marks stand [m]. because: design, two strokes of the hand"""
LONGEST_M = 0.16
NEAR_M = 0.004
"""How near the mark counts [m]. because: design"""


@dataclass(frozen=True, slots=True)
class WarmState:
    """Where the bars are [m], how far they were turned [rad], what is held, and what was found."""

    held: dict[str, float | str] = field(default_factory=dict)
    at: Mapping[str, float] = field(default_factory=dict)
    turned: Mapping[str, float] = field(default_factory=dict)
    found: frozenset[str] = frozenset()


def warmed(state: WarmState, actions: Sequence[Action], dt: float, place: Workplace) -> WarmState:
    """Return the state after `dt` [s] with `actions` at its beginning."""
    held = {**state.held, **{action.control: action.value for action in actions}}

    def speed(name: str) -> float:
        value = held.get(name, 0.0)
        return value if isinstance(value, float | int) else 0.0

    at = {
        t.control: min(max(state.at.get(t.control, 0.0) + speed(t.control) * dt, 0.0), LONGEST_M) for t in place.tracks
    }
    turned = {t.turn: state.turned.get(t.turn, 0.0) + speed(t.turn) * dt for t in place.tracks if t.turn}

    def is_done(task: Task) -> bool:
        if task.does == "reach":
            return abs(at[task.control] - MARK_M) < NEAR_M
        if task.does == "turn":
            return abs(turned[task.control]) >= math.pi
        return any(held[name] not in (0.0, "off", "") for name in held if _is_it(name, task.control))

    found = state.found | {task.id for task in place.tasks if is_done(task)}
    return replace(state, held=held, at=at, turned=turned, found=frozenset(found))


def _is_it(name: str, control: str) -> bool:
    """Tell whether a control is the one that is meant; `*` stands for any hand."""
    return name.endswith(control[1:]) if control.startswith("*") else name == control


class WarmScreen:
    """Shows the bars and the tasks, and goes back to `after`."""

    def __init__(self, desk: Desk, after: Screen) -> None:
        """Begin with nothing found."""
        self.desk = desk
        self.state = WarmState()
        self._after = after
        self._menu = Menu()
        self._help = HelpPage(desk)
        self._device = HandDevice(
            desk.table, HZ, profile=desk.own.profile, reach=Reach(pad=bool(desk.pad_name)), rumble=desk.rumble
        )

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Take one frame."""
        if self._help.is_open:
            self._help.frame(seen, commands, now)
            if self._device.table is not self.desk.table:
                self._device.rebind(self.desk.table)
            return self
        self._device.commands(seen)
        if "help" in commands:
            self._help.open()
        elif "pause" in commands or "finish" in commands:
            return self._after
        clicked = self._menu.pressed(
            InputFrame(clicks=seen.clicks, struck=tuple(k for k in seen.struck if k == "return"))
        )
        if clicked == "leave":
            return self._after
        actions = self._device.poll(seen, 0)
        self.state = warmed(self.state, actions, 1.0 / HZ, self.desk.place)
        if "hand" in commands:
            what = self.desk.hand(self._device.hand)
            self.desk.caption(self.desk.say("hand.now", what=what), now)
        return self

    def draw(self, canvas: Canvas, now: float) -> None:
        """Paint bars and tasks."""
        canvas.clear()
        width, height = canvas.size
        em, say, state = canvas.em, self.desk.say, self.state
        canvas.text((em, em), say("warm.title"), Size.LARGE, bold=True, width=width - 2 * em)
        top = 4 * em
        track = pygame.Rect(em, top, round(0.55 * width), round(3.2 * em))
        tracks, tasks = self.desk.place.tracks, self.desk.place.tasks
        for number, item in enumerate(tracks):
            turned = state.turned.get(item.turn, 0.0) if item.turn else None
            bar, name = track.move(0, number * round(5.6 * em)), said(item.label, self.desk.language)
            self._track(canvas, bar, name, state.at.get(item.control, 0.0), turned=turned)
        y = top
        x = track.right + 3 * em
        for task in tasks:
            done = task.id in state.found
            colour = canvas.palette.good if done else canvas.palette.ink
            canvas.shape((x, y + round(0.7 * em)), Shape.TICK if done else Shape.RING, colour)
            bottom = canvas.paragraph(
                (x + em, y), said(task.text, self.desk.language), width - x - 2 * em, colour=colour
            )
            canvas.text((x + em, bottom), self._keys(task), Size.SMALL, colour=canvas.palette.care, bold=True)
            y = bottom + round(1.9 * em)
        if len(state.found) == len(tasks):
            canvas.paragraph((em, top + 12 * em), say("warm.done"), track.width, colour=canvas.palette.good, bold=True)
        area = pygame.Rect(em, height - round(3.6 * em), width - 2 * em, 3 * em)
        self._menu.row(canvas, area, (Choice("leave", say("warm.leave")),))
        if self._help.is_open:
            self._help.draw(canvas)
        draw_captions(self.desk, canvas, pygame.Rect(0, 0, width, area.y), now)

    def _keys(self, task: Task) -> str:
        row = next(row for row in self.desk.table.rows if row.id == task.row)
        keys: tuple[str, ...] = getattr(row, "keys", ()) or (*getattr(row, "plus", ()), *getattr(row, "minus", ()))
        words = "  ".join(key_word(key, self.desk.language) for key in keys)
        pads = str(getattr(row, "pad", "") or getattr(row, "pad_plus", "")).lstrip("-").replace("_", " ")
        return f"{words}   {pads}" if self.desk.pad_name and pads else words

    def _track(self, canvas: Canvas, rect: pygame.Rect, name: str, at: float, *, turned: float | None) -> None:
        palette = canvas.palette
        canvas.text((rect.x, rect.y - 2), name, bold=True)
        bar = pygame.Rect(rect.x, rect.y + round(1.6 * canvas.em), rect.width, round(1.1 * canvas.em))
        pygame.draw.rect(canvas.surface, palette.raised, bar, border_radius=4)
        tip = bar.x + round(bar.width * at / LONGEST_M)
        pygame.draw.rect(canvas.surface, palette.main, (bar.x, bar.y, max(tip - bar.x, 3), bar.height), border_radius=4)
        mark = bar.x + round(bar.width * MARK_M / LONGEST_M)
        pygame.draw.line(canvas.surface, palette.care, (mark, bar.y - 7), (mark, bar.bottom + 7), 3)
        if turned is not None:
            centre = (rect.right - canvas.em, rect.y + canvas.em // 2)
            radius = round(0.9 * canvas.em)
            pygame.draw.circle(canvas.surface, palette.soft, centre, radius, 2)
            end = (centre[0] + round(radius * math.sin(turned)), centre[1] - round(radius * math.cos(turned)))
            pygame.draw.line(canvas.surface, palette.ink, centre, end, 3)

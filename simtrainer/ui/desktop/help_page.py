"""The page of F1: what every key does, and the dialog that gives it to another key."""

from __future__ import annotations

import pygame

from simtrainer.core.error import InputError
from simtrainer.ui.desktop.binding import Own
from simtrainer.ui.desktop.canvas import Canvas, Size
from simtrainer.ui.desktop.desk import Desk
from simtrainer.ui.desktop.device import InputFrame
from simtrainer.ui.desktop.help import key_word
from simtrainer.ui.desktop.menu import Menu
from simtrainer.ui.desktop.overlay import columns, fitting
from simtrainer.ui.desktop.rebinding import (
    PAD_RESERVED,
    RESERVED,
    Cell,
    as_shipped,
    button_given,
    button_in,
    cells_of,
    given,
    keys_in,
    other_hand,
    owner_of,
    owner_of_button,
)  # fmt: skip
from simtrainer.ui.monitor.level import Level

BUTTONS = ("left_handed", "shipped", "quieter", "louder", "close")
COLUMNS = 3


class HelpPage:
    """Shows the binding table before everything else, and changes it; whoever shows it asks `frame` whether it goes."""

    def __init__(self, desk: Desk) -> None:
        """Begin closed."""
        self.desk = desk
        self.is_open = False
        self._asked: tuple[Cell, ...] = ()
        self.menu = Menu()

    def open(self) -> None:
        """Show it."""
        self.is_open = True
        self.menu.focus, self._asked = BUTTONS[-1], ()

    def close(self) -> None:
        """Put it away; a key that was asked for stays as it is."""
        self.is_open = False
        self._ask(())

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> None:
        """Take one frame while it is open."""
        if self._asked:
            self._take(seen, now)
            return
        if "help" in commands or "pause" in commands:
            self.close()
            return
        chosen = self.menu.pressed(seen)
        if chosen == "close":
            self.close()
        elif chosen in BUTTONS:
            self._press(chosen, now)
        elif chosen:
            row = next(row for row in self.desk.table.rows if row.id == chosen)
            self._ask(cells_of(row))

    def draw(self, canvas: Canvas) -> None:
        """Paint it, in as many columns as fit."""
        canvas.clear()
        desk, say, em = self.desk, self.desk.say, canvas.em
        width, height = canvas.size
        title = say("help.title")
        canvas.text((em, em // 2), title, Size.TITLE, bold=True)
        if desk.pad_name:
            pad = say("help.pad", name=desk.pad_name)
            canvas.text_right((width - em, em), pad, Size.SMALL, colour=canvas.palette.soft)
        else:
            x = 2 * em + canvas.width(title, Size.TITLE, bold=True)
            foot = say("help.foot")
            canvas.paragraph((x, em // 3), foot, width - x - em, size=Size.SMALL, colour=canvas.palette.soft)
        button = round(2.0 * em)
        area = pygame.Rect(em, round(2.7 * em), width - 2 * em, height - round(3.4 * em) - button)
        size = fitting(canvas, desk.helped, area.height)
        focus = self._asked[0].row if self._asked else self.menu.focus
        shown = columns(canvas, desk.helped, area, size=size, pad=bool(desk.pad_name), count=COLUMNS, focus=focus)
        known = {row.id for row in desk.table.rows}
        self.menu.rects = {name: rect for name, rect in shown.items() if name in known}
        self._draw_foot(canvas, pygame.Rect(em, height - button - em // 2, width - 2 * em, button))

    def _draw_foot(self, canvas: Canvas, area: pygame.Rect) -> None:
        if self._asked:
            canvas.panel(area, canvas.palette.raised)
            text = self._question()
            canvas.text(
                (area.x + canvas.em // 2, area.y + canvas.em // 3), text, bold=True, colour=canvas.palette.care,
                width=area.width - canvas.em,
            )  # fmt: skip
            return
        x = area.x
        for name in BUTTONS:
            text = self._label(name)
            place = pygame.Rect(x, area.y, canvas.width(text, bold=True) + round(1.4 * canvas.em), area.height)
            canvas.button(place, text, focused=name == self.menu.focus)
            self.menu.rects[name] = place
            x = place.right + round(0.7 * canvas.em)

    def _label(self, name: str) -> str:
        desk = self.desk
        if name == "left_handed":
            return desk.say("help.is_left" if desk.own.left_handed else "help.is_right")
        if name == "louder":
            return desk.say("help.louder", percent=f"{100 * desk.speaker.volume:.0f}")
        return desk.say(f"help.{name}")

    def _question(self) -> str:
        cell = self._asked[0]
        row = next(row for row in self.desk.table.rows if row.id == cell.row)
        group = self.desk.table.groups[row.group]
        language = self.desk.language
        does = f"{group.get(language) or group['en']}: {row.does.get(language) or row.does['en']}"
        which = {"plus": "help.first", "minus": "help.second"}.get(cell.field)
        what = f"{does} ({self.desk.say(which)})" if which else does
        has = [key_word(key, language) for key in keys_in(self.desk.table, cell)]
        button = button_in(self.desk.table, cell).lstrip("-").replace("_", " ")
        keys = ", ".join([*has, button] if button and self.desk.pad_name else has) or "–"
        return self.desk.say("help.ask", what=what, keys=keys)

    def _press(self, name: str, now: float) -> None:
        own = self.desk.own
        if name in ("quieter", "louder"):
            self.desk.general(name, now)
        elif name == "left_handed":
            self._change(other_hand(self.desk.base or self.desk.table, own), "", now)
        else:
            self._change(as_shipped(own), self.desk.say("help.are_shipped"), now)

    def _ask(self, cells: tuple[Cell, ...]) -> None:
        self._asked = cells
        self.desk.capturing = bool(cells)

    def _take(self, seen: InputFrame, now: float) -> None:
        """Give the key or button that was struck to what was asked for; Escape and B leave it as it is."""
        if not seen.struck and not seen.pad_struck:
            return
        desk, cell, rest = self.desk, self._asked[0], self._asked[1:]
        struck = seen.struck[0] if seen.struck else seen.pad_struck[0]
        if seen.struck and struck not in RESERVED:
            said = self._swapped(cell, owner_of(desk.table, struck), key_word(struck, desk.language))
            self._change(given(desk.table, desk.own, cell, struck), said, now)
        elif not seen.struck and struck not in PAD_RESERVED:
            other, word = owner_of_button(desk.table, struck), struck.replace("_", " ")
            try:
                own = button_given(desk.table, desk.own, cell, struck)
            except InputError as error:
                desk.caption(str(error), now, Level.CARE)
            else:
                self._change(own, self._swapped(cell, other, word), now)
                if other is not None and other != cell and not button_in(desk.table, other):
                    desk.caption(desk.say("help.bare", what=self._does(other)), now, Level.CARE)
        self._ask(rest)

    def _swapped(self, cell: Cell, other: Cell | None, key: str) -> str:
        """Return the sentence that tells whose key it was; empty where it was nobody's."""
        if other is None or other == cell:
            return ""
        return self.desk.say("help.swapped", key=key, what=self._does(other))

    def _does(self, cell: Cell) -> str:
        row = next(row for row in self.desk.table.rows if row.id == cell.row)
        return row.does.get(self.desk.language) or row.does["en"]

    def _change(self, own: Own, said: str, now: float) -> None:
        """Let `own` be in force and keep it, and say what came of it."""
        desk = self.desk
        try:
            desk.rebind(own)
        except InputError as error:
            desk.caption(str(error), now, Level.CARE)
            return
        if said:
            desk.caption(said, now)
        desk.keep(now)

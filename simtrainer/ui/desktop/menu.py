"""Buttons that pointer, keyboard and gamepad press alike, in the order in which they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pygame

from simtrainer.ui.desktop.canvas import Canvas
from simtrainer.ui.desktop.device import InputFrame

_NEXT, _BACK = ("tab", "down", "right"), ("up", "left")
_PRESS = ("return", "enter", "space")


@dataclass(frozen=True, slots=True)
class Choice:
    """One button."""

    id: str
    text: str
    enabled: bool = True


@dataclass(slots=True)
class Menu:
    """Which button has the focus, and where they were drawn last.

    Parameters
    ----------
    rects
        Place of each button by name; `row` fills it, or whoever draws buttons of his own.
    """

    focus: str = ""
    rects: dict[str, pygame.Rect] = field(default_factory=dict)

    def row(self, canvas: Canvas, rect: pygame.Rect, choices: tuple[Choice, ...]) -> None:
        """Draw the buttons side by side in `rect`, each as wide as its words ask for; too many go on below."""
        self.rects = {}
        if self.focus not in [choice.id for choice in choices if choice.enabled]:
            self.focus = next((choice.id for choice in choices if choice.enabled), "")
        x, y = rect.x, rect.y
        height = max(44, round(2.4 * canvas.em))  # 44 pixels. because: WCAG 2.2, 2.5.5
        for choice in choices:
            width = canvas.width(choice.text, bold=True) + 2 * canvas.em
            if x + width > rect.right and x > rect.x:
                x, y = rect.x, y + height + canvas.em // 2
            place = pygame.Rect(x, y, width, height)
            canvas.button(place, choice.text, focused=choice.id == self.focus, enabled=choice.enabled)
            if choice.enabled:
                self.rects[choice.id] = place
            x += width + canvas.em

    def pressed(self, frame: InputFrame) -> str:
        """Return the button that was pressed, empty for none; moves the focus."""
        for click in frame.clicks:
            for name, rect in self.rects.items():
                if rect.collidepoint(click):
                    self.focus = name
                    return name
        names = list(self.rects)
        if not names:
            return ""
        turn = sum(key in _NEXT for key in frame.struck) - sum(key in _BACK for key in frame.struck)
        turn += sum(p in ("dpad_right", "dpad_down") for p in frame.pad_struck)
        turn -= sum(p in ("dpad_left", "dpad_up") for p in frame.pad_struck)
        at = names.index(self.focus) if self.focus in names else 0
        self.focus = names[(at + turn) % len(names)]
        return self.focus if any(k in _PRESS for k in frame.struck) or "a" in frame.pad_struck else ""

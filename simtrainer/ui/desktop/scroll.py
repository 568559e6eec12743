"""Text that is longer than its place: how far it is turned on, and that there is more."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from simtrainer.ui.desktop.canvas import Canvas, Size
from simtrainer.ui.desktop.device import InputFrame


@dataclass(slots=True)
class Scroll:
    """How far a text is turned on, `at` [pixels], and by how much at most, `over`."""

    at: int = 0
    over: int = 0

    def turn(self, seen: InputFrame, canvas: Canvas) -> None:
        """Turn by keys, wheel and shoulder buttons."""
        turn = ("page down" in seen.struck) - ("page up" in seen.struck)
        turn += seen.pad_struck.count("right_shoulder") - seen.pad_struck.count("left_shoulder")
        moved = round(turn * 0.5 * canvas.size[1] - 3.0 * canvas.em * seen.wheel[1])
        self.at = min(max(self.at + moved, 0), self.over)

    def fit(self, over: int) -> None:
        """Take in by how much [pixels] the longest text exceeds its place."""
        self.over = max(over, 0)
        self.at = min(self.at, self.over)

    def hint(self, canvas: Canvas, corner: tuple[int, int], text: str) -> None:
        """Say that there is more, with the lower right corner at `corner`; nothing at the end of the text."""
        if self.over <= self.at:
            return
        em = canvas.em
        width = canvas.width(text, Size.SMALL, bold=True) + em
        box = pygame.Rect(corner[0] - width, corner[1] - round(1.5 * em), width, round(1.5 * em))
        canvas.panel(box, canvas.palette.raised)
        canvas.text((box.x + em // 2, box.y + em // 6), text, Size.SMALL, bold=True, colour=canvas.palette.care)

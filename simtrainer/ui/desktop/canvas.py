"""Draws text, panels, bars and shapes on a pygame surface, at the text size and in the colours that are in force."""

from __future__ import annotations

from enum import Enum

import numpy as np
import pygame
from numpy.typing import NDArray

from simtrainer.ui.desktop.palette import DARK, Colour, Palette
from simtrainer.ui.monitor.level import Level

BASE_PX = 16
"""Height of plain text at 100 % [pixels]. because: the size of plain text on web pages, at which 4.5:1 is enough"""
_FAMILIES = "dejavusans,notosans,segoeui,helveticaneue,arial,liberationsans"


class Size(Enum):
    """Sizes of text as shares of plain text."""

    SMALL = 0.85
    PLAIN = 1.0
    LARGE = 1.3
    TITLE = 1.65
    HUGE = 3.2


class Shape(Enum):
    """Small signs that say the same as a colour."""

    TICK = "tick"
    CROSS = "cross"
    RING = "ring"
    ARROW = "arrow"
    DOT = "dot"
    CLOCK = "clock"


class Canvas:
    """A surface with a text size and a palette."""

    def __init__(self, surface: pygame.Surface, scale: float = 1.0, palette: Palette = DARK) -> None:
        """Draw on `surface` with text at `scale` (1.5 for 150 %)."""
        self.surface = surface
        self.palette = palette
        self._fonts: dict[tuple[float, bool], pygame.font.Font] = {}
        self._lines: dict[tuple[str, Size, bool, int], tuple[str, ...]] = {}
        self._pictures: dict[tuple[int, int, int, int], tuple[NDArray[np.uint8], pygame.Surface]] = {}
        self.rescale(scale)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [pixels]."""
        return self.surface.get_size()

    def rescale(self, scale: float) -> None:
        """Take another text size."""
        self.scale = scale
        self.em = round(BASE_PX * scale)
        self._fonts.clear()
        self._lines.clear()

    def font(self, size: Size = Size.PLAIN, bold: bool = False) -> pygame.font.Font:
        """Return the font of a size."""
        key = (size.value, bold)
        if key not in self._fonts:
            pixels = round(self.em * size.value)
            found = pygame.font.match_font(_FAMILIES, bold=bold)
            self._fonts[key] = pygame.font.Font(found, pixels)
        return self._fonts[key]

    def line_height(self, size: Size = Size.PLAIN) -> int:
        """Return the distance [pixels] between lines."""
        return round(self.em * size.value * 1.35)

    def clear(self) -> None:
        """Paint the page."""
        self.surface.fill(self.palette.page)

    def text(
        self,
        place: tuple[int, int],
        text: str,
        size: Size = Size.PLAIN,
        *,
        colour: Colour | None = None,
        bold: bool = False,
        width: int = 0,
    ) -> pygame.Rect:
        """Write one line with its upper left corner at `place`; cut with `…` where it is wider than `width`."""
        font = self.font(size, bold)
        if width and font.size(text)[0] > width:
            while text and font.size(text + "…")[0] > width:
                text = text[:-1]
            text = text.rstrip() + "…"
        drawn = font.render(text, True, colour or self.palette.ink)
        return self.surface.blit(drawn, place)

    def text_right(
        self, place: tuple[int, int], text: str, size: Size = Size.PLAIN, *, colour: Colour | None = None,
        bold: bool = False,
    ) -> pygame.Rect:  # fmt: skip
        """Write one line with its upper right corner at `place`."""
        return self.text((place[0] - self.width(text, size, bold), place[1]), text, size, colour=colour, bold=bold)

    def width(self, text: str, size: Size = Size.PLAIN, bold: bool = False) -> int:
        """Return how wide a line is [pixels]."""
        return int(self.font(size, bold).size(text)[0])

    def lines(self, text: str, width: int, size: Size = Size.PLAIN, bold: bool = False) -> tuple[str, ...]:
        """Return `text` broken into lines of at most `width` [pixels]."""
        key = (text, size, bold, width)
        if key not in self._lines:
            if len(self._lines) > 500:
                self._lines.clear()
            self._lines[key] = tuple(self._broken(text, width, self.font(size, bold)))
        return self._lines[key]

    def paragraph(
        self,
        place: tuple[int, int],
        text: str,
        width: int,
        *,
        size: Size = Size.PLAIN,
        colour: Colour | None = None,
        bold: bool = False,
    ) -> int:
        """Write `text` in lines of at most `width`, and return the height below it."""
        x, y = place
        for line in self.lines(text, width, size, bold):
            self.text((x, y), line, size, colour=colour, bold=bold)
            y += self.line_height(size)
        return y

    def panel(self, rect: pygame.Rect, colour: Colour | None = None) -> None:
        """Paint a panel."""
        pygame.draw.rect(self.surface, colour or self.palette.panel, rect, border_radius=6)
        if self.palette.panel == self.palette.page:
            pygame.draw.rect(self.surface, self.palette.line, rect, 1, border_radius=6)

    def button(self, rect: pygame.Rect, text: str, *, focused: bool, enabled: bool = True) -> None:
        """Paint a button; the focused one has a ring."""
        palette = self.palette
        self.panel(rect, palette.raised)
        colour = palette.ink if enabled else palette.soft
        width = self.width(text, Size.PLAIN, bold=True)
        top = rect.y + (rect.height - self.line_height()) // 2
        self.text((rect.x + (rect.width - width) // 2, top), text, colour=colour, bold=True)
        if focused:
            pygame.draw.rect(self.surface, palette.main, rect.inflate(6, 6), 3, border_radius=8)

    def bar(self, rect: pygame.Rect, share: float, level: Level, *, limit_at: float = 0.0) -> None:
        """Paint a bar filled to `share`, with a line at `limit_at`; an alarming bar is hatched as well."""
        palette = self.palette
        pygame.draw.rect(self.surface, palette.raised, rect, border_radius=4)
        filled = pygame.Rect(rect.x, rect.y, round(rect.width * min(max(share, 0.0), 1.0)), rect.height)
        colour = {Level.CALM: palette.good, Level.CARE: palette.care, Level.ALARM: palette.alarm}[level]
        pygame.draw.rect(self.surface, colour, filled, border_radius=4)
        if level is not Level.CALM:
            step = rect.height if level is Level.CARE else max(rect.height // 2, 4)
            for x in range(filled.x, filled.right - rect.height // 2, step):
                foot = (x, filled.bottom - 1)
                pygame.draw.line(self.surface, palette.page, foot, (x + rect.height // 2, filled.y), 2)
        if limit_at:
            x = rect.x + round(rect.width * limit_at)
            pygame.draw.line(self.surface, palette.ink, (x, rect.y - 4), (x, rect.bottom + 3), 3)

    def shape(self, centre: tuple[int, int], shape: Shape, colour: Colour) -> None:
        """Paint a small sign as high as a letter."""
        x, y = centre
        r = max(4, round(0.34 * self.em))
        pen = max(2, self.em // 8)
        draw, surface = pygame.draw, self.surface
        if shape is Shape.TICK:
            draw.lines(surface, colour, False, [(x - r, y), (x - r // 3, y + r - 1), (x + r, y - r + 1)], pen)
        elif shape is Shape.CROSS:
            draw.line(surface, colour, (x - r + 1, y - r + 1), (x + r - 1, y + r - 1), pen)
            draw.line(surface, colour, (x - r + 1, y + r - 1), (x + r - 1, y - r + 1), pen)
        elif shape is Shape.ARROW:
            draw.polygon(surface, colour, [(x - r + 1, y - r), (x + r, y), (x - r + 1, y + r)])
        elif shape is Shape.CLOCK:
            draw.circle(surface, colour, (x, y), r, max(1, pen - 1))
            draw.lines(surface, colour, False, [(x, y - r + 2), (x, y), (x + r // 2, y)], max(1, pen - 1))
        else:
            draw.circle(surface, colour, (x, y), r, max(1, pen - 1) if shape is Shape.RING else 0)

    def picture(self, rect: pygame.Rect, pixels: NDArray[np.uint8], source: NDArray[np.uint8] | None = None) -> None:
        """Show grey (h, w) or RGB (h, w, 3) pixels in `rect`; scaled once for each `source`, the pixels by default."""
        source = pixels if source is None else source
        place = (rect.x, rect.y, rect.width, rect.height)
        kept = self._pictures.get(place)
        if kept is None or kept[0] is not source:
            if len(self._pictures) > 8:
                self._pictures.clear()
            kept = self._pictures[place] = (source, _scaled(pixels, (rect.width, rect.height)))
        self.surface.blit(kept[1], rect)

    def shade(self, alpha: int = 190) -> None:
        """Darken all that was painted, so that what follows stands before it."""
        veil = pygame.Surface(self.size, pygame.SRCALPHA)
        veil.fill((*self.palette.page, alpha))
        self.surface.blit(veil, (0, 0))

    @staticmethod
    def _broken(text: str, width: int, font: pygame.font.Font) -> list[str]:
        lines = [""]
        for word in text.split(" "):
            tried = f"{lines[-1]} {word}" if lines[-1] else word
            if font.size(tried)[0] <= width or not lines[-1]:
                lines[-1] = tried
            else:
                lines.append(word)
        return lines


def _scaled(pixels: NDArray[np.uint8], size: tuple[int, int]) -> pygame.Surface:
    rgb = np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels
    height, width = rgb.shape[:2]
    image = pygame.image.frombuffer(np.ascontiguousarray(rgb).tobytes(), (width, height), "RGB")
    scaled = image if (width, height) == size else pygame.transform.smoothscale(image, size)
    return scaled.convert()

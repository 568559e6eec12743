"""Colours of the window by role; none of them needs colour vision, and each has a shape or a word beside it."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.ui.monitor.level import Level

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of colours."""

    name: str
    page: Colour
    panel: Colour
    raised: Colour
    line: Colour
    ink: Colour
    soft: Colour
    main: Colour
    good: Colour
    care: Colour
    alarm: Colour

    def of(self, level: Level) -> Colour:
        """Return the colour of a level; calm is plain ink."""
        return {Level.CALM: self.ink, Level.CARE: self.care, Level.ALARM: self.alarm}[level]


DARK = Palette(
    "dark", (16, 19, 23), (27, 32, 38), (45, 53, 62), (74, 85, 97), (236, 239, 242), (170, 180, 190), (107, 184, 236),
    (63, 207, 159), (242, 193, 78), (255, 143, 94),
)  # fmt: skip
"""For a dark room. because: hues after Okabe & Ito 2008, the same as the debrief's dark page; contrast is tested"""
CONTRAST = Palette(
    "contrast", (0, 0, 0), (0, 0, 0), (40, 40, 40), (255, 255, 255), (255, 255, 255), (230, 230, 230), (120, 200, 255),
    (80, 255, 190), (255, 220, 80), (255, 160, 110),
)  # fmt: skip
"""High contrast."""
PALETTES = (DARK, CONTRAST)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1 to 21. Source: WCAG 2.2, relative luminance and contrast ratio."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [c / 255.0 for c in colour]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b

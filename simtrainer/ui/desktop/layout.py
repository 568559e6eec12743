"""Where things stand in the window, from its size and the size of the text."""

from __future__ import annotations

from dataclasses import dataclass

import pygame


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of the window during an attempt; `steps` is empty where no list is shown."""

    top: pygame.Rect
    steps: pygame.Rect
    picture: pygame.Rect
    side: pygame.Rect
    strip: pygame.Rect


def layout_of(size: tuple[int, int], em: int, *, with_steps: bool) -> Layout:
    """Return the layout: the machine's picture as large a square as the height allows, lists left, hands right."""
    width, height = size
    gap = max(6, em // 3)
    top = pygame.Rect(0, 0, width, round(2.1 * em))
    strip = pygame.Rect(gap, height - round(4.1 * em) - gap, width - 2 * gap, round(4.1 * em))
    middle = strip.y - top.bottom - 2 * gap
    least = round(15.5 * em)  # the narrowest column in which a step still reads well
    columns = 2 if with_steps else 1
    side = max(min(middle, width - columns * (least + gap) - 2 * gap), 256)
    rest = width - side - (columns + 2) * gap
    left = min(round(0.46 * rest), round(20 * em)) if with_steps else 0
    y = top.bottom + gap
    steps = pygame.Rect(gap, y, left, middle)
    x = steps.right + gap if with_steps else gap
    picture = pygame.Rect(x, y, side, side)
    beyond = picture.right + gap
    return Layout(top, steps, picture, pygame.Rect(beyond, y, width - beyond - gap, middle), strip)

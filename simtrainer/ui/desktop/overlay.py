"""What lies before other screens: captions, and the keys in columns."""

from __future__ import annotations

import pygame

from simtrainer.ui.desktop.canvas import Canvas, Size
from simtrainer.ui.desktop.desk import Desk
from simtrainer.ui.desktop.help import HelpGroup
from simtrainer.ui.monitor.level import Level


def draw_captions(desk: Desk, canvas: Canvas, area: pygame.Rect, now: float) -> None:
    """Write the captions that stand now at the foot of `area`, the newest lowest."""
    y = area.bottom - canvas.em // 2
    for caption in reversed(desk.captions.at(now).captions):
        bold = caption.level is not Level.CALM
        lines = canvas.lines(caption.text, area.width - 2 * canvas.em, bold=bold)
        height = len(lines) * canvas.line_height() + canvas.em // 2
        y -= height
        if y < area.y:
            return
        width = max(canvas.width(line, bold=bold) for line in lines) + canvas.em
        box = pygame.Rect(area.x + (area.width - width) // 2, y, width, height - 3)
        canvas.panel(box, canvas.palette.page)
        if caption.level is not Level.CALM:
            pygame.draw.rect(canvas.surface, canvas.palette.of(caption.level), box, 2, border_radius=6)
        canvas.paragraph(
            (box.x + canvas.em // 2, y + canvas.em // 5), caption.text, area.width - 2 * canvas.em,
            colour=canvas.palette.of(caption.level), bold=bold,
        )  # fmt: skip


def draw_keys(desk: Desk, canvas: Canvas, area: pygame.Rect) -> None:
    """Write the keys of the hands into a free `area`, small, in two columns; nothing of the window's own."""
    groups = desk.helped[:-1]
    lines = sum(len(group.lines) + 1.5 for group in groups) * canvas.line_height(Size.SMALL)
    if area.width >= 34 * canvas.em and lines / 2 <= area.height - 2 * canvas.em:
        columns(canvas, groups, area, size=Size.SMALL, pad=bool(desk.pad_name), count=2)


def fitting(canvas: Canvas, groups: tuple[HelpGroup, ...], height: int) -> Size:
    """Return plain text where it fits, else small text."""
    lines = sum(len(group.lines) * 1.0 + 1.8 for group in groups)
    return Size.PLAIN if lines * canvas.line_height() <= 0.85 * 3 * height else Size.SMALL


def columns(
    canvas: Canvas,
    groups: tuple[HelpGroup, ...],
    area: pygame.Rect,
    *,
    size: Size,
    pad: bool,
    count: int,
    focus: str = "",
) -> dict[str, pygame.Rect]:
    """Write `groups` into `count` columns with a ring around the row `focus`, and return where each row stands."""
    shown: dict[str, pygame.Rect] = {}
    palette, gap = canvas.palette, canvas.em
    wide = (area.width - (count - 1) * gap) // count
    x, y = area.x, area.y
    line = canvas.line_height(size)
    total = sum(len(group.lines) + 1.5 for group in groups) * line
    even = area.y + total / count
    for group in groups:
        middle = y + 0.5 * line * (1 + len(group.lines))
        is_last = x + wide + gap > area.right
        if y > area.y and not is_last and (middle > even or y + line * (1 + len(group.lines)) > area.bottom):
            x, y = x + wide + gap, area.y
        canvas.text((x, y), group.title, size, colour=palette.main, bold=True)
        y += line
        for item in group.lines:
            if y + line > area.bottom + 2:
                x, y = x + wide + gap, area.y
            keys = item.pad if pad and item.pad else item.keys
            keys = keys if not pad or not item.pad else f"{item.keys.split(';')[0]}; {item.pad}"
            keys_wide = min(canvas.width(keys, size, bold=True), round(0.62 * wide))
            canvas.text((x, y), item.does, size, width=wide - keys_wide - gap // 2)
            canvas.text((x + wide - keys_wide, y), keys, size, bold=True, width=keys_wide, colour=palette.care)
            if item.row:
                shown[item.row] = pygame.Rect(x - gap // 3, y, wide + gap // 2, line)
                if item.row == focus:
                    pygame.draw.rect(canvas.surface, palette.main, shown[item.row], 2, border_radius=4)
            y += line
        y += round(0.5 * line)
    return shown

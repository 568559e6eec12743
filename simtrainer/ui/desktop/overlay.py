"""What lies before other screens: captions, and the help of F1."""

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


def draw_help(desk: Desk, canvas: Canvas) -> None:
    """Write the binding table before everything else, in as many columns as fit."""
    canvas.clear()
    width, height = canvas.size
    em, say = canvas.em, desk.say
    title = say("help.title")
    if desk.own.left_handed:
        title += f" ({say('help.left_handed')})"
    canvas.text((em, em // 2), title, Size.TITLE, bold=True)
    if desk.pad_name:
        pad = say("help.pad", name=desk.pad_name)
        canvas.text_right((width - em, em), pad, Size.SMALL, colour=canvas.palette.soft)
    top, bottom = round(2.9 * em), height - round(2.2 * em)
    groups = desk.helped
    size = _fitting(canvas, groups, bottom - top)
    area = pygame.Rect(em, top, width - 2 * em, bottom - top)
    _columns(canvas, groups, area, size=size, pad=bool(desk.pad_name), columns=COLUMNS)
    foot = say("help.foot", key=desk.key("help"))
    canvas.text((em, height - round(1.7 * em)), foot, Size.SMALL, colour=canvas.palette.soft, width=width - 2 * em)


COLUMNS = 3


def draw_keys(desk: Desk, canvas: Canvas, area: pygame.Rect) -> None:
    """Write the keys of the hands into a free `area`, small, in two columns; nothing of the window's own."""
    groups = desk.helped[:-1]
    lines = sum(len(group.lines) + 1.5 for group in groups) * canvas.line_height(Size.SMALL)
    if area.width >= 34 * canvas.em and lines / 2 <= area.height - 2 * canvas.em:
        _columns(canvas, groups, area, size=Size.SMALL, pad=bool(desk.pad_name), columns=2)


def _fitting(canvas: Canvas, groups: tuple[HelpGroup, ...], height: int) -> Size:
    """Return plain text where it fits, else small text."""
    lines = sum(len(group.lines) * 1.0 + 1.8 for group in groups)
    return Size.PLAIN if lines * canvas.line_height() <= 0.85 * COLUMNS * height else Size.SMALL


def _columns(
    canvas: Canvas, groups: tuple[HelpGroup, ...], area: pygame.Rect, *, size: Size, pad: bool, columns: int
) -> None:
    palette, gap = canvas.palette, canvas.em
    wide = (area.width - (columns - 1) * gap) // columns
    x, y = area.x, area.y
    line = canvas.line_height(size)
    total = sum(len(group.lines) + 1.5 for group in groups) * line
    even = area.y + total / columns
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
            y += line
        y += round(0.5 * line)

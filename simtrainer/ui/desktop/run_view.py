"""Paints an attempt: top line, steps, the machine's picture, 3D view, hands, strip."""

from __future__ import annotations

import pygame

from simtrainer.curriculum.live import Status
from simtrainer.ui.desktop.canvas import Canvas, Shape, Size
from simtrainer.ui.desktop.desk import Desk
from simtrainer.ui.desktop.hands_view import draw_hands, hands_height
from simtrainer.ui.desktop.layout import Layout
from simtrainer.ui.desktop.run_model import RunModel
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.monitor.step_list import StepListView, StepRow
from simtrainer.ui.monitor.strip import ForceBar, MonitorStrip
from simtrainer.ui.workplace import Sees

_SHAPES = {
    Status.DONE: Shape.TICK, Status.LATE: Shape.CLOCK, Status.OUT_OF_ORDER: Shape.CLOCK, Status.MISSED: Shape.CROSS,
    Status.OPEN: Shape.RING, Status.WAITING: Shape.RING,
}  # fmt: skip


def draw_run(desk: Desk, canvas: Canvas, model: RunModel, layout: Layout) -> None:
    """Paint the whole moment."""
    canvas.clear()
    _top(desk, canvas, model, layout.top)
    if model.steps is not None:
        _steps(desk, canvas, model.steps, layout.steps)
    _picture(desk, canvas, model, layout.picture)
    _side(desk, canvas, model, layout.side)
    _strip(canvas, model.strip, layout.strip)


def _top(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    em, say, palette = canvas.em, desk.say, canvas.palette
    y = area.y + round(0.45 * em)
    x = area.right - em
    named = (("help", "pause.help"), ("pause", "pause.title"), ("finish", "finish.yes"))
    keys = "   ".join(f"{desk.key(row)} {say(key)}" for row, key in named)
    x = canvas.text_right((x, y), keys, Size.SMALL, colour=palette.soft).x - em
    late = model.percent < 95
    lag = say("run.lag", percent=str(model.percent)) if late else say("run.on_time")
    x = canvas.text_right((x, y), lag, Size.SMALL, colour=palette.care if late else palette.soft, bold=late).x - em
    x = canvas.text_right((x, y - em // 6), model.mode, colour=palette.main, bold=True).x - em
    canvas.text((area.x + em // 2, y - em // 6), model.title, bold=True, width=x - area.x - em)


def _steps(desk: Desk, canvas: Canvas, view: StepListView, area: pygame.Rect) -> None:
    em, say, palette = canvas.em, desk.say, canvas.palette
    canvas.panel(area)
    x, y = area.x + em // 2, area.y + em // 3
    canvas.text((x, y), say("run.steps"), bold=True)
    done = say("run.done", done=str(view.done), total=str(len(view.rows)))
    canvas.text_right((area.right - em // 2, y), done, colour=palette.soft)
    y += round(1.7 * em)
    width = area.width - round(2.4 * em)
    room = area.bottom - y - round(1.4 * em)
    first, last = view.window(len(view.rows))
    while last - first > 1 and _height(canvas, view.rows[first:last], width) > room:
        first, last = view.window(last - first - 1)
    if first:
        canvas.text(
            (x + round(1.5 * em), y - em // 4), say("run.earlier", count=str(first)), Size.SMALL, colour=palette.soft
        )
        y += canvas.line_height(Size.SMALL)
    for number in range(first, last):
        y = _step(canvas, desk, view.rows[number], (x, y, width), number == view.current)
    if last < len(view.rows):
        more = say("run.later", count=str(len(view.rows) - last))
        canvas.text((x + round(1.5 * em), y), more, Size.SMALL, colour=palette.soft)


def _height(canvas: Canvas, rows: tuple[StepRow, ...], width: int) -> int:
    total = canvas.line_height(Size.SMALL)
    for row in rows:
        total += len(canvas.lines(row.text, width)) * canvas.line_height() + canvas.em // 5
        if row.hint:
            total += len(canvas.lines(row.hint, width, Size.SMALL)) * canvas.line_height(Size.SMALL)
    return total


def _step(canvas: Canvas, desk: Desk, row: StepRow, place: tuple[int, int, int], current: bool) -> int:
    em, palette = canvas.em, canvas.palette
    x, y, width = place
    colours = {
        Status.DONE: palette.good, Status.LATE: palette.care, Status.OUT_OF_ORDER: palette.care,
        Status.MISSED: palette.alarm, Status.OPEN: palette.ink, Status.WAITING: palette.soft,
    }  # fmt: skip
    colour = palette.main if current else colours[row.status]
    shape = Shape.ARROW if current else _SHAPES[row.status]
    canvas.shape((x + em // 2, y + round(0.66 * em)), shape, colour)
    text = colour if row.status in (Status.MISSED, Status.WAITING) or current else palette.ink
    below = canvas.paragraph((x + round(1.5 * em), y), row.text, width, colour=text, bold=current)
    if row.hint:
        below = canvas.paragraph((x + round(1.5 * em), below), row.hint, width, size=Size.SMALL, colour=palette.care)
    return below + em // 5


def _picture(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    em, say = canvas.em, desk.say
    by_machine = model.place.sees is Sees.MACHINE
    if model.picture is None:
        canvas.panel(area, (0, 0, 0))
        text = say("run.no_picture", key=desk.key("fluoro")) if by_machine else say("run.wait_picture")
        top = area.centery - canvas.line_height()
        canvas.paragraph((area.x + 2 * em, top), text, area.width - 4 * em, colour=canvas.palette.soft)
    else:
        canvas.picture(area, model.picture)
    if by_machine:
        _beam(desk, canvas, model, area)
    elif model.sees:
        _name(canvas, area, f"{model.sees}  [{desk.key('camera')}]")


def _name(canvas: Canvas, area: pygame.Rect, text: str) -> None:
    """Write where a picture is seen from into its upper corner."""
    em = canvas.em
    box = pygame.Rect(area.x + em // 2, area.y + em // 2, canvas.width(text) + em, round(1.7 * em))
    canvas.panel(box, canvas.palette.page)
    canvas.text((box.x + em // 2, box.y + em // 5), text)


def _beam(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    """Say whether the beam is on, and whether the picture is the last one held."""
    em, say, palette = canvas.em, desk.say, canvas.palette
    beam = str(model.held.get(model.place.beam, "off"))
    live = beam != "off"
    sign = f"{say('run.live')}  {say(f'beam.{beam}')}" if live else say("beam.off")
    if not live and model.picture is not None:
        sign = f"{say('beam.off')}, {say('run.held')}"
    box = pygame.Rect(
        area.x + em // 2, area.y + em // 2, canvas.width(sign, bold=True) + round(2.0 * em), round(1.7 * em)
    )
    canvas.panel(box, palette.page)
    canvas.shape(
        (box.x + round(0.8 * em), box.centery),
        Shape.DOT if live else Shape.RING,
        palette.care if live else palette.soft,
    )
    canvas.text(
        (box.x + round(1.5 * em), box.y + em // 5), sign, bold=True, colour=palette.care if live else palette.soft
    )
    if live:
        pygame.draw.rect(canvas.surface, palette.care, area, 3)


def _side(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    em = canvas.em
    y = area.y
    hands = hands_height(canvas, model.place)
    force = round(4.6 * em) if model.force is not None else 0
    if model.view_note or model.view is not None:
        box = pygame.Rect(area.x, y, area.width, area.bottom - y - hands - force - em // 2)
        _view(desk, canvas, model, box)
        y = box.bottom + em // 3
    if model.force is not None:
        y = _force(canvas, model.force, pygame.Rect(area.x, y, area.width, force - em // 3)) + em // 3
    draw_hands(desk, canvas, model, pygame.Rect(area.x, y, area.width, area.bottom - y))


def _view(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    em, palette = canvas.em, canvas.palette
    if model.view is None:
        canvas.panel(area)
        canvas.paragraph((area.x + em // 2, area.y + em // 2), model.view_note, area.width - em, colour=palette.soft)
        return
    height, width = model.view.shape[:2]
    share = max(area.width / width, area.height / height)  # fills the area; what stands over is cut off
    wide, high = min(round(area.width / share), width), min(round(area.height / share), height)
    x, y = (width - wide) // 2, (height - high) // 2
    canvas.picture(area, model.view[y : y + high, x : x + wide], model.view)
    label = f"{desk.say('run.view3d')}: {model.camera}  [{desk.key('camera')}]" if model.place.view_3d else model.camera
    if model.place.sees is Sees.PERSON:  # a wound is bright
        _name(canvas, area, label)
        return
    canvas.text((area.x + em // 3, area.y + em // 5), label, Size.SMALL, width=area.width - em // 2)


def _force(canvas: Canvas, force: ForceBar, area: pygame.Rect) -> int:
    em, palette = canvas.em, canvas.palette
    canvas.panel(area)
    x, y = area.x + em // 2, area.y + em // 4
    canvas.text((x, y), force.title, bold=True)
    canvas.text_right((area.right - em // 2, y), force.value)
    bar = pygame.Rect(x, y + round(1.55 * em), area.width - em, round(0.8 * em))
    canvas.bar(bar, force.share / 1.5, force.level, limit_at=1.0 / 1.5)
    canvas.text(
        (x, bar.bottom + em // 8),
        force.word,
        Size.SMALL,
        colour=palette.of(force.level),
        bold=force.level is not Level.CALM,
    )
    return area.bottom


def _strip(canvas: Canvas, strip: MonitorStrip, area: pygame.Rect) -> None:
    em, palette = canvas.em, canvas.palette
    gap = em // 3
    wide = (area.width - (len(strip.cells) - 1) * gap) // len(strip.cells)
    for k, cell in enumerate(strip.cells):
        box = pygame.Rect(area.x + k * (wide + gap), area.y, wide, area.height)
        canvas.panel(box)
        colour = palette.of(cell.level)
        canvas.text((box.x + em // 2, box.y + em // 4), cell.label, Size.SMALL, colour=palette.soft, width=wide - em)
        placed = canvas.text(
            (box.x + em // 2, box.y + round(1.4 * em)), cell.value, Size.TITLE, colour=colour, bold=True
        )
        canvas.text(
            (placed.right + em // 3, box.y + round(1.95 * em)),
            cell.unit,
            Size.SMALL,
            colour=palette.soft,
            width=max(box.right - placed.right - em // 2, em),
        )
        if cell.level is not Level.CALM:
            pygame.draw.rect(canvas.surface, colour, box, 3, border_radius=6)
            canvas.shape(
                (box.right - em, box.y + round(0.9 * em)),
                Shape.CROSS if cell.level is Level.ALARM else Shape.DOT,
                colour,
            )

"""Paints the hands of an attempt: what they hold and feel, read-outs, what can be taken, pedals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pygame

from simtrainer.debrief.word import word
from simtrainer.ui.desktop.canvas import Canvas, Shape, Size
from simtrainer.ui.desktop.desk import Desk
from simtrainer.ui.desktop.overlay import draw_keys
from simtrainer.ui.desktop.run_model import RunModel
from simtrainer.ui.monitor.word import minutes
from simtrainer.ui.workplace import Pedal, WorkHand, Workplace, said


def hands_height(canvas: Canvas, place: Workplace) -> int:
    """Return the height [pixels] that the hands want, with read-outs, tray and pedals."""
    lines = sum(2 if hand.height else 1 for hand in place.hands) + len(place.readouts)
    return max(
        round(10.4 * canvas.em), lines * canvas.line_height() + round(3.6 * canvas.em) + _tray_height(canvas, place)
    )


def draw_hands(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    """Paint what the hands hold and feel, what the place reads out, what can be taken, and the pedals."""
    em, palette, hands = canvas.em, canvas.palette, model.place.hands
    canvas.panel(area)
    x, y = area.x + em // 2, area.y + em // 3
    label = round(5.4 * em)
    lines = []
    for hand in hands:
        lines.append((said(hand.label, desk.language), _device(desk, model, hand), hand.id))
        lines += [("", text, "") for text in _felt(desk, model, hand)]
    lines += [(name, text, "") for name, text in (*_readouts(desk, model.seen), *_told(desk, model))]
    foot = round(2.9 * em) if model.place.pedals else 0
    for name, text, hand_id in lines:
        if y + canvas.line_height() > area.bottom - foot:
            break
        if hand_id and model.hand == hand_id:
            canvas.shape((x + em // 3, y + round(0.66 * em)), Shape.ARROW, palette.main)  # what the pointer moves
        canvas.text((x + em, y), name, colour=palette.soft, width=label - em // 4)
        soft = palette.ink if name else palette.soft
        canvas.text((x + em + label, y), text, colour=soft, width=area.width - label - 2 * em)
        y += canvas.line_height()
    tray = _tray_height(canvas, model.place)
    _tray(desk, canvas, model.place.tray, pygame.Rect(x, area.bottom - foot - tray, area.width - em, tray))
    free = pygame.Rect(x, y + em, area.width - em, area.bottom - y - round(4.5 * em) - tray)
    draw_keys(desk, canvas, free)
    if model.place.pedals:
        _pedals(desk, canvas, model, pygame.Rect(x, area.bottom - round(2.8 * em), area.width - em, round(2.5 * em)))


def _tray_height(canvas: Canvas, place: Workplace) -> int:
    return (len(place.tray) + 1) // 2 * canvas.line_height(Size.SMALL) + canvas.em // 3 if place.tray else 0


def _tray(desk: Desk, canvas: Canvas, rows: tuple[str, ...], area: pygame.Rect) -> None:
    """Write what can be taken with its keys, in two columns."""
    em, high = canvas.em, canvas.line_height(Size.SMALL)
    half = (len(rows) + 1) // 2
    wide = area.width // 2
    for k, row in enumerate(rows):
        place = (area.x + k // half * wide, area.y + k % half * high)
        canvas.text(place, desk.key(row), Size.SMALL, colour=canvas.palette.care, bold=True)
        canvas.text((place[0] + em, place[1]), desk.does(row), Size.SMALL, width=wide - round(1.3 * em))


def _device(desk: Desk, model: RunModel, hand: WorkHand) -> str:
    """Return what a hand holds: its name, how far it is inside or whether it is closed."""
    name = model.snapshot.words.get(hand.word, "")
    if not name:
        return said(hand.empty, desk.language)
    parts = [said(model.place.words[name], desk.language) if name in model.place.words else word(name, desk.language)]
    if hand.inside:
        parts.append(desk.say("run.inside", mm=f"{model.values.get(hand.inside, 0.0):.0f}"))
    if hand.closed and model.values.get(hand.closed, 0.0) > 0.5:
        parts.append(desk.say("run.closed"))
    return ", ".join(parts)


def _felt(desk: Desk, model: RunModel, hand: WorkHand) -> list[str]:
    """Return how high the tip of what a hand holds is, and what it feels, as a line of its own; none for nothing."""
    parts = []
    if hand.height:
        height = model.values.get(hand.height, 0.0)
        parts.append(desk.say("run.above" if height > 0.0 else "run.deep", mm=f"{abs(height):.0f}"))
    if hand.force:
        parts.append(desk.say("run.newton", n=desk.say.number(model.values.get(hand.force, 0.0), 1)))
    return [", ".join(parts)] if parts and model.snapshot.words.get(hand.word, "") else []


def _told(desk: Desk, model: RunModel) -> list[tuple[str, str]]:
    """Return what the place's own read-outs say."""
    lines = []
    for readout in model.place.readouts:
        value = model.values.get(readout.signal)
        if readout.when and model.values.get(readout.when, 0.0) <= 0.5:
            continue
        fitting = [phrase for phrase in readout.phrases if value is not None and value > phrase.above]
        if value is not None and fitting:
            text = said(max(fitting, key=lambda phrase: phrase.above).text, desk.language)
            lines.append(
                (said(readout.label, desk.language), text.format(value=desk.say.number(value, readout.decimals)))
            )
    return lines


def _readouts(desk: Desk, seen: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the machine and the syringes show, as far as the procedure's observation has such fields."""
    say = desk.say
    lines = []
    if "lao_deg" in seen:
        angle = float(seen["lao_deg"])
        side = "LAO" if angle > 0.5 else "RAO" if angle < -0.5 else "AP"
        lines.append((say("run.carm"), f"{side} {abs(angle):.0f}°"))
    if "view_mm" in seen:
        along, across = seen["view_mm"]
        lines.append((say("run.view"), f"{along:+.0f} / {across:+.0f} mm"))
    for field, key in (("drawn_ml", "run.drawn"), ("flushed_ml", "run.flushed"), ("injected_ml", "run.injected")):
        if float(seen.get(field, 0.0)) > 0.0:
            lines.append((say("run.syringe"), say(key, ml=say.number(float(seen[field]), 1))))
    if seen.get("air_seen", False):
        lines.append((say("run.syringe"), say("run.air")))
    if float(seen.get("compression_s", 0.0)) > 0.0:
        lines.append((say("run.groin"), say("run.pressed", time=minutes(float(seen["compression_s"])))))
    return lines


def _pedals(desk: Desk, canvas: Canvas, model: RunModel, area: pygame.Rect) -> None:
    """Paint the pedals with their keys; the one that is down is filled and sunk."""
    em, palette, pedals = canvas.em, canvas.palette, model.place.pedals
    gap = em // 3
    wide = (area.width - (len(pedals) - 1) * gap) // len(pedals)
    for k, pedal in enumerate(pedals):
        down = _is_down(model, pedal)
        box = pygame.Rect(area.x + k * (wide + gap), area.y + (4 if down else 0), wide, area.height - 4)
        canvas.panel(box, palette.care if down else palette.raised)
        ink = palette.page if down else palette.ink
        canvas.text((box.x + gap, box.y + 1), desk.key(pedal.row), Size.SMALL, colour=ink, bold=True, width=wide - gap)
        name = said(pedal.label, desk.language)
        canvas.text(
            (box.x + gap, box.y + canvas.line_height(Size.SMALL) - 1), name, Size.SMALL, colour=ink, width=wide - gap
        )


def _is_down(model: RunModel, pedal: Pedal) -> bool:
    """Tell whether a pedal is down; one that acts on the chosen hand is down where that hand holds it."""
    control = pedal.control.replace("*", model.hand)
    held = bool(control) and model.held.get(control) == pedal.value
    return held or (bool(pedal.lamp) and model.values.get(pedal.lamp, 0.0) > 0.5)

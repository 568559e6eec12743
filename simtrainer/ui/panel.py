"""The picture of one instant of an attempt: the machine's screen, and beside it time, steps, force and captions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.header import Mode
from simtrainer.core.session import SessionState
from simtrainer.core.units import MINUTE
from simtrainer.curriculum.live import Progress, Status
from simtrainer.ui.case import Case
from simtrainer.ui.monitor.strip import readings, strip_of
from simtrainer.ui.workplace import Sees, said, workplace

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

BACK, INK, DIM, LINE = (14, 18, 24), (232, 236, 240), (138, 150, 163), (44, 54, 66)
GOOD, WARM, BAD = (86, 180, 233), (230, 159, 0), (213, 94, 0)
"""Okabe and Ito's colours, told apart without red and green. because: jfly.uni-koeln.de/color (known)"""
CAPTION_S = 4.0
SMALL = 1.25
"""Text of small films is larger by this, to be read at their own size. because: design; 12 pixels at least"""
SHOWN_STEPS = 7
SHOWN_GAUGES = 2
_MARKS = {
    Status.DONE: ("done", GOOD), Status.LATE: ("late", WARM), Status.OUT_OF_ORDER: ("out of order", WARM),
    Status.MISSED: ("missed", BAD), Status.OPEN: ("now", INK), Status.WAITING: ("", DIM),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caption:
    """A remark of the course, and the tick at which it was made."""

    text: str
    tick: int


class Panel:
    """Draws frames of one size, 16 to 9."""

    def __init__(self, case: Case, hand: str, height: int = 720) -> None:
        """Draw for `case`, frames of `height` pixels; `hand` is who acts."""
        self.height = height
        self.width = height * 16 // 9
        self._unit = height / 720 * (SMALL if height < 600 else 1.0)
        self._case = case
        self._hand = hand
        self._names = [signal.name for signal in case.world.signals]
        self._place = workplace(case.procedure.name)
        force = self._place.force
        self._limit = case.world.facts.numbers.get(force.limit, 0.0) if force is not None else 0.0

    def frame(
        self, screen: NDArray[np.uint8], state: SessionState[Any, Any], caption: Caption | None
    ) -> NDArray[np.uint8]:
        """Return one frame, uint8 RGB, shape (height, width, 3)."""
        from PIL import Image, ImageDraw  # noqa: PLC0415  # an extra; only films need it

        image = Image.new("RGB", (self.width, self.height), BACK)
        side = self.height
        image.paste(Image.fromarray(screen).resize((side, side), Image.Resampling.BILINEAR), (0, 0))
        draw = ImageDraw.Draw(image)
        y = self._heading(draw, state)
        if self._case.live.mode is Mode.PRACTICE:
            y = self._force(draw, state, y)
            self._steps(draw, state, y)
        if caption is not None and state.tick - caption.tick < CAPTION_S * self._case.world.tick_hz * 4:
            self._caption(image, caption.text)
        return np.asarray(image)

    def _scaled(self, pixels: float) -> int:
        return round(pixels * self._unit)

    def _font(self, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        return _font(self._scaled(size))

    def _left(self) -> int:
        return self.height + self._scaled(20)

    def _heading(self, draw: ImageDraw.ImageDraw, state: SessionState[Any, Any]) -> int:
        left, case = self._left(), self._case
        seconds = state.tick // case.world.tick_hz
        title = case.course.text(case.course.spec.title, case.live.language)
        y = self._scaled(24)
        for line in _wrapped(title, self._font(22), self.width - left - self._scaled(20))[:2]:
            draw.text((left, y), line, INK, font=self._font(22))
            y += self._scaled(28)
        about = f"{case.patient}   {self._hand}   {case.live.mode.value}"
        draw.text((left, y + self._scaled(4)), about, DIM, font=self._font(16))
        y += self._scaled(38)
        draw.text((left, y), f"{seconds // int(MINUTE)}:{seconds % int(MINUTE):02d}", INK, font=self._font(44))
        words = state.snapshot.words
        beam = words.get("beam", "")
        if beam:
            on = beam != "off"
            text = f"beam {beam}" if on else "beam off, last image held"
            draw.text((left + self._scaled(150), y + self._scaled(20)), text, WARM if on else DIM, font=self._font(18))
        y += self._scaled(58)
        for line in self._held(state):
            draw.text((left, y), line, DIM, font=self._font(16))
            y += self._scaled(22) if self._place.sees is Sees.PERSON else 0
        return y + self._scaled(34)

    def _held(self, state: SessionState[Any, Any]) -> list[str]:
        """Return what the hands hold, and what the place's gauges say where a person sees without a machine."""
        words, place = state.snapshot.words, self._place
        names = {hand.id: words.get(hand.word, "").replace("_", " ") for hand in place.hands}
        if place.sees is Sees.MACHINE:  # one device lies in the other
            inside = " in ".join(name for name in names.values() if name)
            return [inside] if inside else []
        held = "   ".join(f"{hand}: {name}" for hand, name in names.items() if name)
        values = readings(self._case.world.signals, state.snapshot)
        strip = strip_of(values, self._case.world.facts, 0.0, place=place, aids=(), language="en")
        told = [f"{cell.label.lower()} {cell.value} {cell.unit}" for cell in strip.cells[1 : 1 + SHOWN_GAUGES]]
        return [held, "   ".join(told)]

    def _force(self, draw: ImageDraw.ImageDraw, state: SessionState[Any, Any], y: int) -> int:
        shown = self._place.force
        if shown is None or shown.signal not in self._names or not self._limit:
            return y
        left, high = self._left(), self._scaled(14)
        width = self.width - left - self._scaled(20)
        force = float(state.snapshot.signals[self._names.index(shown.signal)])
        share = min(force / (1.5 * self._limit), 1.0)
        title = said(shown.title, "en")
        text = f"{title[:1].lower()}{title[1:]} {force:.2f} N"
        draw.text((left, y), text, INK if force < self._limit else BAD, font=self._font(16))
        y += self._scaled(26)
        draw.rectangle((left, y, left + width, y + high), fill=LINE)
        colour = GOOD if force < 0.5 * self._limit else WARM if force < self._limit else BAD
        draw.rectangle((left, y, left + round(share * width), y + high), fill=colour)
        mark = left + round(width / 1.5)
        draw.line((mark, y - self._scaled(4), mark, y + high + self._scaled(4)), fill=INK, width=self._scaled(2))
        draw.text(
            (mark + self._scaled(6), y + high + self._scaled(2)), f"limit {self._limit:.1f} N", DIM, font=self._font(13)
        )
        return y + self._scaled(52)

    def _steps(self, draw: ImageDraw.ImageDraw, state: SessionState[Any, Any], y: int) -> None:
        left, rows = self._left(), self._case.live.progress(state.curriculum)
        first = _first_shown(rows)
        for row in rows[first : first + SHOWN_STEPS]:
            mark, colour = _MARKS[row.status]
            text = _wrapped(row.text, self._font(16), self.width - left - self._scaled(102))
            draw.text((left, y), mark, colour, font=self._font(14))
            ink = INK if row.status is Status.OPEN else DIM
            for line in text[:2]:
                draw.text((left + self._scaled(92), y), line, ink, font=self._font(16))
                y += self._scaled(20)
            y += self._scaled(10)
            if y > self.height - self._scaled(40):
                break

    def _caption(self, image: Image.Image, text: str) -> None:
        from PIL import ImageDraw  # noqa: PLC0415  # as above

        draw = ImageDraw.Draw(image)
        lines = _wrapped(text, self._font(20), self.height - self._scaled(60))[:3]
        high = self._scaled(27)
        top = self.height - self._scaled(20) - high * len(lines)
        box = (self._scaled(16), top - self._scaled(10), self.height - self._scaled(16), self.height - self._scaled(10))
        draw.rectangle(box, fill=BACK)
        for number, line in enumerate(lines):
            draw.text((self._scaled(30), top + number * high), line, INK, font=self._font(20))


def _first_shown(rows: tuple[Progress, ...]) -> int:
    """Return the first step to show: two before the one that is next."""
    waiting = [i for i, row in enumerate(rows) if row.status in (Status.OPEN, Status.WAITING)]
    upcoming = waiting[0] if waiting else len(rows)
    return max(0, min(upcoming - 2, len(rows) - SHOWN_STEPS))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont  # noqa: PLC0415  # as above

    return ImageFont.load_default(size)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines

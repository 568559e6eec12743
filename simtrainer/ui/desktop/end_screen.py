"""After the attempt: the trainee's own rating first, then the score with all that must stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pygame

from simtrainer.curriculum.score import Score
from simtrainer.debrief.context import besides
from simtrainer.debrief.report import Beside
from simtrainer.debrief.word import number, say
from simtrainer.records.entry import SelfRating
from simtrainer.ui.desktop.canvas import Canvas, Shape, Size
from simtrainer.ui.desktop.desk import Desk, Screen
from simtrainer.ui.desktop.device import InputFrame
from simtrainer.ui.desktop.menu import Choice, Menu
from simtrainer.ui.desktop.overlay import draw_captions
from simtrainer.ui.desktop.scroll import Scroll
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.monitor.timeline import TimelineView
from simtrainer.ui.monitor.word import minutes

_TURNS = {"left": -1, "right": 1, "down": -10, "up": 10}
_PAD_TURNS = {"dpad_left": -1, "dpad_right": 1, "dpad_down": -10, "dpad_up": 10}


class RatingScreen:
    """Asks for points and for a guess of the verdict; `rated` gets the answer and makes the next screen."""

    def __init__(self, desk: Desk, rated: Callable[[SelfRating | None], Screen]) -> None:
        """Begin in the middle."""
        self.desk = desk
        self.points = 50
        self._rated = rated
        self._menu = Menu()
        self._bar = pygame.Rect(0, 0, 0, 0)

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Take one frame."""
        turn = sum(_TURNS.get(key, 0) for key in seen.struck) + sum(_PAD_TURNS.get(p, 0) for p in seen.pad_struck)
        for x, y in seen.clicks:
            if self._bar.inflate(0, 3 * self._bar.height).collidepoint(x, y):
                self.points = round(100 * (x - self._bar.x) / self._bar.width)
        self.points = min(max(self.points + turn, 0), 100)
        keys = tuple(key for key in seen.struck if key not in _TURNS)
        choice = self._menu.pressed(InputFrame(struck=keys, clicks=seen.clicks, pad_struck=tuple(
            "a" if p == "a" else "dpad_right" for p in seen.pad_struck if p in ("a", "b", "right_shoulder")
        )))  # fmt: skip
        if choice in ("yes", "no"):
            return self._rated(SelfRating(self.points, would_pass=choice == "yes"))
        if choice == "skip" or seen.quit:
            return self._rated(None)
        return self

    def draw(self, canvas: Canvas, now: float) -> None:
        """Paint the two questions."""
        canvas.clear()
        words, em = self.desk.say, canvas.em
        width = min(canvas.size[0] - 4 * em, 52 * em)
        x, y = (canvas.size[0] - width) // 2, round(3.5 * em)
        canvas.text((x, y), words("rate.title"), Size.TITLE, bold=True)
        y = canvas.paragraph((x, y + 3 * em), words("rate.why"), width, colour=canvas.palette.soft) + round(1.5 * em)
        canvas.text((x, y), words("rate.points"), Size.LARGE, bold=True)
        y += round(3.0 * em)
        self._bar = pygame.Rect(x, y, width - 6 * em, round(1.6 * em))
        canvas.bar(self._bar, self.points / 100.0, Level.CALM)
        knob = (self._bar.x + round(self._bar.width * self.points / 100.0), self._bar.centery)
        pygame.draw.circle(canvas.surface, canvas.palette.ink, knob, round(1.1 * em))
        canvas.text((self._bar.right + 2 * em, y - em // 3), str(self.points), Size.TITLE, bold=True)
        y = canvas.paragraph((x, y + 3 * em), words("rate.keys"), width, size=Size.SMALL, colour=canvas.palette.soft)
        canvas.text((x, y + 2 * em), words("rate.pass"), Size.LARGE, bold=True)
        choices = (Choice("yes", words("rate.yes")), Choice("no", words("rate.no")), Choice("skip", words("rate.skip")))
        self._menu.row(canvas, pygame.Rect(x, y + 5 * em, canvas.size[0] - 2 * em - x, 6 * em), choices)
        draw_captions(self.desk, canvas, pygame.Rect((0, 0), canvas.size), now)


class ScoreScreen:
    """Shows the score, the rule behind it, and what cost most."""

    def __init__(
        self,
        desk: Desk,
        score: Score,
        rating: SelfRating | None,
        beside: Beside,
        path: Path,
        *,
        timeline: TimelineView,
    ) -> None:
        """Show `score` of the attempt at `path`, what must stand `beside` it, and its `timeline`."""
        self.desk, self.score, self.rating, self.beside = desk, score, rating, beside
        self._path, self._timeline = path, timeline
        self._menu = Menu()
        self._scroll = Scroll()

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Take one frame."""
        self._scroll.turn(seen, self.desk.canvas)
        closing = self._menu.pressed(seen) == "close" or seen.quit or "pause" in commands
        return None if closing else self

    def draw(self, canvas: Canvas, now: float) -> None:
        """Paint the page."""
        canvas.clear()
        em, (width, height) = canvas.em, canvas.size
        button = max(44, round(2.4 * em))
        lines = canvas.lines(self.stated(), width - 2 * em, Size.SMALL)
        foot = len(lines) * canvas.line_height(Size.SMALL) + button + round(1.2 * em)
        left = pygame.Rect(em, em // 2, round(0.46 * width) - em, height - foot - em // 2)
        right = pygame.Rect(left.right + em, em // 2, width - left.right - 2 * em, left.height)
        over = 0
        for area, draw in ((left, self._verdict), (right, self._losses)):
            canvas.panel(area)
            inner = area.inflate(-2 * em, -em)
            canvas.surface.set_clip(inner)
            over = max(over, draw(canvas, inner.move(0, -self._scroll.at)) + self._scroll.at - inner.bottom)
            canvas.surface.set_clip(None)
        self._scroll.fit(over)
        self._scroll.hint(canvas, (right.right - em, right.bottom - em // 5), self.desk.say("card.more"))
        self._foot(canvas, pygame.Rect(em, left.bottom + em // 3, width - 2 * em, foot))
        draw_captions(self.desk, canvas, pygame.Rect((0, 0), canvas.size), now)

    def stated(self) -> str:
        """Return what must stand beside the score, as one paragraph; the pass mark stands above already."""
        rows = besides(self.beside, self.desk.language, without=("cut", "digest"))
        return "   ".join(f"{name}: {said}." for name, said in rows)

    def _verdict(self, canvas: Canvas, area: pygame.Rect) -> int:
        """Paint score and verdict, and return the height below them."""
        score, lang, palette, em = self.score, self.desk.language, canvas.palette, canvas.em
        x, y = area.x, area.y
        canvas.text((x, y), say("score.title", lang), bold=True, colour=palette.main)
        points = canvas.text((x, y + round(1.3 * em)), f"{100 * score.score:.0f}", Size.HUGE, bold=True)
        canvas.text(
            (points.right + em // 2, points.bottom - round(1.9 * em)), say("score.of", lang), colour=palette.soft
        )
        y = points.bottom
        colour = palette.good if score.passed else palette.alarm
        canvas.shape((x + em // 2, y + round(0.9 * em)), Shape.TICK if score.passed else Shape.CROSS, colour)
        verdict = say("score.passed" if score.passed else "score.failed", lang)
        canvas.text((x + round(1.6 * em), y), verdict, Size.LARGE, colour=colour, bold=True)
        y += 2 * em + em // 4
        y = canvas.paragraph((x, y), say("score.honest", lang), area.width, bold=True, colour=palette.care)
        cut = f"{100 * score.cut:.0f}"
        y = canvas.paragraph((x, y + em // 3), say("score.rule", lang, cut=cut), area.width)
        if score.provisional:
            y = canvas.paragraph((x, y), say("score.provisional", lang, cut=cut), area.width, colour=palette.soft)
        if self.rating is not None:
            y = canvas.paragraph((x, y + em // 3), self._rated(), area.width)
        y = canvas.paragraph((x, y + em // 3), self._parts(), area.width)
        chart = pygame.Rect(area.x + em // 2, y + em, area.width - em, round(6 * em))
        self._draw_timeline(canvas, chart)
        return chart.bottom

    def _parts(self) -> str:
        lang = self.desk.language
        said = []
        for part in self.score.parts:
            worth = f" / {number(round(part.worth, 1), lang)}" if part.worth else ""
            said.append(f"{say(f'part.{part.name}', lang)} {number(round(part.points, 1), lang)}{worth}")
        return ",  ".join(said)

    def _draw_timeline(self, canvas: Canvas, area: pygame.Rect) -> None:
        """Paint steps above and forbidden events below a line from the start to the end."""
        palette, em, view = canvas.palette, canvas.em, self._timeline
        y = area.y + 3 * em
        canvas.text((area.x, area.y), say("timeline.title", self.desk.language), bold=True, colour=palette.main)
        pygame.draw.line(canvas.surface, palette.line, (area.x, y), (area.right, y), 2)
        for mark in view.steps:
            colour = palette.good if mark.level is Level.CALM else palette.of(mark.level)
            shape = Shape.TICK if mark.level is Level.CALM else Shape.CLOCK
            shape = Shape.CROSS if mark.level is Level.ALARM else shape
            canvas.shape((area.x + round(area.width * mark.share), y - em), shape, colour)
        for mark in view.events:
            canvas.shape((area.x + round(area.width * mark.share), y + em), Shape.CROSS, palette.alarm)
        canvas.text((area.x, y + round(1.6 * em)), "0:00", Size.SMALL, colour=palette.soft)
        canvas.text_right((area.right, y + round(1.6 * em)), minutes(view.end_s), Size.SMALL, colour=palette.soft)

    def _rated(self) -> str:
        assert self.rating is not None
        lang, gap = self.desk.language, self.rating.points - round(100 * self.score.score)
        given = self.desk.say("score.rated", points=str(self.rating.points))
        key = "self.near" if abs(gap) <= 10 else "self.above" if gap > 0 else "self.below"
        text = say(key, lang) if key == "self.near" else say(key, lang, gap=float(abs(gap)))
        return f"{given} {text}"

    def _losses(self, canvas: Canvas, area: pygame.Rect) -> int:
        """Paint what cost points, the dearest first, and return the height below it."""
        palette, em, lang = canvas.palette, canvas.em, self.desk.language
        losses = sorted(self.score.deductions, key=lambda item: (not item.critical, -item.points))
        names = {step.id: step.text for step in self.score.steps}
        x, y = area.x, area.y
        canvas.text((x, y), self.desk.say("score.lost" if losses else "score.nothing"), Size.LARGE, bold=True)
        y += 2 * em
        for item in losses:
            colour = palette.alarm if item.critical else palette.soft
            shape = Shape.CROSS if item.critical else Shape.DOT
            canvas.shape((x + em // 2, y + round(0.65 * em)), shape, colour)
            head = say("advice.cost", lang, points=round(item.points, 1))
            head = f"{say('score.critical_one', lang)}, {head}" if item.critical else head
            head = f"{names[item.item]}: {head}" if item.item in names else head
            canvas.text((x + round(1.6 * em), y), head, Size.SMALL, colour=colour, bold=True)
            y = canvas.paragraph(
                (x + round(1.6 * em), y + canvas.line_height(Size.SMALL)), item.sentence, area.width - round(1.6 * em)
            )
            y += em // 3
        return y

    def _foot(self, canvas: Canvas, area: pygame.Rect) -> None:
        words, em, soft = self.desk.say, canvas.em, canvas.palette.soft
        y = canvas.paragraph((area.x, area.y), self.stated(), area.width, size=Size.SMALL, colour=soft) + em // 4
        self._menu.row(canvas, pygame.Rect(area.x, y, area.width, 3 * em), (Choice("close", words("score.close")),))
        x = area.x + canvas.width(words("score.close"), bold=True) + 4 * em
        file = words("score.file", path=str(self._path))
        canvas.text((x, y + round(0.6 * em)), file, Size.SMALL, colour=soft, width=area.right - x)

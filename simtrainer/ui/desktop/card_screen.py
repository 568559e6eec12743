"""The case card before the first step, the team time-out, and the way into warm-up and attempt."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from simtrainer.core.action import Action
from simtrainer.core.error import SimtrainerError
from simtrainer.core.header import Mode
from simtrainer.ui.desktop.canvas import Canvas, Shape, Size
from simtrainer.ui.desktop.desk import Desk, Screen
from simtrainer.ui.desktop.device import InputFrame
from simtrainer.ui.desktop.help_page import HelpPage
from simtrainer.ui.desktop.loader import Loaded, Loader
from simtrainer.ui.desktop.menu import Choice, Menu
from simtrainer.ui.desktop.overlay import draw_captions
from simtrainer.ui.desktop.scroll import Scroll
from simtrainer.ui.desktop.warm_screen import WarmScreen
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.workplace import Sees

READ, TIME_OUT = "chart.read", "team.time_out"
LINES = ("indication", "allergy", "renal_function", "anticoagulants", "instrument_plan")
QUESTIONS = ("timeout.patient", "timeout.allergy", "timeout.plan")


class CardScreen:
    """The case card; what the trainee does here becomes the actions of the first tick.

    Parameters
    ----------
    begin
        Makes the screen of the attempt from the loaded case and those actions.
    """

    def __init__(
        self, desk: Desk, loader: Loader, mode: Mode, begin: Callable[[Loaded, tuple[Action, ...]], Screen]
    ) -> None:
        """Show the card while `loader` works."""
        self.desk, self.loader, self.mode = desk, loader, mode
        self._begin = begin
        self._menu = Menu()
        self._done: list[str] = []
        self._asking = -1
        self._help = HelpPage(desk)
        self._scroll = Scroll()

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Take one frame."""
        if self.loader.error is not None and not isinstance(self.loader.error, SimtrainerError):
            raise self.loader.error
        if self.loader.error is not None and ("return" in seen.struck or "escape" in seen.struck):
            return None
        if self._help.is_open:
            self._help.frame(seen, commands, now)
            return self
        if "help" in commands:
            self._help.open()
            return self
        self._scroll.turn(seen, self.desk.canvas)
        return self._chosen(self._menu.pressed(seen))

    def _chosen(self, choice: str) -> Screen:
        if choice in (READ, TIME_OUT) and choice not in self._done:
            if choice == TIME_OUT and self._asking < 0:
                self._asking = 0
            else:
                self._done.append(choice)
        elif choice == "confirm":
            self._asking += 1
            if self._asking == len(QUESTIONS):
                self._asking = -1
                self._done.append(TIME_OUT)
        elif choice == "warm":
            return WarmScreen(self.desk, self)
        elif choice == "begin" and self.loader.loaded is not None:
            return self._begin(self.loader.loaded, tuple(Action(name) for name in self._done))
        return self

    def draw(self, canvas: Canvas, now: float) -> None:
        """Paint the card."""
        canvas.clear()
        width, height = canvas.size
        em, say = canvas.em, self.desk.say
        canvas.text(
            (em, em // 2), self.desk.text(self.desk.course.spec.title), Size.LARGE, bold=True, width=width - 12 * em
        )
        canvas.text_right(
            (width - em, round(0.7 * em)), say(f"mode.{self.mode.value}"), bold=True, colour=canvas.palette.main
        )
        foot = pygame.Rect(em, height - round(6.0 * em), width - 2 * em, round(5.6 * em))
        body = pygame.Rect(em, round(2.7 * em), width - 2 * em, foot.y - round(3.2 * em))
        if self._asking >= 0:
            self._draw_time_out(canvas, body)
        else:
            self._draw_card(canvas, body)
        self._draw_foot(canvas, foot)
        if self._help.is_open:
            self._help.draw(canvas)
        draw_captions(self.desk, canvas, body, now)

    def _draw_card(self, canvas: Canvas, area: pygame.Rect) -> None:
        em = canvas.em
        canvas.panel(area)
        side = min(round(0.23 * canvas.size[0]), (area.height - round(5.5 * em)) // 2)
        text = pygame.Rect(area.x + em, area.y + em // 2, area.width - side - 3 * em, area.height - em)
        canvas.surface.set_clip(text)
        below = self._draw_lines(canvas, text.move(0, -self._scroll.at))
        canvas.surface.set_clip(None)
        self._scroll.fit(below + self._scroll.at - text.bottom)
        self._scroll.hint(canvas, (text.right, area.bottom - em // 5), self.desk.say("card.more"))
        self._draw_images(canvas, pygame.Rect(area.right - side - em, area.y + em // 2, side, area.height))

    def _draw_images(self, canvas: Canvas, area: pygame.Rect) -> None:
        em, say, side = canvas.em, self.desk.say, area.width
        images = self.loader.loaded.images if self.loader.loaded is not None else ()
        if not images and self.loader.loaded is not None:
            return
        title = "card.images" if self.desk.place.sees is Sees.MACHINE else "card.field"
        canvas.text(area.topleft, say(title), Size.SMALL, bold=True, colour=canvas.palette.main)
        top = area.y + canvas.line_height(Size.SMALL)
        for k in range(2):
            box = pygame.Rect(area.x, top + k * (side + round(1.5 * em)), side, side)
            if k < len(images):
                canvas.picture(box, images[k].pixels)
                caption, goal = say.or_else(images[k].view, images[k].view), images[k].goal
                if goal is not None:
                    place = (box.x + round(goal[0] * side), box.y + round(goal[1] * side))
                    for colour, pen in ((canvas.palette.page, em // 3), (canvas.palette.care, em // 6)):
                        pygame.draw.circle(canvas.surface, colour, place, round(0.5 * em) + pen // 2, pen)
                    caption = say("card.way" if images[k].leaves else "card.goal", view=caption)
                canvas.text((box.x, box.bottom + 1), caption, Size.SMALL, colour=canvas.palette.soft, width=side)
            else:
                canvas.panel(box, canvas.palette.raised)

    def _draw_lines(self, canvas: Canvas, area: pygame.Rect) -> int:
        """Write the card, the task and what is practised, and return the height below it."""
        em, desk, palette = canvas.em, self.desk, canvas.palette
        x, y, label = area.x, area.y, round(8.6 * em)
        card = desk.course.spec.case_card
        for line in LINES:
            canvas.text((x, y), desk.say(f"card.{line}"), Size.SMALL, bold=True, colour=palette.main)
            y = canvas.paragraph((x + label, y - 1), desk.text(getattr(card, line)), area.width - label) + em // 3
        for k, line in enumerate(self.loader.loaded.notes if self.loader.loaded is not None else ()):
            if not k:
                canvas.text((x, y), desk.say("card.notes"), Size.SMALL, bold=True, colour=palette.care)
            y = canvas.paragraph((x + label, y - 1), line, area.width - label) + em // 3
        for title, keys in (("briefing", (desk.course.spec.briefing,)), ("objectives", desk.course.spec.objectives)):
            pygame.draw.line(canvas.surface, palette.line, (x, y), (area.right, y))
            y += em // 3
            canvas.text((x, y), desk.say(f"card.{title}"), Size.SMALL, bold=True, colour=palette.main)
            y += canvas.line_height(Size.SMALL)
            for key in keys:
                inset = round(1.5 * em) if len(keys) > 1 else 0
                if inset:
                    canvas.shape((x + em // 2, y + round(0.65 * em)), Shape.DOT, palette.soft)
                y = canvas.paragraph((x + inset, y), desk.text(key), area.width - inset)
            y += em // 2
        return y

    def _draw_time_out(self, canvas: Canvas, area: pygame.Rect) -> None:
        em, say = canvas.em, self.desk.say
        canvas.panel(area)
        x, y = area.x + 2 * em, area.y + em
        canvas.text((x, y), say("timeout.title"), Size.TITLE, bold=True)
        canvas.text((x, y + 3 * em), say("timeout.ask"))
        y += 5 * em
        for k, key in enumerate(QUESTIONS):
            colour = canvas.palette.good if k < self._asking else canvas.palette.ink
            shape = Shape.TICK if k < self._asking else Shape.ARROW if k == self._asking else Shape.RING
            canvas.shape((x + em // 2, y + round(0.85 * em)), shape, colour)
            canvas.text((x + round(1.6 * em), y), say(key), Size.LARGE, bold=k == self._asking)
            y += round(2.4 * em)

    def _draw_foot(self, canvas: Canvas, area: pygame.Rect) -> None:
        say, palette, em = self.desk.say, canvas.palette, canvas.em
        ready = self.loader.loaded is not None
        if self._asking >= 0:
            choices: tuple[Choice, ...] = (Choice("confirm", say("timeout.confirm")),)
        else:
            names = {READ: "card.read", TIME_OUT: "card.time_out"}
            deeds = tuple(
                Choice(c, say(f"{key}_done" if c in self._done else key), enabled=c not in self._done)
                for c, key in names.items()
            )
            choices = (*deeds, Choice("warm", say("card.warmup")), Choice("begin", say("card.begin"), enabled=ready))
        self._menu.row(canvas, area, choices)
        y = area.bottom - canvas.line_height(Size.SMALL)
        if self.loader.error is not None:
            what = say("load.failed", what=str(self.loader.error))
            canvas.paragraph((area.x, y - 2 * em), what, area.width, colour=palette.alarm, bold=True)
        elif not ready:
            bar = pygame.Rect(area.x, y + em // 4, round(0.16 * area.width), round(0.6 * em))
            canvas.bar(bar, max(self.loader.share, 0.03), Level.CALM)
            canvas.text((bar.right + em, y), say(self.loader.stage), Size.SMALL, width=area.width - bar.width - em)
        else:
            keys = say("card.keys", key=self.desk.key("help"))
            canvas.text((area.x, y), keys, Size.SMALL, colour=palette.soft, width=area.width)

"""The attempt: polls the hand for every tick that the clock owes, steps the session, and shows what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import pygame

from simtrainer.core.action import Action
from simtrainer.core.clock import Pacer, PaceState
from simtrainer.core.session import Step
from simtrainer.core.stream import Streams
from simtrainer.curriculum.schema import Aid
from simtrainer.debrief.word import event_name
from simtrainer.ui.desktop.canvas import Canvas, Size
from simtrainer.ui.desktop.cue import FORCE_PAUSE_S, alarms_of, cues_of, loops_of
from simtrainer.ui.desktop.desk import Desk, Screen
from simtrainer.ui.desktop.device import HandDevice, InputDevice, InputFrame, merged
from simtrainer.ui.desktop.eyes import Eyes
from simtrainer.ui.desktop.help_page import HelpPage
from simtrainer.ui.desktop.layout import layout_of
from simtrainer.ui.desktop.live import LiveAttempt
from simtrainer.ui.desktop.menu import Choice, Menu
from simtrainer.ui.desktop.overlay import draw_captions
from simtrainer.ui.desktop.run_model import RunModel
from simtrainer.ui.desktop.run_view import draw_run
from simtrainer.ui.desktop.shot import save_shot
from simtrainer.ui.desktop.sound import Sound
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.monitor.step_list import step_list_of
from simtrainer.ui.monitor.strip import force_bar_of, readings, strip_of
from simtrainer.ui.monitor.word import minutes
from simtrainer.ui.player import Ended
from simtrainer.ui.workplace import said

UNDO_S = 10.0
"""How far an undo goes back [s]. because: design"""
MOST_TICKS = 5
"""Most ticks made good in one frame. because: design; a window of 20 frames a second still keeps up"""
BUDGET_S = 0.020
"""Time [s] in a frame for ticks on a slow machine, to stay awake. because: design, 30 frames a second"""
LOOK_S = 0.2
"""Time [s] between two looks at the read-outs of machine and syringes. because: design, as fast as digits are read"""
SPEED_S = 2.0
"""Time [s] over which the speed of the session is measured."""


class Overlay(Enum):
    """What lies before the table."""

    NONE = "none"
    HELP = "help"
    CARD = "card"
    PAUSE = "pause"
    FINISH = "finish"


class RunScreen:
    """One attempt, from its first tick to its end.

    Parameters
    ----------
    device
        The hand; a person's hands are a `HandDevice`.
    first
        Actions of the first tick: what was done on the case card.
    ended
        Makes the next screen when the attempt is over.
    """

    def __init__(
        self,
        desk: Desk,
        attempt: LiveAttempt,
        eyes: Eyes,
        device: InputDevice,
        *,
        first: tuple[Action, ...],
        ended: Callable[[Ended], Screen | None],
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Stand at the table; the clock starts with the first frame."""
        self.desk, self.attempt, self.eyes, self.device = desk, attempt, eyes, device
        self.overlay = Overlay.NONE
        live = attempt.case.live
        self._live, self._aids = live, live.aids
        self._alarms = alarms_of(attempt.case.course.spec, live.aids, desk.place)
        self._owed: tuple[Action, ...] = first
        self._ended = ended
        self._menu = Menu()
        self.help = HelpPage(desk)
        self._stopwatch, self._tick_s = stopwatch, 0.0
        self._pace = PaceState()
        self._clock, self._last = 0.0, -1.0
        self._input = InputFrame()
        self._speed: list[tuple[float, int]] = []
        self._looked = -1.0
        self._seen: Mapping[str, Any] = {}
        self._warned = -1.0
        self._streams = Streams(attempt.case.seed)
        self._shows_machine()

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Take one frame of the window: at most a few ticks, then what the window was told."""
        if self.eyes.screen.error is not None:
            raise self.eyes.screen.error
        if seen.quit:
            return self._over(Ended.INTERRUPTED)
        after = self._told(seen, commands, now)
        if after is not self:
            return after
        self._run(seen, now)
        if self.attempt.breakdown is not None:
            return self._over(Ended.BROKE_OFF)  # the score page says why
        if getattr(self.device, "done", False):
            return self._over(Ended.DONE)
        return self

    @property
    def stands_still(self) -> bool:
        """Whether the clock stands: before the help, the card and the pause in practice."""
        return self.overlay is not Overlay.NONE and not self._live.pause_ends

    def draw(self, canvas: Canvas, now: float) -> None:
        """Paint the attempt and what lies before it."""
        layout = layout_of(canvas.size, canvas.em, with_steps=Aid.STEP_LIST in self._aids)
        draw_run(self.desk, canvas, self.model(now), layout)
        if self.overlay is Overlay.HELP:
            self.help.draw(canvas)
        elif self.overlay is Overlay.CARD:
            self._draw_card(canvas)
        elif self.overlay is not Overlay.NONE:
            self._draw_question(canvas)
        draw_captions(self.desk, canvas, layout.picture, now)

    def model(self, now: float) -> RunModel:
        """Return all that is to be painted."""
        attempt, desk, live = self.attempt, self.desk, self._live
        snapshot, world = attempt.state.snapshot, attempt.case.world
        values = readings(world.signals, snapshot)
        steps = None
        if Aid.STEP_LIST in self._aids:
            steps = step_list_of(attempt.progress(), hints=Aid.HINTS in self._aids, language=desk.language)
        force = force_bar_of(values, world.facts, desk.place, desk.language) if Aid.FORCE_BAR in self._aids else None
        beside = self.eyes.beside(desk)
        return RunModel(
            place=desk.place,
            title=desk.text(attempt.case.course.spec.title),
            mode=desk.say(f"mode.{live.mode.value}"),
            strip=strip_of(
                values, world.facts, attempt.time_s, place=desk.place, aids=self._aids, language=desk.language
            ),
            steps=steps,
            force=force,
            snapshot=snapshot,
            values=values,
            held=attempt.held,
            seen=self._seen,
            picture=self.eyes.screen.picture(),
            view=beside.picture,
            view_note=self.eyes.note_of(desk),
            camera=beside.camera,
            sees=beside.sees,
            percent=self._percent(),
            hand=self.device.hand if isinstance(self.device, HandDevice) else "",
        )

    def _percent(self) -> int:
        if len(self._speed) < 2:
            return 100
        (t0, n0), (t1, n1) = self._speed[0], self._speed[-1]
        return min(100, round(100.0 * (n1 - n0) / self.attempt.hz / (t1 - t0))) if t1 - t0 > 0.5 else 100

    def _run(self, seen: InputFrame, now: float) -> None:
        """Take the ticks that are due."""
        elapsed = now - self._last if self._last >= 0.0 else 0.0
        self._last = now
        if self.stands_still:
            self._speed.clear()
            return
        self._clock += elapsed
        pace = self._pacer().due(self._pace, self._clock)
        self._pace = pace.state
        self._input = merged(self._input, seen)
        free = self.overlay is Overlay.NONE
        began = self._stopwatch()
        for _ in range(pace.ticks):
            actions = self.device.poll(self._input if free else InputFrame(), self.attempt.state.tick + 1)
            self._input = self._input.later()
            self._step((*self._owed, *actions), now)
            self._owed = ()
            if self.attempt.breakdown is not None:
                break
        if pace.ticks:
            self._tick_s += 0.2 * ((self._stopwatch() - began) / pace.ticks - self._tick_s)
        self._speed.append((self._clock, self.attempt.state.tick))
        while self._speed[-1][0] - self._speed[0][0] > SPEED_S:
            self._speed.pop(0)
        self._after(now)

    def _pacer(self) -> Pacer:
        """Return what says how many ticks are due: as many as lately went into the budget of a frame, one at least."""
        most = MOST_TICKS if self._tick_s <= 0.0 else min(max(int(BUDGET_S / self._tick_s), 1), MOST_TICKS)
        return Pacer(self.attempt.hz, (most + 0.5) / self.attempt.hz)

    def _step(self, actions: tuple[Action, ...], now: float) -> None:
        before = dict(self.attempt.held)
        step = self.attempt.step(actions)
        if step is None:
            return
        self.eyes.screen.show(step.state.world, step.state.tick)
        self._hear(step, before, now)

    def _hear(self, step: Step[Any, Any], before: Mapping[str, float | str], now: float) -> None:
        desk = self.desk
        for cue in cues_of(step.events, step.feedback, before=before, now=self.attempt.held, critical=self._alarms):
            what = event_name(cue.what, desk.language) if cue.caption and cue.what else cue.what
            if cue.sound is not None:
                desk.speaker.play(cue.sound)
            desk.caption(desk.said(cue.caption, what=what) if cue.caption else what, now, cue.level)

    def _after(self, now: float) -> None:
        """Do what follows from the newest tick once a frame: loops, warning, 3D, read-outs, rumble."""
        attempt, desk = self.attempt, self.desk
        snapshot, world = attempt.state.snapshot, attempt.case.world
        for sound, on in loops_of(attempt.held).items():
            desk.speaker.loop(sound, on)
        if self.eyes.view is not None:
            self.eyes.view.show(snapshot.curves)
        values = readings(world.signals, snapshot)
        force = force_bar_of(values, world.facts, desk.place, desk.language)
        if force is not None and Aid.FORCE_BAR in self._aids:
            if force.level is Level.ALARM and now - self._warned > FORCE_PAUSE_S:
                self._warned = now
                short = said(desk.place.force.short, desk.language) if desk.place.force is not None else ""
                desk.heard(Sound.FORCE, desk.said("caption.force", what=short), now, Level.CARE)
            self.device.set_force(force.share)
        if self._clock - self._looked > LOOK_S or self._looked < 0.0:
            self._looked = self._clock
            self._look()

    def _look(self) -> None:
        case, state = self.attempt.case, self.attempt.state
        seen = case.procedure.observe(case.world, state.world, state.tick, self._streams)
        self._seen = {f.name: getattr(seen, f.name) for f in fields(seen)} if is_dataclass(seen) else {}

    def _shows_machine(self) -> None:
        state = self.attempt.state
        self.eyes.screen.show(state.world, state.tick)
        if self.eyes.view is not None:
            self.eyes.view.show(state.snapshot.curves)
        self._look()

    def _told(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Do what the window was told; self where the attempt goes on."""
        if self.overlay in (Overlay.PAUSE, Overlay.FINISH):
            return self._answered(self._menu.pressed(seen), commands, now)
        if self.overlay is Overlay.HELP:
            self._read(seen, commands, now)
            return self
        for command in commands:
            self._command(command, now)
        return self

    def _read(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> None:
        """Take one frame while the help lies before the table."""
        self.help.frame(seen, commands, now)
        if not self.help.is_open:
            self._lay(Overlay.NONE)
        if "screenshot" in commands:
            self._shoot(now)

    def _command(self, command: str, now: float) -> None:
        desk = self.desk
        lays = {"help": Overlay.HELP, "card": Overlay.CARD, "finish": Overlay.FINISH, "pause": Overlay.PAUSE}
        if command in lays:
            closing = self.overlay is lays[command] or (self.overlay is not Overlay.NONE and command == "pause")
            self._lay(Overlay.NONE if closing else lays[command])
        elif command == "undo":
            self._undo(now)
        elif command == "screenshot":
            self._shoot(now)
        elif command == "camera":
            self.eyes.next_camera(self.attempt.state.snapshot.curves)
        elif command == "hand" and isinstance(self.device, HandDevice):
            desk.caption(desk.say("hand.now", what=desk.hand(self.device.hand)), now)

    def _lay(self, overlay: Overlay) -> None:
        """Put something before the table; the hands let go first."""
        self.overlay = overlay
        self._menu.focus = ""
        self._input = InputFrame()
        if overlay is Overlay.HELP:
            self.help.open()
        if overlay is not Overlay.NONE and isinstance(self.device, HandDevice):
            self._owed = (*self._owed, *self.device.release())
            for sound in (Sound.HUM, Sound.CINE):
                self.desk.speaker.loop(sound, False)

    def _answered(self, choice: str, commands: tuple[str, ...], now: float) -> Screen | None:
        if choice == "resume" or "pause" in commands:
            self._lay(Overlay.NONE)
        elif choice == "undo":
            self._lay(Overlay.NONE)
            self._undo(now)
        elif choice == "help":
            self._lay(Overlay.HELP)
        elif choice in ("end", "finish"):
            return self._over(Ended.DONE if choice == "finish" else Ended.INTERRUPTED)
        elif "screenshot" in commands:
            self._shoot(now)
        return self

    def _undo(self, now: float) -> None:
        attempt, desk = self.attempt, self.desk
        if self._live.pause_ends:
            desk.caption(desk.say("undo.assessed"), now, Level.CARE)
            return
        if not attempt.undo(UNDO_S):
            desk.caption(desk.say("undo.none"), now)
            return
        rest: dict[str, float | str] = {desk.place.beam: "off"}
        self._owed = tuple(Action(name, rest.get(name, 0.0)) for name, value in attempt.held.items() if value)
        if isinstance(self.device, HandDevice):
            self.device.release()
        self.eyes.screen.go_back(attempt.state.tick)
        self._shows_machine()
        desk.caption(desk.say("undo.done", time=minutes(attempt.time_s)), now)

    def _shoot(self, now: float) -> None:
        desk = self.desk
        try:
            name = save_shot(desk.canvas.surface, self.attempt, self.model(now))
        except OSError as error:
            desk.caption(desk.say("shot.failed", why=error.strerror or str(error)), now, Level.CARE)
            return
        desk.caption(desk.say("shot.saved", name=name), now)

    def _over(self, ended: Ended) -> Screen | None:
        for sound in (Sound.HUM, Sound.CINE):
            self.desk.speaker.loop(sound, False)
        self.device.set_force(0.0)
        return self._ended(ended)

    def _draw_question(self, canvas: Canvas) -> None:
        canvas.shade()
        say, em = self.desk.say, canvas.em
        kind = "finish" if self.overlay is Overlay.FINISH else "pause.ends" if self._live.pause_ends else "pause"
        title, text = (
            (say(f"{kind}_title"), say(f"{kind}_text"))
            if kind == "pause.ends"
            else (say(f"{kind}.title"), say(f"{kind}.text"))
        )
        width = min(canvas.size[0] - 2 * em, 44 * em)
        box = pygame.Rect(0, 0, width, round(12.5 * em))
        box.center = (canvas.size[0] // 2, canvas.size[1] // 2)
        canvas.panel(box)
        pygame.draw.rect(canvas.surface, canvas.palette.line, box, 1, border_radius=6)
        canvas.text((box.x + em, box.y + em // 2), title, Size.TITLE, bold=True)
        below = canvas.paragraph((box.x + em, box.y + 3 * em), text, width - 2 * em)
        area = pygame.Rect(box.x + em, below + em, width - 2 * em, round(6 * em))
        self._menu.row(canvas, area, self._choices(kind))

    def _choices(self, kind: str) -> tuple[Choice, ...]:
        say = self.desk.say
        if kind == "finish":
            return (Choice("resume", say("finish.no")), Choice("finish", say("finish.yes")))
        if kind == "pause.ends":
            return (Choice("resume", say("finish.no")), Choice("end", say("pause.end")))
        undo = Choice("undo", say("pause.undo"), enabled=self.attempt.can_undo)
        return (
            Choice("resume", say("pause.resume")), undo, Choice("help", say("pause.help")),
            Choice("end", say("pause.end")),
        )  # fmt: skip

    def _draw_card(self, canvas: Canvas) -> None:
        canvas.clear()
        desk, em = self.desk, canvas.em
        card = desk.course.spec.case_card
        canvas.text((2 * em, em), desk.say("card.title"), Size.TITLE, bold=True)
        y = 4 * em
        for line in ("indication", "allergy", "renal_function", "anticoagulants", "instrument_plan"):
            canvas.text((2 * em, y), desk.say(f"card.{line}"), bold=True, colour=canvas.palette.main)
            text = desk.text(getattr(card, line))
            y = canvas.paragraph((12 * em, y), text, canvas.size[0] - 14 * em) + em
        canvas.text((2 * em, y + em), f"{desk.key('card')}: {desk.say('card.back')}", colour=canvas.palette.soft)

"""The window of `simtrainer train`: the only place that reads the wall clock and waits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import pygame

from simtrainer.core.action import Action
from simtrainer.core.attempt import SUFFIX, Attempt, read_attempt
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.stream import Streams
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.schema import Aid
from simtrainer.debrief.report import beside_of
from simtrainer.procedures.procedure import Procedure
from simtrainer.records.entry import Familiarity, SelfRating
from simtrainer.ui.case import Case, open_case
from simtrainer.ui.desktop.binding import Own, Profile, bound, check_targets, read_own, shipped
from simtrainer.ui.desktop.canvas import Canvas
from simtrainer.ui.desktop.card_screen import CardScreen
from simtrainer.ui.desktop.desk import Desk, Screen
from simtrainer.ui.desktop.device import HandDevice, InputDevice, InputFrame, Reach
from simtrainer.ui.desktop.end_screen import RatingScreen, ScoreScreen
from simtrainer.ui.desktop.eyes import Eyes
from simtrainer.ui.desktop.live import LiveAttempt
from simtrainer.ui.desktop.loader import Loaded, Loader
from simtrainer.ui.desktop.pump import Pump, key_names
from simtrainer.ui.desktop.room import Looking, RoomThread
from simtrainer.ui.desktop.run_screen import RunScreen
from simtrainer.ui.desktop.sound import Speaker
from simtrainer.ui.desktop.view3d import View3D
from simtrainer.ui.desktop.xray import XrayThread
from simtrainer.ui.gallery import Gallery
from simtrainer.ui.hand import PERSON, Hand, open_hand
from simtrainer.ui.monitor.caption import CaptionQueue
from simtrainer.ui.monitor.timeline import timeline_of
from simtrainer.ui.player import Ended, Played, free_path
from simtrainer.ui.settings import Settings
from simtrainer.ui.workplace import Sees

FPS = 60
"""Frames a second of the window. because: ui.md, measured with the 3D view in a thread of its own"""
VIEW_SIZE = (432, 408)
"""Size of the 3D view before it is fitted in [pixels]. because: ui.md, a frame costs by its pixels on a CPU"""
CONTROLS_FILE = "controls.yaml"


@dataclass(frozen=True, slots=True)
class Look:
    """How the window looks and what it may use.

    Parameters
    ----------
    size
        Width and height [pixels].
    text_scale
        1.5 for text of 150 %.
    view_3d, sound
        Whether to try the 3D view (practice only) and the sound device.
    controls
        A person's own bindings; None for `controls.yaml` beside the settings file, where there is one.
    """

    size: tuple[int, int] = (1366, 768)
    text_scale: float = 1.0
    view_3d: bool = True
    sound: bool = True
    controls: Path | None = None


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What came of the window; all None where it was closed before the first tick.

    Parameters
    ----------
    case, gallery
        What a debrief needs besides the attempt: the case as it was played, and its key pictures.
    """

    case: Case | None
    played: Played | None
    gallery: Gallery | None
    self_rating: SelfRating | None


class ActingDevice:
    """A bot or a script in the place of a person's hands, as the window polls it."""

    def __init__(self, hand: Hand, attempt: LiveAttempt) -> None:
        """Let `hand` act in `attempt`."""
        self.name = hand.name
        self._hand, self._attempt = hand, attempt
        self._streams = Streams(attempt.case.seed)

    @property
    def done(self) -> bool:
        """Whether it has nothing more to do."""
        return self._hand.done

    def poll(self, frame: InputFrame, tick: int) -> tuple[Action, ...]:
        """Return the actions of `tick`."""
        case, state = self._attempt.case, self._attempt.state
        seen = case.procedure.observe(case.world, state.world, state.tick, self._streams) if self._hand.sees else None
        return self._hand.act(seen, tick)

    def set_force(self, share: float) -> None:
        """Feel nothing."""


History: TypeAlias = Callable[[Attempt], Familiarity | None]
"""Says how often the trainee of an attempt had been here before; None where no records are kept."""


def no_history(attempt: Attempt) -> Familiarity | None:
    """Know nothing."""
    del attempt
    return None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for: mode, pseudonym, where the attempt goes, whose hand acts, and who knows the past."""

    mode: Mode
    trainee: str
    out: Path
    hand: str
    history: History = no_history


class Window:
    """All screens of one sitting, one frame at a time; whoever calls `frame` keeps the clock."""

    def __init__(self, desk: Desk, pump: Pump, loader: Loader, wish: Wish) -> None:
        """Show the case card."""
        self.desk, self.pump, self.loader, self.wish = desk, pump, loader, wish
        self.played: Played | None = None
        self.self_rating: SelfRating | None = None
        self.attempt: LiveAttempt | None = None
        self._eyes: Eyes | None = None
        self._branches = 0
        self._listener = HandDevice(desk.table, FPS)
        self.screen: Screen | None = CardScreen(desk, loader, wish.mode, self._begin)

    def frame(self, now: float) -> bool:
        """Take and paint one frame at `now` [s]; False when the window is done."""
        seen = self.pump.frame()
        screen = self.screen
        if screen is None:
            return False
        commands = () if self.desk.capturing else self._hands(screen).commands(seen)
        for command in commands:
            self.desk.general(command, now)
        before_run = self.attempt is None
        self.screen = None if seen.quit and before_run else screen.frame(seen, commands, now)
        if self.screen is None:
            return False
        surface = pygame.display.get_surface()
        if surface is not None:
            self.desk.canvas.surface = surface
        self.screen.draw(self.desk.canvas, now)
        pygame.display.flip()
        return True

    def _hands(self, screen: Screen) -> HandDevice:
        """Return whose keys are listened to, with the keys that are in force."""
        device = self._listener
        if isinstance(screen, RunScreen) and isinstance(screen.device, HandDevice):
            device = screen.device
        if device.table is not self.desk.table:
            device.rebind(self.desk.table)
        return device

    def result(self) -> WindowResult:
        """Return what came of it so far."""
        if self.attempt is None or self.played is None:
            return WindowResult(None, None, None, None)
        return WindowResult(self.attempt.case, self.played, self.attempt.gallery, self.self_rating)

    def close(self) -> None:
        """End the threads; an attempt that is still open keeps what was written."""
        if self._eyes is not None:
            self._eyes.close()
            self._eyes = None
        if self.attempt is not None and self.played is None:
            self.attempt.abandon()

    def _begin(self, loaded: Loaded, first: tuple[Action, ...]) -> Screen:
        case, wish = loaded.case, self.wish
        check_targets(self.desk.table, case.world.controls)
        place = self.desk.place
        wants_3d = place.view_3d and Aid.VIEW_3D in case.live.aids
        has_3d = wants_3d and loaded.graphics.works
        aids = tuple(aid.value for aid in case.live.aids if aid is not Aid.VIEW_3D or has_3d)
        person = self._person(case.world.tick_hz) if wish.hand in PERSON else None
        name = person.name if person is not None else wish.hand.partition(":")[0]
        sitting = Sitting(
            trainee=wish.trainee, device=name, mode=wish.mode, aids=aids,
            started=datetime.now().astimezone().isoformat(timespec="seconds"), labels=dict(case.labels),
        )  # fmt: skip
        attempt = LiveAttempt(case, lambda: self._path(case, name), sitting)
        self.attempt = attempt
        device: InputDevice
        if person is not None:
            device = person
        else:
            device = ActingDevice(open_hand(wish.hand, case.procedure, case.world, case.seed), attempt)
        note = ""
        if wants_3d and not has_3d:
            note = self.desk.say("run.no_3d", why=loaded.graphics.detail or "-")
        screen: Looking
        if place.sees is Sees.MACHINE:
            screen = XrayThread(case.procedure, loaded.second, case.seed)
        else:
            screen = RoomThread(case.procedure, loaded.second, case.seed, pace_hz=place.pace_hz)
        self._eyes = Eyes(screen, View3D(loaded.scene, VIEW_SIZE) if has_3d else None, note)
        return RunScreen(self.desk, attempt, self._eyes, device, first=first, ended=self._ended)

    def _person(self, tick_hz: int) -> HandDevice:
        desk = self.desk
        reach = Reach(pad=self.wish.hand == "gamepad")
        return HandDevice(desk.table, tick_hz, profile=desk.own.profile, reach=reach, rumble=desk.rumble)

    def _path(self, case: Case, hand: str) -> Path:
        out = self.wish.out
        if not out.name.endswith(SUFFIX):
            return free_path(out, case, hand)
        self._branches += 1
        if self._branches == 1:
            return out
        return out.with_name(f"{out.name.removesuffix(SUFFIX)}.undo{self._branches - 1}{SUFFIX}")

    def _ended(self, ended: Ended) -> Screen | None:
        assert self.attempt is not None
        self.played = self.attempt.finish(ended)
        self.desk.captions = CaptionQueue()
        return RatingScreen(self.desk, self._rated)

    def _rated(self, rating: SelfRating | None) -> Screen:
        assert self.attempt is not None
        assert self.played is not None
        self.self_rating = rating
        case = self.attempt.case
        read = read_attempt(self.played.path)
        beside = beside_of(read, case.course, self.played.score, history=self.wish.history(read))
        forbidden = frozenset(rule.never.event for rule in case.course.spec.forbidden)
        timeline = timeline_of(
            self.attempt.progress(), self.played.events, forbidden, ticks=self.played.ticks, tick_hz=self.played.tick_hz
        )
        return ScoreScreen(self.desk, self.played.score, rating, beside, self.played.path, timeline=timeline)


def open_window(  # noqa: PLR0913  # the door of the whole window: each is one thing that a person says
    course: Course,
    procedure: Procedure,
    patient: str | Path | None,
    *,
    seed: int,
    mode: Mode,
    trainee: str,
    out: Path,
    settings: Settings,
    hand: str = "keyboard",
    look: Look | None = None,
    history: History = no_history,
) -> WindowResult:
    """Open the window for one sitting, and return what came of it when it is closed.

    Parameters
    ----------
    patient
        A built-in name, or the folder of an anatomy package; None for the course's own choice.
    out
        The attempt file, or the folder for it.
    hand
        `keyboard`, `mouse`, `trackpad` or `gamepad`; or `expert`, `novice`, `script:FILE` to be watched.
    history
        What is known of the trainee's earlier attempts.
    """
    look = look or Look()
    language = settings.word("language")
    own = own_controls(look.controls, settings, hand)

    def opened() -> Case:
        chosen = str(patient) if patient is not None else None
        return open_case(course, patient=chosen, seed=seed, mode=mode, language=language)

    with made_desk(course, procedure, language, own=own, look=look, hand=hand) as (desk, pump):
        desk.controls = look.controls or settings.file.parent / CONTROLS_FILE
        shows_3d = look.view_3d and desk.place.view_3d and mode is Mode.PRACTICE
        wants_3d = shows_3d and Aid.VIEW_3D in course.spec.modes.practice.aids
        loader = Loader(opened, wants_3d=wants_3d)
        window = Window(desk, pump, loader, Wish(mode, trainee, out, hand, history))
        try:
            run(window, time.monotonic)
        finally:
            window.close()
        if loader.error is not None:
            raise loader.error
        return window.result()


def run(window: Window, clock: Callable[[], float]) -> None:
    """Take frames until the window is done, at most `FPS` a second."""
    pace = pygame.time.Clock()
    while window.frame(clock()):
        pace.tick(FPS)


def own_controls(given: Path | None, settings: Settings, hand: str) -> Own:
    """Return a person's own bindings, for the hand that was asked for."""
    path = given or settings.file.parent / CONTROLS_FILE
    own = read_own(path) if given is not None or path.is_file() else Own()
    return own.model_copy(update={"profile": Profile.TRACKPAD}) if hand == "trackpad" else own


@contextmanager
def made_desk(
    course: Course, procedure: Procedure, language: str, *, own: Own, look: Look, hand: str
) -> Iterator[tuple[Desk, Pump]]:
    """Open display, sound and gamepad, and close them at the end; InputError without a display."""
    known = (*PERSON, *procedure.bots)
    if hand not in known and not hand.startswith("script:"):
        raise UnknownNameError("hand", hand, known)
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        surface = _display(look.size)
        pump = Pump()
        if hand == "gamepad" and not pump.pad_name:
            raise InputError("no gamepad is plugged in; plug one in, or use --hand keyboard or trackpad")
        base, names = shipped(procedure.name), key_names()
        table = bound(base, own, names, where=CONTROLS_FILE)
        speaker = Speaker(wanted=look.sound, volume=own.volume)
        desk = Desk(
            Canvas(surface, look.text_scale), course, language, table, own, speaker,
            pad_name=pump.pad_name if hand == "gamepad" else "", rumble=pump.rumble,
            base=base, key_names=names,
        )  # fmt: skip
        try:
            yield desk, pump
        finally:
            speaker.close()
            pump.close()
    finally:
        pygame.quit()


def _display(size: tuple[int, int]) -> pygame.Surface:
    """Open the window; InputError where there is no display."""
    advice = "there is no display here; use --view none, or --film FILE.mp4"
    try:
        pygame.display.init()
        pygame.font.init()
        if pygame.display.get_driver() in ("dummy", "offscreen") and "SDL_VIDEODRIVER" not in os.environ:
            raise InputError(advice)
        surface = pygame.display.set_mode(size, pygame.RESIZABLE)
    except pygame.error as error:
        raise InputError(f"{advice} ({error})") from None
    pygame.display.set_caption("simtrainer")
    pygame.key.set_repeat()  # a held key is held, not struck again
    return surface

"""What all screens share: canvas, words, captions, speaker, bindings and the hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from simtrainer.core.error import InputError
from simtrainer.curriculum.course import Course
from simtrainer.ui.desktop.binding import BindingTable, Own, bound
from simtrainer.ui.desktop.canvas import Canvas
from simtrainer.ui.desktop.device import InputFrame
from simtrainer.ui.desktop.help import HelpGroup, help_of, key_word
from simtrainer.ui.desktop.palette import PALETTES
from simtrainer.ui.desktop.rebinding import write_own
from simtrainer.ui.desktop.sound import Sound, Speaker
from simtrainer.ui.monitor.caption import CaptionQueue
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.monitor.word import MONITOR, Words
from simtrainer.ui.workplace import Workplace, said, workplace

TEXT_SCALES = (1.0, 1.25, 1.5)
LOUDER = 0.1
"""One press makes it louder by this share of the loudest. because: design"""
WORDS = Path(__file__).with_name("words.yaml")


class Screen(Protocol):
    """One thing that fills the window."""

    def frame(self, seen: InputFrame, commands: tuple[str, ...], now: float) -> Screen | None:
        """Take what the hands did until `now` [s], and return the screen that follows; None ends the window."""
        ...

    def draw(self, canvas: Canvas, now: float) -> None:
        """Paint the whole window."""
        ...


@dataclass(slots=True)
class Desk:
    """The shared things; one for each window.

    Parameters
    ----------
    base, key_names
        The table that ships, and the names of the keys that can be bound: what `rebind` needs.
    controls
        The person's own file; None where nothing is kept.
    capturing
        Whether the next key is asked for and means nothing else.
    """

    canvas: Canvas
    course: Course
    language: str
    table: BindingTable
    own: Own
    speaker: Speaker
    pad_name: str = ""
    rumble: Callable[[float], None] | None = None
    captions: CaptionQueue = field(default_factory=CaptionQueue)
    helped: tuple[HelpGroup, ...] = ()
    base: BindingTable | None = None
    key_names: frozenset[str] = frozenset()
    controls: Path | None = None
    capturing: bool = False

    def __post_init__(self) -> None:
        """Put the binding table into words, once."""
        self.helped = help_of(self.table, self.language, self.own.profile)

    @property
    def say(self) -> Words:
        """The texts of the window."""
        return Words(WORDS, self.language)

    @property
    def place(self) -> Workplace:
        """What the place of work of the course's procedure is like."""
        return workplace(self.course.spec.procedure)

    def hand(self, hand: str) -> str:
        """Return the name of a hand of the bindings, or of the device that it moves."""
        return next((said(one.label, self.language) for one in self.place.hands if one.id == hand), hand)

    @property
    def said(self) -> Words:
        """The texts of the view models."""
        return Words(MONITOR, self.language)

    def text(self, key: str) -> str:
        """Return a text of the course."""
        return self.course.text(key, self.language)

    def key(self, row: str) -> str:
        """Return the first key of a row of the binding table as it is printed on keyboards."""
        for item in self.table.rows:
            if item.id == row:
                keys: tuple[str, ...] = getattr(item, "keys", ()) or getattr(item, "plus", ())
                return key_word(keys[0], self.language) if keys else "-"
        return "-"

    def does(self, row: str) -> str:
        """Return what a row of the binding table does; empty where there is none."""
        found = next((item.does for item in self.table.rows if item.id == row), {"en": ""})
        return said(found, self.language)

    def rebind(self, own: Own) -> None:
        """Let `own` be in force; InputError where a key would be bound twice, and nothing changes."""
        base = self.base if self.base is not None else self.table
        where = self.controls.name if self.controls is not None else "keys"
        self.table = bound(base, own, self.key_names, where=where)
        self.own = own
        self.helped = help_of(self.table, self.language, own.profile)

    def keep(self, now: float) -> None:
        """Write what is the person's own into their file, and say where that fails."""
        if self.controls is None:
            return
        try:
            write_own(self.own, self.controls)
        except InputError as error:
            self.caption(self.say("help.not_kept", why=str(error)), now, Level.CARE)

    def caption(self, text: str, now: float, level: Level = Level.CALM) -> None:
        """Let words stand for a while."""
        self.captions = self.captions.said(text, now, level)

    def heard(self, sound: Sound, text: str, now: float, level: Level = Level.CALM) -> None:
        """Play a sound, and say it in words."""
        self.speaker.play(sound)
        self.caption(text, now, level)

    def general(self, command: str, now: float) -> None:
        """Do what a command asks for on every screen: text size, colours, sound and how loud it is."""
        if command == "text_size":
            at = min(range(len(TEXT_SCALES)), key=lambda k: abs(TEXT_SCALES[k] - self.canvas.scale))
            self.canvas.rescale(TEXT_SCALES[(at + 1) % len(TEXT_SCALES)])
        elif command == "palette":
            self.canvas.palette = PALETTES[(PALETTES.index(self.canvas.palette) + 1) % len(PALETTES)]
        elif command == "mute":
            self.speaker.mute(not self.speaker.muted)
            word = "sound.off" if self.speaker.muted else "sound.on"
            self.caption(self.say(word if self.speaker.works else "sound.none"), now)
        elif command in ("quieter", "louder"):
            self._louder(LOUDER if command == "louder" else -LOUDER, now)

    def _louder(self, by: float, now: float) -> None:
        if not self.speaker.works:
            self.caption(self.say("sound.none"), now)
            return
        self.speaker.set_volume(round(self.speaker.volume + by, 2))
        if self.speaker.muted and by > 0.0:
            self.speaker.mute(False)
        self.own = self.own.model_copy(update={"volume": self.speaker.volume})
        self.caption(self.say("sound.volume", percent=f"{100 * self.speaker.volume:.0f}"), now)
        self.speaker.play(Sound.DONE)
        self.keep(now)

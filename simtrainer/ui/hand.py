"""What acts in a session without a person at the keys: a bot of the procedure, or a script from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from simtrainer.core.action import Action, Control
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.procedures.procedure import Bot, Procedure

SCRIPT = "script:"
DEVICES = frozenset({"keyboard_mouse", "trackpad", "gamepad"})
"""What an attempt records as the device of a person; anything else is a program."""
PERSON = ("keyboard", "mouse", "trackpad", "gamepad")
"""Hands that need a person and a window."""


class Hand(Protocol):
    """Acts tick by tick until it is done."""

    @property
    def name(self) -> str:
        """What the attempt and the score call it."""
        ...

    @property
    def sees(self) -> bool:
        """True where it wants to look before it acts."""
        ...

    @property
    def done(self) -> bool:
        """True when it has nothing more to do."""
        ...

    def act(self, seen: Any, tick: int) -> tuple[Action, ...]:
        """Return the actions of `tick`, given the procedure's Observation of the tick before."""
        ...


class BotHand:
    """A bot of the procedure."""

    sees = True

    def __init__(self, name: str, bot: Bot) -> None:
        """Let `bot` act under `name`."""
        self.name = name
        self._bot = bot

    @property
    def done(self) -> bool:
        """True when the bot says so."""
        return bool(getattr(self._bot, "done", False))

    def act(self, seen: Any, tick: int) -> tuple[Action, ...]:
        """Ask the bot."""
        del tick
        return self._bot.act(seen)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a script: at tick `tick` do `action`; without one, only wait until then."""

    tick: int
    action: Action | None


class ScriptHand:
    """A fixed list of deeds; blind, and done after its last line."""

    name = "script"
    sees = False

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Do `entries` in the order of time."""
        self._by_tick: dict[int, list[Action]] = {}
        self._last = max((entry.tick for entry in entries), default=0)
        self._tick = 0
        for entry in entries:
            if entry.action is not None:
                self._by_tick.setdefault(entry.tick, []).append(entry.action)

    @property
    def done(self) -> bool:
        """True after the last line."""
        return self._tick >= self._last

    def act(self, seen: Any, tick: int) -> tuple[Action, ...]:
        """Return what the script says for `tick`."""
        del seen
        self._tick = tick
        return tuple(self._by_tick.get(tick, ()))


def open_hand(given: str, procedure: Procedure, world: Any, seed: int) -> Hand:
    """Return the hand that a person means by `expert`, `novice` or `script:FILE`."""
    if given.startswith(SCRIPT):
        return read_script(Path(given.removeprefix(SCRIPT)), world.controls, world.tick_hz)
    if given in PERSON:
        raise InputError(f"--hand {given} needs a window; without one use --hand expert, novice or script:FILE")
    if given not in procedure.bots:
        raise UnknownNameError("hand", given, (*procedure.bots, f"{SCRIPT}FILE", *PERSON))
    return BotHand(given, procedure.bot(given, seed))


def read_script(path: Path, controls: Sequence[Control], tick_hz: int) -> ScriptHand:
    """Return the script in a YAML or JSON file: a list of `{t: seconds, control: name, value: number or word}`.

    Without `value` a button is pressed; a line with `t` alone waits until then. InputError names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise InputError(f"script {path}: cannot be read: {(error.strerror or 'unknown').lower()}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"script {path}: is neither YAML nor JSON: {str(error).splitlines()[0]}") from None
    if not isinstance(data, list) or not data:
        raise InputError(f"script {path}: is a list of {{t: seconds, control: name, value: ...}}, at least one")
    known = {control.name: control for control in controls}
    return ScriptHand([_entry(row, known, tick_hz, f"script {path}: [{number}]") for number, row in enumerate(data)])


def _entry(row: object, known: dict[str, Control], tick_hz: int, where: str) -> Entry:
    if not isinstance(row, dict):
        raise InputError(f"{where}: is {row!r}, not {{t: seconds, control: name, value: ...}}")
    for key in row:
        if key not in ("t", "control", "value"):
            raise UnknownNameError("key", str(key), ("t", "control", "value"), where)
    seconds = row.get("t")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0.0 <= seconds < 1e6:
        raise InputError(f"{where}.t: is a time in seconds from 0 on, not {seconds!r}")
    tick = max(1, round(seconds * tick_hz))
    name = row.get("control")
    if name is None:
        return Entry(tick, None)
    if name not in known:
        raise UnknownNameError("control", str(name), known, f"{where}.control")
    value = row.get("value", 1.0)
    if isinstance(value, bool):  # YAML reads `off` and `on` as truth
        value = ("on" if value else "off") if known[name].choices else float(value)
    if not isinstance(value, int | float | str):
        raise InputError(f"{where}.value: is a number or a word, not {value!r}")
    return Entry(tick, Action(name, known[name].checked(value)))

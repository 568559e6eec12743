"""The help of F1: the binding table in words."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.ui.desktop.binding import AxisRow, BindingTable, LevelRow, Profile, Row, keys_of, pads_of


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line: what it does, on which keys, on which part of a gamepad."""

    does: str
    keys: str
    pad: str


@dataclass(frozen=True, slots=True)
class HelpGroup:
    """Lines that belong together."""

    title: str
    lines: tuple[HelpLine, ...]


_SHOWN = {
    "en": {"up": "↑", "down": "↓", "left": "←", "right": "→", "page up": "PgUp", "page down": "PgDn", "escape": "Esc",
           "space": "Space", "backspace": "Backspace", "tab": "Tab", "insert": "Ins", "delete": "Del", "home": "Home",
           "end": "End"},
    "de": {"up": "↑", "down": "↓", "left": "←", "right": "→", "page up": "Bild↑", "page down": "Bild↓",
           "escape": "Esc", "space": "Leertaste", "backspace": "Rücktaste", "tab": "Tab", "insert": "Einfg",
           "delete": "Entf", "home": "Pos1", "end": "Ende"},
}  # fmt: skip
_POINTER = {
    ("en", Profile.MOUSE, "y"): "drag up/down, wheel", ("en", Profile.MOUSE, "x"): "drag right/left",
    ("en", Profile.TRACKPAD, "y"): "drag up/down", ("en", Profile.TRACKPAD, "x"): "two fingers, Shift+drag",
    ("de", Profile.MOUSE, "y"): "hoch/runter ziehen, Rad", ("de", Profile.MOUSE, "x"): "rechts/links ziehen",
    ("de", Profile.TRACKPAD, "y"): "hoch/runter ziehen", ("de", Profile.TRACKPAD, "x"): "zwei Finger, Umschalt+ziehen",
}  # fmt: skip


def key_word(key: str, language: str) -> str:
    """Return the name of a key as it is printed on keyboards."""
    return _SHOWN.get(language, _SHOWN["en"]).get(key, key.upper())


def help_of(table: BindingTable, language: str, profile: Profile) -> tuple[HelpGroup, ...]:
    """Return the help in `language`, group by group."""
    groups = []
    for name, title in table.groups.items():
        lines = tuple(_line(row, language, profile) for row in table.rows if row.group == name)
        if lines:
            groups.append(HelpGroup(title.get(language) or title["en"], lines))
    return tuple(groups)


def _line(row: Row, language: str, profile: Profile) -> HelpLine:
    if isinstance(row, AxisRow | LevelRow):
        sides = (row.plus, row.minus)
        keys = " / ".join(" ".join(key_word(key, language) for key in side) for side in sides if side)
    else:
        keys = " ".join(key_word(key, language) for key in keys_of(row))
    if isinstance(row, AxisRow) and row.drag is not None:
        spoken = language if language in _SHOWN else "en"
        keys = (
            f"{keys}; {_POINTER[spoken, profile, row.drag.axis]}" if keys else _POINTER[spoken, profile, row.drag.axis]
        )
    pad = ", ".join(name.replace("_", " ") for name in pads_of(row))
    return HelpLine(row.does.get(language) or row.does["en"], keys, pad)

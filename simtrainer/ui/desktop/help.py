"""The help of F1: the binding table in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from simtrainer.ui.desktop.binding import AxisRow, BindingTable, LevelRow, Profile, Row, keys_of, pads_of


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line: what it does, on which keys, on which part of a gamepad; `row` of the table, empty for a pointer."""

    does: str
    keys: str
    pad: str
    row: str = ""


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
           "escape": "Esc", "space": "Leer", "backspace": "Rücktaste", "tab": "Tab", "insert": "Einfg",
           "delete": "Entf", "home": "Pos1", "end": "Ende"},
}  # fmt: skip
_POINTER = {
    ("en", Profile.MOUSE, "y"): "drag ↑↓, wheel", ("en", Profile.MOUSE, "x"): "drag ←→",
    ("en", Profile.TRACKPAD, "y"): "drag ↑↓", ("en", Profile.TRACKPAD, "x"): "2 fingers, Shift+drag",
    ("de", Profile.MOUSE, "y"): "ziehen ↑↓, Rad", ("de", Profile.MOUSE, "x"): "ziehen ←→",
    ("de", Profile.TRACKPAD, "y"): "ziehen ↑↓", ("de", Profile.TRACKPAD, "x"): "2 Finger, Umschalt+ziehen",
}  # fmt: skip
_WITH_WHEEL = {
    ("en", "y"): "drag ↑↓", ("en", "x"): "drag ←→", ("en", "wheel"): "wheel, 2 fingers",
    ("de", "y"): "ziehen ↑↓", ("de", "x"): "ziehen ←→", ("de", "wheel"): "Rad, 2 Finger",
}  # fmt: skip
"""Where the wheel moves something of its own."""
_CHOSEN = {"en": ": the chosen hand", "de": ": die gewählte Hand"}
_TITLES = {
    ("en", Profile.MOUSE): "Mouse", ("en", Profile.TRACKPAD): "Trackpad",
    ("de", Profile.MOUSE): "Maus", ("de", Profile.TRACKPAD): "Trackpad",
}  # fmt: skip


def key_word(key: str, language: str) -> str:
    """Return the name of a key as it is printed on keyboards."""
    if len(key) == 3 and key[0] == "[" and key[-1] == "]":
        return f"Num {key[1]}"
    return _SHOWN.get(language, _SHOWN["en"]).get(key, key.upper())


def help_of(table: BindingTable, language: str, profile: Profile) -> tuple[HelpGroup, ...]:
    """Return the help in `language`, group by group."""
    groups = []
    for name, title in table.groups.items():
        lines = tuple(_line(row, language, profile) for row in table.rows if row.group == name)
        if lines:
            groups.append(HelpGroup(title.get(language) or title["en"], lines))
    spoken = language if language in _SHOWN else "en"
    axes = {row.drag.axis for row in table.rows if isinstance(row, AxisRow) and row.drag}
    drags = [row for row in table.rows if isinstance(row, AxisRow) and row.drag and row.hand == table.hands[0]]
    lines = tuple(
        HelpLine(row.does.get(language) or row.does["en"], _pointer(spoken, profile, row.drag.axis, axes), "")
        for row in drags
        if row.drag
    )
    heading = _TITLES[spoken, profile] + (_CHOSEN[spoken] if "wheel" in axes else "")
    return (*groups[:2], HelpGroup(heading, lines), *groups[2:]) if lines else tuple(groups)


def _pointer(language: str, profile: Profile, axis: str, axes: Collection[str]) -> str:
    return _WITH_WHEEL[language, axis] if "wheel" in axes else _POINTER[language, profile, axis]


def _line(row: Row, language: str, profile: Profile) -> HelpLine:
    if isinstance(row, AxisRow | LevelRow):
        sides = (row.plus, row.minus)
        keys = " / ".join(" ".join(key_word(key, language) for key in side) for side in sides if side)
    else:
        keys = " ".join(key_word(key, language) for key in keys_of(row))
    pad = ", ".join(name.replace("_", " ") for name in pads_of(row))
    return HelpLine(row.does.get(language) or row.does["en"], keys, pad, row.id)

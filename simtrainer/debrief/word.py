"""The words of a debrief in the languages that ship, and names of events and devices as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("words.yaml")
_WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def say(key: str, language: str, /, *, otherwise: str = "", **values: float | str) -> str:
    """Return the text `key` in `language`, else in English, else `otherwise`, with its holes filled."""
    if key == "number":
        return number(values["value"], language)
    found = _WORDS.get(key)
    if found is None:
        assert otherwise, f"no word '{key}'"
        return otherwise
    text = found.get(language) or found["en"]
    return text.format(**{name: number(value, language) for name, value in values.items()})


def number(value: float | str, language: str) -> str:
    """Return a number with three significant digits and the decimal sign of `language`; a word as it is."""
    if isinstance(value, str):
        return value
    text = f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return text.replace(".", ",") if language == "de" else text


def minutes(seconds: float) -> str:
    """Return a time as minutes and seconds: `4:07`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def moment_of(started: str) -> str:
    """Return a date and time in ISO 8601 as people read it: day and minute; as it is where it is something else."""
    found = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", started)
    return f"{found[1]} {found[2]}" if found else started


def event_name(name: str, language: str) -> str:
    """Return the name of an event as people say it: `Wire tip left image`."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
    return say(f"event.{name}", language, otherwise=split) if language != "en" else split


def word(value: str, language: str) -> str:
    """Return a word of the session (a device, a vessel) as people say it; a dash where it names nothing."""
    if not value:
        return "–"
    return say(f"word.{value}", language, otherwise=value.replace("_", " "))

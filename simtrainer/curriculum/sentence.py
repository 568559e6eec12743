"""Says in plain words what cost points, in the languages that ship; a course's own texts come first."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simtrainer.core.event import Evidence

GENERAL: dict[str, dict[str, str]] = {
    "en": {
        "done": "Done: {do}.",
        "missed": "Not done: {do}.",
        "closed": "Not done in time: {do}. It had to come before: {other}.",
        "late": "Done late: {do}.",
        "out_of_order": "Out of order: {do}.",
        "metric": "{say}: {value} {unit} (all points at {full}, none at {zero}).",
        "not_reached": "{say}: no points, because this was not reached: {other}.",
        "at": "at {time} s",
        "validity": "Simulator score; transfer to patients not shown.",
        "provisional": "The pass mark is provisional: no panel has set it.",
        "not_reviewed": "No clinician has reviewed this course.",
    },
    "de": {
        "done": "Erledigt: {do}.",
        "missed": "Nicht ausgeführt: {do}.",
        "closed": "Nicht rechtzeitig ausgeführt: {do}. Es hätte hiervor geschehen müssen: {other}.",
        "late": "Zu spät ausgeführt: {do}.",
        "out_of_order": "Falsche Reihenfolge: {do}.",
        "metric": "{say}: {value} {unit} (volle Punkte bei {full}, keine bei {zero}).",
        "not_reached": "{say}: keine Punkte, weil dies nicht erreicht wurde: {other}.",
        "at": "bei {time} s",
        "validity": "Simulator-Punktzahl; eine Übertragung auf Patienten ist nicht gezeigt.",
        "provisional": "Die Bestehensgrenze ist vorläufig: kein Gremium hat sie festgelegt.",
        "not_reviewed": "Kein Arzt hat diesen Kurs geprüft.",
    },
}
"""General sentences by language and key."""

_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def general(key: str, language: str, **values: Evidence) -> str:
    """Return the general sentence `key` in `language` or in English, with its holes filled."""
    return filled(GENERAL.get(language, GENERAL["en"])[key], values)


def filled(text: str, values: Mapping[str, Evidence]) -> str:
    """Return `text` with `{name}` replaced by the value of that name; unknown names stay as they are."""
    return _HOLE.sub(lambda hole: shown(values[hole[1]]) if hole[1] in values else hole[0], text)


def holes(text: str) -> tuple[str, ...]:
    """Return the names that `filled` would look for in `text`."""
    return tuple(_HOLE.findall(text))


def shown(value: Evidence) -> str:
    """Return a number with three significant digits, never as a power of ten below a million; a word as it is."""
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"

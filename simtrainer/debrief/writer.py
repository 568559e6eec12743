"""Writes a debrief: one HTML file that needs nothing else, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from simtrainer.core.error import InputError
from simtrainer.debrief.page import page
from simtrainer.debrief.report import Debrief


def write_html(debrief: Debrief, path: Path) -> Path:
    """Write the page and return its path; InputError where it cannot be written."""
    return write_text(path, page(debrief))


def write_json(debrief: Debrief, path: Path) -> Path:
    """Write the debrief as JSON and return its path; InputError where it cannot be written."""
    return write_text(path, json.dumps(debrief.to_json(), ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def write_debrief(debrief: Debrief, path: Path) -> tuple[Path, Path]:
    """Write `path` as HTML and its neighbour with the ending `.json`; return both."""
    return write_html(debrief, path), write_json(debrief, path.with_suffix(".json"))


def write_text(path: Path, text: str) -> Path:
    """Write a text file, its folder included; InputError where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    return path

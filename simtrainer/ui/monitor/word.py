"""Texts of the screens by key and language; English is the fallback."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from simtrainer.core.units import MINUTE

Texts = Mapping[str, Mapping[str, str]]


@cache
def texts(path: Path) -> Texts:
    """Return the table of texts in the YAML file at `path`."""
    table: Texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    return table


class Words:
    """The texts of one file in one language."""

    def __init__(self, path: Path, language: str) -> None:
        """Read the file once; `language` falls back to English."""
        self._table = texts(path)
        self.language = language

    def __call__(self, key: str, /, **values: str) -> str:
        """Return the text `key` with its holes filled."""
        found = self._table[key]
        return (found.get(self.language) or found["en"]).format(**values)

    def or_else(self, key: str, otherwise: str) -> str:
        """Return the text `key`, or `otherwise` where there is none."""
        return self(key) if key in self._table else otherwise

    def number(self, value: float, decimals: int) -> str:
        """Return a number with the decimal sign of the language; no minus sign before zero."""
        text = f"{value:.{decimals}f}"
        if float(text) == 0.0:
            text = text.lstrip("-")
        return text.replace(".", ",") if self.language == "de" else text


MONITOR = Path(__file__).with_name("words.yaml")
"""The texts of the view models."""


def minutes(seconds: float) -> str:
    """Return a time as minutes and seconds, `4:07`; whole seconds that have passed."""
    whole = int(seconds)
    return f"{whole // int(MINUTE)}:{whole % int(MINUTE):02d}"

"""How reports of an import count things."""

from __future__ import annotations


def counted(number: int, noun: str, several: str = "") -> str:
    """Return `3 rings`, `1 ring`, or with `several` given `3 branches`."""
    return f"{number} {noun}" if number == 1 else f"{number} {several or noun + 's'}"

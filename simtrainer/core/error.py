"""Errors made on purpose: what was wrong, where, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SimtrainerError(Exception):
    """Root of all errors that simtrainer raises on purpose."""


class InputError(SimtrainerError):
    """Something given by a person cannot be used; ends a command with exit code 2."""


class UnknownNameError(InputError):
    """A name that nothing answers to."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        """Say which `kind` of thing is unknown, and which of the `known` names was probably meant."""
        names = sorted(known)
        prefix = f"{where}: " if where else ""
        hint = suggestion(name, names) or f" Known: {', '.join(names) if names else 'none'}."
        super().__init__(f"{prefix}no {kind} is called '{name}'.{hint}")


class DivergedError(SimtrainerError):
    """A state left the finite numbers; the message names the tick and the quantity."""


class AttemptError(InputError):
    """An attempt file that cannot be read, verified or continued."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of `known`, or an empty string when nothing is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""

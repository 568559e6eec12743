"""What a hand does: a named control set to a value at a tick, the only thing that can change a session."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simtrainer.core.error import InputError, UnknownNameError


@dataclass(frozen=True, slots=True)
class Control:
    """One control that a procedure offers.

    Parameters
    ----------
    name
        Dotted, instrument first: `wire.push`.
    doc
        What it does, one sentence, shown in help.
    unit
        Unit of the value; empty for a choice or a button.
    low, high
        Range of a number; a button is 0 or 1.
    choices
        Allowed words, for a control that takes a word; empty for a number.
    held
        True where the value stays in force until set again (a velocity, a pedal); False for a single deed.
    """

    name: str
    doc: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()
    held: bool = False

    def checked(self, value: float | str) -> float | str:
        """Return `value` clipped to the range, or the chosen word; InputError for anything else."""
        if self.choices:
            if value not in self.choices:
                raise UnknownNameError(f"choice of {self.name}", str(value), self.choices)
            return value
        if isinstance(value, str) or math.isnan(value):
            raise InputError(f"{self.name} takes a number from {self.low} to {self.high} {self.unit}, not {value!r}")
        return min(max(float(value), self.low), self.high)


@dataclass(frozen=True, slots=True)
class Action:
    """Control `control` set to `value`, in the unit that the control declares."""

    control: str
    value: float | str = 1.0

"""A number that was measured, and what it had to be."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured number against what is expected of it.

    Parameters
    ----------
    id, what
        Short name, and what was measured, for people.
    unit
        Unit of all numbers here.
    got
        What was measured.
    low, high
        Between which it has to lie; both infinite where it is told and not judged.
    expected
        What the theory says, None where it only sets a bound.
    because
        Where the expectation comes from.
    """

    id: str
    what: str
    unit: str
    got: float
    low: float
    high: float
    expected: float | None
    because: str

    @property
    def judged(self) -> bool:
        """Tell whether the number has a bound at all."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    @property
    def holds(self) -> bool:
        """Tell whether the number is finite and lies within its bounds."""
        return bool(math.isfinite(self.got) and self.low <= self.got <= self.high)

    @property
    def bound(self) -> str:
        """The bounds in words."""
        if not self.judged:
            return "told"
        if not math.isfinite(self.low):
            return f"at most {self.high:.4g}"
        if not math.isfinite(self.high):
            return f"at least {self.low:.4g}"
        if self.expected is None or self.low == self.high:
            return f"{self.low:.4g} to {self.high:.4g}" if self.low < self.high else f"{self.low:.4g}"
        return f"{self.expected:.4g} ± {0.5 * (self.high - self.low):.2g}"


def near(
    id: str, what: str, got: float, expected: float, *, share: float, unit: str, because: str,  # noqa: A002
) -> Finding:  # fmt: skip
    """Return a finding that has to lie within a share of what is expected."""
    off = abs(expected) * share
    return Finding(id, what, unit, float(got), expected - off, expected + off, float(expected), because)


def least(id: str, what: str, got: float, low: float, *, unit: str, because: str) -> Finding:  # noqa: A002
    """Return a finding that must not be lower."""
    return Finding(id, what, unit, float(got), low, math.inf, None, because)


def most(id: str, what: str, got: float, high: float, *, unit: str, because: str) -> Finding:  # noqa: A002
    """Return a finding that must not be higher."""
    return Finding(id, what, unit, float(got), -math.inf, high, None, because)


def told(
    id: str, what: str, got: float, *, unit: str, because: str, expected: float | None = None,  # noqa: A002
) -> Finding:  # fmt: skip
    """Return a finding that is reported and not judged."""
    return Finding(id, what, unit, float(got), -math.inf, math.inf, expected, because)

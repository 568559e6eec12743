"""How urgent a thing on the screen is; a view shows it by colour, by shape and by weight, never by colour alone."""

from __future__ import annotations

from enum import Enum


class Level(Enum):
    """Urgency, rising."""

    CALM = "calm"
    CARE = "care"
    ALARM = "alarm"


CARE_SHARE = 0.7
"""Share of a limit from which a reading asks for care. because: design"""


def level_of(value: float, limit: float) -> Level:
    """Return the urgency of `value` against `limit`, both in the same unit; CALM where there is no limit (0)."""
    if limit <= 0.0 or abs(value) < CARE_SHARE * limit:
        return Level.CALM
    return Level.ALARM if abs(value) >= limit else Level.CARE

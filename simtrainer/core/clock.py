"""Pacing for clients that run in real time; the caller reads the clock, and no tick is ever left out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simtrainer.core.error import InputError


@dataclass(frozen=True, slots=True)
class PaceState:
    """How far a session in real time has come.

    Parameters
    ----------
    ticks
        Ticks handed out so far.
    slipped
        Time [s] by which the session was set back behind the clock, because its client could not keep up.
    """

    ticks: int = 0
    slipped: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """What is due now: the next `state`, how many ticks to run, and the time `lag` [s] still owed to the clock."""

    state: PaceState
    ticks: int
    lag: float


@dataclass(frozen=True, slots=True)
class Pacer:
    """Turns elapsed time into ticks that are due.

    A client that falls behind by more than `patience` does not race through what it missed: the session is set back by
    the rest, which shows in `slipped`.

    Parameters
    ----------
    tick_hz
        Ticks in a second.
    patience
        Longest time [s] that is made good in one go.
    """

    tick_hz: int
    patience: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a pace that never gets anywhere."""
        if self.tick_hz < 1 or self.patience * self.tick_hz < 1.0:
            raise InputError(
                f"{self.tick_hz} ticks a second with {self.patience} s of patience: no tick would ever run"
            )

    def due(self, state: PaceState, elapsed: float) -> Pace:
        """Return what is due at `elapsed` seconds since the start (pauses not counted).

        A clock that jumps back makes nothing due until it has caught up.
        """
        owed = (elapsed - state.slipped) * self.tick_hz - state.ticks
        most = int(self.patience * self.tick_hz)
        ticks = min(max(math.floor(owed), 0), most)
        excess = max(math.floor(owed) - ticks, 0) / self.tick_hz
        after = PaceState(state.ticks + ticks, state.slipped + excess)
        return Pace(after, ticks, max(owed - ticks, 0.0) / self.tick_hz - excess)

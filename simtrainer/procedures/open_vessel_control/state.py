"""Everything that changes in an open vessel control."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_state import TissueState

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Vec = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand and what it holds.

    Parameters
    ----------
    tool
        Empty for nothing.
    tip
        Lowest point of the tool [m] in W.
    turn, close
        Heading about the vertical [rad], and how far it is closed, 0 to 1.
    speed, spin
        Held velocities [m/s] and [rad/s].
    grip
        What closed jaws hold: a vessel's name, `tissue`, or empty.
    station
        Number of the vessel's point that they hold, -1 for none.
    seen
        Whether that was in view when they closed.
    held
        Ticks since they closed on it.
    force
        What the tool feels [N] in W.
    way
        Length that the tip has travelled [m].
    """

    tool: str = ""
    tip: Vec = (0.0, 0.0, 0.0)
    turn: float = 0.0
    close: float = 0.0
    speed: Vec = (0.0, 0.0, 0.0)
    spin: float = 0.0
    grip: str = ""
    station: int = -1
    seen: bool = False
    held: int = 0
    force: Vec = (0.0, 0.0, 0.0)
    way: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Something that was left in the wound: retractor, clamp, tie or swab; `vessel` and `station` as in a hand."""

    kind: str
    tip: Vec
    turn: float
    vessel: str = ""
    station: int = -1


@dataclass(frozen=True, slots=True)
class Hole:
    """An opening in a vessel: at which point of its axis, and how large [m2]; `cause` is `itself` or a tool."""

    station: int = -1
    area: float = 0.0
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Blood:
    """Where the blood is [ml], and what drives it.

    Parameters
    ----------
    lost
        Everything that left the vessels: pool, suction, swabs and drained together.
    flow, back
        Out of the artery now, and the share of it that comes from the distal stump [ml/s].
    venous
        Out of the vein now [ml/s].
    pressure
        Mean arterial pressure [Pa].
    pool_level
        Surface of the pool, y of W [m]; below everything where there is none.
    """

    lost_ml: float = 0.0
    pool_ml: float = 0.0
    suction_ml: float = 0.0
    swabs_ml: float = 0.0
    drained_ml: float = 0.0
    flow_ml_s: float = 0.0
    back_ml_s: float = 0.0
    venous_ml_s: float = 0.0
    pressure: float = 0.0
    pool_level: float = -1.0


@dataclass(frozen=True, slots=True)
class Deeds:
    """Counters and things done once.

    Parameters
    ----------
    soaked_ml
        What the swab in each hand holds.
    due
        Tick at which the artery begins to bleed by itself, -1 while that is not set.
    quiet, pressed, unpressed, dry
        Ticks: without movement; that something has pressed the bleeding vessel; since it let go; without bleeding.
    opened
        Times that a pressed clot was opened while the vessel was not controlled on both sides.
    """

    card_read: bool = False
    time_out: bool = False
    called: bool = False
    counts: int = 0
    swabs_in_hand: int = 0
    soaked_ml: tuple[float, float] = (0.0, 0.0)
    swabs_taken: int = 0
    cuts: int = 0
    outside: int = 0
    torn: int = 0
    nerve: int = 0
    vein: int = 0
    clampings: int = 0
    blind: int = 0
    ties: int = 0
    last_where: str = ""
    last_seen: str = ""
    last_tie: str = ""
    last_torn: str = ""
    due: int = -1
    found: int = 0
    quiet: int = 0
    pressed: int = 0
    unpressed: int = 0
    opened: int = 0
    dry: int = 0
    cut_force: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Sight:
    """The last look at the wound: what each pixel is, and its depth along the view axis [m], both (n, n)."""

    label: NDArray[np.int32]
    depth: F8
    artery_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class WoundState:
    """State of one exercise at the end of a tick.

    Parameters
    ----------
    left, right
        Hands.
    placed
        What was left in the wound, in the order of leaving.
    squeeze
        Force on each point of the artery that flattens it [N], shape (n,).
    open
        Lumen of the artery at each point over its round one, 0 to 1, shape (n,).
    hole, vein_hole
        Openings.
    """

    tissue: TissueState
    left: Hand
    right: Hand
    squeeze: F8
    open: F8
    sight: Sight
    placed: tuple[Placed, ...] = ()
    hole: Hole = Hole()
    vein_hole: Hole = Hole()
    blood: Blood = Blood()
    deeds: Deeds = Deeds()
    signals: F8 = field(default_factory=lambda: np.zeros(0))
    words: tuple[tuple[str, str], ...] = ()

    @property
    def hands(self) -> tuple[Hand, Hand]:
        """Both hands, the left first."""
        return self.left, self.right

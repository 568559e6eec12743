"""What jaws close on: artery, vein, nerve or only tissue; what is closed by them, and which side of the hole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.procedures.open_vessel_control.state import Hand, WoundState
from simtrainer.procedures.open_vessel_control.tool import JAW_DEEP, JAW_GAP, JAW_WIDE, across, heading

F8 = NDArray[np.float64]
SHUT = 0.8
"""How far jaws are closed that hold. because: design"""
TIE_TICKS = 150
"""How long a ligature is held until its knot sits. because: design, a second and a half stands for three throws"""
SEEN = 0.25
"""Share of the artery about the jaws that must be seen. because: design; a quarter of what it would show alone"""


@dataclass(frozen=True, slots=True)
class Caught:
    """What lies between jaws: point of the artery, -1 for none; and whether vein and nerve lie there as well."""

    station: int
    vein: bool
    nerve: bool


def between(hand: Hand, axes: Mapping[str, tuple[F8, F8]]) -> Caught:
    """Return what of the tubes lies between the open jaws of a hand."""
    found = {name: _within(hand, *axes[name]) for name in ("artery", "vein", "nerve")}
    return Caught(found["artery"], found["vein"] >= 0, found["nerve"] >= 0)


def _within(hand: Hand, axis: F8, radii: F8) -> int:
    """Return the point of a tube that lies between the jaws, -1 for none.

    Its axis lies within their opening, their tips have passed it, and they stand across it.
    """
    e, n = heading(hand.turn), across(hand.turn)
    away = axis - np.array(hand.tip)
    wide = 0.5 * JAW_WIDE + 1.3 * MM
    inside = (
        (np.abs(away @ e) <= wide)
        & (np.abs(away @ n) <= 0.5 * JAW_GAP)
        & (away[:, 1] >= 0.2 * radii)
        & (away[:, 1] <= JAW_DEEP)
    )
    if not inside.any():
        return -1
    k = int(np.argmin(np.where(inside, np.abs(away @ e), np.inf)))
    ahead = axis[min(k + 1, len(axis) - 1)] - axis[max(k - 1, 0)]
    return k if abs(float(ahead @ n)) <= 0.5 * float(np.linalg.norm(ahead)) else -1


def closers(state: WoundState) -> Iterator[tuple[int, str]]:
    """Yield the points of the artery that something closes, and whether that is a `clamp` or a `tie`."""
    for item in state.placed:
        if item.vessel == "artery" and item.kind in ("clamp", "tie"):
            yield item.station, item.kind
    for hand in state.hands:
        if hand.tool == "clamp" and hand.grip == "artery" and hand.close >= SHUT:
            yield hand.station, "clamp"


def closed(state: WoundState) -> tuple[str, str]:
    """Return what closes the artery before and beyond the hole: `tie`, `clamp` or empty."""
    hole, sides = state.hole.station, ["", ""]
    if hole < 0:
        return "", ""
    for station, kind in closers(state):
        side = 0 if station < hole else 1
        sides[side] = "tie" if "tie" in (kind, sides[side]) else kind
    return sides[0], sides[1]


def where(state: WoundState, station: int, count: int) -> str:
    """Return which side of the hole a point of the artery lies on; of the middle of the block while there is none."""
    middle = state.hole.station if state.hole.station >= 0 else count // 2
    return "proximal" if station < middle else "distal"

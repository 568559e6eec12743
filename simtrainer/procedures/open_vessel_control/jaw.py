"""One tick of jaws: clamps that close on something, seen or not, and ligatures that are tied."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.procedures.open_vessel_control.bed import Bed
from simtrainer.procedures.open_vessel_control.clamp import SEEN, SHUT, TIE_TICKS, Caught, between, where
from simtrainer.procedures.open_vessel_control.hand import with_hand
from simtrainer.procedures.open_vessel_control.sight import Field, View
from simtrainer.procedures.open_vessel_control.state import Deeds, Hand, Placed, WoundState
from simtrainer.procedures.open_vessel_control.tool import REST

F8 = NDArray[np.float64]
INSIDE = -2.0 * MM
"""Height of a tip [m] below which jaws close in the wound. because: design, under the skin"""


class Table(Protocol):
    """What jaws need of the exercise."""

    @property
    def bed(self) -> Bed:
        """Artery, vein and nerve in the tissue."""
        ...

    @property
    def field(self) -> Field:
        """What the block looks like."""
        ...

    def view(self, state: WoundState) -> View:
        """Return what there is to be seen."""
        ...


def jawed(table: Table, before: WoundState, now: WoundState, axes: dict[str, tuple[F8, F8]]) -> WoundState:
    """Return the state after jaws have closed, opened, or tied."""
    for side in (0, 1):
        old, hand = before.hands[side], now.hands[side]
        if hand.tool not in ("clamp", "tie"):
            continue
        shut = hand.close >= SHUT
        if not shut and hand.grip:
            now = with_hand(now, side, replace(hand, grip="", station=-1, seen=False, held=0))
        elif shut and (old.close < SHUT or old.tool != hand.tool) and not hand.grip:
            now = _closed(table, now, side, axes)
        elif shut and hand.grip and hand.tool == "tie":
            now = _tied(now, side, len(axes["artery"][0]))
        elif hand.grip and old.tip != hand.tip and hand.tool == "clamp":
            now = _dragged(now, side, axes)
    return now


def _closed(table: Table, now: WoundState, side: int, axes: dict[str, tuple[F8, F8]]) -> WoundState:
    """Return the state after jaws have closed: what they hold, and whether anybody saw it."""
    hand = now.hands[side]
    if hand.tip[1] > INSIDE:
        return now
    caught = between(hand, axes)
    nearest = int(np.argmin(np.abs(axes["artery"][0][:, 2] - hand.tip[2])))
    seen = table.field.share(table.view(now), nearest, side) >= SEEN
    free = caught.station >= 0 and bool(table.bed.free(now.tissue.alive)[caught.station])
    deeds = _harmed(now.deeds, caught)
    grip = "artery" if free else "tissue"
    held = replace(hand, grip=grip, station=caught.station if free else -1, seen=seen, held=0)
    now = with_hand(now, side, held)
    if hand.tool == "clamp":
        place = where(now, nearest, len(axes["artery"][0]))
        deeds = replace(
            deeds, clampings=deeds.clampings + 1, blind=deeds.blind + (not seen), last_where=place,
            last_seen="yes" if seen else "no",
        )  # fmt: skip
    return replace(now, deeds=deeds)


def _harmed(deeds: Deeds, caught: Caught) -> Deeds:
    return replace(deeds, vein=deeds.vein + caught.vein, nerve=deeds.nerve + caught.nerve)


def _tied(now: WoundState, side: int, count: int) -> WoundState:
    """Return the state with a knot a tick nearer to sitting."""
    hand = now.hands[side]
    if hand.held < TIE_TICKS or hand.grip != "artery":
        return with_hand(now, side, replace(hand, held=hand.held + 1))
    place = where(now, hand.station, count)
    deeds = replace(now.deeds, ties=now.deeds.ties + 1, last_tie=place)
    item = Placed("tie", hand.tip, hand.turn, "artery", hand.station)
    empty = Hand(tip=REST[side], speed=hand.speed, way=hand.way)
    return with_hand(replace(now, deeds=deeds, placed=(*now.placed, item)), side, empty)


def _dragged(now: WoundState, side: int, axes: dict[str, tuple[F8, F8]]) -> WoundState:
    """Return the state in which closed jaws that were moved too far have slipped off what they held."""
    hand = now.hands[side]
    if hand.grip == "artery" and float(np.linalg.norm(axes["artery"][0][hand.station] - hand.tip)) > 9.0 * MM:
        return with_hand(now, side, replace(hand, grip="tissue", station=-1))
    return now

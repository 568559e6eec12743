"""What hands do by themselves: move, take a tool up, put it back, leave it in the wound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simtrainer.core.units import MM
from simtrainer.procedures.open_vessel_control.state import Hand, Placed, Vec, WoundState
from simtrainer.procedures.open_vessel_control.tool import MOST_CLAMPS, MOST_RETRACTORS, REST, taken_turn

REACH_LOW: Vec = (-60.0 * MM, -1.0, -60.0 * MM)
REACH_HIGH: Vec = (60.0 * MM, 90.0 * MM, 60.0 * MM)
"""Where a tip may go [m]; how deep is told by the block. because: design, a hand's width about the block"""
PICK_UP = 15.0 * MM
"""How near a hand must be to take up again what was left [m]. because: design"""
MOST = {"retractor": MOST_RETRACTORS, "clamp": MOST_CLAMPS}
LEFT = ("retractor", "clamp", "swab")
"""What can be left in the wound."""


def moved(hand: Hand, floor: float, dt: float) -> Hand:
    """Return a hand `dt` [s] later; its tip goes no deeper than `floor` [m]."""
    low = np.array([REACH_LOW[0], floor, REACH_LOW[2]])
    tip = np.clip(np.array(hand.tip) + dt * np.array(hand.speed), low, REACH_HIGH)
    way = hand.way + float(np.linalg.norm(tip - np.array(hand.tip)))
    x, y, z = (float(v) for v in tip)
    return replace(hand, tip=(x, y, z), turn=hand.turn + hand.spin * dt, way=way)


def with_hand(state: WoundState, side: int, hand: Hand) -> WoundState:
    """Return the state with another left (0) or right (1) hand."""
    return replace(state, left=hand) if side == 0 else replace(state, right=hand)


def take(state: WoundState, side: int, tool: str) -> WoundState:
    """Return the state after a hand has put back what it had and taken `tool`, or one that lies near it in the wound.

    Where all of a kind lie in the wound, none is left on the table, and the hand stays empty.
    """
    hand = state.hands[side]
    near = [n for n, item in enumerate(state.placed) if item.kind == tool and _away(item, hand) < PICK_UP]
    empty = replace(hand, tool="", grip="", station=-1, seen=False, held=0, tip=REST[side])
    if tool and not hand.tool and near:
        item = state.placed[near[0]]
        kept = tuple(other for n, other in enumerate(state.placed) if n != near[0])
        again = replace(
            hand, tool=tool, tip=item.tip, turn=item.turn, grip=item.vessel, station=item.station, seen=True,
            close=1.0 if item.kind == "clamp" else hand.close,
        )  # fmt: skip
        return replace(with_hand(state, side, again), placed=kept)
    used = sum(item.kind == tool for item in state.placed) + (state.hands[1 - side].tool == tool)
    if not tool or used >= MOST.get(tool, 99):
        return with_hand(state, side, empty)
    taken = replace(empty, tool=tool, turn=taken_turn(tool, side))
    deeds = state.deeds
    if tool == "swab":
        soaked = (0.0, deeds.soaked_ml[1]) if side == 0 else (deeds.soaked_ml[0], 0.0)
        deeds = replace(deeds, swabs_taken=deeds.swabs_taken + 1, soaked_ml=soaked)
    return with_hand(replace(state, deeds=deeds), side, taken)


def leave(state: WoundState, side: int) -> WoundState:
    """Return the state after a hand has let go of its tool in the wound; a tool that cannot lie there is kept."""
    hand = state.hands[side]
    if hand.tool not in LEFT or (hand.tool == "clamp" and not hand.grip) or hand.tip[1] > 0.0:
        return state
    item = Placed(hand.tool, hand.tip, hand.turn, hand.grip, hand.station)
    empty = replace(hand, tool="", grip="", station=-1, seen=False, held=0, tip=REST[side])
    return with_hand(replace(state, placed=(*state.placed, item)), side, empty)


def _away(item: Placed, hand: Hand) -> float:
    return float(np.linalg.norm(np.array(item.tip) - np.array(hand.tip)))

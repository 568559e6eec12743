"""Tools as the tissue meets them: sizes, how they stand about their tip, and where they wait on the table."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics.tissue_tool import Blade, Capsule, Grip, Jaw, Sphere, Tool
from simtrainer.procedures.open_vessel_control.state import Hand, Placed, Vec

F8 = NDArray[np.float64]
FINGER, SWAB = 7.0 * MM, 8.0 * MM
"""Radius of a fingertip, and of a folded swab on a forceps [m]. because: design"""
TINE, TINE_LENGTH, SPREAD = 1.2 * MM, 30.0 * MM, 10.0 * MM
"""Radius and length of a tine of the dissector, and how far it opens [m]. because: design, a fine artery forceps"""
RETRACTOR = (3.0 * MM, 18.0 * MM, 20.0 * MM)
"""Blade of the retractor: thick, high, wide [m]. because: design, a small Langenbeck hook"""
EDGE = 12.0 * MM
"""Cutting edge of the scalpel, up from its tip [m]. because: design, the curved part of a no. 10 blade"""
SCISSORS, SCISSORS_HIGH = 10.0 * MM, 4.0 * MM
"""How far back from the tip scissors cut, and how high [m]. because: design"""
JAW_GAP, JAW_DEEP, JAW_WIDE = 9.0 * MM, 9.0 * MM, 3.0 * MM
"""Clamp: opening between its jaws, their length up from the tip, their width along the vessel [m]. because: design, a
small bulldog"""
FORCEPS = Jaw(reach=4.0 * MM, stiffness=60.0, tear_force=4.0)
"""because: design; a toothed forceps tears out at some newtons"""
HOLD = 2.4 * MM
"""How far outside a tine the tissue lies that goes with it [m]. because: design, half of a voxel's width, so that what
lies between the tines is not held by both"""
TINE_JAW = Jaw(reach=3.9 * MM, stiffness=120.0, tear_force=3.0)
"""because: design; what a tine lies in is carried along until it slips at some newtons"""
SPREADING = 0.9
"""How far a dissector is closed until it begins to carry tissue along. because: design"""
HANDS_SLOTS = 5
"""Solids of one hand: finger, swab, two tines, retractor."""
MOST_RETRACTORS = MOST_CLAMPS = 2
SOLIDS: tuple[Tool, ...] = (
    *(2 * (Sphere(FINGER), Sphere(SWAB), *(2 * (Capsule(TINE_LENGTH, TINE),)), Blade(RETRACTOR, 0.4 * MM))),
    *(MOST_RETRACTORS * (Blade(RETRACTOR, 0.4 * MM),)),
)  # fmt: skip
JAWS = (FORCEPS, FORCEPS, *(4 * (TINE_JAW,)))
"""Forceps of both hands, then the tines of both."""
REST: tuple[Vec, Vec] = ((45.0 * MM, 45.0 * MM, -25.0 * MM), (-45.0 * MM, 45.0 * MM, -25.0 * MM))
"""Where a tool is taken up, left and right [m]: the surgeon stands at the feet, the left hand on the patient's
right. because: design, over the edges of the block"""
ALONG = 0.5 * math.pi
HEADING = {"retractor": (0.0, math.pi)}
"""Heading of a tool that was just taken, left and right; along the body where nothing is said."""
TIP_RADIUS = {"finger": FINGER, "swab": SWAB, "dissector": TINE}
UP = np.array([0.0, 1.0, 0.0])


def heading(turn: float) -> F8:
    """Return the horizontal unit vector that a tool looks along, shape (3,)."""
    return np.array([math.cos(turn), 0.0, math.sin(turn)])


def across(turn: float) -> F8:
    """Return the horizontal unit vector in which its jaws open, shape (3,)."""
    return np.array([-math.sin(turn), 0.0, math.cos(turn)])


def taken_turn(tool: str, side: int) -> float:
    """Return the heading [rad] of a tool that hand `side` (0 left, 1 right) just took."""
    return HEADING[tool][side] if tool in HEADING else ALONG


def tines(hand: Hand) -> tuple[F8, F8]:
    """Return the lowest points of the two tines of a dissector [m]."""
    half = 0.5 * (2.0 * TINE + SPREAD * (1.0 - hand.close)) * across(hand.turn)
    tip = np.array(hand.tip)
    return tip - half, tip + half


def solids(hands: tuple[Hand, Hand], placed: tuple[Placed, ...]) -> tuple[F8 | None, ...]:
    """Return the poses `X_WT` of all SOLIDS, None for those that are not there."""
    out: list[F8 | None] = []
    for hand in hands:
        slots: list[F8 | None] = [None] * HANDS_SLOTS
        tip = np.array(hand.tip)
        if hand.tool == "finger":
            slots[0] = _pose(tip + FINGER * UP, np.eye(3))
        elif hand.tool == "swab":
            slots[1] = _pose(tip + SWAB * UP, np.eye(3))
        elif hand.tool == "dissector":
            slots[2], slots[3] = (_pose(p + 0.5 * TINE_LENGTH * UP, _upright(hand.turn)) for p in tines(hand))
        elif hand.tool == "retractor":
            slots[4] = _hook(hand.tip, hand.turn)
        out += slots
    left = [_hook(item.tip, item.turn) for item in placed if item.kind == "retractor"]
    out += [*left, *([None] * (MOST_RETRACTORS - len(left)))]
    return tuple(out)


def jaws(hands: tuple[Hand, Hand]) -> tuple[Grip, ...]:
    """Return where all JAWS are, and which are closed."""
    out = [Grip(_pose(np.array(hand.tip), np.eye(3)), hand.tool == "forceps" and hand.close > 0.5) for hand in hands]
    for hand in hands:
        spread = hand.tool == "dissector" and hand.close < SPREADING and hand.tip[1] < 0.0
        n = across(hand.turn)
        for sign, tine in zip((-1.0, 1.0), tines(hand), strict=True):
            out.append(Grip(_pose(tine + sign * HOLD * n + TINE * UP, np.eye(3)), spread))
    return tuple(out)


def _hook(tip: Vec, turn: float) -> F8:
    R = np.column_stack((heading(turn), UP, across(turn)))
    return _pose(np.array(tip) + 0.5 * RETRACTOR[1] * UP, R)


def _upright(turn: float) -> F8:
    """Return axes whose third one points up."""
    return np.column_stack((across(turn), heading(turn), UP))


def _pose(middle: F8, R: F8) -> F8:
    X = np.eye(4)
    X[:3, :3], X[:3, 3] = R, middle
    return X

"""What tools look like: their surfaces about the tip, as an eye draws them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.imaging.open_field import Surface
from simtrainer.imaging.open_shape import Mesh, box, capsule, joined
from simtrainer.procedures.open_vessel_control.state import Hand, Placed
from simtrainer.procedures.open_vessel_control.tool import (
    EDGE,
    FINGER,
    JAW_DEEP,
    JAW_GAP,
    RETRACTOR,
    SCISSORS,
    SWAB,
    TINE,
    UP,
    across,
    heading,
    tines,
)

F8 = NDArray[np.float64]
STEEL, GLOVE, GAUZE, THREAD, PLASTIC = (
    (0.72, 0.74, 0.77), (0.80, 0.86, 0.88), (0.90, 0.88, 0.84), (0.16, 0.20, 0.42), (0.75, 0.80, 0.84),
)  # fmt: skip
COLOUR = {"finger": GLOVE, "swab": GAUZE, "tie": THREAD, "suction": PLASTIC}
SHAFT = 120.0 * MM
"""Drawn length of a shaft [m]."""


def surfaces_of(hands: tuple[Hand, Hand], placed: tuple[Placed, ...], label: int, skip: int) -> list[Surface]:
    """Return the surfaces of all tools in the field, but that of hand `skip`."""
    out = []
    for side, hand in enumerate(hands):
        if hand.tool and side != skip:
            mesh = _held(hand, 1.0 if side == 0 else -1.0)
            out.append(_surface(mesh, hand.tool, label))
    out += [_surface(_left(item), item.kind, label) for item in placed]
    return out


def _surface(mesh: Mesh, tool: str, label: int) -> Surface:
    dull = tool in ("finger", "swab", "tie")
    colour = np.array(COLOUR.get(tool, STEEL))
    return Surface(mesh[0], mesh[1], colour, label, gloss=0.1 if dull else 0.8, closed=True)


def _held(hand: Hand, side: float) -> Mesh:
    """Return a tool in a hand that comes from the patient's left (-1) or right (1)."""
    tip, e, n = np.array(hand.tip), heading(hand.turn), across(hand.turn)
    away = np.array([0.75 * side, 1.0, -0.45])
    away /= np.linalg.norm(away)
    if hand.tool in ("finger", "swab"):
        r = FINGER if hand.tool == "finger" else SWAB
        middle = tip + r * UP
        rod = capsule(middle, middle + 0.6 * SHAFT * away, r if hand.tool == "finger" else 2.0 * MM, 10)
        return joined(capsule(middle, middle + 0.1 * MM * UP, r, 12), rod)
    if hand.tool == "retractor":
        grip = tip + RETRACTOR[1] * UP
        return joined(_blade(hand.tip, hand.turn), capsule(grip, grip + SHAFT * away, 3.0 * MM, 8))
    if hand.tool == "scalpel":
        half = np.array([0.5 * EDGE, 0.5 * EDGE, 0.3 * MM])
        blade = box(tip + 0.5 * EDGE * UP - 0.5 * EDGE * e, np.array([e, UP, np.cross(e, UP)]), half)
        back = tip + EDGE * UP - 0.5 * EDGE * e
        return joined(blade, capsule(back, back + SHAFT * away, 2.5 * MM, 8))
    return _jawed(hand, away, e, n)


def _jawed(hand: Hand, away: F8, e: F8, n: F8) -> Mesh:
    """Return a tool of one or two slender parts."""
    tip = np.array(hand.tip)
    if hand.tool == "dissector":
        a, b = tines(hand)
        joint = tip + 45.0 * MM * UP
        ends = [capsule(p + TINE * UP, p + 25.0 * MM * UP, TINE, 8) for p in (a, b)]
        shafts = [capsule(p + 25.0 * MM * UP, joint, TINE, 8) for p in (a, b)]
        return joined(*ends, *shafts, capsule(joint, joint + SHAFT * away, 2.5 * MM, 8))
    if hand.tool in ("clamp", "tie"):
        return joined(
            _jaws(tip, hand.close, n, e), capsule(tip + JAW_DEEP * UP, tip + JAW_DEEP * UP + SHAFT * away, 1.6 * MM, 8)
        )
    if hand.tool == "scissors":
        half = 3.0 * MM * (1.0 - hand.close)
        back = tip - 2.0 * SCISSORS * e + 10.0 * MM * UP
        return joined(
            capsule(tip + half * n, back, 1.0 * MM, 8), capsule(tip - half * n, back, 1.0 * MM, 8),
            capsule(back, back + SHAFT * away, 2.5 * MM, 8),
        )  # fmt: skip
    gap = (1.0 - hand.close) * 3.0 * MM if hand.tool == "forceps" else 0.0
    r = 1.0 * MM if hand.tool == "forceps" else 1.8 * MM
    return joined(*(capsule(tip + s * gap * n + r * UP, tip + SHAFT * away, r, 8) for s in (-1.0, 1.0)))


def _jaws(tip: F8, close: float, n: F8, e: F8) -> Mesh:
    half = 0.5 * JAW_GAP * (1.0 - 0.85 * close) + 0.8 * MM
    size = np.array([0.8 * MM, 0.5 * JAW_DEEP, 1.4 * MM])
    axes = np.array([n, UP, np.cross(n, UP)])
    return joined(*(box(tip + s * half * n + 0.5 * JAW_DEEP * UP, axes, size) for s in (-1.0, 1.0)))


def _blade(tip: tuple[float, float, float], turn: float) -> Mesh:
    axes = np.array([heading(turn), UP, across(turn)])
    return box(np.array(tip) + 0.5 * RETRACTOR[1] * UP, axes, 0.5 * np.array(RETRACTOR))


def _left(item: Placed) -> Mesh:
    """Return something that was left in the wound."""
    tip, n, e = np.array(item.tip), across(item.turn), heading(item.turn)
    if item.kind == "retractor":
        grip = tip + RETRACTOR[1] * UP
        return joined(_blade(item.tip, item.turn), capsule(grip, grip + 50.0 * MM * e + 6.0 * MM * UP, 3.0 * MM, 8))
    if item.kind == "clamp":
        top = tip + JAW_DEEP * UP
        return joined(_jaws(tip, 1.0, n, e), capsule(top, top + 16.0 * MM * UP, 2.0 * MM, 8))
    if item.kind == "tie":
        turn = np.linspace(0.0, 2.0 * np.pi, 13)
        ring = tip + 3.5 * MM * UP + 2.2 * MM * (np.outer(np.cos(turn), n) + np.outer(np.sin(turn), UP))
        return joined(*(capsule(a, b, 0.5 * MM, 6) for a, b in pairwise(ring)))
    return capsule(tip + SWAB * UP, tip + SWAB * UP + 6.0 * MM * e, SWAB, 10)

"""Hands that should not pass: somebody on the first day, and somebody who knows every step and is rough."""

from __future__ import annotations

from simtrainer.procedures.selective_catheterisation.bots.expert import Catheterisation, chance_of
from simtrainer.procedures.selective_catheterisation.bots.operator import Style


def novice(seed: int, leave_out: str = "") -> Catheterisation:
    """Return somebody who knows the names of things, hurries, and forgets what keeps the patient safe."""
    style = Style(push=0.12, fine_push=0.06, twist=6.0, patience=2, gentle_n=5.0)
    return Catheterisation(style, chance_of(seed, 2), careless=True, leave_out=leave_out)


def fast_and_reckless(seed: int, leave_out: str = "") -> Catheterisation:
    """Return somebody who does every step, but fast, and goes on pushing where nothing is seen."""
    style = Style(push=0.25, fine_push=0.12, twist=9.0, patience=3, gentle_n=9.0)
    hand = Catheterisation(style, chance_of(seed, 4), leave_out=leave_out)
    hand.watches = False
    return hand

"""Who plays: the bots by name."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.procedures.open_vessel_control.bots.expert import expert, slow_and_safe
from simtrainer.procedures.open_vessel_control.bots.novice import fast_and_reckless, novice
from simtrainer.procedures.procedure import Bot, Drafting

BOTS: dict[str, Callable[[int, str], Bot]] = {
    "expert": expert,
    "slow_and_safe": slow_and_safe,
    "novice": novice,
    "fast_and_reckless": fast_and_reckless,
}
"""By name; each takes a seed and the id of a step that it leaves out, "" for none."""

WRITTEN_ON = ("soft_block_thin", "soft_block_oblique")
WRITTEN_SEEDS = (1, 2, 3)
"""Blocks and seeds that were looked at while the bots were written; all others are held out."""
DRAFTING = Drafting(
    WRITTEN_ON,
    WRITTEN_SEEDS,
    {"press": ("blind_clamp", "proximal_control", "distal_control")},
)
"""because: where nobody presses, the wound fills between the look and the clamp, which then closes unseen"""

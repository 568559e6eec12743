"""Who plays: the bots by name."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.procedures.procedure import Bot, Drafting
from simtrainer.procedures.selective_catheterisation.bots.expert import expert, slow_and_safe
from simtrainer.procedures.selective_catheterisation.bots.novice import fast_and_reckless, novice

BOTS: dict[str, Callable[[int, str], Bot]] = {
    "expert": expert,
    "slow_and_safe": slow_and_safe,
    "novice": novice,
    "fast_and_reckless": fast_and_reckless,
}
"""By name; each takes a seed and the id of a step that it leaves out, "" for none."""

WRITTEN_ON = (
    "adult_male_type1", "young_female_type1", "older_female_type3", "older_male_type3", "oldest_male_type3_tortuous",
    "older_female_bovine", "adult_male_bovine",
)  # fmt: skip
WRITTEN_SEEDS = (1, 2, 3, 4, 5, 6, 7, 11, 13, 20)
"""Patients and seeds that were looked at while the bots were written; all others are held out."""
DRAFTING = Drafting(
    WRITTEN_ON,
    WRITTEN_SEEDS,
    dict.fromkeys(("aspirate_arch", "aspirate_engaged", "aspirate_carotid"), ("air",)),
)
"""because: a wire drawn out of the hub lets air in; where nobody aspirates, the flush drives it into the artery"""

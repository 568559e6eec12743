"""Who plays: the bots by name."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.procedures.procedure import Bot
from simtrainer.procedures.selective_catheterisation.bots.expert import expert, slow_and_safe
from simtrainer.procedures.selective_catheterisation.bots.novice import fast_and_reckless, novice

BOTS: dict[str, Callable[[int, str], Bot]] = {
    "expert": expert,
    "slow_and_safe": slow_and_safe,
    "novice": novice,
    "fast_and_reckless": fast_and_reckless,
}
"""By name; each takes a seed and the id of a step that it leaves out, "" for none."""

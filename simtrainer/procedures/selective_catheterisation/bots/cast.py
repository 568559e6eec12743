"""Who plays: the bots by name."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.procedures.procedure import Bot
from simtrainer.procedures.selective_catheterisation.bots.expert import expert
from simtrainer.procedures.selective_catheterisation.bots.novice import novice

BOTS: dict[str, Callable[[int], Bot]] = {"expert": expert, "novice": novice}

"""Programs that play the procedure by what they see and feel, and nothing else.

A software test, not evidence of validity: they show that the course can be passed, and failed, for its own reasons.
"""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.procedures.procedure import Bot
from simtrainer.procedures.selective_catheterisation.bots.expert import expert
from simtrainer.procedures.selective_catheterisation.bots.novice import novice

BOTS: dict[str, Callable[[int], Bot]] = {"expert": expert, "novice": novice}

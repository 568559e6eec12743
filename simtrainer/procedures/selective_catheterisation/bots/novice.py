"""Somebody on the first day: knows the names of things, hurries, forgets what keeps the patient safe."""

from __future__ import annotations

import numpy as np

from simtrainer.procedures.selective_catheterisation.bots.expert import Catheterisation
from simtrainer.procedures.selective_catheterisation.bots.operator import Style


def novice(seed: int) -> Catheterisation:
    """Return a novice with a source of chance of its own."""
    chance = np.random.Generator(np.random.Philox(key=np.array([seed, 2], dtype=np.uint64)))
    return Catheterisation(Style(push=0.12, fine_push=0.06, twist=6.0, patience=2, gentle_n=5.0), chance, careless=True)

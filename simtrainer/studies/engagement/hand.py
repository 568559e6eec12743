"""A hand of chance: how deep, how fast, which way round and how far somebody moves; one for each seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simtrainer.core.stream import Streams
from simtrainer.core.units import MM

STREAM = "engagement"


@dataclass(frozen=True, slots=True)
class Hand:
    """What differs between two people who do the same manoeuvre. because: design; ranges are a careful hand's.

    Parameters
    ----------
    depth
        How far before the aortic valve the tip, or a re-formed bend, lies at the beginning [m].
    start
        Angle that the hub is turned by at the beginning [rad].
    draw, step
        Speed of drawing back [m/s], and how far in one go [m].
    side
        Direction of turning, 1 clockwise or -1.
    search
        Turn [rad] by which a tip is turned further aside each time it falls into the same branch again.
    """

    depth: float
    start: float
    draw: float
    step: float
    side: float
    search: float


def hand_of(seed: int) -> Hand:
    """Return the hand of a seed, the same for every catheter and patient."""
    chance = Streams(seed).at(STREAM, 1)
    return Hand(
        depth=float(chance.uniform(3.0, 20.0)) * MM,
        start=float(chance.uniform(-np.pi, np.pi)),
        draw=float(chance.uniform(8.0, 14.0)) * MM,
        step=float(chance.uniform(2.0, 3.5)) * MM,
        side=1.0 if chance.random() < 0.5 else -1.0,
        search=float(chance.uniform(0.25, 0.6)),
    )

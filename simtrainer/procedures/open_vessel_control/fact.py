"""What is known before anybody starts: the marked line, the limits of the exercise."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.block import Block
from simtrainer.core.fact import SessionFacts
from simtrainer.core.frame import frozen
from simtrainer.core.units import MM

FORCE_LIMIT_N = 8.0
"""Force of one tool on tissue that counts as too much. because: design; no limit for an open wound was found"""
GRAVE_LOSS_ML = 750.0
"""Loss up to which no fall of the pressure is expected. because: first class of bleeding, ATLS, 15 % of 5 l (known)"""
SKIN_MM = 25.0
"""Length of a skin cut that counts as the incision. because: design, two thirds of the marked line"""
OPEN_MM = 15.0
"""Length over which a layer counts as open. because: design, room for a fingertip"""
FOUND_MM = 5.0
"""Length of artery in view that counts as found. because: design, two points of its axis"""
EXPOSED_MM = 7.0
"""Length of artery that counts as exposed for a clamp. because: design, three points of its axis"""
NUMBERS = ("force_limit_n", "grave_loss_ml", "line_mm")
WORDS = ("patient",)


def facts(block: Block) -> SessionFacts:
    """Return the facts of a session on `block`."""
    line = float(np.linalg.norm(np.diff(block.line, axis=0), axis=1).sum())
    numbers = {"force_limit_n": FORCE_LIMIT_N, "grave_loss_ml": GRAVE_LOSS_ML, "line_mm": line / MM}
    return SessionFacts(numbers, {"patient": block.name}, frozen(block.line))

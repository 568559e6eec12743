"""Refuses what no needle and no tissue can be: says what, the value, what is allowed, and where."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
LONGEST = 0.5
"""Longest needle [m]. because: design; spinal needles reach 0.18 m"""
THINNEST = 0.2 * MM
"""Least distance of two walls [m]. because: design; two strides of the tip, less is one wall to it"""
MOST_MOVE = 0.02
"""Longest move of the hub in one step [m]. because: design; 2 m/s over a tick of 10 ms"""
MOST_TILT = 0.35
"""Largest turn of the hub's axis in one step [rad]. because: design; the beam is one of small turns"""
MOST_ROLL = 1.6
"""Largest roll in one step [rad]. because: design; half a turn in two ticks"""
PARALLEL = 0.999
"""Cosine above which two planes count as parallel."""


def check_fields(where: str, *, least: float, most: float = math.inf, **fields: float) -> None:
    """Refuse numbers below `least`, above `most` or not finite."""
    for name, value in fields.items():
        if not (math.isfinite(value) and least <= value <= most):
            top = f" and at most {most:g}" if math.isfinite(most) else ""
            raise InputError(f"{where}: {name} is {value}, it must be finite, at least {least:g}{top}")


def check_vectors(where: str, **vectors: F8) -> None:
    """Refuse what is not three finite numbers; a direction must not be zero."""
    for name, vector in vectors.items():
        array = np.asarray(vector, dtype=np.float64)
        if array.shape != (3,) or not np.all(np.isfinite(array)):
            raise InputError(f"{where}: {name} is {vector}, it must be three finite numbers")
        if name != "point" and not np.any(array):
            raise InputError(f"{where}: {name} is zero, it must have a direction")


def check_stack(layers: Sequence[tuple[str, float]]) -> None:
    """Refuse layers without or with too little thickness [m]."""
    if not layers:
        raise InputError("stack: no layer is given; one or more are needed")
    for k, (name, thick) in enumerate(layers[:-1]):
        if not (math.isfinite(thick) and thick >= THINNEST):
            raise InputError(
                f"stack: layers[{k}] behind '{name}' is {thick / MM:g} mm thick, at least {THINNEST / MM:g} mm"
            )


def check_boundaries(count: int, planes: Sequence[tuple[str, F8, F8]]) -> None:
    """Refuse parallel planes out of order, or nearer to each other than the tip can tell."""
    if count == 0:
        raise InputError("tissue: it has no boundary; one or more are needed")
    for (name, point, normal), (after, below, other) in itertools.pairwise(planes):
        out = normal / np.linalg.norm(normal)
        if out @ other / np.linalg.norm(other) < PARALLEL:
            continue
        deep = float((point - below) @ out)
        if deep < THINNEST:
            raise InputError(
                f"tissue: '{after}' lies {deep / MM:g} mm below '{name}'; planes stand from the outside inwards, "
                f"at least {THINNEST / MM:g} mm apart"
            )


def check_pose(hub: F8) -> None:
    """Refuse a pose that is none."""
    if hub.shape != (4, 4) or not np.all(np.isfinite(hub)):
        raise InputError(f"control: the hub's pose must be 4 x 4 finite numbers, it is {hub.tolist()}")
    turn = hub[:3, :3]
    if not np.allclose(turn @ turn.T, np.eye(3), atol=1e-6) or np.linalg.det(turn) < 0.0:
        raise InputError("control: the hub's pose is no rotation and shift; its axes must be orthonormal, right-handed")


def check_move(now: F8, then: F8) -> None:
    """Refuse a hub (4, 3) that jumps: position, axis and two directions across it."""
    for name, jump, most, unit in (
        ("position", float(np.linalg.norm(now[0] - then[0])), MOST_MOVE, "m"),
        ("axis", math.acos(min(max(float(now[1] @ then[1]), -1.0), 1.0)), MOST_TILT, "rad"),
        ("roll", math.acos(min(max(float(now[2] @ then[2]), -1.0), 1.0)), MOST_ROLL + MOST_TILT, "rad"),
    ):
        if jump > most:
            raise InputError(
                f"control: the hub's {name} jumps by {jump:.4g} {unit} in one step; at most {most:.3g} {unit}"
            )

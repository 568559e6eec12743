"""Refuses what no rod can be: says what, the value, what is allowed, and where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
MOST_PUSH = 0.1
"""Longest push in one step [m]. because: design; hands move at most 2 m/s, a tick of 10 ms at 10 m/s is a mistake."""
MOST_TURN = 2.0 * math.pi * 4.0
"""Most turns of a hub in one step [rad]. because: design; torque devices are spun at up to 20 rad/s."""


def check_columns(distance: F8, columns: Mapping[str, F8], length: float) -> None:
    """Refuse a profile whose columns no device can have; `curvature` alone may be zero or negative."""
    if distance.ndim != 1 or len(distance) == 0 or distance[0] != 0.0:
        raise InputError("profile: distance is a list of distances from the tip [m] and begins with 0")
    rising = np.diff(distance) > 0.0
    if not np.all(np.isfinite(distance)) or not np.all(rising):
        row = int(np.argmin(rising)) + 1 if len(rising) and not rising.all() else 0
        raise InputError(f"profile row {row}: distance is {distance[row]} m, distances from the tip must increase")
    for name, values in columns.items():
        if values.shape != distance.shape:
            raise InputError(
                f"profile: {name} has {values.size} values, distance has {distance.size}; both need the same"
            )
        good = np.isfinite(values) if name == "curvature" else np.isfinite(values) & (values > 0.0)
        if not good.all():
            row = int(np.argmin(good))
            allowed = "finite" if name == "curvature" else "finite and above 0"
            raise InputError(f"profile row {row}: {name} is {values[row]}, it must be {allowed}")
    if not (math.isfinite(length) and length >= distance[-1]):
        raise InputError(f"profile: length is {length} m, it must reach at least the last row at {distance[-1]} m")


def check_numbers(numbers: Mapping[str, float], *, least: float) -> None:
    """Refuse settings below `least` or not finite."""
    for name, value in numbers.items():
        if not (math.isfinite(value) and value >= least):
            raise InputError(f"rod settings: {name} is {value}, it must be finite and at least {least:g}")


def check_access(field: SparseGrid, entry: F8, direction: F8, thickest: float) -> None:
    """Refuse an access outside the vessel, or one whose lumen is thinner than the thickest device [m].

    A field without any brick is free space. A sheath wider than the lumen is not refused: it widens the vessel.
    """
    if not np.all(np.isfinite(entry)) or entry.shape != (3,):
        raise InputError(f"rod: the access {entry} must be three finite coordinates [m]")
    if not np.all(np.isfinite(direction)) or direction.shape != (3,) or not np.any(direction):
        raise InputError(f"rod: the direction {direction} at the access must be a vector that is not zero")
    if not np.any(field.index >= 0):
        return
    value, _, known = field.sample(entry[None])
    place = ", ".join(f"{c / MM:.1f}" for c in entry)
    if not known[0] or value[0] <= 0.0:
        deep = f"{-value[0] / MM:.2f} mm outside the vessel" if known[0] else "far outside the vessel"
        raise InputError(f"rod: the access ({place}) mm lies {deep}; it must lie in the lumen")
    if value[0] < thickest:
        raise InputError(
            f"rod: at the access ({place}) mm the lumen is {value[0] / MM:.2f} mm in radius, "
            f"the thickest device {thickest / MM:.2f} mm; choose a wider vessel or a thinner device"
        )


def check_way(field: SparseGrid, path: F8, thickest: float) -> None:
    """Refuse a way [m] (n, 3) whose lumen is too thin for a device, or for the field's samples to show it.

    Parameters
    ----------
    thickest
        Outer radius [m] of what has to pass.
    """
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    arc = np.concatenate(([0.0], np.cumsum(steps)))
    at = np.arange(0.0, arc[-1], 0.5 * field.spacing)
    points = np.column_stack([np.interp(at, arc, path[:, k]) for k in range(3)])
    value, _, known = field.sample(points)
    clear = np.where(known, value, -np.inf)
    k = int(np.argmin(clear))
    place = f"({', '.join(f'{c / MM:.1f}' for c in points[k])}) mm, {at[k] / MM:.0f} mm from the access"
    if not known[k] or clear[k] <= 0.0:
        raise InputError(f"rod: the way leaves the vessel at {place}")
    if clear[k] < thickest:
        raise InputError(
            f"rod: at {place}, the lumen is {clear[k] / MM:.2f} mm in radius and the device {thickest / MM:.2f} mm; "
            "choose another target or a thinner device"
        )
    if clear[k] < field.spacing:
        raise InputError(
            f"rod: at {place}, the lumen is {clear[k] / MM:.2f} mm in radius; samples every "
            f"{field.spacing / MM:.2f} mm are too coarse to show it"
        )


def check_control(inserted: F8, hub: F8, before: tuple[F8, F8]) -> None:
    """Refuse a control of another shape than the state's, with numbers that are not finite, or that jumps."""
    for name, now, then, most, unit in (
        ("inserted", inserted, before[0], MOST_PUSH, "m"),
        ("hub", hub, before[1], MOST_TURN, "rad"),
    ):
        if now.shape != then.shape:
            raise InputError(f"control: {name} has shape {now.shape}, the rod has {then.size} places for devices")
        if not np.isfinite(now).all():
            raise InputError(f"control: {name} is {now.tolist()}, it must be finite")
        jump = np.abs(now - then)
        if (jump > most).any():
            d = int(np.argmax(jump))
            jumps = f"control: {name}[{d}] goes from {then[d]:.4g} to {now[d]:.4g} {unit} in one step"
            raise InputError(f"{jumps}; at most {most:.3g} {unit}")


def check_devices(devices: Sequence[object]) -> None:
    """Refuse more devices than the solver knows."""
    if not 1 <= len(devices) <= 3:
        raise InputError(f"rod: {len(devices)} places for devices; one, two or three are possible")

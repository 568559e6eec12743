"""Where manoeuvres are done: tubes of one's own, and patients that travel with the product."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM
from simtrainer.studies.manoeuvre.recording import Floats, Tube, arc_of
from simtrainer.studies.rig import field_of

BAND = 6.0 * MM
"""How far a field reaches beyond its wall [m], as a patient's does."""
CHEST = (
    "abdominal_aorta", "descending_aorta", "aortic_arch", "ascending_aorta", "brachiocephalic_trunk",
    "left_common_carotid", "left_subclavian", "right_subclavian", "right_common_carotid",
)  # fmt: skip
"""Vessels that a picture of the arch shows."""


@cache
def blind_tube(radius: float, length: float, spacing: float) -> SparseGrid:
    """Return a straight tube along x, open behind the access and closed by a flat end at `length` [m]."""
    low = np.array([-20.0 * MM, -radius - BAND, -radius - BAND])
    high = np.array([length + BAND, radius + BAND, radius + BAND])
    smoothed = spacing**2 / 8.0 / radius  # by which the spline makes the bore narrower
    return field_of(
        lambda p: np.minimum(radius + smoothed - np.hypot(p[:, 1], p[:, 2]), length - p[:, 0]), low, high, spacing, BAND
    )


@cache
def bent_guide(bend: float, lead: float, tail: float, hold: float) -> SparseGrid:
    """Return a guide that holds a device on its axis: straight for `lead` [m], half a circle, straight for `tail`.

    The clearance is hold - r^2 / (2 e), not a distance: whatever is thicker than `hold` [m] is pressed to the axis, and
    the harder, the further it is off. A tube that tight would be finer than any grid; the spline renders a parabola
    exactly. e: 0.1 mm.
    """
    spacing, soft = 0.25 * MM, 0.1 * MM
    smoothed = spacing**2 / 4.0 / soft  # by which the spline lowers a paraboloid

    def clearance(p: Floats) -> Floats:
        x, y, z = p.T
        angle = np.arctan2(x - lead, bend - y)  # 0 at the beginning of the bend, pi at its end
        inside = (x > lead) & (angle >= 0.0)
        round_it = np.hypot(np.hypot(x - lead, y - bend) - bend, z)
        straight = np.where(y < bend, np.hypot(y, z), np.hypot(y - 2.0 * bend, z))
        off = np.where(inside, round_it, straight)
        door = np.clip(3.0 - np.hypot(x, off) / MM, 0.0, 1.0) * MM  # the access has to be wide enough for the device
        return np.asarray(hold + smoothed + door - off**2 / (2.0 * soft))

    low = np.array([min(-5.0 * MM, lead - tail), -2.0 * MM, -2.0 * MM])
    high = np.array([lead + bend + 2.0 * MM, 2.0 * bend + 2.0 * MM, 2.0 * MM])
    return field_of(clearance, low, high, spacing, 8.0 * MM)


def straight_outline(radius: float, length: float) -> tuple[Tube, ...]:
    """Return the picture of a straight tube along x."""
    return (Tube(np.array([[0.0, 0.0, 0.0], [length, 0.0, 0.0]]), np.full(2, radius)),)


def patient_outline(patient: AnatomyPackage, names: tuple[str, ...] = CHEST) -> tuple[Tube, ...]:
    """Return the picture of some of a patient's vessels."""
    return tuple(Tube(one.points, one.radii) for one in patient.tree.branches if one.name in names)


def way_to(patient: AnatomyPackage, vessel: str) -> tuple[Floats, float]:
    """Return the way from the access to the end of a vessel (n, 3) [m], and where on it the vessel begins [m]."""
    number = patient.tree.number(vessel)
    path, _ = patient.tree.path_to(number)
    return path, float(arc_of(path)[-1]) - patient.tree.branches[number].length


def along(path: Floats, points: Floats) -> Floats:
    """Return how far along a way [m] the nearest place to each of `points` lies, shape (n,)."""
    gaps = np.linalg.norm(points[:, None, :] - path[None, :, :], axis=2)
    return np.asarray(arc_of(path)[gaps.argmin(axis=1)])


def doubled(path: Floats, curve: Floats) -> tuple[float, float]:
    """Return how far along a way the tip of a curve lies behind its foremost point, and the length between both [m]."""
    near = curve[-80:]
    places, arc = along(path, near), arc_of(near)
    foremost = int(places.argmax())
    return float(places[foremost] - places[-1]), float(arc[-1] - arc[foremost])


def chest_only(tubes: tuple[Tube, ...], below: float) -> tuple[Tube, ...]:
    """Return tubes without what lies below the height `below` [m]."""
    kept = []
    for tube in tubes:
        above = tube.points[:, 2] >= below
        if above.sum() > 1:
            kept.append(replace(tube, points=tube.points[above], radii=tube.radii[above]))
    return tuple(kept)

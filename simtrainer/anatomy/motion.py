"""How breathing and heartbeat move the vessels of the chest: modes of displacement and their course over time.

Directions follow W: x to the right, y forward, z to the head. Each mode is largest at its centre and falls off
as exp(-|(p - centre) / reach|^2 / 2), axis by axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
BRACHIOCEPHALIC, DESCENDING, ROOT, ARCH = "brachiocephalic_trunk", "descending_aorta", "ascending_aorta", "aortic_arch"
DEEP_BREATH = 12.0 * MM
"""Move of the brachiocephalic origin from expiration to inspiration, both held [m]. because: 12.0 +- 4.1 mm in 60
patients, Sailer et al., J Endovasc Ther 2015;22:905 (abstract read)"""
DESCENDING_DEEP = 4.9 * MM
"""Of the descending aorta at the tenth thoracic vertebra [m]. because: 4.9 +- 2.5 mm, the same"""
TENTH = 0.7
"""Share of the descending aorta, from the arch on, at which that vertebra stands. because: design; it runs from the
fourth to the twelfth"""
INSPIRED = np.array([0.0, 0.5, -0.87])
"""Direction of inspiration. because: forward, towards the middle and down, the same; how much of each is design"""
QUIET = 0.3
"""Share of a deep breath that quiet breathing takes. because: design; half a litre of a vital capacity of 3 to 5"""
BREATHS_S, BEATS_S = 14.0 / 60.0, 70.0 / 60.0
"""Breaths and heartbeats in a second. because: a resting adult (known)"""
ANNULUS = 11.6 * MM
"""How far the heart draws the aortic annulus down [m]. because: 11.6 +- 2.9 mm in 73 patients, Plonek et al., BMC
Cardiovasc Disord 2018, doi 10.1186/s12872-018-0891-4 (abstract read)"""
ROOT_REACH = np.array([32.0, 21.0, 32.0]) * MM
"""How far that reaches [m]. because: leaves 5 to 7 mm of it 35 mm above the annulus, where 5.2 +- 1.7 mm were seen, and
1 mm of the descending aorta behind it, 0.9 +- 0.4 mm seen; heartbeat-related displacement in type B dissection, 11
patients (abstract read)"""
VERTEX, VERTEX_REACH = 1.6 * MM, 40.0 * MM
"""How far a heartbeat lifts the top of the arch, and how far that reaches [m]. because: 1.6 +- 1.0 mm towards the head,
the same; the reach is design"""
SYSTOLE = 0.4
"""Share of a heartbeat in which the annulus goes down and comes back. because: design"""


@dataclass(frozen=True, slots=True)
class Motion:
    """Modes of displacement with their courses.

    Parameters
    ----------
    centre, reach
        Of each mode [m] in W, shape (m, 3).
    amplitude
        Displacement at its centre where it is largest [m], (m, 3).
    beating
        True for modes that the heart drives, False for those that breathing drives, (m,).
    """

    centre: F8
    reach: F8
    amplitude: F8
    beating: NDArray[np.bool_]

    def at(self, time: float, *, breaths_s: float = BREATHS_S, beats_s: float = BEATS_S) -> F8:
        """Return the displacement of each mode [m] at `time` [s] after an expiration and a beat's begin, (m, 3)."""
        breath = 0.5 - 0.5 * math.cos(2.0 * math.pi * breaths_s * time)
        phase = (beats_s * time) % 1.0
        beat = math.sin(math.pi * phase / SYSTOLE) ** 2 if phase < SYSTOLE else 0.0
        return np.asarray(self.amplitude * np.where(self.beating, beat, breath)[:, None])

    def largest(self, points: F8) -> F8:
        """Return the displacement at `points` [m] (n, 3) of each mode at its largest [m], shape (m, n, 3)."""
        away = (points[None] - self.centre[:, None]) / self.reach[:, None]
        weight = np.exp(-0.5 * np.sum(away**2, axis=2))
        return np.asarray(weight[:, :, None] * self.amplitude[:, None])


def chest_motion(tree: CentrelineTree, *, breath: float = QUIET, heart: float = 1.0) -> Motion:
    """Return how the chest moves about the vessels of `tree`; shares of a deep breath and of a healthy heartbeat.

    What the tree does not name does not move: without an arch nothing does.
    """
    names = {branch.name: branch for branch in tree.branches}
    rows: list[tuple[F8, F8, F8, bool]] = []
    if BRACHIOCEPHALIC in names and DESCENDING in names:
        origin = names[BRACHIOCEPHALIC].points[0]
        low = tenth_vertebra(tree)
        reach = float(np.linalg.norm(origin - low)) / math.sqrt(2.0 * math.log(DEEP_BREATH / DESCENDING_DEEP))
        move = breath * DEEP_BREATH * INSPIRED / np.linalg.norm(INSPIRED)
        rows.append((origin, np.full(3, reach), move, False))
    if ROOT in names:
        points = names[ROOT].points
        end = points[-1]
        out = end - points[max(len(points) - 6, 0)]
        rows.append((end, ROOT_REACH, heart * ANNULUS * out / np.linalg.norm(out), True))
    if ARCH in names:
        points = names[ARCH].points
        top = points[int(points[:, 2].argmax())]
        rows.append((top, np.full(3, VERTEX_REACH), np.array([0.0, 0.0, heart * VERTEX]), True))
    if not rows:
        return Motion(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, dtype=np.bool_))
    centre, wide, amplitude, beating = (np.array(column) for column in zip(*rows, strict=True))
    return Motion(centre, wide, amplitude, beating)


def tenth_vertebra(tree: CentrelineTree) -> F8:
    """Return the point of the descending aorta beside the tenth thoracic vertebra [m], shape (3,)."""
    branch = tree.branches[tree.number(DESCENDING)]
    from_head = branch.points[::-1] if branch.points[-1, 2] > branch.points[0, 2] else branch.points
    arc = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(from_head, axis=0), axis=1))))
    return np.array([np.interp(TENTH * arc[-1], arc, from_head[:, k]) for k in range(3)])

"""Reading the screen: where a tip lies among the vessels that contrast has shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action
from simtrainer.procedures.selective_catheterisation.bots.operator import SEARCH_TICKS, Operator, Style

WAY = ("ascending_aorta", "aortic_arch", "descending_aorta")
"""The aorta in the chest, from the heart."""
BESIDE_MM = 7.0
"""A tip this near to a vessel's middle line lies in it. because: design, the radius of a carotid's funnel and 3 mm"""
IN_TRUNK_MM = 11.0
"""A tip this near to the middle line of the target's trunk lies in it. because: design, the radius of a brachiocephalic
trunk and 3 mm"""
NEARER_MM = 3.0
"""A tip lies in the target and not in its trunk when it is nearer by this. because: design, three times the noise"""
TRUNK_MM = 8.0
"""An origin this near to a branch is that branch's. because: design, the radius of a brachiocephalic trunk and 2 mm"""
TREMBLE_MM, HIDDEN_MM = 2.0, 6.0
"""How far below the origin that the aortogram showed a tip may lie in the target: what a reading trembles, and, where
the target leaves a trunk, what the trunk's contrast hides of it. because: design, the radius of a trunk"""
DOOR_MM = 7.0
"""A tip this near to an origin is at its door. because: design, the radius of a carotid's funnel and 3 mm of tremble"""


class Reader(Operator):
    """A hand that remembers what it saw."""

    def __init__(self, style: Style, chance: np.random.Generator) -> None:
        """Have seen nothing yet."""
        super().__init__(style, chance)
        self.target = ""
        self.vessels: dict[str, NDArray[np.float64]] = {}
        self.bones: dict[str, float] = {}
        self.last_height = -1e9

    def searching(self, speed: float, sought: int) -> tuple[Action, ...]:
        """Return the table's controls that look for a lost tip: one that was pushed first where the arch was seen."""
        across, height = self.ostium()
        if speed < 0.0 or height > 1e8 or sought > 2 * SEARCH_TICKS:
            return super().searching(speed, sought)
        return self.towards(across, height - 10.0)

    def ostium(self) -> tuple[float, float]:
        """Return across and height [mm] of the target's origin as the aortogram showed it."""
        shown = self.vessels.get(self.target)
        return (float(shown[0, 0]), float(shown[0, 1])) if shown is not None else (1e9, 1e9)

    def course_at(self, height: float) -> float:
        """Return across [mm] of the target at a height, as the aortogram showed it."""
        return self.across(self.target, height)

    def across(self, vessel: str, height: float) -> float:
        """Return across [mm] of a vessel at a height as the aortogram showed it; far away where it did not."""
        shown = self.vessels.get(vessel)
        if shown is None:
            return 1e9
        rising = np.argsort(shown[:, 1])
        return float(np.interp(height, shown[rising, 1], shown[rising, 0]))

    def way(self) -> NDArray[np.float64]:
        """Return the aorta in the chest as the aortogram showed it, from the heart: across and height [mm], (n, 2)."""
        shown = [self.vessels[name] for name in WAY if name in self.vessels]
        return np.concatenate(shown) if shown else np.zeros((0, 2))

    def along(self, point: tuple[float, float] | None) -> float:
        """Return how far [mm] round the arch, from the heart, a point lies on the screen; -1e9 for none."""
        way = self.way()
        if point is None or not len(way):
            return -1e9
        arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))))
        return float(arc[np.argmin(np.hypot(way[:, 0] - point[0], way[:, 1] - point[1]))])

    def seated(self) -> bool:
        """Tell whether the tip lies in the target by what the screen shows."""
        tip, trunk = self.tip(), self.trunk()
        low = self.ostium()[1] - (HIDDEN_MM if trunk else TREMBLE_MM)
        if tip is None or tip[1] < low or abs(tip[0] - self.course_at(tip[1])) > BESIDE_MM:
            return False
        if trunk and abs(tip[0] - self.across(trunk, tip[1])) < abs(tip[0] - self.course_at(tip[1])) + NEARER_MM:
            return False
        return self.heading(self.leading()) > 0.3

    def at_door(self) -> bool:
        """Tell whether the tip lies at the target's origin by what the screen shows."""
        tip, door = self.tip(), self.ostium()
        return tip is not None and float(np.hypot(tip[0] - door[0], tip[1] - door[1])) < DOOR_MM

    def in_wrong_branch(self) -> bool:
        """Tell whether the tip lies in another branch of the arch by what the screen shows."""
        return any(self.in_branch(name) for name in self.others())

    def in_trunk(self) -> bool:
        """Tell whether the tip lies in the branch that the target leaves from by what the screen shows."""
        trunk = self.trunk()
        return bool(trunk) and self.in_branch(trunk, IN_TRUNK_MM)

    def in_branch(self, name: str, beside_mm: float = BESIDE_MM) -> bool:
        """Tell whether the tip lies in a branch, so far beside its middle, by what the screen shows."""
        tip, shown = self.tip(), self.vessels[name]
        return tip is not None and tip[1] > shown[0, 1] + 2.0 and abs(tip[0] - self.across(name, tip[1])) < beside_mm

    def trunk(self) -> str:
        """Return the branch of the arch that the target leaves from, as in a bovine arch; empty for the arch itself."""
        shown = self.vessels.get(self.target)
        if shown is None:
            return ""
        for name, other in self.vessels.items():
            away = np.hypot(other[:, 0] - shown[0, 0], other[:, 1] - shown[0, 1])
            if name not in (*WAY, self.target) and float(away.min()) < TRUNK_MM and int(away.argmin()) >= 3:
                return name
        return ""

    def in_root(self, below_mm: float = 25.0) -> bool:
        """Tell whether the leading tip hangs in the ascending aorta, so far below the origins of the branches."""
        tip = self.tip()
        way = self.way()
        if tip is None or not len(way) or tip[1] > self.ostium()[1] - below_mm:
            return False
        return self.along(tip) < self.along(tuple(way[np.argmax(way[:, 1])]))

    def height(self) -> float:
        """Return the height of the leading tip [mm] by table and screen; where it is not seen, as it was last."""
        tip = self.tip()
        if tip is not None:
            self.last_height = tip[1]
        return self.last_height

    def spine(self, name: str) -> float:
        """Return the height [mm] of a vertebra read off the screen, now or earlier; far up while not yet seen."""
        for outline in self.seen.bones:
            self.bones[outline.name] = self.at(outline.pixels[0])[1]
        return self.bones.get(name, 1e9)

    def others(self) -> set[str]:
        """Return the branches that were seen and are neither the target, nor on the way to it, nor beyond it."""
        shown = self.vessels.get(self.target)
        top = float(shown[:, 1].max()) - BESIDE_MM if shown is not None else 1e9
        near = {name for name, course in self.vessels.items() if course[0, 1] < top}
        return near - {*WAY, self.target, self.trunk()}

"""A needle, how finely it is computed, and where a hand holds it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import GPA, MM
from simtrainer.physics.needle_check import LONGEST, check_fields

F8 = NDArray[np.float64]
STEEL = 193.0 * GPA
"""Young's modulus of stainless steel 304 [Pa]. because: known; handbooks give 190-200 GPa"""
SPARE = 0.02
"""Length of track beyond the needle's own [m]: a hub can dent the skin. because: design"""
FOLLOWS = 2.0
"""Radii beside an old track up to which a tip still follows it. because: design; the hole is as wide as the needle"""


@dataclass(frozen=True, slots=True)
class NeedleSpec:
    """A hollow steel needle.

    Parameters
    ----------
    length, radius, bore
        From hub to tip, outer radius, and radius of the lumen, 0 with its stylet in [m].
    lean
        Lateral force over cutting force of the tip, 0 for one that is symmetric: it is pushed away from where its
        bevel faces. because: design
    modulus
        Young's modulus [Pa].
    """

    length: float
    radius: float
    bore: float = 0.0
    lean: float = 0.0
    modulus: float = STEEL

    def __post_init__(self) -> None:
        """Refuse what no needle is; InputError says which."""
        check_fields("needle", least=5.0 * MM, most=LONGEST, length=self.length)
        check_fields("needle", least=0.05 * MM, most=5.0 * MM, radius=self.radius)
        check_fields("needle", least=0.0, most=0.98 * self.radius, bore=self.bore)
        check_fields("needle", least=0.0, most=1.0, lean=self.lean)
        check_fields("needle", least=1e6, modulus=self.modulus)

    @property
    def flexural_rigidity(self) -> float:
        """EI [N m2] of a tube: pi E (R^4 - r^4) / 4."""
        return 0.25 * math.pi * self.modulus * (self.radius**4 - self.bore**4)


@dataclass(frozen=True, slots=True)
class NeedleSettings:
    """Discretisation: distance of nodes, of cells of the track, and longest stride of the tip [m]."""

    node_step: float = 2.0 * MM
    cell: float = 1.0 * MM
    stride: float = 0.1 * MM

    def __post_init__(self) -> None:
        """Refuse what resolves nothing."""
        check_fields("needle settings", least=0.05 * MM, most=0.02, node_step=self.node_step, cell=self.cell)
        check_fields("needle settings", least=1e-6, most=self.cell, stride=self.stride)


@dataclass(frozen=True, slots=True)
class NeedleControl:
    """Where the hand holds the hub at the end of the step.

    `hub` is X_WH, (4, 4): x of H along the needle to its tip, z the way its bevel faces.
    """

    hub: F8

    @classmethod
    def aimed(cls, position: F8, axis: F8, *, up: F8, roll: float = 0.0) -> NeedleControl:
        """Return the hub at `position` [m], the needle along `axis`, the bevel facing `up`, turned on by `roll` [rad].

        All in W, (3,); `up` is made perpendicular to the axis.
        """
        x = np.asarray(axis, float) / np.linalg.norm(axis)
        across = np.asarray(up, float) - (np.asarray(up, float) @ x) * x
        size = float(np.linalg.norm(across))
        if not size > 1e-9:
            raise InputError(f"control: the bevel faces along the needle's axis {x.tolist()}; up must lie across it")
        level = across / size
        z = math.cos(roll) * level + math.sin(roll) * np.cross(x, level)
        hub = np.eye(4)
        hub[:3, 0], hub[:3, 1], hub[:3, 2], hub[:3, 3] = x, np.cross(z, x), z, position
        return cls(hub)

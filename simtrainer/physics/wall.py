"""How a wall gives way to what presses on it: a local elastic law, per length of the device."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simtrainer.core.error import InputError
from simtrainer.core.units import MM


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall that gives way where it is pressed and nowhere else (Winkler): force per length = give d (1 + harden d).

    Parameters
    ----------
    give
        Force per length of device and depth [N/m2].
    harden
        How fast it gets stiffer with depth d [1/m].
    escape
        Depth at which a device counts as escaped [m].
    """

    give: float
    harden: float = 0.0
    escape: float = 2.0 * MM

    def check(self) -> None:
        """Refuse what no wall is; InputError says which number and what is allowed."""
        for name, value, least in (
            ("give", self.give, 1.0),
            ("harden", self.harden, 0.0),
            ("escape", self.escape, 0.0),
        ):
            if not (math.isfinite(value) and value >= least):
                raise InputError(f"wall: {name} is {value}, it must be finite and at least {least:g}")


RIGID = Wall(5e6)
"""As good as rigid: 1 N on 4 mm of wire sinks in 0.05 mm. because: design, a hundredth of what arteries give way"""

"""What a hand holds: dimensions, stiffness and controls of instruments; never the course they are used in.

An instrument is a YAML file in this folder; a `slender` one becomes a profile for the rod solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtrainer.core.registry import Registry

if TYPE_CHECKING:
    from simtrainer.instruments.slender import Slender

instruments: Registry[Slender] = Registry("instrument", "simtrainer.instruments")

"""Draws the open wound as a person sees it; outside the tick, and nothing of it is scored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import UnknownNameError
from simtrainer.imaging.open_field import render
from simtrainer.procedures.open_vessel_control.sight import CAMERAS
from simtrainer.procedures.open_vessel_control.state import WoundState
from simtrainer.procedures.open_vessel_control.world import Exercise

SIZE = 512
"""Pixels of a picture, either way."""


class OpenEye:
    """Looks at the wound through one of several cameras; remembers which, and nothing else."""

    cameras: tuple[str, ...] = tuple(CAMERAS)

    def __init__(self, world: Exercise, size: int = SIZE) -> None:
        """Stand at the block of `world` with the surgeon's eyes."""
        self._world, self._size = world, size
        self._camera = self.cameras[0]

    @property
    def camera(self) -> str:
        """Name of the camera that it looks through."""
        return self._camera

    @camera.setter
    def camera(self, name: str) -> None:
        if name not in CAMERAS:
            raise UnknownNameError("camera", name, CAMERAS)
        self._camera = name

    def look(self, state: WoundState, tick: int) -> NDArray[np.uint8]:
        """Return the picture of `state`, uint8, shape (n, n, 3)."""
        del tick
        surfaces = self._world.field.surfaces(self._world.view(state))
        return render(surfaces, CAMERAS[self._camera], (self._size, self._size)).pixels

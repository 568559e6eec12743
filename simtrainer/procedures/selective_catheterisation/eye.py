"""Draws the fluoroscope's picture of a state; outside the tick, and nothing of it is scored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.frame import frozen
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.imaging.contrast import contrast_tubes, vessel_shadow
from simtrainer.imaging.device import DeviceShadow
from simtrainer.imaging.dose import Exposure, Mode, frame_due
from simtrainer.imaging.fluoroscope import PictureState, keep_roadmap
from simtrainer.imaging.material import CATHETER_WALL, IODINE, PLATINUM_COIL, WIRE_CORE
from simtrainer.instruments.slender import Slender
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import IODINE as IN_BOTTLE
from simtrainer.procedures.selective_catheterisation.world import TICK_HZ, Exercise


class FluoroscopeEye:
    """The screen over the table; remembers lag, mask, roadmap and the last image."""

    def __init__(self, world: Exercise, streams: Streams) -> None:
        """Stand before the patient of `world`; noise comes from the stream `fluoroscopy`."""
        self._world = world
        self._streams = streams
        self._picture = PictureState()
        self._shadow = vessel_shadow(world.package.tree, world.network)
        self._roadmaps = 0

    @property
    def picture(self) -> PictureState:
        """What the picture chain remembers."""
        return self._picture

    def look(self, state: TableState, tick: int) -> NDArray[np.uint8]:
        """Return the picture on the screen, uint8, shape (512, 512)."""
        if state.record.roadmaps > self._roadmaps:
            self._roadmaps = state.record.roadmaps
            run = (self._picture.peak, self._picture.mask)
            if run[0] is not None and run[1] is not None:  # who looks now and then may have missed the injection
                self._picture = keep_roadmap(self._picture)
        mode = Mode(state.hands.beam)
        if mode is Mode.OFF or frame_due(mode, tick, TICK_HZ) or self._picture.last is None:
            self.expose(state, tick)
        if self._picture.last is None:
            return np.zeros((512, 512), dtype=np.uint8)
        return self._picture.last.pixels

    def expose(self, state: TableState, tick: int) -> None:
        """Take one frame of `state` into the picture chain."""
        exposure = Exposure(Mode(state.hands.beam), state.width, state.height)
        self._picture = self._world.machine.expose(
            self._picture,
            exposure,
            state.pose,
            shadows=shadows(self._world, state),
            contrast=contrast_tubes(self._shadow, state.bolus),
            tick=tick,
            streams=self._streams,
        )


def shadows(world: Exercise, state: TableState) -> tuple[DeviceShadow, ...]:
    """Return what the loaded devices cast on the detector."""
    read = world.reading(state)
    cast = []
    for number, (name, attenuation) in enumerate(((state.wire, WIRE_CORE), (state.catheter, CATHETER_WALL))):
        curve = world.curve(read, number)
        if name and len(curve) > 1:
            full = IODINE * IN_BOTTLE if number == 1 and state.lumen.injecting_ml > 0.0 else 0.0
            cast.append(_shadow(world.device(name), curve, attenuation, full))
    return tuple(cast)


def _shadow(device: Slender, curve: NDArray[np.float64], attenuation: float, lumen: float) -> DeviceShadow:
    bore = device.inner_diameter_mm / 2.0 * MM
    return DeviceShadow(
        points=frozen(curve),
        radius=device.outer_diameter_mm / 2.0 * MM,
        bore=bore,
        attenuation=attenuation,
        tip_length=device.radiopaque_tip_mm * MM,
        tip_attenuation=4.0 * attenuation if bore > 0.0 else PLATINUM_COIL,
        lumen_attenuation=lumen if bore > 0.0 else 0.0,
    )

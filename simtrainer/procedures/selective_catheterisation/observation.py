"""What a person at the table could see and feel, and nothing else: the only thing that a bot gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.frame import frozen
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.imaging.carm import CArmPose, project
from simtrainer.imaging.contrast import BolusState
from simtrainer.imaging.dose import Exposure, Mode
from simtrainer.imaging.observe import project_curve
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import IODINE, Exercise

PIXEL_NOISE = 1.0
"""Standard deviation of a point read off the screen [pixels]. because: design, a wire is 3 to 4 pixels wide"""
READABLE = 0.06
"""Share of the bottle's iodine at which a vessel is read on the screen. because: design; 6 % is 18 mg/ml"""
FELT_N = 0.05
"""Smallest difference in push that fingers feel [N]. because: design, about 5 g"""


@dataclass(frozen=True, slots=True)
class Outline:
    """A vessel that contrast has shown on the screen.

    Parameters
    ----------
    name
        What a person who knows the anatomy calls it.
    pixels
        Its middle line on the screen, column and row, shape (n, 2).
    """

    name: str
    pixels: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at screen, hands and panels.

    Parameters
    ----------
    time_s
        Clock on the wall.
    target
        Vessel that the case card asks for.
    wire, catheter
        What is in the hands; empty for nothing.
    wire_mm, catheter_mm
        Length beyond the sheath's valve, read off the device outside.
    wire_force_n, catheter_force_n
        What the fingers feel, to 0.05 N.
    beam
        Pedal.
    lao_deg, view_mm
        Angle of the C-arm, and the table's read-out along and across (to the head, to the left).
    wire_pixels, catheter_pixels
        The devices on the running screen, column and row, shape (n, 2), tip last; empty while the beam is off or where
        they are not in the field.
    mm_per_pixel
        Scale at the isocentre.
    vessels
        Vessels that are opacified on the running screen.
    bones
        Landmarks of the skeleton on the running screen by name, column and row: `vertebra_t2` to `vertebra_l4` and
        `hip`, as far as the phantom has them.
    air_seen, drawn_ml, flushed_ml, injected_ml
        What the syringes show in this stroke.
    compression_s
        Clock of the compression.
    """

    time_s: float
    target: str
    wire: str
    catheter: str
    wire_mm: float
    catheter_mm: float
    wire_force_n: float
    catheter_force_n: float
    beam: str
    lao_deg: float
    view_mm: tuple[float, float]
    wire_pixels: NDArray[np.float64]
    catheter_pixels: NDArray[np.float64]
    mm_per_pixel: float
    vessels: tuple[Outline, ...]
    bones: tuple[Outline, ...]
    air_seen: bool
    drawn_ml: float
    flushed_ml: float
    injected_ml: float
    compression_s: float


def observe(world: Exercise, state: TableState, tick: int, streams: Streams) -> Observation:
    """Return what is seen and felt in `state`; the noise of reading belongs to the stream `observation`."""
    read = world.reading(state)
    mode = Mode(state.hands.beam)
    shown: list[NDArray[np.float64]] = [np.zeros((0, 2)), np.zeros((0, 2))]
    if mode is not Mode.OFF:
        chance = streams.at("observation", tick)
        exposure = Exposure(mode, state.width, state.height)
        for number in range(2):
            curve = world.curve(read, number)
            if len(curve) > 1:
                seen = project_curve(state.pose, curve[-60:], exposure)
                kept = seen.pixels[seen.in_view]
                noisy = kept + chance.normal(0.0, PIXEL_NOISE, size=kept.shape)
                shown[number] = noisy if bool(seen.in_view[-1]) else np.zeros((0, 2))
    x, _, z = state.pose.isocentre
    lumen = state.lumen
    forces = np.round(read.hand_force / FELT_N) * FELT_N
    return Observation(
        time_s=tick / world.tick_hz,
        target=world.facts.words["target_vessel"],
        wire=state.wire,
        catheter=state.catheter,
        wire_mm=float(read.inserted[0]) / MM,
        catheter_mm=float(read.inserted[1]) / MM,
        wire_force_n=float(forces[0]),
        catheter_force_n=float(forces[1]),
        beam=state.hands.beam,
        lao_deg=float(np.degrees(state.pose.lao)),
        view_mm=(z / MM, -x / MM),
        wire_pixels=frozen(shown[0]),
        catheter_pixels=frozen(shown[1]),
        mm_per_pixel=state.pose.pitch / state.pose.magnification / MM,
        vessels=() if mode is Mode.OFF else _opacified(world, state.pose, state.bolus),
        bones=() if mode is Mode.OFF else _bones(world, state.pose),
        air_seen=lumen.drawing_ml > 0.0 and lumen.air_ml > 0.0,
        drawn_ml=lumen.drawing_ml,
        flushed_ml=lumen.flushing_ml,
        injected_ml=lumen.injecting_ml,
        compression_s=state.compression,
    )


def _opacified(world: Exercise, pose: CArmPose, bolus: BolusState) -> tuple[Outline, ...]:
    """Return the vessels of which contrast shows at least 8 mm on the screen."""
    bright = bolus.iodine > READABLE * IODINE
    if not bright.any():
        return ()
    network, outlines = world.network, []
    for number in np.unique(network.branch[bright]):
        cells = np.flatnonzero(bright & (network.branch == number))
        placed = project(pose, network.points[cells])[:, :2]
        inside = np.all((placed >= 0.0) & (placed < 512.0), axis=1)
        if np.count_nonzero(inside) >= 3:
            outlines.append(Outline(world.atlas.name(int(number)), frozen(placed[inside])))
    return tuple(outlines)


def _bones(world: Exercise, pose: CArmPose) -> tuple[Outline, ...]:
    """Return skeletal landmarks on the screen."""
    found = []
    for name, point in world.landmarks.items():
        column, row = project(pose, point[None])[0, :2]
        if 0.0 <= column < 512.0 and 0.0 <= row < 512.0:
            found.append(Outline(name, frozen(np.array([[column, row]]))))
    return tuple(found)

"""Dose and beam-on time: counted from geometry and patient thickness, whether or not a picture is drawn.

Automatic exposure control holds the kerma at the detector; what reaches the patient follows from the inverse square
law and from the attenuation on the way, capped for fluoroscopy as the law caps it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from simtrainer.core.error import InputError
from simtrainer.core.units import MINUTE
from simtrainer.imaging.carm import FIELDS, REFERENCE_POINT, SOURCE_TO_ISOCENTRE, CArmPose


class Mode(Enum):
    """What the pedal asks for."""

    OFF = "off"
    FLUORO = "fluoro"
    ROADMAP = "roadmap"
    CINE = "cine"
    DSA = "dsa"


@dataclass(frozen=True, slots=True)
class Technique:
    """How a mode exposes.

    Parameters
    ----------
    rate_hz
        Pulses, each a frame, per second.
    detector_kerma
        Kerma at the detector for each frame in the 31 cm field [Gy].
    fresh
        Share of a new frame in the shown one; the rest is detector lag and recursive noise filter.
    capped
        True where the legal limit of the entrance kerma rate holds.
    """

    rate_hz: float
    detector_kerma: float
    fresh: float
    capped: bool


TECHNIQUES: dict[Mode, Technique] = {
    Mode.FLUORO: Technique(15.0, 20e-9, 0.45, True),
    Mode.ROADMAP: Technique(15.0, 30e-9, 0.35, True),
    Mode.CINE: Technique(15.0, 150e-9, 0.92, False),
    Mode.DSA: Technique(4.0, 1.2e-6, 1.0, False),
}
"""Exposure of each mode. because: detector kerma for each frame of about 9 to 35 nGy in fluoroscopy, 0.1 to 0.2 uGy
in cine and 1 to 5 uGy in subtraction, Bushberg et al., The Essential Physics of Medical Imaging, 3rd ed., chapter 9.
The entrance rate that follows for 24 cm of tissue is checked against 0.2 mGy/s of Troville et al., J Appl Clin Med
Phys 2024;25:e14335."""

FLUORO_LIMIT = 88e-3 / MINUTE
"""Highest entrance kerma rate in fluoroscopy [Gy/s]. because: 21 CFR 1020.32(d), 88 mGy/min"""
GRID_TRANSMISSION = 0.7
"""Share of the primary beam that passes grid and detector cover. because: design value for an r12 to r15 grid"""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Pedal and shutters as they stand.

    Parameters
    ----------
    mode
        What the pedal asks for.
    open_width, open_height
        Open share of the field between the shutters, 0.05 to 1.
    breath
        Depth of breath, 0 end of expiration to 1 full inspiration.
    """

    mode: Mode = Mode.OFF
    open_width: float = 1.0
    open_height: float = 1.0
    breath: float = 0.0

    def __post_init__(self) -> None:
        """Refuse shutters that no collimator has."""
        if not (0.05 <= self.open_width <= 1.0 and 0.05 <= self.open_height <= 1.0):
            raise InputError(
                f"shutters open {self.open_width} x {self.open_height}; allowed are 0.05 to 1 of the field"
            )
        if not 0.0 <= self.breath <= 1.0:
            raise InputError(f"breath {self.breath}; allowed are 0 to 1")


@dataclass(frozen=True, slots=True)
class DoseState:
    """What the dose meter shows.

    Parameters
    ----------
    fluoro_time
        Beam-on time of fluoroscopy and roadmap [s].
    run_time
        Beam-on time of cine and subtraction runs [s].
    area_product
        Dose-area product [Gy m2].
    reference_kerma
        Air kerma at the patient entrance reference point [Gy].
    runs
        Cine and subtraction runs begun.
    mode
        Mode in force at the last tick.
    """

    fluoro_time: float = 0.0
    run_time: float = 0.0
    area_product: float = 0.0
    reference_kerma: float = 0.0
    runs: int = 0
    mode: Mode = Mode.OFF


@dataclass(frozen=True, slots=True)
class Output:
    """What the tube gives for one frame: kerma at the reference point and, behind the patient, at the detector [Gy]."""

    reference_kerma: float
    detector_kerma: float


def tube_output(mode: Mode, pose: CArmPose, path: float) -> Output:
    """Return the output for each frame.

    Parameters
    ----------
    mode
        Any mode but OFF.
    pose
        Gives distances and zoom: the detector kerma rises as the field shrinks, as automatic control does.
    path
        Effective line integral of attenuation through the middle of the field [-].
    """
    technique = TECHNIQUES[mode]
    detector = technique.detector_kerma * FIELDS[2] / pose.field
    reference_distance = SOURCE_TO_ISOCENTRE - REFERENCE_POINT
    # K_ref = K_det exp(mu t) (SID / d_ref)^2 / grid: inverse square law and Beer-Lambert
    reference = detector * math.exp(path) * (pose.sid / reference_distance) ** 2 / GRID_TRANSMISSION
    if technique.capped and reference * technique.rate_hz > FLUORO_LIMIT:
        share = FLUORO_LIMIT / (reference * technique.rate_hz)
        return Output(reference * share, detector * share)
    return Output(reference, detector)


def reference_area(pose: CArmPose, exposure: Exposure) -> float:
    """Return the area of the beam at the reference point [m2]."""
    side = pose.field * (SOURCE_TO_ISOCENTRE - REFERENCE_POINT) / pose.sid
    return side * side * exposure.open_width * exposure.open_height


def count_dose(state: DoseState, exposure: Exposure, pose: CArmPose, path: float, dt: float) -> DoseState:
    """Return the meter after `dt` [s] more of the present exposure; `path` as in `tube_output`."""
    mode = exposure.mode
    if mode is Mode.OFF:
        return state if state.mode is Mode.OFF else replace(state, mode=mode)
    kerma = tube_output(mode, pose, path).reference_kerma * TECHNIQUES[mode].rate_hz * dt
    a_run = mode in (Mode.CINE, Mode.DSA)
    return DoseState(
        fluoro_time=state.fluoro_time + (0.0 if a_run else dt),
        run_time=state.run_time + (dt if a_run else 0.0),
        area_product=state.area_product + kerma * reference_area(pose, exposure),
        reference_kerma=state.reference_kerma + kerma,
        runs=state.runs + (1 if a_run and state.mode is not mode else 0),
        mode=mode,
    )


def frame_due(mode: Mode, tick: int, tick_hz: float) -> bool:
    """Tell whether a frame of `mode` falls into `tick`, so that frames are evenly spread over ticks."""
    if mode is Mode.OFF:
        return False
    rate = TECHNIQUES[mode].rate_hz
    return bool(np.floor((tick + 1) * rate / tick_hz) > np.floor(tick * rate / tick_hz))

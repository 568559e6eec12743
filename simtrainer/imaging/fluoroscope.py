"""The fluoroscope: exposes frames of a patient with devices and contrast, and counts dose without drawing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.scene import Body
from simtrainer.core.stream import Streams
from simtrainer.imaging.background import Background, effective_path, line_integral, make_background
from simtrainer.imaging.carm import PIXELS, CArmPose
from simtrainer.imaging.detector import blur_and_lag, blur_weight, detect, quanta
from simtrainer.imaging.device import DeviceShadow, device_tubes
from simtrainer.imaging.display import live_grey, roadmap_grey, subtracted_grey
from simtrainer.imaging.dose import TECHNIQUES, DoseState, Exposure, Mode, count_dose, tube_output
from simtrainer.imaging.tube import Tubes, add_tubes, joined

BREATH_LEVELS = 8
"""Depths of breath for which a background is kept."""
_KEPT = 24
"""Backgrounds kept; the oldest goes first."""
_MASK_FRAMES = 2
"""Frames at the start of a run that make the mask."""
_PATH_PIXELS = 32
"""Resolution at which automatic exposure control looks at the patient."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture on the screen.

    Parameters
    ----------
    pixels
        Grey values, uint8, shape (512, 512), read-only; row 0 is the head side, column 0 the patient's right.
    tick, mode, pose
        When, how and from where it was exposed.
    """

    pixels: NDArray[np.uint8]
    tick: int
    mode: Mode
    pose: CArmPose


@dataclass(frozen=True, slots=True)
class Roadmap:
    """The opacified vessels of a run: attenuation of contrast [-] at its peak and the mask [-], shape (n, n)."""

    vessels: NDArray[np.float32]
    mask: NDArray[np.float32]
    pose: CArmPose


@dataclass(frozen=True, slots=True)
class PictureState:
    """What the picture chain remembers from frame to frame; nothing of it is scored.

    Parameters
    ----------
    last
        Last image hold; None before the first exposure.
    signal
        Lagging relative signal, shape (n, n); None before the first exposure.
    mode, pose, frames
        Run in progress, and its frames so far.
    mask, peak
        Mean logarithm of the first frames of the run, and highest attenuation over it since, shape (n, n).
    roadmap
        Kept vessels, until the next `keep_roadmap`.
    """

    last: Frame | None = None
    signal: NDArray[np.float32] | None = None
    mode: Mode = Mode.OFF
    pose: CArmPose | None = None
    frames: int = 0
    mask: NDArray[np.float32] | None = None
    peak: NDArray[np.float32] | None = None
    roadmap: Roadmap | None = None


@dataclass(frozen=True, slots=True)
class Fluoroscope:
    """Model of the machine and the patient's anatomy.

    Parameters
    ----------
    bodies
        Closed surfaces; `attenuation_per_m` is against what surrounds each (lung in tissue is negative).
    breath_shift
        Shift [m] in W at full inspiration of bodies that move with breath, by name, shape (3,).
    vessels_dark
        +1 shows the roadmap's vessels dark and devices white, -1 the other way round.
    """

    bodies: tuple[Body, ...]
    breath_shift: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    vessels_dark: float = 1.0
    _kept: dict[tuple[CArmPose, int, int], Background] = field(default_factory=dict, compare=False, repr=False)
    _paths: dict[CArmPose, float] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse shifts of bodies that are not there."""
        unknown = set(self.breath_shift) - {body.name for body in self.bodies}
        if unknown:
            raise InputError(f"breath_shift names bodies that are not there: {', '.join(sorted(unknown))}")

    def background(self, pose: CArmPose, breath: float = 0.0, coarseness: int = 1) -> Background:
        """Return the patient without devices; kept, since it depends on nothing but the arguments."""
        level = round(breath * (BREATH_LEVELS - 1)) if self.breath_shift else 0
        key = (pose, level, coarseness)
        if key not in self._kept:
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            depth = level / (BREATH_LEVELS - 1)
            shifts = {name: depth * np.asarray(shift) for name, shift in self.breath_shift.items()}
            self._kept[key] = make_background(self.bodies, shifts, pose, coarseness)
        return self._kept[key]

    def path(self, pose: CArmPose) -> float:
        """Return the effective line integral through the middle of the field [-], as exposure control meets it."""
        if pose not in self._paths:
            while len(self._paths) >= _KEPT:
                del self._paths[next(iter(self._paths))]
            self._paths[pose] = effective_path(line_integral(self.bodies, {}, pose, _PATH_PIXELS))
        return self._paths[pose]

    def account(self, state: DoseState, exposure: Exposure, pose: CArmPose, dt: float) -> DoseState:
        """Return the dose meter after `dt` [s]; draws nothing and depends on no picture."""
        path = self.path(pose) if exposure.mode is not Mode.OFF else 0.0
        return count_dose(state, exposure, pose, path, dt)

    def expose(
        self,
        state: PictureState,
        exposure: Exposure,
        pose: CArmPose,
        *,
        shadows: tuple[DeviceShadow, ...] = (),
        contrast: Tubes | None = None,
        tick: int,
        streams: Streams,
    ) -> PictureState:
        """Return the state after one frame; its `last` is the picture to show (unchanged while the pedal is off)."""
        if exposure.mode is Mode.OFF:
            return state if state.mode is Mode.OFF else replace(state, mode=Mode.OFF, frames=0)
        new_run = state.mode is not exposure.mode or state.pose != pose
        moving = state.mode is exposure.mode and state.pose is not None and state.pose != pose
        ground = self.background(pose, exposure.breath, 2 if moving else 1)
        shadow = cast_shadow(pose, shadows, contrast)
        signal, logarithm = self._detected(
            state, exposure.mode, pose, (ground, shadow), streams.at("fluoroscopy", tick)
        )
        frames = 1 if new_run else state.frames + 1
        mask, peak = _masked(None if new_run else state.mask, state.peak, logarithm, frames)
        pixels = self._shown(exposure, pose, (logarithm, ground.slow), mask, state.roadmap)
        pixels.setflags(write=False)
        last = Frame(pixels, tick, exposure.mode, pose)
        return PictureState(last, signal, exposure.mode, pose, frames, mask, peak, state.roadmap)

    def _detected(
        self,
        state: PictureState,
        mode: Mode,
        pose: CArmPose,
        seen: tuple[Background, NDArray[np.float64]],
        luck: np.random.Generator,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the lagging signal and minus its logarithm."""
        ground, shadow = seen
        kerma = tube_output(mode, pose, self.path(pose)).detector_kerma
        noise = luck.standard_normal((PIXELS, PIXELS), dtype=np.float32)
        raw = np.empty((PIXELS, PIXELS), dtype=np.float32)
        detect(ground.primary, ground.scatter, shadow, noise, quanta(kerma, pose.pitch), raw)
        fresh = TECHNIQUES[mode].fresh if state.signal is not None and state.mode is mode else 1.0
        before = raw if state.signal is None else state.signal
        signal, logarithm = np.empty_like(raw), np.empty_like(raw)
        blur_and_lag(raw, before, blur_weight(pose.pitch, pose.magnification), fresh, signal, logarithm)
        signal.setflags(write=False)
        return signal, logarithm

    def _shown(
        self,
        exposure: Exposure,
        pose: CArmPose,
        live: tuple[NDArray[np.float32], NDArray[np.float32]],
        mask: NDArray[np.float32],
        roadmap: Roadmap | None,
    ) -> NDArray[np.uint8]:
        """Return grey values of the frame in the way of its mode."""
        logarithm, slow = live
        if exposure.mode is Mode.DSA:
            return subtracted_grey(logarithm - mask, exposure)
        if exposure.mode is Mode.ROADMAP and roadmap is not None and roadmap.pose == pose:
            return roadmap_grey(logarithm - roadmap.mask, roadmap.vessels, self.vessels_dark, exposure)
        return live_grey(logarithm, slow, exposure)


def cast_shadow(pose: CArmPose, shadows: tuple[DeviceShadow, ...], contrast: Tubes | None) -> NDArray[np.float64]:
    """Return the line integral of attenuation [-] of devices and contrast, shape (512, 512)."""
    out = np.zeros((PIXELS, PIXELS))
    parts = [device_tubes(shadow) for shadow in shadows]
    if contrast is not None:
        parts.append(contrast)
    add_tubes(out, pose, joined(parts))
    return out


def keep_roadmap(state: PictureState) -> PictureState:
    """Return the state with the peak opacification of the run so far kept as roadmap; InputError without a run."""
    if state.mask is None or state.peak is None or state.pose is None:
        raise InputError("there is no run to make a roadmap from; expose a run with contrast first")
    return replace(state, roadmap=Roadmap(state.peak, state.mask, state.pose))


def _masked(
    mask: NDArray[np.float32] | None, peak: NDArray[np.float32] | None, logarithm: NDArray[np.float32], frames: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mask and peak of the run after one more frame."""
    if mask is None or peak is None:
        return logarithm, np.zeros_like(logarithm)
    if frames <= _MASK_FRAMES:
        return (mask + (logarithm - mask) / np.float32(frames)).astype(np.float32), peak
    return mask, np.maximum(peak, _smooth(logarithm - mask))


def _smooth(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean over 3 x 3 pixels, so that a peak over many frames is not a peak of noise."""
    wide = np.pad(picture, 1, mode="edge")
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    total: NDArray[np.float32] = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) * np.float32(1.0 / 9.0)
    return total

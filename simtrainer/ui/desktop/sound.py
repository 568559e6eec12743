"""Sounds: made with numpy at the start, played where there is a sound device, and always said in words as well."""

from __future__ import annotations

from enum import Enum

import numpy as np
import pygame
from numpy.typing import NDArray

RATE = 22050
"""Samples a second. because: design; the highest tone here is below 2 kHz"""


class Sound(Enum):
    """What can be heard."""

    HUM = "hum"
    CINE = "cine"
    FORCE = "force"
    INJECTION = "injection"
    ALARM = "alarm"
    DONE = "done"


def synthesised(sound: Sound) -> NDArray[np.float64]:
    """Return one sound as samples from -1 to 1, shape (n,)."""
    return _MADE[sound]()


class Speaker:
    """Plays sounds; silent where there is no device or when muted."""

    def __init__(self, *, wanted: bool = True, volume: float = 1.0) -> None:
        """Open the sound device and make all sounds at `volume`, 0 to 1; stay silent where none is `wanted`."""
        self.muted = False
        self.volume = volume
        self.works = False
        self._sounds: dict[Sound, pygame.mixer.Sound] = {}
        self._loops: dict[Sound, pygame.mixer.Channel] = {}
        if not wanted:
            return
        try:
            pygame.mixer.init(RATE, -16, 1, 512, allowedchanges=0)
        except pygame.error:
            return
        self.works = True
        for sound in Sound:
            samples = (32767 * np.clip(synthesised(sound), -1.0, 1.0)).astype("<i2")
            self._sounds[sound] = pygame.mixer.Sound(buffer=samples.tobytes())
        self.set_volume(volume)

    def play(self, sound: Sound) -> None:
        """Play a sound once."""
        if self.works and not self.muted:
            self._sounds[sound].play()

    def loop(self, sound: Sound, on: bool) -> None:
        """Let a sound go on, or end it."""
        if not self.works:
            return
        if on and not self.muted and sound not in self._loops:
            channel = self._sounds[sound].play(loops=-1)
            if channel is not None:
                self._loops[sound] = channel
        elif (not on or self.muted) and sound in self._loops:
            self._loops.pop(sound).stop()

    def set_volume(self, volume: float) -> None:
        """Make everything as loud as `volume`, 0 to 1, also what is heard now."""
        self.volume = min(max(volume, 0.0), 1.0)
        for made in self._sounds.values():
            made.set_volume(self.volume)

    def mute(self, muted: bool) -> None:
        """Silence everything, or let it be heard again."""
        self.muted = muted
        if muted and self.works:
            pygame.mixer.stop()
            self._loops.clear()

    def close(self) -> None:
        """Give the sound device back."""
        if self.works:
            pygame.mixer.quit()
            self.works = False


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(int(seconds * RATE)) / RATE


def _faded(samples: NDArray[np.float64], rise_s: float = 0.008) -> NDArray[np.float64]:
    """Return a pulse that neither begins nor ends with a click."""
    edge = np.minimum(np.arange(len(samples)) / (rise_s * RATE), 1.0)
    return samples * edge * edge[::-1]


def _tone(frequency: float, seconds: float, harmonics: tuple[float, ...] = (1.0,)) -> NDArray[np.float64]:
    t = _time(seconds)
    parts = [a * np.sin(2 * np.pi * frequency * (k + 1) * t) for k, a in enumerate(harmonics)]
    mixed: NDArray[np.float64] = np.sum(parts, axis=0) / sum(harmonics)
    return mixed


def _hum() -> NDArray[np.float64]:
    return 0.10 * _tone(100.0, 0.5, (1.0, 0.6, 0.2))  # whole periods in half a second: loops without a seam


def _cine() -> NDArray[np.float64]:
    click = np.zeros(RATE // 15)
    pulse = _faded(_tone(700.0, 0.012), 0.002)
    click[: len(pulse)] = 0.25 * pulse
    return click


def _force() -> NDArray[np.float64]:
    return 0.35 * _faded(_tone(520.0, 0.14, (1.0, 0.5, 0.25)))


def _injection() -> NDArray[np.float64]:
    return 0.4 * _faded(_tone(320.0, 0.03, (1.0, 0.7, 0.5)), 0.003)


def _alarm() -> NDArray[np.float64]:
    """Ten pulses as 2 x (3 + 2), after the pattern of a high priority alarm in IEC 60601-1-8; not called compliant."""
    pulse = _faded(_tone(622.0, 0.12, (1.0, 0.66, 0.36, 0.33, 0.21)), 0.018)
    gap, wide, half = np.zeros(int(0.08 * RATE)), np.zeros(int(0.28 * RATE)), np.zeros(int(0.5 * RATE))
    burst = [pulse, gap, pulse, gap, pulse, wide, pulse, gap, pulse]
    return 0.6 * np.concatenate([*burst, half, *burst])


def _done() -> NDArray[np.float64]:
    return 0.25 * np.concatenate((_faded(_tone(523.25, 0.09)), _faded(_tone(784.0, 0.14))))


_MADE = {
    Sound.HUM: _hum, Sound.CINE: _cine, Sound.FORCE: _force, Sound.INJECTION: _injection, Sound.ALARM: _alarm,
    Sound.DONE: _done,
}  # fmt: skip

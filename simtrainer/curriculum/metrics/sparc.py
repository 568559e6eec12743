"""How smooth a movement was: spectral arc length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.curriculum.metric import Inputs, Measure, Metric, Recording, metrics

CUT_HZ = 10.0
"""Highest frequency looked at [Hz]. because: Balasubramanian et al., J NeuroEng Rehabil 2015;12:112"""
THRESHOLD = 0.05
"""Share of the greatest amplitude below which the ends of the spectrum are cut. because: same paper"""
PADDING = 4
"""Powers of two by which the transform is longer than the movement. because: same paper's reference code"""


def spectral_arc_length(speed: NDArray[np.float64], rate_hz: float) -> float | None:
    """Return SPARC of a speed profile, shape (n,): negative, closer to 0 is smoother; None without movement.

    -sum sqrt((df / (f_N - f_1))^2 + dM^2), M the amplitude spectrum over its maximum, from the first to the last
    frequency below 10 Hz with M >= 0.05.
    """
    if len(speed) < 2 or not np.any(speed):
        return None
    n = int(2 ** (np.ceil(np.log2(len(speed))) + PADDING))
    frequency = np.arange(n // 2 + 1) * (rate_hz / n)
    spectrum = np.abs(np.fft.rfft(speed, n))
    spectrum = spectrum / spectrum.max()
    low = frequency <= CUT_HZ
    frequency, spectrum = frequency[low], spectrum[low]
    loud = np.flatnonzero(spectrum >= THRESHOLD)
    frequency, spectrum = frequency[loud[0] : loud[-1] + 1], spectrum[loud[0] : loud[-1] + 1]
    if len(frequency) < 2:
        return None
    df = np.diff(frequency) / (frequency[-1] - frequency[0])
    return float(-np.sum(np.hypot(df, np.diff(spectrum))))


def measure(recording: Recording, inputs: Inputs) -> Measure:
    """Return SPARC of the signal `speed`; never to be compared across input devices."""
    if len(recording.ticks) < 2:
        return Measure(None, recording.end)
    rate = (len(recording.ticks) - 1) / float(recording.seconds[-1] - recording.seconds[0])
    return Measure(spectral_arc_length(recording.column(inputs.signals["speed"]), rate), recording.end)


metrics.put(
    "sparc",
    Metric("Smoothness of a speed (spectral arc length)", "", measure, signals=("speed",), per_device=True),
)

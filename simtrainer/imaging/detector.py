"""From attenuation to a number for each pixel: quantum noise, blur, lag and logarithm."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

QUANTA_PER_KERMA = 3.42e16
"""Photons per area and air kerma at 60 keV [1/(m2 Gy)]. because: 1 / (E mu_en/rho) with mu_en/rho of dry air 0.03041
cm2/g, NIST SRD 126, and E = 60 keV = 9.613e-15 J"""
DETECTIVE_EFFICIENCY = 0.65
"""Detective quantum efficiency at low frequency. because: 0.6 to 0.7 of CsI/a-Si flat detectors, Seibert, Pediatr
Radiol 2006;36(S2):173 (PMC2663651)"""
_MTF_AT = (1000.0, 0.6)
"""Spatial frequency [1/m] and transfer there. because: MTF of about 0.6 at 1 mm-1, CsI/a-Si, as in
DETECTIVE_EFFICIENCY"""
FOCAL_SPOT = 0.6e-3
"""Nominal size of the focal spot [m]. because: IEC 60336 class 0.6, usual for fluoroscopy"""


def quanta(detector_kerma: float, pitch: float) -> float:
    """Return detected photons in one pixel for a kerma [Gy] and a pixel of side `pitch` [m]."""
    return QUANTA_PER_KERMA * detector_kerma * pitch * pitch * DETECTIVE_EFFICIENCY


def blur_weight(pitch: float, magnification: float) -> float:
    """Return the outer weight of the three-tap blur (w, 1 - 2w, w) with the variance of detector and focal spot."""
    frequency, transfer = _MTF_AT
    screen = -math.log(transfer) / (2.0 * math.pi**2 * frequency**2)
    spot = (FOCAL_SPOT * (magnification - 1.0)) ** 2 / 12.0
    return min(0.25, 0.5 * (screen + spot) / (pitch * pitch))


@njit(cache=True)
def detect(
    primary: NDArray[np.float32],
    scatter: NDArray[np.float32],
    shadow: NDArray[np.float64],
    noise: NDArray[np.float32],
    photons: float,
    out: NDArray[np.float32],
) -> None:
    """Write the relative signal: Beer-Lambert through `shadow`, scatter, Poisson noise as a normal of its variance."""
    n = primary.shape[0]
    sigma = 1.0 / np.sqrt(photons)
    for j in range(n):
        for i in range(n):
            value = float(primary[j, i])
            if shadow[j, i] != 0.0:
                value *= np.exp(-shadow[j, i])
            value += scatter[j, i]
            out[j, i] = value + np.sqrt(value) * sigma * noise[j, i]


@njit(cache=True)
def blur_and_lag(
    signal: NDArray[np.float32],
    before: NDArray[np.float32],
    weight: float,
    fresh: float,
    after: NDArray[np.float32],
    logarithm: NDArray[np.float32],
) -> None:
    """Blur by (w, 1 - 2w, w) both ways, mix with the picture before, and write that mix and minus its logarithm."""
    n = signal.shape[0]
    middle = 1.0 - 2.0 * weight
    rows = np.empty((3, n))
    for j in range(-1, n):
        fill = j + 1
        source = min(fill, n - 1)
        slot = fill % 3
        for i in range(n):
            left = signal[source, max(0, i - 1)]
            right = signal[source, min(n - 1, i + 1)]
            rows[slot, i] = weight * (left + right) + middle * signal[source, i]
        if j < 0:
            continue
        above = rows[(j - 1) % 3] if j > 0 else rows[j % 3]
        here = rows[j % 3]
        below = rows[slot]
        for i in range(n):
            value = weight * (above[i] + below[i]) + middle * here[i]
            mixed = before[j, i] + fresh * (value - before[j, i])
            after[j, i] = mixed
            logarithm[j, i] = -np.log(max(mixed, 1e-3))

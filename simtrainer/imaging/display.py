"""From a logarithmic picture to grey values: harmonised brightness, edges lifted, vessels and wires dark."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.imaging.dose import Exposure

HARMONISE = 0.55
"""Share of the slow brightness that is taken away, so that lung and spine fit one screen; design value."""
GAIN = 0.42
"""Grey range per unit of attenuation in live pictures; design value."""
SUBTRACTION_GAIN = 1.0
"""Grey range per unit of attenuation in subtracted pictures; design value."""
EDGE = 0.8
"""Share of the detail (against a 5 x 5 mean) that is added again; design value."""
_MIDDLE = 0.52


def open_pixels(exposure: Exposure, n: int) -> tuple[int, int, int, int]:
    """Return first and last+1 row and column between the shutters."""
    rows = round(0.5 * n * (1.0 - exposure.open_height))
    columns = round(0.5 * n * (1.0 - exposure.open_width))
    return rows, n - rows, columns, n - columns


def live_grey(
    logarithm: NDArray[np.float32], slow: NDArray[np.float32], exposure: Exposure, edge: float = EDGE
) -> NDArray[np.uint8]:
    """Return the grey picture of a live or cine frame, uint8, shape (n, n); black outside the shutters."""
    out = np.zeros(logarithm.shape, dtype=np.uint8)
    level = float(np.mean(slow)) * (1.0 - HARMONISE)
    _grey(logarithm, slow, HARMONISE, level, GAIN, edge, np.array(open_pixels(exposure, len(out))), out)
    return out


def subtracted_grey(difference: NDArray[np.float32], exposure: Exposure) -> NDArray[np.uint8]:
    """Return the grey picture of attenuation added since the mask, uint8, shape (n, n); vessels dark on light grey."""
    out = np.zeros(difference.shape, dtype=np.uint8)
    window = np.array(open_pixels(exposure, len(out)))
    _grey(difference, difference, 0.0, 0.36, SUBTRACTION_GAIN, 0.35 * EDGE, window, out)
    return out


def roadmap_grey(
    difference: NDArray[np.float32], vessels: NDArray[np.float32], sign: float, exposure: Exposure
) -> NDArray[np.uint8]:
    """Return vessels of the roadmap against devices added since its mask: opposite in grey, uint8, shape (n, n).

    `sign` +1 shows vessels dark and devices white, -1 vessels white and devices dark.
    """
    mixed = (sign * (0.55 * np.minimum(vessels, 1.0) - 1.6 * difference)).astype(np.float32)
    out = np.zeros(mixed.shape, dtype=np.uint8)
    window = np.array(open_pixels(exposure, len(out)))
    _grey(mixed, mixed, 0.0, 0.0, SUBTRACTION_GAIN, 0.25 * EDGE, window, out)
    return out


@njit(cache=True)
def _grey(
    logarithm: NDArray[np.float32],
    slow: NDArray[np.float32],
    harmonise: float,
    level: float,
    gain: float,
    edge: float,
    window: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    """Write grey values; detail against a 5 x 5 mean by running sums, then a soft S-curve that never quite clips."""
    n = logarithm.shape[0]
    sums = np.zeros(n)
    for j in range(n):
        if j == 0:
            for k in range(-2, 3):
                row = min(n - 1, max(0, k))
                for i in range(n):
                    sums[i] += logarithm[row, i]
        else:
            old = min(n - 1, max(0, j - 3))
            new = min(n - 1, max(0, j + 2))
            for i in range(n):
                sums[i] += logarithm[new, i] - logarithm[old, i]
        if j < window[0] or j >= window[1]:
            continue
        for i in range(window[2], window[3]):
            total = 0.0
            for k in range(-2, 3):
                total += sums[min(n - 1, max(0, i + k))]
            value = logarithm[j, i]
            shown = value - harmonise * slow[j, i] - level + edge * (value - total / 25.0)
            x = gain * shown
            # x / sqrt(1 + (2 x)^2) runs from -0.5 to 0.5 with slope 1 in the middle
            x = x / np.sqrt(1.0 + 4.0 * x * x)
            out[j, i] = np.uint8(min(255.0, max(0.0, 255.0 * (_MIDDLE - x))))

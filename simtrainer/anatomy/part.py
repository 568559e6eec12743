"""A closed surface of the body that an X-ray sees, with the class of tissue that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Tissue(StrEnum):
    """What a closed surface holds, against what surrounds it."""

    SOFT = "soft"
    """Body outline: soft tissue against air."""
    BONE = "bone"
    """A whole bone, cortex and marrow averaged, against soft tissue."""
    CORTEX = "cortex"
    """Compact bone, such as the tables of the skull, against soft tissue."""
    LUNG = "lung"
    """Air-filled lung, and the air of the windpipe, against soft tissue: attenuates less, a negative difference."""
    HEART = "heart"
    """Heart and blood against lung, where the lung is drawn through the heart; generated lungs leave the heart out."""


@dataclass(frozen=True, slots=True)
class BodyPart:
    """One closed triangle surface, outward winding.

    Parameters
    ----------
    points
        Vertices [m] in W, shape (n, 3).
    triangles
        Vertex numbers, shape (m, 3).
    tissue
        Class of attenuation.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    tissue: Tissue

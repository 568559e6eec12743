"""The patient's surfaces as X-rays meet them: a class of tissue becomes an attenuation against what surrounds it."""

from __future__ import annotations

from collections.abc import Mapping

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.core.scene import Body
from simtrainer.imaging.material import CORTICAL_BONE, INFLATED_LUNG, SOFT_TISSUE, SPONGY_BONE, against_tissue

ATTENUATION: dict[Tissue, float] = {
    Tissue.SOFT: SOFT_TISSUE,
    Tissue.BONE: against_tissue(SPONGY_BONE),
    Tissue.CORTEX: against_tissue(CORTICAL_BONE),
    Tissue.LUNG: against_tissue(INFLATED_LUNG),
    Tissue.HEART: SOFT_TISSUE - INFLATED_LUNG,
}
"""Linear attenuation [1/m] of each class against what surrounds it."""


def patient_bodies(parts: Mapping[str, BodyPart]) -> tuple[Body, ...]:
    """Return what `Fluoroscope` takes, from the parts of an anatomy package."""
    return tuple(
        Body(name, part.points, part.triangles, attenuation_per_m=ATTENUATION[part.tissue])
        for name, part in parts.items()
    )

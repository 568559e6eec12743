"""Attenuation by class of tissue."""

import numpy as np

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.imaging.material import INFLATED_LUNG, SOFT_TISSUE
from simtrainer.imaging.patient import ATTENUATION, patient_bodies


def test_every_class_of_tissue_has_an_attenuation_of_the_right_sign() -> None:
    assert set(ATTENUATION) == set(Tissue)
    assert ATTENUATION[Tissue.LUNG] < 0.0 < ATTENUATION[Tissue.BONE] < ATTENUATION[Tissue.CORTEX]
    # a heart drawn through lung drawn through body is soft tissue again
    assert np.isclose(sum(ATTENUATION[k] for k in (Tissue.SOFT, Tissue.LUNG, Tissue.HEART)), SOFT_TISSUE)
    assert np.isclose(ATTENUATION[Tissue.SOFT] + ATTENUATION[Tissue.LUNG], INFLATED_LUNG)


def test_bodies_carry_name_and_surface() -> None:
    part = BodyPart(np.zeros((4, 3)), np.zeros((4, 3), dtype=np.int64), Tissue.BONE)
    (body,) = patient_bodies({"vertebra_l5": part})
    assert body.name == "vertebra_l5"
    assert body.points is part.points
    assert body.attenuation_per_m == ATTENUATION[Tissue.BONE]

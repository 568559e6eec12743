"""The whole figure: body outline, bones, lungs and windpipe of one patient."""

from __future__ import annotations

from simtrainer.anatomy.part import BodyPart
from simtrainer.anatomy.skeleton.chest import chest
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.pelvis import pelvis
from simtrainer.anatomy.skeleton.skull import skull
from simtrainer.anatomy.skeleton.torso import body, lungs, windpipe
from simtrainer.anatomy.skeleton.vertebra import column


def figure(back: Spine) -> dict[str, BodyPart]:
    """Return the closed surfaces of a patient with this spine, by name."""
    parts = {"body": body(back), **lungs(back), "windpipe": windpipe(back)}
    return parts | column(back) | chest(back) | pelvis(back) | skull(back)

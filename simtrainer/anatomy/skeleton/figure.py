"""The whole figure: body outline, bones, lungs and heart of one patient."""

from __future__ import annotations

from simtrainer.anatomy.part import BodyPart
from simtrainer.anatomy.skeleton.level import Spine
from simtrainer.anatomy.skeleton.torso import body, heart, lungs
from simtrainer.anatomy.skeleton.vertebra import column


def figure(back: Spine) -> dict[str, BodyPart]:
    """Return the closed surfaces of a patient with this spine, by name."""
    parts = {"body": body(back), **lungs(back), "heart": heart(back)}
    parts.update(column(back))
    return parts

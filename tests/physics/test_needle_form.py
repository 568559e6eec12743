"""A needle against closed forms: how the error falls, and what is dissipated."""

import numpy as np
import pytest

from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import judged
from simtrainer.studies.closed_form.needle import FADING, GEL, needle_force

NAMES = [name for name in closed_forms.names() if name.startswith("needle")]


def test_eight_experiments_are_registered() -> None:
    assert len(NAMES) == 8


def test_on_a_foundation_the_error_falls_at_least_with_the_square_of_the_node_distance() -> None:
    found = judged("needle_in_gel", closed_forms.get("needle_in_gel"))
    assert found.order is not None
    assert found.order > 1.8


@pytest.mark.parametrize("layer", [GEL, FADING])
def test_the_force_of_a_steady_push_is_cutting_and_friction_times_depth(layer: object) -> None:
    assert layer in {GEL, FADING}
    forces = np.array([needle_force(GEL if layer is GEL else FADING, deep) for deep in (0.02, 0.04)])
    assert forces == pytest.approx(0.5 + 20.0 * np.array([0.02, 0.04]), rel=0.01)

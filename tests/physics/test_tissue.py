"""Soft tissue against closed forms: what the mesh errs, and what it does not."""

import numpy as np
import pytest

from simtrainer.core.units import MM
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import judged
from simtrainer.studies.closed_form.tissue import BAR, LIGHT, bar, hanging, on_face, timoshenko

TISSUE = [n for n in closed_forms.names() if n.startswith("tissue_") and not n.startswith("tissue_tet_")]


@pytest.mark.parametrize("name", TISSUE)
def test_tissue_gives_what_is_known_exactly(name: str) -> None:
    assert judged(name, closed_forms.get(name)).holds


def test_without_a_clamp_that_the_beam_does_not_have_the_error_falls_with_the_mesh() -> None:
    found = judged("tissue_cantilever_00", closed_forms.get("tissue_cantilever_00"))
    assert found.order is not None
    assert found.order > 1.5


def test_what_is_nearly_incompressible_does_not_lock() -> None:
    sags = [hanging(BAR, 5.0 * MM, ratio, LIGHT)[1] / timoshenko(BAR, ratio, LIGHT) for ratio in (0.3, 0.49, 0.499)]
    assert sags[1] > 0.92
    assert sags[2] > 0.91
    assert sags[0] > sags[1] > sags[2]


def test_forces_on_a_face_are_its_traction_times_its_area() -> None:
    mesh = bar(BAR, 10.0 * MM, 0.3)
    force = on_face(mesh, 0, 1, np.array([5.0, 0.0, 0.0]))
    assert force.sum(axis=0) == pytest.approx([5.0 * 4e-4, 0.0, 0.0])

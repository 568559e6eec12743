"""Every experiment whose answer is known, as `simtrainer bench physics` shows it."""

import json
import math
from dataclasses import asdict

import pytest

from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair, judged, order

LIMITS = {
    "cantilever": 0.001, "natural": 0.01, "buckling": 0.01, "capstan": 0.01, "sliding": 0.01, "torque_hub": 0.01,
    "torque_lag": 0.02, "coaxial_guide": 0.02, "coaxial": 0.01, "soft_wall": 0.01, "moving_wall": 0.01, "needle": 0.01,
    "tissue": 0.08,
}  # fmt: skip
"""Largest relative error by the beginning of the name; a case may ask more of itself."""


def limit(name: str) -> float:
    return next(most for start, most in LIMITS.items() if name.startswith(start))


@pytest.mark.parametrize("name", closed_forms.names())
def test_the_solver_gives_what_is_known_exactly(name: str) -> None:
    found = judged(name, closed_forms.get(name))
    assert found.holds is True
    assert found.limit <= limit(name)
    assert abs(found.relative_error) <= limit(name)
    assert json.loads(json.dumps(asdict(found)))["id"] == name


@pytest.mark.parametrize("name", ["cantilever_sag", "natural_half_circle", "coaxial_curvature"])
def test_where_only_the_distance_of_nodes_limits_it_the_error_falls_with_its_square(name: str) -> None:
    found = judged(name, closed_forms.get(name))
    assert found.order is not None
    assert found.order > 1.8


def test_every_case_names_its_source_and_runs_with_falling_node_steps() -> None:
    for form in closed_forms:
        assert form.source
        assert form.title
        assert list(form.node_steps) == sorted(form.node_steps, reverse=True)


def test_the_order_of_an_error_that_falls_with_the_square_is_two() -> None:
    assert order((4.0, 2.0, 1.0), (-16.0, -4.0, -1.0)) == pytest.approx(2.0)
    assert order((4.0,), (1.0,)) is None
    assert order((4.0, 2.0), (1.0, 0.0)) is None


def test_an_answer_that_is_no_number_does_not_hold() -> None:
    form = ClosedForm("x", "m", "none", 0.5, (1.0,), lambda step: Pair(1.0, math.nan))
    assert not judged("x", form).holds

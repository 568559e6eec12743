"""Tetrahedra against closed forms, finer meshes and bricks; `test_closed_form` runs every `tissue_tet_` case."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from simtrainer.core.units import MM
from simtrainer.physics.tet_domain import Rule, assembled, domains
from simtrainer.physics.tissue_element import brick
from simtrainer.studies.closed_form.tet import (
    CONVERGED,
    DEPTHS,
    converging,
    extrapolated,
    hang,
    indented,
    on_face,
    tet_bar,
)  # fmt: skip
from simtrainer.studies.closed_form.tissue import BAR, LIGHT, MODULUS, bar

F8 = NDArray[np.float64]
RATIOS = tuple(CONVERGED)
COARSE, MIDDLE, FINE = 10.0 * MM, 20.0 / 3.0 * MM, 5.0 * MM


def sag(matrix: sparse.csr_array, points: F8, mass: F8) -> float:
    """Sag [m] under LIGHT gravity of the middle of the free end of a bar clamped at x = 0, for small strains."""
    free = np.repeat(points[:, 0] > 1e-9, 3)
    load = (mass[:, None] * (0.0, 0.0, -LIGHT)).ravel()
    inner = sparse.csc_matrix(matrix[free][:, free])
    u = np.zeros(len(load))
    factor = splu(inner, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    u[free] = factor.solve(load[free])
    end = int(np.argmin(np.linalg.norm(points - np.array(BAR) * (1.0, 0.5, 0.5), axis=1)))
    return -float(u.reshape(-1, 3)[end, 2])


@cache
def of_tets(ratio: float, rule: Rule, step: float) -> float:
    mesh = tet_bar(BAR, step, ratio)
    return sag(assembled(domains(mesh, rule), np.ones(1), len(mesh.points)), mesh.points, mesh.masses()[0])


def of_bricks(ratio: float, step: float) -> float:
    mesh = bar(BAR, step, ratio)
    dof = (3 * mesh.corners[:, :, None] + np.arange(3)).reshape(-1, 24)
    values = np.tile(brick(MODULUS, ratio, mesh.spacing).stiffness.ravel(), len(dof))
    coords = (np.repeat(dof, 24, axis=1).ravel(), np.tile(dof, (1, 24)).ravel())
    size = 3 * len(mesh.points)
    matrix = sparse.csr_array((values, coords), shape=(size, size))
    return sag(matrix, mesh.points, mesh.masses(np.ones(len(dof), dtype=np.bool_))[0])


def errors(ratio: float, rule: Rule) -> F8:
    return np.array([of_tets(ratio, rule, step) / CONVERGED[ratio] - 1.0 for step in (COARSE, MIDDLE, FINE)])


@pytest.mark.parametrize("ratio", RATIOS)
def test_averaged_strains_are_four_times_nearer_to_what_meshes_come_to_than_plain_ones(ratio: float) -> None:
    plain, nodal, edge = (np.abs(errors(ratio, rule)) for rule in (Rule.PLAIN, Rule.NODAL, Rule.EDGE))
    assert np.all(edge < 0.25 * plain)
    assert edge[0] < 0.04
    assert edge[-1] < 0.015
    assert np.all(nodal < plain)
    assert plain[-1] > 0.05


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("rule", [Rule.PLAIN, Rule.EDGE])
def test_the_error_falls_with_the_mesh(ratio: float, rule: Rule) -> None:
    found = np.abs(errors(ratio, rule))
    assert found[0] > found[1] > found[2]
    order = np.polyfit(np.log((COARSE, MIDDLE, FINE)), np.log(found), 1)[0]
    assert order > 0.7


def test_what_is_nearly_incompressible_does_not_lock() -> None:
    edge = [of_tets(ratio, Rule.EDGE, COARSE) / CONVERGED[0.49] for ratio in (0.49, 0.499, 0.4999)]
    assert min(edge) > 0.93
    assert of_tets(0.49, Rule.PLAIN, COARSE) / CONVERGED[0.49] < 0.82


def test_the_solver_comes_to_the_answer_of_the_linear_system() -> None:
    mesh = tet_bar(BAR, COARSE, 0.45)
    assert 10.0 * hang(mesh, BAR, 0.1 * LIGHT) == pytest.approx(of_tets(0.45, Rule.EDGE, COARSE), rel=1e-4)
    assert converging(0.45, Rule.EDGE, COARSE).value == pytest.approx(10.0 * hang(mesh, BAR, 0.1 * LIGHT))


@pytest.mark.slow
@pytest.mark.parametrize("ratio", RATIOS)
def test_the_converged_sag_is_what_ever_finer_bricks_come_to(ratio: float) -> None:
    steps = (5.0 * MM, 2.5 * MM, 5.0 / 3.0 * MM)
    found = [of_bricks(ratio, step) for step in steps]
    limit, order = extrapolated(steps, (found[0], found[1], found[2]))
    assert limit == pytest.approx(CONVERGED[ratio], rel=2e-4)
    assert order > 1.0


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.3, 0.45])
def test_ever_finer_tetrahedra_come_to_the_same(ratio: float) -> None:
    steps = (5.0 * MM, 4.0 * MM, 10.0 / 3.0 * MM)
    found = [of_tets(ratio, Rule.EDGE, step) for step in steps]
    assert found[0] > found[1] > found[2] > CONVERGED[ratio]
    assert extrapolated(steps, (found[0], found[1], found[2]))[0] == pytest.approx(CONVERGED[ratio], rel=2e-3)


def test_extrapolation_finds_the_limit_and_the_order() -> None:
    limit, order = extrapolated((4.0, 2.0, 1.0), (3.0 - 16.0 * 0.1, 3.0 - 4.0 * 0.1, 3.0 - 0.1))
    assert limit == pytest.approx(3.0)
    assert order == pytest.approx(2.0)
    assert extrapolated((3.0, 2.0, 1.0), (5.0 + 3.0**1.5, 5.0 + 2.0**1.5, 6.0))[0] == pytest.approx(5.0)


def test_bricks_and_tetrahedra_push_a_ball_back_alike_at_every_depth() -> None:
    bricks, tets = indented(4.0 * MM)
    assert np.all(np.diff(tets) > 0.0)
    assert np.all(np.diff(tets, 2) > 0.0)
    assert tets[:2] == pytest.approx(bricks[:2], rel=0.15)  # up to 2 mm a handful of points of either mesh touch
    assert tets[2:] == pytest.approx(bricks[2:], rel=0.05)
    assert len(tets) == len(DEPTHS)


def test_forces_on_a_face_are_its_traction_times_its_area() -> None:
    force = on_face(tet_bar(BAR, COARSE, 0.3), 0, BAR[0], np.array([5.0, 0.0, 0.0]))
    assert force.sum(axis=0) == pytest.approx([5.0 * 4e-4, 0.0, 0.0])

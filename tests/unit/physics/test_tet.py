"""Tissue of tetrahedra as a solver: tools, jaws, attachments, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.units import MM
from simtrainer.physics.tet import TetTissue
from simtrainer.physics.tet_domain import Rule
from simtrainer.physics.tet_mesh import TetMesh, check_held, tet_mesh
from simtrainer.physics.tissue_mesh import Attachment, Loose, Material
from simtrainer.physics.tissue_state import HOLDS, TORN, TissueControl, TissueSettings, TissueState
from simtrainer.physics.tissue_tool import Capsule, Chain, Grip, Jaw, Sphere
from simtrainer.studies.closed_form.tet import tet_bar

F8 = NDArray[np.float64]
EDGES = (30.0 * MM, 30.0 * MM, 20.0 * MM)
DT = 0.01
FINE = TissueSettings(newton=12, tolerance=1e-7, iterations=200)


@cache
def block() -> TetMesh:
    return tet_bar(EDGES, 10.0 * MM, 0.45)


def bonded(mesh: TetMesh | None = None) -> Attachment:
    mesh = mesh or block()
    return Attachment(mesh.points[:, 2] < 1e-9)


def at(x: float, y: float, z: float) -> F8:
    pose = np.eye(4)
    pose[:3, 3] = x, y, z
    return pose


def over(gap: float, radius: float = 6.0 * MM, aside: float = 0.0) -> F8:
    """A ball over the middle of the top, `gap` [m] above it."""
    return at(EDGES[0] / 2.0 + aside, EDGES[1] / 2.0, EDGES[2] + radius + gap)


def run(tissue: TetTissue, control: TissueControl, ticks: int, state: TissueState | None = None) -> TissueState:
    state = state or tissue.init()
    for _ in range(ticks):
        state = tissue.step(state, control, DT)
    return state


@cache
def pressed() -> tuple[TetTissue, TissueState]:
    """A ball that has been 2 mm deep for a while."""
    tissue = TetTissue(block(), bonded(), FINE, tools=(Sphere(6.0 * MM),))
    return tissue, run(tissue, TissueControl(poses=(over(-2.0 * MM),)), 120)


def test_at_rest_nothing_moves() -> None:
    tissue = TetTissue(block(), bonded(), tools=(Sphere(6.0 * MM),))
    read = tissue.read(run(tissue, TissueControl(poses=(over(1.0 * MM),)), 3))
    assert np.abs(read.points - block().points).max() < 1e-12
    assert not read.tool_force.any()
    assert read.contacts == 0
    assert not read.unconverged


def test_a_ball_is_pushed_back_by_what_the_attachment_holds() -> None:
    tissue, state = pressed()
    read = tissue.read(state)
    assert read.tool_force[0, 2] > 0.01
    assert read.contact.sum(axis=0) == pytest.approx(-read.tool_force[0])
    assert read.support == pytest.approx(read.tool_force[0], abs=0.01 * read.tool_force[0, 2])
    assert not read.unconverged


def test_the_tissue_gives_way_under_the_ball() -> None:
    _, state = pressed()
    top = np.argmin(np.linalg.norm(block().points - np.array(EDGES) * (0.5, 0.5, 1.0), axis=1))
    assert -2.1 * MM < state.position[top, 2] - EDGES[2] < -1.5 * MM


def test_the_torque_is_about_the_tools_own_origin() -> None:
    rod = Capsule(20.0 * MM, 4.0 * MM)
    pose = at(EDGES[0] / 2.0, EDGES[1] / 2.0, EDGES[2] + 3.0 * MM)
    pose[:3, :3] = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]
    pose[0, 3] += 12.0 * MM
    tissue = TetTissue(block(), bonded(), FINE, tools=(rod,))
    state = run(tissue, TissueControl(poses=(pose,)), 60)
    read = tissue.read(state)
    force, where = -read.contact, state.position
    assert read.tool_torque[0] == pytest.approx(np.cross(where - pose[:3, 3], force).sum(axis=0), rel=0.2, abs=2e-5)
    assert read.tool_torque[0, 1] > 1e-4


def test_friction_holds_a_ball_that_moves_aside_and_limits_what_it_feels() -> None:
    tissue, state = pressed()
    for k in range(1, 60):
        state = tissue.step(state, TissueControl(poses=(over(-2.0 * MM, aside=0.05 * MM * k),)), DT)
    force = tissue.read(state).tool_force[0]
    assert force[0] < 0.0
    slick = TetTissue(block(), bonded(), replace(FINE, friction=0.0), tools=tissue.tools)
    smooth = pressed()[1]
    for k in range(1, 60):
        smooth = slick.step(smooth, TissueControl(poses=(over(-2.0 * MM, aside=0.05 * MM * k),)), DT)
    assert slick.read(smooth).tool_force[0, 0] > force[0]


def test_a_chain_feels_what_the_tissue_feels() -> None:
    tissue = TetTissue(block(), bonded(), FINE)
    line = np.column_stack((np.linspace(-5.0, 35.0, 9) * MM, np.full(9, 15.0 * MM), np.full(9, 20.5 * MM)))
    state = run(tissue, TissueControl(chains=(Chain(line, np.full(9, 1.5 * MM)),)), 40)
    read = tissue.read(state)
    assert read.chain_force[0][:, 2].sum() > 1e-3
    assert read.chain_force[0].sum(axis=0) == pytest.approx(-read.contact.sum(axis=0))


def test_a_jaw_lifts_what_it_holds_and_feels_it() -> None:
    jaw = Jaw(6.0 * MM, 50.0, 10.0)
    tissue = TetTissue(block(), bonded(), FINE, jaws=(jaw,))
    top = at(EDGES[0] / 2.0, EDGES[1] / 2.0, EDGES[2])
    state = run(tissue, TissueControl(grips=(Grip(top, closed=True),)), 1)
    assert state.jaws[0] == HOLDS
    assert (state.bound == 0).sum() >= 1
    lifted = top + at(0.0, 0.0, 3.0 * MM) - np.eye(4)
    state = run(tissue, TissueControl(grips=(Grip(lifted, closed=True),)), 80, state)
    read = tissue.read(state)
    assert read.jaw_force[0, 2] < -0.01
    assert read.support == pytest.approx(read.jaw_force[0], abs=0.02 * abs(read.jaw_force[0, 2]))
    assert (state.position - block().points)[state.bound == 0, 2].max() > 1.0 * MM


def test_what_is_pulled_too_hard_tears_out() -> None:
    tissue = TetTissue(block(), bonded(), FINE, jaws=(Jaw(6.0 * MM, 50.0, 0.02),))
    top = at(EDGES[0] / 2.0, EDGES[1] / 2.0, EDGES[2])
    state = run(tissue, TissueControl(grips=(Grip(top, closed=True),)), 1)
    state = run(tissue, TissueControl(grips=(Grip(top + at(0, 0, 4.0 * MM) - np.eye(4), closed=True),)), 30, state)
    assert state.jaws[0] == TORN
    assert not (state.bound == 0).any()


def test_springs_hold_a_weight() -> None:
    mesh = block()
    low = mesh.points[:, 2] < 1e-9
    held = Attachment(np.zeros(len(low), dtype=np.bool_), np.where(low, 20.0, 0.0))
    tissue = TetTissue(mesh, held, replace(FINE, gravity=(0.0, 0.0, -9.81)))
    state = tissue.init()
    for _ in range(40):
        state = tissue.step(state, TissueControl(), 0.2)
    assert tissue.read(state).support[2] == pytest.approx(tissue.body.mass.sum() * 9.81, rel=1e-3)


def test_without_attachments_momentum_is_that_of_the_forces() -> None:
    mesh = tet_bar(EDGES, 10.0 * MM, 0.45, damping=0.0)
    n = len(mesh.points)
    tissue = TetTissue(mesh, Attachment(np.zeros(n, dtype=np.bool_)), replace(FINE, loose=Loose.ALLOWED, newton=20))
    force = 2e-4 * np.random.default_rng(2).normal(size=(n, 3))
    state = run(tissue, TissueControl(force=force), 20)
    mass = tissue.body.mass[:, None]
    assert (mass * state.velocity).sum(axis=0) == pytest.approx(20 * DT * force.sum(axis=0), rel=1e-4, abs=1e-8)
    after = run(tissue, TissueControl(), 1, state)
    change = mass * (after.velocity - state.velocity)
    size = np.abs(np.cross(after.position - after.position.mean(axis=0), change)).sum()
    assert np.abs(np.cross(after.position, change).sum(axis=0)).max() < 1e-4 * size
    assert np.abs(change.sum(axis=0)).max() < 1e-4 * np.abs(change).sum()


def test_energy_is_lost_and_never_gained_without_hands() -> None:
    mesh = tet_bar(EDGES, 10.0 * MM, 0.45, damping=0.0)
    tissue = TetTissue(mesh, bonded(mesh), FINE)
    push = TissueControl(force=np.where(mesh.points[:, 2:] > 19.0 * MM, np.array([[5e-3, 0.0, 0.0]]), 0.0))
    state = run(tissue, push, 30)
    before = sum(tissue.energy(state))
    assert tissue.energy(state)[0] > 0.0
    for _ in range(20):
        state = tissue.step(state, TissueControl(), DT)
        now = sum(tissue.energy(state))
        assert now <= before * (1.0 + 1e-6)
        before = now


@pytest.mark.parametrize("rule", list(Rule))
def test_contacts_cost_few_iterations(rule: Rule) -> None:
    tissue = TetTissue(block(), bonded(), tools=(Sphere(15.0 * MM),), rule=rule)
    state, most = tissue.init(), 0
    for k in range(20):
        state = tissue.step(state, TissueControl(poses=(over(-0.2 * MM * min(k, 12), 15.0 * MM),)), DT)
        most = max(most, tissue.read(state).iterations)
    read = tissue.read(state)
    assert read.contacts >= 9
    assert 1 <= most <= 8
    assert not read.unconverged


def test_without_the_compliance_the_answer_is_the_same_and_dearer() -> None:
    tissue = TetTissue(block(), bonded(), FINE, tools=(Sphere(15.0 * MM),))
    blind = TetTissue(block(), bonded(), FINE, tools=tissue.tools)
    known = blind.factor(DT)
    blind._factors[DT] = known._replace(seat=np.full_like(known.seat, -1))
    control = TissueControl(poses=(over(-2.0 * MM, 15.0 * MM),))
    one, two = run(tissue, control, 3), run(blind, control, 3)
    assert two.position == pytest.approx(one.position, abs=1e-7)
    assert blind.read(two).iterations > tissue.read(one).iterations


def test_the_same_control_gives_the_same_bits_also_by_another_tissue() -> None:
    tissue, state = pressed()
    twin = TetTissue(block(), bonded(), FINE, tools=tissue.tools)
    control = TissueControl(poses=(over(-2.2 * MM, aside=0.3 * MM),))
    one, two = tissue.step(state, control, DT), twin.step(state, control, DT)
    assert np.array_equal(one.position, two.position)
    assert np.array_equal(one.felt.tools, two.felt.tools)


def test_a_step_leaves_what_it_was_given_untouched() -> None:
    tissue, state = pressed()
    copies = [np.array(a) for a in (state.position, state.velocity, state.slip, state.owner)]
    after = tissue.step(state, TissueControl(poses=(over(-2.5 * MM),)), DT)
    for kept, now in zip(copies, (state.position, state.velocity, state.slip, state.owner), strict=True):
        assert np.array_equal(kept, now)
    for array in (after.position, after.velocity, after.slip, after.owner, after.bound, after.felt.tools):
        assert not array.flags.writeable
    assert not np.shares_memory(after.position, state.position)


@pytest.mark.parametrize("ratio", [0.3, 0.49])
def test_the_size_of_a_step_does_not_matter_where_it_comes_to_rest(ratio: float) -> None:
    mesh = tet_bar(EDGES, 10.0 * MM, ratio)
    tissue = TetTissue(mesh, bonded(mesh), replace(FINE, gravity=(3.0, 0.0, 0.0)))
    slow, quick = tissue.init(), tissue.init()
    for _ in range(150):
        slow = tissue.step(slow, TissueControl(), 0.02)
    for _ in range(12):
        quick = tissue.step(quick, TissueControl(), 2.0)
    assert quick.position == pytest.approx(slow.position, abs=1e-3 * MM)


def test_a_tissue_inside_out_comes_back() -> None:
    tissue = TetTissue(block(), bonded(), replace(FINE, newton=6))
    state = replace(tissue.init(), position=block().points * (1.0, 1.0, -0.3))
    for _ in range(200):
        state = tissue.step(state, TissueControl(), 0.05)
    assert np.abs(state.position - block().points).max() < 0.1 * MM


def test_a_control_that_does_not_fit_is_refused() -> None:
    tissue, state = pressed()
    with pytest.raises(InputError, match="0 poses and 0 grips for 1 tools and 0 jaws"):
        tissue.step(state, TissueControl(), DT)
    with pytest.raises(InputError, match=r"poses\[0\] moves by"):
        tissue.step(state, TissueControl(poses=(over(100.0 * MM),)), DT)
    with pytest.raises(InputError, match="the step is 0 s"):
        tissue.step(state, TissueControl(poses=(None,)), 0)
    with pytest.raises(InputError, match="force has shape"):
        tissue.step(state, TissueControl(poses=(None,), force=np.zeros((2, 3))), DT)
    with pytest.raises(InputError, match="cannot be cut"):
        tissue.step(state, TissueControl(poses=(None,), cut=np.zeros((2, 2, 3))), DT)


def test_what_is_no_number_is_told_and_not_clipped() -> None:
    tissue = TetTissue(block(), bonded())
    state = replace(tissue.init(), velocity=np.full_like(block().points, np.nan))
    with pytest.raises(DivergedError, match="tick 1"):
        tissue.step(state, TissueControl(), DT)


def test_meshes_that_cannot_be_are_refused_with_their_place() -> None:
    mesh = block()
    materials, labels = {1: mesh.materials[0]}, np.ones(len(mesh.tets), dtype=np.int64)
    turned = mesh.tets.copy()
    turned[7] = turned[7][[1, 0, 2, 3]]
    with pytest.raises(InputError, match=r"1 are flat or inside out; the first is 7 about \("):
        tet_mesh(mesh.points, turned, labels, materials)
    more = np.concatenate((mesh.points, [[1.0, 1.0, 1.0]]))
    with pytest.raises(InputError, match="1 nodes belong to nothing"):
        tet_mesh(more, mesh.tets, labels, materials)
    with pytest.raises(InputError, match="label 1 has no material; known: 2"):
        tet_mesh(mesh.points, mesh.tets, labels, {2: mesh.materials[0]})
    with pytest.raises(InputError, match="they name nodes"):
        tet_mesh(mesh.points, mesh.tets + 1, labels, materials)
    with pytest.raises(InputError, match="node 3 is not finite"):
        tet_mesh(np.where(np.arange(len(mesh.points))[:, None] == 3, np.nan, mesh.points), mesh.tets, labels, materials)
    with pytest.raises(InputError, match="because is empty"):
        tet_mesh(mesh.points, mesh.tets, labels, {1: Material(1e4, 0.3, 1e3, " ")})


def test_a_piece_that_nothing_holds_is_refused_with_its_place() -> None:
    mesh = block()
    both = tet_mesh(
        np.concatenate((mesh.points, mesh.points + 0.1)), np.concatenate((mesh.tets, mesh.tets + len(mesh.points))),
        np.ones(2 * len(mesh.tets), dtype=np.int64), {1: mesh.materials[0]},
    )  # fmt: skip
    held = Attachment(np.arange(len(both.points)) < 5)
    with pytest.raises(InputError, match=r"1 of 2 pieces are attached to nothing; .*\(115\.0, 115\.0, 110\.0\) mm"):
        check_held(both, held, Loose.REFUSED)
    check_held(both, held, Loose.ALLOWED)
    with pytest.raises(InputError, match="the mesh has"):
        check_held(both, Attachment(np.zeros(3, dtype=np.bool_)), Loose.ALLOWED)
    bad = np.zeros(len(both.points))
    bad[4] = -1.0
    with pytest.raises(InputError, match="the spring of node 4"):
        check_held(both, Attachment(held.fixed, bad), Loose.ALLOWED)


def test_two_materials_share_a_load_as_springs_in_line_do() -> None:
    mesh = block()
    labels = np.where(mesh.points[mesh.tets].mean(axis=1)[:, 2] > 10.0 * MM, 2, 1)
    soft, hard = Material(5e3, 0.0, 1e3, "test", damping=0.02), Material(20e3, 0.0, 1e3, "test", damping=0.02)
    two = tet_mesh(mesh.points, mesh.tets, labels, {1: soft, 2: hard})
    tissue = TetTissue(two, bonded(two), FINE)
    top = np.abs(two.points[:, 2] - EDGES[2]) < 1e-9
    triangles = two.skin()
    up = triangles[np.all(top[triangles], axis=1)]
    a, b, c = (two.points[up[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    share = np.bincount(up.ravel(), weights=np.repeat(area / 3.0, 3), minlength=len(two.points))
    pull: F8 = np.outer(share, np.array([0.0, 0.0, 100.0]))
    state = tissue.init()
    for _ in range(10):
        state = tissue.step(state, TissueControl(force=pull), 1.0)
    rise = (state.position - two.points)[top, 2].mean()
    assert rise == pytest.approx(100.0 * 10.0 * MM * (1.0 / 5e3 + 1.0 / 20e3), rel=0.1)  # their border is no plane

"""A block of tissue in the hands of tools: balance of forces, grasping, cutting, and the same bits each time."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.units import MM
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_mesh import Attachment, Loose
from simtrainer.physics.tissue_state import HOLDS, OPEN, TORN, TissueControl, TissueSettings, TissueState
from simtrainer.physics.tissue_tool import Blade, Chain, Grip, Jaw, Sphere
from tests.unit.physics.test_tissue_mesh import box, clamped

Floats = NDArray[np.float64]
TIGHT = TissueSettings(tolerance=1e-9, newton=6, iterations=200)
DT = 0.01
HALF_TURN = np.diag([-1.0, 1.0, -1.0, 1.0])


def at(x: float, y: float, z: float) -> Floats:
    pose = np.eye(4)
    pose[:3, 3] = np.array([x, y, z]) * MM
    return pose


def pressed(settings: TissueSettings = TIGHT, ticks: int = 12) -> tuple[Tissue, TissueState, Floats]:
    """A block of 20 x 15 x 15 mm, a ball pressed into its top and moved aside."""
    mesh = box()
    tissue = Tissue(mesh, clamped(mesh), replace(settings, gravity=(0.0, 0.0, -9.81)), tools=(Sphere(6.0 * MM),))
    state, pose = tissue.init(), at(10.0, 7.5, 20.0)
    for tick in range(ticks):
        pose = at(10.0 + 0.1 * tick, 7.5, 20.0 - 0.1 * tick)
        state = tissue.step(state, TissueControl(poses=(pose,)), DT)
    return tissue, state, pose


def test_what_the_tool_feels_is_what_it_does_to_the_nodes_turned_round() -> None:
    tissue, state, pose = pressed()
    read = tissue.read(state)
    assert read.contacts >= 3
    assert read.tool_force[0, 2] > 0.01
    assert read.tool_force[0, 0] < 0.0
    assert read.tool_force[0] == pytest.approx(-read.contact.sum(axis=0), abs=1e-12)
    arms = state.position - pose[:3, 3]
    turned = -np.cross(arms, read.contact).sum(axis=0)
    assert read.tool_torque[0] == pytest.approx(turned, abs=1e-12)


def test_the_forces_from_outside_are_the_change_of_momentum() -> None:
    tissue, state, pose = pressed()
    after = tissue.step(state, TissueControl(poses=(pose,)), DT)
    read, mass = tissue.read(after), tissue.derived.form(after.alive).mass[:-1]
    change = (mass[:, None] * (after.velocity - state.velocity)).sum(axis=0) / DT
    weight = np.array([0.0, 0.0, -9.81]) * mass.sum()
    outside = weight + read.contact.sum(axis=0) + read.support
    assert read.residual < 1e-4 * read.load
    assert outside == pytest.approx(change, abs=np.sqrt(len(mass)) * read.residual + 1e-12)


def test_a_block_that_nothing_holds_falls_as_bodies_do() -> None:
    mesh = box((2, 2, 2))
    free = Attachment(np.zeros(len(mesh.points), dtype=np.bool_))
    tissue = Tissue(mesh, free, replace(TIGHT, gravity=(0.0, 0.0, -9.81), loose=Loose.ALLOWED))
    state = tissue.init()
    for _ in range(5):
        state = tissue.step(state, TissueControl(), DT)
    assert state.velocity == pytest.approx(np.tile([0.0, 0.0, -9.81 * 0.05], (27, 1)), abs=1e-9)
    assert sum(tissue.energy(state)) == pytest.approx(tissue.energy(state)[1])


def test_energy_only_falls_when_nobody_drives() -> None:
    mesh = box()
    tissue = Tissue(mesh, clamped(mesh), TIGHT)
    bent = mesh.points + np.column_stack((0.2 * mesh.points[:, 2], 0.0 * mesh.points[:, :2]))
    state = replace(tissue.init(), position=bent)
    energies = []
    for _ in range(30):
        state = tissue.step(state, TissueControl(), DT)
        energies.append(sum(tissue.energy(state)))
    assert all(late < early or early < 1e-15 * energies[0] for early, late in pairwise(energies))
    assert energies[-1] < 0.1 * energies[0]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_answer_turns_with_the_frame(axis: int) -> None:
    R = np.roll(np.eye(3), axis + 1, axis=0) if axis < 2 else np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    plain, turned = box((4, 2, 2)), box(tuple(int(v) for v in np.abs(R @ np.array([4, 2, 2]))))  # type: ignore[arg-type]
    offset = np.where(R @ np.ones(3) < 0.0, -np.abs(R @ np.array([20.0, 10.0, 10.0])) * MM, 0.0)
    where = turned.points + offset
    order = np.array([int(np.argmin(np.abs(where - p).sum(axis=1))) for p in plain.points @ R.T])
    assert where[order] == pytest.approx(plain.points @ R.T, abs=1e-12)
    held = np.asarray(plain.points[:, 0] == 0.0)
    there = np.zeros_like(held)
    there[order] = held
    out = []
    for mesh, fixed, frame, shift in ((plain, held, np.eye(3), np.zeros(3)), (turned, there, R, offset)):
        gravity = tuple(float(v) for v in frame @ np.array([0.1, 0.2, -0.981]))
        settings = replace(TIGHT, tolerance=1e-12, newton=40, gravity=gravity)  # type: ignore[arg-type]  # three numbers
        tissue = Tissue(mesh, Attachment(fixed), settings, tools=(Sphere(5.0 * MM),))
        state = tissue.init()
        for tick in range(5):
            pose = np.eye(4)
            pose[:3, 3] = frame @ (np.array([18.0, 5.0, 13.0 - 0.2 * tick]) * MM) - shift
            state = tissue.step(state, TissueControl(poses=(pose,)), DT)
        assert tissue.read(state).contacts > 0
        out.append((state.position - mesh.points) @ frame)
    assert out[1][order] == pytest.approx(out[0], abs=1e-9)


def test_a_point_sticks_until_the_cone_and_slides_on_it_with_the_coefficient() -> None:
    mesh = box((4, 4, 2))
    for friction in (0.1, 0.3):
        settings = replace(TIGHT, friction=friction, newton=20)
        tissue = Tissue(mesh, clamped(mesh), settings, tools=(Blade((0.1, 0.1, 0.004), 0.001),))
        state = tissue.init()
        for tick in range(60):
            pose = at(10.0 + (0.2 * max(0, tick - 10)), 10.0, 12.0 - 0.05 * min(tick, 10))
            state = tissue.step(state, TissueControl(poses=(pose,)), DT)
            force = tissue.read(state).tool_force[0]
            assert np.hypot(force[0], force[1]) <= friction * force[2] * (1.0 + 1e-9) + 1e-9
        assert -force[0] == pytest.approx(friction * force[2], rel=0.02)


def test_a_chain_feels_its_force_where_it_lies() -> None:
    mesh = box((8, 3, 2))
    tissue = Tissue(mesh, clamped(mesh), TIGHT)
    points = np.column_stack((np.linspace(-5.0, 45.0, 11), np.full(11, 7.5), np.full(11, 10.5))) * MM
    points[:4, 2] += 10.0 * MM
    state = tissue.step(tissue.init(), TissueControl(chains=(Chain(points, np.full(11, 1.5 * MM)),)), DT)
    read = tissue.read(state)
    force = read.chain_force[0]
    assert force.sum(axis=0) == pytest.approx(-read.contact.sum(axis=0), abs=1e-12)
    assert np.abs(force[:2]).max() == 0.0
    assert force[5:9, 2].min() > 1e-4


def test_springs_pull_the_tissue_to_their_points() -> None:
    mesh = box((2, 2, 2))
    stiffness = np.where(mesh.lattice[:, 0] == 0, 100.0, 0.0)
    held = Attachment(np.zeros(27, dtype=np.bool_), stiffness, mesh.points + np.array([2.0, 0.0, 0.0]) * MM)
    tissue = Tissue(mesh, held, TIGHT)
    state = tissue.init()
    for _ in range(40):
        state = tissue.step(state, TissueControl(), 0.1)
    assert state.position == pytest.approx(mesh.points + np.array([2.0, 0.0, 0.0]) * MM, abs=1e-6)
    assert tissue.read(state).support == pytest.approx(np.zeros(3), abs=1e-5)


def grasping(tear: float, lift: float, ticks: int = 20) -> tuple[Tissue, list[TissueState]]:
    mesh = box()
    tissue = Tissue(mesh, clamped(mesh), TIGHT, jaws=(Jaw(4.0 * MM, 300.0, tear),))
    states = [tissue.init()]
    for tick in range(ticks):
        pose = at(10.0, 5.0, 15.0 + lift * tick)
        states.append(tissue.step(states[-1], TissueControl(grips=(Grip(pose, tick < ticks - 1),)), DT))
    return tissue, states


def test_closing_pulls_at_nothing_retracting_does_and_opening_lets_go() -> None:
    tissue, states = grasping(np.inf, 0.2)
    pulls = [tissue.read(state).jaw_force[0] for state in states]
    assert np.count_nonzero(states[1].bound == 0) == 1
    assert np.abs(pulls[1]).max() < 1e-12
    assert pulls[-2][2] < -0.02
    assert all(late[2] < early[2] for early, late in pairwise(pulls[1:-1]))
    assert pulls[-1] == pytest.approx(np.zeros(3))
    assert (states[-2].jaws[0], states[-1].jaws[0]) == (HOLDS, OPEN)
    assert (states[-1].bound == -1).all()


def test_what_is_pulled_too_hard_tears_once_and_is_not_held_again_until_the_jaw_opens() -> None:
    tissue, states = grasping(0.03, 0.2)
    torn = [tissue.read(state).torn for state in states]
    assert torn.count((0,)) == 1
    tick = torn.index((0,))
    assert np.linalg.norm(tissue.read(states[tick]).jaw_force[0]) > 0.03
    assert all(np.linalg.norm(tissue.read(state).jaw_force[0]) <= 0.03 for state in states[:tick])
    assert all(state.jaws[0] == TORN for state in states[tick:-1])
    assert all((state.bound == -1).all() for state in states[tick:])


def test_a_control_that_does_not_fit_is_refused() -> None:
    mesh = box()
    tissue = Tissue(mesh, clamped(mesh), tools=(Sphere(5.0 * MM),), jaws=(Jaw(1.0 * MM, 1.0, 1.0),))
    state, here, grip = tissue.init(), at(0.0, 0.0, 40.0), (Grip(np.eye(4), False),)
    good = TissueControl(poses=(here,), grips=grip)
    then = tissue.step(state, good, DT)
    for control, words in (
        (TissueControl(), "0 poses and 0 grips"),
        (replace(good, poses=(np.eye(3),)), "poses"),
        (replace(good, poses=(at(0.0, 0.0, 91.0),)), "moves by 51.0 mm"),
        (replace(good, grips=(Grip(np.full((4, 4), np.nan), True),)), "grips"),
        (replace(good, force=np.zeros((3, 3))), "force"),
        (replace(good, chains=(Chain(np.zeros((1, 3)), np.ones(1)),)), "chains"),
        (replace(good, cut=np.zeros((2, 3))), "cut"),
    ):
        with pytest.raises(InputError, match=words):
            tissue.step(then, control, DT)
    with pytest.raises(InputError, match="step is"):
        tissue.step(then, good, 0.0)
    assert tissue.step(then, replace(good, poses=(None,)), DT).tick == 2


def test_a_state_that_is_not_finite_raises_and_names_the_tick() -> None:
    mesh = box()
    tissue = Tissue(mesh, clamped(mesh))
    state = replace(tissue.init(), velocity=np.full_like(mesh.points, np.nan))
    with pytest.raises(DivergedError, match="tick 1"):
        tissue.step(state, TissueControl(), DT)


def test_inputs_are_left_alone_and_what_comes_out_is_read_only() -> None:
    tissue, state, pose = pressed(ticks=3)
    before = state.position.copy(), state.velocity.copy(), state.slip.copy()
    after = tissue.step(state, TissueControl(poses=(pose,)), DT)
    for then, now in zip(before, (state.position, state.velocity, state.slip), strict=True):
        assert (then == now).all()
    read = tissue.read(after)
    for array in (after.position, after.velocity, after.slip, after.owner, after.alive, read.tool_force, read.contact):
        assert not array.flags.writeable


def test_a_step_that_may_not_iterate_enough_says_so() -> None:
    tissue, state, _ = pressed(replace(TIGHT, newton=1, iterations=1, accept=1e-6), ticks=2)
    assert tissue.read(state).unconverged
    tissue, state, _ = pressed(ticks=2)
    assert not tissue.read(state).unconverged

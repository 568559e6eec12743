"""Cutting: which bricks go, when the new factor comes, and the same bits however long it took."""

import threading
from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_cut import crossed
from simtrainer.physics.tissue_factor import Coarse
from simtrainer.physics.tissue_state import TissueControl, TissueSettings, TissueState
from simtrainer.physics.tissue_tool import Grip, Jaw, Sphere
from tests.unit.physics.test_tissue_mesh import box, clamped

Floats = NDArray[np.float64]
DT, DELAY = 0.01, 4
THROUGH = np.array([[[-5.0, 7.0, -5.0], [-5.0, 7.0, 25.0]], [[12.0, 7.0, -5.0], [12.0, 7.0, 25.0]]]) * MM
"""A blade that goes through the block from its left end to x = 12 mm, at y = 7 mm."""


def block() -> Tissue:
    mesh = box((4, 3, 3))
    settings = TissueSettings(gravity=(0.0, 0.0, -9.81), factor_delay_ticks=DELAY, newton=4)
    return Tissue(mesh, clamped(mesh, 0), settings, tools=(Sphere(5.0 * MM),), jaws=(Jaw(4.0 * MM, 200.0, 5.0),))


def control(tick: int) -> TissueControl:
    """A script that presses, grasps, cuts twice and lets go."""
    ball, jaw = np.eye(4), np.eye(4)
    ball[:3, 3] = np.array([18.0, 7.5, 20.0 - 0.1 * tick]) * MM
    jaw[:3, 3] = np.array([20.0, 0.0, 15.0 + 0.1 * tick]) * MM
    cut = THROUGH * (1.0, 1.0, 1.0) if tick == 5 else (THROUGH + np.array([0.0, 5.0 * MM, 0.0]) if tick == 7 else None)
    return TissueControl(poses=(ball,), grips=(Grip(jaw, 2 <= tick < 14),), cut=cut)


def run(tissue: Tissue, state: TissueState, first: int, last: int) -> list[TissueState]:
    states = [state]
    for tick in range(first, last):
        states.append(tissue.step(states[-1], control(tick), DT))
    return states


def same(one: TissueState, other: TissueState) -> bool:
    """Tell whether two states are equal bit for bit."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name == "felt":
            if a.report != b.report or not (a.tools == b.tools).all() or not (a.contact == b.contact).all():
                return False
        elif isinstance(a, np.ndarray):
            if a.tobytes() != b.tobytes():
                return False
        elif a != b:
            return False
    return True


def test_the_bricks_that_the_blade_passes_go_and_no_others() -> None:
    mesh = box((4, 3, 3))
    gone = crossed(mesh, mesh.points, np.ones(36, dtype=np.bool_), THROUGH)
    wanted = (mesh.voxels[:, 1] == 1) & (mesh.voxels[:, 0] <= 2)
    assert gone.tolist() == wanted.tolist()
    left = np.asarray(mesh.voxels[:, 0] > 0)
    assert crossed(mesh, mesh.points, left, THROUGH).tolist() == (wanted & left).tolist()


def test_a_cut_follows_the_tissue_where_it_is_now() -> None:
    mesh = box((4, 3, 3))
    moved = mesh.points + np.array([0.0, 5.0, 0.0]) * MM
    gone = crossed(mesh, moved, np.ones(36, dtype=np.bool_), THROUGH)
    assert gone.tolist() == ((mesh.voxels[:, 1] == 0) & (mesh.voxels[:, 0] <= 2)).tolist()
    assert not crossed(mesh, mesh.points + 1.0, np.ones(36, dtype=np.bool_), THROUGH).any()


@pytest.mark.parametrize("path", [np.zeros((2, 3)), np.full((2, 2, 3), np.nan), THROUGH * 1e3])
def test_a_path_that_no_blade_takes_in_a_tick_is_refused(path: Floats) -> None:
    mesh = box((4, 3, 3))
    with pytest.raises(InputError, match="cut"):
        crossed(mesh, mesh.points, np.ones(36, dtype=np.bool_), path)


def test_stiffness_changes_at_once_and_the_factor_a_fixed_number_of_ticks_later() -> None:
    tissue = block()
    states = run(tissue, tissue.init(), 0, 16)
    counts = [int(state.alive.sum()) for state in states]
    assert counts[5] == 36
    assert counts[6] < 36
    assert tissue.read(states[6]).removed == 36 - counts[6]
    assert counts[8] < counts[6]
    knows = [int(state.factored.sum()) for state in states]
    assert knows[: 6 + DELAY] == [36] * (6 + DELAY)
    assert knows[6 + DELAY] == counts[6], "the first order does not know of the second cut"
    assert knows[6 + 2 * DELAY] == counts[8], "the second was ordered when the first came into force"
    assert states[15].due == -1
    assert not tissue.read(states[-1]).unconverged


def test_the_same_controls_give_the_same_bits_and_so_does_going_on_from_any_state() -> None:
    tissue, other = block(), block()
    states = run(tissue, tissue.init(), 0, 18)
    again = run(other, other.init(), 0, 18)
    assert all(same(a, b) for a, b in zip(states, again, strict=True))
    for tick in (4, 6, 8, 11, 15):
        fresh = block()
        assert same(run(fresh, states[tick], tick, 18)[-1], states[-1])
    assert same(run(tissue, states[3], 3, 18)[-1], states[-1]), "back before the cut, on the same solver"


def test_a_factor_that_is_late_is_waited_for_and_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = block(), block()
    wanted = run(quick, quick.init(), 0, 14)
    inner, gate = slow.derived._factor, threading.Event()

    def late(alive: NDArray[np.bool_], dt: float) -> Coarse:
        if not alive.all():
            gate.wait(30.0)
        return inner(alive, dt)

    monkeypatch.setattr(slow.derived, "_factor", late)
    found = run(slow, slow.init(), 0, 5 + DELAY)
    opener = threading.Timer(0.05, gate.set)
    opener.start()
    found += run(slow, found[-1], 5 + DELAY, 14)[1:]
    opener.join()
    assert all(same(a, b) for a, b in zip(wanted, found, strict=True))


def test_a_piece_that_is_cut_off_falls_and_its_lone_nodes_stay() -> None:
    mesh = box((4, 2, 2))
    tissue = Tissue(mesh, clamped(mesh, 0), TissueSettings(gravity=(0.0, 0.0, -9.81), factor_delay_ticks=2))
    across = np.array([[[7.0, -5.0, -5.0], [7.0, -5.0, 25.0]], [[7.0, 25.0, -5.0], [7.0, 25.0, 25.0]]]) * MM
    state = tissue.step(tissue.init(), TissueControl(cut=across), DT)
    for _ in range(9):
        state = tissue.step(state, TissueControl(), DT)
        assert not tissue.read(state).unconverged
    loose = mesh.lattice[:, 0] >= 2
    assert state.velocity[loose, 2] == pytest.approx(-9.81 * 0.1, rel=1e-2)
    assert state.alive.sum() == 12
    everything = np.array([[[-5.0, -5.0, 2.0], [-5.0, 25.0, 2.0]], [[7.0, -5.0, 2.0], [7.0, 25.0, 2.0]]]) * MM
    state = tissue.step(state, TissueControl(cut=everything), DT)
    lone = np.setdiff1d(np.arange(len(mesh.points)), mesh.corners[state.alive])
    assert len(lone) > 0
    still = tissue.step(state, TissueControl(), DT)
    assert (still.position[lone] == state.position[lone]).all()


def test_all_may_be_cut_away() -> None:
    mesh = box((2, 2, 2))
    tissue = Tissue(mesh, clamped(mesh), TissueSettings(factor_delay_ticks=1))
    state = tissue.init()
    for x in (2.0, 7.0):
        plane = np.array([[[x, -5.0, -5.0], [x, -5.0, 25.0]], [[x, 25.0, -5.0], [x, 25.0, 25.0]]]) * MM
        state = tissue.step(state, TissueControl(cut=plane), DT)
    for _ in range(3):
        state = tissue.step(state, TissueControl(), DT)
    assert not state.alive.any()
    assert not tissue.read(state).unconverged

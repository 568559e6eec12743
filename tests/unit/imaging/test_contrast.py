"""Contrast: iodine is neither made nor lost, follows the stream, refluxes, washes out, and casts its shadow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.units import ML
from simtrainer.imaging.carm import CArmPose
from simtrainer.imaging.contrast import (
    BolusState,
    Injection,
    advance_bolus,
    carry,
    clear_blood,
    contrast_tubes,
    iodine_mass,
    vessel_shadow,
)
from simtrainer.imaging.flow import CARDIAC_OUTPUT, FlowNetwork, build_flow
from simtrainer.imaging.material import IODINE
from simtrainer.imaging.tube import add_tubes


def inject(network: FlowNetwork, cell: int, rate: float, seconds: float, then: float = 0.0) -> BolusState:
    state = clear_blood(network)
    for _ in range(round(seconds * 100)):
        state = advance_bolus(network, state, (Injection(cell, rate, 350.0),), 0.01)
    for _ in range(round(then * 100)):
        state = advance_bolus(network, state, (), 0.01)
    return state


def branch_mass(network: FlowNetwork, state: BolusState, number: int) -> float:
    here = network.branch == number
    return float(state.iodine[here] @ network.volume[here])


def test_blood_enters_at_the_root_and_all_of_it_leaves(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    assert network.inflow[0] == pytest.approx(CARDIAC_OUTPUT)
    assert network.outflow.sum() == pytest.approx(CARDIAC_OUTPUT)
    assert network.points[0, 2] == pytest.approx(0.2, abs=0.002)
    assert (network.inflow > 0).all()
    for cell in range(len(network.radii)):
        onward = network.inflow[network.upstream == cell].sum()
        assert network.inflow[cell] == pytest.approx(onward + network.outflow[cell])


def test_a_named_artery_takes_its_published_share(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    carotid = network.branch == 1
    # common carotid flow of an adult is about 6 ml/s (350 to 420 ml/min in Doppler and phase-contrast studies)
    assert network.inflow[carotid].max() == pytest.approx(0.065 * CARDIAC_OUTPUT)
    assert 5.0 < network.inflow[carotid].max() / ML < 7.0


def test_a_tree_of_small_vessels_carries_what_its_size_allows() -> None:
    z = np.linspace(0.0, 0.1, 21)
    stem = Branch("branch_1", np.column_stack((0 * z, 0 * z, z)), np.full(21, 2.5e-3), -1, -1)
    network = build_flow(CentrelineTree((stem,)))
    assert 2.0 < network.inflow[0] / ML < 5.0
    assert np.allclose(network.inflow, network.inflow[0])


def test_an_unknown_inlet_is_named_with_its_nearest(tree: CentrelineTree) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'left_subclavian'"):
        build_flow(tree, inlet="left_subclavan")
    with pytest.raises(InputError, match="inlet flow"):
        build_flow(tree, inlet_flow=-1.0)


@settings(max_examples=30, deadline=None)
@given(
    where=st.floats(0.0, 1.0),
    rate_ml=st.floats(0.1, 60.0),
    seconds=st.integers(1, 60),
    scale=st.floats(0.0, 2.0),
    dt=st.sampled_from([0.01, 0.02, 0.1]),
)
def test_iodine_in_is_iodine_here_plus_iodine_gone(
    where: float, rate_ml: float, seconds: int, scale: float, dt: float
) -> None:
    z = np.linspace(-0.1, 0.1, 41)
    trunk = Branch("aorta", np.column_stack((0 * z, 0 * z, z)), np.linspace(0.004, 0.012, 41), -1, -1)
    t = np.linspace(0.0, 0.05, 21)[:, None]
    side = Branch("branch_1", trunk.points[25] + t * np.array([1.0, 0.0, 0.3]), np.full(21, 3e-3), 0, 25)
    network = build_flow(CentrelineTree((trunk, side)))
    cell = round(where * (len(network.radii) - 1))
    state = clear_blood(network)
    for k in range(seconds):
        jets = (Injection(cell, rate_ml * ML, 320.0),) if k % 3 else ()
        state = advance_bolus(network, state, jets, dt, scale)
    assert state.iodine.min() >= 0.0
    assert state.iodine.max() <= 320.0 * (1.0 + 1e-9) or scale == 0.0
    assert iodine_mass(network, state) + state.left == pytest.approx(state.injected, rel=1e-9, abs=1e-15)


def test_a_selective_injection_fills_its_own_branch_alone(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    here = np.flatnonzero(network.branch == 1)
    state = inject(network, int(here[5]), 4 * ML, 0.3)
    assert branch_mass(network, state, 1) > 0.0
    assert branch_mass(network, state, 0) == 0.0
    assert branch_mass(network, state, 2) == 0.0


def test_an_injection_faster_than_the_stream_refluxes_into_the_parent(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    here = np.flatnonzero(network.branch == 1)
    state = inject(network, int(here[3]), 9 * ML, 1.0)
    assert branch_mass(network, state, 0) > 0.0
    assert branch_mass(network, state, 2) > 0.0  # carried on down the aorta and into the next branch


def test_an_aortogram_fills_what_lies_downstream_and_not_the_root(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    trunk = np.flatnonzero(network.branch == 0)
    state = inject(network, int(trunk[6]), 15 * ML, 1.5)
    assert state.iodine[trunk[:6]].max() == 0.0
    assert branch_mass(network, state, 1) > 0.0
    assert branch_mass(network, state, 2) > 0.0
    # mixing by volume: injected flow over stream
    assert state.iodine[trunk[6]] == pytest.approx(350.0 * 15 * ML / network.inflow[trunk[6]], rel=0.02)


def test_contrast_washes_out(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    here = np.flatnonzero(network.branch == 1)
    state = inject(network, int(here[5]), 4 * ML, 0.5, then=6.0)
    assert iodine_mass(network, state) < 1e-3 * state.injected


def test_the_front_travels_with_the_stream(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    here = np.flatnonzero(network.branch == 1)
    speed = network.inflow[here[0]] / (np.pi * network.radii[here[0]] ** 2)
    state = clear_blood(network)
    time = 0.0
    while state.iodine[here[30]] < 0.5 * state.iodine[here[5]] or time == 0.0:
        state = advance_bolus(network, state, (Injection(int(here[5]), 1 * ML, 350.0),), 0.01)
        time += 0.01
    way = float(np.linalg.norm(network.points[here[30]] - network.points[here[5]]))
    assert time == pytest.approx(way / speed, rel=0.1)


def test_the_kernel_equals_its_numpy_twin(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    luck = np.random.default_rng(5)
    iodine = luck.uniform(0.0, 300.0, len(network.radii))
    inflow = network.inflow.copy()
    inflow[:9] -= 2.0 * CARDIAC_OUTPUT
    source = np.zeros_like(iodine)
    source[8] = 1e-3
    twin, lost, dt = iodine.copy(), 0.0, 1e-4
    for _ in range(4):
        up = network.upstream
        flux: NDArray[np.float64] = inflow * np.where(inflow > 0, np.where(up >= 0, twin[up], 0.0), twin)
        change = source - network.outflow * twin + flux
        np.subtract.at(change, up[up >= 0], flux[up >= 0])
        lost += dt * (float((network.outflow * twin).sum()) - min(0.0, float(flux[0])))
        twin = twin + change * dt / network.volume
    got = carry(iodine, network.upstream, network.volume, inflow, network.outflow, source, dt, 4)
    assert np.allclose(iodine, twin, rtol=1e-12)
    assert got == pytest.approx(lost)


def test_a_full_vessel_is_as_dark_as_its_iodine_and_counts_once_inside_its_parent(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    shadow = vessel_shadow(tree, network)
    full = BolusState(np.full(len(network.radii), 100.0))
    tubes = contrast_tubes(shadow, full)
    assert tubes is not None
    out = np.zeros((512, 512))
    pose = CArmPose(isocentre=(0.0, 0.0, 0.05))
    add_tubes(out, pose, tubes)
    # nowhere darker than the widest chord of the aorta in view, 11.4 mm in radius: forks are not counted twice
    widest = 2.0 * 0.0114 * 100.0 * IODINE
    assert out.max() == pytest.approx(widest, rel=0.02)


def test_clear_blood_casts_no_shadow_and_costs_nothing(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    state = clear_blood(network)
    assert contrast_tubes(vessel_shadow(tree, network), state) is None
    assert advance_bolus(network, state, (), 0.01) is state


def test_impossible_injections_are_refused(tree: CentrelineTree) -> None:
    network = build_flow(tree)
    with pytest.raises(InputError, match="injection"):
        advance_bolus(network, clear_blood(network), (Injection(0, -1.0, 300.0),), 0.01)
    with pytest.raises(InputError, match="dt"):
        advance_bolus(network, clear_blood(network), (), 0.0)


def test_a_vessel_cut_into_two_branches_casts_the_shadow_of_one() -> None:
    turn = np.linspace(0.0, 2.0, 81)
    bow = 0.04 * np.column_stack((np.cos(turn), 0.3 * turn, np.sin(turn)))
    radii = np.full(81, 8e-3)
    whole = CentrelineTree((Branch("aorta", bow, radii, -1, -1),))
    parts = (Branch("lower", bow[:41], radii[:41], -1, -1), Branch("upper", bow[40:], radii[40:], 0, 40))
    pictures = []
    for tree in (whole, CentrelineTree(parts)):
        network = build_flow(tree)
        tubes = contrast_tubes(vessel_shadow(tree, network), BolusState(np.full(len(network.radii), 100.0)))
        assert tubes is not None
        out = np.zeros((512, 512))
        add_tubes(out, CArmPose(isocentre=(0.0, 0.0, 0.02)), tubes)
        pictures.append(out)
    assert pictures[1].sum() == pytest.approx(pictures[0].sum(), rel=2e-3)
    assert np.quantile(np.abs(pictures[1] - pictures[0])[pictures[0] > 0], 0.98) < 0.02 * pictures[0].max()

"""Recorded manoeuvres: what is written down, that findings come from the recording alone, and a short run of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import judged, performed, solved
from simtrainer.studies.manoeuvre.finding import Finding, least, most, near, told
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.recording import CATHETER, WIRE, Floats, Recording, cut, force_on, turning
from simtrainer.studies.manoeuvre.straighten import AFTER, BEFORE, THROUGH, left_over, perform, stored
from simtrainer.studies.manoeuvre.vessel import blind_tube, doubled, straight_outline
from simtrainer.studies.rig import uniform

X = np.array([1.0, 0.0, 0.0])
NAMES = (
    "breathing", "buckle", "exchange", "loop", "simmons_subclavian", "simmons_valve", "simmons_valve_unturned",
    "straighten_berenstein", "straighten_pigtail", "whip_bend", "whip_simmons",
)  # fmt: skip


@pytest.fixture(scope="module")
def straightened() -> Recording:
    return perform("berenstein")


def short_run() -> Recording:
    tube = blind_tube(4.0 * MM, 0.12, 1.0 * MM)
    rod = Rod(tube, np.zeros(3), X, (uniform(20.0), None), RodSettings(sheath_length=0.02))
    hands = Hands(rod, rod.init())
    hands.move(WIRE, 0.1, 0.2)
    hands.mark("in")
    hands.turn(WIRE, 1.0, 5.0)
    hands.mark("turned")
    return hands.recorded("short", "tube", ("wire", ""), straight_outline(4.0 * MM, 0.12), {"one": 1.0})


def failed(findings: tuple[Finding, ...]) -> set[str]:
    return {one.id for one in findings if one.judged and not one.holds}


def test_every_manoeuvre_of_the_issue_is_registered() -> None:
    assert set(NAMES) <= set(manoeuvres.names())
    assert len({one.title for one in manoeuvres}) == len(manoeuvres.names())


def test_a_recording_holds_every_number_of_every_tick_and_is_the_same_again() -> None:
    run, again = short_run(), short_run()
    ticks = 50 + 20
    for values in (run.inserted, run.hub, run.hand_force, run.hand_torque, run.tip_angle):
        assert values.shape == (ticks, 2)
        assert np.isfinite(values).all()
    assert run.tip.shape == (ticks, 2, 3)
    assert run.times[-1] == pytest.approx(ticks * run.dt)
    assert [(mark.tick, mark.label) for mark in run.marks] == [(49, "in"), (69, "turned")]
    assert run.tip[49, WIRE, 0] == pytest.approx(0.1, abs=1e-4)
    assert run.hub[-1, WIRE] == pytest.approx(1.0)
    assert 0.8 < run.tip_angle[-1, WIRE] < 1.0  # it lags a little: friction and the spin's drag
    for name in ("inserted", "hub", "hand_force", "hand_torque", "tip", "tip_angle", "wall_force", "residual"):
        assert np.array_equal(getattr(run, name), getattr(again, name)), name


def test_a_wire_that_stiffens_a_catheter_shows_what_the_composite_of_both_says(straightened: Recording) -> None:
    findings = judged(manoeuvres.get("straighten_berenstein"), straightened)
    assert failed(findings) == set()
    assert np.isfinite(straightened.hand_force).all()
    labels = [moment.label for moment in straightened.moments if moment.label]
    assert labels == [BEFORE, THROUGH, AFTER]


def test_the_findings_of_a_recording_fail_when_it_is_doctored(straightened: Recording) -> None:
    one = manoeuvres.get("straighten_berenstein")
    assert failed(judged(one, replace(straightened, hand_force=0.5 * straightened.hand_force))) == {
        "slide_work", "slide_work_back",
    }  # fmt: skip
    first = straightened.moment(BEFORE)
    unchanged = tuple(replace(first, label=m.label) if m.label == THROUGH else m for m in straightened.moments)
    assert failed(judged(one, replace(straightened, moments=unchanged))) == {"bend_with_wire"}
    escaped = np.ones_like(straightened.escaped)
    assert failed(judged(one, replace(straightened, escaped=escaped))) == {"escaped"}


def test_the_closed_forms_of_a_straightened_catheter_are_those_of_a_uniform_one() -> None:
    bent = uniform(100.0, curvature=20.0, curved=50.0 * MM)
    wire = 300.0e-6
    assert left_over(bent, wire) == pytest.approx(100.0 / 400.0 * 20.0 * 50.0 * MM, rel=0.01)
    assert stored(bent, wire) == pytest.approx(0.5 * 75.0e-6 * 400.0 * 50.0 * MM, rel=0.01)


def test_a_run_that_the_solver_did_not_solve_is_told() -> None:
    run = short_run()
    assert failed(solved(run)) == set()
    assert failed(solved(replace(run, unconverged=np.ones_like(run.unconverged)))) == {"unconverged"}
    force = run.hand_force.copy()
    force[30, WIRE] += 1.0
    assert failed(solved(replace(run, hand_force=force))) == {"spike"}


def test_a_finding_holds_within_its_bounds_only_and_never_for_no_number() -> None:
    one = near("a", "b", 1.04, 1.0, share=0.05, unit="N", because="c")
    assert one.holds
    assert one.bound == "1 ± 0.05"
    assert not replace(one, got=1.06).holds
    assert not replace(one, got=float("nan")).holds
    assert least("a", "b", 2.0, 1.0, unit="", because="c").holds
    assert not most("a", "b", 2.0, 1.0, unit="", because="c").holds
    assert not told("a", "b", 2.0, unit="", because="c").judged


def test_curves_are_cut_at_a_tip_and_turn_by_what_they_bend() -> None:
    angle = np.linspace(0.0, np.pi, 200)
    ring = np.column_stack([np.sin(angle), 1.0 - np.cos(angle), 0.0 * angle])
    assert turning(ring) == pytest.approx(np.pi, rel=0.01)
    assert cut(ring, angle, 1.0)[-1] == pytest.approx([np.sin(1.0), 1.0 - np.cos(1.0), 0.0], abs=1e-3)


def test_a_curve_that_comes_back_is_doubled_by_the_way_it_came_back() -> None:
    path = np.column_stack([np.linspace(0.0, 0.1, 101), np.zeros(101), np.zeros(101)])
    there = np.column_stack([np.linspace(0.0, 0.08, 41), np.zeros(41), np.zeros(41)])
    back = np.column_stack([np.linspace(0.08, 0.05, 16), np.full(16, 2.0 * MM), np.zeros(16)])
    behind, limb = doubled(path, np.concatenate((there, back)))
    assert behind == pytest.approx(30.0 * MM, abs=1.5 * MM)
    assert limb == pytest.approx(32.0 * MM, abs=3.0 * MM)
    assert doubled(path, there)[0] == 0.0


def test_the_force_on_a_stretch_of_wall_is_the_largest_sum_within_it() -> None:
    arc: Floats = np.arange(10, dtype=np.float64) * 4.0 * MM
    force = np.zeros((10, 3))
    force[[2, 3, 7], 1] = (1.0, 2.0, 2.5)
    assert force_on(force, arc, 10.0 * MM) == pytest.approx(3.0)


def test_the_catheter_of_a_recording_ends_at_its_own_tip(straightened: Recording) -> None:
    through = straightened.moment(THROUGH)
    wire, catheter = (through.curve(device) for device in (WIRE, CATHETER))
    assert len(wire) > len(catheter)
    assert catheter[-1] == pytest.approx(straightened.tip[straightened.at(THROUGH), CATHETER], abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_manoeuvre_shows_what_mechanics_expects_of_it(name: str) -> None:
    one = performed(name)
    assert failed(one.findings) == set()
    assert np.isfinite(one.recording.hand_force).all()
    assert np.isfinite(one.recording.tip).all()

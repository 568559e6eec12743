"""The table of validity: its parts against cases that are known, and that a doctored run misses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.physics.rod import RodSettings
from simtrainer.studies.bench.patient import package
from simtrainer.studies.manoeuvre.pendulum import STEP, equilibria, whip
from simtrainer.studies.manoeuvre.recording import Floats
from simtrainer.studies.manoeuvre.whip import bend_of_guide, theory
from simtrainer.studies.rig import field_of, uniform
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.capstan import vessel_turning
from simtrainer.studies.validity.case import PATIENT, measured
from simtrainer.studies.validity.push import Pushed, Vessel, pushed
from simtrainer.studies.validity.repeat import differing, run
from simtrainer.studies.validity.rotation import (
    CYCLE,
    QUARTER,
    apart,
    cycled,
    director,
    hub_for,
    quartered,
    tilted,
    turned,
)  # fmt: skip
from simtrainer.studies.validity.spacing import compared, halved, ripple
from simtrainer.studies.validity.tip import aside, linear, straight
from simtrainer.studies.validity.torque import catheters

NAMES = (
    "capstan",
    "chest_motion",
    "node_ripple",
    "node_spacing",
    "reform",
    "rotation",
    "same_seed",
    "tip_stiffness",
    "torque",
)


def bent_tube() -> Vessel:
    def clearance(p: Floats) -> Floats:
        angle = np.clip(np.arctan2(p[:, 0] - 0.08, 0.05 - p[:, 1]), 0.0, np.pi / 2.0)
        centre = np.column_stack([0.08 + 0.05 * np.sin(angle), 0.05 * (1.0 - np.cos(angle)), 0.0 * angle])
        off = np.where(p[:, 0] < 0.08, np.hypot(p[:, 1], p[:, 2]), np.linalg.norm(p - centre, axis=1))
        return np.asarray(5.0 * MM - off)

    field = field_of(clearance, np.array([-0.02, -0.015, -0.012]), np.array([0.15, 0.07, 0.012]), 1.0 * MM, 5.0 * MM)
    return Vessel(field, np.zeros(3), np.array([1.0, 0.0, 0.0]), np.array([[0.0, 0.0, 0.0], [0.05, 0.0, 0.0]]))


def push(vessel: Vessel, hub: float = 0.0) -> Pushed:
    device = uniform(60.0, curvature=20.0, curved=15.0 * MM, length=0.5)
    return pushed(vessel, (device, None), 0.155, RodSettings(sheath_length=0.02), hub=hub)


def test_every_measurement_of_the_issue_is_registered() -> None:
    assert set(NAMES) <= set(validities.names())


def test_a_grid_that_is_turned_onto_itself_has_the_same_clearance_everywhere() -> None:
    vessel = bent_tube()
    points = np.random.default_rng(1).uniform((-0.01, -0.01, -0.01), (0.13, 0.06, 0.01), (500, 3))
    value, slope, known = vessel.field.sample(points)
    for turn, field in ((CYCLE, cycled(vessel.field)), (QUARTER, quartered(vessel.field))):
        other, other_slope, other_known = field.sample(points @ turn.T)
        assert np.array_equal(known, other_known)
        assert other[known] == pytest.approx(value[known], abs=1e-12)
        assert other_slope[known] == pytest.approx((slope @ turn.T)[known], abs=1e-9)


def test_a_ripple_is_what_is_left_beside_the_mean() -> None:
    at = np.linspace(0.0, 399.0, 400) * 0.12 * MM
    wave = 0.2 + 3.0 * at + 0.1 * np.sin(2.0 * np.pi * at / (5.0 * MM))
    assert ripple(wave, 0.12 * MM) == pytest.approx(0.1 / np.sqrt(2.0), rel=0.05)
    assert ripple(0.2 + 3.0 * at, 0.12 * MM) < 1e-3


def test_a_turn_keeps_lengths_and_hands() -> None:
    for turn in (CYCLE, QUARTER, tilted()):
        assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-12)
        assert np.linalg.det(turn) == pytest.approx(1.0)


def test_the_hub_of_a_turned_vessel_points_where_that_of_the_vessel_did() -> None:
    ahead = np.array([0.2, -0.3, 0.9])
    ahead /= np.linalg.norm(ahead)
    for turn in (CYCLE, QUARTER, tilted()):
        new, axis, angle = director(turn @ ahead), turn @ ahead, hub_for(ahead, turn)
        there = np.cos(angle) * new + np.sin(angle) * np.cross(axis, new)
        assert there == pytest.approx(turn @ director(ahead), abs=1e-12)


def test_a_push_up_a_turned_vessel_feels_the_same() -> None:
    vessel = bent_tube()
    still = push(vessel)
    assert np.abs(still.force).max() > 0.01
    for turn, field in ((CYCLE, cycled(vessel.field)), (QUARTER, quartered(vessel.field))):
        force, place, _ = apart(still, push(turned(vessel, field, turn), hub_for(vessel.direction, turn)), turn)
        assert force < 1e-6
        assert place < 1e-6


def test_a_push_that_differs_misses() -> None:
    coarse = Pushed(np.array([0.1, 0.4]), np.zeros((2, 3)), 0)
    fine = replace(coarse, force=np.array([0.1, 0.43]))
    assert compared("wire", coarse, coarse)[0].holds
    assert not compared("wire", coarse, fine)[0].holds
    assert apart(coarse, fine, np.eye(3))[0] == pytest.approx(0.03)
    assert halved(RodSettings()).coarse == pytest.approx(2.5 * MM)


def test_a_uniform_rod_whips_where_its_pendulum_is_longer_than_a_quarter_swing() -> None:
    """lambda^2 = EI kappa0 kappa / GJ; snap for lambda L > pi / 2."""
    for scale, snaps in ((0.9, False), (1.1, True)):
        rate = scale * 0.5 * np.pi / 0.1  # lambda [1/m] for L = 0.1 m
        device = uniform(300.0, curvature=rate**2 * 0.75 / 25.0, curved=0.3, length=0.4)
        assert whip(device, np.full(round(0.1 / STEP), 25.0), 1e-6).snaps is snaps


def test_a_shape_that_is_not_bent_passes_torque_on_unchanged() -> None:
    tip, hub, _ = equilibria(uniform(300.0), bend_of_guide(0.0), 0.5)
    assert hub == pytest.approx(tip)


def test_a_longer_shaft_outside_stores_more_turns_before_it_whips() -> None:
    device = instruments.get("berenstein").profile()
    short, long = (whip(device, bend_of_guide(0.0), outside) for outside in (0.2, 0.8))
    assert short.hub < long.hub
    assert short.before == pytest.approx(long.before, abs=0.5)
    assert theory(device).snaps


def test_the_tip_of_a_wire_is_as_stiff_as_its_beam() -> None:
    device = uniform(20.0)
    assert aside(device, 20.0 * MM, 0.5 * MM) == pytest.approx(linear(device, 20.0 * MM, 0.5 * MM), rel=0.03)
    assert linear(device, 20.0 * MM) == pytest.approx(3.0 * 20.0e-6 * 5.0 * MM / (20.0 * MM) ** 3, rel=1e-3)
    assert not straight(instruments.get("j_wire").profile()).curvature.any()


def test_one_seed_gives_the_same_bits_and_another_seed_others() -> None:
    first = run(PATIENT, 1, ticks=25)
    assert differing(first, run(PATIENT, 1, ticks=25)) == 0
    assert differing(first, run(PATIENT, 2, ticks=25)) > 0
    assert np.isfinite(first).all()
    doctored = first.copy()
    doctored[3, 2] = np.nextafter(doctored[3, 2], np.inf)
    assert differing(first, doctored) == 1


def test_the_way_to_a_carotid_turns_by_more_than_the_arch() -> None:
    assert vessel_turning(PATIENT) > np.pi / 2.0
    assert package(PATIENT).target == "left_common_carotid"


def test_every_catheter_of_the_shelf_is_asked_for_its_torque() -> None:
    assert {"berenstein", "jr4", "pigtail", "simmons"} <= set(catheters())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_row_of_the_table_holds(name: str) -> None:
    assert [one.id for one in measured(name).findings if one.judged and not one.holds] == []

"""The exercise on a built-in block, a few simulated seconds at a time."""

from __future__ import annotations

import numpy as np
import pytest

from simtrainer.core.action import Action
from simtrainer.core.resource import resource_path
from simtrainer.core.stream import Streams
from simtrainer.curriculum.course import check_course
from simtrainer.procedures import procedures
from simtrainer.procedures.open_vessel_control import blood as law
from simtrainer.procedures.open_vessel_control.bed import Press
from simtrainer.procedures.open_vessel_control.catalogue import SIGNALS
from simtrainer.procedures.open_vessel_control.exercise import EXERCISE
from simtrainer.procedures.open_vessel_control.eye import OpenEye
from simtrainer.procedures.open_vessel_control.tool import FINGER
from tests.unit.procedures.open_vessel_control.wound import (
    AT,
    HOLE,
    MM,
    at,
    exercise,
    opened,
    play,
    session,
    start,
    value,
)


def test_the_procedure_is_found_by_its_name_and_its_patients_are_blocks() -> None:
    assert procedures.get("open_vessel_control") is EXERCISE
    assert "soft_block_thin" in EXERCISE.vocabulary.patients
    assert "adult_male_type1" not in EXERCISE.vocabulary.patients


def test_every_name_in_the_shipped_course_resolves() -> None:
    checked = check_course(resource_path("curricula") / "open_bleeding_control.yaml", EXERCISE.vocabulary)
    assert [problem.text() for problem in checked.problems] == []


def test_the_same_seed_and_actions_give_the_same_state_and_leave_the_first_one_untouched() -> None:
    state = start()
    before = session().digest(state)
    deeds = (Action("right.take", "finger"), Action("right.y", -0.15))
    once, _ = play(state, 60, *deeds)
    again, _ = play(state, 60, *deeds)
    assert session().digest(once) == session().digest(again)
    assert session().digest(state) == before
    assert session().digest(once) != before


def test_a_block_that_nobody_touches_stays_as_it_is() -> None:
    state, names = play(start(), 40)
    assert names == []
    assert np.abs(state.world.tissue.position - exercise().mesh.points).max() < 1e-6
    assert value(state, "lost_ml") == 0.0


def test_signals_are_finite_and_each_is_declared_once() -> None:
    assert len(set(AT)) == len(SIGNALS) == len(start().snapshot.signals)
    assert np.isfinite(start().snapshot.signals).all()


def test_an_edge_that_is_only_pressed_cuts_nothing_and_one_that_is_drawn_does() -> None:
    state = at(start(), "right", "scalpel", 0.0, 4.0, 10.0)
    pressed, _ = play(state, 30, Action("right.y", -0.02))
    assert value(pressed, "cut_voxels") == 0.0
    drawn, _ = play(pressed, 30, Action("right.y", 0.0), Action("right.z", -0.05))
    assert value(drawn, "cut_voxels") >= 2.0
    assert value(drawn, "skin_open_mm") >= 10.0
    assert value(drawn, "fat_open_mm") == 0.0
    assert value(drawn, "cuts_outside") == 0.0


def test_a_cut_beside_the_line_is_told_of() -> None:
    state = at(start(), "right", "scalpel", 16.0, -2.0, 10.0)
    state, names = play(state, 20, Action("right.z", -0.05))
    assert value(state, "cuts_outside") >= 1.0
    assert "CutOutsideLine" in names


def test_an_edge_that_is_led_too_deep_opens_the_artery() -> None:
    state = at(start(), "right", "scalpel", 0.0, -16.0, 6.0)
    state, names = play(state, 12, Action("right.z", -0.05))
    assert "BleedingBegan" in names
    assert state.world.hole.cause == "blade"
    assert value(state, "bleeding_ml_s") > 0.0


def test_an_edge_beside_the_artery_meets_the_nerve_or_the_vein() -> None:
    nerve = exercise().block.tubes["nerve"].points[HOLE] / MM
    state = at(start(), "right", "scalpel", nerve[0], nerve[1] - 0.5, nerve[2] + 2.0)
    _, names = play(state, 6, Action("right.z", -0.05))
    assert "NerveInjured" in names


def test_a_retractor_that_is_pulled_feels_more_the_farther_it_goes_and_opens_the_wound() -> None:
    state = at(opened(area=0.0), "left", "retractor", 4.0, -9.0, 0.0)
    felt = []
    for _ in range(3):
        state, _ = play(state, 10, Action("left.x", 0.03))
        felt.append(value(state, "left_force_n"))
    assert 0.0 < felt[0] < felt[1] < felt[2]
    state, names = play(state, 1, Action("left.x", 0.0), Action("left.leave"))
    assert "RetractorPlaced" in names
    assert state.world.left.tool == ""
    settled, _ = play(state, 5)
    assert value(settled, "tissue_force_n") > 0.5 * felt[2], "it goes on holding"


def test_no_blood_is_made_and_none_vanishes_while_it_is_sucked() -> None:
    state = at(opened(), "right", "suction", 1.0, -14.0, 8.0, close=1.0)
    state, _ = play(state, 150)
    blood = state.world.blood
    assert blood.suction_ml > 0.5
    whole = blood.pool_ml + blood.suction_ml + blood.swabs_ml + blood.drained_ml
    assert whole == pytest.approx(blood.lost_ml, abs=1e-9)
    swabbed, _ = play(at(state, "left", "swab", 0.0, -16.0, -12.0), 60)
    assert swabbed.world.blood.swabs_ml > 0.0
    assert swabbed.world.blood.swabs_ml <= law.SWAB_ML


def test_the_flow_out_of_the_hole_is_that_of_the_closed_form() -> None:
    state, _ = play(opened(), 3)
    it, hole = exercise(), state.world.hole
    tube, step = it.bed.tubes["artery"], it.bed.step
    ends = [law.resistance(state.world.open[s], tube.radii[s], step[s]) for s in (np.s_[: HOLE + 1], np.s_[HOLE:])]
    way = law.Way(
        law.START_PRESSURE, law.BACK_PRESSURE * law.START_PRESSURE, law.SUPPLY + ends[0], law.BACK_SUPPLY + ends[1]
    )
    assert value(state, "bleeding_ml_s") == pytest.approx(law.outflow(way, hole.area, 0.0)[0] * 1e6, rel=1e-6)


def test_a_finger_on_the_bleeding_feels_the_artery_and_stops_it() -> None:
    x, y, z = exercise().block.tubes["artery"].points[HOLE] / MM
    state = at(opened(), "left", "finger", x, y + 3.4, z)
    free, _ = play(state, 2)
    assert value(free, "bleeding_ml_s") > 1.0
    pressed, names = play(free, 110, Action("left.y", -0.004))
    pressed, more = play(pressed, 60, Action("left.y", 0.0))
    assert "PressureApplied" in names + more
    assert value(pressed, "bleeding_ml_s") < 0.3 * value(free, "bleeding_ml_s")
    assert value(pressed, "left_force_n") > 0.2
    assert value(pressed, "squeeze_force_n") > 0.1


def test_the_force_on_a_finger_follows_the_tube_law() -> None:
    it, state = exercise(), opened().world
    tube, k = it.bed.tubes["artery"], HOLE
    r = float(tube.radii[k])
    middle = tube.points[k] + np.array([0.0, r - 0.4 * r + FINGER, 0.0])
    found = it.bed.squeeze(state.tissue.position, state.tissue.alive, (Press(middle, FINGER, 0),), 12e3)
    assert found.hand[k] == 0
    assert found.height[k] == pytest.approx(0.8, abs=0.02)
    assert found.force[k] == pytest.approx(12e3 * np.pi * r * (1.0 - found.height[k]) * it.bed.step[k])
    assert found.force[k - 6] == 0.0


def test_the_eye_has_cameras_draws_in_colour_and_changes_nothing() -> None:
    state = opened()
    eye, before = OpenEye(exercise(), 64), session().digest(state)
    assert len(eye.cameras) >= 2
    pictures = []
    for name in eye.cameras:
        eye.camera = name
        pictures.append(eye.look(state.world, state.tick))
    assert all(picture.shape == (64, 64, 3) for picture in pictures)
    assert not np.array_equal(pictures[0], pictures[1])
    assert session().digest(state) == before


def test_an_observer_sees_skin_first_and_the_artery_in_an_open_wound_until_blood_hides_it() -> None:
    closed = EXERCISE.observe(exercise(), start().world, 0, Streams(1))
    assert len(closed.seen["skin"]) > 1000
    assert len(closed.seen["artery"]) == 0
    state, _ = play(opened(area=0.0), 20)
    seen = EXERCISE.observe(exercise(), state.world, state.tick, Streams(1))
    assert len(seen.seen["artery"]) > 20
    assert np.abs(seen.seen["artery"][:, 0]).max() < 6.0
    assert seen.bleeding == "none"
    bled, _ = play(opened(), 200)
    late = EXERCISE.observe(exercise(), bled.world, bled.tick, Streams(1))
    assert late.bleeding == "brisk"
    assert len(late.seen["artery"]) < 0.3 * len(seen.seen["artery"])


def test_the_artery_begins_to_bleed_by_itself_after_it_was_found_and_the_seed_says_where() -> None:
    holes = []
    for seed in (1, 2, 1):
        state, names = play(opened(area=0.0), 440, seed=seed)
        assert "VesselFound" in names
        assert "BleedingBegan" in names
        holes.append(state.world.hole)
    assert holes[0] == holes[2]
    assert holes[0] != holes[1]

"""The exercise on a built-in patient, a few simulated seconds at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simtrainer.core.action import Action
from simtrainer.core.resource import resource_path
from simtrainer.core.session import NoCurriculum, Session, SessionState
from simtrainer.core.stream import Streams
from simtrainer.curriculum.course import check_course
from simtrainer.procedures import procedures
from simtrainer.procedures.selective_catheterisation.catalogue import SIGNALS
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE, SelectiveCatheterisation
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import Exercise

State = SessionState[TableState, None]
AT = {signal.name: k for k, signal in enumerate(SIGNALS)}


@cache
def exercise() -> Exercise:
    world = SelectiveCatheterisation().world("adult_male_type1")
    assert isinstance(world, Exercise)
    return world


@cache
def session(seed: int = 1) -> Session[TableState, None]:
    return Session(exercise(), NoCurriculum(), seed)


def play(state: State, ticks: int, *actions: Action, seed: int = 1) -> tuple[State, list[str]]:
    names: list[str] = []
    for tick in range(ticks):
        step = session(seed).step(state, actions if tick == 0 else ())
        state = step.state
        names += [event.name for event in step.events]
    return state, names


@cache
def with_wire() -> tuple[State, tuple[str, ...]]:
    state, names = play(session().start(), 200, Action("wire.load", "j_wire"), Action("wire.push", 0.08))
    return state, tuple(names)


def test_the_procedure_is_found_by_its_name() -> None:
    assert procedures.get("selective_catheterisation") is EXERCISE


def test_every_name_in_the_shipped_course_resolves() -> None:
    checked = check_course(resource_path("curricula") / "selective_left_carotid.yaml", EXERCISE.vocabulary)
    assert [problem.text() for problem in checked.problems if problem.is_error] == []


def test_a_wire_goes_from_the_groin_up_into_the_aorta() -> None:
    state, names = with_wire()
    assert names[0] == "DeviceLoaded"
    assert state.snapshot.words["wire_vessel"] == "right_common_iliac"
    assert abs(state.snapshot.signals[AT["wire_in_mm"]] - 160.0) < 1e-6
    assert "DeviceEscaped" not in names


def test_a_wire_that_nobody_sees_is_told_of() -> None:
    assert "WireTipLeftImage" in with_wire()[1]


def test_the_wire_stays_in_the_lumen() -> None:
    state, _ = with_wire()
    curve = state.snapshot.curves["wire"]
    clearance, _, known = exercise().package.field.sample(curve)
    assert known.all()
    assert float(clearance.min()) > -0.2e-3


def test_the_same_seed_and_actions_give_the_same_state() -> None:
    once, _ = play(session().start(), 30, Action("wire.load", "j_wire"), Action("wire.push", 0.1))
    again, _ = play(session().start(), 30, Action("wire.load", "j_wire"), Action("wire.push", 0.1))
    assert session().digest(once) == session().digest(again)


def test_a_second_wire_does_not_go_in() -> None:
    state, _ = with_wire()
    state, names = play(state, 1, Action("wire.load", "hydrophilic_wire"))
    assert state.snapshot.words["wire"] == "j_wire"
    assert "DeviceLoaded" not in names


def test_drawing_the_wire_out_removes_it() -> None:
    state, _ = with_wire()
    state, names = play(state, 180, Action("wire.push", -0.12))
    assert names[-2:] == ["DeviceRemoved", "WireWithdrawn"]
    assert state.snapshot.words["wire"] == ""


def test_no_syringe_works_without_a_catheter() -> None:
    state, names = play(session().start(), 60, Action("syringe.contrast", 5.0))
    assert state.snapshot.signals[AT["contrast_ml"]] == 0.0
    assert names == []


def test_dose_is_counted_only_under_the_beam() -> None:
    dark, _ = play(session().start(), 20)
    lit, _ = play(session().start(), 20, Action("beam.mode", "fluoro"))
    assert dark.snapshot.signals[AT["dose_gy_cm2"]] == 0.0
    assert lit.snapshot.signals[AT["dose_gy_cm2"]] > 0.0
    assert lit.snapshot.signals[AT["fluoroscopy_s"]] == pytest.approx(0.2)


def test_drawing_pictures_changes_nothing() -> None:
    plain, _ = play(session().start(), 20, Action("beam.mode", "fluoro"))
    state, eye = session().start(), EXERCISE.eye(exercise(), Streams(1))
    for tick in range(20):
        state = session().step(state, (Action("beam.mode", "fluoro"),) if tick == 0 else ()).state
        picture = eye.look(state.world, state.tick)
    assert session().digest(state) == session().digest(plain)
    assert picture.shape == (512, 512)
    assert int(picture.max()) - int(picture.min()) > 60


def test_an_eye_that_missed_the_injection_keeps_no_roadmap_and_goes_on() -> None:
    state = session().start().world
    eye = EXERCISE.eye(exercise(), Streams(1))
    kept = replace(state, record=replace(state.record, roadmaps=1), hands=replace(state.hands, beam="roadmap"))
    assert eye.look(kept, 1).shape == (512, 512)


def test_an_observer_sees_nothing_with_the_beam_off() -> None:
    state, _ = with_wire()
    seen = EXERCISE.observe(exercise(), state.world, state.tick, Streams(1))
    assert seen.wire_pixels.shape == (0, 2)
    assert seen.vessels == ()
    assert seen.bones == ()


def test_no_vessel_is_seen_without_contrast() -> None:
    state, _ = with_wire()
    state, _ = play(state, 1, Action("beam.mode", "fluoro"), Action("wire.push", 0.0))
    seen = EXERCISE.observe(exercise(), state.world, state.tick, Streams(1))
    assert seen.vessels == ()


def test_compressing_a_groin_without_devices_ends_in_haemostasis() -> None:
    _, names = play(session().start(), 1002, Action("groin.press", 1.0))
    assert names == ["HaemostasisAchieved"]


def test_signals_are_finite_and_each_is_declared_once() -> None:
    state, _ = with_wire()
    assert len(set(AT)) == len(SIGNALS) == len(state.snapshot.signals)
    assert np.isfinite(state.snapshot.signals).all()

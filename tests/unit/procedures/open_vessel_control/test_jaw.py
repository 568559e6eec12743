"""Clamps and ligatures: what they close, and what a clamp that misses changes."""

from __future__ import annotations

import pytest

from simtrainer.core.action import Action
from simtrainer.procedures.open_vessel_control.bed import Bed
from tests.unit.procedures.open_vessel_control.wound import HOLE, MM, State, at, exercise, opened, play, value


def set_clamp(state: State, station: int, *, beside: float = 0.0, tool: str = "clamp") -> tuple[State, list[str]]:
    x, y, z = exercise().block.tubes["artery"].points[station] / MM
    state = at(state, "right", tool, x + beside, y - 2.0, z)
    return play(state, 3, Action("right.close", 1.0))


def test_a_clamp_about_the_freed_artery_closes_it_before_or_beyond_the_hole() -> None:
    state, _ = play(opened(), 2)
    before, names = set_clamp(state, HOLE - 5)
    assert value(before, "proximal_closed") == 1.0
    assert "ProximalControlled" in names
    assert 0.0 < value(before, "bleeding_ml_s") < value(state, "bleeding_ml_s"), "the distal stump bleeds back"
    assert value(before, "backflow_ml_s") == pytest.approx(value(before, "bleeding_ml_s"))
    kept, _ = play(before, 2, Action("right.leave"))
    both, names = set_clamp(kept, HOLE + 5)
    assert "DistalControlled" in names
    assert value(both, "bleeding_ml_s") == 0.0
    _, later = play(both, 205)
    assert "BleedingStopped" in later


def test_a_clamp_that_misses_the_artery_changes_nothing_of_the_flow() -> None:
    state, _ = play(opened(), 2)
    missed, names = set_clamp(state, HOLE - 5, beside=12.0)
    plain, _ = play(state, 4)
    assert "ClampApplied" in names
    assert missed.world.right.grip == "tissue"
    assert value(missed, "proximal_closed") == 0.0
    assert value(missed, "bleeding_ml_s") == value(plain, "bleeding_ml_s")


def test_an_artery_that_was_not_freed_cannot_be_encircled() -> None:
    state, _ = set_clamp(opened(beside=False), HOLE - 5)
    assert state.world.right.grip == "tissue"
    assert value(state, "proximal_closed") == 0.0


def test_a_clamp_in_a_pool_of_blood_is_blind_and_one_in_a_dry_wound_is_not() -> None:
    dry, names = set_clamp(opened(), HOLE - 5)
    assert dry.snapshot.words["clamp_seen"] == "yes"
    assert "BlindClamp" not in names
    flooded, _ = play(opened(), 250)
    _, names = set_clamp(flooded, HOLE - 5)
    assert "BlindClamp" in names


def test_jaws_on_the_nerve_hurt_it() -> None:
    nerve = exercise().block.tubes["nerve"].points[HOLE] / MM
    state = at(opened(), "right", "clamp", nerve[0], nerve[1] - 2.0, nerve[2])
    _, names = play(state, 2, Action("right.close", 1.0))
    assert "NerveInjured" in names


def test_a_ligature_sits_once_its_knot_was_held() -> None:
    state, names = set_clamp(opened(), HOLE - 5, tool="tie")
    assert "VesselLigated" not in names
    state, names = play(state, 160)
    assert names.count("VesselLigated") == 1
    assert state.world.placed[-1].kind == "tie"
    assert state.world.right.tool == ""
    assert value(state, "proximal_closed") == 1.0


def test_a_clamp_that_is_opened_again_lets_the_blood_through() -> None:
    state, _ = set_clamp(opened(), HOLE - 5)
    state, _ = play(state, 2, Action("right.close", 0.0))
    assert value(state, "proximal_closed") == 0.0
    assert state.world.right.grip == ""


def test_a_third_clamp_is_not_there() -> None:
    state = opened()
    for number, station in enumerate((HOLE - 6, HOLE + 6)):
        state, _ = set_clamp(state, station)
        state, _ = play(state, 1, Action("right.leave"))
        assert len(state.world.placed) == number + 1
    state, _ = play(state, 1, Action("right.take", "clamp"))
    assert state.world.right.tool == ""


def test_a_point_with_living_tissue_beside_it_is_not_free() -> None:
    bed: Bed = exercise().bed
    assert bed.free(opened().world.tissue.alive)[HOLE]
    assert not bed.free(opened(beside=False).world.tissue.alive).any()

"""The study of engagement: what counts as a reverse curve, how it is laid, what is counted; and a small run of it."""

from __future__ import annotations

import numpy as np
import pytest

from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.studies.bench.patient import package
from simtrainer.studies.engagement.batch import ARCHES, CATHETERS, trials
from simtrainer.studies.engagement.count import row, share
from simtrainer.studies.engagement.hand import hand_of
from simtrainer.studies.engagement.lie import LIMB, bend_of, reversed_way, straight_way
from simtrainer.studies.engagement.trial import Outcome, Trial, attempt
from simtrainer.studies.engagement.work import ASIDE, DEEP, DT, REACH, STAYS, TARGET, TWIST, Work

PATIENT = "older_female_type3"


@pytest.mark.parametrize(("name", "doubled"), [("simmons", True), ("berenstein", False), ("jr4", False)])
def test_a_reverse_curve_is_known_by_its_shape_alone(name: str, doubled: bool) -> None:
    assert bend_of(instruments.get(name).profile()).reversed is doubled


def test_the_knee_of_the_simmons_lies_between_its_limb_and_its_shaft() -> None:
    tip, curve, limb, knee, *_ = (section.length_mm for section in instruments.get("simmons").sections)
    bend = bend_of(instruments.get("simmons").profile())
    assert bend.knee == pytest.approx((tip + curve + limb + 0.5 * knee) * MM, abs=0.5 * MM)
    assert np.degrees(bend.range) == pytest.approx(210.0, abs=0.5)


def test_the_limb_of_the_simmons_runs_back_along_its_shaft_and_its_tip_turns_away() -> None:
    turns = [section.turn_deg for section in instruments.get("simmons").sections]
    assert sum(turns[2:]) == pytest.approx(180.0)
    assert turns[1] * turns[3] < 0.0


@pytest.mark.parametrize("plane", [0.0, 2.0])
@pytest.mark.parametrize("patient", [name for group in ARCHES.values() for name in group])
def test_a_reverse_curve_is_laid_up_the_aorta_and_back_within_its_lumen(patient: str, plane: float) -> None:
    one = package(patient)
    way, bend = reversed_way(one.tree, 10.0 * MM, plane)
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    arc = np.concatenate(([0.0], np.cumsum(steps)))
    chest = np.flatnonzero(np.abs(arc - bend) < 60.0 * MM)
    assert arc[chest[np.argmin(way[chest, 2])]] == pytest.approx(bend, abs=10.0 * MM)
    assert arc[-1] - bend > 0.9 * LIMB
    assert steps.max() < 5.0 * MM
    clearance, _, known = one.field.sample(way[arc > 0.12])
    assert known.all()
    assert clearance.min() > 0.0


def test_a_simple_curve_is_laid_as_deep_as_the_hand_says() -> None:
    tree = package(PATIENT).tree
    way, shallow = straight_way(tree, 20.0 * MM)
    _, deep = straight_way(tree, 5.0 * MM)
    assert deep - shallow == pytest.approx(15.0 * MM)
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).sum() == pytest.approx(deep + 5.0 * MM)


def test_a_hand_belongs_to_its_seed_whatever_it_holds() -> None:
    assert hand_of(3) == hand_of(3)
    assert len({hand_of(seed).start for seed in range(20)}) == 20
    assert {hand_of(seed).side for seed in range(20)} == {1.0, -1.0}


def test_every_hand_tries_every_catheter_in_every_patient_once() -> None:
    wanted = trials(range(1, 5), [name for group in ARCHES.values() for name in group])
    assert len(wanted) == len(set(wanted)) == 4 * len(CATHETERS) * sum(len(group) for group in ARCHES.values())
    assert {trial.seed for trial in wanted[:10]} == {1}


def test_the_interval_of_a_share_is_wilsons() -> None:
    # both by the score method in Newcombe, Stat Med 1998;17:857-872, table I
    for count, of, low, high in ((15, 148, 0.0624, 0.1605), (81, 263, 0.2553, 0.3662)):
        found = share(count, of)
        assert np.allclose((found.low, found.high), (low, high), atol=1e-4)
    assert (share(0, 20).low, share(20, 20).high) == (0.0, 1.0)
    assert share(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)


def test_a_row_counts_its_own_catheter_and_patients() -> None:
    missed = Outcome(False, False, False, 45.0, 0.0, ("brachiocephalic_trunk",))
    done = [
        (Trial("simmons", "a", 1), Outcome(True, True, False, 9.0, 0.018, ())),
        (Trial("simmons", "b", 1), Outcome(True, True, True, 7.0, 0.018, ())),
        (Trial("simmons", "a", 2), missed),
        (Trial("simmons", "c", 1), missed),
        (Trial("berenstein", "a", 1), missed),
    ]
    found = row("simmons", ("a", "b"), done)
    assert [(one.count, one.of) for one in (found.engaged, found.wired, found.held)] == [(2, 3), (2, 3), (1, 3)]
    assert found.seconds == 9.0
    assert row("berenstein", ("a",), done).seconds is None


def test_a_re_formed_simmons_begins_with_its_tip_above_its_knee_and_is_drawn_until_a_branch_holds_it() -> None:
    work = Work(PATIENT, "simmons", hand_of(1))
    begun = work.ahead()
    curve = work._curve(1)
    assert work.reversed
    assert curve[-1, 2] > curve[-40:, 2].min() + 20.0 * MM
    work.move(1, -10.0 * MM, 20.0 * MM)
    assert work.ahead() < begun - 0.5 * MM
    assert work.in_target()
    assert work.ticks == 25


def test_a_tip_in_another_branch_is_turned_aside() -> None:
    work = Work("adult_male_type1", "berenstein", hand_of(1))
    while not work.strays() and work.ahead() > 0.0:
        work.move(1, -work.hand.step, work.hand.draw, work.strays)
        if work.ahead() < 2.0 * REACH:
            work.turn(2.0 * np.pi, work.strays)
    assert work.lies_in() == "brachiocephalic_trunk"
    work.strayed.append(work.lies_in())
    before = float(work._state.shape.hub[1])
    work.leave()
    turned = abs(float(work._state.shape.hub[1]) - before)
    assert turned == pytest.approx(ASIDE + work.hand.search, abs=2.0 * TWIST * DT)


@pytest.mark.slow
def test_the_blind_hand_engages_an_easy_arch_with_a_simple_curve() -> None:
    """The control of the comparison: where any catheter should do."""
    done = [attempt(Trial("berenstein", "adult_male_type1", seed)) for seed in (1, 2, 3)]
    assert sum(one.engaged for one in done) >= 2


def test_engaged_is_who_stays_in_the_target() -> None:
    work = Work(PATIENT, "berenstein", hand_of(1))
    work.wait(STAYS)
    assert work.lies_in() == "ascending_aorta"
    assert not work.seated()
    work.inside = STAYS
    assert work.seated()
    assert (DEEP, TARGET) == (3.0 * MM, "left_common_carotid")


@pytest.mark.slow
def test_equal_trials_have_equal_outcomes() -> None:
    trial = Trial("simmons", PATIENT, 1)
    assert attempt(trial) == attempt(trial)

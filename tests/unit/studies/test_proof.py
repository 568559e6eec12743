"""What a proof runs, how it judges, and what makes it stale; played within this process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from simtrainer.core import source
from simtrainer.core.attempt import SUFFIX, AttemptWriter
from simtrainer.core.error import InputError
from simtrainer.core.header import Mode
from simtrainer.core.session import Session
from simtrainer.curriculum.live import LiveCourse
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE
from simtrainer.studies.proof import make as making
from simtrainer.studies.proof.batch import Took
from simtrainer.studies.proof.document import Proof, read_proof
from simtrainer.studies.proof.make import Task, faults, make, replay, samples
from simtrainer.studies.proof.plan import Expected, Novelty, Run, plan_of
from simtrainer.studies.proof.stamp import stamp_of
from simtrainer.studies.proof.trial import Ended, Exam, play
from tests.unit.studies.toy import PATIENTS, Deeds, Room, Toy, patient_folders, toy_course, toy_task


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def perform(exam: Exam, runs: Sequence[Run], *, took: Took, **_: object) -> None:
        for run in runs:
            took(run, play(exam, run), True)

    monkeypatch.setattr(making, "perform", perform)


def silent(*_: object) -> None:
    """Hear nothing."""


def made(task: Task) -> Proof:
    return make(task, jobs=1, heard=silent)


def run_of(task: Task, **wanted: object) -> Run:
    return next(run for run in task.plan.runs if all(getattr(run, key) == value for key, value in wanted.items()))


def test_a_plan_holds_twenty_seeds_of_expert_and_novice_and_every_patient_for_the_expert(tmp_path: Path) -> None:
    plan = toy_task(tmp_path).plan
    expert = [run for run in plan.runs if run.who == "expert"]
    assert {run.seed for run in expert if run.patient == "bert"} == set(range(1, 21))
    for patient in ("anna", "carl"):
        assert len([run for run in expert if run.patient == patient]) >= 2
    assert len({run.seed for run in plan.runs if run.hand == "novice"}) == 20
    for hand in ("slow_and_safe", "fast_and_reckless"):
        assert len({run.seed for run in plan.runs if run.hand == hand}) >= 5
    assert len(set(plan.runs)) == len(plan.runs)


def test_patients_and_seeds_that_the_bots_were_not_written_on_are_told_apart(tmp_path: Path) -> None:
    for run in toy_task(tmp_path).plan.runs:
        if run.patient != "bert":
            assert run.novelty is Novelty.PATIENT
        else:
            assert run.novelty is (Novelty.NONE if run.seed in (1, 2) else Novelty.SEED)


def test_an_expert_leaves_out_every_critical_step_and_no_other(tmp_path: Path) -> None:
    left_out = [run for run in toy_task(tmp_path).plan.runs if run.leave_out]
    assert [run.leave_out for run in left_out] == ["wash", "close"]
    assert {(run.hand, run.expected) for run in left_out} == {("expert", Expected.FAILS_THERE)}


def test_what_cannot_be_proved_is_a_gap_and_the_proof_does_not_hold(tmp_path: Path) -> None:
    task = toy_task(tmp_path, Toy(steps_left_out=("wash",), bots=("expert", "novice", "slow_and_safe")))
    proof = made(task)
    assert proof.gaps == (
        "the procedure has no bot called 'fast_and_reckless'",
        "no bot can leave out the critical step 'close'",
    )
    assert all(row.verdict.as_expected for row in proof.rows)
    assert not proof.holds
    assert faults(task, proof) == proof.gaps


def test_a_course_for_other_patients_cannot_be_proved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no built-in patient"):
        plan_of(toy_course(tmp_path), Toy(), ())


def test_every_shipped_course_can_be_planned_within_the_hour_that_a_proof_may_take(carotid_plan_runs: int) -> None:
    assert 60 <= carotid_plan_runs <= 80  # of 40 to 60 s of one processor each, on two


@pytest.fixture
def carotid_plan_runs() -> int:
    from simtrainer.ui.case import open_course  # noqa: PLC0415  # only here
    from simtrainer.ui.shipped import patient_folders  # noqa: PLC0415

    plan = plan_of(open_course("selective_left_carotid"), EXERCISE, tuple(patient_folders()))
    assert plan.gaps == ()
    assert {run.patient for run in plan.runs if run.hand == "expert"} == set(patient_folders())
    return len(plan.runs)


def test_a_proof_of_a_sound_course_holds_and_can_be_read_again(tmp_path: Path) -> None:
    task = toy_task(tmp_path)
    proof = made(task)
    assert proof.holds
    assert read_proof(task.path) == proof
    assert faults(task, proof) == ()
    assert not list(tmp_path.glob("*.jsonl"))
    assert "software test" in proof.statement
    assert "no evidence of validity" in proof.statement
    assert sum(row.runs for row in proof.table) == len(task.plan.runs)


def test_the_table_has_passes_and_scores_by_hand_and_patient(tmp_path: Path) -> None:
    proof = made(toy_task(tmp_path, Toy(clumsy_seed=7)))
    row = next(row for row in proof.table if (row.hand, row.patient, row.novelty) == ("expert", "bert", Novelty.SEED))
    assert (row.runs, row.passed, row.as_expected) == (18, 17, 17)
    assert row.score_min == pytest.approx(0.8)  # everything done, and 20 points lost for the spill
    assert row.score_median == 1.0
    assert not proof.holds


def test_a_step_left_out_must_be_where_it_fails(tmp_path: Path) -> None:
    task = toy_task(tmp_path)
    rows = {row.run.leave_out: row for row in made(task).rows if row.run.leave_out}
    assert rows["close"].outcome.critical_failures == ("close",)
    assert rows["close"].verdict.as_expected
    assert rows["close"].verdict.consequences == ()


def test_a_declared_consequence_is_reported_and_an_undeclared_one_is_a_fault(tmp_path: Path) -> None:
    run = run_of(toy_task(tmp_path), leave_out="wash")
    for toy, fine in ((Toy(), True), (Toy(consequences=()), False)):
        task = toy_task(tmp_path, toy)
        row = task.row(run, play(task.exam, run))
        assert set(row.outcome.critical_failures) == {"wash", "spill"}
        assert row.verdict.as_expected is fine
        assert row.verdict.consequences == (("spill",) if fine else ())
        assert "spill" in row.verdict.says


def test_a_stuck_hand_is_stopped_and_is_never_as_expected(tmp_path: Path) -> None:
    task = toy_task(tmp_path, Toy(stuck="novice"))
    run = run_of(task, hand="novice")
    outcome = play(task.exam, run)
    assert (outcome.ended, outcome.ticks) == (Ended.TIME_LIMIT, 100)
    assert not outcome.passed
    row = task.row(run, outcome)
    assert not row.verdict.as_expected
    assert "time limit" in row.verdict.says


def test_an_error_made_on_purpose_is_an_outcome_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = toy_task(tmp_path)
    monkeypatch.setattr(Deeds, "act", lambda self, seen: (_ for _ in ()).throw(InputError("no hands")))
    outcome = play(task.exam, task.plan.runs[0])
    assert outcome.ended is Ended.ERROR
    assert outcome.error == "InputError: no hands"
    assert "broke off" in task.row(task.plan.runs[0], outcome).verdict.says


def test_the_digest_of_a_run_is_that_of_an_assessed_attempt_of_the_same_seed(tmp_path: Path) -> None:
    task = toy_task(tmp_path)
    run = run_of(task, hand="slow_and_safe", patient="anna")
    world, toy = Room(draught=float(PATIENTS.index("anna"))), Toy()
    names = tuple(signal.name for signal in world.signals)
    session = Session(world, LiveCourse(task.exam.course, names, 100, mode=Mode.ASSESSED), run.seed)
    state, bot = session.start(), toy.bot(run.hand, run.seed)
    with AttemptWriter(tmp_path / f"a{SUFFIX}", session, start=state) as writer:
        while not bot.done:
            actions = bot.act(None)
            if bot.done:
                break
            step = session.step(state, actions)
            writer.write(step)
            state = step.state
        digest = writer.close({})
    assert play(task.exam, run).digest == digest
    assert play(task.exam, run.model_copy(update={"seed": run.seed + 1})).digest != digest


def test_a_proof_is_stale_when_code_course_data_or_plan_changed_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = toy_task(tmp_path)
    proof = made(task)
    course, folders = task.exam.course, patient_folders(tmp_path)

    def told(stamp_task: Task) -> str:
        (fault,) = faults(stamp_task, proof)
        assert "stale" in fault
        return fault

    assert "plan" not in told(replace(task, stamp=task.stamp.model_copy(update={"code": "0" * 16})))
    with monkeypatch.context() as patch:
        patch.setattr(source, "source_hash", lambda _: "1" * 16)
        assert "code" in told(replace(task, stamp=stamp_of(course, task.exam.exercise, task.plan, folders)))
    (folders["carl"] / "manifest.yaml").write_text("name: carla\n", encoding="utf-8")
    assert "patients" in told(replace(task, stamp=stamp_of(course, task.exam.exercise, task.plan, folders)))
    other = course.path.read_text(encoding="utf-8").replace("points: 20", "points: 19")
    course.path.write_text(other, encoding="utf-8")
    again = toy_task(tmp_path, Toy(bots=("expert", "novice", "slow_and_safe")))
    assert "what the proof has to run" in told(again)


def test_a_comment_in_the_course_does_not_make_its_proof_stale(tmp_path: Path) -> None:
    task = toy_task(tmp_path)
    proof = made(task)
    course = task.exam.course
    course.path.write_text(course.path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    assert faults(task, proof) == ()


def test_a_proof_that_was_changed_by_hand_is_refused_or_found(tmp_path: Path) -> None:
    task = toy_task(tmp_path, Toy(clumsy_seed=7))
    made(task)
    text = task.path.read_text(encoding="utf-8")
    task.path.write_text(text.replace('"holds": false', '"holds": true'), encoding="utf-8")
    with pytest.raises(InputError, match="changed after it was written"):
        read_proof(task.path)
    data = json.loads(text)
    for row in data["rows"]:
        row["verdict"]["as_expected"] = True
    for row in data["table"]:
        row["as_expected"] = row["runs"]
    data["holds"] = True
    task.path.write_text(json.dumps(data), encoding="utf-8")
    assert "changed after it was written" in faults(task, read_proof(task.path))[0]
    task.path.write_text(text[:-20], encoding="utf-8")
    with pytest.raises(InputError, match="is no proof of a course"):
        read_proof(task.path)


def test_a_quick_check_plays_one_expert_and_one_novice_and_finds_them_as_they_were(tmp_path: Path) -> None:
    task = toy_task(tmp_path)
    again = replay(task, made(task), jobs=1, heard=silent)
    assert [one.row.run.hand for one in again] == ["expert", "novice"]
    assert [one.differences for one in again] == [(), ()]


def forged(task: Task, hand: str, machine: str = "", **outcome: object) -> Proof:
    proof = made(task)
    wanted = next(run for run in samples(task.plan) if run.hand == hand)
    rows = tuple(
        row.model_copy(update={"outcome": row.outcome.model_copy(update=outcome)}) if row.run == wanted else row
        for row in proof.rows
    )
    made_on = proof.made_on.model_copy(update={"machine": machine}) if machine else proof.made_on
    return proof.model_copy(update={"rows": rows, "made_on": made_on})


def test_a_wrong_digest_is_noticed_on_the_machine_that_made_it_and_not_compared_elsewhere(tmp_path: Path) -> None:
    task = toy_task(tmp_path)
    expert, novice = replay(task, forged(task, "novice", digest="0" * 64), jobs=1, heard=silent)
    assert expert.differences == ()
    assert novice.differences[0].startswith("digest: the proof has 0000")
    _, elsewhere = replay(task, forged(task, "novice", machine="linux-vax", digest="0" * 64), jobs=1, heard=silent)
    assert elsewhere.differences == ()


@pytest.mark.parametrize(("machine", "score", "found"), [("", 0.999, 1), ("vax", 0.999, 0), ("vax", 0.9, 1)])
def test_a_score_may_differ_a_little_on_another_machine_only(
    tmp_path: Path, machine: str, score: float, found: int
) -> None:
    task = toy_task(tmp_path)
    expert, _ = replay(task, forged(task, "expert", machine=machine, score=score), jobs=1, heard=silent)
    assert len([text for text in expert.differences if text.startswith("simulator score")]) == found


def test_without_a_proof_to_go_by_the_replays_must_still_end_as_expected(tmp_path: Path) -> None:
    task = toy_task(tmp_path, Toy(clumsy_seed=1))
    expert, novice = replay(task, None, jobs=1, heard=silent)
    assert expert.differences == ("passes was expected; it did not pass, failed at spill",)
    assert novice.differences == ()

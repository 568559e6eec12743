"""Records keep what was, beside each other, for several processes at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest

from simtrainer.core.error import InputError
from simtrainer.records.entry import Familiarity, SelfRating
from simtrainer.records.store import RecordStore, maker, moment
from tests.unit.records.conftest import Scored

ME = "teal-otter-07"


def test_what_was_added_is_found_again(place: str, scored: Scored) -> None:
    rating = SelfRating(70, True, "the äußere arch")
    with RecordStore(place) as store:
        added = store.add(scored.attempt, scored.score, rating)
    with RecordStore(place) as store:
        (entry,) = store.history(ME)
        assert store.trainees() == (ME,)
    assert entry == added
    assert entry.self_rating == rating
    assert (entry.seed, entry.ticks, entry.tick_hz) == (2**64 - 1, scored.attempt.ticks, 50)
    assert (entry.patient, entry.difficulty, entry.device) == ("adult_male_type1", "easy", "mouse")
    assert entry.score.score == scored.score.score
    assert entry.score.parts == scored.score.parts
    assert entry.score.metrics == scored.score.metrics
    assert entry.score.critical_failures == scored.score.critical_failures


def test_adding_twice_changes_nothing(place: str, scored: Scored) -> None:
    with RecordStore(place) as store:
        first = store.add(scored.attempt, scored.score, SelfRating(70, True))
        again = store.add(scored.attempt, scored.score, SelfRating(10, False))
        assert again == first
        assert len(store.history(ME)) == 1
        assert len(store.scores(scored.attempt.digest)) == 1


def test_a_new_rubric_gives_a_new_score_beside_the_old_one(place: str, scored: Scored) -> None:
    newer = replace(scored.score, course_hash="f" * 16, version="2.0.0", score=0.5)
    with RecordStore(place) as store:
        store.add(scored.attempt, scored.score)
        store.add(scored.attempt, newer)
        kept = store.scores(scored.attempt.digest)
        assert [(row.version, row.score) for row in kept] == [("1.0.0", scored.score.score), ("2.0.0", 0.5)]
        (entry,) = store.history(ME)
        assert entry.score.version == "2.0.0"


def test_a_score_names_what_made_it(scored: Scored) -> None:
    made = maker(scored.score)
    assert made == maker(replace(scored.score, score=0.1)), "the result is not among the causes"
    assert made != maker(replace(scored.score, course_hash="x"))
    assert made != maker(replace(scored.score, mode="practice"))
    assert made != maker(replace(scored.score, device="gamepad"))


def test_a_rating_is_kept_where_there_was_none(place: str, scored: Scored) -> None:
    with RecordStore(place) as store:
        store.add(scored.attempt, scored.score)
        store.add(scored.attempt, scored.score, SelfRating(40, False))
        assert store.history(ME)[0].self_rating == SelfRating(40, False)


def test_attempts_are_counted_in_the_order_of_their_time(place: str, scored: Scored) -> None:
    third = scored.by(ME, "2026-11-22T18:00:00+01:00")
    first = scored.by(ME, "2026-11-22T14:30:00+00:00")
    second = scored.by(ME, "2026-11-22T16:00:00+01:00", seed=4)
    with RecordStore(place) as store:
        for one in (third, first, second):
            store.add(one.attempt, one.score)
        assert [entry.started for entry in store.history(ME)] == [
            one.attempt.header.sitting.started for one in (first, second, third)
        ]
        assert store.familiarity(first.attempt) == Familiarity(1, 0, 0)
        assert store.familiarity(second.attempt) == Familiarity(2, 1, 0)
        assert store.familiarity(third.attempt) == Familiarity(3, 2, 1)
        coming = scored.by(ME, "2026-11-23T08:00:00+01:00", patient="older_female_type3")
        assert store.familiarity(coming.attempt) == Familiarity(4, 0, 0)
        assert store.attempt_number(ME, scored.score.course) == 4
        assert store.seen_before(ME, "adult_male_type1", 4)
        assert not store.seen_before(ME, "adult_male_type1", 5)
        assert not store.seen_before("white-tern-01", "adult_male_type1", 4)


def test_history_is_that_of_one_trainee_and_one_course(place: str, scored: Scored) -> None:
    other = scored.by("white-tern-01", "2026-11-22T15:00:00+01:00")
    with RecordStore(place) as store:
        store.add(scored.attempt, scored.score)
        store.add(other.attempt, other.score)
        assert [entry.trainee for entry in store.history("white-tern-01")] == ["white-tern-01"]
        assert store.history(ME, "another_course") == ()
        assert len(store.history(ME, scored.score.course)) == 1


def test_two_trainees_who_do_the_same_are_two_attempts(place: str, scored: Scored) -> None:
    """Nothing done is nothing to tell apart: the digests are equal, the attempts are not."""
    other = scored.by("white-tern-01", scored.attempt.header.sitting.started)
    with RecordStore(place) as store:
        store.add(scored.attempt, scored.score)
        store.add(other.attempt, other.score)
        assert len(store.scores(scored.attempt.digest)) == 2


def _add_many(url: str, scored: Scored, name: str, barrier: object) -> None:
    from simtrainer.records.store import RecordStore  # noqa: PLC0415  # in a process of its own

    barrier.wait(30)  # type: ignore[attr-defined]  # the type of a barrier is private to multiprocessing
    with RecordStore(url) as store:
        for number in range(12):
            one = scored.by(name, f"2026-11-22T15:{number:02d}:00+01:00")
            store.add(one.attempt, one.score)
        store.add(scored.attempt, scored.score)


def test_two_processes_that_add_at_once_both_succeed(place: str, scored: Scored) -> None:
    """From the very beginning: both find no tables, and one attempt is added by both."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    names = ("azure-ibis-11", "coral-wren-12")
    processes = [context.Process(target=_add_many, args=(place, scored, name, barrier)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    with RecordStore(place) as store:
        assert [len(store.history(name)) for name in (*names, ME)] == [12, 12, 1]


def test_a_person_is_not_a_pseudonym(sqlite: str, scored: Scored) -> None:
    with RecordStore(sqlite) as store, pytest.raises(InputError, match="e-mail"):
        store.add(scored.by("jane.doe@clinic.org", "x").attempt, scored.score)


def test_an_attempt_without_a_second_is_not_kept(sqlite: str, scored: Scored) -> None:
    with RecordStore(sqlite) as store, pytest.raises(InputError, match="nothing to keep"):
        store.add(replace(scored.attempt, seconds=()), scored.score)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("records.sqlite", "is no URL of a database"),
        ("", "is no URL of a database"),
        ("mysql://me:secret@host/db", "no records are kept in 'mysql'"),
        ("postgress://host/db", "Did you mean 'postgresql'"),
        ("sqlite://", "names no file"),
        ("sqlite:////proc/nowhere/records.sqlite", "cannot be made"),
        ("postgresql://me:secret@/db?host=/nowhere/at/all", "cannot be used"),
    ],
)
def test_a_place_that_cannot_be_used_is_said_in_one_line(url: str, said: str) -> None:
    with pytest.raises(InputError, match="database ") as caught:
        RecordStore(url)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.write_text("a letter to the editor " * 200, encoding="utf-8")
    with pytest.raises(InputError, match="file is not a database"):
        RecordStore(f"sqlite:///{path}")


def test_a_time_without_a_zone_is_utc_and_no_time_comes_first() -> None:
    times = ["2026-11-22T12:00:00", "2026-11-22T12:30:00+01:00", "", "2026-11-22T13:00:00+00:00"]
    assert sorted(times, key=moment) == [times[2], times[1], times[0], times[3]]

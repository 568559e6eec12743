"""A learning curve joins what may be compared, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.attempt import Attempt
from simtrainer.curriculum.score import Score
from simtrainer.debrief.curve import Curve, learning_curve
from simtrainer.debrief.curve_page import chart, curve_page
from simtrainer.records.entry import Entry, SelfRating, StoredScore
from tests.unit.debrief.test_page import Reader


@pytest.fixture(scope="module")
def entry(attempts: dict[str, Attempt], scores: dict[str, Score]) -> Entry:
    attempt, score = attempts["good"], scores["good"]
    stored = StoredScore(
        made_by="x", course_hash=score.course_hash, edition=score.edition, version=score.version, score=score.score,
        passed=score.passed, cut=score.cut, provisional=score.provisional, unverified=score.unverified,
        reviewed_by=score.reviewed_by, critical_failures=score.critical_failures, parts=score.parts,
        metrics=score.metrics,
    )  # fmt: skip
    return Entry(
        digest=attempt.digest, path="a", trainee="teal-otter-07", course=score.course, patient="adult_male_type1",
        difficulty="easy", procedure="p", fingerprint="f", seed=1, mode="practice", device="mouse", aids=("hints",),
        started="2026-11-22T14:05:00+01:00", ticks=1, tick_hz=50, source="s", cut_off=False, score=stored,
        self_rating=None,
    )  # fmt: skip


def later(entry: Entry, day: int, *, score: float = 0.5, device: str = "mouse", seed: int = 1) -> Entry:
    """Return an attempt on another day; what depends on the device is measured with it."""
    metrics = tuple(replace(m, device=device if m.device else "") for m in entry.score.metrics)
    stored = replace(entry.score, score=score, passed=score >= 0.75, metrics=metrics)
    return replace(entry, started=f"2026-11-{day:02d}T09:00:00+00:00", device=device, seed=seed, score=stored)


def test_attempts_are_numbered_and_marked_as_seen_before(entry: Entry) -> None:
    entries = [entry, later(entry, 23, seed=2), later(entry, 24, seed=1)]
    (curve,) = learning_curve("teal-otter-07", entries).curves
    assert [(point.number, point.seed_seen) for point in curve.points] == [(1, False), (2, False), (3, True)]
    assert curve.series[0].limit == 75.0
    assert [series.id for series in curve.series] == [
        "score", "procedure_time", "peak_force", "fluoroscopy_time", "sparc",
    ]  # fmt: skip


def test_smoothness_is_never_joined_across_devices_and_time_is(entry: Entry) -> None:
    devices = ("mouse", "gamepad", "mouse", "gamepad")
    entries = [later(entry, day, device=device) for day, device in enumerate(devices, start=10)]
    (curve,) = learning_curve("teal-otter-07", entries).curves
    by_id = {series.id: series for series in curve.series}
    assert [(line.device, line.numbers) for line in by_id["sparc"].lines] == [("mouse", (1, 3)), ("gamepad", (2, 4))]
    assert [(line.device, line.numbers) for line in by_id["procedure_time"].lines] == [("", (1, 2, 3, 4))]
    assert "values of different devices are never compared" in curve_page(learning_curve("t", entries))


def test_different_editions_are_not_joined_and_it_is_said(entry: Entry) -> None:
    other = later(entry, 23)
    other = replace(other, score=replace(other.score, course_hash="other", cut=0.8))
    whole = learning_curve("teal-otter-07", [entry, other])
    score = whole.curves[0].series[0]
    assert [line.numbers for line in score.lines] == [(1,), (2,)]
    assert score.limit is None, "there is no one pass mark to draw"
    assert "Not all attempts were scored by the same edition" in curve_page(whole)
    assert "same edition" not in curve_page(learning_curve("teal-otter-07", [entry]))


def test_what_was_not_measured_has_no_point(entry: Entry) -> None:
    metrics = tuple(replace(m, value=None) for m in entry.score.metrics)
    blank = replace(entry, started="2026-11-23", score=replace(entry.score, metrics=metrics))
    (curve,) = learning_curve("teal-otter-07", [entry, blank]).curves
    assert [series.at(2) for series in curve.series[1:]] == [None] * 4
    assert curve.series[1].at(1) == 104.0
    assert curve_page(learning_curve("teal-otter-07", [entry, blank])).count("<figure>") == len(curve.series)
    only_blank = curve_page(learning_curve("teal-otter-07", [blank]))
    assert only_blank.count("<figure>") == 1, "the score alone is drawn"
    assert "Not measured in any of these attempts: Time from start to end" in only_blank


def test_every_attempt_has_a_mark_and_a_row_and_the_page_is_honest(entry: Entry) -> None:
    entries = [later(entry, day, score=day / 30) for day in range(10, 28)]
    entries[3] = replace(entries[3], self_rating=SelfRating(80, True))
    reader = Reader()
    page = curve_page(learning_curve("teal-otter-07", entries))
    reader.feed(page)
    assert not reader.open
    assert reader.unnamed == 0
    assert not reader.sources
    words = " ".join(reader.words)
    assert "18 attempts by teal-otter-07." in words
    assert "transfer to patients not shown" in words
    assert "competen" not in words.lower()
    assert words.count("2026-11-") == 18
    assert words.count("✓") == sum(one.score.passed for one in entries)
    assert "4: own rating 80" in page


def test_only_the_chosen_course_is_drawn_but_patients_of_all_count_as_seen(entry: Entry) -> None:
    other = replace(later(entry, 21), course="another")
    whole = learning_curve("teal-otter-07", [other, later(entry, 23)], course=entry.course)
    assert [curve.course for curve in whole.curves] == [entry.course]
    assert whole.curves[0].points[0].seed_seen


def test_german_and_json(entry: Entry) -> None:
    curve = learning_curve("teal-otter-07", [entry], language="de")
    assert "Lernkurve" in curve_page(curve)
    told = json.loads(json.dumps(curve.to_json(), allow_nan=False))
    assert told["schema_version"] == 1
    assert told["curves"][0]["points"][0]["score"] == pytest.approx(100 * entry.score.score)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30))
def test_any_values_can_be_drawn(values: list[float]) -> None:
    from simtrainer.debrief.curve import CurvePoint, Line, Series  # noqa: PLC0415  # names of this test alone

    points = tuple(
        CurvePoint(
            n, "", 0.0, 75.0, False, True, (), "practice", "mouse", (), "p", "easy", 1, False, "e", "1", "h", "d", "",
            False, None,
        )
        for n in range(1, len(values) + 1)
    )  # fmt: skip
    series = Series("x", "x", "s", (Line("h", "", tuple(range(1, len(values) + 1)), tuple(values)),))
    drawn = chart(Curve("c", points, (series,)), series, "en")
    assert drawn.count("<circle") == len(values)
    assert "nan" not in drawn

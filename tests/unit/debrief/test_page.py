"""The page of a debrief: one file, whole, honest, readable without scripts and without colour vision."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.attempt import Attempt
from simtrainer.core.error import InputError
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.score import Score
from simtrainer.debrief.moment import key_moments
from simtrainer.debrief.page import page
from simtrainer.debrief.report import Debrief, build_debrief
from simtrainer.debrief.style import DARK, LIGHT
from simtrainer.debrief.trace import SceneLine
from simtrainer.debrief.word import _WORDS
from simtrainer.debrief.writer import write_debrief
from simtrainer.records.entry import Familiarity, SelfRating
from tests.unit.debrief.conftest import grey, scored

_VOID = {"meta", "input", "br", "img"}


class Reader(HTMLParser):
    """Reads a page as a browser without scripts does: words, links, pictures, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.sources: list[str] = []
        self.tags: set[str] = set()
        self.unnamed = 0
        self.before_details = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "details" and not self.before_details:
            self.before_details = " ".join(self.words)
        self.tags.add(tag)
        self.sources += [str(given[key]) for key in ("src", "href", "action") if key in given]
        self.unnamed += (tag == "img" and not given.get("alt")) + (tag == "svg" and not given.get("aria-label"))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)


def read(debrief: Debrief) -> Reader:
    reader = Reader()
    reader.feed(page(debrief))
    reader.close()
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def hurried(
    carotid: Course,
    attempts: dict[str, Attempt],
    scores: dict[str, Score],
    vessels: tuple[tuple[SceneLine, ...], NDArray[np.float64]],
) -> Debrief:
    attempt, score = attempts["hurried"], scores["hurried"]
    pictures = {moment.id: grey(moment.time_s) for moment in key_moments(attempt, score)}
    return build_debrief(
        attempt, carotid, score, history=Familiarity(4, 2, 1), pictures=pictures, scene_lines=vessels[0]
    )


@pytest.mark.parametrize("name", ["good", "hurried"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_is_whole_and_fetches_nothing(
    name: str, language: str, carotid: Course, attempts: dict[str, Attempt]
) -> None:
    got = scored(carotid, attempts[name], language)
    reader = read(build_debrief(attempts[name], carotid, got, language=language))
    assert all(source.startswith("data:image/png") for source in reader.sources)
    assert not {"script", "link", "iframe", "form"} & reader.tags
    assert reader.unnamed == 0
    text = page(build_debrief(attempts[name], carotid, got, language=language))
    assert f'<html lang="{language}">' in text
    assert "url(http" not in text
    assert not re.search(r"\{[a-z_]+\}", " ".join(reader.words)), "a hole in a text was not filled"


def test_the_score_is_hidden_until_the_trainee_has_rated(hurried: Debrief) -> None:
    reader = read(hurried)
    assert "First, your own rating" in reader.before_details
    assert "Not passed" not in reader.before_details
    assert "of 100 points" not in reader.before_details
    assert "Not passed" in " ".join(reader.words)


def test_where_a_program_acted_nobody_is_asked_and_the_score_stands_first(hurried: Debrief) -> None:
    reader = read(hurried.unasked())
    words = " ".join(reader.words)
    assert "your own rating" not in words
    assert "I have rated myself" not in words
    assert "Not passed" in reader.before_details


def test_a_rating_that_was_given_stands_first_and_is_compared(hurried: Debrief) -> None:
    words = " ".join(read(hurried.rated(SelfRating(90, True, "the <arch>"))).words)
    points = round(100 * hurried.score.score)
    assert words.index("You gave yourself 90 of 100 points") < words.index("Not passed")
    assert f"You rated yourself {90 - points} points above" in words
    assert "the <arch>" in words
    assert "I have rated myself" not in words


def test_what_must_stand_beside_every_score_stands_there(hurried: Debrief) -> None:
    words = " ".join(read(hurried).words)
    for said in (
        "Simulator score; transfer to patients not shown.",
        "keyboard and mouse",
        "assessed",
        "Aids none",
        "easy",
        "no. 4 at this course",
        "this patient with this seed: 1 times",
        "own protocol after general practice",
        "not reviewed by a clinician",
        "75 points, provisional",
        f"{hurried.score.unverified} of 47 scored rules",
        "5 of 7501 recorded ticks did not converge",
        hurried.beside.digest,
    ):
        assert said in words
    assert "competen" not in words.lower()


def test_critical_failures_are_named_before_anything_else_is_told(hurried: Debrief) -> None:
    words = " ".join(read(hurried).words)
    assert words.index("Not passed because of") < words.index("Next time")
    texts = {step.id: step.text for step in hurried.score.steps}
    assert len(hurried.score.critical_failures) == 7
    for name in hurried.score.critical_failures:
        assert f"{texts[name]} (not done)" in words


def test_every_deduction_stands_there_with_its_time_and_points(hurried: Debrief) -> None:
    text = page(hurried)
    for lost in hurried.score.deductions:
        assert lost.sentence in text
    assert text.count("−") >= len(hurried.score.deductions)
    assert "force 2.7 N, limit 1 N, vessel aortic arch" in text
    assert "seen 0 of 1 times" in text


def test_every_step_and_every_event_is_on_the_timeline(hurried: Debrief) -> None:
    text = page(hurried)
    for number, step in enumerate(hurried.timeline.steps, start=1):
        assert f"{number}. {step.text}:" in text, "the mark of a step has a title"
    for event in hurried.timeline.events:
        assert text.count(event.text) >= 2, "once as a mark, once in the table"


def test_what_a_trainee_wrote_cannot_break_the_page(hurried: Debrief) -> None:
    evil = '"><script>alert(1)</script>'
    shown = replace(hurried, beside=replace(hurried.beside, trainee=evil, device=evil, patient=evil))
    assert "script" not in read(shown.rated(SelfRating(1, False, evil))).tags


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", ["ink", "soft", "good", "bad", "care", "main", "other", "ideal"])
def test_text_and_marks_have_the_contrast_of_wcag_aa(colours: dict[str, str], role: str) -> None:
    for ground in ("page", "panel"):
        bright, dark = sorted((_luminance(colours[role]), _luminance(colours[ground])), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_every_text_stands_in_both_languages_with_the_same_holes() -> None:
    hole = re.compile(r"\{[a-z_]+\}")
    for key, texts in _WORDS.items():
        assert set(texts) == {"en", "de"}, key
        assert sorted(hole.findall(texts["en"])) == sorted(hole.findall(texts["de"])), key


def test_the_same_is_written_as_json(hurried: Debrief, tmp_path: Path) -> None:
    html, data = write_debrief(hurried.rated(SelfRating(50, False)), tmp_path / "new" / "debrief.html")
    told = json.loads(data.read_text(encoding="utf-8"))
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert told["schema_version"] == 1
    assert told["score"]["critical_failures"] == list(hurried.score.critical_failures)
    assert told["self_rating"]["points"] == 50
    assert told["beside"]["familiarity"] == {"attempt_number": 4, "patient_seen": 2, "seed_seen": 1}
    assert told["timeline"]["steps"][1]["status"] == "missed"
    assert [plot["id"] for plot in told["plots"]] == ["force", "speed"]


def test_a_folder_that_cannot_be_written_is_named(hurried: Debrief, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file"):
        write_debrief(hurried, tmp_path / "file" / "debrief.html")

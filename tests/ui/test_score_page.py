"""The page after an attempt: the score, and all that must stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from simtrainer.core.attempt import Attempt
from simtrainer.records.entry import Familiarity
from simtrainer.ui.desktop.end_screen import ScoreScreen
from simtrainer.ui.desktop.window import Look
from tests.ui.player import Player

Opener = Callable[..., Player]
SEEN = Familiarity(attempt_number=4, patient_seen=3, seed_seen=2)


def page_of(player: Player) -> ScoreScreen:
    """Return the page of an attempt of a second that begins now, without a rating of one's own."""
    player.begin()
    player.seconds(1.0)
    player.tap("f10", "right", "return", "tab", "tab", "return")
    screen = player.window.screen
    assert isinstance(screen, ScoreScreen)
    return screen


def test_what_the_records_know_and_what_the_attempt_says_stand_beside_the_score(opened: Opener) -> None:
    player = opened()
    asked: list[Attempt] = []

    def history(attempt: Attempt) -> Familiarity:
        asked.append(attempt)
        return SEEN

    player.window.wish = replace(player.window.wish, history=history)
    said = page_of(player).stated()
    assert [attempt.path for attempt in asked] == [player.attempt.path]
    for fact in (
        "Mode: practice",
        "Input device: keyboard and mouse",
        "Aids: hints, step list, force bar",
        "Difficulty of the patient: not known",
        "Attempt: no. 4 at this course",
        "this patient with this seed: 2 times, this patient: 3 times",
        "Flagged ticks: 0 / ",
        "not reviewed by a clinician",
        "scored rules rest on general practice or our own choice",
        "Edition: ",
    ):
        assert fact in said


def test_without_records_the_page_says_that_nothing_is_known_of_the_past(opened: Opener) -> None:
    said = page_of(opened()).stated()
    assert "Attempt: not known (no record was kept)" in said
    assert "Seen before: not known (no record was kept)" in said


def test_going_back_is_an_aid_that_stands_beside_the_score(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(11.5)
    player.tap("backspace")
    player.tap("f10", "right", "return", "tab", "tab", "return")
    screen = player.window.screen
    assert isinstance(screen, ScoreScreen)
    assert "Aids: hints, step list, force bar, going back." in screen.stated()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_everything_that_cost_points_can_be_turned_to(opened: Opener, scale: float) -> None:
    player = opened(look=Look(text_scale=scale, sound=False))
    page = page_of(player)
    before = player.pixels()
    for _ in range(40):
        player.tap("page down")
    after = player.pixels()
    assert page._scroll.over > 0
    assert page._scroll.at == page._scroll.over
    assert (before[:400, 700:] != after[:400, 700:]).any()
    assert (before[-60:] == after[-60:]).all(), "what stands beside the score stays"

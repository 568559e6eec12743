"""Words of a session as people say them."""

from __future__ import annotations

from simtrainer.debrief.word import word


def test_an_empty_word_is_a_dash_and_no_error() -> None:
    assert word("", "en") == "–"
    assert word("", "de") == "–"


def test_an_unknown_word_loses_its_underscores() -> None:
    assert word("some_new_vessel", "en") == "some new vessel"

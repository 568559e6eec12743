"""A trainee is a pseudonym."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.error import InputError
from simtrainer.records.pseudonym import pseudonym, suggested


@pytest.mark.parametrize("name", ["teal-otter-07", "r2", "expert", "bot-novice", "a" * 32])
def test_a_pseudonym_is_taken_as_it_is(name: str) -> None:
    assert pseudonym(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("jane.doe@clinic.org", "e-mail"),
        ("Jane Doe", "looks like a name"),
        ("jane.doe", "looks like a name"),
        ("jane_doe", "looks like a name"),
        ("Otter", "capital"),
        ("otter-19780412", "personnel number or a date"),
        ("", "is empty"),
        ("a" * 33, "longer than 32"),
        ("-otter", "other characters"),
        ("otter--7", "other characters"),
        ("ötter", "other characters"),
        ("otter\n", "looks like a name"),
    ],
)
def test_what_may_be_a_person_is_refused_with_a_suggestion(name: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        pseudonym(name)
    example = str(caught.value).split("for example '")[1].split("'")[0]
    assert pseudonym(example) == example


@given(st.integers(0, 2**64))
def test_every_suggestion_is_a_pseudonym(number: int) -> None:
    assert pseudonym(suggested(number)) == suggested(number)


def test_there_are_as_many_suggestions_as_promised() -> None:
    assert len({suggested(number) for number in range(14_400)}) == 14_400

"""Trainees are pseudonyms: what looks like a person is refused before it reaches a file or a database."""

from __future__ import annotations

import re

from simtrainer.core.error import InputError

_ALLOWED = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 32
_COLOURS = (
    "amber",
    "azure",
    "coral",
    "green",
    "indigo",
    "ivory",
    "olive",
    "silver",
    "teal",
    "violet",
    "white",
    "umber",
)
_ANIMALS = ("badger", "crane", "finch", "heron", "ibis", "lynx", "marten", "otter", "robin", "stork", "tern", "wren")


def pseudonym(given: str) -> str:
    """Return `given` if it can stand for a trainee; InputError with a suggestion otherwise.

    Allowed are small letters, digits and single hyphens, a letter first, up to 32 characters, no five digits in a row.
    """
    reason = _fault(given)
    if not reason:
        return given
    example = suggested(len(given) * 1009)
    raise InputError(
        f"trainee '{given}': {reason}. Choose a pseudonym of small letters, digits and hyphens that does not tell who "
        f"you are, for example '{example}', and keep the list of names elsewhere"
    )


def suggested(number: int) -> str:
    """Return a pseudonym for a number that the caller drew, 14 400 of them."""
    colour, animal = number % len(_COLOURS), number // len(_COLOURS) % len(_ANIMALS)
    return f"{_COLOURS[colour]}-{_ANIMALS[animal]}-{number // (len(_COLOURS) * len(_ANIMALS)) % 100:02d}"


def _fault(given: str) -> str:
    faults = (
        (not given, "is empty"),
        ("@" in given, "is an e-mail address"),
        (re.search(r"[\s,._]", given), "looks like a name (blank, dot, comma or underscore)"),
        (given.lower() != given, "looks like a name (capital letters)"),
        (re.search(r"\d{5}", given), "looks like a personnel number or a date (five digits in a row)"),
        (len(given) > _LONGEST, f"is longer than {_LONGEST} characters"),
        (not _ALLOWED.fullmatch(given), "holds other characters than those of a pseudonym"),
    )
    return next((reason for is_so, reason in faults if is_so), "")

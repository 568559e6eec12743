"""What a command ends with, as CONVENTIONS has it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    ANSWER_IS_NO = 1
    """A failed attempt, a check that found faults, a replay that differs."""
    WRONG_USE = 2
    """Wrong use or bad input: the user can mend it."""
    OUR_FAULT = 3
    INTERRUPTED = 130
    """because: shells report 128 + SIGINT (2) for a command that was interrupted"""

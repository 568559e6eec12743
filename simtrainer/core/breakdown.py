"""A tick that could not be computed: what is kept of it, so that the same can be made to happen again.

An attempt holds the causes of every tick that was; the actions of the one that was not stand in its outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from simtrainer.core.action import Action

KEY = "broke_off"
"""Where it stands in an attempt's outcome."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A tick at which a state left the finite numbers.

    Parameters
    ----------
    tick
        Its number; the last tick of the attempt is the one before.
    actions
        What the hand asked for in it.
    message
        What the error said.
    """

    tick: int
    actions: tuple[Action, ...]
    message: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what stands in an outcome."""
        given: list[JsonValue] = [[action.control, action.value] for action in self.actions]
        return {KEY: {"tick": self.tick, "actions": given, "message": self.message}}

    @staticmethod
    def of(outcome: Mapping[str, JsonValue] | None) -> Breakdown | None:
        """Return what `to_json` put into an outcome; None for an attempt that did not break off."""
        row = (outcome or {}).get(KEY)
        if not isinstance(row, Mapping):
            return None
        tick, given, message = row.get("tick"), row.get("actions"), row.get("message")
        if not isinstance(tick, int) or not isinstance(given, list) or not isinstance(message, str):
            return None
        actions = []
        for pair in given:
            if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
                return None
            if not isinstance(pair[1], (int, float, str)):
                return None
            actions.append(Action(pair[0], pair[1]))
        return Breakdown(tick, tuple(actions), message)

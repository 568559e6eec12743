"""What happened, in the past tense, with its evidence; every type of event is declared before it can occur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Evidence: TypeAlias = float | str


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event that a procedure can emit.

    Parameters
    ----------
    name
        Past tense, CamelCase: `VesselEntered`.
    doc
        What it means, one sentence, shown to course authors.
    fields
        Names of the evidence that every such event carries, units in the names.
    """

    name: str
    doc: str
    fields: tuple[str, ...] = ()

    def at(self, tick: int, **data: Evidence) -> Event:
        """Return the event at `tick`; all declared fields must be given, and no other."""
        assert set(data) == set(self.fields), f"{self.name} carries {self.fields}, given {tuple(data)}"
        return Event(self.name, tick, data)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at one tick."""

    name: str
    tick: int
    data: Mapping[str, Evidence] = field(default_factory=dict)

"""The words that a course may use: what a procedure declares, handed in by whoever loads the course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from simtrainer.core.event import EventType


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name that may stand in a course for one procedure.

    Parameters
    ----------
    procedure
        Name of the procedure; empty where any may stand.
    events
        Fields of every event by the name of the event.
    signals
        Names of the signals, in the order of `Snapshot.signals`.
    numbers, facts
        Names of the numbers and of the words among the session facts.
    words
        Allowed words by field of an event; a field that is missing here takes any word.
    patients
        Patients by name; empty where any may stand.
    """

    procedure: str = ""
    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signals: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patients: tuple[str, ...] = ()

    @staticmethod
    def event_fields(types: Iterable[EventType]) -> dict[str, tuple[str, ...]]:
        """Return the fields by name of `types`, as `events` takes them."""
        return {kind.name: kind.fields for kind in types}

"""The words that a course may use: what a procedure declares, handed in by whoever loads the course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from simtrainer.core.session import World

S = TypeVar("S")


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
    def of(
        world: World[S], words: Mapping[str, tuple[str, ...]] | None = None, patients: tuple[str, ...] = ()
    ) -> Vocabulary:
        """Return what `world` declares; `words` and `patients` as above, for what it cannot declare by itself."""
        return Vocabulary(
            procedure=world.name,
            events={kind.name: kind.fields for kind in world.event_types},
            signals=tuple(signal.name for signal in world.signals),
            numbers=tuple(world.facts.numbers),
            facts=tuple(world.facts.words),
            words=words or {},
            patients=patients,
        )

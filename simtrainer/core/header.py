"""The first line of an attempt: what was run, on which code and machine, by whom and with which aids."""

from __future__ import annotations

import functools
import platform
from enum import Enum
from importlib.metadata import version
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

import simtrainer
from simtrainer.core.fact import SessionFacts
from simtrainer.core.kernel import machine_class
from simtrainer.core.migration import SCHEMA_VERSION
from simtrainer.core.session import Session, SessionState
from simtrainer.core.source import source_hash

S = TypeVar("S")
C = TypeVar("C")


class Line(BaseModel):
    """A frozen record, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mode(Enum):
    """Whether aids are allowed."""

    PRACTICE = "practice"
    ASSESSED = "assessed"


class Sitting(Line):
    """What surrounds an attempt and changes nothing in it.

    Parameters
    ----------
    trainee
        Pseudonym.
    device
        What the hand held, or the name of the bot or script that acted.
    mode
        Practice or assessed.
    aids
        Aids that were shown: `hints`, `force_bar`.
    started
        Date and time in ISO 8601, read from the clock by the caller.
    labels
        Anything else worth finding again.
    """

    trainee: str = ""
    device: str = "script"
    mode: Mode = Mode.PRACTICE
    aids: tuple[str, ...] = ()
    started: str = ""
    labels: dict[str, str] = {}


class Parent(Line):
    """Where a branched attempt left its parent: the parent's digest, and the last tick that they share."""

    digest: str
    tick: int


class Course(Line):
    """The course that watched."""

    name: str
    fingerprint: str


class Facts(Line):
    """Session facts in JSON; see `SessionFacts`."""

    numbers: dict[str, float]
    words: dict[str, str]
    ideal_path: list[tuple[float, float, float]]


class Header(Line):
    """The first line of an attempt file."""

    kind: Literal["header"] = "header"
    schema_version: int = SCHEMA_VERSION
    versions: dict[str, str]
    source: str
    machine: str
    procedure: str
    fingerprint: str
    course: Course | None
    seed: int
    tick_hz: int
    signals: tuple[str, ...]
    quantities: tuple[str, ...]
    facts: Facts
    sitting: Sitting
    parent: Parent | None = None

    @property
    def session_facts(self) -> SessionFacts:
        """What a score may know beforehand."""
        return SessionFacts.from_json(self.facts.model_dump())


def header_of(
    session: Session[S, C], start: SessionState[S, C], *, sitting: Sitting, parent: Parent | None = None
) -> Header:
    """Return the header of an attempt at `session`, run here and by this code."""
    world, course = session.world, session.curriculum
    return Header(
        versions=versions(),
        source=_source(type(world).__module__),
        machine=_machine(),
        procedure=world.name,
        fingerprint=world.fingerprint,
        course=Course(name=course.name, fingerprint=course.fingerprint) if course.name else None,
        seed=session.seed,
        tick_hz=world.tick_hz,
        signals=tuple(signal.name for signal in world.signals),
        quantities=tuple(session.marks(start)),
        facts=Facts.model_validate(world.facts.to_json()),
        sitting=sitting,
        parent=parent,
    )


def mismatches(recorded: Header, here: Header) -> tuple[str, ...]:
    """Return in words everything that keeps `here` from rebuilding what was `recorded`, bit for bit."""
    names = {
        "source": "code", "versions": "versions", "machine": "machine class", "procedure": "procedure",
        "fingerprint": "patient or instruments", "course": "course", "seed": "seed", "tick_hz": "ticks in a second",
        "signals": "signals", "quantities": "quantities", "facts": "session facts",
    }  # fmt: skip
    found = []
    for key, word in names.items():
        was, now = getattr(recorded, key), getattr(here, key)
        if was != now:
            found.append(f"{word} differ" if key == "facts" else f"{word}: recorded {_word(was)}, here {_word(now)}")
    return tuple(found)


def _word(value: object) -> str:
    if isinstance(value, Course):
        return f"'{value.name}' ({value.fingerprint[:16]})"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return "none" if value is None else str(value)


def versions() -> dict[str, str]:
    """Return the versions of everything on which the bits of a session depend, besides the code."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"simtrainer": simtrainer.__version__, "python": python} | {
        name: version(name) for name in ("numpy", "numba", "scipy")
    }


# The code and the processor that run cannot change while they run; the files on disk can.
_source = functools.cache(source_hash)
_machine = functools.cache(machine_class)

"""What is kept of an attempt besides its file, as plain values; no database is needed to hold them."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.core.error import InputError
from simtrainer.core.header import Header
from simtrainer.curriculum.score import MetricResult, Part

PATIENT, PATIENT_TITLE, DIFFICULTY = "patient", "patient_title", "difficulty"
"""Labels of a sitting by which an attempt says who the patient was; words of the session facts serve as well."""


@dataclass(frozen=True, slots=True)
class SelfRating:
    """What a trainee thought of the attempt before seeing the score.

    Parameters
    ----------
    points
        The trainee's guess of the score, 0 to 100.
    would_pass
        Whether the trainee thinks that it was enough.
    hardest
        The hardest moment, in the trainee's own words; may be empty.
    """

    points: int
    would_pass: bool
    hardest: str = ""

    def __post_init__(self) -> None:
        """Refuse points that no score can have."""
        if not 0 <= self.points <= 100:
            raise InputError(f"a self-rating is 0 to 100 points, not {self.points}")


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was treated: the name of the package, one line for people, and how difficult the anatomy is."""

    name: str
    title: str
    difficulty: str


def patient_of(header: Header) -> Patient:
    """Return who the patient of an attempt was: by its labels, else by its facts, else by its fingerprint alone."""
    words, labels = header.facts.words, header.sitting.labels
    known = {key: labels.get(key) or words.get(key, "") for key in (PATIENT, PATIENT_TITLE, DIFFICULTY)}
    name = known[PATIENT] or f"fingerprint {header.fingerprint[:16]}"
    return Patient(name, known[PATIENT_TITLE], known[DIFFICULTY] or "unknown")


@dataclass(frozen=True, slots=True)
class Familiarity:
    """How often a trainee had been here before.

    Parameters
    ----------
    attempt_number
        1 for the first attempt at this course.
    patient_seen
        Earlier attempts on the same patient, in any course.
    seed_seen
        Those of them with the same seed: the same chance, event by event.
    """

    attempt_number: int
    patient_seen: int
    seed_seen: int


@dataclass(frozen=True, slots=True)
class StoredScore:
    """One score as it is kept; `made_by` is a hash over all that it follows from besides the attempt."""

    made_by: str
    course_hash: str
    edition: str
    version: str
    score: float
    passed: bool
    cut: float
    provisional: bool
    unverified: int
    reviewed_by: str | None
    critical_failures: tuple[str, ...]
    parts: tuple[Part, ...]
    metrics: tuple[MetricResult, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt as it is kept, with its newest score and what the trainee thought of it."""

    digest: str
    path: str
    trainee: str
    course: str
    patient: str
    difficulty: str
    procedure: str
    fingerprint: str
    seed: int
    mode: str
    device: str
    aids: tuple[str, ...]
    started: str
    ticks: int
    tick_hz: int
    source: str
    cut_off: bool
    score: StoredScore
    self_rating: SelfRating | None

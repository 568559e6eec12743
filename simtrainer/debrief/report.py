"""A debrief as plain values: everything that the page shows and the JSON file holds, from the effects track alone."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.attempt import Attempt
from simtrainer.core.breakdown import Breakdown
from simtrainer.core.header import Mode
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.live import LiveCourse
from simtrainer.curriculum.score import Score
from simtrainer.debrief.advice import Advice, advice_of, well_done
from simtrainer.debrief.binding import UNCONVERGED, bound
from simtrainer.debrief.moment import KeyMoment, key_moments
from simtrainer.debrief.picture import png
from simtrainer.debrief.timeline import Timeline, timeline_of
from simtrainer.debrief.trace import PathView, Plot, SceneLine, path_of, plots_of
from simtrainer.records.entry import Familiarity, SelfRating, patient_of

SCHEMA_VERSION = 1
LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Beside:
    """What must stand beside every score.

    Parameters
    ----------
    familiarity
        How often the trainee had been here before; None where no record was kept.
    unverified, rules
        Scored rules that no source read for the course stands behind, of all scored rules.
    flagged, looked_at
        Recorded ticks whose solver did not converge (None where the procedure does not say), of all recorded ones:
        50 a second.
    broke_off
        What the tick said that could not be computed; empty for an attempt that did not break off.
    course_changed
        True where the course is no longer what it was in the live session.
    """

    trainee: str
    started: str
    mode: str
    device: str
    aids: tuple[str, ...]
    patient: str
    patient_title: str
    difficulty: str
    seed: int
    familiarity: Familiarity | None
    edition: str
    version: str
    course_hash: str
    reviewed_by: str | None
    cut: float
    provisional: bool
    method: str
    unverified: int
    rules: int
    flagged: int | None
    looked_at: int
    digest: str
    cut_off: bool
    broke_off: str
    course_changed: bool
    validity: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A key moment and its picture: PNG in base64, empty where none was made."""

    id: str
    tick: int
    time_s: float
    sentence: str
    picture: str


@dataclass(frozen=True, slots=True)
class Debrief:
    """One attempt, told back to the one who made it; without a self-rating the page `asks` for one first."""

    schema_version: int
    language: str
    course: str
    title: str
    beside: Beside
    self_rating: SelfRating | None
    score: Score
    advice: tuple[Advice, ...]
    well: tuple[str, ...]
    moments: tuple[Moment, ...]
    timeline: Timeline
    plots: tuple[Plot, ...]
    path: PathView | None
    questions: tuple[str, ...]
    asks: bool = True

    def unasked(self) -> Debrief:
        """Return the debrief for those who watched: a program acted, and nobody is asked for an own rating."""
        return replace(self, asks=False)

    def rated(self, self_rating: SelfRating | None) -> Debrief:
        """Return the debrief with the trainee's own rating first; without one the page asks before it tells."""
        return replace(self, self_rating=self_rating)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        plain: dict[str, Any] = asdict(self, dict_factory=_plain)
        return plain


def build_debrief(
    attempt: Attempt,
    course: Course,
    score: Score,
    *,
    history: Familiarity | None = None,
    pictures: Mapping[str, NDArray[np.uint8]] | None = None,
    scene_lines: Sequence[SceneLine] = (),
    language: str = "en",
) -> Debrief:
    """Return the debrief of an attempt; `Debrief.rated` adds what the trainee thought before seeing the score.

    Parameters
    ----------
    history
        What `RecordStore.familiarity` says of the attempt; None where no record is kept.
    pictures
        Grey (h, w) or colour (h, w, 3) pictures by the `id` of `key_moments(attempt, score)`.
    scene_lines
        Vessels to draw behind the way of the tip.
    language
        That of `score`, so that its sentences and the page's go together; English where nothing else ships.
    """
    language = language if language in LANGUAGES else "en"
    binding = bound(course, attempt.header.signals)
    shots = {name: base64.b64encode(png(array)).decode() for name, array in (pictures or {}).items()}
    return Debrief(
        schema_version=SCHEMA_VERSION,
        language=language,
        course=course.spec.id,
        title=course.text(course.spec.title, language),
        beside=beside_of(attempt, course, score, history=history),
        self_rating=None,
        score=score,
        advice=advice_of(course, score, language),
        well=well_done(score, language),
        moments=tuple(_moment(m, shots) for m in key_moments(attempt, score, language)),
        timeline=timeline_of(attempt, course, score, binding=binding, language=language),
        plots=plots_of(attempt, binding, language),
        path=path_of(attempt, binding, lines=scene_lines, language=language),
        questions=tuple(course.text(key, language) for key in course.spec.debrief),
    )


def flagged_ticks(attempt: Attempt) -> int | None:
    """Return how many of the recorded ticks (50 a second) did not converge; None where the procedure does not say."""
    if UNCONVERGED not in attempt.header.signals:
        return None
    return int(np.count_nonzero(attempt.signals[:, attempt.header.signals.index(UNCONVERGED)]))


def beside_of(attempt: Attempt, course: Course, score: Score, *, history: Familiarity | None) -> Beside:
    """Return what must stand beside `score`; `history` as for `build_debrief`."""
    header, sitting, patient = attempt.header, attempt.header.sitting, patient_of(attempt.header)
    return Beside(
        trainee=sitting.trainee,
        started=sitting.started,
        mode=score.mode,
        device=score.device,
        aids=sitting.aids,
        patient=patient.name,
        patient_title=patient.title,
        difficulty=patient.difficulty,
        seed=header.seed,
        familiarity=history,
        edition=score.edition,
        version=score.version,
        course_hash=score.course_hash,
        reviewed_by=score.reviewed_by,
        cut=score.cut,
        provisional=score.provisional,
        method=course.spec.pass_rule.method or "",
        unverified=score.unverified,
        rules=len(course.spec.items()),
        flagged=flagged_ticks(attempt),
        looked_at=len(attempt.signal_ticks),
        digest=attempt.digest,
        cut_off=attempt.cut_off,
        broke_off=broke.message if (broke := Breakdown.of(attempt.outcome)) else "",
        course_changed=_has_changed(attempt, course),
        validity=score.remarks[0],
    )


def _has_changed(attempt: Attempt, course: Course) -> bool:
    """Tell whether no language and mode of `course` as it is now gives the fingerprint that was recorded."""
    header = attempt.header
    if header.course is None:
        return True
    if not set(course.vocabulary.signals) <= set(header.signals):
        return True
    known = {
        LiveCourse(course, header.signals, header.tick_hz, mode=mode, language=language).fingerprint
        for mode in Mode
        for language in LANGUAGES
    }
    return header.course.fingerprint not in known


def _moment(moment: KeyMoment, shots: Mapping[str, str]) -> Moment:
    return Moment(moment.id, moment.tick, moment.time_s, moment.sentence, shots.get(moment.id, ""))


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: _value(value) for name, value in pairs}


def _value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value

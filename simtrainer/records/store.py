"""Keeps attempts, scores and self-ratings, and knows what a trainee has seen before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from simtrainer import curriculum
from simtrainer.core.attempt import Attempt
from simtrainer.core.error import InputError
from simtrainer.curriculum.score import MetricResult, Part, Score
from simtrainer.records.entry import Entry, Familiarity, SelfRating, StoredScore, patient_of
from simtrainer.records.place import checked_url, engine_of, spoken
from simtrainer.records.pseudonym import pseudonym
from simtrainer.records.schema import prepare
from simtrainer.records.table import AttemptRow, ScoreRow, SelfRatingRow


class RecordStore:
    """The records at one place; several processes may use it at once."""

    def __init__(self, url: str) -> None:
        """Open the records at a database URL and make their tables if need be; InputError where it cannot be used."""
        self._url = checked_url(url)
        with spoken(self._url):
            self._engine = engine_of(self._url)
            self._writing = self._engine.execution_options(writing=True)
            try:
                prepare(self._engine, self._writing)
            except BaseException:
                self._engine.dispose()
                raise

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def add(self, attempt: Attempt, score: Score, self_rating: SelfRating | None = None) -> Entry:
        """Keep an attempt with its score, and return it as it is kept.

        Adding again changes nothing that is there: another rubric or another scoring code gives another score beside
        the old ones, and a self-rating is kept where there was none. InputError for a trainee that is no pseudonym.
        """
        pseudonym(attempt.header.sitting.trainee)
        if attempt.ticks < 1:
            raise InputError(f"{attempt.path}: holds not one second, so there is nothing to keep")
        with spoken(self._url):
            try:
                return self._add(attempt, score, self_rating)
            except IntegrityError:
                return self._add(attempt, score, self_rating)  # another process added the same in between

    def history(self, trainee: str, course: str | None = None) -> tuple[Entry, ...]:
        """Return the attempts of a trainee, oldest first, each with its newest score."""
        with spoken(self._url), Session(self._engine) as session:
            return tuple(_entry(row) for row in _attempts(session, trainee) if course in (None, row.course))

    def scores(self, digest: str) -> tuple[StoredScore, ...]:
        """Return every score of the attempts with `digest`, oldest first."""
        chosen = select(ScoreRow).join(AttemptRow).where(AttemptRow.digest == digest).order_by(ScoreRow.id)
        with spoken(self._url), Session(self._engine) as session:
            return tuple(_stored(row) for row in session.scalars(chosen))

    def trainees(self) -> tuple[str, ...]:
        """Return all pseudonyms, sorted."""
        with spoken(self._url), Session(self._engine) as session:
            return tuple(session.scalars(select(AttemptRow.trainee).distinct().order_by(AttemptRow.trainee)))

    def attempt_number(self, trainee: str, course: str) -> int:
        """Return the number of the next attempt of a trainee at a course, 1 for the first."""
        return len(self.history(trainee, course)) + 1

    def seen_before(self, trainee: str, patient: str, seed: int) -> bool:
        """Tell whether a trainee has had this patient with this seed."""
        return any((entry.patient, entry.seed) == (patient, seed) for entry in self.history(trainee))

    def familiarity(self, attempt: Attempt) -> Familiarity:
        """Return how often the trainee of `attempt` had been here before it; the attempt itself may be kept or not."""
        header = attempt.header
        with spoken(self._url), Session(self._engine) as session:
            rows = _attempts(session, header.sitting.trainee)
        mine = (attempt.digest, header.sitting.started)
        keys = [(row.digest, row.started) for row in rows]
        before = rows[: keys.index(mine)] if mine in keys else rows
        same = [row for row in before if row.patient == patient_of(header).name]
        course = header.course.name if header.course else ""
        return Familiarity(
            attempt_number=1 + sum(row.course == course for row in before),
            patient_seen=len(same),
            seed_seen=sum(row.seed == str(header.seed) for row in same),
        )

    def _add(self, attempt: Attempt, score: Score, self_rating: SelfRating | None) -> Entry:
        with Session(self._writing) as session, session.begin():
            row = session.scalars(_same(attempt)).one_or_none()
            if row is None:
                row = _attempt_row(attempt, score)
                session.add(row)
            made_by = maker(score)
            if made_by not in {kept.made_by for kept in row.scores}:
                row.scores.append(_score_row(score, made_by))
            if self_rating is not None and row.rating is None:
                row.rating = SelfRatingRow(**asdict(self_rating))
            session.flush()
            return _entry(row)


def maker(score: Score) -> str:
    """Return a hash over all that a score follows from besides the attempt: course, scoring code, mode, device."""
    parts = (score.course, score.course_hash, _scoring_code(), score.mode, score.device)
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]


@cache
def _scoring_code() -> str:
    """Return a hash over the sources of the floor that scores; another floor can change without changing a score."""
    digest = hashlib.sha256()
    for folder in map(Path, curriculum.__path__):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def moment(started: str) -> datetime:
    """Return when an attempt began, for sorting; what is no date comes first, one without a zone counts as UTC."""
    try:
        found = datetime.fromisoformat(started)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _attempts(session: Session, trainee: str) -> Sequence[AttemptRow]:
    chosen = select(AttemptRow).where(AttemptRow.trainee == trainee).order_by(AttemptRow.id)
    loaded = chosen.options(selectinload(AttemptRow.scores), selectinload(AttemptRow.rating))
    return sorted(session.scalars(loaded), key=lambda row: moment(row.started))


def _same(attempt: Attempt) -> Select[AttemptRow]:
    sitting = attempt.header.sitting
    return select(AttemptRow).where(
        AttemptRow.digest == attempt.digest,
        AttemptRow.trainee == sitting.trainee,
        AttemptRow.started == sitting.started,
    )


def _attempt_row(attempt: Attempt, score: Score) -> AttemptRow:
    header, sitting, patient = attempt.header, attempt.header.sitting, patient_of(attempt.header)
    return AttemptRow(
        digest=attempt.digest,
        path=str(attempt.path.absolute()),
        trainee=sitting.trainee,
        course=score.course,
        edition=score.edition,
        course_fingerprint=header.course.fingerprint if header.course else "",
        procedure=header.procedure,
        fingerprint=header.fingerprint,
        patient=patient.name,
        difficulty=patient.difficulty,
        seed=str(header.seed),
        mode=sitting.mode.value,
        device=sitting.device,
        aids=list(sitting.aids),
        started=sitting.started,
        ticks=attempt.ticks,
        tick_hz=header.tick_hz,
        source=header.source,
        cut_off=attempt.cut_off,
    )


def _score_row(score: Score, made_by: str) -> ScoreRow:
    return ScoreRow(
        made_by=made_by,
        course_hash=score.course_hash,
        edition=score.edition,
        version=score.version,
        score=score.score,
        passed=score.passed,
        cut=score.cut,
        provisional=score.provisional,
        unverified=score.unverified,
        reviewed_by=score.reviewed_by,
        critical_failures=list(score.critical_failures),
        parts=[asdict(part) for part in score.parts],
        metrics=[asdict(metric) for metric in score.metrics],
    )


def _stored(row: ScoreRow) -> StoredScore:
    return StoredScore(
        made_by=row.made_by,
        course_hash=row.course_hash,
        edition=row.edition,
        version=row.version,
        score=row.score,
        passed=row.passed,
        cut=row.cut,
        provisional=row.provisional,
        unverified=row.unverified,
        reviewed_by=row.reviewed_by,
        critical_failures=tuple(row.critical_failures),
        parts=tuple(Part(**part) for part in row.parts),
        metrics=tuple(MetricResult(**metric) for metric in row.metrics),
    )


def _entry(row: AttemptRow) -> Entry:
    rating = row.rating
    return Entry(
        digest=row.digest,
        path=row.path,
        trainee=row.trainee,
        course=row.course,
        patient=row.patient,
        difficulty=row.difficulty,
        procedure=row.procedure,
        fingerprint=row.fingerprint,
        seed=int(row.seed),
        mode=row.mode,
        device=row.device,
        aids=tuple(row.aids),
        started=row.started,
        ticks=row.ticks,
        tick_hz=row.tick_hz,
        source=row.source,
        cut_off=row.cut_off,
        score=_stored(row.scores[-1]),
        self_rating=SelfRating(rating.points, rating.would_pass, rating.hardest) if rating else None,
    )

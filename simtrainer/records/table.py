"""The tables of the records; a change here needs a new schema version and a migration (see `schema`)."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Plain: TypeAlias = dict[str, Any]


class Table(DeclarativeBase):
    """Root of all tables."""


class SchemaVersionRow(Table):
    """The version of the tables; one row."""

    __tablename__ = "schema_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


class AttemptRow(Table):
    """One attempt: what its file says about it. The file is the truth, this is where it is found again.

    A digest alone does not tell two attempts apart: who does nothing for a second, or runs the same bot with the same
    seed twice, gets the same one.
    """

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("digest", "trainee", "started", name="one_row_an_attempt"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    path: Mapped[str] = mapped_column(Text)
    trainee: Mapped[str] = mapped_column(String(32), index=True)
    course: Mapped[str] = mapped_column(String(60))
    edition: Mapped[str] = mapped_column(Text)
    course_fingerprint: Mapped[str] = mapped_column(String(64))
    procedure: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(Text)
    patient: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[str] = mapped_column(String(40))
    seed: Mapped[str] = mapped_column(String(20))  # up to 2**64 - 1, which no integer column holds
    mode: Mapped[str] = mapped_column(String(20))
    device: Mapped[str] = mapped_column(Text)
    aids: Mapped[list[str]] = mapped_column(JSON)
    started: Mapped[str] = mapped_column(String(40))
    ticks: Mapped[int]
    tick_hz: Mapped[int]
    source: Mapped[str] = mapped_column(String(64))
    cut_off: Mapped[bool]
    scores: Mapped[list[ScoreRow]] = relationship(order_by="ScoreRow.id")
    rating: Mapped[SelfRatingRow | None] = relationship()


class ScoreRow(Table):
    """One score of one attempt; never rewritten, a new rubric gives a new row beside it."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("attempt_id", "made_by", name="one_row_a_rubric"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    made_by: Mapped[str] = mapped_column(String(16))
    course_hash: Mapped[str] = mapped_column(String(64))
    edition: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(40))
    score: Mapped[float]
    passed: Mapped[bool]
    cut: Mapped[float]
    provisional: Mapped[bool]
    unverified: Mapped[int]
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    critical_failures: Mapped[list[str]] = mapped_column(JSON)
    parts: Mapped[list[Plain]] = mapped_column(JSON)
    metrics: Mapped[list[Plain]] = mapped_column(JSON)


class SelfRatingRow(Table):
    """What the trainee thought before seeing the score; given once."""

    __tablename__ = "self_rating"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), unique=True)
    points: Mapped[int]
    would_pass: Mapped[bool]
    hardest: Mapped[str] = mapped_column(Text)

"""How attempt files of older schema versions are read: one pure function a version, applied in a chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pydantic import JsonValue

from simtrainer.core.error import AttemptError

SCHEMA_VERSION = 1
"""Version of the attempt files that this code writes."""

Record: TypeAlias = dict[str, JsonValue]
Migration: TypeAlias = Callable[[Record], Record]

MIGRATIONS: dict[int, Migration] = {}
"""By version n: takes one line of version n, of any `kind`, and returns it as version n + 1 would have written it."""


def migrated(record: Record, version: int, steps: Mapping[int, Migration]) -> Record:
    """Return one line of a file of `version` as the current version would have written it."""
    if version > SCHEMA_VERSION:
        raise AttemptError(
            f"schema version {version} is newer than this simtrainer, which reads up to {SCHEMA_VERSION}"
        )
    for number in range(version, SCHEMA_VERSION):
        if number not in steps:
            raise AttemptError(f"schema version {version} is too old: nothing here reads version {number}")
        record = steps[number](dict(record))
    return record | {"schema_version": SCHEMA_VERSION} if record.get("kind") == "header" else record

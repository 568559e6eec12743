"""The version of the tables, and how a database of an older version is brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqlalchemy import Connection, Engine, insert, inspect, text, update

from simtrainer.core.error import InputError
from simtrainer.records.table import SchemaVersionRow, Table

SCHEMA_VERSION = 1
"""Version of the tables that this code reads and writes."""

Migration: TypeAlias = Callable[[Connection], None]

MIGRATIONS: Mapping[int, Migration] = {}
"""By version n: changes tables of version n into those of version n + 1, in the transaction of the connection."""

_LOCK = 0x73696D74
"""Key of the advisory lock under which one process at a time changes the tables of a PostgreSQL database."""


def prepare(
    reading: Engine,
    writing: Engine,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> None:
    """Make the tables, or bring them up to `version`; InputError for a database that is newer than this program.

    A database that is up to date is only read. All changes happen in one transaction, so that a migration that fails
    leaves the database as it was.
    """
    with reading.begin() as connection:
        if _version(connection) == version:
            return
    with writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = _version(connection)
        if found is None:
            Table.metadata.create_all(connection)
            connection.execute(insert(SchemaVersionRow).values(version=version))
            return
        if found > version:
            raise InputError(
                f"the records have schema version {found}, newer than this simtrainer, which reads up to {version}"
            )
        for number in range(found, version):
            if number not in migrations:
                raise InputError(f"the records have schema version {number}, which nothing here brings up to date")
            migrations[number](connection)
        if found < version:
            connection.execute(update(SchemaVersionRow).values(version=version))


def _version(connection: Connection) -> int | None:
    """Return the version of the tables; None where there are none."""
    if not inspect(connection).has_table(SchemaVersionRow.__tablename__):
        return None
    return connection.execute(text("SELECT version FROM schema_version")).scalar_one_or_none()

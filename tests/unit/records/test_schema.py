"""Databases of older versions are brought up to date, those of newer ones are refused, and nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from simtrainer.core.error import InputError
from simtrainer.records.place import checked_url, engine_of
from simtrainer.records.schema import SCHEMA_VERSION, prepare
from simtrainer.records.store import RecordStore
from tests.unit.records.conftest import Scored


@pytest.fixture
def engine(place: str, scored: Scored) -> Iterator[Engine]:
    """Give an engine for records of the present version, with one attempt in them."""
    with RecordStore(place) as store:
        store.add(scored.attempt, scored.score)
    engine = engine_of(checked_url(place))
    yield engine
    engine.dispose()


def _version(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.execute(text("SELECT version FROM schema_version")).scalar_one())


def _prepare(engine: Engine, version: int, **steps: object) -> None:
    migrations = {int(name[1:]): step for name, step in steps.items()}
    prepare(engine, engine.execution_options(writing=True), version=version, migrations=migrations)  # type: ignore[arg-type]  # by name


def _add_column(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE attempt ADD COLUMN site VARCHAR(40) DEFAULT 'here'"))


def test_new_records_have_the_present_version(engine: Engine) -> None:
    assert _version(engine) == SCHEMA_VERSION


def test_every_step_up_to_the_new_version_is_taken_and_nothing_is_lost(engine: Engine) -> None:
    def rename(connection: Connection) -> None:
        connection.execute(text("UPDATE attempt SET site = 'there'"))

    _prepare(engine, SCHEMA_VERSION + 2, **{f"v{SCHEMA_VERSION}": _add_column, f"v{SCHEMA_VERSION + 1}": rename})
    assert _version(engine) == SCHEMA_VERSION + 2
    with engine.begin() as connection:
        assert connection.execute(text("SELECT site, trainee FROM attempt")).one() == ("there", "teal-otter-07")


def test_a_migration_that_fails_leaves_everything_as_it_was(engine: Engine) -> None:
    def fail(connection: Connection) -> None:
        _add_column(connection)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        _prepare(engine, SCHEMA_VERSION + 1, **{f"v{SCHEMA_VERSION}": fail})
    assert _version(engine) == SCHEMA_VERSION
    _prepare(engine, SCHEMA_VERSION + 1, **{f"v{SCHEMA_VERSION}": _add_column})
    assert _version(engine) == SCHEMA_VERSION + 1


def test_a_step_that_nobody_wrote_is_named(engine: Engine) -> None:
    with pytest.raises(InputError, match=f"version {SCHEMA_VERSION}, which nothing here brings up to date"):
        _prepare(engine, SCHEMA_VERSION + 1)


def test_records_of_a_newer_program_are_refused(engine: Engine, place: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE schema_version SET version = {SCHEMA_VERSION + 1}"))
    with pytest.raises(InputError, match="newer than this simtrainer"):
        RecordStore(place)

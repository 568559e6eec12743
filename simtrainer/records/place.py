"""Where the records lie: a file of SQLite, or a PostgreSQL server; and what to say when that does not work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, ProgrammingError
from sqlalchemy.pool import ConnectionPoolEntry

from simtrainer.core.error import InputError, suggestion

FILE_NAME = "records.sqlite"
BUSY_S = 30.0
"""How long one process waits for another to finish writing [s]. because: design; a write takes milliseconds"""
_CONNECT_S = 10
_ALLOWED = "allowed are sqlite:///FILE and postgresql://USER@HOST/DATABASE"


def sqlite_url(folder: Path) -> str:
    """Return the URL of the records in a folder, which need not exist."""
    return URL.create("sqlite", database=str(folder / FILE_NAME)).render_as_string(hide_password=False)


def checked_url(given: str) -> URL:
    """Return the parts of a database URL; InputError for what is none or another kind of database."""
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise InputError(f"database '{given}': is no URL of a database; {_ALLOWED}") from None
    kind = url.get_backend_name()
    if kind == "sqlite":
        return url.set(drivername="sqlite")
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    hint = suggestion(kind, ("sqlite", "postgresql"))
    raise InputError(f"database '{shown(url)}': no records are kept in '{kind}'; {_ALLOWED}.{hint}")


def shown(url: URL) -> str:
    """Return a URL without its password."""
    return url.render_as_string(hide_password=True)


def engine_of(url: URL) -> Engine:
    """Return an engine for `url`; the folder of a SQLite file is made if need be."""
    if url.get_backend_name() == "sqlite":
        _make_folder(url)
        engine = create_engine(url, connect_args={"timeout": BUSY_S})
        event.listen(engine, "connect", _quieten)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(url, connect_args={"connect_timeout": _CONNECT_S})


@contextmanager
def spoken(url: URL) -> Iterator[None]:
    """Turn what a database says into one sentence for people; a broken rule of a table passes through."""
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as error:
        if isinstance(error, ProgrammingError) and "permission denied" not in str(error.orig):
            raise  # a fault of ours
        reason = str(error.orig).strip().splitlines()[0] if error.orig is not None else str(error)
        raise InputError(f"database '{shown(url)}': cannot be used: {reason}") from None


def _make_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise InputError(f"database '{shown(url)}': names no file; write sqlite:///FILE")
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"database '{shown(url)}': folder {folder} cannot be made: {error.strerror}") from None


def _quieten(connection: object, record: ConnectionPoolEntry) -> None:
    """Keep Python's driver from beginning transactions by itself, which it would do too late to lock."""
    del record
    import sqlite3  # noqa: PLC0415  # not everywhere where PostgreSQL is used

    assert isinstance(connection, sqlite3.Connection), "only engines for SQLite listen"
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Lock at the beginning of a transaction that will write, so that two writers wait instead of failing."""
    is_writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

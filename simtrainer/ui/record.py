"""Where this user's records lie: `--db`, else the setting `db`, else a file of SQLite in the data folder."""

from __future__ import annotations

from simtrainer.ui.settings import Settings


def records_url(settings: Settings, flag: str | None = None) -> str:
    """Return the database URL in force; `flag` is what `--db` said."""
    from simtrainer.records.place import sqlite_url  # noqa: PLC0415  # SQLAlchemy is heavy, and --help stays quick

    return flag or settings.word("db") or sqlite_url(settings.folder("data_dir"))

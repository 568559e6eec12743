"""A recorded attempt with its score, and a place for records: SQLite in a folder, and a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from simtrainer.core.attempt import Attempt
from simtrainer.core.header import Mode, Sitting
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.metric import recorded
from simtrainer.curriculum.score import Score, score
from simtrainer.records.place import sqlite_url
from tests.unit.curriculum.conftest import carotid, vocabulary
from tests.unit.debrief.scripted import Story, recorded_story

__all__ = ["carotid", "vocabulary"]

LABELS = {"patient": "adult_male_type1", "difficulty": "easy"}


@dataclass(frozen=True, slots=True)
class Scored:
    """An attempt and what it was worth."""

    attempt: Attempt
    score: Score

    def by(self, trainee: str, started: str, *, seed: int = 3, patient: str = "adult_male_type1") -> Scored:
        """Return the same attempt as if `trainee` had made it at another time."""
        header = self.attempt.header
        sitting = header.sitting.model_copy(
            update={"trainee": trainee, "started": started, "labels": {**LABELS, "patient": patient}}
        )
        other = header.model_copy(update={"sitting": sitting, "seed": seed})
        return Scored(replace(self.attempt, header=other), self.score)


@pytest.fixture(scope="session")
def scored(carotid: Course, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    path = tmp_path_factory.mktemp("records") / "one.attempt.jsonl"
    sitting = Sitting(
        trainee="teal-otter-07", device="mouse", mode=Mode.ASSESSED, started="2026-11-22T14:05:00+01:00", labels=LABELS
    )
    tale = Story(((1.0, "CaseCardRead", {}), (2.0, "TimeOutDone", {})), 3.0)
    attempt = recorded_story(tale, carotid, path, sitting=sitting, seed=2**64 - 1)
    return Scored(attempt, score(carotid, recorded(attempt), mode=Mode.ASSESSED, device="mouse"))


def _server_folder() -> Path | None:
    """Return the folder of PostgreSQL's server programs, newest version first; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -int(path.parents[1].name))
    beside = shutil.which("initdb")
    return found[0].parent if found else Path(beside).parent if beside else None


def _as_server(command: list[str]) -> None:
    """Run a server program; as the user `postgres` where this process is root, which PostgreSQL refuses to serve."""
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/", timeout=60)


def _is_known(user: int) -> bool:
    import pwd  # noqa: PLC0415  # POSIX only

    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server of its own with a socket in a temporary folder, and stop it at the end; give its URL."""
    programs = _server_folder()
    if programs is None or not hasattr(os, "geteuid"):
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)")
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or not _has_user("postgres")):
        pytest.skip("root cannot start PostgreSQL, and there is no user 'postgres' to do so")
    if not _is_known(os.geteuid()):
        pytest.skip("PostgreSQL serves no user whom the system does not know, as in some containers")
    with tempfile.TemporaryDirectory(prefix="simtrainer-pg-") as name:  # a short path: sockets allow 107 bytes
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, log = folder / "data", folder / "log"
        _as_server([str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "tester", "-N", "-E", "UTF8"])
        control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(log)]
        _as_server([*control, "-o", f"-c listen_addresses='' -c fsync=off -k {folder}", "start"])
        try:
            yield f"postgresql://tester@/postgres?host={folder}"
        finally:
            _as_server([*control, "-m", "immediate", "stop"])


def _has_user(name: str) -> bool:
    import pwd  # noqa: PLC0415  # not on Windows

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "new folder")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty place for records, of each kind in turn."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite")
        return url
    server: str = request.getfixturevalue("postgres")
    return emptied(server)


def emptied(server: str) -> str:
    """Take everything out of the database of `server`, and return its URL."""
    from simtrainer.records.place import checked_url, engine_of  # noqa: PLC0415  # only with a server

    engine = engine_of(checked_url(server))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return server

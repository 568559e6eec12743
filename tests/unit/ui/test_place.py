"""Folders of a user who has a home, who has none, and whose home cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simtrainer.ui import place
from simtrainer.ui.place import Place, folder, standard

pytestmark = pytest.mark.skipif(os.name != "posix", reason="homes and owners as POSIX has them")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Be a user of whom the system knows no home, with a folder for temporary files."""
    monkeypatch.setattr(place, "standard", lambda which: None)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place._temporary.cache_clear()
    yield tmp_path
    place._temporary.cache_clear()


def test_with_a_home_the_system_names_every_folder() -> None:
    for which in (Place.CONFIG, Place.DATA, Place.LOG):
        assert folder(which) == standard(which)


def test_without_a_home_every_folder_is_temporary_and_nobody_else_can_write_it(homeless: Path) -> None:
    for which in Place:
        assert folder(which) == homeless / f"simtrainer-{os.getuid()}" / which.value
    assert (homeless / f"simtrainer-{os.getuid()}").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("trap", ["open to others", "a link", "a file"])
def test_a_folder_that_somebody_else_prepared_is_not_used(homeless: Path, trap: str) -> None:
    prepared = homeless / f"simtrainer-{os.getuid()}"
    if trap == "open to others":
        prepared.mkdir()
        prepared.chmod(0o777)
    elif trap == "a link":
        (homeless / "elsewhere").mkdir(mode=0o700)
        prepared.symlink_to(homeless / "elsewhere")
    else:
        prepared.touch()
    found = folder(Place.CACHE).parent
    assert found != prepared
    assert found.name.startswith("simtrainer-")
    assert found.stat().st_mode & 0o077 == 0


def test_a_cache_in_a_home_that_cannot_be_written_is_temporary_and_data_is_not(
    homeless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "standard", lambda which: Path("/nonexistent/.x/simtrainer"))
    monkeypatch.setattr(os, "access", lambda path, mode: str(path).startswith(str(homeless)))
    assert folder(Place.CACHE).is_relative_to(homeless)
    assert folder(Place.DATA) == Path("/nonexistent/.x/simtrainer"), "what is to be kept is never put where it is lost"


def test_a_user_whom_the_system_does_not_know_can_use_the_program(tmp_path: Path) -> None:
    code = (
        "import pwd, sys\n"
        "def unknown(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = unknown\n"
        "from simtrainer.ui.cli.app import run; sys.exit(run(['list', 'courses']))"
    )
    env = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "selective_left_carotid" in done.stdout

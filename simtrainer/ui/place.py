"""Where this user's folders lie; for a user without a home, as in many containers, a temporary folder of its own."""

from __future__ import annotations

import os
import tempfile
from enum import Enum
from functools import cache
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("simtrainer", appauthor=False)


class Place(Enum):
    """What a folder is for; the value is the name of its substitute."""

    CONFIG = "config"
    DATA = "data"
    CACHE = "cache"
    LOG = "log"


def standard(place: Place) -> Path | None:
    """Return the folder that the system names for `place`; None for a user who has no home."""
    try:
        return {
            Place.CONFIG: lambda: _DIRS.user_config_path,
            Place.DATA: lambda: _DIRS.user_data_path,
            Place.CACHE: lambda: _DIRS.user_cache_path,
            Place.LOG: lambda: _DIRS.user_state_path / "log",
        }[place]()
    except RuntimeError:
        return None


def folder(place: Place) -> Path:
    """Return the folder for `place`, which need not exist.

    Without a home it is a temporary one. So is a cache that could not be written: nothing is lost with it.
    """
    found = standard(place)
    if found is None or (place is Place.CACHE and not _can_be_made(found)):
        return _temporary() / place.value
    return found


def _can_be_made(path: Path) -> bool:
    nearest = next(one for one in (path, *path.parents) if one.exists())
    return os.access(nearest, os.W_OK)


@cache
def _temporary() -> Path:
    """Return a folder that only this user can write: compiled code is loaded from it."""
    path = Path(tempfile.gettempdir()) / f"simtrainer-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="simtrainer-"))
    is_own = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and found.st_mode & 0o077 == 0)
    return path if is_own and not path.is_symlink() else Path(tempfile.mkdtemp(prefix="simtrainer-"))

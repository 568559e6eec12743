"""The code version that an attempt records: a hash over the sources that decide what a session does and is worth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
APART = frozenset({"ui", "debrief", "studies", "records"})
"""Packages that look at a session or keep it, and on which nothing in it can depend.

What is not named here counts, so that a package that is new counts until somebody has thought about it.
"""


def deciding(package: Path = _PACKAGE) -> Iterator[Path]:
    """Yield every file below `package` that decides a session, sources and data, in a fixed order."""
    for path in sorted(package.rglob("*")):
        inner = path.relative_to(package).parts
        if path.is_file() and inner[0] not in APART | {"_data"} and "__pycache__" not in inner:
            yield path


def source_hash(package: Path = _PACKAGE) -> str:
    """Return a hash over every Python source that decides a session: not the window, the debrief or the records.

    Data beside the sources is left to the fingerprints of world and course, which know what of it was used.
    """
    return files_hash(package, (path for path in deciding(package) if path.suffix == ".py"))


def files_hash(root: Path, paths: Iterator[Path]) -> str:
    """Return a hash over names and contents of files below `root`, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]

"""The code version that an attempt records: a hash over the sources that decide what a session does and is worth."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
APART = frozenset({"ui", "debrief", "studies", "records"})
"""Packages that look at a session or keep it, and on which nothing in it can depend.

What is not named here counts, so that a package that is new counts until somebody has thought about it.
"""
BY_IMPORT = frozenset({"anatomy", "imaging", "physics", "physiology", "twin", "procedures", "drills"})
"""Packages whose members need not know each other: of these only what an exercise imports decides its sessions.

Others are found by registries, which leave no import to follow, and count as a whole.
"""


def deciding(exercise: str = "", package: Path = _PACKAGE) -> Iterator[Path]:
    """Yield every file below `package` that decides a session, sources and data, in a fixed order.

    exercise: a module of the exercise, such as `simtrainer.procedures.cricothyrotomy.world`: then sources that it does
    not reach by imports are left out, and data with no such source in their folder. Empty, or of another package:
    everything counts.
    """
    everything = [path for path in sorted(package.rglob("*")) if path.is_file() and _counts(path, package)]
    home = _home(exercise, package)
    reached = set(everything) if home is None else _reached(everything, home, package)
    beside = {path.parent for path in reached}
    yield from (path for path in everything if path in reached or (path.suffix != ".py" and path.parent in beside))


def source_hash(exercise: str = "", package: Path = _PACKAGE) -> str:
    """Return a hash over every Python source that decides a session of `exercise`: not the window or the records.

    Data beside the sources is left to the fingerprints of world and course, which know what of it was used.
    """
    return files_hash(package, (path for path in deciding(exercise, package) if path.suffix == ".py"))


def files_hash(root: Path, paths: Iterable[Path]) -> str:
    """Return a hash over names and contents of files below `root`, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _counts(path: Path, package: Path) -> bool:
    inner = path.relative_to(package).parts
    return inner[0] not in APART | {"_data"} and "__pycache__" not in inner


def _home(exercise: str, package: Path) -> Path | None:
    """Return file or folder of the exercise, None where it is not one of this package."""
    top, *inner = exercise.split(".")
    if top != _PACKAGE.name or len(inner) < 2:
        return None
    path = package.joinpath(*inner[:2])
    return path if path.is_dir() else path.with_suffix(".py")


def _reached(everything: list[Path], home: Path, package: Path) -> set[Path]:
    """Return the sources that count as a whole, those of the exercise at `home`, and all that these import."""
    sources = {path for path in everything if path.suffix == ".py"}
    waiting = [
        path for path in sources
        if path.relative_to(package).parts[0] not in BY_IMPORT or path == home or home in path.parents
    ]  # fmt: skip
    found = set(waiting)
    while waiting:
        new = (_imported(waiting.pop(), package) & sources) - found
        found |= new
        waiting += new
    return found


def _imported(path: Path, package: Path) -> set[Path]:
    """Return the files that one source's imports may stand for, and the packages around them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            around = [_PACKAGE.name, *path.relative_to(package).parts][: -node.level] if node.level else []
            module = ".".join([*around, *([node.module] if node.module else [])])
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    files = {folder / "__init__.py" for folder in path.parents if folder == package or package in folder.parents}
    for name in names:
        top, *inner = name.split(".")
        if top == _PACKAGE.name:
            files |= {package.joinpath(*inner[:count], "__init__.py") for count in range(len(inner) + 1)}
            files.add(package.joinpath(*inner).with_suffix(".py") if inner else package / "__init__.py")
    return files

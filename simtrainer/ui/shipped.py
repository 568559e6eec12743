"""What this installation holds, by name: built-in patients, courses, and whatever put itself into a registry."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from simtrainer.anatomy.block_kind import is_block
from simtrainer.core.error import SimtrainerError, UnknownNameError
from simtrainer.core.registry import Registry
from simtrainer.core.resource import resource_path

if TYPE_CHECKING:
    from simtrainer.curriculum.vocabulary import Vocabulary

TESTS_ENDING = ".tests.yaml"


class Described(Protocol):
    """A registered procedure, as far as an author of courses is concerned."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Every name that a course for this procedure may use."""
        ...


def folder(kind: str) -> Path | None:
    """Return the folder `meshes` or `curricula`; None where nothing of it is shipped."""
    try:
        return resource_path(kind)
    except SimtrainerError:
        return None


def patient_folders() -> dict[str, Path]:
    """Return the folders of the built-in patients with vessels by name."""
    return {name: path for name, path in _meshes().items() if not is_block(path)}


def block_folders() -> dict[str, Path]:
    """Return the folders of the built-in soft blocks by name."""
    return {name: path for name, path in _meshes().items() if is_block(path)}


def folders_for(procedure: str) -> dict[str, Path]:
    """Return the folders of the built-in patients that `procedure` can be done on, by name."""
    every = _meshes()
    return {name: every[name] for name in vocabulary(procedure).patients if name in every}


def _meshes() -> dict[str, Path]:
    root = folder("meshes")
    return {path.parent.name: path.parent for path in sorted(root.glob("*/manifest.yaml"))} if root else {}


def course_files() -> dict[str, Path]:
    """Return the files of the built-in courses and drills by name, without their educators' tests."""
    root = folder("curricula")
    files = sorted(root.glob("*.yaml")) if root else []
    return {path.stem: path for path in files if not path.name.endswith(TESTS_ENDING)}


def course_file(given: str) -> Path:
    """Return the course that a person means: a built-in one by its name, or a file by its path."""
    files = course_files()
    if given in files:
        return files[given]
    path = Path(given)
    if path.suffix or path.exists() or path.parent != Path():
        return path
    raise UnknownNameError("course", given, files)


def registry(package: str) -> Registry[Any] | None:
    """Return the registry that `package` holds; None where this installation has no such package."""
    if importlib.util.find_spec(package) is None:
        return None
    held = [item for item in vars(importlib.import_module(package)).values() if isinstance(item, Registry)]
    return held[0] if held else None


def procedure_names() -> tuple[str, ...]:
    """Return the names of all registered procedures."""
    found = registry("simtrainer.procedures")
    return found.names() if found else ()


def vocabulary(procedure: str) -> Vocabulary:
    """Return what a course for `procedure` may name, built-in patients included."""
    found = registry("simtrainer.procedures")
    if found is None or procedure not in found:
        raise UnknownNameError("procedure", procedure, procedure_names())
    described: Described = found.get(procedure)
    words = described.vocabulary
    return words if words.patients else replace(words, patients=tuple(patient_folders()))

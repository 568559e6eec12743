"""Finds what travels with the product: built-in patients and courses, in a checkout and in an installed wheel."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

from simtrainer.core.error import SimtrainerError

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_path(kind: str) -> Path:
    """Return the folder `meshes` or `curricula`: beside the package in a checkout, inside it in a wheel."""
    for root in (_PACKAGE.parent, _PACKAGE / "_data"):
        folder = root / kind
        if folder.is_dir() and (root != _PACKAGE.parent or (root / "pyproject.toml").is_file()):
            return folder
    raise SimtrainerError(f"this installation has no folder '{kind}'; reinstall simtrainer")


def cache_path() -> Path:
    """Return the folder of what can be derived again: `SIMTRAINER_CACHE_DIR`, else the user's own cache folder."""
    return Path(os.environ.get("SIMTRAINER_CACHE_DIR") or user_cache_path("simtrainer", appauthor=False))

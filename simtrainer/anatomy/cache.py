"""What takes seconds to derive is kept in the user's cache folder, keyed by what it was derived from."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.core import grid
from simtrainer.core.kernel import machine_class
from simtrainer.core.resource import cache_path

Arrays = Mapping[str, NDArray[np.generic]]

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Return the folder that derived fields and surfaces are kept in."""
    return cache_path() / "anatomy"


def derived(name: str, sources: Mapping[str, str], make: Callable[[], Arrays]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays that `make` gives, from the cache if they were made before from the same `sources`.

    The code that derives and the class of processor are part of the key. A cache that cannot be read or written is no
    error: the arrays are made again.
    """
    words = [name, _code(), machine_class(), *(f"{key}={sources[key]}" for key in sorted(sources))]
    key = hashlib.sha256("\n".join(words).encode()).hexdigest()[:24]
    path = cache_folder() / f"{name}-{key}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {item: arrays[item] for item in arrays.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        made = dict(make())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
        np.savez(part, **made)  # type: ignore[arg-type]  # numpy's stub takes the first keyword for allow_pickle
        part.replace(path)
    except OSError as error:
        _log.warning("the derived anatomy could not be kept in %s: %s", path.parent, error)
    return made


@cache
def _code() -> str:
    """Return a hash over the sources that derive fields and surfaces."""
    digest = hashlib.sha256(Path(grid.__file__).read_bytes())
    for name in ("brick", "cone", "distance", "field", "isosurface", "package", "propagate"):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()

"""The one door to numba: cache keyed by all sources and the processor, no SVML, no fastmath.

numba keeps stale machine code when a callee in another file changes, and its vector math library differs between
processors; both would break replay. So the cache folder is chosen, and SVML switched off, before numba is imported.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from simtrainer.core.resource import cache_path

_PACKAGE = Path(__file__).resolve().parents[1]


def kernel_hash() -> str:
    """Return a hash over the sources that hold kernels, which keys the cache of compiled code."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        text = path.read_bytes()
        if b"@njit" in text:
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(text)
    return digest.hexdigest()[:16]


def machine_class() -> str:
    """Return the class of processor and system within which replays are identical bit for bit."""
    return f"{platform.system()}-{platform.machine()}-{_cpu_name()}".lower()


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip().replace(" ", "_")
    except OSError:
        pass
    return platform.processor() or "unknown"


os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
if "NUMBA_CACHE_DIR" not in os.environ:
    _KEY = hashlib.sha256(f"{kernel_hash()}-{machine_class()}".encode()).hexdigest()[:16]
    os.environ["NUMBA_CACHE_DIR"] = str(cache_path() / "kernels" / _KEY)

import numba  # noqa: E402  # the environment above must be set first
from numba.core.caching import IndexDataCacheFile  # noqa: E402

numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]
numba.config.DISABLE_INTEL_SVML = 1


def save_by_key(self: Any, key: Any, data: Any) -> None:
    """Save compiled code in numba's cache under a name that belongs to its signature alone.

    numba numbers the files of a function's signatures in the order in which a process meets them. Two processes that
    compile at a time then write different signatures under one number, and who loads one gets the machine code of the
    other: wrong numbers or none, once in a few cold starts. Two that write one signature write the same code.
    """
    known = self._load_index()
    if key not in known:
        digest = hashlib.sha256(self._dump(key)).hexdigest()[:24]
        known[key] = self._data_name_pattern.replace("{number:d}", digest)
    self._save_data(known[key], data)  # before the index: nobody shall be sent to what is not there
    self._save_index(known)


IndexDataCacheFile.save = save_by_key

K = TypeVar("K", bound=Callable[..., Any])


def njit(*, cache: bool = True, nogil: bool = True) -> Callable[[K], K]:
    """Return numba's compiling decorator without fastmath; kernels write `@njit(cache=True)`."""
    decorate: Callable[[K], K] = numba.njit(cache=cache, nogil=nogil)
    return decorate

"""numba's cache of machine code, with several processes at it."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from pathlib import Path
from typing import Any

from numba.core.caching import IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

import simtrainer.physics
from simtrainer.core.kernel import save_by_key


def test_two_that_compile_at_a_time_never_get_each_others_code(tmp_path: Path) -> None:
    first, second = (IndexDataCacheFile(str(tmp_path), "kernel-1", "stamp") for _ in range(2))
    written = first._save_index

    def crossed(known: dict[Any, Any]) -> None:
        """Let the second process save another signature while the first is at it, having read the same empty index."""
        written(known)
        empty = second._load_index
        second._load_index = dict
        second.save("other signature", "other code")
        second._load_index = empty

    first._save_index = crossed
    first._save_data("unrelated", "x")
    first.save("signature", "code")
    reader = IndexDataCacheFile(str(tmp_path), "kernel-1", "stamp")
    assert reader.load("signature") in ("code", None)
    assert reader.load("other signature") in ("other code", None)
    assert {reader.load("signature"), reader.load("other signature")} != {None}
    assert IndexDataCacheFile.save is save_by_key


def test_what_was_saved_is_found_again_and_can_be_saved_anew(tmp_path: Path) -> None:
    cache = IndexDataCacheFile(str(tmp_path), "kernel-1", "stamp")
    for k in range(4):
        cache.save(f"signature {k}", f"code {k}")
    cache.save("signature 2", "newer")
    reader = IndexDataCacheFile(str(tmp_path), "kernel-1", "stamp")
    assert [reader.load(f"signature {k}") for k in range(4)] == ["code 0", "code 1", "newer", "code 3"]
    assert IndexDataCacheFile(str(tmp_path), "kernel-1", "another stamp").load("signature 1") is None


def test_no_two_kernels_share_name_and_file() -> None:
    for module in pkgutil.walk_packages(simtrainer.physics.__path__, "simtrainer.physics."):
        importlib.import_module(module.name)
    known: dict[tuple[str, str], Any] = {}
    for kernel in (one for one in gc.get_objects() if isinstance(one, Dispatcher)):
        python = kernel.py_func
        if python.__module__.startswith("simtrainer."):
            key = (python.__module__, python.__qualname__)
            assert known.setdefault(key, python) is python, key
    assert ("simtrainer.physics.band", "factor_11") in known

"""Kernels are compiled once for each procedure, on a light bench here."""

from __future__ import annotations

from pathlib import Path

import pytest

from simtrainer.core.registry import Registry
from simtrainer.ui import warm
from tests.ui.bench import BenchProcedure, bench_case


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))


@pytest.mark.usefixtures("empty_cache")
def test_a_case_is_warmed_up_once() -> None:
    said: list[str] = []
    assert warm.is_cold(BenchProcedure.name)
    for _ in range(2):
        warm.warm_up(bench_case(), said.append)
    assert said == [warm.SAYS]
    assert not warm.is_cold(BenchProcedure.name)


@pytest.mark.usefixtures("empty_cache")
def test_every_procedure_is_warmed_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    only: Registry[BenchProcedure] = Registry("procedure", "tests.no_such_package")
    only._discovered = True
    only.put(BenchProcedure.name, BenchProcedure())
    monkeypatch.setattr(warm, "procedures", only)
    said: list[str] = []
    assert warm.warm_everything(said.append) == (BenchProcedure.name,)
    assert warm.warm_everything(said.append) == ()
    assert said == [warm.SAYS]

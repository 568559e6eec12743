"""Measurements in core time, each beside a fixed matrix product of the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simtrainer.core.units import MS
from simtrainer.studies.bench.clock import Yardstick

Timed = Callable[[Callable[[], object]], float]
_told: list[str] = []


@pytest.fixture(scope="session")
def stick() -> Yardstick:
    return Yardstick(time.thread_time)


@pytest.fixture
def timed(benchmark: BenchmarkFixture, stick: Yardstick, request: pytest.FixtureRequest) -> Timed:
    """Measure what a call costs, tell it beside the product, and return its median [core-ms]; 0 if not measured."""

    def measure(work: Callable[[], object]) -> float:
        before = stick.ms()
        benchmark(work)
        if benchmark.stats is None:  # run without measuring: --benchmark-disable
            return 0.0
        product = 0.5 * (before + stick.ms())
        median = float(benchmark.stats.stats.median) / MS
        benchmark.extra_info["x_matrix_product"] = median / product
        name = request.node.name.removeprefix("test_").replace("_", " ")
        _told.append(f"{name:<58} {median:>9.4f} core-ms {median / product:>9.4f} x product ({product:.2f} core-ms)")
        return median

    return measure


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _told:
        terminalreporter.section("beside a fixed matrix product (100 of 64 x 64)")
        for line in _told:
            terminalreporter.write_line(line)

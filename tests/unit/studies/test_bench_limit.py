"""How near the limits of the machine an iteration of the rod comes: what is counted, with clocks as the test wants."""

import math
from itertools import count

import numpy as np
import pytest

from simtrainer.studies.bench.clock import Clock
from simtrainer.studies.bench.limit import COPIED, COPIES, LINKS, chain, copy_rate, link_seconds, measure, sums, work
from simtrainer.studies.bench.speed import Load


def ticking(step: float) -> Clock:
    """A clock that goes on by `step` [s] each time it is read."""
    seconds = count(0.0, step)
    return lambda: next(seconds)


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_work_grows_with_the_nodes_in_proportion(devices: int) -> None:
    one, two, three = (work(segments, devices, 0) for segments in (100, 200, 300))
    assert three.flops - two.flops == two.flops - one.flops > 0.0
    assert three.bytes - two.bytes == two.bytes - one.bytes > 0.0
    assert one.pivots == 101 * (3 + devices)


def test_devices_and_contact_cost_operations() -> None:
    assert work(100, 1, 0).flops < work(100, 2, 0).flops < work(100, 3, 0).flops
    assert work(100, 1, 0).flops < work(100, 1, 10).flops


def test_the_pivots_of_the_chain_are_those_of_the_matrix_that_it_stands_for() -> None:
    n, start = 6, 3.0
    matrix = start * np.eye(n) + start / 3.0 * (np.eye(n, k=1) + np.eye(n, k=-1))
    last = np.linalg.det(matrix) / np.linalg.det(matrix[:-1, :-1])
    assert chain(n - 1, start) == pytest.approx(last, rel=1e-12)


def test_the_sums_are_those_of_geometric_series() -> None:
    assert sums(3, 0.5) == pytest.approx(8.0 * 1.75 + 3.6 / 8.0)


def test_rates_are_what_was_done_over_what_the_clock_says() -> None:
    assert copy_rate(ticking(0.5)) == pytest.approx(2.0 * 8.0 * COPIED * COPIES / 0.5)
    assert link_seconds(ticking(0.5)) == pytest.approx(0.5 / LINKS)


def test_what_takes_no_time_has_no_share() -> None:
    found = measure(Load(50, 1, 2.0), ticking(1e-3))
    assert found.touching > 0
    assert found.iteration_us == pytest.approx(0.0, abs=1e-6)
    assert math.isnan(found.share) or found.share > 1e3
    assert found.flops == work(50, 1, found.touching).flops

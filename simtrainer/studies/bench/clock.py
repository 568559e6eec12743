"""What a measurement of time is made with: a clock of the processor, and a fixed matrix product beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MS

T = TypeVar("T")
Clock: TypeAlias = Callable[[], float]
"""Seconds that a core has worked for this thread, `time.thread_time`; work of other programs does not count."""

SIZE, COUNT = 64, 100
"""The product: COUNT of SIZE x SIZE in float64. because: small enough that no linear algebra library starts threads."""
ROUNDS = 5
"""Goes of which the quickest counts: whatever else the machine does only ever makes one slower."""


def quickest(clock: Clock, work: Callable[[], T], rounds: int) -> tuple[float, T]:
    """Return the least time [s] that the same `work` took in some rounds, and what it gave.

    A virtual machine books what its host takes away from it as work of its threads; the least time is free of that.
    """
    times = []
    for _ in range(rounds):
        begin = clock()
        given = work()
        times.append(clock() - begin)
    return min(times), given


class Yardstick:
    """A fixed matrix product, timed between the other measurements of the same run."""

    def __init__(self, clock: Clock) -> None:
        """Make the two factors, and take the library's first go, which sets things up."""
        self._clock = clock
        phase = np.arange(COUNT * SIZE * SIZE, dtype=np.float64).reshape(COUNT, SIZE, SIZE)
        self._left, self._right = np.cos(phase), np.sin(phase)
        self._out: NDArray[np.float64] = np.empty_like(self._left)
        np.matmul(self._left, self._right, out=self._out)

    @property
    def flops(self) -> float:
        """Floating point operations of one go."""
        return 2.0 * COUNT * SIZE**3

    def ms(self) -> float:
        """Return core-milliseconds of one go now, the quickest of some."""
        seconds, _ = quickest(self._clock, lambda: np.matmul(self._left, self._right, out=self._out), ROUNDS)
        return seconds / MS

"""What an engine must be able to do, and how it is driven, timed and judged: the same for all, ours included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np

import simtrainer
from simtrainer.core.units import MM, MS
from simtrainer.studies.bench.clock import Clock, Yardstick
from simtrainer.studies.peer.task import BEND_END, RADIUS, SPEED, TURN, Floats, Task, depth, nearest

LOOK = 0.02
"""How often the wire is looked at [s]; each engine's advance divides it."""
BLOCK = 5
"""Looks between two goes of the matrix product."""
TICK = 0.01
"""Simulated time that costs are told for [s]."""


class Engine(Protocol):
    """A wire in the tube, somebody's mechanics in between."""

    def advance(self, pushed: float, turned: float) -> None:
        """Go on; at the end the back of the wire has been pushed in [m] and turned [rad] so far in all."""

    def nodes(self) -> Floats:
        """Return points of the wire's middle line [m] in W, the tip last, shape (n, 3)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine with the settings it does the task with.

    Parameters
    ----------
    title
        Engine and settings, for people.
    package
        What must be installed.
    step
        Length of a step [s].
    build
        Makes the wire at the beginning of a task; imports what it needs itself.
    steps
        Steps that one call of `advance` makes.
    """

    title: str
    package: str
    step: float
    build: Callable[[Task], Engine]
    steps: int = 1

    @property
    def version(self) -> str | None:
        """Version of the package; None where it is not installed."""
        if self.package == simtrainer.__name__:  # which need not be installed to run
            return simtrainer.__version__
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class Run:
    """How an engine did the task.

    Parameters
    ----------
    core_ms_per_10ms
        Work of all cores for 10 simulated ms, in its mean; looking at the wire does not count.
    seconds_per_core_second
        Simulated, in one second of work.
    matrix_product_ms
        Of the fixed matrix product, timed in between: what this core was worth at that time.
    max_penetration_mm
        Largest depth of the wire's surface beyond the exact wall, at nodes and midway between them; negative where it
        never reached the wall.
    tip_mm, ideal_mm
        Arc position of the tip at the end, and of one that followed the middle line.
    finite
        Whether all positions were finite numbers; otherwise the run ended with the first that was not.
    in_vessel
        Whether the wire's middle line stayed within the lumen at all times.
    through
        Whether the tip came through the bend.
    """

    name: str
    title: str
    version: str
    step_ms: float
    steps: int
    core_ms_per_10ms: float
    seconds_per_core_second: float
    matrix_product_ms: float
    max_penetration_mm: float
    tip_mm: float
    ideal_mm: float
    finite: bool
    in_vessel: bool
    through: bool

    @property
    def products(self) -> float:
        """Work for 10 simulated ms in matrix products."""
        return self.core_ms_per_10ms / self.matrix_product_ms

    @property
    def did_it(self) -> bool:
        """Tell whether the task was done: in the vessel all the time, and through the bend."""
        return self.finite and self.in_vessel and self.through


def drive(name: str, peer: Peer, task: Task, clock: Clock) -> Run:
    """Push and turn the wire of `peer` for the time of `task`.

    Parameters
    ----------
    clock
        Seconds of work of this process, all its threads: `time.process_time`.
    """
    engine = peer.build(task)
    stick = Yardstick(clock)
    period = peer.step * peer.steps
    look, products = round(LOOK / period), [stick.ms()]
    deepest, nodes, spent, done = -np.inf, engine.nodes(), 0.0, 0
    for k in range(1, round(task.seconds / period) + 1):
        at = k * period
        begin = clock()
        engine.advance(SPEED * at, TURN * at)
        spent += clock() - begin
        done = k
        if k % look == 0:
            nodes = engine.nodes()
            if not np.all(np.isfinite(nodes)):
                break
            deepest = max(deepest, deepest_of(nodes))
        if k % (BLOCK * look) == 0:
            products.append(stick.ms())
    finite = bool(np.all(np.isfinite(nodes)))
    tip = float(nearest(nodes[-1:])[1][0]) if finite else np.nan
    return Run(
        name=name, title=peer.title, version=peer.version or "", step_ms=peer.step / MS, steps=done * peer.steps,
        core_ms_per_10ms=spent / MS / (done * period / TICK), seconds_per_core_second=done * period / max(spent, 1e-9),
        matrix_product_ms=float(np.median(products)), max_penetration_mm=deepest / MM if finite else np.nan,
        tip_mm=tip / MM, ideal_mm=task.ideal / MM, finite=finite, in_vessel=finite and deepest <= RADIUS,
        through=finite and tip > BEND_END,
    )  # fmt: skip


def deepest_of(nodes: Floats) -> float:
    """Return the largest depth [m] beyond the wall at nodes (n, 3) and midway between them."""
    return float(max(depth(nodes).max(), depth(0.5 * (nodes[1:] + nodes[:-1])).max()))

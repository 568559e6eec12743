"""What is plotted: force and speed over time, thinned without losing a peak; the way of each tip in space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.attempt import Attempt
from simtrainer.core.units import MM
from simtrainer.debrief.binding import Binding, WayBinding
from simtrainer.debrief.timeline import unit_of
from simtrainer.debrief.word import say

BUCKETS = 600
"""Most points of a plot: more than a page shows. because: design"""
SPACING_MM = 1.0
"""Points of a way closer than this are dropped [mm]. because: design; a third of a pixel on the page"""


@dataclass(frozen=True, slots=True)
class Plot:
    """One signal over time: the greatest value of each of at most `BUCKETS` equal parts of the time.

    Parameters
    ----------
    times_s, values
        Middle of each part [s] and value in `unit`, shape (n,).
    limit
        The limit that the course sets, in the same unit; None where it sets none.
    peak, peak_s
        Greatest value and when it was first reached.
    """

    id: str
    text: str
    unit: str
    times_s: tuple[float, ...]
    values: tuple[float, ...]
    limit: float | None
    peak: float
    peak_s: float


@dataclass(frozen=True, slots=True)
class SceneLine:
    """One vessel for the outline behind the ways: its centreline [m] in W, shape (n, 3), and radii [m], shape (n,)."""

    name: str
    points: NDArray[np.float64]
    radii: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Way:
    """Where one tip went, in pieces without a jump: points [mm] in W."""

    id: str
    text: str
    pieces: tuple[tuple[tuple[float, float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """One vessel of the outline: points [mm] in W and radii [mm]."""

    name: str
    points_mm: tuple[tuple[float, float, float], ...]
    radii_mm: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PathView:
    """The ways of the tips against the ideal path [mm] in W, with the vessels behind them."""

    ideal_mm: tuple[tuple[float, float, float], ...]
    ways: tuple[Way, ...]
    outline: tuple[OutlineLine, ...]


def plots_of(attempt: Attempt, binding: Binding, language: str) -> tuple[Plot, ...]:
    """Return the plots of force and speed that the course measures."""
    limit = attempt.header.facts.numbers.get(binding.force_limit)
    wanted = (("force", binding.force, limit), ("speed", binding.speed, None))
    return tuple(_plot(attempt, name, signal, limit=at, language=language) for name, signal, at in wanted if signal)


def path_of(attempt: Attempt, binding: Binding, *, lines: Sequence[SceneLine], language: str) -> PathView | None:
    """Return the ways of the tips; None where neither a way nor an ideal path is known."""
    ideal = thinned(attempt.header.session_facts.ideal_path / MM)
    ways = tuple(way for bind in binding.ways for way in _ways(attempt, bind, language))
    if not ways and not len(ideal):
        return None
    outline = tuple(_outline(line) for line in lines)
    return PathView(_rows(ideal), ways, outline)


def thinned(points: NDArray[np.float64], spacing: float = SPACING_MM) -> NDArray[np.float64]:
    """Return `points`, shape (n, 3), without those nearer than `spacing` to the last one kept; both ends stay."""
    if len(points) < 3:
        return points
    kept = [0]
    for i in range(1, len(points) - 1):
        if np.linalg.norm(points[i] - points[kept[-1]]) >= spacing:
            kept.append(i)
    return points[[*kept, len(points) - 1]]


def peaks(values: NDArray[np.float64], buckets: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the row of the greatest value of each of at most `buckets` equal parts, and those values."""
    edges = np.unique(np.linspace(0, len(values), min(buckets, len(values)) + 1).astype(np.int64))
    rows = np.array([a + int(np.argmax(values[a:b])) for a, b in pairwise(edges.tolist())], np.int64)
    return rows, values[rows]


def _plot(attempt: Attempt, name: str, signal: str, *, limit: float | None, language: str) -> Plot:
    column = attempt.signals[:, attempt.header.signals.index(signal)].astype(np.float64)
    rows, values = peaks(column, BUCKETS)
    times = attempt.signal_ticks[rows] / attempt.header.tick_hz
    top = int(np.argmax(values)) if len(values) else -1
    peak, peak_s = (float(values[top]), float(times[top])) if top >= 0 else (0.0, 0.0)
    return Plot(
        name, say(f"plot.{name}", language), unit_of(signal), tuple(times.tolist()), tuple(values.tolist()), limit,
        peak, peak_s,
    )  # fmt: skip


def _ways(attempt: Attempt, bind: WayBinding, language: str) -> Iterator[Way]:
    columns = [attempt.header.signals.index(name) for name in bind.signals]
    points = attempt.signals[:, columns].astype(np.float64)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    pieces = [thinned(part) for part in np.split(points, np.flatnonzero(steps > bind.jump_mm) + 1)]
    long = tuple(_rows(piece) for piece in pieces if len(piece) > 2)
    if long:
        name = bind.signals[0].removesuffix("_x_mm")
        yield Way(name, say(f"way.{name}", language, otherwise=name.replace("_", " ")), long)


def _outline(line: SceneLine) -> OutlineLine:
    every = max(1, round(3.0 * MM / max(_spacing(line.points), 1e-9)))
    rows = np.unique(np.r_[0 : len(line.points) : every, len(line.points) - 1])
    points = line.points[rows] / MM
    return OutlineLine(line.name, _rows(points), tuple(round(float(r), 2) for r in line.radii[rows] / MM))


def _spacing(points: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean()) if len(points) > 1 else 1.0


def _rows(points: NDArray[np.float64]) -> tuple[tuple[float, float, float], ...]:
    return tuple((round(float(x), 2), round(float(y), 2), round(float(z), 2)) for x, y, z in points)

"""Which signals a debrief plots: those that the course itself measures, so no procedure needs to be known here."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.curriculum.course import Course
from simtrainer.curriculum.schema import MetricUse

UNCONVERGED = "unconverged"
"""Signal that is not 0 at ticks whose solver did not converge."""


@dataclass(frozen=True, slots=True)
class WayBinding:
    """One tip that a course follows: its three signals [mm], and the longest step [mm] that still is a movement."""

    metric: str
    signals: tuple[str, str, str]
    jump_mm: float


@dataclass(frozen=True, slots=True)
class Binding:
    """Names of the signals and facts to plot; empty where the course measures nothing of the kind."""

    force: str
    force_limit: str
    speed: str
    pedal: str
    ways: tuple[WayBinding, ...]


def bound(course: Course, signals: tuple[str, ...]) -> Binding:
    """Return what `course` measures, as far as the recording holds `signals` of these names."""

    def first(metric: str, role: str) -> str:
        uses = (use.signals.get(role, "") for use in course.spec.metrics if use.metric == metric)
        return next((name for name in uses if name in signals), "")

    limits = (use.facts.get("limit", "") for use in course.spec.metrics if use.metric == "force_over_limit")
    ways: dict[tuple[str, str, str], WayBinding] = {}
    for use in course.spec.metrics:
        axes = _axes(use)
        if axes is not None and set(axes) <= set(signals):
            ways.setdefault(axes, WayBinding(use.id, axes, use.numbers.get("jump_mm", 50.0)))
    return Binding(
        force=first("peak_force", "force"),
        force_limit=next(limits, ""),
        speed=first("sparc", "speed"),
        pedal=first("fluoroscopy_time", "counter"),
        ways=tuple(ways.values()),
    )


def _axes(use: MetricUse) -> tuple[str, str, str] | None:
    if not {"x", "y", "z"} <= set(use.signals):
        return None
    return use.signals["x"], use.signals["y"], use.signals["z"]

"""The monitor strip and the force bar: from a snapshot to labels, numbers and urgency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simtrainer.core.fact import SessionFacts
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.curriculum.schema import Aid
from simtrainer.ui.monitor.level import Level, level_of
from simtrainer.ui.monitor.word import MONITOR, Words, minutes


@dataclass(frozen=True, slots=True)
class Gauge:
    """One cell of the strip.

    Parameters
    ----------
    id
        Key of its label.
    signals
        Signals of which the greatest in size is shown; a gauge whose signals a procedure lacks is left out.
    limit
        Number of the session facts against which it is judged; empty for none.
    alarm_above
        A fixed value above which it alarms; 0 for none.
    aid
        The aid that it belongs to; None where a person at the table has it anyway.
    """

    id: str
    signals: tuple[str, ...]
    unit: str
    decimals: int
    limit: str = ""
    alarm_above: float = 0.0
    aid: Aid | None = None


GAUGES: tuple[Gauge, ...] = (
    Gauge("fluoroscopy_s", ("fluoroscopy_s",), "min", -1),
    Gauge("dose_gy_cm2", ("dose_gy_cm2",), "Gy cm²", 1),
    Gauge("contrast_ml", ("contrast_ml",), "ml", 0, limit="contrast_limit_ml"),
    Gauge("air_in_catheter_ml", ("air_in_catheter_ml",), "ml", 2, alarm_above=0.05, aid=Aid.HINTS),
    Gauge("hand_force", ("hand_force_wire_n", "hand_force_catheter_n"), "N", 1),
    Gauge("wall_force_max_n", ("wall_force_max_n",), "N", 1, limit="wall_force_limit_n", aid=Aid.FORCE_BAR),
)
"""What the strip shows. A wall's force and air in a closed catheter are felt and seen by nobody: they are aids."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is drawn."""

    id: str
    label: str
    value: str
    unit: str
    level: Level


@dataclass(frozen=True, slots=True)
class MonitorStrip:
    """The cells from left to right."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ForceBar:
    """Force on the wall as a share of the limit (1 at the limit), in words, and its urgency."""

    title: str
    value: str
    share: float
    word: str
    level: Level


def readings(signals: Sequence[Signal], snapshot: Snapshot) -> dict[str, float]:
    """Return the signals of `snapshot` by name, each in the unit of its name."""
    return {signal.name: float(value) for signal, value in zip(signals, snapshot.signals, strict=True)}


def strip_of(
    values: Mapping[str, float], facts: SessionFacts, time_s: float, *, aids: Sequence[Aid], language: str
) -> MonitorStrip:
    """Return the strip for the readings `values` at `time_s` [s]."""
    say = Words(MONITOR, language)
    shown = (g for g in GAUGES if (g.aid is None or g.aid in aids) and all(name in values for name in g.signals))
    clock = Cell("time", say("gauge.time"), minutes(time_s), "min", Level.CALM)
    return MonitorStrip((clock, *(_cell(gauge, values, facts, say) for gauge in shown)))


def force_bar_of(values: Mapping[str, float], facts: SessionFacts, language: str) -> ForceBar | None:
    """Return the force bar; None where the procedure knows no wall force or no limit of it."""
    limit = facts.numbers.get("wall_force_limit_n", 0.0)
    if "wall_force_max_n" not in values or limit <= 0.0:
        return None
    say = Words(MONITOR, language)
    force = values["wall_force_max_n"]
    level = level_of(force, limit)
    value = f"{say.number(force, 1)} / {say.number(limit, 1)} N"
    return ForceBar(say("force.title"), value, force / limit, say(f"force.{level.value}"), level)


def _cell(gauge: Gauge, values: Mapping[str, float], facts: SessionFacts, say: Words) -> Cell:
    value = max((values[name] for name in gauge.signals), key=abs)
    shown = minutes(value) if gauge.decimals < 0 else say.number(value, gauge.decimals)
    level = level_of(value, facts.numbers.get(gauge.limit, 0.0)) if gauge.limit else Level.CALM
    if gauge.alarm_above and value > gauge.alarm_above:
        level = Level.ALARM
    return Cell(gauge.id, say(f"gauge.{gauge.id}"), shown, gauge.unit, level)

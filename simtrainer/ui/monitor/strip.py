"""The monitor strip and the force bar: from a snapshot to labels, numbers and urgency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simtrainer.core.fact import SessionFacts
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.curriculum.schema import Aid
from simtrainer.ui.monitor.level import Level, level_of
from simtrainer.ui.monitor.word import MONITOR, Words, minutes
from simtrainer.ui.workplace import Gauge, Workplace, said


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
    """Force on what must not be hurt as a share of the limit (1 at the limit), in words, and its urgency."""

    title: str
    value: str
    share: float
    word: str
    level: Level


def readings(signals: Sequence[Signal], snapshot: Snapshot) -> dict[str, float]:
    """Return the signals of `snapshot` by name, each in the unit of its name."""
    return {signal.name: float(value) for signal, value in zip(signals, snapshot.signals, strict=True)}


def strip_of(
    values: Mapping[str, float],
    facts: SessionFacts,
    time_s: float,
    *,
    place: Workplace,
    aids: Sequence[Aid],
    language: str,
) -> MonitorStrip:
    """Return the strip of `place` for the readings `values` at `time_s` [s]."""
    say = Words(MONITOR, language)
    shown = (g for g in place.gauges if (g.aid is None or g.aid in aids) and all(name in values for name in g.signals))
    clock = Cell("time", say("gauge.time"), minutes(time_s), "min", Level.CALM)
    return MonitorStrip((clock, *(_cell(gauge, values, facts, say) for gauge in shown)))


def force_bar_of(values: Mapping[str, float], facts: SessionFacts, place: Workplace, language: str) -> ForceBar | None:
    """Return the force bar; None where the procedure knows no such force or no limit of it."""
    if place.force is None:
        return None
    limit = facts.numbers.get(place.force.limit, 0.0)
    if place.force.signal not in values or limit <= 0.0:
        return None
    say = Words(MONITOR, language)
    force = values[place.force.signal]
    level = level_of(force, limit)
    value = f"{say.number(force, 1)} / {say.number(limit, 1)} N"
    word = said(place.force.alarm, language) if level is Level.ALARM else say(f"force.{level.value}")
    return ForceBar(said(place.force.title, language), value, force / limit, word, level)


def _cell(gauge: Gauge, values: Mapping[str, float], facts: SessionFacts, say: Words) -> Cell:
    value = max((values[name] for name in gauge.signals), key=abs)
    shown = minutes(value) if gauge.decimals < 0 else say.number(value, gauge.decimals)
    level = level_of(value, facts.numbers.get(gauge.limit, 0.0)) if gauge.limit else Level.CALM
    if (gauge.alarm_above and value > gauge.alarm_above) or value < gauge.alarm_below:
        level = Level.ALARM
    return Cell(gauge.id, said(gauge.label, say.language), shown, gauge.unit, level)

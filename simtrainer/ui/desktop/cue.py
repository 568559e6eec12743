"""What is heard and said when: from one step to sounds with their captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simtrainer.core.event import Event
from simtrainer.core.session import Feedback
from simtrainer.curriculum.schema import Aid, CourseFile
from simtrainer.ui.desktop.sound import Sound
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.workplace import Workplace

BEAM, CONTRAST = "beam.mode", "syringe.contrast"
FORCE_PAUSE_S = 0.6
"""Shortest time [s] between two warning tones. because: design"""
Held = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Cue:
    """A sound and the key of its caption; `what` is an event's name, or a remark of the course as it stands."""

    sound: Sound | None
    caption: str
    level: Level
    what: str = ""


def cues_of(
    events: tuple[Event, ...], feedback: tuple[Feedback, ...], *, before: Held, now: Held, critical: frozenset[str]
) -> tuple[Cue, ...]:
    """Return what is to be heard and said of one tick; `critical` are the events that ring an alarm."""
    cues = [Cue(Sound.ALARM, "caption.alarm", Level.ALARM, event.name) for event in events if event.name in critical]
    was, is_now = (str(held.get(BEAM, "off")) for held in (before, now))
    if is_now not in (was, "off"):
        cues.append(Cue(None, "caption.hum" if is_now == "fluoro" else "caption.cine", Level.CALM))
    if _number(before, CONTRAST) <= 0.0 < _number(now, CONTRAST):
        cues.append(Cue(Sound.INJECTION, "caption.injection", Level.CALM))
    for remark in feedback:
        done = remark.code.endswith(".done")
        cues.append(Cue(Sound.DONE if done else None, "", Level.CALM if done else Level.CARE, remark.text))
    return tuple(cues)


def alarms_of(course: CourseFile, aids: tuple[Aid, ...], place: Workplace) -> frozenset[str]:
    """Return the events that ring: those of the place always, all critical that is forbidden where hints are on.

    Monitors ring when blood pressure falls; no machine rings because a wire is out of the picture.
    """
    forbidden = {rule.never.event for rule in course.forbidden if rule.critical} if Aid.HINTS in aids else set()
    return frozenset({*place.alarms, *forbidden})


def loops_of(now: Held) -> Mapping[Sound, bool]:
    """Return which sounds go on."""
    beam = str(now.get(BEAM, "off"))
    return {Sound.HUM: beam == "fluoro", Sound.CINE: beam in ("roadmap", "cine", "dsa")}


def _number(held: Held, name: str) -> float:
    value = held.get(name, 0.0)
    return value if isinstance(value, float | int) else 0.0

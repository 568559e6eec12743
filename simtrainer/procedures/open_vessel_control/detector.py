"""From two snapshots to events: what happened in this tick."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.core.event import Event, Evidence
from simtrainer.core.fact import SessionFacts
from simtrainer.core.session import Detector
from simtrainer.core.snapshot import Snapshot
from simtrainer.procedures.open_vessel_control.catalogue import BY_NAME, LAYERS, SIDES, SIGNALS
from simtrainer.procedures.open_vessel_control.fact import EXPOSED_MM, FOUND_MM, OPEN_MM, SKIN_MM
from simtrainer.procedures.open_vessel_control.sense import STOPPED

_AT = {signal.name: k for k, signal in enumerate(SIGNALS)}


def value(snapshot: Snapshot, name: str) -> float:
    """Return a signal by name."""
    return float(snapshot.signals[_AT[name]])


def rose(before: Snapshot, now: Snapshot, name: str, level: float) -> bool:
    """Tell whether a signal crossed `level` upwards in this tick."""
    return value(before, name) < level <= value(now, name)


def more(before: Snapshot, now: Snapshot, name: str) -> bool:
    """Tell whether a counter went up in this tick."""
    return value(now, name) > value(before, name)


def told(name: str, now: Snapshot, **data: Evidence) -> Event:
    """Return the event `name` at the tick of `now`."""
    return BY_NAME[name].at(now.tick, **data)


def deeds(facts: SessionFacts) -> Detector:
    """Return the detector of things done once, of tools taken, and of the count of swabs."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        for signal, name in (("card_read", "CaseCardRead"), ("time_out", "TimeOutDone")):
            if rose(before, now, signal, 1.0):
                events.append(told(name, now))
        for side in SIDES:
            tool = now.words[f"{side}_tool"]
            if tool and tool != before.words[f"{side}_tool"]:
                events.append(told("ToolTaken", now, tool=tool, hand=side))
        if rose(before, now, "called", 1.0):
            events.append(told("AnaesthesiaCalled", now, lost_ml=value(now, "lost_ml")))
        if more(before, now, "swab_counts"):
            events.append(told("SwabsCounted", now, right="no" if value(now, "swabs_in_wound") else "yes"))
        return tuple(events)

    return detect


def ways(facts: SessionFacts) -> Detector:
    """Return the detector of the way in: skin, layers, retractors, the artery."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        if rose(before, now, "skin_open_mm", SKIN_MM):
            events.append(told("SkinIncised", now, length_mm=value(now, "skin_open_mm")))
        if more(before, now, "cuts_outside"):
            events.append(told("CutOutsideLine", now, voxels=value(now, "cuts_outside")))
        opened = (layer for layer in LAYERS if rose(before, now, f"{layer}_open_mm", OPEN_MM))
        events.extend(told("LayerOpened", now, layer=layer) for layer in opened)
        if more(before, now, "retractors"):
            events.append(told("RetractorPlaced", now, number=value(now, "retractors")))
        if rose(before, now, "artery_seen_mm", FOUND_MM):
            events.append(told("VesselFound", now, length_mm=value(now, "artery_seen_mm")))
        return tuple(events)

    return detect


def bleeding(facts: SessionFacts) -> Detector:
    """Return the detector of the bleeding and of its control."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        lost = value(now, "lost_ml")
        if rose(before, now, "bleeding", 1.0):
            events.append(told("BleedingBegan", now, cause=now.words["cause"]))
        for signal, level, name in (
            ("pressed_s", 0.5, "PressureApplied"), ("proximal_closed", 1.0, "ProximalControlled"),
            ("distal_closed", 1.0, "DistalControlled"),
        ):  # fmt: skip
            if rose(before, now, signal, level):
                events.append(told(name, now, lost_ml=lost))
        if more(before, now, "clots_opened"):
            events.append(told("ClotOpened", now, lost_ml=lost))
        by = round(value(now, "stopped"))
        if by and by != round(value(before, "stopped")):
            events.append(told("BleedingStopped", now, by=STOPPED[by], lost_ml=lost))
        return tuple(events)

    return detect


def jaws(facts: SessionFacts) -> Detector:
    """Return the detector of what clamps and ligatures are set on."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        freed = (where for where in ("proximal", "distal") if rose(before, now, f"{where}_free_mm", EXPOSED_MM))
        events.extend(told("VesselExposed", now, where=where) for where in freed)
        if more(before, now, "clampings"):
            place, seen = now.words["clamp_where"], now.words["clamp_seen"]
            events.append(told("ClampApplied", now, where=place, seen=seen, holds=_held(now)))
        if more(before, now, "blind_clampings"):
            events.append(told("BlindClamp", now, lost_ml=value(now, "lost_ml")))
        if more(before, now, "ties_on"):
            events.append(told("VesselLigated", now, where=now.words["tie_where"]))
        return tuple(events)

    return detect


def _held(now: Snapshot) -> str:
    """Return what the clamp that just closed holds."""
    grips = [now.words[f"{side}_grip"] for side in SIDES if now.words[f"{side}_tool"] == "clamp"]
    return next((grip for grip in grips if grip), "tissue")


def dangers(facts: SessionFacts) -> Detector:
    """Return the detector of harm: nerve, vein, torn tissue."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        if more(before, now, "nerve_hurt"):
            events.append(told("NerveInjured", now))
        if more(before, now, "vein_hurt"):
            events.append(told("VeinInjured", now))
        if more(before, now, "torn"):
            events.append(told("TissueTorn", now, tissue=now.words["torn"] or "grip"))
        return tuple(events)

    return detect


DETECTORS: tuple[Callable[[SessionFacts], Detector], ...] = (deeds, ways, bleeding, jaws, dangers)

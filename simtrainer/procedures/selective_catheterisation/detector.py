"""From two snapshots to events: what happened in this tick."""

from __future__ import annotations

from collections.abc import Callable

from simtrainer.core.event import Event, Evidence
from simtrainer.core.fact import SessionFacts
from simtrainer.core.session import Detector
from simtrainer.core.snapshot import Snapshot
from simtrainer.procedures.selective_catheterisation.catalogue import BY_NAME, SIGNALS
from simtrainer.procedures.selective_catheterisation.fact import ENGAGED_S

_AT = {signal.name: k for k, signal in enumerate(SIGNALS)}
BARE_STEPS_MM = (10.0, 20.0, 40.0, 80.0)
"""Forward travel of a leading catheter that is told of. because: design"""
BLIND_STEPS_MM = (15.0, 50.0, 100.0, 200.0)
"""Forward travel of an unseen wire tip that is told of. because: design"""
WRONG_MM = 8.0
"""Depth in a wrong vessel that counts; a tip that slips over an origin has not entered it. because: design"""
UNFLUSHED_ML = 0.5
"""Contrast through an unflushed catheter that counts. because: design, half a lumen"""
AIR_ML = 0.05
"""Air that counts as injected. because: design; a bubble of 4.6 mm diameter"""


def value(snapshot: Snapshot, name: str) -> float:
    """Return a signal by name."""
    return float(snapshot.signals[_AT[name]])


def rose(before: Snapshot, now: Snapshot, name: str, level: float) -> bool:
    """Tell whether a signal crossed `level` upwards in this tick."""
    return value(before, name) < level <= value(now, name)


def told(name: str, now: Snapshot, **data: Evidence) -> Event:
    """Return the event `name` at the tick of `now`."""
    return BY_NAME[name].at(now.tick, **data)


def deeds(facts: SessionFacts) -> Detector:
    """Return the detector of things done once, of loading and removing, and of syringes."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        for signal, name in (("card_read", "CaseCardRead"), ("time_out", "TimeOutDone")):
            if rose(before, now, signal, 1.0):
                events.append(told(name, now))
        if rose(before, now, "dose_noted", 1.0):
            dose, time = value(now, "dose_gy_cm2"), value(now, "fluoroscopy_s")
            events.append(told("DoseNoted", now, dose_gy_cm2=dose, fluoroscopy_s=time))
        for kind in ("wire", "catheter"):
            was, has = before.words[kind], now.words[kind]
            if was and not has:
                events.append(told("DeviceRemoved", now, device=was))
            if has and not was:
                events.append(told("DeviceLoaded", now, device=has))
        if value(now, "wire_exits") > value(before, "wire_exits"):
            where = now.words["catheter_vessel"] or facts.words["access_vessel"]
            events.append(told("WireWithdrawn", now, vessel=where))
        limit = facts.numbers["compression_s"]
        if rose(before, now, "compression_s", limit):
            events.append(told("HaemostasisAchieved", now, compression_s=limit))
        return tuple(events)

    return detect


def fluids(facts: SessionFacts) -> Detector:
    """Return the detector of aspiration, flush, injections, roadmaps and air."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        vessel, volume = now.words["record_vessel"], value(now, "injected_ml")
        if value(now, "aspirations") > value(before, "aspirations"):
            events.append(told("Aspirated", now, volume_ml=value(now, "aspirated_ml")))
        if value(now, "flushes") > value(before, "flushes"):
            events.append(told("Flushed", now, volume_ml=value(now, "flushed_ml")))
        if value(now, "puffs") > value(before, "puffs"):
            events.append(told("TestPuffGiven", now, vessel=vessel, volume_ml=volume))
        if value(now, "runs") > value(before, "runs"):
            view, dose = now.words["record_projection"], value(now, "run_dose_gy_cm2")
            events.append(told("AngiogramRun", now, vessel=vessel, projection=view, volume_ml=volume, dose_gy_cm2=dose))
        if value(now, "roadmaps") > value(before, "roadmaps"):
            events.append(told("RoadmapMade", now, vessel=now.words["roadmap_vessel"]))
        if _each(before, now, "unflushed_ml", UNFLUSHED_ML):
            events.append(told("InjectedWithoutFlush", now, volume_ml=value(now, "unflushed_ml")))
        if _each(before, now, "air_ml", AIR_ML):
            events.append(told("AirInjected", now, volume_ml=value(now, "air_ml")))
        limit = facts.numbers["contrast_limit_ml"]
        if rose(before, now, "contrast_ml", limit):
            given = value(now, "contrast_ml")
            events.append(told("ContrastLimitExceeded", now, volume_ml=given, limit_ml=limit))
        return tuple(events)

    return detect


def _each(before: Snapshot, now: Snapshot, name: str, level: float) -> bool:
    """Tell whether a running total reached `level` since it last stood still: one event an injection."""
    total, was = value(now, name), value(before, name)
    return total > was and was // level == 0.0 and total >= level


def _entered(facts: SessionFacts, kind: str, before: Snapshot, now: Snapshot) -> list[Event]:
    """Return what the tip of the wire or the catheter came to in this tick."""
    target, deep = facts.words["target_vessel"], facts.numbers["target_depth_mm"]
    device, vessel = now.words[kind], now.words[f"{kind}_vessel"]
    if not device or not vessel:
        return []
    events: list[Event] = []
    if vessel != before.words[f"{kind}_vessel"]:
        events.append(told("VesselEntered", now, vessel=vessel, device=device))
        if vessel == facts.words["flush_vessel"]:
            events.append(told("LandmarkReached", now, landmark=vessel, device=device))
    depth = "wire_deep_mm" if kind == "wire" else "deep_mm"
    stayed = vessel == before.words[f"{kind}_vessel"]
    wrong = vessel not in facts.words["right_way"].split(",")
    if wrong and value(now, depth) >= WRONG_MM and not (stayed and value(before, depth) >= WRONG_MM):
        events.append(told("WrongVesselEntered", now, vessel=vessel, device=device))
    was_there = stayed and vessel == target and value(before, depth) >= deep
    if vessel == target and value(now, depth) >= deep and not was_there:
        events.append(told("TargetReached", now, vessel=vessel, device=device))
    return events


def travels(facts: SessionFacts) -> Detector:
    """Return the detector of vessels entered, landmarks, target, engagement and withdrawal."""

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events = _entered(facts, "wire", before, now) + _entered(facts, "catheter", before, now)
        if rose(before, now, "engaged_s", ENGAGED_S):
            vessel, device = now.words["catheter_vessel"], now.words["catheter"]
            events.append(told("CatheterEngaged", now, vessel=vessel, device=device))
        if now.words["catheter"] and _ahead(now) and not _ahead(before):
            events.append(told("CatheterStraightened", now, device=now.words["catheter"]))
        if _withdrawn(facts, before, now):
            straight = "yes" if _ahead(now) else "no"
            events.append(told("CatheterWithdrawn", now, device=now.words["catheter"], straightened=straight))
        return tuple(events)

    return detect


def _withdrawn(facts: SessionFacts, before: Snapshot, now: Snapshot) -> bool:
    """Tell whether the catheter's tip came out of the chest, or of what stands for it, in this tick."""
    way = (before.words["catheter_vessel"], now.words["catheter_vessel"])
    return bool(before.words["catheter"]) and way == (facts.words["withdrawn_from"], facts.words["withdrawn_to"])


def _ahead(snapshot: Snapshot) -> bool:
    return bool(snapshot.words["wire"]) and value(snapshot, "wire_in_mm") > value(snapshot, "catheter_in_mm") + 5.0


def dangers(facts: SessionFacts) -> Detector:
    """Return the detector of force, perforation, escape, loops, unseen wires and leading catheters."""
    limit = facts.numbers["wall_force_limit_n"]

    def detect(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
        events: list[Event] = []
        lead = "wire" if value(now, "wire_in_mm") >= value(now, "catheter_in_mm") else "catheter"
        device, vessel = now.words[lead], now.words[f"{lead}_vessel"]
        if rose(before, now, "wall_force_over", 1.0):
            force = value(now, "wall_force_max_n")
            events.append(told("WallForceExceeded", now, force_n=force, limit_n=limit, vessel=vessel))
        if rose(before, now, "bleeding", 1.0):
            events.append(told("VesselPerforated", now, vessel=vessel, force_n=value(now, "tip_force_n")))
        if rose(before, now, "escaped", 1.0):
            events.append(told("DeviceEscaped", now, device=device))
        if rose(before, now, "looped", 1.0):
            events.append(told("LoopFormed", now, device=device, vessel=vessel))
        for level in BARE_STEPS_MM:
            if rose(before, now, "bare_catheter_mm", level):
                where = now.words["catheter_vessel"]
                events.append(told("CatheterAdvancedWithoutWire", now, travel_mm=level, vessel=where))
        blind = (level for level in BLIND_STEPS_MM if rose(before, now, "blind_wire_mm", level))
        events.extend(told("WireTipLeftImage", now, travel_mm=level) for level in blind)
        return tuple(events)

    return detect


DETECTORS: tuple[Callable[[SessionFacts], Detector], ...] = (deeds, travels, fluids, dangers)

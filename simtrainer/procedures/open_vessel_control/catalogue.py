"""Every control, signal and event of the procedure, with what it means."""

from __future__ import annotations

import math

from simtrainer.core.action import Control
from simtrainer.core.event import EventType
from simtrainer.core.snapshot import Signal

TOOLS = (
    "scalpel", "forceps", "scissors", "dissector", "retractor", "finger", "swab", "suction", "clamp", "tie",
)  # fmt: skip
SIDES = ("left", "right")
MOST_SPEED = 0.15
"""Fastest hand [m/s]. because: design; beyond it an edge is not guided"""
MOST_SPIN = math.pi
"""Fastest turn of an instrument [rad/s]. because: design, half a turn a second"""
LAYERS = ("skin", "fat", "fascia", "muscle", "areolar")
"""What lies over the artery, from outside."""


def _hand(side: str) -> tuple[Control, ...]:
    return (
        Control(
            f"{side}.x", f"Move the {side} hand to the patient's right (+)", "m/s", -MOST_SPEED, MOST_SPEED, held=True
        ),
        Control(
            f"{side}.y", f"Move the {side} hand up out of the wound (+)", "m/s", -MOST_SPEED, MOST_SPEED, held=True
        ),
        Control(f"{side}.z", f"Move the {side} hand to the head (+)", "m/s", -MOST_SPEED, MOST_SPEED, held=True),
        Control(f"{side}.turn", f"Turn the {side} tool about the vertical", "rad/s", -MOST_SPIN, MOST_SPIN, held=True),
        Control(f"{side}.close", f"Close the {side} tool: jaws, or the hole of the sucker", "share", held=True),
        Control(f"{side}.take", f"Take a tool into the {side} hand; empty puts it back", choices=("", *TOOLS)),
        Control(f"{side}.leave", f"Leave what the {side} hand holds in the wound: retractor, clamp, swab"),
    )


CONTROLS: tuple[Control, ...] = (
    Control("chart.read", "Read the case card"),
    Control("team.time_out", "Hold the time-out"),
    *_hand("left"),
    *_hand("right"),
    Control("team.call", "Tell anaesthesia of the bleeding and call for help"),
    Control("swab.count", "Count the swabs"),
)


def _felt(side: str) -> tuple[Signal, ...]:
    return (
        *(Signal(f"{side}_tip_{c}_mm", f"Tip of the {side} tool in W") for c in "xyz"),
        Signal(f"{side}_force_n", f"What the {side} tool feels"),
        Signal(f"{side}_close", f"How far the {side} tool is closed"),
    )


SIGNALS: tuple[Signal, ...] = (
    *_felt("left"),
    *_felt("right"),
    Signal("hand_speed_mm_s", "Speed of the faster hand"),
    Signal("tissue_force_n", "Greatest force of one tool or retractor on tissue"),
    Signal("squeeze_force_n", "Force that flattens the artery, all of its points together"),
    *(Signal(f"{layer}_open_mm", f"Length over which the layer {layer} is open over the artery") for layer in LAYERS),
    Signal("cut_voxels", "Voxels of tissue that were cut or parted so far"),
    Signal("cuts_outside", "Voxels of skin that were cut outside the marked line"),
    Signal("torn", "Voxels that tore, and grips that tore out"),
    Signal("retractors", "Retractors that lie in the wound"),
    Signal("artery_seen_mm", "Length of artery that the surgeon sees"),
    Signal(
        "proximal_free_mm",
        "Length of artery before the bleeding that can be encircled; of the upper half until it bleeds",
    ),
    Signal("distal_free_mm", "Length of artery beyond the bleeding that can be encircled"),
    Signal("artery_open", "Smallest lumen of the artery over its round one"),
    Signal("bleeding_ml_s", "Flow out of the artery"),
    Signal("backflow_ml_s", "Share of it that comes from the distal stump"),
    Signal("venous_ml_s", "Flow out of the vein"),
    Signal("lost_ml", "Blood that left the vessels"),
    Signal("pool_ml", "Blood that stands in the wound"),
    Signal("pool_mm", "Depth of the blood over the artery's axis at the bleeding, 0 for none"),
    Signal("suction_ml", "Blood in the suction bottle"),
    Signal("swabs_ml", "Blood in swabs"),
    Signal("drained_ml", "Blood that ran over the edge"),
    Signal("pressure_mmhg", "Mean arterial pressure"),
    Signal("bleeding", "1 from where the artery has a hole"),
    Signal("pressed_s", "How long the bleeding has been pressed this time"),
    Signal("proximal_closed", "1 where clamp or tie closes the artery before the hole"),
    Signal("distal_closed", "1 where clamp or tie closes it beyond the hole"),
    Signal("stopped", "What has stopped the bleeding for 2 s: 0 nothing, 1 pressure, 2 clamps, 3 ties"),
    Signal("clampings", "Times that a clamp closed in the wound"),
    Signal("blind_clampings", "Times that it closed on what nobody saw"),
    Signal("ties_on", "Ligatures on the artery"),
    Signal("nerve_hurt", "Times that the nerve was cut or clamped"),
    Signal("vein_hurt", "Times that the vein was cut or clamped"),
    Signal("clots_opened", "Times that pressure was let go before the artery was controlled on both sides"),
    Signal("card_read", "1 after the case card was read"),
    Signal("time_out", "1 after the time-out"),
    Signal("called", "1 after anaesthesia was told"),
    Signal("swabs_in_wound", "Swabs that lie in the wound"),
    Signal("swab_counts", "Times that the swabs were counted"),
    Signal("unconverged", "1 where the mechanics of the tick did not converge"),
)


def _kind(name: str, doc: str, *fields: str) -> EventType:
    return EventType(name, doc, fields)


EVENTS: tuple[EventType, ...] = (
    _kind("CaseCardRead", "The case card was read"),
    _kind("TimeOutDone", "The time-out was held"),
    _kind("ToolTaken", "A hand took a tool", "tool", "hand"),
    _kind("SkinIncised", "The skin was cut over a length that lets one in", "length_mm"),
    _kind("CutOutsideLine", "The skin was cut beside the marked line", "voxels"),
    _kind("LayerOpened", "A layer over the artery is open", "layer"),
    _kind("RetractorPlaced", "A retractor was left in the wound", "number"),
    _kind("VesselFound", "The surgeon sees the artery", "length_mm"),
    _kind("BleedingBegan", "The artery has a hole", "cause"),
    _kind("AnaesthesiaCalled", "Anaesthesia was told of the bleeding", "lost_ml"),
    _kind("PressureApplied", "The bleeding has been pressed for half a second", "lost_ml"),
    _kind("ClotOpened", "Pressure was let go before the artery was controlled on both sides", "lost_ml"),
    _kind("VesselExposed", "A length of artery on one side of the bleeding can be encircled", "where"),
    _kind("ClampApplied", "A clamp closed in the wound", "where", "seen", "holds"),
    _kind("BlindClamp", "A clamp closed where the artery was not seen", "lost_ml"),
    _kind("ProximalControlled", "The artery is closed before the bleeding", "lost_ml"),
    _kind("DistalControlled", "The artery is closed beyond the bleeding", "lost_ml"),
    _kind("VesselLigated", "A ligature was tied about the artery", "where"),
    _kind("BleedingStopped", "Nothing has bled for two seconds", "by", "lost_ml"),
    _kind("NerveInjured", "The nerve was cut or clamped"),
    _kind("VeinInjured", "The vein was cut or clamped"),
    _kind("TissueTorn", "Tissue tore, or a grip tore out", "tissue"),
    _kind("SwabsCounted", "The swabs were counted", "right"),
)
BY_NAME = {kind.name: kind for kind in EVENTS}

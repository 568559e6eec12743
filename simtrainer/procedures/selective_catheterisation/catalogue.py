"""Every control, signal and event of the procedure, with what it means."""

from __future__ import annotations

import math

from simtrainer.core.action import Control
from simtrainer.core.event import EventType
from simtrainer.core.snapshot import Signal

WIRES = ("j_wire", "hydrophilic_wire")
CATHETERS = ("pigtail", "berenstein", "jr4", "simmons")
BEAM = ("off", "fluoro", "roadmap", "cine", "dsa")
PROJECTIONS = ("AP", "LAO", "RAO", "lateral")
MOST_PUSH = 0.12
"""Fastest push or pull [m/s]; a hand's stroke on a wire. because: design, above the 50 mm/s of published simulators"""
MOST_TWIST = 4.0 * math.pi
"""Fastest twist [rad/s]: two turns a second. because: design, above the 3.14 rad/s of published simulators"""

CONTROLS: tuple[Control, ...] = (
    Control("chart.read", "Read the case card"),
    Control("team.time_out", "Hold the time-out"),
    Control("wire.load", "Put a wire into the sheath, or into the catheter that lies", choices=WIRES),
    Control("wire.push", "Push (+) or pull (-) the wire", "m/s", -MOST_PUSH, MOST_PUSH, held=True),
    Control("wire.twist", "Turn the wire, clockwise from the hand (+)", "rad/s", -MOST_TWIST, MOST_TWIST, held=True),
    Control("catheter.load", "Put a catheter over the wire, or into the sheath", choices=CATHETERS),
    Control("catheter.push", "Push (+) or pull (-) the catheter", "m/s", -MOST_PUSH, MOST_PUSH, held=True),
    Control("catheter.twist", "Turn the catheter (+ clockwise)", "rad/s", -MOST_TWIST, MOST_TWIST, held=True),
    Control("beam.mode", "Step on a pedal: fluoroscopy, roadmap, cine, subtraction", choices=BEAM, held=True),
    Control("beam.keep_roadmap", "Keep the opacified vessels of the last injection as a roadmap"),
    Control("beam.width", "Open the shutters left and right", "share", 0.1, 1.0),
    Control("beam.height", "Open the shutters above and below", "share", 0.1, 1.0),
    Control("carm.lao", "Swing the C-arm to the patient's left (+) or right (-)", "rad/s", -0.35, 0.35, held=True),
    Control("carm.cranial", "Tilt the C-arm to the head (+) or feet (-)", "rad/s", -0.35, 0.35, held=True),
    Control("table.along", "Move the view to the head (+) or feet (-)", "m/s", -0.2, 0.2, held=True),
    Control("table.across", "Move the view to the patient's left (+) or right (-)", "m/s", -0.2, 0.2, held=True),
    Control("syringe.aspirate", "Draw blood back through the catheter", "ml/s", 0.0, 3.0, held=True),
    Control("syringe.saline", "Flush the catheter with heparinised saline", "ml/s", 0.0, 5.0, held=True),
    Control("syringe.contrast", "Inject contrast", "ml/s", 0.0, 20.0, held=True),
    Control("dose.note", "Read out dose-area product and beam time for the record"),
    Control("groin.press", "Press on the puncture (the clock runs sixty times faster)", held=True),
)

SIGNALS: tuple[Signal, ...] = (
    Signal("wire_tip_x_mm", "Tip of the wire in W, to the patient's left is negative"),
    Signal("wire_tip_y_mm", "Tip of the wire in W, anterior is positive"),
    Signal("wire_tip_z_mm", "Tip of the wire in W, cranial is positive"),
    Signal("catheter_tip_x_mm", "Tip of the catheter in W"),
    Signal("catheter_tip_y_mm", "Tip of the catheter in W"),
    Signal("catheter_tip_z_mm", "Tip of the catheter in W"),
    Signal("tip_speed_mm_s", "Speed of the leading tip"),
    Signal("hand_speed_mm_s", "Speed of the faster hand along the devices"),
    Signal("wall_force_max_n", "Largest force on 10 mm of wall beyond the sheath"),
    Signal("wall_force_mean_n", "Force on the wall beyond the sheath, mean over 10 mm pieces in contact"),
    Signal("wall_force_over", "1 from where the force on 10 mm of wall passes the limit until it has let go"),
    Signal("tip_force_n", "Force on the wall at the leading 10 mm"),
    Signal("hand_force_wire_n", "Force that the wire needs at the hand, push positive"),
    Signal("hand_force_catheter_n", "Force that the catheter needs at the hand, push positive"),
    Signal("wire_in_mm", "Length of wire beyond the puncture"),
    Signal("catheter_in_mm", "Length of catheter beyond the puncture"),
    Signal("fluoroscopy_s", "Beam-on time of fluoroscopy and roadmap"),
    Signal("contrast_ml", "Contrast injected"),
    Signal("dose_gy_cm2", "Dose-area product"),
    Signal("unconverged", "1 where the mechanics of the tick did not converge"),
    Signal("escaped", "1 where a device lies more than 2 mm outside the lumen"),
    Signal("wire_seen", "1 where the wire's tip is in the running picture or within the catheter"),
    Signal("blind_wire_mm", "Forward travel of a wire tip that nobody sees, this time"),
    Signal("bare_catheter_mm", "Forward travel of a catheter without a wire beyond its tip, this time"),
    Signal("backward_mm", "Length of wire that runs backwards against its vessel"),
    Signal("looped", "1 from where so much wire runs backwards that it is a loop until that has opened"),
    Signal("engaged_s", "How long the catheter's tip has lain in a branch of the arch"),
    Signal("deep_mm", "How far the catheter's tip lies beyond the origin of its vessel"),
    Signal("wire_deep_mm", "How far the wire's tip lies beyond the origin of its vessel"),
    Signal("aspirations", "Aspirations so far"),
    Signal("aspirated_ml", "Volume of the last one"),
    Signal("flushes", "Flushes so far"),
    Signal("flushed_ml", "Volume of the last one"),
    Signal("puffs", "Test injections so far"),
    Signal("runs", "Angiographic runs so far"),
    Signal("injected_ml", "Volume of the last test injection or run"),
    Signal("run_dose_gy_cm2", "Dose-area product of the last run"),
    Signal("unflushed_ml", "Contrast injected through a catheter that was not aspirated and flushed"),
    Signal("air_ml", "Air injected"),
    Signal("air_in_catheter_ml", "Air in the catheter now"),
    Signal("roadmaps", "Roadmaps kept so far"),
    Signal("wire_exits", "Times a wire was drawn out of the catheter or the sheath"),
    Signal("bleeding", "1 after a perforation"),
    Signal("card_read", "1 after the case card was read"),
    Signal("time_out", "1 after the time-out"),
    Signal("dose_noted", "1 after the dose was noted"),
    Signal("compression_s", "How long the puncture has been compressed, time-lapse included"),
)


def _kind(name: str, doc: str, *fields: str) -> EventType:
    return EventType(name, doc, fields)


EVENTS: tuple[EventType, ...] = (
    _kind("CaseCardRead", "The case card was read"),
    _kind("TimeOutDone", "The time-out was held"),
    _kind("DeviceLoaded", "A device entered the sheath or the catheter", "device"),
    _kind("DeviceRemoved", "A device left the body", "device"),
    _kind("LandmarkReached", "A tip reached the flush vessel: the ascending aorta, as a rule", "landmark", "device"),
    _kind("VesselEntered", "A tip crossed into another vessel", "vessel", "device"),
    _kind("WrongVesselEntered", "A tip crossed into a vessel that is not on the way to the target", "vessel", "device"),
    _kind("TargetReached", "A tip lies well up in the target vessel", "vessel", "device"),
    _kind("CatheterEngaged", "The catheter's tip sits in the origin of a branch of the arch", "vessel", "device"),
    _kind("Aspirated", "Blood was drawn back through the catheter", "volume_ml"),
    _kind("Flushed", "The catheter was flushed with saline", "volume_ml"),
    _kind("TestPuffGiven", "A small amount of contrast was given under the beam", "vessel", "volume_ml"),
    _kind(
        "AngiogramRun", "Contrast was given while a run was recorded", "vessel", "projection", "volume_ml",
        "dose_gy_cm2",
    ),
    _kind("RoadmapMade", "Opacified vessels were kept as a roadmap", "vessel"),
    _kind("CatheterAdvancedWithoutWire", "A catheter went forward with no wire beyond its tip", "travel_mm", "vessel"),
    _kind("WireTipLeftImage", "A wire was pushed while nobody saw its tip", "travel_mm"),
    _kind("WireWithdrawn", "The wire was drawn out of the catheter or the sheath", "vessel"),
    _kind("WallForceExceeded", "The wall was pressed harder than the limit", "force_n", "limit_n", "vessel"),
    _kind("VesselPerforated", "A tip went through the wall", "vessel", "force_n"),
    _kind("DeviceEscaped", "A device lies outside the lumen", "device"),
    _kind("LoopFormed", "A wire runs backwards in its vessel", "device", "vessel"),
    _kind("InjectedWithoutFlush", "Contrast went through a catheter that was not aspirated and flushed", "volume_ml"),
    _kind("AirInjected", "Air left the catheter", "volume_ml"),
    _kind("CatheterStraightened", "A wire lies in the bends of the catheter", "device"),
    _kind("CatheterWithdrawn", "A catheter was drawn out of the arch", "device", "straightened"),
    _kind("HaemostasisAchieved", "The puncture was compressed long enough", "compression_s"),
    _kind("ContrastLimitExceeded", "More contrast was given than the limit", "volume_ml", "limit_ml"),
    _kind("DoseNoted", "Dose and beam time were noted", "dose_gy_cm2", "fluoroscopy_s"),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in EVENTS}

"""A catheter is drawn out over a wire that is held, and another goes in over it."""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod
from simtrainer.procedures.selective_catheterisation.fact import TARGET_DEPTH_MM
from simtrainer.studies.bench.patient import from_shelf, package
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre, calm
from simtrainer.studies.manoeuvre.finding import Finding, least, most, told
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.recording import CATHETER, WIRE, Recording
from simtrainer.studies.manoeuvre.vessel import along, patient_outline, way_to

PATIENT, VESSEL = "adult_male_type1", "left_common_carotid"
HELD, OUT, IN = "j_wire", "berenstein", "jr4"
WIRE_DEEP, CATHETER_DEEP = 110.0 * MM, 50.0 * MM
"""How far beyond the branching point both lie [m]: the carotid is 145 mm long."""
SPEED, SETTLES = 60.0 * MM, 2.0
BEGIN, EMPTY, DONE = "wire and first catheter", "wire alone", "wire and second catheter"


def perform() -> Recording:
    """Exchange a Berenstein for a JR4 over a J wire in the left common carotid."""
    patient = package(PATIENT)
    path, start = way_to(patient, VESSEL)
    rod = Rod(patient.field, patient.access.point, patient.access.direction, from_shelf(HELD, OUT))
    hands = Hands(rod, rod.lay(path, np.array([start + WIRE_DEEP, start + CATHETER_DEEP])))
    hands.wait(SETTLES)
    hands.mark(BEGIN)
    length = float(hands.read.inserted[CATHETER])
    hands.move(CATHETER, -2.0 * length, SPEED, until=lambda: bool(hands.read.inserted[CATHETER] <= 0.0))
    hands.mark(EMPTY)
    hands.swap(from_shelf(HELD, IN))
    hands.move(CATHETER, length, SPEED)
    hands.wait(SETTLES)
    hands.mark(DONE)
    ends = [hands.moments[0].curve(CATHETER)[-1], hands.moments[-1].curve(CATHETER)[-1]]
    places = along(path, np.array(ends)) - start
    wire = along(path, hands.tips(WIRE)) - start
    given = {
        "first_depth": float(places[0]), "second_depth": float(places[1]), "least_wire_depth": float(wire.min()),
    }  # fmt: skip
    return hands.recorded("exchange", PATIENT, (HELD, f"{OUT}, then {IN}"), patient_outline(patient), given)


def judge(recording: Recording) -> tuple[Finding, ...]:
    """Tell what the held wire did while catheters ran over it."""
    begin, empty, done = (recording.at(label) for label in (BEGIN, EMPTY, DONE))
    part = slice(begin, done + 1)
    hub = float(np.ptp(recording.inserted[part, WIRE]))
    moved = np.linalg.norm(recording.tip[part, WIRE] - recording.tip[begin, WIRE], axis=1)
    force = calm(recording.hand_force[part])[:, WIRE]
    return (
        most("wire_held", "Movement of the wire at its hub", hub, 0.0, unit="m", because="the hand holds it"),
        least("second_catheter", "Depth of the second catheter in the carotid", recording.given["second_depth"],
              TARGET_DEPTH_MM * MM, unit="m", because="the depth at which the exercise counts the carotid as reached"),
        told("first_catheter", "Depth of the first catheter in the carotid", recording.given["first_depth"], unit="m",
             because="reported: it was laid there and not pushed, so that it has less slack in the aorta"),
        least("wire_stays", "Least depth of the wire's tip in the carotid", recording.given["least_wire_depth"],
              TARGET_DEPTH_MM * MM, unit="m", because="a wire that comes out of the carotid has to be placed anew"),
        told("wire_tip", "Largest movement of the wire's tip", float(moved.max()), unit="m",
             because="reported: a catheter that goes stiffens the wire less, and its slack changes"),
        least("slide_felt", "Range of the force that the hand on the wire has to hold", float(np.ptp(force)), 0.02,
              unit="N", because="a shaped catheter that slides over a wire pushes it; 20 mN, design"),
        told("catheter_out", "Largest pull that draws the first catheter",
             float(-recording.hand_force[begin : empty + 1, CATHETER].min()), unit="N", because="reported"),
        told("catheter_in", "Largest push of the second catheter",
             float(recording.hand_force[empty : done + 1, CATHETER].max()), unit="N", because="reported"),
    )  # fmt: skip


manoeuvres.put("exchange", Manoeuvre("A catheter is exchanged over a wire that is held", perform, judge))

"""A wire that is pushed on against the aortic valve doubles back and forms a loop."""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod
from simtrainer.procedures.selective_catheterisation.fact import ROOT
from simtrainer.studies.bench.patient import from_shelf, package
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre
from simtrainer.studies.manoeuvre.finding import Finding, least, most, told
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.recording import WIRE, Recording, turning
from simtrainer.studies.manoeuvre.vessel import doubled, patient_outline, way_to

PATIENT = "older_male_type2"
DEVICES = ("j_wire", "berenstein")
SHORT, CATHETER_AT = 15.0 * MM, 30.0 * MM
"""How far before the valve the wire begins, and how far behind the end of the descending aorta the catheter [m]."""
PUSH, SPEED = 0.16, 20.0 * MM
LOOPED, DOUBLED = "loop formed", 30.0 * MM
"""A loop is formed when the tip lies so far behind the foremost point of its own wire [m]. because: design, a
diameter of the aorta"""
BEGIN, END = "in the ascending aorta", "end"


def perform() -> Recording:
    """Push the wire on for 160 mm with the catheter held in the descending aorta."""
    patient = package(PATIENT)
    path, start = way_to(patient, ROOT)
    end = start + patient.tree.branches[patient.tree.number(ROOT)].length
    arch = way_to(patient, "aortic_arch")[1]
    rod = Rod(patient.field, patient.access.point, patient.access.direction, from_shelf(*DEVICES))
    hands = Hands(rod, rod.lay(path, np.array([end - SHORT, arch - CATHETER_AT])))
    hands.wait(1.0)
    hands.mark(BEGIN)
    begin = float(hands.read.inserted[WIRE])
    formed = hands.move(
        WIRE, PUSH, SPEED, until=lambda: hands.ticks % 5 == 0 and doubled(path, hands.curve(WIRE))[0] > DOUBLED
    )
    if formed:
        hands.mark(LOOPED)
    hands.move(WIRE, PUSH - float(hands.read.inserted[WIRE]) + begin, SPEED)
    hands.wait(0.5)
    hands.mark(END)
    given = {"doubled_end": doubled(path, hands.curve(WIRE))[0]}
    return hands.recorded("loop", PATIENT, DEVICES, patient_outline(patient), given)


def judge(recording: Recording) -> tuple[Finding, ...]:
    """Tell when the loop formed, and what it did to force and shape."""
    formed = recording.at(LOOPED)
    force = recording.hand_force[:, WIRE]
    begin = recording.at(BEGIN)
    pushed = float(recording.inserted[formed, WIRE] - recording.inserted[begin, WIRE]) if formed >= 0 else np.nan
    first, last = recording.moment(BEGIN), recording.moment(END)
    more = turning(last.curve(WIRE)) - turning(first.curve(WIRE))
    forward = float(np.linalg.norm(recording.tip[-1, WIRE] - recording.tip[begin, WIRE]))
    into = float(recording.inserted[-1, WIRE] - recording.inserted[begin, WIRE])
    return (
        least("formed", "Push after which the loop had formed", pushed, 0.0, unit="m",
              because="the tip cannot pass the valve; what is pushed in has to bend"),
        least("doubled", "How far the tip lies behind the foremost point of its wire at the end",
              recording.given["doubled_end"], DOUBLED, unit="m", because="a diameter of the aorta; design"),
        least("turned", "Turning of the wire that the push added", more, 0.5 * np.pi, unit="rad",
              because="a wire that doubles back turns by half a circle; half of that, for it lay bent before"),
        most("tip_left_behind", "Way of the tip over what was pushed in", forward / into, 0.8, unit="",
             because="what goes into the loop does not arrive at the tip; design"),
        told("peak", "Largest push before the loop", float(force[begin : max(formed, begin) + 1].max()), unit="N",
             because="reported"),
        told("after", "Push at the end", float(force[-1]), unit="N", because="reported"),
    )  # fmt: skip


manoeuvres.put("loop", Manoeuvre("A wire that is pushed on at the aortic valve forms a loop", perform, judge))

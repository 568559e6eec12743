"""A Simmons that went in straight over a wire is given its shape again, by catching its tip or at the valve.

Nothing here knows how a Simmons is re-formed: the hands push, and turn where the script says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.procedures.selective_catheterisation.fact import ROOT
from simtrainer.procedures.selective_catheterisation.place import Atlas
from simtrainer.studies.bench.patient import from_shelf, package
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre
from simtrainer.studies.manoeuvre.finding import Finding, least, most, told
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.recording import CATHETER, WIRE, Floats, Recording
from simtrainer.studies.manoeuvre.vessel import doubled, patient_outline, way_to

SHIPPED = RodSettings()
WIRE_NAME, NAME = "hydrophilic_wire", "simmons"
PATIENT = "older_female_type3"
SUBCLAVIAN, DEEP, LEADS = "left_subclavian", 60.0 * MM, 40.0 * MM
"""How deep in the subclavian the catheter lies, and how far its wire leads [m]. because: design; the limb of 56 mm
has to lie in the vessel, the knee in the arch"""
SHORT = 10.0 * MM
"""How far before the valve the catheter lies [m]."""
PUSH, SPEED, DRAW, TURN = 0.18, 12.0 * MM, 0.2, 1.0
"""How far it is pushed at most [m], how fast [m/s]; speed of drawing the wire [m/s]; turning of the hub [rad/s]."""
BACK, KNEE = 35.0 * MM, (45.0 * MM, 105.0 * MM)
"""How far the tip has to lie behind the foremost point of its catheter, along the way to the valve, and how far from
the tip that point may be, along the catheter [m]. because: the limb of 56 mm less half a lumen; the knee is 56 to 86 mm
from the tip"""
LAID, STRAIGHT, DONE, END = "over its wire", "wire out", "re-formed", "end"


@dataclass(frozen=True, slots=True)
class Way:
    """How it is tried: where the tip lies, and which way the hub turns meanwhile, 1, -1 or 0."""

    vessel: str
    side: float


WAYS = {
    "simmons_subclavian": Way(SUBCLAVIAN, 1.0),
    "simmons_valve": Way(ROOT, -1.0),
    "simmons_valve_unturned": Way(ROOT, 0.0),
}


def is_reformed(atlas: Atlas, aorta: Floats, curve: Floats) -> bool:
    """Tell whether the limb lies back along the shaft from the knee on, and the tip is free."""
    behind, limb = doubled(aorta, curve)
    free = atlas.name(atlas.place(curve[-1]).branch) != SUBCLAVIAN
    return free and behind > BACK and KNEE[0] < limb < KNEE[1]


def reform(patient_name: str, way: Way, dt: float = 0.01, settings: RodSettings = SHIPPED) -> tuple[Hands, bool]:
    """Lay wire and catheter, draw the wire, and push until the shape is there or PUSH is in."""
    patient = package(patient_name)
    path, start = way_to(patient, way.vessel)
    if way.vessel == ROOT:
        length = start + patient.tree.branches[patient.tree.number(ROOT)].length - SHORT
        inserted = np.array([length, length])
    else:
        inserted = start + np.array([DEEP + LEADS, DEEP])
    devices = from_shelf(WIRE_NAME, NAME)
    rod = Rod(patient.field, patient.access.point, patient.access.direction, devices, settings)
    hands = Hands(rod, rod.lay(path, inserted), dt)
    hands.wait(0.5)
    hands.mark(LAID)
    hands.move(WIRE, -2.0, DRAW, until=lambda: bool(hands.read.inserted[WIRE] <= 0.0))
    hands.swap(from_shelf("", NAME))
    hands.mark(STRAIGHT)
    atlas, aorta = Atlas(patient.tree), way_to(patient, ROOT)[0]

    def there() -> bool:
        return hands.ticks % 20 == 0 and is_reformed(atlas, aorta, hands.curve(CATHETER))

    done = hands.move(CATHETER, PUSH, SPEED, turn=way.side * TURN, until=there)
    return hands, done


def perform(name: str) -> Recording:
    """Re-form the Simmons in one patient and let it rest."""
    hands, done = reform(PATIENT, WAYS[name])
    if done:
        hands.mark(DONE)
    hands.wait(0.5)
    hands.mark(END)
    patient = package(PATIENT)
    aorta = way_to(patient, ROOT)[0]
    given = {f"behind {m.label}": doubled(aorta, m.curve(CATHETER))[0] for m in hands.moments if m.label}
    return hands.recorded(name, PATIENT, (WIRE_NAME, NAME), patient_outline(patient), given)


def judge(recording: Recording) -> tuple[Finding, ...]:
    """Tell whether it re-formed, by how much push, and whether it stays."""
    done = recording.at(DONE)
    straight = recording.at(STRAIGHT)
    pushed = recording.inserted[done, CATHETER] - recording.inserted[straight, CATHETER] if done >= 0 else np.nan
    force = recording.hand_force[straight:, CATHETER]
    return (
        most("straight_on_wire", "How far the tip lies behind the foremost point of its catheter over the wire",
             recording.given[f"behind {LAID}"], BACK, unit="m", because="a wire leads it in straight"),
        most("pushed", "Push after which the limb lay back along the shaft", float(pushed), PUSH, unit="m",
             because=f"{PUSH / MM:.0f} mm are tried"),
        least("stays", "The same when the hands rest at the end", recording.given[f"behind {END}"], BACK, unit="m",
              because="its own shape is a minimum of its energy"),
        told("force", "Largest push", float(force.max()), unit="N", because="reported"),
        told("torque", "Largest torque at the hub", float(np.abs(recording.hand_torque[straight:, CATHETER]).max()),
             unit="N m", because="reported"),
    )  # fmt: skip


def judge_unturned(recording: Recording) -> tuple[Finding, ...]:
    """Tell what pushing alone does at the valve."""
    return (
        told("behind", "How far the tip lies behind the foremost point of its catheter at the end",
             recording.given[f"behind {END}"], unit="m",
             because=f"re-formed from {BACK / MM:g} mm on"),
    )  # fmt: skip


_TITLES = {
    "simmons_subclavian": "A Simmons is re-formed by catching its tip in the left subclavian",
    "simmons_valve": "A Simmons is re-formed at the aortic valve by pushing and turning",
    "simmons_valve_unturned": "A Simmons is pushed at the aortic valve and not turned",
}
for _name, _title in _TITLES.items():
    _judge = judge if WAYS[_name].side else judge_unturned
    manoeuvres.put(_name, Manoeuvre(_title, partial(perform, _name), _judge))

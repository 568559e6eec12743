"""A wire and a catheter lie in the carotid, nobody moves a hand, and the chest breathes and beats."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.motion import BEATS_S, BREATHS_S, Motion, chest_motion
from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.physics.sway import Sway
from simtrainer.studies.bench.patient import from_shelf, package
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre, calm
from simtrainer.studies.manoeuvre.finding import Finding, least, most, told
from simtrainer.studies.manoeuvre.hands import DT, Hands
from simtrainer.studies.manoeuvre.recording import CATHETER, WIRE, Floats, Recording, arc_of
from simtrainer.studies.manoeuvre.vessel import along, patient_outline, way_to

PATIENT, VESSEL = "adult_male_type1", "left_common_carotid"
WIRE_NAME, NAME = "hydrophilic_wire", "berenstein"
WIRE_DEEP, CATHETER_DEEP = 90.0 * MM, 40.0 * MM
"""How far beyond the branching point both lie [m]."""
STILL_S, BREATHS = 2.0, 3
"""Rest before the first breath [s], and breaths that are recorded."""
REST, BREATHING, DONE = "at rest", "breathing", "three breaths later"


def sway_of(motion: Motion) -> Sway:
    """Return the modes of a motion as the rod's wall takes them."""
    return Sway(motion.centre, motion.reach, np.linalg.norm(motion.amplitude, axis=1))


def perform() -> Recording:
    """Lay both in the carotid of a chest at rest, then let it breathe."""
    patient = package(PATIENT)
    path, start = way_to(patient, VESSEL)
    motion = chest_motion(patient.tree)
    settings = RodSettings(sway=sway_of(motion))
    rod = Rod(patient.field, patient.access.point, patient.access.direction, from_shelf(WIRE_NAME, NAME), settings)
    hands = Hands(
        rod, rod.lay(path, np.array([start + WIRE_DEEP, start + CATHETER_DEEP])), motion=lambda _: motion.at(0.0)
    )
    hands.wait(STILL_S)
    hands.mark(REST)
    hands.motion = lambda tick: motion.at(tick * DT - STILL_S)
    hands.wait(BREATHS / BREATHS_S)
    hands.mark(DONE)
    return hands.recorded(
        "breathing", PATIENT, (WIRE_NAME, NAME), patient_outline(patient), seen(patient, motion, hands)
    )


def seen(patient: AnatomyPackage, motion: Motion, hands: Hands) -> dict[str, float]:
    """Return how far the tips slid along the vessel that carries them [m], and how far the vessel went there."""
    way, start = way_to(patient, VESSEL)
    path = finely(way)
    sway, first = sway_of(motion), round(STILL_S / DT)
    out = {}
    for name, device in (("wire", WIRE), ("catheter", CATHETER)):
        tips = hands.tips(device)[first - 1 :]
        rest = np.array(
            [sway.rest(tip[None], motion.at(k * DT))[0] for k, tip in enumerate(tips)]
        )  # where in the resting vessel
        out[f"{name}_slid"] = float(np.ptp(along(path, rest)))
        out[f"{name}_moved"] = float(np.linalg.norm(tips - tips[0], axis=1).max())
    origin = path[int(np.searchsorted(arc_of(path), start))]
    carried = [sway.carry(origin[None], motion.at(k * DT))[0] for k in range(round(BREATHS / BREATHS_S / DT))]
    out["origin_moved"] = float(np.linalg.norm(np.array(carried) - origin, axis=1).max())
    return out


def finely(path: Floats) -> Floats:
    """Return a way with points every 0.1 mm."""
    arc = arc_of(path)
    at = np.arange(0.0, arc[-1], 0.1 * MM)
    return np.column_stack([np.interp(at, arc, path[:, k]) for k in range(3)])


def rhythm(force: Floats, rate: float) -> float:
    """Return the amplitude [N] of a force at a rate [1/s], over whole periods of breathing."""
    spectrum = 2.0 * np.abs(np.fft.rfft(force - force.mean())) / len(force)
    near = np.abs(np.fft.rfftfreq(len(force), DT) - rate) < 0.6 / (len(force) * DT)
    return float(spectrum[near].max(initial=0.0))


def judge(recording: Recording) -> tuple[Finding, ...]:
    """Tell what a still hand feels of breath and heartbeat."""
    first = round(STILL_S / DT)
    force = calm(recording.hand_force)[first:]
    given = recording.given
    hub = float(np.ptp(recording.inserted[first:], axis=0).max())
    wire, catheter = (force[:, device] for device in (WIRE, CATHETER))
    return (
        most("hands_still", "Movement of both hubs", hub, 0.0, unit="m", because="nobody moves them"),
        told("origin_moves", "Move of the carotid's origin with quiet breath and heartbeat", given["origin_moved"],
             unit="m", because="0.3 of a deep breath"),
        least("tip_carried", "Move of the wire's tip", given["wire_moved"], 0.2 * MM, unit="m",
              because="the vessel carries it along; design"),
        told("wire_slides", "Slide of the wire's tip along the vessel", given["wire_slid"], unit="m",
             because="reported: the hub stands still and the vessel goes up and down"),
        told("catheter_slides", "Slide of the catheter's tip along the vessel", given["catheter_slid"], unit="m",
             because="reported"),
        least("breath_felt", "Force at the catheter's hub that comes and goes with breath", rhythm(catheter, BREATHS_S),
              1e-3, unit="N", because="friction turns round with the vessel; a millinewton, design"),
        told("beat_felt", "Force at the catheter's hub at the heart's rate", rhythm(catheter, BEATS_S), unit="N",
             because="reported: the annulus moves far below the branches"),
        told("range_wire", "Range of the force at the wire's hub", float(np.ptp(wire)), unit="N", because="reported"),
        told("range_catheter", "Range of the force at the catheter's hub", float(np.ptp(catheter)), unit="N",
             because="reported"),
    )  # fmt: skip


manoeuvres.put("breathing", Manoeuvre("Nobody moves a hand while the chest breathes and beats", perform, judge))

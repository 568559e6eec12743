"""A stiff wire straightens a shaped catheter from within, and the shape comes back when the wire is drawn."""

from __future__ import annotations

from functools import partial

import numpy as np

from simtrainer.core.units import MM, N_MM2
from simtrainer.instruments import instruments
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre
from simtrainer.studies.manoeuvre.finding import Finding, most, near
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.recording import CATHETER, WIRE, Floats, Recording, arc_of, turning
from simtrainer.studies.manoeuvre.vessel import blind_tube, straight_outline
from simtrainer.studies.rig import feed, settle, uniform

X = np.array([1.0, 0.0, 0.0])
AORTA, LENGTH = 14.0 * MM, 0.4
"""Radius [m] of the tube, an aorta's, and its length [m]."""
STIFF = 521.0
"""EI of a stiff wire of 0.035 inch [N mm2]. because: Harrison 2011, doi 10.1583/11-3592.1, 17 GPa"""
DEPTH, BEHIND, BEYOND = 0.26, 120.0 * MM, 40.0 * MM
"""How far the catheter lies in, where the wire waits behind its tip, and how far it comes out at the tip [m]."""
SPEED = 10.0 * MM
BEFORE, THROUGH, AFTER = "shaped", "straightened", "shape back"


def stored(catheter: Profile, wire: float) -> float:
    """Return the energy [J] that a straight wire of EI `wire` [N m2] puts into a catheter by lying in all of it.

    Composite of both: EI1 EI2 / 2 (EI1 + EI2) kappa0^2 per length, as in the closed form of the coaxial drive.
    """
    at, ei, bent = _fine(catheter)
    return float(np.trapezoid(0.5 * ei * wire / (ei + wire) * bent**2, at))


def left_over(catheter: Profile, wire: float) -> float:
    """Return the turning [rad] that the catheter keeps with the wire in it: EI1 kappa0 / (EI1 + EI2), summed up."""
    at, ei, bent = _fine(catheter)
    return float(np.trapezoid(np.abs(bent) * ei / (ei + wire), at))


def _fine(profile: Profile) -> tuple[Floats, Floats, Floats]:
    at = np.arange(0.0, profile.distance[-1], 0.05 * MM)
    ei = np.interp(at, profile.distance, profile.flexural_rigidity)
    return at, ei, np.interp(at, profile.distance, profile.curvature)


def perform(catheter: str) -> Recording:
    """Push a stiff wire through a catheter that lies free in an aorta, and draw it back."""
    profile = instruments.get(catheter).profile()
    wire = uniform(STIFF, radius=0.445 * MM, length=1.5)
    settings = RodSettings(coarse=2.5 * MM, fine=1.0 * MM)
    rod = Rod(blind_tube(AORTA, LENGTH, 1.0 * MM), np.zeros(3), X, (wire, profile), settings)
    state = feed(rod, rod.init(), np.array([0.0, DEPTH]), ticks=60, dt=0.1)
    state = feed(rod, state, np.array([DEPTH - BEHIND, DEPTH]), ticks=40, dt=0.1)
    hands = Hands(rod, settle(rod, state, ticks=5))
    hands.wait(0.2)
    hands.mark(BEFORE)
    hands.move(WIRE, BEHIND + BEYOND, SPEED)
    hands.wait(0.5)
    hands.mark(THROUGH)
    hands.move(WIRE, -BEHIND - BEYOND, SPEED)
    hands.wait(0.5)
    hands.mark(AFTER)
    given = {
        "stored": stored(profile, STIFF * N_MM2), "left_over": left_over(profile, STIFF * N_MM2),
        "shaped": float(profile.distance[-1]), "begin": DEPTH - BEHIND, "tip": DEPTH,
    }  # fmt: skip
    name = f"straighten_{catheter}"
    return hands.recorded(name, "tube of 28 mm", ("stiff_wire", catheter), straight_outline(AORTA, LENGTH), given)


def bend_at(recording: Recording, label: str) -> float:
    """Return the turning [rad] of the shaped part of the catheter at a moment."""
    curve = recording.moment(label).curve(CATHETER)
    arc = arc_of(curve)
    return turning(curve[arc > arc[-1] - recording.given["shaped"]])


def work(recording: Recording, first: str, last: str) -> float:
    """Return the work [J] of the hand on the wire between two marks."""
    part = slice(recording.at(first), recording.at(last) + 1)
    at, force = recording.inserted[part, WIRE], recording.hand_force[part, WIRE]
    return float(np.sum(0.5 * (force[1:] + force[:-1]) * np.diff(at)))


def judge(recording: Recording) -> tuple[Finding, ...]:
    """Hold bend and work against the composite of both rods."""
    before, through, after = (bend_at(recording, label) for label in (BEFORE, THROUGH, AFTER))
    given = recording.given
    pushed, drawn = work(recording, BEFORE, THROUGH), -work(recording, THROUGH, AFTER)
    tips = (recording.moment(label).curve(CATHETER)[-1] for label in (BEFORE, AFTER))
    apart = float(np.linalg.norm(np.subtract(*tips)))
    both = float(np.abs(recording.hand_force.sum(axis=1)).max())
    energy = "stored energy of the composite: EI1 EI2 / 2 (EI1 + EI2) kappa0^2 per length"
    return (
        near("bend_with_wire", "Turning that the catheter keeps with the wire in it", through, given["left_over"],
             share=0.15, unit="rad", because="stiffness-weighted mean of the natural curvatures"),
        near("bend_returns", "Turning after the wire is drawn, against before", after, before, share=0.02, unit="rad",
             because="elastic"),
        most("tip_returns", "Distance of the catheter's tip from where it was", apart, 5.0 * MM, unit="m",
             because="elastic but for friction at the wall; 5 mm, design"),
        most("both_hands", "Sum of what both hands feel, at most", both, 0.01, unit="N",
             because="no wall is touched: what slides the wire in pulls at the catheter; 10 mN, the accepted residual"),
        near("slide_work", "Work of the right hand that slides the wire in", pushed, given["stored"], share=0.1,
             unit="J", because=energy),
        near("slide_work_back", "Work that the wire gives back when it is drawn", drawn, given["stored"], share=0.1,
             unit="J", because=f"{energy}; the model has no friction between wire and catheter"),
    )  # fmt: skip


for _catheter in ("pigtail", "berenstein"):
    manoeuvres.put(
        f"straighten_{_catheter}",
        Manoeuvre(f"A stiff wire straightens a {_catheter}", partial(perform, _catheter), judge),
    )

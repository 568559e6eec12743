"""How stiff the tips of the shipped wires are: force for 5 mm aside, 10 and 20 mm from the tip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.physics.rod import Rod, RodSettings
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.manoeuvre.finding import Finding, least, near, told
from simtrainer.studies.manoeuvre.recording import Floats
from simtrainer.studies.rig import GRAVITY, free_space, settle
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity

ASIDE = 5.0 * MM
FREE = (10.0 * MM, 20.0 * MM)
"""How far the tip is held aside, and free lengths [m]."""
NODE_STEP, HEAVY = 0.5 * MM, 1.0 * MM
"""Node spacing, and the length of the tip that carries a weight; it falls off over as much again [m]."""
LOADED, PULLS = 1.5 * HEAVY, 7.0 / 9.0 * HEAVY
"""Length that would weigh the same evenly, and distance of the weight's middle from the tip [m]."""
ORDER = ("j_wire", "hydrophilic_wire")
"""Softer first. because: a J of a coil over a ribbon is made to be floppier than the tapered core of a hydrophilic wire
(known; physics reference: no tip load of a wire was seen in a source)"""
SHAFTS = ("hydrophilic_wire", "j_wire")
"""Softer first. because: a NiTi core of 48 GPa (AM&P, Oct 2019) against 9.5 GPa of a steel wire, Harrison 2011"""


def straight(profile: Profile) -> Profile:
    """Return the device without its natural bend: what is asked is its stiffness, not where it points."""
    return replace(profile, curvature=np.zeros_like(profile.curvature))


def sag(profile: Profile, free: float, force: float) -> float:
    """Return how far [m] a force [N] across the clamp's axis, `free` [m] from the clamp, pulls the tip aside."""
    heavy = force / GRAVITY / LOADED
    at = np.unique(np.concatenate((profile.distance, [HEAVY, 2.0 * HEAVY])))
    loaded = Profile(
        distance=at,
        flexural_rigidity=np.interp(at, profile.distance, profile.flexural_rigidity),
        curvature=np.zeros(len(at)),
        torsional_rigidity=np.interp(at, profile.distance, profile.torsional_rigidity),
        radius=np.interp(at, profile.distance, profile.radius),
        mass_per_length=np.interp(at, [HEAVY, 2.0 * HEAVY], [heavy, 1e-9]),
        length=profile.length,
    )
    settings = RodSettings(
        sheath_length=2.0 * NODE_STEP, sheath_rigidity=0.0, coarse=NODE_STEP, fine=NODE_STEP,
        gravity=(0.0, 0.0, -GRAVITY), tolerance=1e-7, iterations=30,
    )  # fmt: skip
    rod = Rod(free_space(), np.zeros(3), np.array([1.0, 0.0, 0.0]), (loaded,), settings)
    length = free + PULLS + 0.5 * NODE_STEP  # the clamp is amid the first edge
    path = np.array([[0.0, 0.0, 0.0], [1.5 * free, 0.0, 0.0]])
    read = rod.read(settle(rod, rod.lay(path, np.array([length])), ticks=20))
    return -float(np.interp(length - PULLS, read.arc, read.points[:, 2]))


def aside(profile: Profile, free: float, by: float = ASIDE) -> float:
    """Return the force [N] across the clamp's axis that pulls the tip aside by `by` [m]."""
    guess = linear(profile, free, by)
    return float(brentq(lambda force: sag(profile, free, force) - by, 0.3 * guess, 4.0 * guess, rtol=1e-4))


def linear(profile: Profile, free: float, by: float = ASIDE) -> float:
    """Return the force [N] by the theory of small deflections: delta / integral of s^2 / EI, s from the force."""
    s = np.linspace(0.0, free, 2001)
    ei = np.interp(s + PULLS, profile.distance, profile.flexural_rigidity)
    return float(by / np.trapezoid(s**2 / ei, s))


def in_order(values: Floats) -> float:
    """Return by how much the worst neighbour is stiffer than the one before it: above 1 where the order holds."""
    return float((values[1:] / values[:-1]).min())


def measure(_: str) -> tuple[Finding, ...]:
    """Push the tips of all wires aside."""
    rows: list[Finding] = []
    for free in FREE:
        forces = []
        for name in ORDER:
            device = straight(instruments.get(name).profile())
            forces.append(aside(device, free))
            rows.append(
                told(f"tip_{name}_{free / MM:.0f}", f"{name.replace('_', ' ')}: force that holds the tip "
                     f"5 mm aside, {free / MM:.0f} mm free", forces[-1], unit="N",
                     expected=linear(device, free), because="small deflections: delta / integral of s^2 / EI")
            )  # fmt: skip
        rows.append(
            least(f"tip_order_{free / MM:.0f}", f"{ORDER[1].replace('_', ' ')} over {ORDER[0].replace('_', ' ')}, "
                  f"{free / MM:.0f} mm free", in_order(np.array(forces)), 1.0, unit="",
                  because="a J wire's tip is the floppier (known)")
        )  # fmt: skip
    device = straight(instruments.get(ORDER[0]).profile())
    force = aside(device, FREE[1], 0.1 * ASIDE)
    rows.append(
        near("tip_linear", "Force of a tip that is held 0.5 mm aside, 20 mm free", force,
             linear(device, FREE[1], 0.1 * ASIDE), share=0.03, unit="N",
             because="small deflections: delta / integral of s^2 / EI")
    )  # fmt: skip
    shafts = np.array([float(instruments.get(name).profile().flexural_rigidity[-1]) for name in SHAFTS])
    rows.append(
        least("shaft_order", "EI of the J wire's shaft over the hydrophilic's", in_order(shafts), 1.0, unit="",
              because="9.5 GPa over the whole section against 48 GPa of a core of 0.57 mm (physics reference)")
    )  # fmt: skip
    return tuple(rows)


validities.put("tip_stiffness", Validity("The order of stiffness of the shipped wires is the literature's", measure))

"""Half the node spacing must not change what a hand feels."""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.physics.rod import RodSettings
from simtrainer.studies.bench.patient import package
from simtrainer.studies.manoeuvre.finding import Finding, most, near, told
from simtrainer.studies.manoeuvre.hands import DT
from simtrainer.studies.manoeuvre.recording import CATHETER, Floats, Recording, arc_of
from simtrainer.studies.manoeuvre.simmons import SPEED, STRAIGHT, SUBCLAVIAN, Way, reform
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity
from simtrainer.studies.validity.push import Pushed, Vessel, pushed

DEVICES = (("hydrophilic_wire", ""), ("j_wire", ""), ("hydrophilic_wire", "berenstein"))
CHANGE = 0.05
"""Change of the peak that is allowed. because: issue 3"""


def halved(settings: RodSettings) -> RodSettings:
    """Return the same settings with twice as many nodes."""
    return RodSettings(coarse=0.5 * settings.coarse, fine=0.5 * settings.fine, zone=settings.zone)


def measure(patient: str) -> tuple[Finding, ...]:
    """Push wires, and a catheter over a wire, to the origin of the target with both spacings."""
    one = package(patient)
    number = one.tree.number(one.target)
    path, _ = one.tree.path_to(number)
    to = float(arc_of(path)[-1]) - one.tree.branches[number].length
    vessel = Vessel(one.field, one.access.point, one.access.direction, path)
    rows: list[Finding] = []
    for wire, catheter in DEVICES:
        devices = instruments.get(wire).profile(), instruments.get(catheter).profile() if catheter else None
        coarse, fine = (pushed(vessel, devices, to, s) for s in (RodSettings(), halved(RodSettings())))
        rows += compared(f"{catheter}_over_{wire}" if catheter else wire, coarse, fine)
    return tuple(rows)


def compared(name: str, coarse: Pushed, fine: Pushed) -> tuple[Finding, ...]:
    """Return what halving the spacing did to the force."""
    peaks = [float(np.abs(run.force).max()) for run in (coarse, fine)]
    rms = float(np.sqrt(np.mean((coarse.force - fine.force) ** 2)))
    title = name.replace("_", " ")
    return (
        most(f"spacing_{name}", f"Change of the peak push of a {title} by halving the node spacing",
             abs(peaks[1] / peaks[0] - 1.0), CHANGE, unit="", because="issue 3: less than 5 %"),
        told(f"spacing_{name}_peak", f"Peak push of a {title}, spacing halved; expected: as shipped", peaks[1],
             unit="N", expected=peaks[0], because="the shipped spacing"),
        told(f"spacing_{name}_rms", f"Root mean square difference of the push of a {title}", rms, unit="N",
             because="reported"),
    )  # fmt: skip


validities.put("node_spacing", Validity("Half the node spacing changes the peak push by less than 5 %", measure))


RIPPLE_N = 0.01
"""Ripple of the push that is allowed, root mean square [N]. because: target of the physics reference, 10 mN rms"""
WINDOW, COUNTED = 5.0 * MM, (5.0 * MM, 45.0 * MM)
"""Push over which the running mean goes, a coarse node spacing, and the stretch of push that is looked at [m]."""
SETTINGS = (("shipped", RodSettings()), ("halved", halved(RodSettings())), ("longer", RodSettings(zone=0.25)))
"""Shipped: fine nodes as far as a device is shaped. Longer: over 250 mm from every tip, more than any shape."""


def ripple(force: Floats, step: float) -> float:
    """Return what is left of a force [N] pushed by `step` [m] a tick, less its running mean: root mean square."""
    width = round(WINDOW / step)
    mean = np.convolve(force, np.full(width, 1.0 / width), mode="valid")
    first = (width - 1) // 2
    return float(np.sqrt(np.mean((force[first : first + len(mean)] - mean) ** 2)))


def pushes(run: Recording) -> Floats:
    """Return the push of the stretch that is looked at, while the Simmons still lies in the subclavian [N]."""
    begin = run.at(STRAIGHT)
    pushed_by = run.inserted[:, CATHETER] - run.inserted[begin, CATHETER]
    part = (np.arange(len(pushed_by)) > begin) & (pushed_by > COUNTED[0]) & (pushed_by < COUNTED[1])
    return np.asarray(run.hand_force[part, CATHETER])


def measure_shape(patient: str) -> tuple[Finding, ...]:
    """Push a Simmons whose shape is longer than the fine nodes at the tip, with three sets of nodes."""
    rows: list[Finding] = []
    means = {}
    for name, settings in SETTINGS:
        force = pushes(reform(patient, Way(SUBCLAVIAN, 1.0), settings=settings)[0].recorded("", "", (), ()))
        means[name] = float(force.mean())
        rows.append(
            most(f"ripple_{name}", f"Ripple of a Simmons' push, nodes {name}", ripple(force, SPEED * DT), RIPPLE_N,
                 unit="N", because="target of the physics reference: 10 mN")
        )  # fmt: skip
    rows.append(
        near("ripple_mean", "Mean push of a Simmons, nodes as shipped; expected: fine nodes farther", means["shipped"],
             means["longer"], share=CHANGE, unit="N", because="issue 3: less than 5 %")
    )  # fmt: skip
    return tuple(rows)


validities.put("node_ripple", Validity("A long shape slides past the nodes unfelt", measure_shape))

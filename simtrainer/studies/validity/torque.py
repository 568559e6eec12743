"""How the shipped catheters answer to torque in a bend of 180 degrees, against the pendulum's equation."""

from __future__ import annotations

import numpy as np

from simtrainer.instruments import instruments
from simtrainer.instruments.slender import Kind
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.manoeuvre.finding import Finding, near, told
from simtrainer.studies.manoeuvre.pendulum import Whip
from simtrainer.studies.manoeuvre.recording import Recording
from simtrainer.studies.manoeuvre.whip import ALIGNED, OUT, shaped_wire, snap, theory, tip_turns, turned_in_bend
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity

SHARE = 0.05
"""Error that is allowed for a catheter. because: design; sharp bends are rounded over two node steps of 2 mm"""
SOURCE = "(GJ theta')' = EI kappa0 kappa sin theta, free tip, no friction, held on the axis of a bend of 40 mm"


def catheters() -> tuple[str, ...]:
    """Return the names of all catheters on the shelf."""
    return tuple(name for name in instruments.names() if instruments.get(name).kind is Kind.CATHETER)


def answer(name: str, profile: Profile, out: float = 0.0) -> tuple[Finding, ...]:
    """Turn a device whose tip lies `out` [m] beyond the bend, and hold it against theory."""
    run = turned_in_bend(profile, out).recorded(name, "bend", (name, ""), ())
    return rows(name, run, theory(profile, out, float(run.tip_angle[0, 0]) - ALIGNED))


def rows(name: str, run: Recording, said: Whip) -> tuple[Finding, ...]:
    """Return lag and snap of a run against what theory says."""
    hub, tip, jump = snap(run, 0)
    snapped = bool(np.isfinite(hub))
    turned = run.hub[:, 0] - run.hub[0, 0]
    lags = turned - tip_turns(run, 0)
    until = int(np.searchsorted(turned, hub)) + 1 if snapped else len(lags)
    title = name.replace("_", " ")
    start = float(run.tip_angle[0, 0]) - ALIGNED
    found = [
        told(f"torque_{name}_rest", f"{title}: twist of its tip at rest", start, unit="rad", expected=said.start,
             because="a shape that bends both ways rests twisted in itself, one way or the other"),
        near(f"torque_{name}_whips", f"{title}: whips in a bend of 180 degrees (1) or not (0)", float(snapped),
             float(said.snaps), share=0.0, unit="", because=SOURCE),
        near(f"torque_{name}_lag", f"{title}: largest lag of the tip behind the hub", float(lags[:until].max()),
             said.lag, share=SHARE, unit="rad", because=SOURCE),
    ]  # fmt: skip
    if said.snaps:
        found += [
            near(f"torque_{name}_snap", f"{title}: angle of the hub where the tip snaps", hub, said.hub, share=SHARE,
                 unit="rad", because=SOURCE),
            told(f"torque_{name}_jump", f"{title}: how far the tip jumps within 0.1 s", jump, unit="rad",
                 expected=said.after - said.before, because="reported; the jump is a motion"),
            told(f"torque_{name}_tip", f"{title}: angle of the tip before it snaps", tip, unit="rad",
                 expected=said.before, because="reported; the slope is infinite there"),
        ]  # fmt: skip
    return tuple(found)


def measure(_: str) -> tuple[Finding, ...]:
    """Turn the wire of the analytic case and every catheter of the shelf."""
    found = list(answer("shaped_wire", shaped_wire(), OUT))
    for name in catheters():
        found += answer(name, instruments.get(name).profile())
    return tuple(found)


validities.put("torque", Validity("Lag and snap of the shipped catheters in a bend of 180 degrees", measure))

"""Torque that is stored and then whips: a shaped wire turned in a tight bend, a Simmons over-rotated in the arch."""

from __future__ import annotations

import numpy as np

from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.physics.rod import Rod, RodControl, RodSettings
from simtrainer.physics.rod_device import Profile
from simtrainer.studies.bench.patient import from_shelf, package
from simtrainer.studies.engagement.lie import bend_of, reversed_way
from simtrainer.studies.manoeuvre import manoeuvres
from simtrainer.studies.manoeuvre.case import Manoeuvre
from simtrainer.studies.manoeuvre.finding import Finding, least, most, near, told
from simtrainer.studies.manoeuvre.hands import Hands
from simtrainer.studies.manoeuvre.pendulum import STEP, Whip, whip
from simtrainer.studies.manoeuvre.recording import CATHETER, Floats, Recording, Tube
from simtrainer.studies.manoeuvre.vessel import bent_guide, patient_outline
from simtrainer.studies.rig import feed, settle, uniform

X = np.array([1.0, 0.0, 0.0])
BEND, LEAD, TAIL = 40.0 * MM, 60.0 * MM, 40.0 * MM
"""Radius of the bend and lengths of the straight ends [m]. because: about that of an arch"""
RATE, BEYOND, ROUND = 1.0, 1.0, 2.0 * np.pi
"""Turning of the hub [rad/s], how far beyond the snap that theory expects, and how far where it expects none [rad]."""
ALIGNED = -0.5 * np.pi
"""Angle of the hub at which a shape of positive curvature bends with the guide [rad]."""
OUT, SHAFT = 20.0 * MM, 20.0 * MM
"""How far the tip of the wire lies beyond the bend, for a free end straightens itself over a few millimetres; and the
shortest shaft outside that the solver twists [m]."""
SHAPED = 4.0
"""Natural curvature of the wire that is shaped all along [1/m]; EI 300, GJ 225 N mm2."""
SNAP = np.radians(3.0)
"""Turn of the tip in a tick from which it counts as a snap. because: design; the hub turns by 0.3 degrees"""
JUMP_S = 0.1
"""How long after a snap begins the tip is looked at [s]."""


def shaped_wire() -> Profile:
    """Return the wire of the analytic case, 240 mm long."""
    return uniform(300.0, curvature=SHAPED, curved=0.21, length=0.24)


def bend_of_guide(out: float) -> Floats:
    """Return the curvature [1/m] of the guide every STEP, from a tip `out` [m] beyond the bend back to the access."""
    at = np.arange(0.0, LEAD + np.pi * BEND + out, STEP)
    return np.where((at >= out) & (at < out + np.pi * BEND), 1.0 / BEND, 0.0)


def turned_in_bend(profile: Profile, out: float = 0.0) -> Hands:
    """Turn a device of which the tip lies `out` [m] beyond a bend of 180 degrees, held on its axis without friction."""
    inside = LEAD + np.pi * BEND + out
    hold = float(profile.radius[0])
    settings = RodSettings(
        sheath_length=4.0 * MM, sheath_rigidity=0.0, friction=0.0, coarse=2.0 * MM, fine=2.0 * MM, tolerance=1e-5,
        sheath_radius=hold,
    )  # fmt: skip
    rod = Rod(bent_guide(BEND, LEAD, TAIL, hold), np.zeros(3), X, (profile, None), settings)
    state = rod.step(rod.init(), RodControl(np.zeros(2), np.array([ALIGNED, 0.0])), 0.1)
    state = feed(rod, state, np.array([inside, 0.0]), ticks=80, dt=0.1)
    hands = Hands(rod, settle(rod, state, ticks=10))
    hands.wait(0.1)
    hands.mark("begin")
    said = theory(profile, out, float(hands.read.tip_angle[0]) - ALIGNED)
    hands.turn(0, said.hub + BEYOND if said.snaps else ROUND, RATE)
    hands.mark("end")
    return hands


def guide_outline() -> tuple[Tube, ...]:
    """Return the picture of the guide."""
    angle = np.linspace(0.0, np.pi, 40)
    bend = np.column_stack([LEAD + BEND * np.sin(angle), BEND * (1.0 - np.cos(angle)), 0.0 * angle])
    ends = np.array([[0.0, 0.0, 0.0]]), np.array([[LEAD - TAIL, 2.0 * BEND, 0.0]])
    return (Tube(np.concatenate((ends[0], bend, ends[1])), np.full(42, 1.5 * MM)),)


def theory(profile: Profile, out: float = 0.0, lies: float = 0.0) -> Whip:
    """Return what the pendulum says of the same; `lies`: where the tip rests [rad], if the shape leaves that open."""
    inside = LEAD + np.pi * BEND + out
    return whip(profile, bend_of_guide(out), max(profile.length - inside, SHAFT), lies)


def tip_turns(recording: Recording, device: int) -> Floats:
    """Return how far the tip has turned since the beginning [rad], shape (t,)."""
    turned = recording.tip_angle[:, device]  # a snap may be more than half a turn in a tick: nothing is unwrapped
    return np.asarray(turned - turned[0])


def snap(recording: Recording, device: int) -> tuple[float, float, float]:
    """Return angles of hub and tip [rad] where the tip first snaps, and how far it turns then; nan if it never does."""
    turns = tip_turns(recording, device)
    fast = np.flatnonzero(np.diff(turns) > SNAP)
    if not len(fast):
        return float("nan"), float("nan"), float("nan")
    k = int(fast[0])
    later = min(k + round(JUMP_S / recording.dt) + 1, len(turns) - 1)
    hub = recording.hub[k, device] - recording.hub[0, device]
    return float(hub), float(turns[k]), float(turns[later] - turns[k])


def perform_bend() -> Recording:
    """Turn the shaped wire once round."""
    said = theory(shaped_wire(), OUT)
    given = {"hub": said.hub, "before": said.before, "jump": said.after - said.before}
    return turned_in_bend(shaped_wire(), OUT).recorded(
        "whip_bend", "bend of 180 degrees", ("shaped wire",), guide_outline(), given
    )


def judge_bend(recording: Recording) -> tuple[Finding, ...]:
    """Hold the snap against the pendulum."""
    hub, tip, jump = snap(recording, 0)
    given = recording.given
    source = "pendulum: (GJ theta')' = EI kappa0 kappa sin theta, free tip"
    k = int(np.searchsorted(recording.hub[:, 0] - recording.hub[0, 0], hub)) if np.isfinite(hub) else 0
    torque = recording.hand_torque[:, 0]
    later = min(k + round(1.0 / recording.dt), len(torque) - 1)
    return (
        near("snap_hub", "Angle of the hub where the tip snaps", hub, given["hub"], share=0.02, unit="rad",
             because=source),
        near("snap_tip", "Angle of the tip before it snaps", tip, given["before"], share=0.25, unit="rad",
             because=f"{source}; the slope is infinite there"),
        near("snap_jump", "How far the tip jumps", jump, given["jump"], share=0.25, unit="rad",
             because=f"{source}; it swings beyond"),
        least("torque_let_go", "Torque that the hub loses within a second of the snap, over what it had",
              float(1.0 - torque[later] / torque[k]), 0.2, unit="", because="what was stored is let go"),
    )  # fmt: skip


PATIENT = "older_female_type3"
DEPTH, PLANE = 12.0 * MM, 0.0
TURNS, TURN_RATE = 3.0, 1.6
"""How often round the hub of the Simmons is turned, and how fast [rad/s]."""


def perform_simmons() -> Recording:
    """Lay a re-formed Simmons in the ascending aorta and turn its hub three times round."""
    patient = package(PATIENT)
    way, length = reversed_way(patient.tree, DEPTH, PLANE)
    length += bend_of(instruments.get("simmons").profile()).knee
    rod = Rod(patient.field, patient.access.point, patient.access.direction, from_shelf("", "simmons"))
    hands = Hands(rod, rod.lay(way, np.array([0.0, length])))
    hands.wait(1.0)
    hands.mark("begin")
    hands.turn(CATHETER, TURNS * 2.0 * np.pi, TURN_RATE)
    hands.mark("end")
    return hands.recorded("whip_simmons", PATIENT, ("", "simmons"), patient_outline(patient))


LET_GO_S = 0.3
"""Time within which a torque that is let go falls [s]. because: design; it is stored over seconds"""


def let_go(torque: Floats, dt: float) -> tuple[int, int]:
    """Return the ticks before and after the largest fall of torque within LET_GO_S."""
    span = round(LET_GO_S / dt)
    k = int(np.argmax(np.abs(torque[:-span]) - np.abs(torque[span:])))
    return k, k + span


def judge_simmons(recording: Recording) -> tuple[Finding, ...]:
    """Tell what was stored, and how it was let go."""
    torque, turns, speed = (
        recording.hand_torque[:, CATHETER],
        tip_turns(recording, CATHETER),
        recording.tip_speed(CATHETER),
    )
    hub = recording.hub[:, CATHETER] - recording.hub[0, CATHETER]
    before, after = let_go(torque, recording.dt)
    begin = recording.at("begin")
    jump = turns[after] - turns[before]
    turned = float((hub[after] - hub[before]) / jump)
    return (
        least("lag", "Lag of the tip behind the hub before it lets go",
              float((hub - turns)[begin : before + 1].max()),
              0.5 * np.pi, unit="rad", because="friction and the bend of the arch hold it; a quarter turn, design"),
        least("let_go", "Share of its torque that the hub loses when the tip lets go",
              float(1.0 - abs(torque[after]) / abs(torque[before])), 0.5, unit="",
              because="what was stored is let go; half, design"),
        least("jump", "How far the tip turns while the hub hardly turns", float(jump), 0.5 * np.pi, unit="rad",
              because="it falls into the next valley of its energy, most of a turn on; a quarter turn, design"),
        most("hub_meanwhile", "How far the hub turns meanwhile, over the tip", turned, 0.5, unit="",
             because="a whip is quicker than the hand; design"),
        least("speed", "Largest speed of the tip over its median",
              float(speed.max() / np.median(speed[begin + 1 :])), 20.0,
              unit="", because="a whip is quicker than the hand; design"),
        told("torque", "Largest torque at the hub", float(np.abs(torque).max()), unit="N m", because="reported"),
        told("tip_speed", "Largest speed of the tip", float(speed.max()), unit="m/s", because="reported"),
    )  # fmt: skip


manoeuvres.put("whip_bend", Manoeuvre("A shaped wire is turned in a bend of 180 degrees", perform_bend, judge_bend))
manoeuvres.put(
    "whip_simmons", Manoeuvre("A Simmons is over-rotated in the arch and lets go", perform_simmons, judge_simmons)
)

"""What a person at the table could see and feel, and nothing else: the only thing that a bot gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.frame import frozen
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM, MMHG
from simtrainer.procedures.open_vessel_control.sight import What, places
from simtrainer.procedures.open_vessel_control.state import Hand, WoundState
from simtrainer.procedures.open_vessel_control.world import LOOK_TICKS, Exercise

F8 = NDArray[np.float64]
EYE_NOISE_MM = 0.3
"""Standard deviation of a place judged by eye, each way. because: design, with loupes"""
WELL_NOISE_MM = 1.0
"""Standard deviation of the place where blood wells up. because: design"""
FELT_N = 0.05
"""Smallest difference in force that fingers feel [N]. because: design, about 5 g"""
OOZE_ML_S, BRISK_ML_S = 0.15, 1.0
"""Flow out of the vessels that is seen, and that is called brisk. because: design; three drops a second"""


@dataclass(frozen=True, slots=True)
class HandFelt:
    """One hand: its tool, its tip [mm] in W (by eye and by feel), how far it is closed, what it feels [N].

    `grip` is `vessel`, `tissue` or empty: what closed jaws are felt to hold.
    """

    tool: str
    tip_mm: tuple[float, float, float]
    close: float
    force_n: tuple[float, float, float]
    grip: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at the wound, the hands and the monitor.

    Parameters
    ----------
    time_s
        Clock on the wall.
    left, right
        Hands.
    line_mm
        Where the skin is marked, points in W, shape (n, 3).
    seen
        What is in view by its name (skin, fat, fascia, muscle, areolar, floor, artery, vein, nerve, blood): points on
        its surface [mm] in W, shape (n, 3); only what is in view. Looked at five times a second.
    bleeding
        `none`, `oozing` or `brisk`, as far as it is seen.
    welling_mm
        Where blood wells up, x and z; None while it does not.
    pressure_mmhg, bottle_ml
        Monitor and suction bottle.
    lying
        What was left in the wound, with its tip [mm].
    """

    time_s: float
    left: HandFelt
    right: HandFelt
    line_mm: F8
    seen: Mapping[str, F8]
    bleeding: str
    welling_mm: tuple[float, float] | None
    pressure_mmhg: float
    bottle_ml: float
    lying: tuple[tuple[str, tuple[float, float, float]], ...]


def observe(world: Exercise, state: WoundState, tick: int, streams: Streams) -> Observation:
    """Return what is seen and felt in `state`; the noise of looking belongs to the stream `observation`."""
    look = tick // LOOK_TICKS
    flow = state.blood.flow_ml_s + state.blood.venous_ml_s
    bleeding = "brisk" if flow >= BRISK_ML_S else "oozing" if flow >= OOZE_ML_S else "none"
    return Observation(
        time_s=tick / world.tick_hz,
        left=_felt(state.left),
        right=_felt(state.right),
        line_mm=frozen(world.block.line / MM),
        seen=_seen(world, state, look, streams),
        bleeding=bleeding,
        welling_mm=_welling(world, state, look, streams) if bleeding != "none" else None,
        pressure_mmhg=round(state.blood.pressure / MMHG),
        bottle_ml=round(state.blood.suction_ml),
        lying=tuple((item.kind, _mm(item.tip)) for item in state.placed),
    )


def _felt(hand: Hand) -> HandFelt:
    x, y, z = (round(force / FELT_N) * FELT_N for force in hand.force)
    grip = "" if not hand.grip else "tissue" if hand.grip == "tissue" else "vessel"
    return HandFelt(hand.tool, _mm(hand.tip), hand.close, (x, y, z), grip)


def _mm(place: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (v / MM for v in place)
    return x, y, z


def _seen(world: Exercise, state: WoundState, look: int, streams: Streams) -> Mapping[str, F8]:
    kept = world.last_seen
    if kept and kept[0][0] is state.sight and kept[0][1] == (look, streams.seed):
        return kept[0][2]
    labels = dict(zip(world.names, world.mesh.labels, strict=True))
    labels |= {"artery": int(What.ARTERY), "vein": int(What.VEIN), "nerve": int(What.NERVE), "blood": int(What.POOL)}
    found: dict[str, F8] = {}
    for name, label in labels.items():
        points = places(state.sight.label, state.sight.depth, label)
        noise = streams.at("observation", look, label).normal(0.0, EYE_NOISE_MM, points.shape)
        found[name] = frozen(points / MM + noise)
    kept[:] = [(state.sight, (look, streams.seed), found)]
    return found


def _welling(world: Exercise, state: WoundState, look: int, streams: Streams) -> tuple[float, float]:
    hole, name = (state.hole, "artery") if state.hole.station >= 0 else (state.vein_hole, "vein")
    place = world.axes(state)[name][0][hole.station] / MM
    dx, dz = streams.at("observation", look, 99).normal(0.0, WELL_NOISE_MM, 2)
    return float(place[0] + dx), float(place[2] + dz)

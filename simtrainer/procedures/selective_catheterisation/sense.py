"""From the state of the table to the signals and words of the snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.fact import SessionFacts
from simtrainer.core.frame import frozen
from simtrainer.core.units import CGY_CM2, MM
from simtrainer.imaging.dose import Exposure, Mode
from simtrainer.imaging.observe import tip_in_view
from simtrainer.instruments import instruments
from simtrainer.physics.rod import RodReadout
from simtrainer.procedures.selective_catheterisation.catalogue import SIGNALS
from simtrainer.procedures.selective_catheterisation.place import Atlas, Place
from simtrainer.procedures.selective_catheterisation.state import TableState

SHEATH = 0.11
"""Length of the sheath [m]; the wall is not pressed within it. because: 11 cm introducer, catalogue designation"""
PIECE = 10.0 * MM
"""Length of wall over which force is summed [m]. because: design; makes the force independent of the nodes"""
PIERCING_TICKS = 5
"""Ticks in a row that it takes: a blow of less than 50 ms glances off. because: design"""
WIRE_SHAPE = 40.0 * MM
"""Length of the tip [m] that may run backwards by its own shape. because: a J or a first loop needs no more"""
LOOP = 20.0 * MM
"""Length of wire running backwards [m] that is a loop. because: design; more than a bend about the arch is wide"""
LET_GO = 0.7
"""Share of a limit below which force or loop is over. because: design; what trembles about a limit is one event"""
LET_GO_TICKS = 50
"""Ticks that it has to stay there: half a second. because: design"""
ARCH_BRANCHES = ("left_common_carotid", "brachiocephalic_trunk", "right_common_carotid", "left_subclavian")


@dataclass(frozen=True, slots=True)
class Feeling:
    """What the sensors of one tick work on."""

    atlas: Atlas
    facts: SessionFacts
    read: RodReadout
    wire: NDArray[np.float64]
    catheter: NDArray[np.float64]


def sense(feel: Feeling, before: TableState, now: TableState) -> TableState:
    """Return `now` with its signals and words, and with the travels that they count."""
    wire_in, catheter_in = (float(v) for v in feel.read.inserted)
    wire_at = feel.atlas.place(feel.wire[-1]) if len(feel.wire) else None
    catheter_at = feel.atlas.place(feel.catheter[-1]) if len(feel.catheter) else None
    moved = feel.read.inserted - np.asarray(before.rod.shape.inserted) * MM
    seen = _wire_seen(feel, now, wire_in, catheter_in)
    blind = 0.0 if seen else now.blind + max(0.0, float(moved[0]))
    ahead = bool(now.wire) and wire_in > catheter_in + 5.0 * MM
    pulled = float(moved[1]) < 0.0
    led = ahead or pulled or not now.catheter or instruments.get(now.catheter).atraumatic
    bare = 0.0 if led else now.bare + max(0.0, float(moved[1]))
    engaged = _engaged(feel, before, now, catheter_at)
    now = replace(now, blind=blind, bare=bare, engaged=engaged)
    force, mean, tip = _wall(feel)
    pressed = now.pressed + 1 if tip >= feel.facts.numbers["perforation_n"] else 0
    now = replace(now, pressed=pressed, bleeding=now.bleeding or pressed >= PIERCING_TICKS)
    backward = _backward(feel)
    strained = _latched(before.strained, force, feel.facts.numbers["wall_force_limit_n"])
    now = replace(now, strained=strained, looped=_latched(before.looped, backward, LOOP))
    values = _geometry(feel, before, now, (wire_at, catheter_at))
    values |= {"backward_mm": backward / MM, "looped": float(now.looped > 0), "wall_force_over": float(strained > 0)}
    values |= {"wall_force_max_n": force, "wall_force_mean_n": mean, "tip_force_n": tip, "wire_seen": float(seen)}
    values |= _counts(now)
    words = (
        ("wire", now.wire),
        ("catheter", now.catheter),
        ("wire_vessel", feel.atlas.name(wire_at.branch) if wire_at else ""),
        ("catheter_vessel", feel.atlas.name(catheter_at.branch) if catheter_at else ""),
        ("beam", now.hands.beam),
        ("record_vessel", now.record.vessel),
        ("record_projection", now.record.projection),
        ("roadmap_vessel", now.record.roadmap_vessel),
    )
    assert values.keys() == {signal.name for signal in SIGNALS}, set(values) ^ {s.name for s in SIGNALS}
    return replace(now, signals=frozen(np.array([values[signal.name] for signal in SIGNALS])), words=words)


def _wire_seen(feel: Feeling, now: TableState, wire_in: float, catheter_in: float) -> bool:
    if not now.wire or wire_in <= max(catheter_in, SHEATH):
        return True
    mode = Mode(now.hands.beam)
    exposure = Exposure(mode, now.width, now.height)
    return mode is not Mode.OFF and tip_in_view(now.pose, feel.wire[-1:], exposure)


def _engaged(feel: Feeling, before: TableState, now: TableState, at: Place | None) -> int:
    """Return for how many ticks the catheter's tip has lain in the branch that it lies in; 0 outside the branches."""
    deep = feel.facts.numbers["engaged_depth_mm"] * MM
    wanted = {*ARCH_BRANCHES, feel.facts.words["target_vessel"]}
    vessel = feel.atlas.name(at.branch) if at is not None else ""
    if at is None or vessel not in wanted or at.beyond < deep:
        return 0
    return now.engaged + 1 if vessel == dict(before.words).get("catheter_vessel") else 1


def _wall(feel: Feeling) -> tuple[float, float, float]:
    """Return largest and mean force on 10 mm of wall beyond the sheath, and the force at the leading 10 mm [N]."""
    arc = feel.read.arc
    force = np.linalg.norm(feel.read.wall_force, axis=1)
    beyond = (arc > SHEATH) & (force > 0.0)
    if not beyond.any():
        return 0.0, 0.0, 0.0
    total = np.concatenate(([0.0], np.cumsum(np.where(beyond, force, 0.0))))
    first = np.searchsorted(arc, arc - PIECE, side="right")  # the piece that ends at each node
    pieces = (total[1:] - total[first])[beyond]
    return float(pieces.max()), float(pieces.mean()), float(total[-1] - total[first[-1]])


def _latched(held: int, value: float, limit: float) -> int:
    """Return how many ticks are left of something that began where `value` passed `limit`; 0 when it is over."""
    if value >= limit or (held > 0 and value > LET_GO * limit):
        return LET_GO_TICKS
    return max(held - 1, 0)


def _geometry(
    feel: Feeling, before: TableState, now: TableState, at: tuple[Place | None, Place | None]
) -> dict[str, float]:
    old = dict(zip((s.name for s in SIGNALS), before.signals, strict=False))
    values: dict[str, float] = {}
    for name, curve in (("wire", feel.wire), ("catheter", feel.catheter)):
        tip = curve[-1] if len(curve) else feel.read.points[0]
        for axis, letter in enumerate("xyz"):
            values[f"{name}_tip_{letter}_mm"] = float(tip[axis]) / MM
    lead = _lead(now)
    step = [values[f"{lead}_tip_{c}_mm"] - old.get(f"{lead}_tip_{c}_mm", values[f"{lead}_tip_{c}_mm"]) for c in "xyz"]
    same = (before.wire, before.catheter) == (now.wire, now.catheter) and lead == _lead(before)
    values["tip_speed_mm_s"] = float(np.linalg.norm(step)) * 100.0 if same else 0.0
    values["hand_speed_mm_s"] = max(abs(now.hands.wire_push), abs(now.hands.catheter_push)) / MM
    values["hand_force_wire_n"], values["hand_force_catheter_n"] = (float(v) for v in feel.read.hand_force)
    values["wire_in_mm"], values["catheter_in_mm"] = (float(v) / MM for v in feel.read.inserted)
    values["unconverged"] = float(feel.read.unconverged > 0)
    values["escaped"] = float(bool(feel.read.escaped[feel.read.arc > SHEATH].any()))
    values["wire_deep_mm"] = at[0].beyond / MM if at[0] else 0.0
    values["deep_mm"] = at[1].beyond / MM if at[1] else 0.0
    return values


def _lead(state: TableState) -> str:
    wire, catheter = state.rod.shape.inserted
    return "wire" if wire >= catheter else "catheter"


def _backward(feel: Feeling) -> float:
    """Return how much of the wire beyond the catheter runs backwards [m]."""
    free = float(feel.read.inserted[0] - max(float(feel.read.inserted[1]), SHEATH))
    if free <= WIRE_SHAPE or not len(feel.wire):
        return 0.0
    points = feel.wire[feel.read.arc[: len(feel.wire)] > float(feel.read.inserted[0]) - free]
    return feel.atlas.backward(points, WIRE_SHAPE) if len(points) > 2 else 0.0


def _counts(now: TableState) -> dict[str, float]:
    lumen, record = now.lumen, now.record
    return {
        "fluoroscopy_s": now.dose.fluoro_time,
        "contrast_ml": lumen.contrast_ml,
        "dose_gy_cm2": now.dose.area_product / CGY_CM2 / 100.0,
        "blind_wire_mm": now.blind / MM,
        "bare_catheter_mm": now.bare / MM,
        "engaged_s": now.engaged / 100.0,
        "aspirations": float(lumen.aspirations),
        "aspirated_ml": lumen.aspirated_ml,
        "flushes": float(lumen.flushes),
        "flushed_ml": lumen.flushed_ml,
        "puffs": float(record.puffs),
        "runs": float(record.runs),
        "injected_ml": record.injected_ml,
        "run_dose_gy_cm2": record.run_dose / CGY_CM2 / 100.0,
        "unflushed_ml": lumen.unflushed_ml,
        "air_ml": lumen.air_injected_ml,
        "air_in_catheter_ml": lumen.air_ml,
        "roadmaps": float(record.roadmaps),
        "wire_exits": float(now.wire_exits),
        "bleeding": float(now.bleeding),
        "card_read": float(now.card_read),
        "time_out": float(now.time_out),
        "dose_noted": float(now.dose_noted),
        "compression_s": now.compression,
    }

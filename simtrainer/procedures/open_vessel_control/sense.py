"""From the state of the wound to the signals and words of the snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.frame import frozen
from simtrainer.core.units import MM, MMHG
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.physics.tissue_state import TissueReadout
from simtrainer.procedures.open_vessel_control.catalogue import LAYERS, SIDES, SIGNALS
from simtrainer.procedures.open_vessel_control.clamp import closed
from simtrainer.procedures.open_vessel_control.state import WoundState
from simtrainer.procedures.open_vessel_control.tool import HANDS_SLOTS

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
DRY_TICKS = 200
"""Ticks without bleeding after which it counts as stopped. because: design, two seconds"""
STOPPED = ("", "pressure", "clamps", "ties")
"""What may have stopped a bleeding, by the value of the signal `stopped`."""
_NAMES = tuple(signal.name for signal in SIGNALS)


class Windows:
    """The bricks of each layer over the artery, by row along it; holds no state."""

    def __init__(self, mesh: VoxelMesh, names: tuple[str, ...], axis: F8) -> None:
        """Find in each row and layer the brick that lies over the axis (n, 3) [m] of the artery."""
        self._row = float(mesh.spacing[2]) / MM
        order = np.argsort(axis[:, 2])
        middle = mesh.origin + (mesh.voxels + 0.5) * mesh.spacing
        away = np.abs(middle[:, 0] - np.interp(middle[:, 2], axis[order, 2], axis[order, 0]))
        over = (away <= 0.5 * mesh.spacing[0]) & (middle[:, 1] > axis[0, 1] + 0.3 * mesh.spacing[1])
        self._bricks = {
            layer: np.flatnonzero(over & (mesh.kind == names.index(layer))) for layer in LAYERS if layer in names
        }
        self._rows = {layer: mesh.voxels[bricks, 2] for layer, bricks in self._bricks.items()}

    def open_mm(self, alive: NDArray[np.bool_], layer: str) -> float:
        """Return over which length [mm] nothing of a layer is left over the artery."""
        bricks, rows = self._bricks[layer], self._rows[layer]
        shut = np.unique(rows[alive[bricks]])
        return float(len(np.unique(rows)) - len(shut)) * self._row


@dataclass(frozen=True, slots=True)
class Feeling:
    """What the sensors of a tick work on.

    `axis` of the artery [m], (n, 3), `push` the force on it by hand [N], (2,), `free` where it can be encircled,
    (n,), and `step_mm` between two of its points.
    """

    windows: Windows
    read: TissueReadout
    axis: F8
    push: F8
    free: NDArray[np.bool_]
    step_mm: float


def forces(read: TissueReadout, push: F8, cut: tuple[float, float]) -> tuple[F8, float]:
    """Return what each hand feels [N], (2, 3), and the greatest force of one tool or retractor on tissue [N]."""
    tools = read.tool_force
    out = np.zeros((2, 3))
    for side in (0, 1):
        out[side] = tools[side * HANDS_SLOTS : (side + 1) * HANDS_SLOTS].sum(axis=0)
        out[side] += read.jaw_force[side] + read.jaw_force[2 + 2 * side : 4 + 2 * side].sum(axis=0)
        out[side, 1] += push[side] + cut[side]
    left = np.linalg.norm(tools[2 * HANDS_SLOTS :], axis=1)
    return out, float(max(np.linalg.norm(out, axis=1).max(), left.max()))


def sense(feel: Feeling, before: WoundState, now: WoundState) -> WoundState:
    """Return `now` with its signals and words."""
    deeds, blood, alive = now.deeds, now.blood, now.tissue.alive
    felt, most = forces(feel.read, feel.push, deeds.cut_force)
    values: dict[str, float] = {}
    for side, name in enumerate(SIDES):
        hand = now.hands[side]
        for c, letter in enumerate("xyz"):
            values[f"{name}_tip_{letter}_mm"] = hand.tip[c] / MM
        values[f"{name}_force_n"] = float(np.linalg.norm(felt[side]))
        values[f"{name}_close"] = hand.close
        x, y, z = (float(v) for v in felt[side])
        now = replace(now, **{name: replace(hand, force=(x, y, z))})  # type: ignore[arg-type]  # one field, by name
    values["hand_speed_mm_s"] = max(float(np.linalg.norm(h.speed)) if h.tool else 0.0 for h in now.hands) / MM
    values["tissue_force_n"] = most
    values["squeeze_force_n"] = float(now.squeeze.sum())
    values |= {f"{layer}_open_mm": feel.windows.open_mm(alive, layer) for layer in LAYERS}
    values |= _bleeding(feel, now) | _counts(now)
    values["unconverged"] = float(feel.read.unconverged)
    values |= {
        "lost_ml": blood.lost_ml, "pool_ml": blood.pool_ml, "suction_ml": blood.suction_ml,
        "swabs_ml": blood.swabs_ml, "drained_ml": blood.drained_ml,
    }  # fmt: skip
    assert values.keys() == set(_NAMES), set(values) ^ set(_NAMES)
    words = (
        *((f"{name}_{part}", getattr(hand, part)) for name, hand in zip(SIDES, now.hands, strict=True)
          for part in ("tool", "grip")),
        ("clamp_where", deeds.last_where), ("clamp_seen", deeds.last_seen), ("tie_where", deeds.last_tie),
        ("torn", deeds.last_torn), ("cause", now.hole.cause),
    )  # fmt: skip
    return replace(now, signals=frozen(np.array([values[name] for name in _NAMES])), words=words)


def _bleeding(feel: Feeling, now: WoundState) -> dict[str, float]:
    blood, k = now.blood, now.hole.station
    before, beyond = closed(now)
    deep = blood.pool_level - float(feel.axis[k, 1]) if k >= 0 and blood.pool_level > -0.5 else 0.0
    middle = k if k >= 0 else len(feel.free) // 2
    return {
        "proximal_free_mm": feel.step_mm * float(feel.free[:middle].sum()),
        "distal_free_mm": feel.step_mm * float(feel.free[middle + 1 :].sum()),
        "artery_seen_mm": now.sight.artery_mm, "artery_open": float(now.open.min()),
        "bleeding_ml_s": blood.flow_ml_s, "backflow_ml_s": blood.back_ml_s, "venous_ml_s": blood.venous_ml_s,
        "pool_mm": max(deep, 0.0) / MM, "pressure_mmhg": blood.pressure / MMHG, "bleeding": float(k >= 0),
        "pressed_s": now.deeds.pressed / 100.0, "proximal_closed": float(bool(before)),
        "distal_closed": float(bool(beyond)), "stopped": float(_stopped(now, before, beyond)),
    }  # fmt: skip


def _stopped(now: WoundState, before: str, beyond: str) -> int:
    """Return which of STOPPED has kept the wound dry."""
    if now.hole.station < 0 or now.deeds.dry < DRY_TICKS:
        return 0
    if before and beyond:
        return 3 if before == beyond == "tie" else 2
    return 1


def _counts(now: WoundState) -> dict[str, float]:
    deeds = now.deeds
    kinds = [item.kind for item in now.placed]
    return {
        "cut_voxels": float(deeds.cuts), "cuts_outside": float(deeds.outside), "torn": float(deeds.torn),
        "retractors": float(kinds.count("retractor")), "clampings": float(deeds.clampings),
        "blind_clampings": float(deeds.blind), "ties_on": float(deeds.ties), "nerve_hurt": float(deeds.nerve),
        "vein_hurt": float(deeds.vein), "clots_opened": float(deeds.opened), "card_read": float(deeds.card_read),
        "time_out": float(deeds.time_out), "called": float(deeds.called), "swabs_in_wound": float(kinds.count("swab")),
        "swab_counts": float(deeds.counts),
    }  # fmt: skip

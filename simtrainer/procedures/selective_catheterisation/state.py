"""Everything that changes in a selective catheterisation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simtrainer.imaging.carm import CArmPose
from simtrainer.imaging.contrast import BolusState
from simtrainer.imaging.dose import DoseState
from simtrainer.physics.rod import RodState


@dataclass(frozen=True, slots=True)
class Hands:
    """Held controls as they stand, in the units of the catalogue."""

    wire_push: float = 0.0
    wire_twist: float = 0.0
    catheter_push: float = 0.0
    catheter_twist: float = 0.0
    beam: str = "off"
    lao: float = 0.0
    cranial: float = 0.0
    along: float = 0.0
    across: float = 0.0
    aspirate: float = 0.0
    saline: float = 0.0
    contrast: float = 0.0
    press: float = 0.0


@dataclass(frozen=True, slots=True)
class Lumen:
    """What is in the catheter, and what has gone through it.

    Parameters
    ----------
    air_ml
        Air in it.
    aspirated, flushed
        True since blood was drawn back, and since it was flushed after that; a wire that comes or goes undoes both.
    standing_s
        Time since blood last stood in it.
    pending_ml
        Volume of the stroke that is being made, by syringe.
    """

    air_ml: float = 0.0
    aspirated: bool = False
    flushed: bool = False
    drawing_ml: float = 0.0
    flushing_ml: float = 0.0
    injecting_ml: float = 0.0
    injecting_run_s: float = 0.0
    aspirations: int = 0
    aspirated_ml: float = 0.0
    flushes: int = 0
    flushed_ml: float = 0.0
    contrast_ml: float = 0.0
    unflushed_ml: float = 0.0
    air_injected_ml: float = 0.0


@dataclass(frozen=True, slots=True)
class Record:
    """Injections and pictures that were completed."""

    puffs: int = 0
    runs: int = 0
    injected_ml: float = 0.0
    run_dose: float = 0.0
    dose_at_start: float = 0.0
    vessel: str = ""
    projection: str = ""
    roadmaps: int = 0
    roadmap_vessel: str = ""
    roadmap_pose: CArmPose | None = None


@dataclass(frozen=True, slots=True)
class TableState:
    """State of one exercise at the end of a tick.

    Parameters
    ----------
    rod
        The devices' common centreline.
    wire, catheter
        Names of what is loaded; empty for nothing.
    pose, width, height
        C-arm and shutters.
    blind, bare
        Forward travel [m] of an unseen wire and of a leading catheter, this time.
    pressed
        Ticks that a tip has pressed the wall as hard as perforates it.
    engaged
        Ticks that the catheter's tip has lain in a branch of the arch.
    strained, looped
        Ticks until a wall that was pressed too hard, and a loop, count as over; 0 where there is none.
    flags
        Deeds that are done once: card_read, time_out, dose_noted.
    """

    rod: RodState
    hands: Hands
    wire: str
    catheter: str
    pose: CArmPose
    dose: DoseState
    bolus: BolusState
    lumen: Lumen = Lumen()
    record: Record = Record()
    width: float = 1.0
    height: float = 1.0
    blind: float = 0.0
    bare: float = 0.0
    engaged: int = 0
    strained: int = 0
    looped: int = 0
    wire_exits: int = 0
    pressed: int = 0
    bleeding: bool = False
    card_read: bool = False
    time_out: bool = False
    dose_noted: bool = False
    compression: float = 0.0
    quiet: int = 0
    signals: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    words: tuple[tuple[str, str], ...] = ()

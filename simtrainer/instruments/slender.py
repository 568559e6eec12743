"""Wires and catheters as their makers describe them: sections from the tip backwards, read from YAML."""

from __future__ import annotations

import math
from enum import Enum
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simtrainer.core.error import InputError
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod_device import Profile

Positive = Annotated[float, Field(gt=0.0)]


class Kind(Enum):
    """Whether something runs in a lumen or has one."""

    WIRE = "wire"
    CATHETER = "catheter"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(_Closed):
    """A stretch of the device, counted from the tip.

    Parameters
    ----------
    length_mm
        Its length.
    turn_deg
        Angle of its natural bend in the plane of the tip, spread evenly; signed.
    rigidity_n_mm2
        Flexural rigidity at its end nearer to the hub; between ends it is linear.
    """

    length_mm: Positive
    turn_deg: float = 0.0
    rigidity_n_mm2: Positive
    because: str


class Slender(_Closed):
    """A wire or catheter.

    Parameters
    ----------
    name
        Name in courses and attempts.
    outer_diameter_mm, inner_diameter_mm
        0 inside for a wire.
    length_mm
        Whole length.
    linear_density_g_m
        Mass per length.
    torsion_ratio
        GJ over EI; 1 / (1 + nu) for a homogeneous round bar, more for a braid.
    tip_rigidity_n_mm2
        Flexural rigidity at the very tip.
    radiopaque_tip_mm
        Length of the tip that casts a darker shadow.
    side_holes
        True where contrast leaves through side holes, which lets it stand a power injection.
    atraumatic
        True where a loop goes first that may lead without a wire, as a pigtail's does.
    evidence
        Flag of the numbers: seen, second, known or design.
    """

    schema_version: int
    name: str
    title: str
    kind: Kind
    outer_diameter_mm: Positive
    inner_diameter_mm: Annotated[float, Field(ge=0.0)] = 0.0
    length_mm: Positive
    linear_density_g_m: Positive
    torsion_ratio: Positive
    tip_rigidity_n_mm2: Positive
    radiopaque_tip_mm: float = 0.0
    side_holes: bool = False
    atraumatic: bool = False
    evidence: str
    because: str
    sections: tuple[Section, ...]

    @property
    def lumen_ml(self) -> float:
        """Volume of the lumen [ml]."""
        return math.pi / 4.0 * self.inner_diameter_mm**2 * self.length_mm / 1000.0

    def profile(self) -> Profile:
        """Return the device as the rod solver takes it, in SI."""
        at, rigid, curve = [0.0], [self.tip_rigidity_n_mm2], [0.0]
        edge = 1e-3  # a bend begins within a micrometre; the solver rounds it to what its nodes can show
        for section in self.sections:
            bend = math.radians(section.turn_deg) / section.length_mm
            start, end = at[-1], at[-1] + section.length_mm
            if start == 0.0:
                curve[0] = bend
            else:
                share = edge / section.length_mm
                at.append(start + edge)
                rigid.append(rigid[-1] + (section.rigidity_n_mm2 - rigid[-1]) * share)
                curve.append(bend)
            at += [end - edge, end]
            rigid += [section.rigidity_n_mm2] * 2
            curve += [bend, 0.0]
        ones = np.ones(len(at))
        ei = np.array(rigid) * N_MM2
        return Profile(
            distance=np.array(at) * MM,
            flexural_rigidity=ei,
            curvature=np.array(curve) / MM,
            torsional_rigidity=ei * self.torsion_ratio,
            radius=ones * self.outer_diameter_mm / 2.0 * MM,
            mass_per_length=ones * self.linear_density_g_m / 1000.0,
            length=self.length_mm * MM,
        )


def read_slender(path: Path) -> Slender:
    """Return the instrument in a YAML file; InputError names file and key."""
    try:
        return Slender.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {where}: {first['msg']}") from error

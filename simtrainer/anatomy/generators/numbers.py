"""Reads a generator's table of published numbers and keeps account of which were used, and for whom."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from simtrainer.anatomy.manifest import Number
from simtrainer.core.units import MM, rad


class Sex(StrEnum):
    """Sex that the published number belongs to."""

    MALE = "male"
    FEMALE = "female"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    unit: Literal["mm", "deg", "1"]
    male: float
    female: float
    age_years: float = 0.0
    per_decade: float = 0.0
    evidence: Literal["measured", "derived", "design"]
    because: str


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: Literal[1]
    edition: str
    numbers: dict[str, _Row]


@cache
def _table(path: Path) -> _Table:
    return _Table.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


class Ledger:
    """Hands out numbers in SI for one sex and age, and remembers each that it handed out."""

    def __init__(self, path: Path, sex: Sex, age_years: float) -> None:
        """Open the table at `path` for a patient."""
        self._rows = _table(path).numbers
        self._sex = sex
        self._age_years = age_years
        self._used: dict[str, Number] = {}

    def __call__(self, name: str) -> float:
        """Return the number called `name` in SI (metres, radians or bare)."""
        row = self._rows[name]
        value = row.male if self._sex is Sex.MALE else row.female
        if row.per_decade:
            value += row.per_decade * (self._age_years - row.age_years) / 10.0
        because = row.because
        self._used[name] = Number(
            name=name, value=round(value, 3), unit=row.unit, evidence=row.evidence, because=because
        )
        return {"mm": value * MM, "deg": rad(value), "1": value}[row.unit]

    def radius(self, name: str) -> float:
        """Return half of the diameter called `name_diameter` [m]."""
        return 0.5 * self(f"{name}_diameter")

    @property
    def used(self) -> tuple[Number, ...]:
        """Every number handed out so far, by name."""
        return tuple(self._used[name] for name in sorted(self._used))


def published_diameters(path: Path) -> dict[str, float]:
    """Return the mean diameter [m] of men and women of each vessel in a table, by the vessel's name in it."""
    ending = "_diameter"
    rows = _table(path).numbers.items()
    return {
        name.removesuffix(ending): 0.5 * (row.male + row.female) * MM for name, row in rows if name.endswith(ending)
    }

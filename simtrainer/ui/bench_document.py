"""The document of a bench, as it is written to a file and read again, with what the page needs of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simtrainer.core.error import InputError

SCHEMA_VERSION = 1
SECTIONS = {
    "physics": ("accuracy", "speed", "growth", "robustness", "peers"),
    "imaging": ("imaging",),
    "anatomy": ("anatomy",),
    "engagement": ("engagement",),
}
"""What the document of each kind of bench must hold."""


class _Open(BaseModel):
    """Something with at least these fields; whatever else a measurement tells is kept and shown."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class ToldTable(_Open):
    """A table for people, as it was shown."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


class AccuracyRow(_Open):
    """A closed form and how far we were off; numbers that were not finite are None."""

    id: str
    title: str
    source: str
    relative_error: float | None
    limit: float
    order: float | None
    node_steps: tuple[float, ...]
    errors: tuple[float | None, ...]
    holds: bool


class SpeedRow(_Open):
    """What a tick of 10 ms cost: of rods (`segments`, `devices`, `step_ms`), tissue (`bricks`) or needles."""

    id: str
    title: str
    core_ms_per_10ms: float
    worst_core_ms: float
    ratio: float
    segments: int | None = None
    devices: int | None = None
    step_ms: float | None = None
    bricks: int | None = None
    budget_ms: float | None = None


class GrowthRow(_Open):
    """A straight line through cost over segments."""

    devices: int
    constant_ms: float
    per_100_segments_ms: float
    largest_deviation: float


class RobustnessRow(_Open):
    """How a patient and random hands got on."""

    vessel: str
    devices: tuple[str, ...]
    seconds: float
    mean_core_ms_per_10ms: float | None
    p99_core_ms_per_10ms: float | None
    worst_core_ms_per_10ms: float | None
    max_force_n: float | None
    max_penetration_mm: float | None
    escapes: int
    nan: int
    unconverged_share: float | None


class RunRow(_Open):
    """How an engine did the task of the peers; `ratio` is its work over that of ours."""

    name: str
    title: str
    version: str
    step_ms: float
    core_ms_per_10ms: float
    matrix_product_ms: float
    max_penetration_mm: float | None
    finite: bool
    in_vessel: bool
    through: bool
    ratio: float | None = None
    as_exact: bool | None = None


class TubeNav(_Open):
    """The race of the peers."""

    ours: tuple[RunRow, ...] = ()
    failed: tuple[dict[str, Any], ...] = ()
    not_installed: tuple[str, ...] = ()


class Machine(_Open):
    """Where it was measured."""

    simtrainer: str
    python: str
    class_: str = Field(alias="class")
    cores: int | None


class BenchDocument(_Open):
    """All that a bench found; sections that were not asked for are empty."""

    schema_version: Literal[1]
    made: str
    command: str
    machine: Machine
    quick: bool
    seed: int
    faults: tuple[str, ...]
    tables: tuple[ToldTable, ...]
    accuracy: tuple[AccuracyRow, ...] = ()
    speed: tuple[SpeedRow, ...] = ()
    growth: tuple[GrowthRow, ...] = ()
    robustness: tuple[RobustnessRow, ...] = ()
    peers: tuple[RunRow, ...] = ()
    tube_nav: TubeNav = TubeNav()

    def lists(self) -> dict[str, tuple[dict[str, Any], ...]]:
        """Return every list of measurements with all of its fields, by name."""
        whole = self.model_dump(by_alias=True, exclude_unset=True)
        tube = whole.pop("tube_nav", {})
        engagement = whole.pop("engagement", {})
        apart = {"tables", "faults"}
        found = {name: rows for name, rows in whole.items() if isinstance(rows, list | tuple) and name not in apart}
        nested = {"tube_nav": tube, "engagement": engagement}
        for outer, part in nested.items():
            found |= {f"{outer}: {k}": rows for k, rows in part.items() if isinstance(rows, list | tuple)}
        named = {name: tuple(row for row in rows if isinstance(row, dict)) for name, rows in found.items()}
        return {name: rows for name, rows in named.items() if rows}


def checked(data: object, *, where: str, kind: str | None = None) -> BenchDocument:
    """Return `data` as the document of a bench of `kind`; InputError says what is missing or wrong `where`."""
    if not isinstance(data, dict):
        raise InputError(f"{where}: this is no document of simtrainer bench: it is not an object with named parts")
    wanted = ("schema_version", "made", "command", "machine", "tables", "faults", *SECTIONS.get(kind or "", ()))
    missing = [name for name in wanted if name not in data]
    if missing:
        asked = f"bench {kind}" if kind else "bench"
        raise InputError(f"{where}: this is no document of simtrainer {asked}: {', '.join(missing)} missing")
    try:
        return BenchDocument.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where}: {place}: {first['msg']}") from None


def read(path: Path, kind: str | None = None) -> BenchDocument:
    """Return the document in a file; InputError where there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: this is not JSON: {error}") from None
    return checked(data, where=str(path), kind=kind)

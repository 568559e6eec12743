"""One run of a bench: what was asked for, what was found so far, and where it is told."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version

from simtrainer import __version__
from simtrainer.core import kernel
from simtrainer.ui.bench_document import SCHEMA_VERSION
from simtrainer.ui.table import Table

TICKS, QUICK_TICKS = 200, 40
FRAMES, QUICK_FRAMES = 60, 20
QUICK_PATIENTS = 3
QUICK_BLOCKS, QUICK_BODIES, TISSUE_PART = 3, 2, 4
"""Blocks and bodies of tissue of a quick run, and the share of the ticks that each is timed for: one costs ten times
a wire's."""


@dataclass(slots=True)
class Bench:
    """One call: what was asked for, what was found, and where it is told.

    Parameters
    ----------
    words, say
        Where results and where progress go.
    command
        What was typed, so that it can be typed again.
    seconds
        Simulated time that each patient is shaken for [s].
    seeds
        Hands that try each catheter in each patient.
    found
        The document, part by part as each is complete.
    faults
        What makes the answer no, in words.
    """

    words: Callable[[str], None]
    say: Callable[[str], None]
    command: str
    quick: bool
    markdown: bool
    seconds: float
    seed: int
    seeds: int
    peers: bool
    patients: tuple[str, ...]
    found: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @property
    def ticks(self) -> int:
        """Ticks that a load is timed for."""
        return QUICK_TICKS if self.quick else TICKS

    def show(self, table: Table) -> None:
        """Write a table as soon as it is complete, and keep it for the document."""
        self.tables.append(table)
        self.words((table.markdown() if self.markdown else table.text()) + "\n")

    def begin(self) -> None:
        """Say and keep on which machine this is measured, when and by which command."""
        versions = {name: version(name) for name in ("numpy", "numba", "scipy")}
        self.found |= {
            "schema_version": SCHEMA_VERSION, "made": datetime.now().astimezone().isoformat(timespec="seconds"),
            "command": self.command,
            "machine": {
                "simtrainer": __version__, "python": platform.python_version(), "class": kernel.machine_class(),
                "cores": os.cpu_count(), **versions,
            },
            "quick": self.quick, "seed": self.seed,
        }  # fmt: skip
        named = ", ".join(f"{name} {number}" for name, number in versions.items())
        self.words(
            f"simtrainer {__version__}, Python {platform.python_version()}, {named}; "
            f"{os.cpu_count()} cores, {kernel.machine_class()}\n"
        )

    def end(self) -> None:
        """Complete the document."""
        self.found |= {"faults": self.faults, "tables": [asdict(table) for table in self.tables]}

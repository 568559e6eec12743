"""What soft tissue and needles cost, as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from simtrainer.studies.bench.needle import NeedleSpeed
from simtrainer.studies.bench.tet import TetSpeed
from simtrainer.studies.bench.tissue import BUDGET_BRICKS, BUDGET_MS, TissueSpeed
from simtrainer.ui.table import Table


def tissue_table(blocks: Sequence[TissueSpeed], tets: Sequence[TetSpeed], needles: Sequence[NeedleSpeed]) -> Table:
    """Return what bricks and tetrahedra with tools in them, and needles, cost, beside the matrix product of the run."""
    rows = [
        (
            one.title, f"{one.nodes}", f"{one.contacts:.0f}", f"{one.iterations:.1f}", f"{one.core_ms_per_10ms:.1f}",
            f"{one.worst_core_ms:.1f}", f"{one.ratio:.1f}", f"{100.0 * one.unconverged_share:.1f} %",
            _share(one.product_share), _share(one.copy_share),
        )
        for one in blocks
    ]  # fmt: skip
    rows += [
        (
            one.title, f"{one.nodes}", f"{one.contacts:.0f}", f"{one.iterations:.1f}", f"{one.core_ms_per_10ms:.1f}",
            f"{one.worst_core_ms:.1f}", f"{one.ratio:.1f}", f"{100.0 * one.unconverged_share:.1f} %", "-", "-",
        )
        for one in tets
    ]  # fmt: skip
    rows += [
        (
            one.title, f"{one.nodes}", "-", "-", f"{one.core_ms_per_10ms:.2f}", f"{one.worst_core_ms:.1f}",
            f"{one.ratio:.2f}", "-", "-", "-",
        )
        for one in needles
    ]  # fmt: skip
    return Table(
        "Speed of soft tissue and needles: core-milliseconds for 10 simulated ms",
        ("load", "nodes", "contacts", "iterations", "mean", "worst", "x product", "unconverged", "of GEMM", "of copy"),
        tuple(rows),
        tuple(_aim(one) for one in blocks if one.bricks >= BUDGET_BRICKS)[:1],
    )


def _share(part: float | None) -> str:
    return "-" if part is None else f"{100.0 * part:.0f} %"


def _aim(one: TissueSpeed) -> str:
    """Return the sentence on the budget of a tick of tissue."""
    word = "missed" if one.core_ms_per_10ms > BUDGET_MS else "met"
    return f"{one.bricks} bricks: {one.core_ms_per_10ms:.1f} core-ms; {BUDGET_MS:g} were aimed at and are {word}."

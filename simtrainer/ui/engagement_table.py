"""Which catheter engaged which arch, as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from simtrainer.studies.engagement.count import Row, Share
from simtrainer.ui.table import Table


def engagement_table(rows: Sequence[tuple[str, Row]]) -> Table:
    """Return counts with their intervals; `rows` are names of patients or groups with what was counted there."""
    return Table(
        "Engagement: the left common carotid by standard hands, on the mechanics alone",
        ("patient, catheter", "engaged", "95 %", "wire up", "95 %", "and held", "95 %", "median s"),
        tuple(
            (
                f"{name}: {row.catheter}", *_cells(row.engaged), *_cells(row.wired), *_cells(row.held),
                "-" if row.seconds is None else f"{row.seconds:.0f}",
            )
            for name, row in rows
        ),
        (
            "engaged: the tip lay 3 mm deep for 0.5 s, within one pass of the arch; median s: after so long.",
            "wire up: a hydrophilic wire, 80 mm out, then came 40 mm up the carotid; and held: the tip had stayed.",
            "The hand is blind and the same for all shapes: it draws back step by step and turns round after each.",
            "A reverse curve begins re-formed. 95 %: Wilson interval. A test of the mechanics, not of people.",
        ),
    )  # fmt: skip


def _cells(share: Share) -> tuple[str, str]:
    return f"{share.count}/{share.of}", f"{100.0 * share.low:.0f}-{100.0 * share.high:.0f} %"

"""The step list: from a course's progress to rows, and the part of them that fits a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simtrainer.curriculum.live import Progress, Status
from simtrainer.ui.monitor.word import MONITOR, Words


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line: `word` says the status, `hint` is empty unless this is the step to do next and hints are on."""

    id: str
    text: str
    status: Status
    word: str
    critical: bool
    hint: str


@dataclass(frozen=True, slots=True)
class StepListView:
    """All rows, the number of the next step to do (-1 when none is open), and how many are done."""

    rows: tuple[StepRow, ...]
    current: int
    done: int

    def window(self, capacity: int) -> tuple[int, int]:
        """Return the first row and the row after the last of at most `capacity` rows that show the current one.

        Two rows stand before the current one where there is room, so that one sees what was done last.
        """
        total = len(self.rows)
        if capacity >= total:
            return 0, total
        capacity = max(capacity, 1)
        first = min(max(max(self.current, 0) - min(2, capacity - 1), 0), total - capacity)
        return first, first + capacity


_FINISHED = (Status.DONE, Status.LATE, Status.OUT_OF_ORDER)


def step_list_of(progress: Sequence[Progress], *, hints: bool, language: str) -> StepListView:
    """Return the list; the current step is the first open one in the order of the course."""
    say = Words(MONITOR, language)
    current = next((i for i, row in enumerate(progress) if row.status is Status.OPEN), -1)
    rows = tuple(
        StepRow(
            row.id,
            row.text,
            row.status,
            say(f"status.{row.status.value}"),
            row.critical,
            row.hint if hints and i == current else "",
        )
        for i, row in enumerate(progress)
    )
    return StepListView(rows, current, sum(row.status in _FINISHED for row in progress))

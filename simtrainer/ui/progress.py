"""One line on standard error that says how far an attempt is; kept short where nobody watches."""

from __future__ import annotations

import sys
import time
from typing import Any

from simtrainer.core.session import Step
from simtrainer.core.units import MINUTE
from simtrainer.curriculum.live import Status
from simtrainer.ui.case import Case

TERMINAL_S, FILE_S = 0.2, 15.0
"""Seconds between two lines on a terminal, where they overwrite each other, and in a file, where they pile up."""
_DONE = (Status.DONE, Status.LATE, Status.OUT_OF_ORDER)


class Progress:
    """Watches a session and tells how far it is."""

    def __init__(self, case: Case, label: str) -> None:
        """Tell about `case` under the name `label`."""
        self._case = case
        self._label = label
        self._is_terminal = sys.stderr.isatty()
        self._began = self._told = time.monotonic()

    def __call__(self, step: Step[Any, Any]) -> None:
        """Take in one step."""
        if step.state.tick % 10:
            return
        now = time.monotonic()
        if now - self._told < (TERMINAL_S if self._is_terminal else FILE_S):
            return
        self._told = now
        self._write(self._line(step, now - self._began))

    def _line(self, step: Step[Any, Any], wall: float) -> str:
        seconds = step.state.tick / self._case.world.tick_hz
        rows = self._case.live.progress(step.state.curriculum)
        done = sum(row.status in _DONE for row in rows)
        whole = int(seconds)
        rate = seconds / wall if wall > 0.0 else 0.0
        return (
            f"{self._label}: {whole // int(MINUTE)}:{whole % int(MINUTE):02d} simulated, "
            f"{done} of {len(rows)} steps done, {rate:.1f} x real time"
        )

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Clear the line."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

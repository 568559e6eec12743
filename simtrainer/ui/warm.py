"""Compiles what a procedure needs before the first tick that counts, and says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simtrainer.core import kernel
from simtrainer.core.action import Action, Control
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.core.stream import Streams
from simtrainer.ui.case import Case

SAYS = "compiling kernels, first time only (about a minute) ..."
MARK = "warm"


def is_cold(procedure: str) -> bool:
    """Tell whether the kernels of `procedure` have not been compiled by this code on this machine."""
    return not _mark(procedure).is_file()


def warm_up(case: Case, say: Callable[[str], None]) -> None:
    """Run a short session that touches every control and looks at the screen, where that was not done before."""
    procedure = case.procedure.name
    if not is_cold(procedure):
        return
    say(SAYS)
    session: Session[Any, None] = Session(case.world, NoCurriculum(), 1)
    state = session.start()
    eye = case.procedure.eye(case.world, Streams(1))
    for control in case.world.controls:
        for action in _tried(control):
            state = session.step(state, (action,)).state
            eye.look(state.world, state.tick)
            case.procedure.observe(case.world, state.world, state.tick, Streams(1))
    _mark(procedure).parent.mkdir(parents=True, exist_ok=True)
    _mark(procedure).touch()


def _tried(control: Control) -> list[Action]:
    if control.choices:
        return [Action(control.name, choice) for choice in control.choices]
    return [Action(control.name, control.high)]


def _mark(procedure: str) -> Path:
    return Path(os.environ["NUMBA_CACHE_DIR"]) / f"{procedure}.{kernel.kernel_hash()}.{MARK}"

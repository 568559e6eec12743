"""Compiles what a procedure needs before the first tick that counts, and says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simtrainer.core import kernel
from simtrainer.core.action import Action, Control
from simtrainer.core.session import NoCurriculum, Session, SessionState
from simtrainer.core.stream import Streams
from simtrainer.procedures import procedures
from simtrainer.procedures.procedure import Procedure
from simtrainer.ui.case import Case, first_patient

SAYS = "compiling kernels, first time only (about a minute) ..."
MARK = "warm"
HELD_TICKS = 150
"""Ticks that everything is held for once it was tried: what is pushed comes out of the sheath, what turns turns."""


def is_cold(procedure: str) -> bool:
    """Tell whether the kernels of `procedure` have not been compiled by this code on this machine."""
    return not _mark(procedure).is_file()


def warm_up(case: Case, say: Callable[[str], None]) -> None:
    """Run a short session that touches every control and looks at the screen, where that was not done before."""
    if is_cold(case.procedure.name):
        say(SAYS)
        _practise(case.procedure, case.world)


def warm_everything(say: Callable[[str], None]) -> tuple[str, ...]:
    """Do that for every procedure there is; return the names of those for which it was not done before."""
    cold = [name for name in procedures.names() if is_cold(name)]
    for name in cold:
        say(SAYS)
        procedure = procedures.get(name)
        _practise(procedure, procedure.world(first_patient(name)))
    return tuple(cold)


def _practise(procedure: Procedure, world: Any) -> None:
    session: Session[Any, None] = Session(world, NoCurriculum(), 1)
    eye = procedure.eye(world, Streams(1))

    def tick(state: SessionState[Any, None], *actions: Action) -> SessionState[Any, None]:
        state = session.step(state, actions).state
        eye.look(state.world, state.tick)
        procedure.observe(world, state.world, state.tick, Streams(1))
        return state

    state = session.start()
    for control in world.controls:
        for action in _tried(control):
            state = tick(state, action)
    for _ in range(HELD_TICKS):
        state = tick(state)
    _mark(procedure.name).parent.mkdir(parents=True, exist_ok=True)
    _mark(procedure.name).touch()


def _tried(control: Control) -> list[Action]:
    if control.choices:
        return [Action(control.name, choice) for choice in control.choices]
    return [Action(control.name, control.high)]


def _mark(procedure: str) -> Path:
    return Path(os.environ["NUMBA_CACHE_DIR"]) / f"{procedure}.{kernel.kernel_hash()}.{MARK}"

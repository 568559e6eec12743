"""Goes on differently from a moment of an attempt: the shared part is run again, then another hand acts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from simtrainer.core.attempt import Attempt, AttemptWriter
from simtrainer.core.error import InputError
from simtrainer.core.replay import parent_of, rerun
from simtrainer.curriculum.recorder import Recorder
from simtrainer.ui.case import Case
from simtrainer.ui.hand import open_hand
from simtrainer.ui.player import Played, act_on, closed, free_path, stoppable

TIME_LIMIT = 2.0
"""A branch ends after this many times the course's own duration."""


def branched(case: Case, read: Attempt, *, seconds: float, hand: str, folder: Path) -> Played:
    """Return the branch that leaves `read` after `seconds`, written into `folder` and scored as a whole."""
    hz = read.header.tick_hz
    tick = round(seconds * hz)
    if not 0 <= tick <= read.ticks:
        raise InputError(f"--branch-at {seconds}: the attempt runs from 0 to {read.ticks / hz:.2f} s")
    actor = open_hand(hand, case.procedure, case.world, case.seed)
    path = free_path(folder, case, f"branch-{actor.name}")
    started = datetime.now(tz=UTC).isoformat(timespec="seconds")
    sitting = read.header.sitting.model_copy(update={"device": actor.name, "started": started})
    start = case.session.start()
    with (
        stoppable() as stop,
        AttemptWriter(path, case.session, start=start, sitting=sitting, parent=parent_of(read, tick)) as writer,
    ):
        recorder, state = Recorder(case.world, start), start
        for step in rerun(read, case.session, tick):
            writer.write(step)
            recorder(step)
            state = step.state
        limit = TIME_LIMIT * case.course.spec.duration_s
        last = act_on(case, actor, state, limit_s=limit, stop=stop, see=(writer.write, recorder))
        return closed(case, writer, recorder, last, path)

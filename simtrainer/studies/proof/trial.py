"""One run of a proof: a hand plays the course to its end, and what came of it fits on one line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import Any

from simtrainer.core.action import Action
from simtrainer.core.error import SimtrainerError
from simtrainer.core.header import Line, Mode
from simtrainer.core.session import Session, SessionState
from simtrainer.core.stream import Streams
from simtrainer.core.track import Ledger
from simtrainer.core.units import MINUTE
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.live import LiveCourse
from simtrainer.curriculum.metric import Recording
from simtrainer.curriculum.recorder import Recorder
from simtrainer.curriculum.score import Score, score
from simtrainer.procedures.procedure import Procedure
from simtrainer.studies.proof.plan import Run

MOST_S = 40 * MINUTE
"""Simulated time [s] after which a hand counts as stuck. because: design, more than twice what a slow hand takes"""
MODE = Mode.ASSESSED
"""An assessed attempt is told nothing, so that a corrected text of the course leaves the digest of a run alone."""


class Ended(Enum):
    """Why a run came to its end."""

    DONE = "done"
    TIME_LIMIT = "time limit"
    ERROR = "error"


class Outcome(Line):
    """What came of a run.

    Parameters
    ----------
    digest
        SHA-256 over every quantity, event and word from tick 0 on: that of an assessed attempt of the same hand,
        patient and seed. Equal only on one class of machine with equal versions.
    cpu_s
        Time of one processor [s], whole, with the start of the process.
    error
        In words, where the run broke off.
    """

    passed: bool = False
    score: float = 0.0
    critical_failures: tuple[str, ...] = ()
    deductions: tuple[str, ...] = ()
    ticks: int = 0
    ended: Ended
    digest: str = ""
    cpu_s: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Exam:
    """What all runs of a proof share; goes to other processes, so everything in it can be pickled."""

    course: Course
    procedure: Procedure
    most_s: float = MOST_S

    @property
    def exercise(self) -> str:
        """Module of the procedure, from which the code that decides a run is found."""
        return type(self.procedure).__module__


def play(exam: Exam, run: Run) -> Outcome:
    """Play one run; an error made on purpose ends it and is told in words."""
    try:
        outcome = _played(exam, run)
    except SimtrainerError as error:
        outcome = Outcome(ended=Ended.ERROR, error=f"{type(error).__name__}: {error}")
    spent = os.times()
    return outcome.model_copy(update={"cpu_s": round(spent.user + spent.system)})


def _played(exam: Exam, run: Run) -> Outcome:
    world: Any = exam.procedure.world(run.patient)
    bot = exam.procedure.bot(run.hand, run.seed, run.leave_out)
    names = tuple(signal.name for signal in world.signals)
    taken = _Taken(Session(world, LiveCourse(exam.course, names, world.tick_hz, mode=MODE), run.seed))
    streams, most = Streams(run.seed), round(exam.most_s * world.tick_hz)
    ended = Ended.DONE
    while not bot.done:
        state = taken.state
        if state.tick >= most:
            ended = Ended.TIME_LIMIT
            break
        actions = bot.act(exam.procedure.observe(world, state.world, state.tick, streams))
        if bot.done and not actions:
            break  # a bot that only now says that it is done
        taken.step(actions)
    result = score(exam.course, taken.recording(), mode=MODE, device=run.hand, state=taken.state.curriculum)
    return _outcome(result, taken, ended)


def _outcome(result: Score, taken: _Taken, ended: Ended) -> Outcome:
    return Outcome(
        passed=result.passed,
        score=round(result.score, 6),
        critical_failures=result.critical_failures,
        deductions=tuple(dict.fromkeys(item.id for item in result.deductions)),
        ticks=taken.state.tick,
        ended=ended,
        digest=taken.digest(),
    )


class _Taken:
    """A session while it is played, and what is kept of it: its state, its effects track, its digest."""

    def __init__(self, session: Session[Any, Any]) -> None:
        self._session = session
        self.state: SessionState[Any, Any] = session.start()
        self._ledger = Ledger(session, self.state)
        self._recorder = Recorder(session.world, self.state)

    def step(self, actions: tuple[Action, ...]) -> None:
        step = self._session.step(self.state, actions)
        self._ledger.add(step)
        self._recorder(step)
        self.state = step.state

    def digest(self) -> str:
        return self._ledger.digest

    def recording(self) -> Recording:
        return self._recorder.recording()

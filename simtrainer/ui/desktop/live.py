"""An attempt while it is made: session, file, undo and score; knows neither toolkit nor clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simtrainer.core.action import Action
from simtrainer.core.attempt import AttemptWriter
from simtrainer.core.breakdown import Breakdown
from simtrainer.core.error import DivergedError
from simtrainer.core.event import Event
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.session import SessionState, Step
from simtrainer.core.track import Ledger
from simtrainer.curriculum.live import Progress
from simtrainer.curriculum.metric import Recording
from simtrainer.curriculum.recorder import Recorder, RecorderMark
from simtrainer.curriculum.score import Score, score
from simtrainer.ui.case import Case
from simtrainer.ui.gallery import Gallery, Mark
from simtrainer.ui.player import Ended, Played

UNDO = "undo"
"""What an attempt that goes on from an undo lists among its aids."""
SEEN_S = 60
"""Moments, one a second, that keep what the screen needs of the past. because: design, some 20 MB of states"""

FAR_S, FAR_APART_S = 300, 5
"""Moments older than this stay only every so many seconds. because: design; a state of tissue is half a megabyte"""


@dataclass(frozen=True, slots=True)
class Moment:
    """One whole second to which an undo can go back: state, seam of the file, what was recorded and seen by then."""

    state: SessionState[Any, Any]
    seam: Ledger[Any, Any]
    held: dict[str, float | str]
    recorded: RecorderMark
    gallery: Mark


class LiveAttempt:
    """One attempt at a case, or the branch that an undo left of it.

    Parameters
    ----------
    next_path
        Gives the path of each attempt file: the first one, and one more for every undo.
    """

    def __init__(self, case: Case, next_path: Callable[[], Path], sitting: Sitting) -> None:
        """Begin at tick 0 and write the header."""
        self.case = case
        self.sitting = sitting
        self._next_path = next_path
        self.state: SessionState[Any, Any] = case.session.start()
        self.path = next_path()
        self._writer = AttemptWriter(self.path, case.session, start=self.state, sitting=sitting)
        self._recorder = Recorder(case.world, self.state)
        self.held: dict[str, float | str] = {}
        self.gallery = Gallery(case)
        self._moments: list[Moment] = []
        self.breakdown: Breakdown | None = None

    @property
    def hz(self) -> int:
        """Ticks in a second."""
        return int(self.case.world.tick_hz)

    @property
    def time_s(self) -> float:
        """Time [s] in the session."""
        return self.state.tick / self.hz

    @property
    def events(self) -> Sequence[Event]:
        """All events so far."""
        return self._recorder.events

    @property
    def can_undo(self) -> bool:
        """Whether there is a second to go back to; only in practice."""
        return bool(self._moments) and self.sitting.mode is Mode.PRACTICE

    def progress(self) -> tuple[Progress, ...]:
        """Return the steps of the course."""
        return self.case.live.progress(self.state.curriculum)

    def step(self, actions: tuple[Action, ...]) -> Step[Any, Any] | None:
        """Take one tick; None where it cannot be computed, which `breakdown` then tells."""
        try:
            step = self.case.session.step(self.state, actions)
        except DivergedError as error:
            self.breakdown = Breakdown(self.state.tick + 1, actions, str(error))
            return None
        self._writer.write(step)
        self._recorder(step)
        self.gallery(step)
        self.state = step.state
        held = {control.name for control in self.case.world.controls if control.held}
        self.held |= {action.control: action.value for action in step.actions if action.control in held}
        if step.state.tick % self.hz == 0 and self.sitting.mode is Mode.PRACTICE:
            moment = Moment(
                self.state, self._writer.seam(), dict(self.held), self._recorder.mark(), self.gallery.mark()
            )
            self._moments.append(moment)
            if len(self._moments) > SEEN_S:
                old = self._moments[-SEEN_S - 1]
                self._moments[-SEEN_S - 1] = replace(old, gallery=old.gallery.without_ring())
            if len(self._moments) > FAR_S and self._moments[-FAR_S - 1].state.tick % (FAR_APART_S * self.hz):
                del self._moments[-FAR_S - 1]
        return step

    def undo(self, seconds: float) -> bool:
        """Go back at least `seconds` to a whole second, in a branch of its own file; False without a way back.

        What was held then is held again; the caller lets go of it.
        """
        wanted = self.state.tick - seconds * self.hz
        kept = [moment for moment in self._moments if moment.state.tick <= wanted]
        if not self.can_undo or not kept:
            return False
        moment = kept[-1]
        self._close(Ended.INTERRUPTED)
        self.sitting = self.sitting.model_copy(
            update={"aids": (*(aid for aid in self.sitting.aids if aid != UNDO), UNDO)}
        )
        self.path = self._next_path()
        self._writer = self._writer.fork(self.path, moment.seam, sitting=self.sitting)
        self.state, self.held, self._moments = moment.state, dict(moment.held), kept
        self.gallery.go_back(moment.gallery)
        self._recorder.go_back(moment.recorded)
        return True

    def finish(self, ended: Ended) -> Played:
        """Score the attempt, close its file with the score, and return both."""
        result, digest = self._close(ended)
        events, case = tuple(self._recorder.events), self.case
        return Played(
            self.path, digest, result, events, self.state.tick, self.hz, ended, case.patient, case.seed,
            self.breakdown,
        )  # fmt: skip

    def abandon(self) -> None:
        """Let go of the file without an end; what was written stays, and counts as cut off."""
        self._writer.__exit__(None, None, None)

    def recording(self) -> Recording:
        """Return what is scored so far."""
        return self._recorder.recording()

    def _close(self, ended: Ended) -> tuple[Score, str]:
        result = score(
            self.case.course, self.recording(), mode=self.sitting.mode, device=self.sitting.device,
            language=self.case.live.language, state=self.state.curriculum,
        )  # fmt: skip
        digest = self._writer.close(
            {
                "ended": ended.value,
                "passed": result.passed,
                "score": result.score,
                "critical_failures": list(result.critical_failures),
                "course_hash": result.course_hash,
                **(self.breakdown.to_json() if self.breakdown else {}),
            }
        )
        return result, digest

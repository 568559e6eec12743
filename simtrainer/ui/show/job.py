"""One attempt of the demonstration, played in a process of its own."""

from __future__ import annotations

import contextlib
import queue
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from simtrainer.core.session import Step

FILM_SPEED, FILM_HEIGHT = 8.0, 432
"""because: design; half a minute of film for an attempt of four minutes, and cheap enough to draw while it is played"""
TELL_TICKS = 100


class Channel(Protocol):
    """Where a worker says how far it is."""

    def put_nowait(self, item: tuple[int, str]) -> None:
        """Say it without waiting."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What one process has to play.

    Parameters
    ----------
    number
        Place in the table.
    patient
        Built-in name or folder of a package.
    folder
        Where everything is written.
    film, pictures
        Whether films and 3D pictures can be drawn here.
    """

    number: int
    course: str
    patient: str
    hand: str
    seed: int
    language: str
    folder: Path
    limit_s: float
    film: bool
    pictures: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job; all paths are within its folder.

    `fault` says why there is no attempt, `notes` what is doubtful about the patient.
    """

    patient: str
    title: str
    hand: str
    seed: int = 0
    passed: bool = False
    score: float = 0.0
    seconds: float = 0.0
    ended: str = ""
    critical: tuple[str, ...] = ()
    attempt: Path | None = None
    debrief: Path | None = None
    film: Path | None = None
    pictures: Mapping[str, Path] = field(default_factory=dict)
    digest: str = ""
    fault: str = ""
    notes: tuple[str, ...] = ()


_channel: list[Channel] = []


def connect(channel: Channel) -> None:
    """Remember in a new process where to say how far it is."""
    _channel[:] = [channel]


def run(job: Job) -> Outcome:
    """Play one job and write its files; a fault of ours in it is said, not raised, so that the others go on."""
    try:
        return _run(job)
    except Exception as error:  # whatever it is, the other attempts are worth having; the traceback is kept
        path = job.folder / f"fault-{job.number}.txt"
        path.write_text(traceback.format_exc(), encoding="utf-8")
        said = f"went wrong: {type(error).__name__}: {error} (details in {path})"
        return Outcome(job.patient, "", job.hand, seed=job.seed, fault=said)


def _run(job: Job) -> Outcome:
    from simtrainer.core.attempt import read_attempt  # noqa: PLC0415  # as above
    from simtrainer.core.header import Sitting  # noqa: PLC0415
    from simtrainer.ui import aftermath, player  # noqa: PLC0415
    from simtrainer.ui.case import open_case, open_course  # noqa: PLC0415
    from simtrainer.ui.film import Film  # noqa: PLC0415
    from simtrainer.ui.gallery import Gallery  # noqa: PLC0415
    from simtrainer.ui.hand import open_hand  # noqa: PLC0415
    from simtrainer.ui.note import notes, of_programs  # noqa: PLC0415

    case = open_case(open_course(job.course), patient=job.patient, seed=job.seed, language=job.language)
    hand = open_hand(job.hand, case.procedure, case.world, job.seed)
    path = player.free_path(job.folder, case, hand.name)
    stem = aftermath.stem_of(path)
    gallery = Gallery(case)
    watchers: list[player.Watcher] = [gallery, _teller(job, case)]
    film = job.folder / f"{stem}.webp" if job.film else None
    started = datetime.now(tz=UTC).isoformat(timespec="seconds")
    sitting = Sitting(device=hand.name, mode=case.live.mode, started=started, labels=dict(case.labels))
    with contextlib.ExitStack() as stack:
        if film is not None:
            watchers.append(stack.enter_context(Film(case, hand.name, film, speed=FILM_SPEED, height=FILM_HEIGHT)))
        stop = stack.enter_context(player.stoppable())
        played = player.play(
            case, hand, path, sitting=sitting, limit_s=job.limit_s, watchers=watchers, stop=stop
        )  # fmt: skip
    debrief = aftermath.debriefed(case, played, gallery)
    drawn = aftermath.draw_3d(case, read_attempt(path), job.folder, stem, works=job.pictures)
    score = played.score
    texts = {step.id: step.text for step in score.steps}
    sentences = {item.item: item.sentence for item in score.deductions if item.critical}
    return Outcome(
        patient=case.patient,
        title=case.labels.get("patient_title", ""),
        hand=job.hand,
        seed=job.seed,
        passed=score.passed,
        score=score.score,
        seconds=played.ticks / played.tick_hz,
        ended=played.ended.value,
        critical=tuple(texts.get(name) or sentences.get(name) or name for name in score.critical_failures),
        attempt=path,
        debrief=debrief.page,
        film=film if film is not None and film.is_file() else None,
        pictures=drawn,
        digest=played.digest,
        notes=(*notes(case), *of_programs(case)),
    )


def _teller(job: Job, case: Any) -> Any:
    """Return a watcher that says once a simulated second how far the job is."""
    from simtrainer.core.units import MINUTE  # noqa: PLC0415  # as above
    from simtrainer.curriculum.live import Status  # noqa: PLC0415  # a new process starts with what it needs

    done = (Status.DONE, Status.LATE, Status.OUT_OF_ORDER)

    def tell(step: Step[Any, Any]) -> None:
        if step.state.tick % TELL_TICKS or not _channel:
            return
        rows = case.live.progress(step.state.curriculum)
        count = sum(row.status in done for row in rows)
        seconds = step.state.tick // case.world.tick_hz
        clock = f"{seconds // int(MINUTE)}:{seconds % int(MINUTE):02d}"
        with contextlib.suppress(queue.Full, OSError):
            _channel[0].put_nowait((job.number, f"{job.hand} {clock}, {count} of {len(rows)} steps"))

    return tell

"""Practise a course on a patient: in the window, or without one by a bot or a script."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from simtrainer.core.attempt import Attempt
    from simtrainer.core.header import Sitting
    from simtrainer.records.entry import Familiarity, SelfRating
    from simtrainer.ui.aftermath import Debriefed
    from simtrainer.ui.case import Case
    from simtrainer.ui.player import Played

TIME_LIMIT = 2.0
"""An attempt ends after this many times the course's own duration."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    course: str
    patient: str | None
    hand: str | None
    view: str | None
    seed: int
    mode: str
    trainee: str
    out: Path | None
    film: Path | None
    self_rating: int | None
    db: str | None
    quiet: bool


@click.command(epilog="What there is to choose from: simtrainer list.")
@click.argument("course")
@click.option("--patient", metavar="NAME|DIR", help="Built-in patient, or the folder of an imported one.")
@click.option(
    "--hand", metavar="HAND", help="expert, novice, script:FILE, keyboard, mouse, trackpad or gamepad (in the window)."
)
@click.option(
    "--view",
    type=click.Choice(["window", "none"]),
    help="window: practise with your own hands, or watch a bot's; none: a bot or a script plays unseen, as fast as "
    "it can. Default: none for a bot, a script or a film, else window.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="All chance follows from it: same seed, same run.")
@click.option(
    "--mode",
    type=click.Choice(["practice", "assessed"]),
    default="practice",
    show_default=True,
    help="assessed: without hints, step list, force bar and 3D view; a pause ends it.",
)
@click.option(
    "--trainee", metavar="PSEUDONYM", default="", help="Keep the score for the learning curve of this made-up name."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for attempt and debrief; default: in the data folder.",
)
@click.option(
    "--film", type=click.Path(path_type=Path), metavar="FILE", help="Film the screen: .mp4, or .webp, which is quicker."
)
@click.option(
    "--self-rating",
    type=click.IntRange(0, 100),
    metavar="0..100",
    help="The score that you expect; the debrief compares.",
)
@click.option("--db", metavar="URL", help="Where scores are kept: sqlite:///FILE or postgresql://USER@HOST/DATABASE.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
@pass_app
def command(app: App, /, as_json: bool, **given: Any) -> ExitCode:
    """Practise COURSE, the name of a built-in one or a file; write the attempt, score it and tell it back.

    Ends with 0 where the attempt passed and with 1 where it did not.
    """
    wish = Wish(**given)
    with opened(as_json) as out:
        if _view(wish) == "window":
            return _in_window(app, wish, out)
        return _headless(app, wish, out)


def _view(wish: Wish) -> str:
    """Return where the attempt is shown; InputError where a window was meant and there is no screen."""
    from simtrainer.ui.hand import PERSON
    from simtrainer.ui.probe import Part, probe

    if wish.view == "none" or (wish.view is None and wish.film is not None):
        return "none"
    if wish.view is None and wish.hand is not None and wish.hand not in PERSON:
        return "none"
    found = probe(Part.DISPLAY)
    if not found.works:
        raise InputError(
            f"there is no screen here ({found.detail}). Without one let a bot or a script act: "
            "--view none --hand expert, or --film FILE.mp4 --hand expert to see it afterwards"
        )
    return "window"


def _in_window(app: App, wish: Wish, out: Output) -> ExitCode:
    """Let a person practise in the window, and write the same files afterwards."""
    from simtrainer.core.header import Mode
    from simtrainer.procedures import procedures
    from simtrainer.ui.case import open_course
    from simtrainer.ui.desktop.window import open_window

    _check_trainee(app, wish)
    course = open_course(wish.course)
    seen = open_window(
        course,
        procedures.get(course.spec.procedure),
        wish.patient,
        seed=wish.seed,
        mode=Mode(wish.mode),
        trainee=wish.trainee,
        out=wish.out or app.settings.folder("data_dir") / "attempts",
        settings=app.settings,
        hand=wish.hand or "keyboard",
        history=lambda attempt: _known(app, wish, attempt),
    )
    if seen.played is None or seen.case is None:
        return ExitCode.INTERRUPTED
    debrief = _told(app, wish, seen.case, seen.played, rating=seen.self_rating, gallery=seen.gallery)
    return _answered(seen.played, debrief, out, None)


def _known(app: App, wish: Wish, attempt: Attempt) -> Familiarity | None:
    """Return how often the trainee had been here before; None without a name or where the records fail just now."""
    from simtrainer.core.error import SimtrainerError
    from simtrainer.records.store import RecordStore
    from simtrainer.ui.record import records_url

    if not wish.trainee:
        return None
    try:
        with RecordStore(records_url(app.settings, wish.db)) as store:
            return store.familiarity(attempt)
    except SimtrainerError:
        return None  # said in words when the attempt is kept, after the window


def _check_trainee(app: App, wish: Wish) -> None:
    """Refuse a name that is no pseudonym and records that cannot be used, before anything is played."""
    from simtrainer.records.pseudonym import pseudonym
    from simtrainer.records.store import RecordStore
    from simtrainer.ui.record import records_url

    if wish.trainee:
        pseudonym(wish.trainee)
        RecordStore(records_url(app.settings, wish.db)).close()


def _headless(app: App, wish: Wish, out: Output) -> ExitCode:
    from simtrainer.core.header import Mode
    from simtrainer.ui.case import open_case, open_course
    from simtrainer.ui.film import checked_film

    _check_trainee(app, wish)
    if wish.film is not None:
        checked_film(wish.film)
    course = open_course(wish.course)
    language = app.settings.word("language")
    case = open_case(course, patient=wish.patient, seed=wish.seed, mode=Mode(wish.mode), language=language)
    played, gallery = _played(app, wish, case, out)
    rating = _rating(wish, played)
    debrief = _told(app, wish, case, played, rating=rating, gallery=gallery)
    return _answered(played, debrief, out, wish.film)


def _answered(played: Played, debrief: Debriefed | None, out: Output, film: Path | None) -> ExitCode:
    """Say what came of it, and end with the exit code that says so."""
    from simtrainer.ui.player import Ended

    out.document(document(played, debrief, film))
    tell(out, played, debrief, film)
    if played.ended is Ended.INTERRUPTED:
        return ExitCode.INTERRUPTED
    if played.ended is Ended.BROKE_OFF:
        return ExitCode.OUR_FAULT
    return ExitCode.DONE if played.score.passed else ExitCode.ANSWER_IS_NO


def _played(app: App, wish: Wish, case: Case, out: Output) -> tuple[Played, Any]:
    from simtrainer.ui.film import Film
    from simtrainer.ui.gallery import Gallery
    from simtrainer.ui.hand import open_hand
    from simtrainer.ui.note import notes, of_programs
    from simtrainer.ui.player import Watcher, free_path, play, stoppable
    from simtrainer.ui.progress import Progress
    from simtrainer.ui.warm import warm_up

    hand = open_hand(wish.hand or "keyboard", case.procedure, case.world, wish.seed)
    say: Callable[[str], None] = (lambda text: None) if wish.quiet else out.progress
    for note in (*notes(case), *of_programs(case)):
        say(note)
    warm_up(case, say)
    folder = wish.out or app.settings.folder("data_dir") / "attempts"
    gallery = Gallery(case)
    watchers: list[Watcher] = [gallery]
    with contextlib.ExitStack() as stack:
        if not wish.quiet:
            progress = Progress(case, hand.name)
            stack.callback(progress.close)
            watchers.append(progress)
        if wish.film is not None:
            watchers.append(stack.enter_context(Film(case, hand.name, wish.film)))
        stop = stack.enter_context(stoppable())
        played = play(
            case,
            hand,
            free_path(folder, case, hand.name),
            sitting=_sitting(wish, case, hand.name),
            limit_s=TIME_LIMIT * case.course.spec.duration_s,
            watchers=watchers,
            stop=stop,
        )
    return played, gallery


def _sitting(wish: Wish, case: Case, hand: str) -> Sitting:
    from simtrainer.core.header import Sitting

    started = datetime.now(tz=UTC).isoformat(timespec="seconds")
    return Sitting(trainee=wish.trainee, device=hand, mode=case.live.mode, started=started, labels=dict(case.labels))


def _rating(wish: Wish, played: Played) -> SelfRating | None:
    from simtrainer.records.entry import SelfRating

    if wish.self_rating is None:
        return None
    return SelfRating(wish.self_rating, would_pass=wish.self_rating >= 100 * played.score.cut)


def _told(
    app: App, wish: Wish, case: Case, played: Played, *, rating: SelfRating | None, gallery: Any
) -> Debriefed | None:
    """Keep the attempt in the records where a trainee was named, and write the debrief."""
    from simtrainer.core.attempt import read_attempt
    from simtrainer.records.store import RecordStore
    from simtrainer.ui.aftermath import debriefed
    from simtrainer.ui.record import records_url

    if played.ticks < 1:
        return None
    history: Familiarity | None = None
    if wish.trainee:
        with RecordStore(records_url(app.settings, wish.db)) as store:
            attempt = read_attempt(played.path)
            store.add(attempt, played.score, rating)
            history = store.familiarity(attempt)
    return debriefed(case, played, gallery, history=history, rating=rating)


def document(played: Played, debrief: Debriefed | None, film: Path | None) -> dict[str, Any]:
    """Return what `--json` says of an attempt."""
    score = played.score
    return {
        "passed": score.passed,
        "score": score.score,
        "cut": score.cut,
        "provisional": score.provisional,
        "critical_failures": score.critical_failures,
        "metrics": {
            row.id: {"value": row.value, "unit": row.unit, "points": row.points, "worth": row.worth}
            for row in score.metrics
        },
        "events": [
            {"tick": e.tick, "time_s": e.tick / played.tick_hz, "name": e.name, "data": dict(e.data)}
            for e in played.events
        ],
        "attempt": played.path,
        "digest": played.digest,
        "ended": played.ended,
        "duration_s": played.ticks / played.tick_hz,
        "course": score.course,
        "patient": played.patient,
        "seed": played.seed,
        "edition": score.edition,
        "mode": score.mode,
        "device": score.device,
        "unverified": score.unverified,
        "reviewed_by": score.reviewed_by,
        "debrief": debrief.page if debrief else None,
        "film": film,
        "remarks": score.remarks,
    }


def tell(out: Output, played: Played, debrief: Debriefed | None, film: Path | None) -> None:
    """Say in a few lines what became of an attempt and where its files are."""
    from simtrainer.ui.player import Ended

    score = played.score
    why = {
        Ended.DONE: "",
        Ended.TIME_LIMIT: " The time limit ended it.",
        Ended.INTERRUPTED: " It was interrupted; what was done until then is scored.",
        Ended.BROKE_OFF: " The computation broke off; what was done until then is scored.",
    }[played.ended]
    cut = f"provisional cut {100 * score.cut:.0f}" if score.provisional else f"cut {100 * score.cut:.0f}"
    verdict = "passed" if score.passed else "not passed"
    out.words(f"{verdict}: simulator score {100 * score.score:.0f} of 100 ({cut}), {_clock(played)} simulated.{why}")
    texts = {step.id: step.text for step in score.steps}
    sentences = {item.item: item.sentence for item in score.deductions if item.critical}
    for name in score.critical_failures:
        out.words(f"  critical: {texts.get(name) or sentences.get(name) or name}")
    for remark in score.remarks:
        out.words(remark)
    if played.breakdown is not None:
        out.words(f"a fault of ours: {played.breakdown.message}")
        out.words(f"please send us the attempt; 'simtrainer replay {played.path} --verify' makes it happen again")
    out.words(f"attempt  {played.path}")
    if debrief is not None:
        out.words(f"debrief  {debrief.page}")
    if film is not None:
        out.words(f"film     {film}")


def _clock(played: Played) -> str:
    from simtrainer.core.units import MINUTE

    seconds = played.ticks // played.tick_hz
    return f"{seconds // int(MINUTE)}:{seconds % int(MINUTE):02d}"

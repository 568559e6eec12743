"""Tell an attempt back as a page, or draw the learning curve of a trainee."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError, UnknownNameError, suggestion
from simtrainer.ui import shipped
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.course import usable
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened
from simtrainer.ui.record import records_url

if TYPE_CHECKING:
    from simtrainer.core.attempt import Attempt
    from simtrainer.core.header import Header
    from simtrainer.curriculum.course import Course
    from simtrainer.debrief.curve import LearningCurve
    from simtrainer.debrief.report import Debrief
    from simtrainer.records.entry import Familiarity, SelfRating
    from simtrainer.records.store import RecordStore

_HEAD = f"{'#':>3}  {'date':<16} {'score':>5}  {'result':<15} {'mode':<9} {'difficulty':<10} {'device':<20}"


@click.command()
@click.argument("attempt", required=False, metavar="[ATTEMPT_FILE]", type=click.Path(path_type=Path))
@click.option("--trainee", metavar="PSEUDONYM", help="Draw the learning curve of this trainee.")
@click.option("--course", metavar="COURSE", help="Draw only this course; score ATTEMPT_FILE by this one.")
@click.option("--db", metavar="URL", help="Where scores are kept: sqlite:///FILE or postgresql://USER@HOST/DATABASE.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Page to write; default: beside the attempt, a curve here.",
)
@click.option("--patient", metavar="NAME|DIR", help="Where the patient is now, if it was moved.")
@click.option("--no-pictures", is_flag=True, help="Do not run ATTEMPT_FILE again for its key pictures; quicker.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
@pass_app
def command(
    app: App, /, attempt: Path | None, trainee: str | None, course: str | None, db: str | None, out: Path | None,
    as_json: bool, **given: Any,
) -> ExitCode:  # fmt: skip
    """Score ATTEMPT_FILE again and tell it back as a page, or draw the learning curve of a trainee.

    For its key pictures the attempt is run again, which takes about as long as a bot takes to play it; where code or
    patient are not those of the attempt, the page has no pictures, and it says why.
    """
    if (attempt is None) == (trainee is None):
        raise InputError("report takes either an ATTEMPT_FILE or --trainee PSEUDONYM")
    with opened(as_json) as output:
        if attempt is not None:
            _tell_attempt(app, output, attempt, {"course": course, "db": db, "out": out, **given})
        elif trainee is not None:
            _tell_curve(app, output, trainee, course=course, db=db, out=out)
    return ExitCode.DONE


def _tell_attempt(app: App, output: Output, path: Path, given: dict[str, Any]) -> None:
    from simtrainer.core.attempt import SUFFIX, read_attempt
    from simtrainer.curriculum.metric import recorded
    from simtrainer.curriculum.score import score
    from simtrainer.debrief.moment import key_moments
    from simtrainer.debrief.report import build_debrief
    from simtrainer.debrief.writer import write_html
    from simtrainer.ui.case import begun
    from simtrainer.ui.hand import DEVICES as PERSONS_DEVICES
    from simtrainer.ui.picturing import pictured, unpictured

    attempt = begun(read_attempt(path))
    header, language = attempt.header, app.settings.word("language")
    name = given["course"] or (header.course.name if header.course else None)
    if name is None:
        raise InputError(f"{path}: was free practice, without a course; say which one it is to be scored by: --course")
    chosen = usable(shipped.course_file(name))
    _check_fit(path, header, chosen)
    sitting = header.sitting
    got = score(chosen, recorded(attempt), mode=sitting.mode, device=sitting.device, language=language)
    familiarity, rating = _remembered(app, attempt, given["db"])
    if given["no_pictures"]:
        shown = unpictured(attempt, "--no-pictures")
    else:
        moments, say = key_moments(attempt, got, language), None if given["quiet"] else output.progress
        shown = pictured(attempt, moments, patient=given["patient"], course=given["course"], say=say)
    debrief = build_debrief(
        attempt, chosen, got, history=familiarity, pictures=shown.pictures, scene_lines=shown.vessels, language=language
    ).rated(rating)
    if sitting.device not in PERSONS_DEVICES:
        debrief = debrief.unasked()
    page = write_html(debrief, given["out"] or path.with_name(path.name.removesuffix(SUFFIX) + ".report.html"))
    output.document({"page": page, "left_out": shown.left_out, **debrief.to_json()})
    _say_debrief(output, debrief, page, shown.left_out)


def _check_fit(path: Path, header: Header, course: Course) -> None:
    """Refuse an attempt that did not record what `course` scores by."""
    spec = course.spec
    if spec.procedure != header.procedure:
        raise InputError(
            f"{path}: is an attempt at '{header.procedure}'; '{spec.id}' is a course of '{spec.procedure}'"
        )
    held = [step.hold for step in spec.steps if step.hold is not None] + [rule.keep for rule in spec.holds]
    signals = {hold.signal for hold in held} | {name for use in spec.metrics for name in use.signals.values()}
    facts = {name for use in spec.metrics for name in use.facts.values()}
    lacking = sorted(signals - set(header.signals)) + sorted(facts - set(header.facts.numbers))
    if lacking:
        raise InputError(f"{path}: did not record '{lacking[0]}', by which the course '{spec.id}' scores")


def _remembered(app: App, attempt: Attempt, db: str | None) -> tuple[Familiarity | None, SelfRating | None]:
    """Return what the records know of an attempt; nothing where there are no records, which are not made here."""
    sitting = attempt.header.sitting
    store = _store(app, db)
    if store is None or not sitting.trainee:
        return None, None
    with store:
        entries = store.history(sitting.trainee)
        own = [e for e in entries if (e.digest, e.started) == (attempt.digest, sitting.started)]
        return store.familiarity(attempt), own[0].self_rating if own else None


def _store(app: App, db: str | None) -> RecordStore | None:
    """Open the records; None where nobody asked for a place and nothing is at the usual one."""
    from simtrainer.records.place import FILE_NAME
    from simtrainer.records.store import RecordStore

    is_chosen = bool(db or app.settings.word("db"))
    if not is_chosen and not (app.settings.folder("data_dir") / FILE_NAME).exists():
        return None
    return RecordStore(records_url(app.settings, db))


def _say_debrief(output: Output, debrief: Debrief, page: Path, left_out: tuple[str, ...]) -> None:
    from simtrainer.debrief.advice import SHOWN
    from simtrainer.debrief.word import say

    score, language = debrief.score, debrief.language
    verdict = say("score.passed" if score.passed else "score.failed", language)
    output.words(f"{debrief.title}: {100 * score.score:.0f} {say('score.of', language)}. {verdict}.")
    output.words(debrief.beside.validity)
    if debrief.beside.cut_off:
        output.words(say("score.cut_off", language))
    texts = {step.id: step.text for step in score.steps}
    for name in score.critical_failures:
        output.words(f"{say('score.critical_one', language)}: {texts.get(name, name.replace('_', ' '))}")
    for number, piece in enumerate(debrief.advice[:SHOWN], start=1):
        output.words(f"{number}. {piece.sentence}")
    for line in left_out:
        output.words(f"left out: {line}")
    output.words(f"look at {page}")


def _tell_curve(
    app: App, output: Output, trainee: str, *, course: str | None, db: str | None, out: Path | None
) -> None:
    from simtrainer.debrief.curve import learning_curve
    from simtrainer.debrief.curve_page import curve_page
    from simtrainer.debrief.writer import write_text
    from simtrainer.records.pseudonym import pseudonym

    pseudonym(trainee)
    store = _store(app, db)
    if store is None:
        raise InputError(f"there are no records yet in {app.settings.folder('data_dir')}; --db names another place")
    with store:
        entries = store.history(trainee)
        if not entries:
            raise UnknownNameError("trainee", trainee, store.trainees(), "records")
    known = sorted({entry.course for entry in entries})
    if course is not None and course not in known:
        hint = suggestion(course, known) or f" Known: {', '.join(known)}."
        raise InputError(f"'{trainee}' made no attempt at a course called '{course}'.{hint}")
    curve = learning_curve(trainee, entries, language=app.settings.word("language"), course=course)
    page = write_text(out or Path(f"{trainee}.learning-curve.html"), curve_page(curve))
    output.document({"page": page, **curve.to_json()})
    _say_curve(output, curve, page)


def _say_curve(output: Output, curve: LearningCurve, page: Path) -> None:
    from simtrainer.debrief.word import moment_of, number, say

    language = curve.language
    for one in curve.curves:
        shown = [series for series in one.series if series.id not in ("score", "sparc")]
        output.words(f"{one.course}\n{_HEAD}" + "".join(f" {series.id:>17}" for series in shown))
        for point in one.points:
            values = [series.at(point.number) for series in shown]
            result = say("curve.passed" if point.passed else "curve.failed", language)
            row = (
                f"{point.number:>3}  {moment_of(point.started):<16} {point.score:>5.0f}  {result:<15} {point.mode:<9} "
                f"{point.difficulty:<10} {point.device:<20}"
            )
            output.words(row + "".join(f" {'-' if v is None else number(v, language):>17}" for v in values))
    output.words(say("curve.honest", language))
    output.words(f"look at {page}")

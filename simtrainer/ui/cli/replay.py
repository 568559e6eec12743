"""Tell what happened in an attempt; run it again to verify it bit for bit, film it, or go on differently."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened

if TYPE_CHECKING:
    from simtrainer.core.attempt import Attempt
    from simtrainer.ui.case import Case


@click.command()
@click.argument("attempt", type=click.Path(path_type=Path), metavar="ATTEMPT_FILE")
@click.option("--verify", is_flag=True, help="Rebuild everything that was recorded and compare it.")
@click.option("--branch-at", type=float, metavar="SECONDS", help="Go on differently from this moment, by --hand.")
@click.option(
    "--hand",
    metavar="HAND",
    help="Who goes on: expert, novice or script:FILE (its times count from the attempt's start).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the new attempt; default: beside the old one.",
)
@click.option(
    "--film", type=click.Path(path_type=Path), metavar="FILE", help="Film the screen: .mp4, or .webp, which is quicker."
)
@click.option(
    "--speed", type=float, default=1.0, show_default=True, metavar="FACTOR", help="How much faster than life."
)
@click.option("--patient", metavar="NAME|DIR", help="Where the patient is now, if it was moved.")
@click.option("--course", metavar="COURSE", help="Where the course is now, if it was moved.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def command(attempt: Path, as_json: bool, **given: Any) -> ExitCode:
    """Tell what happened in ATTEMPT_FILE; with --verify, --film or --branch-at run it again.

    That needs the same code, patient and course, and says what differs where they are not. With --verify it ends
    with 0 where the run is identical and with 1 where it is not.
    """
    from simtrainer.core.attempt import read_attempt

    with opened(as_json) as out:
        read = read_attempt(attempt)
        if given["branch_at"] is not None:
            return _branch(read, out, given)
        if given["verify"]:
            return _verify(read, out, given)
        return _run(read, out, given)


def _case(read: Attempt, given: dict[str, Any], out: Output) -> Case:
    from simtrainer.ui.case import begun, case_of
    from simtrainer.ui.warm import warm_up

    case = case_of(begun(read), patient=given["patient"], course=given["course"])
    warm_up(case, (lambda text: None) if given["quiet"] else out.progress)
    return case


def _verify(read: Attempt, out: Output, given: dict[str, Any]) -> ExitCode:
    from simtrainer.core.replay import verify

    if given["film"] is not None:
        raise InputError("--verify and --film are two runs; ask for them one after the other")
    case = _case(read, given, out)
    if not given["quiet"]:
        out.progress(f"running {read.ticks / read.header.tick_hz:.0f} s of {read.header.procedure} again ...")
    found = verify(read, case.session)
    first = asdict(found.first_difference) if found.first_difference else None
    out.document(
        {
            "attempt": read.path,
            "identical": found.identical,
            "ticks": found.ticks,
            "first_difference": first,
            "broke_off": found.broke_off,
            "cut_off": read.cut_off,
            "digest": read.digest,
        }
    )
    if found.first_difference is None:
        cut = " The attempt was cut off; what there is of it holds." if read.cut_off else ""
        out.words(f"identical, {found.ticks} ticks, digest {read.digest[:16]}.{cut}")
        if found.broke_off:
            out.words(f"the tick after them cannot be computed again: {found.broke_off}")
        return ExitCode.DONE
    where = found.first_difference
    seconds = where.tick / read.header.tick_hz
    out.words(f"differs first at tick {where.tick} ({seconds:.2f} s) in {where.quantity}:")
    out.words(f"  recorded {where.recorded}\n  rebuilt  {where.rebuilt}")
    return ExitCode.ANSWER_IS_NO


def _run(read: Attempt, out: Output, given: dict[str, Any]) -> ExitCode:
    """Run it again and tell what happened, with a film where one was asked for."""
    from simtrainer.core.replay import rerun
    from simtrainer.ui.film import Film, checked_film
    from simtrainer.ui.player import Watcher
    from simtrainer.ui.progress import Progress

    hand, watchers = read.header.sitting.device, list[Watcher]()
    if given["film"] is not None:
        checked_film(given["film"])
        case = _case(read, given, out)
        with contextlib.ExitStack() as stack:
            if not given["quiet"]:
                progress = Progress(case, "replay")
                stack.callback(progress.close)
                watchers.append(progress)
            watchers.append(stack.enter_context(Film(case, hand, given["film"], speed=given["speed"])))
            for step in rerun(read, case.session):
                for look in watchers:
                    look(step)
    out.document(
        {
            "attempt": read.path,
            "digest": read.digest,
            "cut_off": read.cut_off,
            "outcome": dict(read.outcome) if read.outcome is not None else None,
            "events": [{"tick": e.tick, "name": e.name, "data": dict(e.data)} for e in read.events],
            "film": given["film"],
        }
    )
    _tell(read, out, given["film"])
    return ExitCode.DONE


def _tell(read: Attempt, out: Output, film: Path | None) -> None:
    header, hz = read.header, read.header.tick_hz
    course = header.course.name if header.course else "free practice"
    patient = header.sitting.labels.get("patient", header.facts.words.get("patient", "?"))
    out.words(f"{course} on {patient} by {header.sitting.device}, seed {header.seed}, {read.ticks / hz:.0f} s")
    if not read.seconds:
        out.words("this attempt ended before its first second; nothing of it was recorded")
        return
    if read.cut_off:
        out.words("this attempt was cut off; it has no score of its own ('simtrainer report' makes one)")
    for event in read.events:
        data = ", ".join(f"{name} {_shown(value)}" for name, value in event.data.items())
        out.words(f"{event.tick / hz:8.2f} s  {event.name:<28} {data}")
    out.words(f"film  {film}" if film is not None else "add --verify to rebuild it, --film FILE.mp4 to see it")


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _branch(read: Attempt, out: Output, given: dict[str, Any]) -> ExitCode:
    """Share the attempt up to a moment, then let another hand act; the branch is an attempt of its own."""
    from simtrainer.ui.branch import branched
    from simtrainer.ui.cli.train import document, tell

    if given["hand"] is None:
        raise InputError("--branch-at needs a --hand to go on: expert, novice or script:FILE")
    case = _case(read, given, out)
    folder = given["out"] or read.path.parent
    played = branched(case, read, seconds=given["branch_at"], hand=given["hand"], folder=folder)
    out.document(document(played, None, None) | {"parent": read.digest, "branched_at_s": given["branch_at"]})
    tell(out, played, None, None)
    return ExitCode.DONE if played.score.passed else ExitCode.ANSWER_IS_NO

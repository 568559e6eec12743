"""See it work: an expert and a novice play a patient, and a page shows what came of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened

if TYPE_CHECKING:
    from simtrainer.ui.case import Case
    from simtrainer.ui.show.job import Job, Outcome

COURSE = "selective_left_carotid"
HANDS = ("expert", "novice")
FOLDER = Path("simtrainer-demo")
LIMIT_S = 400.0
"""Simulated seconds after which a program that is stuck is stopped. because: design, twice what the expert takes"""


_ENDINGS = {"time_limit": "  stopped by the limit of simulated time", "interrupted": "  interrupted"}


@click.command()
@click.option(
    "--anatomy",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Play on this imported patient or surface file as well.",
)
@click.option("--unit", metavar="UNIT", help="Unit of that surface, as in anatomy import.")
@click.option("--frame", metavar="FRAME", help="Where its axes point, as in anatomy import.")
@click.option(
    "--names", type=click.Path(path_type=Path), metavar="FILE", help="Names of its vessels, as in anatomy import."
)
@click.option("--target", metavar="VESSEL", default="", help="Its vessel to be reached, as in anatomy import.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=FOLDER,
    show_default=True,
    metavar="DIR",
    help="Folder to write into.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="All chance follows from it.")
@click.option(
    "--limit",
    type=click.FloatRange(1.0),
    default=LIMIT_S,
    show_default=True,
    metavar="SECONDS",
    help="Stop an attempt after this much simulated time.",
)
@click.option("--no-films", is_flag=True, help="Make no films; quicker.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
@pass_app
def command(app: App, /, as_json: bool, **given: Any) -> ExitCode:
    """Play an expert and a novice on a shipped patient, then on --anatomy, and write attempts, films and debriefs."""
    from simtrainer.ui.case import FIRST_PATIENT, open_case, open_course
    from simtrainer.ui.show.index import check_index, write_index
    from simtrainer.ui.show.stage import new_run, perform
    from simtrainer.ui.warm import warm_up

    with opened(as_json) as out:
        say = (lambda text: None) if given["quiet"] else out.progress
        language = app.settings.word("language")
        check_index(given["out"])
        case = open_case(open_course(COURSE), patient=FIRST_PATIENT, seed=given["seed"], language=language)
        _check_anatomy(given)
        folder = new_run(given["out"])
        patients = [FIRST_PATIENT]
        if given["anatomy"] is not None:
            patients.append(_anatomy(given, folder, say))
        warm_up(case, say)
        films, threed, left_out = _means(given)
        jobs = _jobs(case, patients, given, folder=folder, films=films, threed=threed)
        say(f"playing {len(jobs)} attempts; below: simulated minutes, and steps done of the course ...")
        outcomes = perform(jobs, quiet=given["quiet"])
        title = case.course.text(case.course.spec.title, language)
        index = write_index(given["out"], outcomes, left_out, title, program=_typed())
        out.document({"index": index, "attempts": [asdict(one) for one in outcomes], "left_out": left_out})
        _tell(out, outcomes, left_out, index)
    return ExitCode.ANSWER_IS_NO if any(one.fault for one in outcomes) else ExitCode.DONE


def _jobs(
    case: Case, patients: Sequence[str], given: dict[str, Any], *, folder: Path, films: bool, threed: bool
) -> list[Job]:
    from simtrainer.ui.show.job import Job

    pairs = [(patient, hand) for patient in patients for hand in HANDS]
    return [
        Job(
            number=number,
            course=COURSE,
            patient=patient,
            hand=hand,
            seed=given["seed"],
            language=case.live.language,
            folder=folder,
            limit_s=given["limit"],
            film=films,
            pictures=threed,
        )
        for number, (patient, hand) in enumerate(pairs)
    ]


def _means(given: dict[str, Any]) -> tuple[bool, bool, tuple[str, ...]]:
    """Return whether films and 3D pictures can be drawn here, and what is left out and why."""
    from simtrainer.ui.film import can_film
    from simtrainer.ui.picture import can_draw

    left_out = []
    films = can_film() and not given["no_films"]
    if given["no_films"]:
        left_out.append("films (--no-films)")
    elif not films:
        left_out.append("films (type: pip install 'simtrainer[film]')")
    found = can_draw()
    if not found.works:
        left_out.append(f"3D pictures ({found.detail}; 'simtrainer doctor' says more)")
    return films, found.works, tuple(left_out)


def _check_anatomy(given: dict[str, Any]) -> None:
    """Refuse what cannot become a patient before anything is played."""
    path = given["anatomy"]
    if path is None:
        return
    if not path.exists():
        raise InputError(f"--anatomy {path}: there is no such file or folder")
    if path.is_file() and not (given["unit"] and given["frame"]):
        raise InputError(
            f"--anatomy {path}: a surface does not say its unit and frame; add --unit mm --frame LPS (or what they are)"
        )
    if path.is_dir():
        from simtrainer.anatomy.manifest import read_manifest

        read_manifest(path)


def _anatomy(given: dict[str, Any], folder: Path, say: Any) -> str:
    """Return the folder of the package to play on; a surface is imported into the run's folder first."""
    path: Path = given["anatomy"]
    if path.is_dir():
        return str(path)
    from simtrainer.anatomy.intake import ImportOptions, import_surface

    report = import_surface(
        path,
        folder / f"anatomy-{path.stem}",
        unit=given["unit"],
        frame=given["frame"],
        options=ImportOptions(name=path.stem, names=given["names"], target=given["target"]),
        progress=lambda text: say(f"importing {path.name}: {text} ..."),
    )
    return str(report.package_path)


def _tell(out: Output, outcomes: Sequence[Outcome], left_out: Sequence[str], index: Path) -> None:
    from simtrainer.core.units import MINUTE
    from simtrainer.ui.show.index import VALIDITY

    out.words(f"{'patient':<28} {'hand':<8} {'result':<11} {'score':>5} {'simulated':>10}")
    for one in outcomes:
        if one.fault:
            out.words(f"{Path(one.patient).name:<28} {one.hand:<8} {one.fault}")
            continue
        whole = int(one.seconds)
        clock = f"{whole // int(MINUTE)}:{whole % int(MINUTE):02d}"
        verdict = "passed" if one.passed else "not passed"
        row = f"{one.patient:<28} {one.hand:<8} {verdict:<11} {100 * one.score:>5.0f} {clock:>10}"
        out.words(row + _ENDINGS.get(one.ended, ""))
    for name, notes in {Path(one.patient).name: one.notes for one in outcomes if one.notes}.items():
        for line in notes:
            out.words(f"{name}: {line}")
    for line in left_out:
        out.words(f"left out: {line}")
    out.words(VALIDITY)
    out.words(f"look at    {index}   (in a browser)")
    out.words(f"your turn  {_typed()} train {COURSE}   (needs a screen)")


def _typed() -> str:
    """Return what a person types here to start this simtrainer: its name, or where it lies."""
    own, found = Path(sys.executable).with_name("simtrainer"), shutil.which("simtrainer")
    if found is not None and Path(found).resolve() == own.resolve():
        return "simtrainer"
    if not own.exists():
        return f"{sys.executable} -m simtrainer.ui.cli.app"
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)

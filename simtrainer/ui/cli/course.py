"""Check, start, test and draw courses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.ui import shipped
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.group import ToldGroup
from simtrainer.ui.cli.output import json_option, opened

if TYPE_CHECKING:
    from simtrainer.curriculum.course import CheckedCourse, Course
    from simtrainer.curriculum.problem import CourseProblem

_NEED_A_PROCEDURE = {"SIM-E020", "SIM-E021", "SIM-E022", "SIM-E024", "SIM-E027", "SIM-E035"}
"""Codes that say nothing where the procedure itself is unknown: every event and signal would be."""


@click.group(cls=ToldGroup)
def command() -> None:
    """Check, start, test and draw courses; COURSE is the name of a built-in one or a file."""


@command.command()
@click.argument("courses", nargs=-1, metavar="[COURSE]...")
@json_option
def check(courses: tuple[str, ...], as_json: bool) -> ExitCode:
    """Say everything that is wrong with each COURSE (all built-in ones by default), with its place."""
    with opened(as_json) as out:
        found = [checked(path) for path in _files(courses)]
        problems = [problem for one in found for problem in one.problems]
        out.document([problem.to_json() for problem in problems])
        for problem in problems:
            out.words(problem.text())
        errors = sum(problem.is_error for problem in problems)
        out.words(f"{len(found)} checked, {errors} errors, {len(problems) - errors} warnings")
    return ExitCode.ANSWER_IS_NO if errors else ExitCode.DONE


@command.command()
@click.argument("name")
@click.option("--procedure", required=True, metavar="NAME", help="What it is about: see simtrainer list procedures.")
@click.option(
    "--template",
    type=click.Choice(["minimal", "full"]),
    default="minimal",
    show_default=True,
    help="How much to start with.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="File to write; default: NAME.yaml.")
@json_option
def new(name: str, procedure: str, template: str, out: Path | None, as_json: bool) -> ExitCode:
    """Write a first course called NAME that passes the check and says what may be changed."""
    from simtrainer.curriculum.template import CourseTemplate, new_course

    with opened(as_json) as output:
        today = datetime.now(tz=UTC).astimezone().date()
        text = new_course(name, shipped.vocabulary(procedure), today=today, template=CourseTemplate(template))
        path = out or Path(f"{name}.yaml")
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            raise InputError(f"{path} is there already; choose another name or --out") from None
        output.document({"file": path})
        output.words(f"{path} is written. Next: simtrainer course check {path}")
    return ExitCode.DONE


@command.command()
@click.argument("courses", nargs=-1, metavar="[COURSE]...")
@json_option
def test(courses: tuple[str, ...], as_json: bool) -> ExitCode:
    """Run the educators' tests beside each COURSE (all built-in ones that have any by default)."""
    from simtrainer.curriculum.coursetest import path_of_tests, run_course_tests

    with opened(as_json) as out:
        loaded = [usable(path) for path in _files(courses)]
        tested = [course for course in loaded if courses or path_of_tests(course).exists()]
        results = [(course.spec.id, result) for course in tested for result in run_course_tests(course)]
        out.document(
            [
                {
                    "course": name,
                    "id": result.id,
                    "says": result.says,
                    "passed": result.passed,
                    "differences": result.differences,
                    "score": result.score.score,
                }
                for name, result in results
            ]
        )
        for name, result in results:
            out.words(f"{'ok    ' if result.passed else 'FAILED'} {name}.{result.id}: {result.says}")
            for difference in result.differences:
                out.words(f"         {difference}")
        failed = sum(not result.passed for _, result in results)
        out.words(f"{len(results)} tests, {failed} failed")
    return ExitCode.ANSWER_IS_NO if failed else ExitCode.DONE


@command.command()
@click.argument("course", metavar="COURSE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot"]),
    default="mermaid",
    show_default=True,
    help="Language of the graph.",
)
@json_option
@pass_app
def graph(app: App, course: str, form: str, as_json: bool) -> ExitCode:
    """Draw the steps of COURSE and what opens, orders and closes them."""
    from simtrainer.curriculum.graph import GraphFormat
    from simtrainer.curriculum.graph import graph as draw

    with opened(as_json) as out:
        text = draw(usable(shipped.course_file(course)), GraphFormat(form), app.settings.word("language"))
        out.document({"format": form, "graph": text})
        out.words(text.rstrip())
    return ExitCode.DONE


@command.command()
def schema() -> ExitCode:
    """Print the JSON Schema of course files, for completion in an editor."""
    from simtrainer.curriculum.course import course_json_schema

    with opened(as_json=True) as out:
        out.document(course_json_schema())
    return ExitCode.DONE


def checked(path: Path) -> CheckedCourse:
    """Check the course at `path` against the procedure that it names; an unknown procedure is one problem."""
    from simtrainer.curriculum.course import CheckedCourse, check_course
    from simtrainer.curriculum.document import read_document
    from simtrainer.curriculum.reference import unknown_name
    from simtrainer.curriculum.vocabulary import Vocabulary

    document, _ = read_document(path)
    name = document.data.get("procedure") if document else None
    if document is None or not isinstance(name, str):
        found = check_course(path, Vocabulary())
        extra: tuple[CourseProblem, ...] = ()
    else:
        try:
            return check_course(path, shipped.vocabulary(name))
        except UnknownNameError:
            found = check_course(path, Vocabulary())
            names = shipped.procedure_names()
            extra = (unknown_name(document, ("procedure",), "SIM-E029", "procedure", name, names),)
    rest = [problem for problem in found.problems if problem.code not in _NEED_A_PROCEDURE]
    return CheckedCourse(None, tuple(sorted([*rest, *extra], key=lambda p: (p.line, p.column))))


def usable(path: Path) -> Course:
    """Return the course at `path`; CourseError with every problem where it cannot be used."""
    from simtrainer.curriculum.problem import CourseError

    found = checked(path)
    if found.course is None:
        raise CourseError(found.problems)
    return found.course


def _files(courses: tuple[str, ...]) -> list[Path]:
    """Return the files that are meant; all built-in courses where none is named (drills have another format)."""
    if courses:
        return [shipped.course_file(given) for given in courses]
    from simtrainer.curriculum.document import read_document

    documents = {path: read_document(path)[0] for path in shipped.course_files().values()}
    return [path for path, document in documents.items() if document is None or "steps" in document.data]

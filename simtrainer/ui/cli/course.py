"""Check, start, test and draw courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.ui import shipped
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.group import ToldGroup
from simtrainer.ui.cli.output import Output, json_option, opened

if TYPE_CHECKING:
    from simtrainer.curriculum.course import CheckedCourse, Course
    from simtrainer.curriculum.problem import CourseProblem
    from simtrainer.ui.proving import Answer

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
        problems = [problem for one in found for problem in (*one.problems, *_staleness(one))]
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
@click.option("--all", "everything", is_flag=True, help="Make the proof anew, or go on with it: half an hour.")
@click.option("--tests-only", is_flag=True, help="Only the educators' own tests: a second.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes side by side; default: one a core.")
@json_option
def test(
    courses: tuple[str, ...], as_json: bool, *, everything: bool, tests_only: bool, jobs: int | None
) -> ExitCode:  # fmt: skip
    """Run the educators' tests beside each COURSE, check its proof, and play an expert and a novice of it again.

    All built-in courses where none is named. A proof says which hands pass a course and which fail it, and where: a
    software test, and no evidence of validity. Ends with 1 where a test fails, a proof is missing, stale or does not
    hold, or a run ends otherwise than it did.
    """
    from simtrainer.curriculum.coursetest import path_of_tests, run_course_tests
    from simtrainer.ui.proving import answer_of, needs_proof

    if everything and tests_only:
        raise InputError("--all and --tests-only contradict each other")
    with opened(as_json) as out:
        answers: list[Answer] = []
        for course in [usable(path) for path in _files(courses)]:
            proved = not tests_only and (everything or needs_proof(course))
            if path_of_tests(course).exists() or (courses and not proved):
                answers += _told(out, [answer_of(course, result) for result in run_course_tests(course)])
            if proved:
                answers += _proof(course, out, everything=everything, jobs=jobs)
        out.document([asdict(answer) for answer in answers])
        failed = sum(not answer.passed for answer in answers)
        out.words(f"{len(answers)} tests, {failed} failed")
    return ExitCode.ANSWER_IS_NO if failed else ExitCode.DONE


def _proof(course: Course, out: Output, *, everything: bool, jobs: int | None) -> list[Answer]:
    """Make or check the proof of `course`, and say what it is worth."""
    from simtrainer.ui.proving import check_proof, prove, table

    if everything:
        proof, answers = prove(course, jobs=jobs, say=out.progress)
        for line in table(proof):
            out.words(line)
        _told(out, [answers[0], *(answer for answer in answers[1:] if not answer.passed)])
        return list(answers)
    return _told(out, check_proof(course, jobs=jobs, say=out.progress))


def _told(out: Output, answers: Sequence[Answer]) -> list[Answer]:
    for answer in answers:
        out.words(f"{'ok    ' if answer.passed else 'FAILED'} {answer.course}.{answer.id}: {answer.says}")
        for difference in answer.differences:
            out.words(f"         {difference}")
    return list(answers)


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


def _staleness(found: CheckedCourse) -> tuple[CourseProblem, ...]:
    """Warn of a proof that was made for something else than what is here."""
    from simtrainer.curriculum.problem import CourseProblem

    course = found.course
    if course is None or not course.path.with_name(f"{course.path.stem}.proof.json").is_file():
        return ()  # looked for by name, so that a check needs no solver where there is no proof
    from simtrainer.ui.proving import why_stale

    changed = why_stale(course)
    message = f"the proof of this course is stale: {', '.join(changed)} changed since it was made"
    hint = f"simtrainer course test {course.spec.id} --all makes it anew."
    return (CourseProblem(str(course.path), 1, 1, "SIM-W108", message, hint),) if changed else ()


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

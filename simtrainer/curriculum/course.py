"""A course ready for use: read, checked against a vocabulary, with its texts; or every problem at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from simtrainer.curriculum.document import read_document
from simtrainer.curriculum.lint import lint, lint_holes, lint_strings
from simtrainer.curriculum.problem import CourseError, CourseProblem
from simtrainer.curriculum.reference import check_names
from simtrainer.curriculum.schema import CourseFile, Flag
from simtrainer.curriculum.strings import Strings, read_strings, used_keys
from simtrainer.curriculum.validation import validated
from simtrainer.curriculum.vocabulary import Vocabulary


@dataclass(frozen=True)
class Course:
    """A checked course; `path` is where it was read."""

    spec: CourseFile
    strings: Strings
    vocabulary: Vocabulary
    path: Path

    @cached_property
    def hash(self) -> str:
        """Hash over everything that a verdict depends on; comments, order of keys and texts do not count."""
        data = self.spec.model_dump(mode="json", by_alias=True, exclude={"strings"})
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def unverified(self) -> int:
        """Number of items that no source read for this course stands behind."""
        return sum(item.v in (Flag.KNOWN, Flag.DESIGN) for item in self.spec.items())

    def text(self, key: str, language: str = "en") -> str:
        """Return a text of the course, by the fallback chain of languages."""
        return self.strings.text(key, language)


@dataclass(frozen=True, slots=True)
class CheckedCourse:
    """What a check gave: the course if it can be used, and every problem in the order of the file."""

    course: Course | None
    problems: tuple[CourseProblem, ...]


def check_course(
    path: Path, vocabulary: Vocabulary, *, text: str | None = None, today: date | None = None
) -> CheckedCourse:
    """Check the course file at `path`, or `text` as if it stood there, against what its procedure declares."""
    document, read = read_document(path, text)
    if document is None:
        return CheckedCourse(None, read)
    spec, wrong = validated(document, CourseFile)
    problems = [*read, *wrong]
    if not any(problem.code == "SIM-E016" for problem in problems):
        problems += check_names(document, vocabulary)
    if spec is None:
        return CheckedCourse(None, _sorted(problems))
    problems += lint(spec, document, today)
    strings, said, files = read_strings(path.parent / "locale", spec, used_keys(spec))
    problems += [*said, *lint_strings(spec, document, strings, files)]
    problems += lint_holes(spec, document, strings, vocabulary.events)
    sound = not any(problem.is_error for problem in problems)
    return CheckedCourse(Course(spec, strings, vocabulary, path) if sound else None, _sorted(problems))


def load_course(path: Path, vocabulary: Vocabulary) -> Course:
    """Return the course at `path`; CourseError with all its problems if it cannot be used."""
    checked = check_course(path, vocabulary)
    if checked.course is None:
        raise CourseError(checked.problems)
    return checked.course


def course_paths(folder: Path) -> dict[str, Path]:
    """Return every course file in `folder` by its name, broken ones included; tests of courses are none."""
    return {path.stem: path for path in sorted(folder.glob("*.yaml")) if not path.name.endswith(".tests.yaml")}


def procedure_of(path: Path) -> str:
    """Return the name of the procedure that the course at `path` is for, to find its vocabulary; empty if unknown."""
    document, _ = read_document(path)
    name = None if document is None else document.data.get("procedure")
    return name if isinstance(name, str) else ""


def course_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of course files, for completion in an editor."""
    schema = CourseFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "simtrainer course"}


def _sorted(problems: list[CourseProblem]) -> tuple[CourseProblem, ...]:
    """Return the problems in the order of the file, without those that only follow from another one."""
    unread = {(p.line, p.column) for p in problems if p.code in ("SIM-E005", "SIM-E006")}
    miscited = any(p.code == "SIM-E026" for p in problems)
    kept = [
        p
        for p in dict.fromkeys(problems)
        if not (p.code == "SIM-E012" and (p.line, p.column) in unread) and not (p.code == "SIM-W103" and miscited)
    ]
    return tuple(sorted(kept, key=lambda p: (p.file, p.line, p.column, p.code)))

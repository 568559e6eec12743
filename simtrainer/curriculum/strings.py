"""What a course says, by key and language: files `locale/<course>.<language>.csv` beside it, with a fallback chain."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from simtrainer.core.error import suggestion
from simtrainer.curriculum.document import read_text
from simtrainer.curriculum.problem import CourseProblem
from simtrainer.curriculum.schema import CourseFile

HEADER = ("key", "text")


@dataclass(frozen=True, slots=True)
class Strings:
    """All texts of one course.

    Parameters
    ----------
    language
        The language of the author, the last resort.
    texts
        Text by key by language.
    keys
        Every key that the course uses, in the order of the file.
    """

    language: str
    texts: Mapping[str, Mapping[str, str]]
    keys: tuple[str, ...]

    def text(self, key: str, language: str) -> str:
        """Return the text in `language`, else in English, else in the author's language, else the key itself."""
        for choice in (language, "en", self.language):
            found = self.texts.get(choice, {}).get(key)
            if found:
                return found
        return key

    def languages(self) -> tuple[str, ...]:
        """Return the languages in which there is at least one text, sorted."""
        return tuple(sorted(language for language, texts in self.texts.items() if texts))

    def coverage_percent(self, language: str) -> float:
        """Return how many of the used keys have a text in `language`, in percent."""
        texts = self.texts.get(language, {})
        return 100.0 * sum(bool(texts.get(key)) for key in self.keys) / len(self.keys)

    def untranslated(self, language: str) -> tuple[str, ...]:
        """Return the used keys without a text in `language`."""
        texts = self.texts.get(language, {})
        return tuple(key for key in self.keys if not texts.get(key))

    def to_csv(self, language: str) -> str:
        """Return a table of key, text and the author's text, for a translator to fill in."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow((*HEADER, "source"))
        texts = self.texts.get(language, {})
        writer.writerows((key, texts.get(key, ""), self.text(key, self.language)) for key in self.keys)
        return out.getvalue()


def used_keys(course: CourseFile) -> tuple[str, ...]:
    """Return every key of a text that the course shows, once, in the order of the file."""
    card = course.case_card
    keys: list[str | None] = [course.title, course.briefing, *course.objectives, *course.debrief]
    keys += [card.indication, card.allergy, card.renal_function, card.anticoagulants, card.instrument_plan]
    for step in course.steps:
        say = step.feedback
        keys += [step.do, step.hint, say.done, say.missed, say.late, say.out_of_order]
    keys += [
        *(item.say for item in course.forbidden),
        *(item.say for item in course.holds),
        *(item.say for item in course.metrics),
    ]
    return tuple(dict.fromkeys(key for key in keys if key))


def read_strings(
    folder: Path, course: CourseFile, used: Iterable[str]
) -> tuple[Strings, tuple[CourseProblem, ...], dict[str, str]]:
    """Return the texts of `course`, what is wrong with their files, and the file of each language.

    `folder` holds `<course>.<language>.csv`; texts in the course file itself count as the author's language.
    """
    keys = tuple(used)
    texts: dict[str, dict[str, str]] = {course.language: dict(course.strings)}
    problems: list[CourseProblem] = []
    files: dict[str, str] = {}
    for path in sorted(folder.glob(f"{course.id}.*.csv")) if folder.is_dir() else ():
        language = path.name[len(course.id) + 1 : -len(".csv")]
        table, wrong = _read_table(path, set(keys))
        problems += wrong
        files[language] = str(path)
        texts[language] = {**texts.get(language, {}), **table}
    return Strings(course.language, texts, keys), tuple(problems), files


def _read_table(path: Path, keys: set[str]) -> tuple[dict[str, str], list[CourseProblem]]:
    content = read_text(path)
    if isinstance(content, CourseProblem):
        return {}, [content]
    reader = csv.reader(io.StringIO(content), strict=True)
    table: dict[str, str] = {}
    problems: list[CourseProblem] = []
    try:
        header = tuple(next(reader, ()))
        if header[:2] != HEADER:
            wanted = ",".join(HEADER)
            message = f"the first line must be {wanted}, not {','.join(header) or 'empty'}"
            return {}, [CourseProblem(str(path), 1, 1, "SIM-E036", message)]
        before = reader.line_num
        for row in reader:
            fault = _row_fault(row, table, keys)
            if fault:
                problems.append(CourseProblem(str(path), before + 1, 1, *fault))
            if len(row) >= 2 and row[0] not in table:
                table[row[0]] = row[1]
            before = reader.line_num
    except csv.Error as error:
        problems.append(CourseProblem(str(path), reader.line_num, 1, "SIM-E036", f"this is not CSV: {error}"))
    return table, problems


def _row_fault(row: list[str], table: Mapping[str, str], keys: set[str]) -> tuple[str, str, str] | None:
    if not row:
        return None
    if len(row) < 2:
        return "SIM-E036", f"the line of '{row[0]}' holds no text", "Each line is: key,text."
    if row[0] in table:
        return "SIM-E036", f"the key '{row[0]}' is written twice", ""
    if row[0] not in keys:
        return "SIM-W105", f"the course shows no text '{row[0]}'", suggestion(row[0], keys).strip()
    return None

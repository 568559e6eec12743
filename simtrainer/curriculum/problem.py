"""What is wrong with a course file: place, stable code, plain sentence, suggestion; all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simtrainer.core.error import InputError

CODES: dict[str, str] = {
    "SIM-E001": "the file cannot be read",
    "SIM-E002": "the file is not YAML",
    "SIM-E003": "a key is written twice",
    "SIM-E004": "the file grows too large or too deep when its aliases are expanded",
    "SIM-E005": "a bare value that other YAML readers take for something else",
    "SIM-E006": "a tag that asks for more than plain values",
    "SIM-E007": "the file does not hold one mapping of keys",
    "SIM-E010": "an unknown key",
    "SIM-E011": "a missing key",
    "SIM-E012": "a value of the wrong kind",
    "SIM-E013": "a number or text out of its range",
    "SIM-E014": "a word that is not among the allowed ones",
    "SIM-E015": "keys that contradict each other",
    "SIM-E016": "a schema_version that this program does not read",
    "SIM-E020": "an unknown event",
    "SIM-E021": "an unknown field of an event",
    "SIM-E022": "an unknown signal",
    "SIM-E023": "an unknown metric",
    "SIM-E024": "an unknown session fact",
    "SIM-E025": "an unknown step",
    "SIM-E026": "an unknown source",
    "SIM-E027": "an unknown word",
    "SIM-E028": "a text key without a text",
    "SIM-E029": "an unknown patient",
    "SIM-E030": "an id is used twice",
    "SIM-E031": "steps that wait for each other",
    "SIM-E032": "a step that can never be done",
    "SIM-E033": "a time window that cannot be met",
    "SIM-E034": "something critical that rests on no source read and names no safety reason",
    "SIM-E035": "a metric that lacks an input",
    "SIM-E036": "a file of texts that cannot be used",
    "SIM-W101": "a critical step that weighs nothing",
    "SIM-W102": "a superseded source",
    "SIM-W103": "a source that nothing cites",
    "SIM-W104": "texts that are not translated",
    "SIM-W105": "texts that nothing shows",
    "SIM-W106": "a review that is overdue",
    "SIM-W107": "a text with a hole that nothing fills",
    "SIM-W108": "a proof that was made for other code, another course or other patients",
}
"""Every code with its meaning; a code never changes its meaning and is never used again."""


@dataclass(frozen=True, slots=True)
class CourseProblem:
    """One fault of one course file.

    Parameters
    ----------
    line, column
        Counted from 1; 1, 1 where the fault has no narrower place.
    code
        Stable: `SIM-Exxx` stops the course, `SIM-Wxxx` is advice.
    hint
        What was probably meant, or what to do; empty where there is nothing to add.
    excerpt
        The line of the file that holds the fault.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    excerpt: str = ""

    @property
    def is_error(self) -> bool:
        """True where the course cannot be used."""
        return self.code.startswith("SIM-E")

    def text(self) -> str:
        """Return `file:line:column: code: sentence`, the excerpt with a caret below, and the hint."""
        head = f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message}"
        rows = [head]
        if self.excerpt.strip():
            shown = self.excerpt.replace("\t", " ")
            rows += [f"    {shown}", "    " + " " * (self.column - 1) + "^"]
        if self.hint:
            rows.append(f"    {self.hint}")
        return "\n".join(rows)

    def to_json(self) -> dict[str, str | int]:
        """Return what an editor needs to mark the place."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


class CourseError(InputError):
    """A course that cannot be used; carries every problem that was found."""

    def __init__(self, problems: Iterable[CourseProblem]) -> None:
        """Collect `problems`, errors and warnings alike, in the order of the file."""
        self.problems = tuple(problems)
        count = sum(problem.is_error for problem in self.problems)
        tail = f"{count} error{'' if count == 1 else 's'}"
        super().__init__("\n".join([*(problem.text() for problem in self.problems), tail]))

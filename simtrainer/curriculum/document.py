"""Reads YAML with the place of every key and value, by the rules of YAML 1.2, and refuses what is ambiguous."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from simtrainer.curriculum.problem import CourseProblem

Location: TypeAlias = tuple[str | int, ...]
Plain: TypeAlias = str | int | float | bool | None

MAX_BYTES = 2_000_000
MAX_NODES = 50_000
MAX_DEPTH = 40

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD_TAG = re.compile(r"tag:yaml\.org,2002:(null|bool|int|float|str|timestamp|merge|value|map|seq)")
_NULL = re.compile(r"(~|null|Null|NULL|)")
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)(\.inf|\.Inf|\.INF|\.nan|\.NaN|\.NAN)")
_SWITCH = re.compile(r"(yes|no|on|off)", re.IGNORECASE)
_CLOCK = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?")
_OCTAL = re.compile(r"[-+]?0[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|0b[01_]+")
_GROUPED = re.compile(r"[-+]?[0-9]+(_[0-9]+)+(\.[0-9_]*)?")


class Spot(Enum):
    """Which part of an entry is at fault."""

    KEY = "key"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its file, lines and columns from 1; `key` is the item itself in a list."""

    key: tuple[int, int]
    value: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A file of plain values that remembers where each of them was written."""

    file: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]
    places: Mapping[Location, Place]

    def problem(
        self, where: Location, code: str, message: str, *, hint: str = "", spot: Spot = Spot.VALUE
    ) -> CourseProblem:
        """Return a problem at the entry `where`, or at the nearest entry around it."""
        loc = where
        while loc not in self.places:
            loc = loc[:-1]
            spot = Spot.KEY
        place = self.places[loc]
        line, column = place.key if spot is Spot.KEY else place.value
        return _problem(self.file, self.lines, (line, column), code=code, message=message, hint=hint)


def _problem(
    file: str, lines: tuple[str, ...], at: tuple[int, int], *, code: str, message: str, hint: str = ""
) -> CourseProblem:
    line, column = at
    excerpt = lines[line - 1] if 0 < line <= len(lines) else ""
    return CourseProblem(file, line, column, code, message, hint, excerpt)


@dataclass(slots=True)
class _Builder:
    file: str
    lines: tuple[str, ...]
    places: dict[Location, Place] = field(default_factory=dict)
    problems: list[CourseProblem] = field(default_factory=list)
    nodes: int = 0
    full: bool = False

    def build(self, node: yaml.Node, loc: Location, key: tuple[int, int] | None = None) -> Any:
        here = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.places[loc] = Place(key or here, here)
        self.nodes += 1
        if self.nodes > MAX_NODES or len(loc) > MAX_DEPTH:
            if not self.full:
                self.fault(here, "SIM-E004", f"the file grows beyond {MAX_NODES} values or {MAX_DEPTH} levels")
            self.full = True
        if self.full:
            return None
        if not _STANDARD_TAG.fullmatch(node.tag):
            self.fault(here, "SIM-E006", f"the tag '{node.tag}' is not allowed: course files hold plain values only")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*loc, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self.scalar(node, here)

    def mapping(self, node: yaml.MappingNode, loc: Location) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            at = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(at, "SIM-E012", "a key must be one word, not a list or a mapping")
                continue
            name = str(key_node.value)
            if name in out:
                first = self.places[(*loc, name)].key[0]
                self.fault(
                    at, "SIM-E003", f"the key '{name}' is written twice here", f"It stands first in line {first}."
                )
                continue
            out[name] = None
            out[name] = self.build(value_node, (*loc, name), at)
            if self.full:
                break
        return out

    def scalar(self, node: yaml.ScalarNode, here: tuple[int, int]) -> Plain:
        text = str(node.value)
        if node.style:  # quoted or block: a text, whatever it looks like
            return text
        trap = _trap(text)
        if trap:
            self.fault(here, "SIM-E005", f"the bare value {text} is ambiguous: {trap}", f'Write "{text}" for the text.')
            return text
        return _resolved(text)

    def fault(self, at: tuple[int, int], code: str, message: str, hint: str = "") -> None:
        self.problems.append(_problem(self.file, self.lines, at, code=code, message=message, hint=hint))


def _resolved(text: str) -> Plain:
    """Return what a plain scalar means in the core schema of YAML 1.2; a date stays a text."""
    if _NULL.fullmatch(text):
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text) and len(text) < 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    special = _SPECIAL.fullmatch(text)
    return float(special[1] + special[2][1:]) if special else text


def _trap(text: str) -> str:
    if _SWITCH.fullmatch(text):
        return "some YAML readers take it for true or false; a truth value is written true or false"
    if _CLOCK.fullmatch(text):
        return "some YAML readers take it for a number in base 60; write a time in seconds"
    if _OCTAL.fullmatch(text):
        return "some YAML readers take it for a number in base 8, 16 or 2; write it in base 10"
    if _GROUPED.fullmatch(text):
        return "some YAML readers drop the underscores; write the number without them"
    return ""


def read_text(path: Path) -> str | CourseProblem:
    """Return the text of a UTF-8 file, or the problem that keeps it from being read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return CourseProblem(str(path), 1, 1, "SIM-E001", f"the file cannot be read: {error.strerror or error}")
    if len(raw) > MAX_BYTES:
        return CourseProblem(str(path), 1, 1, "SIM-E004", f"the file has {len(raw)} bytes; allowed are {MAX_BYTES}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8"
        return CourseProblem(str(path), line, column, "SIM-E001", message, "Save the file as UTF-8.")


def read_document(path: Path, text: str | None = None) -> tuple[Document | None, tuple[CourseProblem, ...]]:
    """Return the values of a YAML file with their places, and what was wrong; no document if nothing could be read."""
    if text is None:
        found = read_text(path)
        if isinstance(found, CourseProblem):
            return None, (found,)
        text = found
    lines = tuple(text.splitlines())
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        return None, (_syntax(str(path), lines, error),)
    builder = _Builder(str(path), lines)
    if not isinstance(root, yaml.MappingNode):
        what = "is empty" if root is None else "does not start with keys"
        hint = "A course starts with 'schema_version: 1'."
        return None, (_problem(str(path), lines, (1, 1), code="SIM-E007", message=f"the file {what}", hint=hint),)
    data = builder.build(root, ())
    if builder.full:
        return None, tuple(builder.problems)
    return Document(str(path), lines, data, builder.places), tuple(builder.problems)


def _syntax(file: str, lines: tuple[str, ...], error: yaml.YAMLError) -> CourseProblem:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        character = getattr(error, "character", None)
        what = f"it holds the character {character!r}" if character is not None else str(error)
        message = f"this is not YAML: {what}"
        return _problem(file, lines, (1, 1), code="SIM-E002", message=message)
    mark = error.problem_mark
    line = min(mark.line + 1, max(len(lines), 1))
    shown = lines[line - 1] if lines else ""
    words = ", ".join(part for part in (error.context, error.problem) if part)
    code, message, hint = "SIM-E002", f"this is not YAML: {words}", _advice(lines, mark.line)
    if "single document" in words:
        code, message, hint = "SIM-E007", "the file holds more than one document ('---')", "Write one course a file."
    elif "\t" in shown[: len(shown) - len(shown.lstrip())]:
        message, hint = "this is not YAML: the line is indented with a tab", "Indent with spaces."
    return _problem(file, lines, (line, mark.column + 1), code=code, message=message, hint=hint)


def _advice(lines: tuple[str, ...], line: int) -> str:
    shown = lines[line] if line < len(lines) else ""
    before = lines[line - 1] if 0 < line <= len(lines) else ""
    if any(row.count(": ") > 1 and '"' not in row and "{" not in row for row in (shown, before)):
        return "A text that holds ': ' must stand in quotes."
    return "Look at the indentation, quotes and brackets here and in the line above."

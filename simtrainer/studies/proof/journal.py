"""Runs that are done already, beside the proof that is being made: a line each, on the disk as soon as it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from simtrainer.core.error import InputError
from simtrainer.core.header import Line
from simtrainer.studies.proof.plan import Run
from simtrainer.studies.proof.trial import Outcome

SUFFIX = ".proof.jsonl"


class _Head(Line):
    kind: Literal["proof journal"] = "proof journal"
    schema_version: Literal[1] = 1
    key: str


class _Entry(Line):
    run: Run
    outcome: Outcome


class Journal:
    """Outcomes by run, kept so that a proof that was killed goes on where it was.

    Lines of another `key` (other code, course, data, plan, machine or versions) are of no use and are dropped; so is
    a line that was torn when the power went.
    """

    def __init__(self, path: Path, key: str) -> None:
        """Open the journal at `path` for a proof of `key`."""
        self._path = path
        self.done = _read(path, key)
        lines: list[Line] = [_Head(key=key), *(_Entry(run=run, outcome=out) for run, out in self.done.items())]
        try:
            fresh = path.with_name(f"{path.name}.part")
            fresh.write_text("".join(map(_text, lines)), encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror}") from None

    def add(self, run: Run, outcome: Outcome) -> None:
        """Keep one more outcome; it is on the disk when this returns."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_text(_Entry(run=run, outcome=outcome)))
            file.flush()
            os.fsync(file.fileno())
        self.done[run] = outcome

    def remove(self) -> None:
        """Take the file away; the proof holds everything now."""
        self._path.unlink(missing_ok=True)


def _text(line: Line) -> str:
    return json.dumps(line.model_dump(mode="json"), ensure_ascii=False) + "\n"


def _read(path: Path, key: str) -> dict[Run, Outcome]:
    try:
        head, *lines = path.read_bytes().split(b"\n")
        if _Head.model_validate_json(head).key != key:
            return {}
    except (OSError, ValidationError):
        return {}
    done: dict[Run, Outcome] = {}
    for line in lines[:-1]:  # what follows the last line break was torn
        try:
            entry = _Entry.model_validate_json(line)
        except ValidationError:
            break
        done[entry.run] = entry.outcome
    return done

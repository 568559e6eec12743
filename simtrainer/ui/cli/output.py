"""What a command writes: words for people, or with `--json` one JSON document on standard output and nothing else."""

from __future__ import annotations

import json
import math
import numbers
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from enum import Enum
from io import UnsupportedOperation
from pathlib import Path
from typing import TextIO, TypeAlias

import click

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON document to standard output and nothing else."
)
"""The option that every command with a result offers; pass its value to `opened`."""


class Output:
    """Where a command writes; made by `opened`."""

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        """Write words, or with `as_json` one document, to `stream`."""
        self._stream = stream
        self._as_json = as_json
        self._written = False

    def words(self, text: str) -> None:
        """Write `text` for people; nothing with `--json`."""
        if not self._as_json:
            click.echo(text, file=self._stream)

    def progress(self, text: str) -> None:
        """Write a passing note to standard error, in both modes."""
        click.echo(text, err=True)

    def document(self, data: Mapping[str, object] | Sequence[object]) -> None:
        """Write the one document of this command; nothing without `--json`.

        Paths, enums and NumPy scalars become plain values; numbers that are not finite become null.
        """
        if not self._as_json:
            return
        assert not self._written, "a command writes one document"
        self._written = True
        text = json.dumps(plain(data), ensure_ascii=False, allow_nan=False, indent=2)
        click.echo(text, file=self._stream)


@contextmanager
def opened(as_json: bool) -> Iterator[Output]:
    """Give a command its output; with `as_json` whatever else is printed meanwhile goes to standard error.

    That holds for libraries written in C as well, where standard output is a real file.
    """
    stream = sys.stdout
    if not as_json:
        yield Output(stream, as_json=False)
        return
    with _kept(stream) as kept, redirect_stdout(sys.stderr):
        yield Output(kept, as_json=True)
        kept.flush()


@contextmanager
def _kept(stream: TextIO) -> Iterator[TextIO]:
    """Point file descriptor 1 at standard error, and give a stream that still reaches the old standard output."""
    try:
        is_real = stream.fileno() == 1
    except (UnsupportedOperation, ValueError):
        is_real = False
    if not is_real:
        yield stream
        return
    stream.flush()
    number = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(number, "w", encoding="utf-8", closefd=False) as kept:
            yield kept
    finally:
        os.dup2(number, 1)
        os.close(number)


def plain(value: object) -> Json:
    """Return `value` as values that JSON knows; TypeError for anything that has no such form."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> Json:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return _scalar(value.value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")

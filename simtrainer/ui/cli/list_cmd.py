"""List the patients, courses, procedures and instruments that there are."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from simtrainer.ui import shipped
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import json_option, opened


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be named on a command line, and one line about it."""

    name: str
    title: str


@click.command()
@click.argument("kind", required=False, type=click.Choice(["patients", "courses", "procedures", "instruments"]))
@json_option
@pass_app
def command(app: App, kind: str | None, as_json: bool) -> ExitCode:
    """List the patients, courses, procedures and instruments that there are, or only those of one KIND."""
    with opened(as_json) as out:
        language = app.settings.word("language")
        chosen = {name: find(language) for name, find in _KINDS.items() if kind in (None, name)}
        out.document({name: [asdict(entry) for entry in entries] for name, entries in chosen.items()})
        for name, entries in chosen.items():
            out.words(f"{name}:" if entries else f"{name}: none")
            width = max((len(entry.name) for entry in entries), default=0)
            for entry in entries:
                out.words(f"  {entry.name:<{width}}  {entry.title}".rstrip())
    return ExitCode.DONE


def patients(language: str) -> list[Entry]:
    """Return the built-in patients; their titles have one language."""
    del language
    return [
        Entry(name, str(_top_level(folder / "manifest.yaml").get("title", "")))
        for name, folder in sorted((shipped.patient_folders() | shipped.block_folders()).items())
    ]


def courses(language: str) -> list[Entry]:
    """Return the built-in courses, which are the files with steps, with their titles in `language`."""
    found = []
    for name, path in shipped.course_files().items():
        data = _top_level(path)
        if "steps" in data:
            found.append(Entry(name, _title(path, data, language)))
    return found


def _title(path: Path, data: dict[str, Any], language: str) -> str:
    """Return the title of a course in `language`, else in the course's own, else its key."""
    key, own = str(data.get("title", "")), str(data.get("language", "en"))
    for spoken in (language, own):
        try:
            file = path.parent / "locale" / f"{data.get('id', path.stem)}.{spoken}.csv"
            with file.open(encoding="utf-8", newline="") as lines:
                said = {row[0]: row[1] for row in csv.reader(lines) if len(row) == 2}
        except (OSError, UnicodeDecodeError, csv.Error):
            continue
        if key in said:
            return said[key]
    strings = data.get("strings")
    return str(strings.get(key, key)) if isinstance(strings, dict) else key


def procedures(language: str) -> list[Entry]:
    """Return the registered procedures."""
    del language
    return _registered("simtrainer.procedures")


def instruments(language: str) -> list[Entry]:
    """Return the registered instruments."""
    del language
    return _registered("simtrainer.instruments")


_KINDS: dict[str, Callable[[str], list[Entry]]] = {
    "patients": patients,
    "courses": courses,
    "procedures": procedures,
    "instruments": instruments,
}


def _top_level(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; a file that cannot be read is listed by its name, `course check` judges it."""
    import yaml

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {"title": "(cannot be read)", "steps": []}
    return data if isinstance(data, dict) else {}


def _registered(package: str) -> list[Entry]:
    registry = shipped.registry(package)
    return [Entry(name, _first_line(registry.get(name))) for name in registry.names()] if registry else []


def _first_line(item: object) -> str:
    """Return the title of what was registered, else what its package says of itself, else its own first line."""
    title = getattr(item, "title", "")
    if isinstance(title, str) and title:
        return title
    package = sys.modules.get(type(item).__module__.rpartition(".")[0])
    own = package.__doc__ if package is not None else ""
    return (own or item.__doc__ or "").strip().partition("\n")[0]

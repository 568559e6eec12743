"""List the patients, courses, procedures and instruments that there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from simtrainer.ui import shipped
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
def command(kind: str | None, as_json: bool) -> ExitCode:
    """List the patients, courses, procedures and instruments that there are, or only those of one KIND."""
    with opened(as_json) as out:
        chosen = {name: find() for name, find in _KINDS.items() if kind in (None, name)}
        out.document({name: [asdict(entry) for entry in entries] for name, entries in chosen.items()})
        for name, entries in chosen.items():
            out.words(f"{name}:" if entries else f"{name}: none")
            width = max((len(entry.name) for entry in entries), default=0)
            for entry in entries:
                out.words(f"  {entry.name:<{width}}  {entry.title}".rstrip())
    return ExitCode.DONE


def patients() -> list[Entry]:
    """Return the built-in patients."""
    return [
        Entry(name, str(_top_level(folder / "manifest.yaml").get("title", "")))
        for name, folder in shipped.patient_folders().items()
    ]


def courses() -> list[Entry]:
    """Return the built-in courses, which are the files with steps."""
    found = []
    for name, path in shipped.course_files().items():
        data = _top_level(path)
        if "steps" in data:
            strings = data.get("strings")
            key = str(data.get("title", ""))
            title = strings.get(key, key) if isinstance(strings, dict) else key
            found.append(Entry(name, str(title)))
    return found


def procedures() -> list[Entry]:
    """Return the registered procedures."""
    return _registered("simtrainer.procedures")


def instruments() -> list[Entry]:
    """Return the registered instruments."""
    return _registered("simtrainer.instruments")


_KINDS: dict[str, Callable[[], list[Entry]]] = {
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
    return (item.__doc__ or "").strip().partition("\n")[0]

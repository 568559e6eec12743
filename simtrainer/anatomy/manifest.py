"""The manifest of an anatomy package: what each file is, where it comes from, and what a session may read."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from simtrainer.core.error import InputError

MANIFEST = "manifest.yaml"


class Content(StrEnum):
    """What a listed file holds."""

    TREE = "tree"
    BODY = "body"
    LUMEN = "lumen"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Number(_Closed):
    """One number that made this patient, with its source."""

    name: str
    value: float
    unit: str
    evidence: str
    because: str


class FileEntry(_Closed):
    """One file of the package."""

    file: str
    content: Content
    sha256: str
    unit: str
    frame: str
    source: str
    licence: str
    structures: tuple[str, ...]


class AccessEntry(_Closed):
    """Where instruments enter: a point [m] in W, the direction into the vessel, and its branch."""

    branch: str
    point: tuple[float, float, float]
    direction: tuple[float, float, float]


class GeneratorEntry(_Closed):
    """The generator and the parameters that rebuild the package bit for bit."""

    name: str
    parameters: dict[str, str | float]


class PatientEntry(_Closed):
    """Facts for the case card; `unknown` where an imported surface does not say."""

    sex: str = "unknown"
    age_years: float | None = None
    arch: str = "unknown"
    iliac_tortuosity: float | None = None
    difficulty: Literal["easy", "moderate", "hard", "unknown"] = "unknown"


class FieldEntry(_Closed):
    """How the contact field is built."""

    spacing_mm: float


class Manifest(_Closed):
    """All that `manifest.yaml` says."""

    schema_version: Literal[1]
    name: str
    title: str
    kind: Literal["vessel", "airway"]
    origin: Literal["generated", "imported"]
    source: str
    licence: str
    patient: PatientEntry
    access: AccessEntry
    target: str
    field: FieldEntry
    files: tuple[FileEntry, ...]
    generator: GeneratorEntry | None = None
    numbers: tuple[Number, ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of `folder`; InputError says what is missing or wrong in it."""
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder} is not an anatomy package: it has no {MANIFEST}")
    try:
        return Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not YAML: {str(error).splitlines()[0]}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {where}: {first['msg']}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest` into `folder`."""
    data = manifest.model_dump(mode="json", exclude_none=True)
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verified(folder: Path, entry: FileEntry) -> Path:
    """Return the path of a listed file whose content matches its hash; InputError otherwise."""
    path = folder / entry.file
    if Path(entry.file).name != entry.file or not path.is_file():
        raise InputError(f"{folder / MANIFEST}: files: '{entry.file}' is not a file of this folder")
    found = sha256(path)
    if found != entry.sha256:
        raise InputError(
            f"{path} is not the file that the manifest lists (sha256 {found[:12]}…, listed {entry.sha256[:12]}…); "
            "import the surface again, or restore the file"
        )
    return path

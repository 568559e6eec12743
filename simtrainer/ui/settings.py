"""What the user has set, and where files go: flag before environment before settings file before default."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.ui.place import Place, folder

PREFIX = "SIMTRAINER_"
FILE_NAME = "settings.toml"


class Origin(Enum):
    """Where the value of a setting comes from, strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class Kind(Enum):
    """What a setting holds."""

    FOLDER = "folder"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a user can set; a row in `SETTINGS` is all it takes.

    Parameters
    ----------
    name
        Key in the settings file; the environment variable is `SIMTRAINER_` and the name in capitals.
    doc
        What it does, one sentence.
    kind
        Folder or word.
    default
        Gives the value where nothing is set.
    choices
        Allowed words; empty for any.
    """

    name: str
    doc: str
    kind: Kind
    default: Callable[[], str]
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting("data_dir", "attempts and learning curves", Kind.FOLDER, lambda: str(folder(Place.DATA))),
    Setting("cache_dir", "compiled kernels; can be thrown away", Kind.FOLDER, lambda: str(folder(Place.CACHE))),
    Setting("log_dir", "rotating logs", Kind.FOLDER, lambda: str(folder(Place.LOG))),
    Setting("language", "language of courses and debriefs", Kind.WORD, lambda: "en", ("en", "de")),
    Setting("db", "database URL of learning curves; empty for SQLite in data_dir", Kind.WORD, lambda: ""),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class InForce:
    """The value of one setting and where it comes from, for `simtrainer doctor`."""

    value: str
    origin: Origin
    where: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting as it is in force, and the settings file that was looked for."""

    file: Path
    values: Mapping[str, InForce]

    def word(self, name: str) -> str:
        """Return the value of the setting `name`."""
        return self.values[name].value

    def folder(self, name: str) -> Path:
        """Return the folder of the setting `name`, which need not exist."""
        assert _BY_NAME[name].kind is Kind.FOLDER, f"{name} is not a folder"
        return Path(self.values[name].value)


def load(flags: Mapping[str, str | None] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return what is in force; InputError for a file or value that cannot be used.

    Parameters
    ----------
    flags
        Values given on the command line by name of the setting, and `config` for another settings file; None is unset.
    environment
        The environment; the process's own by default. An empty variable counts as unset.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    env = os.environ if environment is None else environment
    path = _file(given.get("config"), env)
    stored = _read(path, is_asked_for="config" in given or bool(env.get(PREFIX + "CONFIG")))
    values = {setting.name: _in_force(setting, given, env, (path, stored)) for setting in SETTINGS}
    return Settings(path, values)


def _file(flag: str | None, env: Mapping[str, str]) -> Path:
    chosen = flag or env.get(PREFIX + "CONFIG")
    return Path(chosen).expanduser().absolute() if chosen else folder(Place.CONFIG) / FILE_NAME


def _read(path: Path, *, is_asked_for: bool) -> dict[str, str]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if is_asked_for:
            raise InputError(f"there is no settings file {path}") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"settings file {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    for name, value in data.items():
        if name not in _BY_NAME:
            raise UnknownNameError("setting", name, _BY_NAME, str(path))
        if not isinstance(value, str):
            raise InputError(f"{path}: {name} is text in quotes, not {value!r}")
    return data


def _in_force(
    setting: Setting, given: Mapping[str, str], env: Mapping[str, str], stored: tuple[Path, Mapping[str, str]]
) -> InForce:
    path, kept = stored
    if setting.name in given:
        found = InForce(given[setting.name], Origin.FLAG, "--" + setting.name.replace("_", "-"))
    elif env.get(setting.variable):
        found = InForce(env[setting.variable], Origin.ENVIRONMENT, setting.variable)
    elif setting.name in kept:
        found = InForce(kept[setting.name], Origin.FILE, str(path))
    else:
        found = InForce(setting.default(), Origin.DEFAULT, "")
    if setting.choices and found.value not in setting.choices:
        raise UnknownNameError(setting.name, found.value, setting.choices, found.where)
    if setting.kind is Kind.FOLDER:
        base = path.parent if found.origin is Origin.FILE else Path.cwd()
        return InForce(str(base / Path(found.value).expanduser()), found.origin, found.where)
    return found

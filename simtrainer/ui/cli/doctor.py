"""Say what is installed, what is in force, what this machine can do, and how to mend what is missing."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click

from simtrainer import __version__
from simtrainer.ui import shipped
from simtrainer.ui.cli.context import App, pass_app
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened
from simtrainer.ui.log import FILE_NAME
from simtrainer.ui.probe import Part, probe

_DEBIAN = "sudo apt-get install -y "
_GL_FIX = f"{_DEBIAN}libegl1 libgl1-mesa-dri   (Debian, Ubuntu; elsewhere Mesa's EGL)"


class Level(Enum):
    """How much hangs on something that was checked."""

    FINE = "fine"
    OPTIONAL = "optional"
    """Missing or without effect here; something is left out."""
    BROKEN = "broken"
    """simtrainer does not work without it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was found, and the one line that mends it."""

    name: str
    level: Level
    found: str
    fix: str = ""


@click.command()
@click.option("--warm-up", is_flag=True, help="Compile the kernels now, so that no first run waits; checks nothing.")
@json_option
@pass_app
def command(app: App, as_json: bool, *, warm_up: bool) -> ExitCode:
    """Say what is installed, what is in force, what this machine can do, and how to mend what is missing."""
    with opened(as_json) as out:
        if warm_up:
            return _warm_up(out)
        checks = [*_packages(), *_folders(app), *_machine()]
        broken = any(check.level is Level.BROKEN for check in checks)
        out.document(
            {
                "simtrainer": __version__,
                "python": platform.python_version(),
                "system": platform.platform(),
                "settings_file": app.settings.file,
                "settings": {name: asdict(value) for name, value in app.settings.values.items()},
                "checks": [asdict(check) for check in checks],
                "works": not broken,
            }
        )
        _tell(out, app, checks)
    return ExitCode.ANSWER_IS_NO if broken else ExitCode.DONE


def _warm_up(out: Output) -> ExitCode:
    """Compile what every procedure needs, where that was not done before."""
    from simtrainer.ui.warm import warm_everything

    begin = time.monotonic()
    compiled = warm_everything(out.progress)
    seconds = time.monotonic() - begin
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    out.document({"compiled": compiled, "seconds": seconds, "folder": folder})
    done = f"compiled for {', '.join(compiled)} in {seconds:.0f} s" if compiled else "were compiled before"
    out.words(f"kernels: {done}; they lie in {folder}")
    return ExitCode.DONE


def _tell(out: Output, app: App, checks: list[Check]) -> None:
    out.words(f"simtrainer {__version__}, Python {platform.python_version()}, {platform.platform()}")
    out.words(f"\nIn force (settings file {app.settings.file}, {'read' if app.settings.file.is_file() else 'none'}):")
    for name, value in app.settings.values.items():
        source = f" by {value.where}" if value.where else ""
        out.words(f"  {name:<10} {value.value or '-'}  ({value.origin.value}{source})")
    out.words("\nChecked:")
    marks = {Level.FINE: "ok", Level.OPTIONAL: "--", Level.BROKEN: "!!"}
    for check in checks:
        out.words(f"  {marks[check.level]} {check.name:<16} {check.found}")
    missing = [check for check in checks if check.fix]
    if missing:
        out.words("\nTo mend:")
    for check in missing:
        out.words(f"  {check.name}: {check.fix}")


def _packages() -> Iterator[Check]:
    """Look for every package that the installed metadata asks for, without importing any."""
    try:
        wanted = requires("simtrainer") or []
    except PackageNotFoundError:
        yield Check("installation", Level.OPTIONAL, "not installed, run from its folder", "python3 tools/dev.py setup")
        return
    named: dict[str, str] = {}
    for line in wanted:
        extra = line.partition("extra ==")[2].strip(" '\"")
        name = line.partition(";")[0]
        bare = name[: next((i for i, c in enumerate(name) if c in "[<>=!~ ("), len(name))]
        if extra not in {"all", "dev"} and bare != "simtrainer":
            named.setdefault(bare, extra)
    for name, extra in named.items():
        try:
            yield Check(name, Level.FINE, version(name))
        except PackageNotFoundError:
            what = f"simtrainer[{extra}]" if extra else "simtrainer"
            level = Level.OPTIONAL if extra else Level.BROKEN
            yield Check(name, level, "not installed", f"{sys.executable} -m pip install '{what}'")


def _folders(app: App) -> Iterator[Check]:
    for name in ("data_dir", "cache_dir", "log_dir"):
        folder = app.settings.folder(name)
        if _writable(folder):
            yield Check(name, Level.FINE, f"{folder} can be written")
        else:
            fix = f"make it writable, or set SIMTRAINER_{name.upper()} to another folder"
            yield Check(name, Level.BROKEN, f"{folder} cannot be written", fix)
    log = app.settings.folder("log_dir") / FILE_NAME
    yield Check(
        "log", Level.FINE, f"{log}, {log.stat().st_size} bytes" if log.is_file() else f"{log}, nothing in it yet"
    )


def _writable(folder: Path) -> bool:
    """Tell whether files can be made in `folder`, or in the nearest folder above it that exists."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _machine() -> Iterator[Check]:
    yield _kernels()
    yield _resources()
    found = probe(Part.GL)
    yield Check("3D", Level.FINE if found.works else Level.OPTIONAL, found.detail, "" if found.works else _GL_FIX)
    for part, fix in (
        (Part.DISPLAY, "without a screen use --view none or --film FILE.mp4"),
        (Part.SOUND, "without sound the captions remain"),
        (Part.GAMEPAD, ""),
    ):
        found = probe(part)
        level = Level.FINE if found.works else Level.OPTIONAL
        yield Check(part.value, level, found.detail, "" if found.works else fix)


def _kernels() -> Check:
    try:
        from simtrainer.core import kernel, source
    except ImportError as error:
        return Check("kernels", Level.BROKEN, f"numba cannot be imported: {error}", "python3 tools/dev.py setup")
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    sizes = [path.stat().st_size for path in folder.rglob("*.nb*")] if folder.is_dir() else []
    return Check(
        "kernels",
        Level.FINE,
        f"{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB in {folder}; class {kernel.machine_class()}, "
        f"{os.cpu_count()} cores, code {source.source_hash()}",
    )


def _resources() -> Check:
    folders = {kind: shipped.folder(kind) for kind in ("meshes", "curricula")}
    missing = [kind for kind, folder in folders.items() if folder is None]
    if missing:
        fix = "python3 tools/dev.py setup in a complete checkout, or install the wheel again"
        return Check("patients, courses", Level.BROKEN, f"{' and '.join(missing)} cannot be found", fix)
    return Check("patients, courses", Level.FINE, ", ".join(str(folder) for folder in folders.values()))

"""The program `simtrainer`: global options, settings, log, and what becomes of an error."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from simtrainer import __version__
from simtrainer.core.error import InputError, SimtrainerError
from simtrainer.ui import log
from simtrainer.ui.cli.context import App
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.group import LazyGroup

_log = logging.getLogger(__name__)
_USER_ERRORS = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
_EXTRAS = {
    "cv2": "film", "psycopg": "postgres", "trimesh": "anatomy",
    "PIL": "view", "pygame": "view", "pyvista": "view", "vtkmodules": "view",
}  # fmt: skip
"""Which extra of the package brings which module."""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="simtrainer")
@click.option("--config", metavar="FILE", help="Settings file to use.")
@click.option("--data-dir", metavar="FOLDER", help="Where attempts and learning curves are kept.")
@click.option("--language", metavar="en|de", help="Language of courses and debriefs.")
@click.pass_context
def program(ctx: click.Context, config: str | None, data_dir: str | None, language: str | None) -> None:
    """Practise procedures on a simulated patient, and get a debrief worth reading."""
    app = ctx.ensure_object(App)
    app.read_settings({"config": config, "data_dir": data_dir, "language": language})
    ctx.with_resource(log.opened(app.settings.folder("log_dir")))


def run(arguments: Sequence[str]) -> int:
    """Run one call of the program and return its exit code; errors end as words on standard error."""
    app = App()
    try:
        answer = program.main(list(arguments), prog_name="simtrainer", obj=app, standalone_mode=False)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else ExitCode.DONE
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.WRONG_USE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader left, as `| head` does; nothing is wrong
        return ExitCode.DONE
    except Exception as error:
        return _report(error, app)


def _report(error: Exception, app: App) -> ExitCode:
    """Say in words what went wrong, log it, and return the exit code that fits."""
    if isinstance(error, InputError):
        click.echo(f"simtrainer: {error}", err=True)
        return ExitCode.WRONG_USE
    if isinstance(error, ModuleNotFoundError) and error.name in _EXTRAS:
        extra = _EXTRAS[error.name]
        click.echo(f"simtrainer: this needs {error.name}. Type: pip install 'simtrainer[{extra}]'", err=True)
        return ExitCode.WRONG_USE
    if isinstance(error, _USER_ERRORS) and error.filename is not None:
        where = _record(error, app)
        reason = (error.strerror or "cannot be used").lower()
        click.echo(f"simtrainer: {error.filename}: {reason} (details in {where})", err=True)
        return ExitCode.WRONG_USE
    where = _record(error, app)
    what = str(error) if isinstance(error, SimtrainerError) else f"{type(error).__name__}: {error}"
    click.echo(
        f"simtrainer: {what}\nThis is a fault of simtrainer, not of yours. To report it, send what you typed, the end "
        f"of {where} and the words of 'simtrainer doctor'.",
        err=True,
    )
    return ExitCode.OUR_FAULT


def _record(error: Exception, app: App) -> Path:
    """Write the traceback of `error` into the log and return the log's path."""
    try:
        folder = app.settings.folder("log_dir")
    except InputError:
        folder = Path(tempfile.gettempdir())
    with log.opened(folder) as path:
        _log.error("simtrainer %s %s", __version__, " ".join(sys.argv[1:]), exc_info=error)
    return path


def main() -> None:
    """Run the program as the installed command does."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""The command line: one file a command, imported only when it is used.

To add a command, add one file to this folder and edit nothing else:

- its name is the name of the command (`train.py`; `list_cmd.py` is `list`; `_` becomes `-`);
- the first line of its docstring is what `simtrainer --help` says about it, read without importing the file;
- it holds a click command or group called `command`: `@click.command()` above `def command(...)`.

A file without a `command` at top level is not a command, so helpers may stand beside it. Heavy imports (numba, VTK,
pyvista, pydantic) stand inside functions, so that `--help` stays quick. A command returns an `ExitCode` (None means
DONE), raises `InputError` for what the user can mend, and lets everything else rise to `app.run`, which turns it into
one line, an exit code and a traceback in the log. With `json_option`, write through `output.opened(as_json)`.
"""

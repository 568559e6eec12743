"""A click group that finds its commands as files, shows their help unread and imports one only when it is used."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from simtrainer.core.error import suggestion

ATTRIBUTE = "command"
"""Name under which a module holds its click command."""


@dataclass(frozen=True, slots=True)
class Found:
    """A command that was found as a file: its name, its module and its line of help."""

    name: str
    module: str
    help: str


def discover(folder: Path, package: str) -> dict[str, Found]:
    """Return the commands among the files of `folder`, by name, without importing any of them."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        if not path.stem.startswith("_") and any(_defines_command(node) for node in tree.body):
            name = path.stem.removesuffix("_cmd").replace("_", "-")
            first_line = (ast.get_docstring(tree) or "").partition("\n")[0]
            found[name] = Found(name, f"{package}.{path.stem}", first_line)
    return dict(sorted(found.items()))


def _defines_command(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == ATTRIBUTE
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == ATTRIBUTE
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == ATTRIBUTE for t in node.targets)


class ToldGroup(click.Group):
    """A group that says all of what each of its commands does, instead of cutting the sentence off."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands with the first line of each one's help."""
        rows = [(name, (found.help or "").partition("\n")[0]) for name, found in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class LazyGroup(click.Group):
    """A group whose commands are the files of this folder."""

    _found: dict[str, Found] | None = None

    @property
    def found(self) -> dict[str, Found]:
        """The commands, by name; looked for once."""
        if self._found is None:
            self._found = discover(Path(__file__).resolve().parent, "simtrainer.ui.cli")
        return self._found

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        del ctx
        return list(self.found)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None where none is called `cmd_name`."""
        del ctx
        if cmd_name not in self.found:
            return None
        found = self.found[cmd_name]
        loaded = vars(importlib.import_module(found.module))[ATTRIBUTE]
        assert isinstance(loaded, click.Command), f"{found.module}.{ATTRIBUTE} is not a click command"
        loaded.name = cmd_name
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` name; UsageError with the nearest name otherwise."""
        name = args[0]
        if name not in self.found and not name.startswith("-") and not ctx.resilient_parsing:
            hint = suggestion(name, self.found) or f" Known: {', '.join(self.found)}."
            raise click.UsageError(f"no command is called '{name}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from the files' first lines."""
        del ctx
        rows = [(found.name, found.help) for found in self.found.values()]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with `incomplete`, and the group's options."""
        rows = [CompletionItem(f.name, help=f.help) for f in self.found.values() if f.name.startswith(incomplete)]
        return rows + click.Command.shell_complete(self, ctx, incomplete)

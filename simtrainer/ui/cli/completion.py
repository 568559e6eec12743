"""Print the script that teaches a shell to complete simtrainer's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from simtrainer.ui.cli.exit_code import ExitCode

_WHERE = {
    "bash": 'eval "$(simtrainer completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(simtrainer completion zsh)" in ~/.zshrc',
    "fish": "simtrainer completion fish > ~/.config/fish/completions/simtrainer.fish",
}


@click.command(epilog="To switch it on: " + "; ".join(_WHERE.values()) + ".")
@click.argument("shell", type=click.Choice(list(_WHERE)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> ExitCode:
    """Print the script that teaches SHELL to complete simtrainer's commands and options."""
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells that are offered"
    click.echo(kind(ctx.find_root().command, {}, "simtrainer", "_SIMTRAINER_COMPLETE").source())
    return ExitCode.DONE

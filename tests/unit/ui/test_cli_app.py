from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from simtrainer import __version__
from simtrainer.ui.cli.app import program, run
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.group import Found, LazyGroup, discover

HEAVY = ("numpy", "numba", "scipy", "vtkmodules", "pyvista", "pygame", "matplotlib", "pydantic", "yaml", "sqlalchemy")


def child(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def cpu_seconds_of_help(*command: str) -> float:
    before = os.times()
    child(f"from simtrainer.ui.cli.app import run; run({[*command, '--help']})")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.fixture
def culprit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program have one command more, which raises what its argument says."""
    (tmp_path / "culprit_of_test.py").write_text(
        '"""Go wrong on purpose."""\n'
        "import click\n"
        "from simtrainer.core.error import DivergedError, InputError\n"
        "@click.command()\n"
        "@click.argument('what')\n"
        "def command(what):\n"
        "    if what == 'no':\n        return 1\n"
        "    raise {'input': InputError('the course is upside down'), 'diverged': DivergedError('tick 7: speed'),\n"
        "           'bug': ZeroDivisionError('division by zero'), 'interrupt': KeyboardInterrupt(),\n"
        "           'file': FileNotFoundError(2, 'No such file or directory', 'gone.yaml'),\n"
        "           'extra': ModuleNotFoundError('no', name='pygame'), 'usage': click.UsageError('not so')}[what]\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SIMTRAINER_LOG_DIR", str(tmp_path / "log"))
    found = dict(program_group().found)
    found["go-wrong"] = Found("go-wrong", "culprit_of_test", "Go wrong on purpose.")
    monkeypatch.setattr(program, "_found", found)


def program_group() -> LazyGroup:
    assert isinstance(program, LazyGroup)
    return program


def every_command() -> list[tuple[str, ...]]:
    """Return every command and every command of a group, as it is typed."""
    context = click.Context(program)
    found: list[tuple[str, ...]] = [()]
    for name in program_group().found:
        loaded = program_group().get_command(context, name)
        found.append((name,))
        if isinstance(loaded, click.Group):
            found += [(name, inner) for inner in loaded.commands]
    return found


def test_no_help_imports_anything_heavy() -> None:
    calls = "; ".join(f"run({[*command, '--help']})" for command in every_command())
    code = f"{calls}; print([m for m in {HEAVY} if m in sys.modules])"
    assert child(f"import sys; from simtrainer.ui.cli.app import run; {code}").stdout.splitlines()[-1] == "[]"


def test_every_option_and_every_command_of_a_group_says_what_it_does() -> None:
    for command in every_command():
        loaded: click.Command = program
        for name in command:
            assert isinstance(loaded, click.Group)
            inner = loaded.get_command(click.Context(loaded), name)
            assert inner is not None
            loaded = inner
        for option in loaded.params:
            assert not isinstance(option, click.Option) or option.help, f"{command}: {option.name} says nothing"
        shown = CliRunner().invoke(program, [*command, "--help"]).output
        assert "..." not in shown.replace("[ARGS]...", "").replace("[COURSE]...", ""), (
            f"{command}: a sentence is cut off"
        )


@pytest.mark.skipif(os.name != "posix", reason="processor time of children is only known on POSIX")
def test_help_takes_less_than_half_a_second() -> None:
    assert min(cpu_seconds_of_help() for _ in range(3)) < 0.5
    slowest = {command: cpu_seconds_of_help(*command) for command in every_command() if len(command) == 1}
    assert max(slowest.values()) < 0.5, slowest


def test_help_shows_every_command_with_its_line() -> None:
    shown = " ".join(CliRunner().invoke(program, ["--help"]).output.split())
    for found in program_group().found.values():
        assert f"{found.name} {found.help}" in shown


def test_every_command_loads_and_its_help_is_the_first_line_of_its_file() -> None:
    group = program_group()
    context = click.Context(group)
    for name, found in group.found.items():
        loaded = group.get_command(context, name)
        assert loaded is not None
        assert found.help
        assert found.help.endswith(".")
        assert loaded.help, f"{found.module}: the command has no docstring"


def test_a_new_file_is_a_new_command_and_a_helper_is_not(tmp_path: Path) -> None:
    (tmp_path / "fly_home.py").write_text('"""Fly home.\n\nSlowly.\n"""\ndef command(): ...\n', encoding="utf-8")
    (tmp_path / "list_cmd.py").write_text('"""List."""\ncommand = 1\n', encoding="utf-8")
    (tmp_path / "helper.py").write_text('"""Help."""\ndef commander(): ...\n', encoding="utf-8")
    (tmp_path / "_hidden.py").write_text('"""Hide."""\ndef command(): ...\n', encoding="utf-8")
    assert discover(tmp_path, "p") == {
        "fly-home": Found("fly-home", "p.fly_home", "Fly home."),
        "list": Found("list", "p.list_cmd", "List."),
    }


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == ExitCode.DONE
    assert __version__ in capsys.readouterr().out


def test_an_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docter"]) == ExitCode.WRONG_USE
    told = capsys.readouterr()
    assert "Did you mean 'doctor'?" in told.err
    assert told.out == ""


def test_an_unknown_option_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--colour"]) == ExitCode.WRONG_USE
    assert "--colour" in capsys.readouterr().err


@pytest.mark.usefixtures("culprit")
@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("no", ExitCode.ANSWER_IS_NO, ""),
        ("input", ExitCode.WRONG_USE, "the course is upside down"),
        ("usage", ExitCode.WRONG_USE, "not so"),
        ("file", ExitCode.WRONG_USE, "gone.yaml: no such file or directory"),
        ("extra", ExitCode.WRONG_USE, "pip install 'simtrainer[view]'"),
        ("diverged", ExitCode.OUR_FAULT, "tick 7: speed"),
        ("bug", ExitCode.OUR_FAULT, "ZeroDivisionError: division by zero"),
        ("interrupt", ExitCode.INTERRUPTED, "interrupted"),
    ],
)
def test_what_goes_wrong_ends_in_words_and_a_code(
    what: str, code: ExitCode, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["go-wrong", what]) == code
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.usefixtures("culprit")
def test_a_fault_of_ours_names_the_log_that_holds_the_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["go-wrong", "bug"])
    log = tmp_path / "log" / "simtrainer.log"
    told = capsys.readouterr().err
    assert str(log) in told
    assert "not of yours" in told
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_broken_settings_file_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("langauge = 'de'\n", encoding="utf-8")
    assert run(["--config", str(file), "list"]) == ExitCode.WRONG_USE
    assert "Did you mean 'language'?" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_fault() -> None:
    command = f"{sys.executable} -c 'from simtrainer.ui.cli.app import main; main()' doctor --help | true"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, timeout=60, check=False)
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_an_interrupt_ends_with_130_and_one_clean_line(tmp_path: Path) -> None:
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job starts with it ignored
        "from simtrainer.ui.cli import completion\n"
        "from simtrainer.ui.cli.app import run\n"
        "completion.command.callback = lambda shell: signal.raise_signal(signal.SIGINT)\n"
        "sys.exit(run(['completion', 'bash']))"
    )
    env = os.environ | {"SIMTRAINER_LOG_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, env=env
    )
    assert done.returncode == 130
    assert done.stderr.strip() == "interrupted"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == ExitCode.DONE
    assert "_SIMTRAINER_COMPLETE" in capsys.readouterr().out


def test_the_completion_script_gets_the_names_of_the_commands() -> None:
    code = "from simtrainer.ui.cli.app import main; main()"
    env = os.environ | {"_SIMTRAINER_COMPLETE": "bash_complete", "COMP_WORDS": "simtrainer d", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, env=env
    )
    assert "plain,doctor" in done.stdout
    assert "plain,list" not in done.stdout


def test_json_is_the_only_thing_on_standard_output(tmp_path: Path) -> None:
    code = "from simtrainer.ui.cli.app import main; main()"
    env = os.environ | {"SIMTRAINER_LOG_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code, "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert done.returncode == 0
    assert set(json.loads(done.stdout)) == {"patients", "courses", "procedures", "instruments"}

#!/usr/bin/env python3
"""Everything that a newcomer or a developer types: `python3 tools/dev.py demo`, `test`, `check`, `bench`, `setup`.

Needs only the standard library of Python 3.11 to 3.13. The first call makes `.venv` from `requirements.lock` and sees
to what the system lacks; later calls start at once. Exit codes are those of the tool that was run; 2 is something
that you have to see to, 3 a fault of this tool.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import traceback

OLDEST, NEWEST = (3, 11), (3, 13)
INSIDE = "SIMTRAINER_DEV_INSIDE"


def hand_over(argv):  # no annotations: this much must also run on a Python that is too old for the rest
    """Run this tool with a Python that the lock is made for, where another one was used; None if this one will do."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return None
    if not os.environ.get(INSIDE):
        for minor in range(OLDEST[1], NEWEST[1] + 1):
            other = shutil.which("python3.%d" % minor)  # noqa: UP031  # as above
            if other:
                env = dict(os.environ)
                env[INSIDE] = "1"
                return subprocess.call([other, os.path.abspath(__file__)] + argv, env=env)  # noqa: PTH100, RUF005
    sys.stderr.write(
        "simtrainer needs Python 3.11, 3.12 or 3.13; this is %d.%d (%s).\n"  # noqa: UP031
        "Install one of them (Debian 12, Ubuntu 24.04: python3) and run the same command with it.\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    return 2


if __name__ == "__main__":
    _code = hand_over(sys.argv[1:])
    if _code is not None:
        sys.exit(_code)

from pathlib import Path  # noqa: E402  # only a Python that is new enough gets here

sys.path.insert(0, str(Path(__file__).resolve().parent))

import dev_lock  # noqa: E402
from dev_stage import SetupError, child_environment, say  # noqa: E402
from dev_venv import Venv  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


def call(command: list[str], cwd: Path | None = None) -> int:
    """Run `command` in the foreground and return its exit code; an interrupt goes to it and ends as 130."""
    process = subprocess.Popen(command, cwd=cwd, env=child_environment())
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        return 130
    return 128 - code if code < 0 else code


def pytest_command(venv: Venv, extra: list[str]) -> list[str]:
    """Return the call of pytest; two workers are safe, since numba replaces its cache files in one step."""
    return [str(venv.python), "-m", "pytest", "-n", str(min(2, os.cpu_count() or 1)), *extra]


def demo(venv: Venv, options: argparse.Namespace) -> int:
    """Play expert and novice, and write pictures and debriefs to ./simtrainer-demo/."""
    return call([str(venv.script("simtrainer")), "demo", *options.extra])


def test(venv: Venv, options: argparse.Namespace) -> int:
    """Run the tests; with --all also those that take minutes."""
    everything = ["-m", ""] if options.all else []
    return call(pytest_command(venv, [*everything, *options.extra]), ROOT)


def check(venv: Venv, options: argparse.Namespace) -> int:
    """Run what CI runs: lint, format, types, import contracts, tests."""
    python = [str(venv.python), "-m"]
    steps = {
        "lint": [*python, "ruff", "check"],
        "format": [*python, "ruff", "format", "--check"],
        "types": [*python, "mypy"],
        "import contracts": [str(venv.script("lint-imports"))],
        "tests": pytest_command(venv, options.extra),
    }
    failed = []
    for name, command in steps.items():
        say(f"== {name}")
        if call(command, ROOT) != 0:
            failed.append(name)
    say(f"== failed: {', '.join(failed)}" if failed else "== all five hold")
    return 1 if failed else 0


def bench(venv: Venv, options: argparse.Namespace) -> int:
    """Measure the kernels (tests/bench)."""
    folder = ROOT / "tests" / "bench"
    if not folder.is_dir():
        raise SetupError(f"{folder} is not there: nothing to measure.")
    flags = ["-m", "", "--benchmark-enable", "--benchmark-only"]
    return call([str(venv.python), "-m", "pytest", *flags, *(options.extra or [str(folder)])], ROOT)


def setup(venv: Venv, options: argparse.Namespace) -> int:
    """Make .venv, look again at what the system lacks, and stop there."""
    del options
    say(f"simtrainer is set up: {venv.script('simtrainer')}")
    return 0


def lock(venv: Venv, options: argparse.Namespace) -> int:
    """Write requirements.lock anew with pip's own resolver (needs a network; read the diff)."""
    del options
    return dev_lock.write(ROOT, venv.python if venv.python.exists() else Path(sys.executable))


COMMANDS = {"demo": demo, "test": test, "check": check, "bench": bench, "setup": setup, "lock": lock}


def parser() -> argparse.ArgumentParser:
    """Return the parser of this tool's own options; what stands after `--` never reaches it."""
    top = argparse.ArgumentParser(
        prog="tools/dev.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, function in COMMANDS.items():
        sub = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        if name == "test":
            sub.add_argument("--all", action="store_true", help="also the tests that take minutes")
    return top


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the options; `extra` holds what goes on to the tool (after `--`, and for demo all the rest)."""
    cut = argv.index("--") if "--" in argv else len(argv)
    own, extra = argv[:cut], argv[cut + 1 :]
    if own[:1] == ["demo"] and not {"-h", "--help"} & set(own):
        own, extra = own[:1], own[1:] + extra
    options = parser().parse_args(own)
    options.extra = extra
    return options


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    options = parse(argv)
    venv = Venv(ROOT)
    try:
        if options.command != "lock":  # which must work where the lock itself is missing or wrong
            venv.prepare(options.command)
        return COMMANDS[options.command](venv, options)
    except SetupError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("\nstopped; run the same command again to go on.")
        return 130
    except Exception:
        traceback.print_exc()
        say("This is a fault of tools/dev.py, not of yours. Please report it with the lines above.")
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

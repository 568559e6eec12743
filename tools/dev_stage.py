"""What `tools/dev.py` shows while it works: one line a stage, its time, and on failure the end of the log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TAIL_LINES = 25
"""Lines of a failed stage's log that are shown."""


class SetupError(Exception):
    """Something that the person at the keyboard has to see to; the message says what to type."""


def say(text: str) -> None:
    """Print one line for people; standard output stays with the tool that is run."""
    print(text, file=sys.stderr, flush=True)


def run_stage(title: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> bool:
    """Run `command` with its words going to `log`, show the time it takes, and return whether it succeeded."""
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with log.open("a", encoding="utf-8") as sink:
        sink.write(f"\n$ {' '.join(command)}\n")
        sink.flush()
        try:
            process = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, env=env
            )
        except OSError as error:
            say(f"  {title}: failed, {error}")
            return False
        code = _wait(process, title, start)
    say(f"{_clear()}  {title}: {'done' if code == 0 else 'failed'} in {time.monotonic() - start:.0f} s")
    return code == 0


def log_tail(log: Path) -> str:
    """Return the last lines of the last stage in `log`, indented, for a message."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").rpartition("\n$ ")[2].splitlines()
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


def child_environment() -> dict[str, str]:
    """Return this process's environment without what would lead a child's Python or pip astray."""
    astray = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES"}
    env = {name: value for name, value in os.environ.items() if name not in astray}
    env.update(PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONNOUSERSITE="1")
    return env


def _wait(process: subprocess.Popen[bytes], title: str, start: float) -> int:
    shows_time = sys.stderr.isatty()
    if not shows_time:
        say(f"  {title} ...")
    try:
        while True:
            try:
                return process.wait(timeout=1.0)
            except subprocess.TimeoutExpired:
                if shows_time:
                    print(f"\r  {title} ... {time.monotonic() - start:.0f} s ", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise


def _clear() -> str:
    return "\r" if sys.stderr.isatty() else ""

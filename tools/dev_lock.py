"""Writes `requirements.lock`: versions from pip's own resolver, hashes for every Python and system that we serve.

`pip install --dry-run --report` resolves for the running Python and names the hash of the one file that it would take.
Other Pythons and systems take other files of the same release, so the same versions are asked for once more for
each of them. Read from pip's JSON report only, never from its text.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev_stage import SetupError, child_environment, say

PYTHONS = ("3.11", "3.12", "3.13")
_GLIBC = range(36, 16, -1)
"""because: Debian 12 has glibc 2.36; wheels are tagged from 2.17 on."""
SYSTEMS: dict[str, tuple[str, ...]] = {
    "Linux x86_64": (*(f"manylinux_2_{n}_x86_64" for n in _GLIBC), "manylinux2014_x86_64"),
    "Linux aarch64": (*(f"manylinux_2_{n}_aarch64" for n in _GLIBC), "manylinux2014_aarch64"),
    "macOS arm64": tuple(f"macosx_{n}_0_{kind}" for n in range(15, 10, -1) for kind in ("arm64", "universal2")),
    "Windows x86_64": ("win_amd64",),
}
ELSEWHERE = {"colorama": 'sys_platform == "win32"'}
"""Packages that only another system needs, with their marker: the resolver here does not see them."""

UNLOCKED = ("peers",)
"""Extras that are not locked: engines that are measured beside ours, and that nobody needs to develop."""

HEADER = """\
# Every package that simtrainer is developed and tested with, all extras but `peers` included.
# Written by `python3 tools/dev.py lock`; do not edit. Resolved with Python {python}.
# Hashes cover Python {pythons} on {systems},
# as far as the packages have wheels there.
"""


@dataclass
class Pin:
    """One release: its name, version, and the hashes of its files that we may take."""

    name: str
    version: str
    universal: bool
    hashes: set[str] = field(default_factory=set)

    def lines(self) -> str:
        """Return the entry in the syntax of pip's requirements files."""
        marker = f" ; {ELSEWHERE[self.name]}" if self.name in ELSEWHERE else ""
        parts = [
            f"{self.name}=={self.version}{marker}",
            *(f"    --hash=sha256:{digest}" for digest in sorted(self.hashes)),
        ]
        return " \\\n".join(parts)


def requirements(root: Path) -> list[str]:
    """Return what the project asks for: every extra, the developer's tools and the build backend."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    name = project["project"]["name"]
    wanted = list(project["project"]["dependencies"]) + list(project["build-system"]["requires"]) + ["editables>=0.5"]
    for extra, items in project["project"]["optional-dependencies"].items():
        if extra not in UNLOCKED:
            wanted += [item for item in items if not item.startswith(f"{name}[")]
    return sorted(set(wanted) | set(ELSEWHERE))


def parse_report(report: dict[str, Any]) -> dict[str, Pin]:
    """Return the pins in a report of pip, by normalised name."""
    pins = {}
    for item in report["install"]:
        info = item["download_info"]
        name = item["metadata"]["name"].lower().replace("_", "-").replace(".", "-")
        digest = info["archive_info"]["hashes"]["sha256"]
        pins[name] = Pin(name, item["metadata"]["version"], info["url"].endswith("-none-any.whl"), {digest})
    return pins


def write(root: Path, python: Path) -> int:
    """Resolve, gather hashes, and write the lock; 1 where a Python or system lacks a wheel of something."""
    with tempfile.TemporaryDirectory() as scratch:
        pip = Pip(python, Path(scratch))
        say("resolving ...")
        pins = pip.report(["--ignore-installed", *requirements(root)])
        if pins is None:
            raise SetupError("pip cannot resolve what pyproject.toml asks for; its words are above.")
        missing = _gather(pip, pins)
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    header = HEADER.format(python=running, pythons=", ".join(PYTHONS), systems=", ".join(SYSTEMS))
    text = header + "".join(f"{pins[name].lines()}\n" for name in sorted(pins))
    (root / "requirements.lock").write_text(text, encoding="utf-8")
    for line in missing:
        say(f"no wheel: {line}")
    say(f"requirements.lock holds {len(pins)} packages")
    return 0


def _gather(pip: Pip, pins: dict[str, Pin]) -> list[str]:
    """Add to `pins` the hashes of the files that other Pythons and systems take; return what has none."""
    wanted = [f"{pin.name}=={pin.version}" for pin in pins.values() if not pin.universal]
    missing = []
    for system, tags in SYSTEMS.items():
        for version in PYTHONS:
            say(f"asking for the files of Python {version} on {system} ...")
            there = pip.report([*_target(version, tags), *wanted])
            if there is None:
                alone = {name: pip.report([*_target(version, tags), name]) for name in wanted}
                missing += [f"{name}, Python {version}, {system}" for name, found in alone.items() if found is None]
                there = {key: pin for found in alone.values() if found for key, pin in found.items()}
            for name, pin in there.items():
                pins[name].hashes |= pin.hashes
    return missing


def _target(version: str, tags: tuple[str, ...]) -> list[str]:
    platforms = [word for tag in tags for word in ("--platform", tag)]
    return ["--no-deps", "--ignore-installed", "--python-version", version, *platforms]


@dataclass(frozen=True)
class Pip:
    """pip of one interpreter, asked for reports only."""

    python: Path
    scratch: Path

    def report(self, arguments: list[str]) -> dict[str, Pin] | None:
        """Return what pip would install for `arguments`; None where it finds no way."""
        out = self.scratch / "report.json"
        out.unlink(missing_ok=True)
        command = [str(self.python), "-m", "pip", "install", "--quiet", "--dry-run", "--only-binary", ":all:"]
        command += ["--target", str(self.scratch / "target"), "--report", str(out), *arguments]
        subprocess.run(command, env=child_environment(), stdin=subprocess.DEVNULL, check=False)
        return parse_report(json.loads(out.read_text(encoding="utf-8"))) if out.is_file() else None

"""What the system itself must have: a table of needs, and the one way in which each is seen to.

As root on Debian or Ubuntu a missing package is installed; anywhere else the one line to type is printed. Only the
virtual environment is indispensable: every other need that stays unmet leaves something out, and says what.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev_stage import SetupError, child_environment, log_tail, run_stage, say

NO_SYSTEM = "SIMTRAINER_NO_SYSTEM"
"""Environment variable that keeps this tool from installing anything into the system."""


@dataclass(frozen=True)
class Need:
    """One thing that a Python package cannot bring along.

    Parameters
    ----------
    name
        Short key, kept in the stamp once an installation was tried in vain.
    what
        What it is, for people.
    without
        What is left out where it is missing.
    present
        Whether it is there, cheaply.
    packages
        Names of the system packages by family of distribution.
    commands
        Sub-commands of `tools/dev.py` that want it.
    """

    name: str
    what: str
    without: str
    present: Callable[[], bool]
    packages: dict[str, tuple[str, ...]]
    commands: frozenset[str]


def loadable(*names: str) -> bool:
    """Tell whether the loader finds any of the shared libraries `names`."""
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def has_gl() -> bool:
    """Tell whether VTK would find an OpenGL to render with; where it does not, VTK ends in a segmentation fault."""
    return sys.platform != "linux" or loadable("libEGL.so.1", "libOSMesa.so.8", "libOSMesa.so.6")


def has_window_libraries() -> bool:
    """Tell whether what pygame's wheel takes from the system is there."""
    return sys.platform != "linux" or (loadable("libX11.so.6") and loadable("libglib-2.0.so.0"))


def has_postgresql() -> bool:
    """Tell whether a PostgreSQL server's programs are installed."""
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_ensurepip() -> bool:
    """Tell whether this Python can make a virtual environment with pip in it (Debian packs that separately)."""
    probe = [sys.executable, "-c", "import venv, ensurepip; ensurepip.version()"]
    return subprocess.run(probe, env=child_environment(), capture_output=True, timeout=60, check=False).returncode == 0


ALWAYS = frozenset({"setup", "demo", "test", "check", "bench"})
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
VENV = Need(
    "venv",
    "a virtual environment",
    "nothing can be installed",
    has_ensurepip,
    {"debian": (f"{PYTHON}-venv",), "fedora": ("python3-pip",), "arch": ("python",)},
    ALWAYS,
)
OPTIONAL = (
    Need(
        "opengl",
        "OpenGL",
        "3D views are left out, fluoroscopy and plots remain",
        has_gl,
        {
            "debian": ("libegl1", "libgl1-mesa-dri"),
            "fedora": ("mesa-libEGL", "mesa-dri-drivers"),
            "arch": ("mesa", "libglvnd"),
        },
        ALWAYS,
    ),
    Need(
        "window",
        "libraries for window and sound",
        "the training window or its sound may be missing",
        has_window_libraries,
        {"debian": ("libx11-6", "libglib2.0-0"), "fedora": ("libX11", "glib2"), "arch": ("libx11", "glib2")},
        ALWAYS,
    ),
    Need(
        "postgresql",
        "PostgreSQL",
        "tests of a department's database are skipped",
        has_postgresql,
        {"debian": ("postgresql",), "fedora": ("postgresql-server",), "arch": ("postgresql",)},
        frozenset({"test", "check"}),
    ),
)


def family(os_release: str | None = None) -> str:
    """Return `debian`, `fedora`, `arch` or an empty string, from the text of os-release."""
    if os_release is None:
        try:
            os_release = Path("/etc/os-release").read_text(encoding="utf-8")
        except OSError:
            return ""
    words: set[str] = set()
    for line in os_release.splitlines():
        key, _, value = line.partition("=")
        if key in {"ID", "ID_LIKE"}:
            words.update(value.strip().strip('"').split())
    if words & {"debian", "ubuntu"}:
        return "debian"
    if words & {"fedora", "rhel", "centos"}:
        return "fedora"
    return "arch" if "arch" in words else ""


def can_install() -> bool:
    """Tell whether this process may install system packages: root, on Debian or Ubuntu, and not forbidden."""
    is_root = os.name == "posix" and os.geteuid() == 0
    return is_root and not os.environ.get(NO_SYSTEM) and family() == "debian" and bool(shutil.which("apt-get"))


def line_to_type(need: Need) -> str:
    """Return the one command that a person types to meet `need` on this kind of system."""
    kind = family()
    names = " ".join(need.packages.get(kind, ()))
    tools = {"debian": "sudo apt-get install -y", "fedora": "sudo dnf install -y", "arch": "sudo pacman -S"}
    return f"{tools[kind]} {names}" if kind in tools else f"install {need.what} with this system's package manager"


def install(need: Need, log: Path) -> bool:
    """Install the packages of `need` with apt-get, and return whether it is there afterwards."""
    env = child_environment() | {"DEBIAN_FRONTEND": "noninteractive"}
    patient = ["-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]
    run_stage("reading the system's list of packages", ["apt-get", "update", *patient], log, env)
    names = need.packages["debian"]
    command = ["apt-get", "install", "-y", "--no-install-recommends", *patient, *names]
    run_stage(f"installing {need.what} ({' '.join(names)})", command, log, env)
    return need.present()


def need_venv(log: Path) -> None:
    """See to it that a virtual environment can be made, or say in one line how."""
    if VENV.present():
        return
    if can_install():
        install(VENV, log)
        if VENV.present():
            return
        say(log_tail(log))
    raise SetupError(f"This Python cannot make a virtual environment. Please type:\n    {line_to_type(VENV)}")


@dataclass(frozen=True)
class Outcome:
    """Names of the needs that stay unmet, and of those that an installation was tried for in vain."""

    unmet: frozenset[str]
    given_up: frozenset[str]


def see_to(command: str, given_up: frozenset[str], log: Path) -> Outcome:
    """Meet the optional needs of `command` as far as possible, and say what is left out.

    What is in `given_up` was tried before and is only reported.
    """
    unmet, in_vain = set(), set(given_up)
    for need in OPTIONAL:
        if command not in need.commands:
            continue
        if need.present():
            in_vain.discard(need.name)
            continue
        if can_install() and need.name not in in_vain:
            if install(need, log):
                continue
            in_vain.add(need.name)
        unmet.add(need.name)
        say(f"  {need.what} is missing: {need.without}. To change that: {line_to_type(need)}")
    return Outcome(frozenset(unmet), frozenset(in_vain))

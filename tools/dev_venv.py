"""Makes `.venv` from `requirements.lock`, keeps it while nothing changed, and makes it anew when it is broken."""

from __future__ import annotations

import enum
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import dev_system
from dev_stage import SetupError, child_environment, log_tail, run_stage, say


class Condition(enum.Enum):
    """What state a virtual environment is in."""

    READY = "ready"
    STALE = "stale"
    """It works, but the lock or the project's metadata changed since; or another tool made it."""
    BROKEN = "broken"
    """Interrupted, moved, or of another Python."""
    ABSENT = "absent"


@dataclass(frozen=True)
class Stamp:
    """What was installed, written last, so that an interrupted set-up leaves none."""

    key: str
    root: str
    given_up: tuple[str, ...] = ()
    renders: bool = False


class Venv:
    """The virtual environment of the checkout at `root`; its state is all on disk."""

    def __init__(self, root: Path) -> None:
        """Point at the environment of the checkout at `root`."""
        self.root = root
        self.folder = root / ".venv"
        self.scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        self.log = root / "build" / "setup.log"
        self._stamp = self.folder / "simtrainer-stamp.json"
        self._making = self.folder / "simtrainer-making"

    def script(self, name: str) -> Path:
        """Return the path of the installed command `name`."""
        return self.scripts / (f"{name}.exe" if os.name == "nt" else name)

    def key(self) -> str:
        """Return a hash of everything that decides what is installed."""
        digest = hashlib.sha256(f"{sys.version_info[0]}.{sys.version_info[1]}".encode())
        for name in ("requirements.lock", "pyproject.toml"):
            path = self.root / name
            if not path.is_file():
                raise SetupError(f"{path} is missing; is this a complete checkout?")
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def stamp(self) -> Stamp | None:
        """Return what the last complete set-up wrote; None where there is none or it cannot be read."""
        try:
            data = json.loads(self._stamp.read_text(encoding="utf-8"))
            return Stamp(data["key"], data["root"], tuple(data["given_up"]), bool(data["renders"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def condition(self) -> Condition:
        """Look at the environment and say what state it is in."""
        if not self.folder.exists() and not self.folder.is_symlink():
            return Condition.ABSENT
        if self._making.exists() or self._version() != sys.version_info[:2]:
            return Condition.BROKEN
        stamp = self.stamp()
        if stamp is None:
            return Condition.STALE
        if stamp.root != str(self.root):
            return Condition.BROKEN
        return Condition.READY if stamp.key == self.key() else Condition.STALE

    def prepare(self, command: str) -> None:
        """Bring the environment and the system into the state that `command` wants; instant when they are."""
        condition = self.condition()
        if condition is Condition.READY and command != "setup":
            self._system(command)
            return
        if condition is not Condition.READY:
            say(f"simtrainer: {_REASON[condition]} Set-up takes some minutes the first time.")
            self._install(condition)
        self._system(command)
        self._warm_up()

    def renders(self) -> bool:
        """Tell whether 3D works, tried in a child process because VTK takes its process along when it does not."""
        try:
            done = subprocess.run(
                [str(self.python), "-m", "simtrainer.ui.probe", "gl"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=child_environment(), cwd=self.root, timeout=120, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def _install(self, condition: Condition) -> None:
        if condition is Condition.BROKEN:
            self._remove()
        if condition is not Condition.STALE:
            dev_system.need_venv(self.log)
            self.folder.mkdir(parents=True)
            self._making.touch()
            self._stage("making the virtual environment .venv", [_base_python(), "-m", "venv", str(self.folder)])
        self._making.touch()
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--progress-bar", "off"]
        lock = str(self.root / "requirements.lock")
        locked = ["--require-hashes", "--only-binary", ":all:", "-r", lock]
        itself = ["--no-deps", "--no-build-isolation", "-e", str(self.root)]
        try:
            self._stage("downloading and installing the locked packages (1.5 GB on disk)", [*pip, *locked])
            self._stage("installing simtrainer itself", [*pip, *itself])
        except SetupError:
            self._making.unlink()  # pip gave up in good order: the next call goes on from here
            raise
        self._write(Stamp(self.key(), str(self.root)))
        self._making.unlink()

    def _system(self, command: str) -> None:
        stamp = self.stamp() or Stamp(self.key(), str(self.root))
        known = frozenset() if command == "setup" else frozenset(stamp.given_up)
        outcome = dev_system.see_to(command, known, self.log)
        has_gl = "opengl" not in outcome.unmet
        renders = stamp.renders and has_gl and command != "setup"
        if has_gl and not renders:
            renders = self.renders()
            if not renders:
                say("  OpenGL is there but does not render: 3D views are left out, fluoroscopy and plots remain.")
        now = replace(stamp, given_up=tuple(sorted(outcome.given_up)), renders=renders)
        if now != stamp:
            self._write(now)

    def _warm_up(self) -> None:
        """Compile the kernels, so that no first run stalls; what fails here the first run does itself."""
        command = [str(self.script("simtrainer")), "doctor", "--warm-up"]
        if not run_stage(
            "compiling the kernels (about a minute the first time)", command, self.log, child_environment()
        ):
            say(f"  The first run will compile them instead; why it did not work now stands in {self.log}.")

    def _stage(self, title: str, command: list[str]) -> None:
        if not run_stage(title, command, self.log, child_environment()):
            raise SetupError(
                f"{log_tail(self.log)}\n\nSet-up stopped while {title}; the whole log is {self.log}.\n"
                "If the network was away, run the same command again: it starts where this left off."
            )

    def _write(self, stamp: Stamp) -> None:
        data = {"key": stamp.key, "root": stamp.root, "given_up": stamp.given_up, "renders": stamp.renders}
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(json.dumps(data) + "\n", encoding="utf-8")
        fresh.replace(self._stamp)

    def _version(self) -> tuple[int, int] | None:
        code = "import sys, pip; print(*sys.version_info[:2])"
        try:
            done = subprocess.run(
                [str(self.python), "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False
            )
            major, minor = done.stdout.split()
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None
        return int(major), int(minor)

    def _remove(self) -> None:
        if self.folder.is_symlink():
            self.folder.unlink()
        elif self.folder.is_dir():
            ours = {"pyvenv.cfg", "simtrainer-making", "simtrainer-stamp.json", "bin", "Scripts", "lib"}
            inside = {path.name for path in self.folder.iterdir()}
            if inside and not inside & ours:
                raise SetupError(f"{self.folder} is not a virtual environment; please move it out of the way.")
            shutil.rmtree(self.folder)
        else:
            raise SetupError(f"{self.folder} is a file; please move it out of the way.")


_REASON = {
    Condition.ABSENT: "nothing is installed yet.",
    Condition.STALE: "what is to be installed has changed.",
    Condition.BROKEN: "the virtual environment .venv is incomplete, moved or of another Python, and is made anew.",
}


def _base_python() -> str:
    """Return the interpreter outside any virtual environment: this may run inside the one that is made anew."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    name = "python.exe" if os.name == "nt" else f"bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_prefix) / name
    return str(base) if base.exists() else sys.executable

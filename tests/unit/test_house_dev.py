"""What `tools/dev.py` does without installing anything: states, words, options, exit codes."""

from __future__ import annotations

import dataclasses
import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module dev_venv, with its neighbours in tools/ importable."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("dev_venv")


@pytest.fixture
def tool(tools: ModuleType) -> ModuleType:
    """Return the module dev."""
    del tools
    return importlib.import_module("dev")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with all that decides what is installed."""
    (tmp_path / "requirements.lock").write_text("numpy==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    return tmp_path


def pretend_installed(tools: ModuleType, root: Path) -> None:
    """Make a venv that consists of this test's interpreter, with the stamp of a complete set-up."""
    venv = tools.Venv(root)
    venv.scripts.mkdir(parents=True)
    venv.python.symlink_to(sys.executable)
    venv._write(tools.Stamp(venv.key(), str(root)))


needs_links = pytest.mark.skipif(os.name == "nt", reason="makes a virtual environment of a symbolic link")


def test_without_a_folder_the_environment_is_absent(tools: ModuleType, checkout: Path) -> None:
    assert tools.Venv(checkout).condition() is tools.Condition.ABSENT


@needs_links
def test_after_a_complete_set_up_it_is_ready(tools: ModuleType, checkout: Path) -> None:
    pretend_installed(tools, checkout)
    assert tools.Venv(checkout).condition() is tools.Condition.READY


@needs_links
@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_change_of_what_is_installed_makes_it_stale(tools: ModuleType, checkout: Path, name: str) -> None:
    pretend_installed(tools, checkout)
    (checkout / name).write_text("changed\n", encoding="utf-8")
    assert tools.Venv(checkout).condition() is tools.Condition.STALE


@needs_links
def test_an_environment_that_somebody_else_made_is_kept_and_brought_up_to_date(
    tools: ModuleType, checkout: Path
) -> None:
    pretend_installed(tools, checkout)
    (checkout / ".venv" / "simtrainer-stamp.json").unlink()
    assert tools.Venv(checkout).condition() is tools.Condition.STALE


@needs_links
def test_an_interrupted_set_up_is_broken(tools: ModuleType, checkout: Path) -> None:
    pretend_installed(tools, checkout)
    (checkout / ".venv" / "simtrainer-making").touch()
    assert tools.Venv(checkout).condition() is tools.Condition.BROKEN


@needs_links
def test_an_environment_whose_python_is_gone_is_broken(tools: ModuleType, checkout: Path) -> None:
    pretend_installed(tools, checkout)
    tools.Venv(checkout).python.unlink()
    tools.Venv(checkout).python.symlink_to(checkout / "gone")
    assert tools.Venv(checkout).condition() is tools.Condition.BROKEN


@needs_links
def test_an_environment_of_another_python_is_broken(
    tools: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(tools, checkout)
    monkeypatch.setattr(tools.Venv, "_version", lambda self: (3, 99))
    assert tools.Venv(checkout).condition() is tools.Condition.BROKEN


@needs_links
def test_an_environment_that_was_moved_is_broken(tools: ModuleType, checkout: Path) -> None:
    first = checkout / "first"
    first.mkdir()
    for name in ("requirements.lock", "pyproject.toml"):
        (first / name).write_bytes((checkout / name).read_bytes())
    pretend_installed(tools, first)
    second = first.rename(checkout / "second")
    assert tools.Venv(second).condition() is tools.Condition.BROKEN


def test_a_folder_that_is_no_environment_is_never_removed(tools: ModuleType, checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "thesis.tex").touch()
    with pytest.raises(tools.SetupError, match="not a virtual environment"):
        tools.Venv(checkout)._remove()
    assert (checkout / ".venv" / "thesis.tex").exists()


def test_a_torn_stamp_counts_as_none(tools: ModuleType, checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "simtrainer-stamp.json").write_text('{"key": ', encoding="utf-8")
    assert tools.Venv(checkout).stamp() is None


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', "debian"),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=arch\n", "arch"),
        ("ID=nixos\n", ""),
    ],
)
def test_the_family_of_a_distribution_is_read_from_os_release(tools: ModuleType, text: str, family: str) -> None:
    assert tools.dev_system.family(text) == family


def test_a_missing_need_says_what_is_left_out_and_the_line_to_type(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system = tools.dev_system
    monkeypatch.setenv(system.NO_SYSTEM, "1")
    monkeypatch.setattr(system, "family", lambda: "debian")
    need = system.Need("x", "OpenGL", "3D is left out", lambda: False, {"debian": ("libx",)}, frozenset({"demo"}))
    monkeypatch.setattr(system, "OPTIONAL", (need,))
    assert system.see_to("demo", frozenset(), tmp_path / "log") == system.Outcome(frozenset({"x"}), frozenset())
    told = capsys.readouterr().err
    assert "OpenGL is missing: 3D is left out. To change that: sudo apt-get install -y libx" in told
    assert system.see_to("bench", frozenset(), tmp_path / "log").unmet == frozenset()


def test_as_root_a_need_is_installed_once_and_not_again_when_that_failed(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tools.dev_system
    tried = []
    need = system.Need("x", "OpenGL", "3D is left out", lambda: False, {"debian": ("libx",)}, frozenset({"demo"}))
    monkeypatch.setattr(system, "OPTIONAL", (need,))
    monkeypatch.setattr(system, "can_install", lambda: True)
    monkeypatch.setattr(system, "run_stage", lambda title, command, *rest: tried.append(command))
    given_up = system.see_to("demo", frozenset(), tmp_path / "log").given_up
    assert [command[1] for command in tried] == ["update", "install"]
    assert tried[1][-1] == "libx"
    again = system.see_to("demo", given_up, tmp_path / "log")
    assert again == system.Outcome(frozenset({"x"}), frozenset({"x"}))
    assert len(tried) == 2
    monkeypatch.setattr(system, "OPTIONAL", (dataclasses.replace(need, present=lambda: True),))
    assert system.see_to("demo", given_up, tmp_path / "log") == system.Outcome(frozenset(), frozenset())


def test_without_ensurepip_and_without_root_the_line_to_type_is_told(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tools.dev_system
    lacking = system.Need("venv", "venv", "", lambda: False, system.VENV.packages, system.ALWAYS)
    monkeypatch.setattr(system, "VENV", lacking)
    monkeypatch.setattr(system, "can_install", lambda: False)
    monkeypatch.setattr(system, "family", lambda: "debian")
    with pytest.raises(tools.SetupError, match=r"sudo apt-get install -y python3\.\d+-venv"):
        system.need_venv(tmp_path / "log")


@needs_links
def test_after_pip_gave_up_the_next_call_goes_on_and_after_a_kill_it_starts_anew(
    tools: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(tools, checkout)
    (checkout / ".venv" / "simtrainer-stamp.json").unlink()
    venv = tools.Venv(checkout)
    for error, after in ((tools.SetupError, tools.Condition.STALE), (KeyboardInterrupt, tools.Condition.BROKEN)):

        def fail(*_: object, error: type[BaseException] = error) -> None:
            raise error

        monkeypatch.setattr(tools.Venv, "_stage", fail)
        with pytest.raises(error):
            venv._install(tools.Condition.STALE)
        assert venv.condition() is after


def test_a_failed_stage_shows_the_end_of_its_log(
    tools: ModuleType, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    venv = tools.Venv(checkout)
    with pytest.raises(tools.SetupError, match="no space on device"):
        venv._stage("installing", [sys.executable, "-c", "print('no space on device'); raise SystemExit(1)"])
    assert "installing: failed in" in capsys.readouterr().err


def dev(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "dev.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=cwd)


def test_help_needs_no_environment_and_works_from_any_folder(tmp_path: Path) -> None:
    done = dev("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("demo", "test", "check", "bench", "setup", "lock"):
        assert command in done.stdout


def test_wrong_use_ends_with_2() -> None:
    for arguments in (["tset"], [], ["check", "--everything"]):
        done = dev(*arguments)
        assert done.returncode == 2
        assert "usage" in done.stderr


def test_what_stands_after_two_dashes_goes_to_the_tool(tool: ModuleType) -> None:
    assert tool.parse(["test", "--all", "--", "-k", "rod"]).extra == ["-k", "rod"]
    assert tool.parse(["test", "--all", "--", "-k", "rod"]).all is True
    assert tool.parse(["demo", "--anatomy", "my/vessel", "--", "-v"]).extra == ["--anatomy", "my/vessel", "-v"]
    assert tool.parse(["check"]).extra == []


def test_the_exit_code_of_the_tool_passes_through(tool: ModuleType) -> None:
    assert tool.call([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_a_python_that_is_too_old_is_told_what_to_get(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool.sys, "version_info", (3, 9, 2))
    monkeypatch.setenv(tool.INSIDE, "1")
    assert tool.hand_over([]) == 2
    assert "simtrainer needs Python 3.11, 3.12 or 3.13; this is 3.9" in capsys.readouterr().err


@needs_links
def test_set_up_compiles_the_kernels_and_goes_on_where_that_fails(
    tools: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend_installed(tools, checkout)
    venv = tools.Venv(checkout)
    monkeypatch.setattr(tools.Venv, "_system", lambda self, command: None)
    tried: list[list[str]] = []

    def run_stage(title: str, command: list[str], *rest: object) -> bool:
        tried.append(command)
        return len(tried) == 1

    monkeypatch.setattr(tools, "run_stage", run_stage)
    venv.prepare("test")
    assert tried == []  # what is set up starts at once
    venv.prepare("setup")
    assert tried[0][1:] == ["doctor", "--warm-up"]
    assert capsys.readouterr().err == ""
    venv.prepare("setup")
    assert "The first run will compile them instead" in capsys.readouterr().err

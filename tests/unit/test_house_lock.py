"""The lock holds what pyproject asks for, with hashes, under licences that we may use."""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))


def tool(name: str) -> ModuleType:
    """Return a module of tools/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tools_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the modules of tools/ find each other, as they do when they are run."""
    monkeypatch.syspath_prepend(ROOT / "tools")


@pytest.mark.usefixtures("tools_path")
def test_everything_that_the_project_asks_for_is_pinned_within_its_range() -> None:
    for line in tool("dev_lock").requirements(ROOT):
        wanted = Requirement(line)
        pinned = PINS[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(pinned), f"{line} is pinned to {pinned}"


def test_every_pin_has_hashes_and_the_lock_names_no_index() -> None:
    for block in re.split(r"\n(?=[a-z0-9])", LOCK[LOCK.index("annotated") :]):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block
    assert "://" not in LOCK


def test_a_pin_is_written_in_the_syntax_of_pip() -> None:
    entry = re.compile(
        r"#[^\n]*|[a-z0-9-]+==[^\s;]+( ; sys_platform == \"win32\")?( \\\n    --hash=sha256:[0-9a-f]{64})+"
    )
    assert entry.sub("", LOCK).strip() == ""


@pytest.mark.usefixtures("tools_path")
def test_a_report_of_pip_becomes_pins() -> None:
    lock = tool("dev_lock")
    item = {
        "metadata": {"name": "Py_Thing", "version": "1.2"},
        "download_info": {
            "url": "https://x/py_thing-1.2-py3-none-any.whl",
            "archive_info": {"hashes": {"sha256": "ab"}},
        },
    }
    (pin,) = lock.parse_report({"install": [item]}).values()
    pin.hashes.add("aa")
    assert pin.universal
    assert pin.lines() == "py-thing==1.2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab"


def test_no_locked_package_is_gpl_or_of_unknown_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool("licences").main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("stated", "forbidden"),
    [
        ("GPL-3.0-only", True),
        ("GPLv2", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0-or-later", True),
        ("MIT AND GPL-2.0-only", True),
        ("GPL-2.0-only OR MIT", False),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GNU Library or Lesser General Public License (LGPL)", False),
        ("MIT", False),
    ],
)
def test_gpl_is_told_from_lgpl(stated: str, forbidden: bool) -> None:
    assert tool("licences").is_forbidden(stated) is forbidden


def test_the_tools_that_run_are_the_locked_ones() -> None:
    assert {name: version(name) for name in ("numba", "numpy", "pytest", "ruff", "mypy")} == {
        name: PINS[name] for name in ("numba", "numpy", "pytest", "ruff", "mypy")
    }

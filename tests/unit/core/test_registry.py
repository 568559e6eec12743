"""The registry: decorators, discovery of new files, entry points of third parties."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simtrainer.core.error import SimtrainerError, UnknownNameError
from simtrainer.core.registry import Registry

PACKAGE = "toy_gadgets"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a registry and one module, importable for the length of a test."""
    package = tmp_path / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text(
        f"from simtrainer.core.registry import Registry\ngadgets: Registry[object] = Registry('gadget', '{PACKAGE}')\n"
    )
    member(package / "hammer.py", "hammer")
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield package
    for name in set(sys.modules) - before:
        del sys.modules[name]


def member(path: Path, name: str) -> None:
    path.write_text(f"from {PACKAGE} import gadgets\n\n@gadgets.add('{name}')\ndef make():\n    return '{name}!'\n")


def registry() -> Registry[object]:
    import importlib  # noqa: PLC0415  # the package exists only within a test

    found = importlib.import_module(PACKAGE).gadgets
    assert isinstance(found, Registry)
    return found


def test_a_new_file_registers_itself_and_no_list_is_edited(folder: Path) -> None:
    member(folder / "saw.py", "saw")
    gadgets = registry()
    assert gadgets.names() == ("hammer", "saw")
    assert "saw" in gadgets
    assert [item.__module__ for item in gadgets] == [f"{PACKAGE}.hammer", f"{PACKAGE}.saw"]


def test_an_entry_point_of_a_third_party_is_found(folder: Path) -> None:
    root = folder.parent
    member(root / "other_firm.py", "drill")
    info = root / "other_firm-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-firm\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{PACKAGE}]\ndrill = other_firm:make\n")
    assert registry().names() == ("drill", "hammer")


def test_an_unknown_name_is_refused_with_place_and_the_nearest_name(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"^x.yaml: no gadget is called 'hamer'. Did you mean 'hammer'\?$"):
        registry().get("hamer", "x.yaml")
    with pytest.raises(UnknownNameError, match=r"no gadget is called 'zzz'. Known: hammer\.$"):
        registry().get("zzz")


def test_a_name_has_one_owner(folder: Path) -> None:
    member(folder / "mallet.py", "hammer")
    with pytest.raises(SimtrainerError, match="two gadgets want the name 'hammer'"):
        registry().names()


def test_a_module_that_fails_to_import_fails_at_every_look_up(folder: Path) -> None:
    (folder / "zapper.py").write_text("raise RuntimeError('no current')\n")
    gadgets = registry()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no current"):
            gadgets.get("hammer")


def test_put_returns_what_it_registers() -> None:
    gadgets: Registry[int] = Registry("number", "simtrainer.core")
    assert gadgets.put("seven", 7) == 7
    assert gadgets.get("seven") == 7

"""What CONVENTIONS says of the tree as a whole and a tool can check."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "simtrainer"
SOURCES = sorted(path for folder in ("simtrainer", "tests", "tools") for path in (ROOT / folder).rglob("*.py"))
TEXTS = [
    path
    for pattern in ("*.md", "*.toml", "*.lock", ".ci/*", "curricula/**/*.yaml", "meshes/*/manifest.yaml")
    for path in ROOT.glob(pattern)
    if path.is_file()
]
HOMELESS = {"util", "utils", "helper", "helpers", "common", "base", "manager"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_nothing_is_called_after_having_no_home() -> None:
    assert [name(path) for path in PACKAGE.rglob("*") if path.stem in HOMELESS] == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=name)
def test_an_init_states_what_the_package_is_for_and_exports_nothing_of_others(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    own = path.parent.relative_to(ROOT).as_posix().replace("/", ".")
    imported = [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert not [module for module in imported if module == own or module.startswith(f"{own}.")]


def test_every_package_has_its_place_in_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = " ".join(contracts[0]["layers"])
    homeless = [
        path.parent.name for path in PACKAGE.glob("*/__init__.py") if f"simtrainer.{path.parent.name}" not in layers
    ]
    assert homeless == []


def is_call_of_print(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


def is_import_of(module: str, node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name == module for alias in node.names)
    return isinstance(node, ast.ImportFrom) and node.module == module


def nodes_below_ui() -> list[tuple[str, ast.AST]]:
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if not path.is_relative_to(PACKAGE / "ui")]
    return [(name(path), node) for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


def test_below_ui_nothing_prints() -> None:
    assert [where for where, node in nodes_below_ui() if is_call_of_print(node)] == []


@pytest.mark.parametrize("module", ["time", "random"])
def test_below_ui_nothing_knows_the_wall_clock_or_global_chance(module: str) -> None:
    assert [where for where, node in nodes_below_ui() if is_import_of(module, node)] == []


@pytest.mark.parametrize("path", [*SOURCES, *TEXTS], ids=name)
def test_no_file_names_a_place_of_the_machine_it_was_written_on(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    places = ["/" + "work/", "/" + "root/", "/" + "home/"]
    assert [place for place in places if place in text] == []

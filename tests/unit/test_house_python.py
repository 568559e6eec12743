"""The oldest Python that is to work is 3.11.2, which Debian 12 ships: what it lacks is found here, on any Python."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("simtrainer", "tests", "tools") for path in (ROOT / folder).rglob("*.py"))
NEWER = {
    "collections.abc": {"Buffer"},
    "itertools": {"batched"},
    "logging": {"getHandlerByName", "getHandlerNames"},
    "math": {"sumprod", "fma"},
    "os": {"process_cpu_count", "listdrives", "unshare"},
    "os.path": {"isjunction", "splitroot", "isreserved"},
    "random": {"binomialvariate"},
    "tarfile": {"data_filter", "tar_filter", "fully_trusted_filter"},
    "types": {"get_original_bases"},
    "typing": {"override", "TypeAliasType", "ReadOnly", "TypeIs", "NoDefault", "get_protocol_members", "is_protocol"},
    "warnings": {"deprecated"},
}
"""Names that modules of the library got after 3.11.2. because: What's New in Python 3.12 and 3.13; tarfile 3.11.4"""
NEWER_METHODS = {"is_junction", "full_match", "from_uri", "with_segments"}
"""Methods of `pathlib.Path` since 3.12 and 3.13. because: as above"""
NEWER_KEYWORDS = {"delete_on_close", "onexc", "walk_up"}
"""Of `NamedTemporaryFile`, `rmtree` and `relative_to` since 3.12. because: as above"""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def bound_in(cls: ast.ClassDef) -> set[str]:
    """Return the names that the body of a class binds to something other than a class."""
    found = set()
    for node in cls.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def annotations_of(cls: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield every annotation in the body of a class: of fields, parameters and results."""
    for node in cls.body:
        if isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            yield from (one.annotation for one in every if one is not None and one.annotation is not None)
            if node.returns is not None:
                yield node.returns


def names_in(annotation: ast.expr) -> Iterator[str]:
    """Yield the names that an annotation looks up, also in quotes; the words of a `Literal` are none."""
    if isinstance(annotation, ast.Name):
        yield annotation.id
    elif isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        yield from names_in(ast.parse(annotation.value, mode="eval").body)
    elif isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        yield annotation.value.id
        if annotation.value.id == "Annotated" and isinstance(annotation.slice, ast.Tuple):
            yield from names_in(annotation.slice.elts[0])
        elif annotation.value.id != "Literal":
            yield from names_in(annotation.slice)
    else:
        for child in ast.iter_child_nodes(annotation):
            if isinstance(child, ast.expr):
                yield from names_in(child)


def shadowed(source: str) -> list[str]:
    """Return where an annotation in a class looks up a name that the class itself binds to something else."""
    return [
        f"line {annotation.lineno}: '{name}' is a member of {cls.name} here, and no type"
        for cls in ast.walk(ast.parse(source))
        if isinstance(cls, ast.ClassDef)
        for annotation in annotations_of(cls)
        for name in names_in(annotation)
        if name in bound_in(cls)
    ]


def too_new(source: str) -> list[str]:
    """Return what of the library 3.11.2 does not have."""
    tree = ast.parse(source, feature_version=(3, 11))
    modules = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in NEWER
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{a.name}" for a in node.names if a.name in NEWER.get(node.module or "", ())]
        elif isinstance(node, ast.Attribute):
            module = modules.get(ast.unparse(node.value), "")
            found += [f"{module}.{node.attr}"] if node.attr in NEWER.get(module, ()) else []
            found += [f".{node.attr}"] if node.attr in NEWER_METHODS else []
        elif isinstance(node, ast.keyword) and node.arg in NEWER_KEYWORDS:
            found.append(f"{node.arg}=")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_annotation_in_a_class_means_a_member_of_that_class(path: Path) -> None:
    assert shadowed(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_newer_than_the_oldest_python_is_used(path: Path) -> None:
    assert too_new(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("date: date | None = None", ["date"]),
        ("date: 'date | None' = None", ["date"]),
        ("def list(self) -> int: ...\n    def all(self) -> list[int]: ...", ["list"]),
        ("at: Annotated[date, 'a date'] = None\n    date = 1", ["date"]),
        ("day: date | None = None", []),
        ("kind: Literal['kind'] = 'kind'", []),
        ("class Part: ...\n    def part(self) -> Part: ...", []),
    ],
)
def test_the_trap_itself_is_found_and_nothing_else(body: str, wrong: list[str]) -> None:
    assert [line.split("'")[1] for line in shadowed(f"class A:\n    {body}\n")] == wrong


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("from itertools import batched, pairwise", ["itertools.batched"]),
        ("import tarfile as t\nt.data_filter", ["tarfile.data_filter"]),
        ("p.relative_to(q, walk_up=True)", ["walk_up="]),
        ("path.full_match('*')", [".full_match"]),
        ("from mine import batched\nclass A:\n    override = 1", []),
    ],
)
def test_what_is_too_new_is_found_and_nothing_else(source: str, wrong: list[str]) -> None:
    assert too_new(source) == wrong


@pytest.mark.slow
def test_every_type_of_every_class_can_be_looked_up_by_this_python() -> None:
    code = (
        "import importlib, inspect, pkgutil, typing, simtrainer\n"
        "bad = []\n"
        "for found in pkgutil.walk_packages(simtrainer.__path__, 'simtrainer.'):\n"
        "    module = importlib.import_module(found.name)\n"
        "    for name, cls in vars(module).items():\n"
        "        if inspect.isclass(cls) and cls.__module__ == found.name:\n"
        "            try:\n"
        "                typing.get_type_hints(cls)\n"
        "            except (NameError, TypeError, AttributeError) as error:\n"
        "                bad.append(f'{found.name}.{name}: {error}')\n"
        "print(*bad, sep=chr(10), end='')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    assert [line for line in done.stdout.splitlines() if line.startswith("simtrainer.")] == []

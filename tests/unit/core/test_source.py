"""Which sources are the code version of an attempt: those that decide it, and no others."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from simtrainer.core import header, source
from simtrainer.core.attempt import SUFFIX, AttemptWriter, read_attempt
from simtrainer.core.error import AttemptError
from simtrainer.core.replay import verify
from simtrainer.core.source import APART, deciding, source_hash
from tests.unit.core.toy import ball_session

PACKAGE = Path(source.__file__).resolve().parents[1]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("core", "physics", "instruments", "ui/cli", "debrief", "records", "studies", "telepathy"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "it.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    (tmp_path / "instruments" / "wire.yaml").write_text("stiff: 1\n", encoding="utf-8")
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("inner", ["core/it.py", "physics/it.py", "telepathy/it.py", "__init__.py", "core/new.py"])
def test_a_source_that_can_decide_a_session_is_part_of_its_code_version(package: Path, inner: str) -> None:
    before = source_hash(package=package)
    (package / inner).write_text("NAME = 'changed'\n", encoding="utf-8")
    assert source_hash(package=package) != before


@pytest.mark.parametrize("inner", ["ui/cli/it.py", "debrief/it.py", "records/it.py", "studies/new.py"])
def test_a_source_that_only_looks_on_is_not(package: Path, inner: str) -> None:
    before = source_hash(package=package)
    (package / inner).write_text("NAME = 'changed'\n", encoding="utf-8")
    assert source_hash(package=package) == before


@pytest.mark.parametrize("inner", ["core/__pycache__/it.cpython-311.py", "_data/curricula/it.py"])
def test_what_python_or_the_wheel_puts_beside_the_sources_is_not(package: Path, inner: str) -> None:
    before = list(deciding(package=package))
    (package / inner).parent.mkdir(parents=True)
    (package / inner).write_text("x = 1\n", encoding="utf-8")
    assert list(deciding(package=package)) == before


def test_data_beside_the_sources_are_listed_and_left_to_the_fingerprints(package: Path) -> None:
    before = source_hash(package=package)
    (package / "instruments" / "wire.yaml").write_text("stiff: 2\n", encoding="utf-8")
    assert source_hash(package=package) == before
    assert package / "instruments" / "wire.yaml" in set(deciding(package=package))


def test_no_source_that_decides_imports_one_that_does_not_count() -> None:
    apart = {f"simtrainer.{name}" for name in APART}
    found = []
    for path in (path for path in deciding(package=PACKAGE) if path.suffix == ".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [(path.name, name) for name in names if ".".join(name.split(".")[:2]) in apart]
    assert found == []


def test_an_attempt_runs_again_after_the_window_changed_and_not_after_the_mechanics_did(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(header, "_source", lambda _: source_hash(package=package))
    session = ball_session()
    state = session.start()
    path = tmp_path / f"a{SUFFIX}"
    with AttemptWriter(path, session, start=state) as writer:
        for _ in range(30):
            step = session.step(state)
            state = step.state
            writer.write(step)
        writer.close({})
    (package / "ui" / "cli" / "it.py").write_text("NAME = 'another window'\n", encoding="utf-8")
    assert verify(read_attempt(path), ball_session()).identical
    (package / "physics" / "it.py").write_text("NAME = 'other mechanics'\n", encoding="utf-8")
    old = read_attempt(path)
    assert old.ticks == 30
    with pytest.raises(AttemptError, match=f"code: recorded {old.header.source}, here {source_hash(package=package)}"):
        verify(old, ball_session())


@pytest.fixture
def exercises(package: Path) -> Path:
    """Two exercises, of which one uses the mechanics of wires, and the other those of needles."""
    for name, solver in (("wires", "rod"), ("punctures", "needle")):
        folder = package / "procedures" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        line = f"from simtrainer.physics import {solver}\n"
        (folder / "world.py").write_text(line, encoding="utf-8")
        (package / "physics" / f"{solver}.py").write_text("import simtrainer.physics.vector\n", encoding="utf-8")
        (folder / "hand.yaml").write_text("steady: 1\n", encoding="utf-8")
    (package / "physics" / "vector.py").write_text("from . import number\n", encoding="utf-8")
    (package / "physics" / "number.py").write_text("", encoding="utf-8")
    (package / "physics" / "__init__.py").write_text("", encoding="utf-8")
    (package / "procedures" / "__init__.py").write_text("", encoding="utf-8")
    return package


WIRES = "simtrainer.procedures.wires.world"


@pytest.mark.parametrize(
    ("inner", "counts"),
    [
        ("physics/rod.py", True), ("physics/vector.py", True), ("physics/number.py", True),
        ("physics/__init__.py", True),
        ("procedures/wires/world.py", True), ("procedures/__init__.py", True), ("core/it.py", True),
        ("telepathy/it.py", True), ("physics/needle.py", False), ("procedures/punctures/world.py", False),
        ("physics/new.py", False), ("ui/cli/it.py", False),
    ],
)  # fmt: skip
def test_of_an_exercise_only_what_it_reaches_counts(exercises: Path, inner: str, counts: bool) -> None:
    before = source_hash(WIRES, exercises)
    (exercises / inner).write_text("NAME = 'changed'\nimport simtrainer.physics.vector\n", encoding="utf-8")
    assert (source_hash(WIRES, exercises) != before) == counts


def test_of_data_only_what_lies_beside_a_source_that_counts_does(exercises: Path) -> None:
    listed = {path.relative_to(exercises).as_posix() for path in deciding(WIRES, exercises) if path.suffix == ".yaml"}
    assert listed == {"instruments/wire.yaml", "procedures/wires/hand.yaml"}


def test_what_another_package_decides_counts_as_a_whole(exercises: Path) -> None:
    assert list(deciding("tests.unit.core.toy", exercises)) == list(deciding(package=exercises))

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from simtrainer.core.error import UnknownNameError
from simtrainer.core.registry import Registry
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.ui import shipped


@dataclass(frozen=True)
class Procedure:
    vocabulary: Vocabulary


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one procedure, one patient and one course."""
    (tmp_path / "meshes" / "old_lady").mkdir(parents=True)
    (tmp_path / "meshes" / "old_lady" / "manifest.yaml").touch()
    (tmp_path / "curricula").mkdir()
    (tmp_path / "curricula" / "carotid.yaml").touch()
    monkeypatch.setattr(shipped, "folder", lambda kind: tmp_path / kind)
    procedures: Registry[Procedure] = Registry("procedure", "simtrainer.curriculum.metrics")
    procedures.put("toy", Procedure(Vocabulary("toy", {"Touched": ()})))
    monkeypatch.setattr(shipped, "registry", lambda package: procedures)
    return tmp_path


@pytest.mark.usefixtures("installation")
def test_a_procedure_gives_its_words_and_the_installation_its_patients() -> None:
    assert shipped.vocabulary("toy") == Vocabulary("toy", {"Touched": ()}, patients=("old_lady",))


@pytest.mark.usefixtures("installation")
def test_an_unknown_procedure_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no procedure is called 'tyo'\. Did you mean 'toy'"):
        shipped.vocabulary("tyo")


def test_a_course_is_meant_by_name_or_by_path(installation: Path, tmp_path: Path) -> None:
    assert shipped.course_file("carotid") == installation / "curricula" / "carotid.yaml"
    assert shipped.course_file("mine.yaml") == Path("mine.yaml")
    assert shipped.course_file(str(tmp_path / "mine")) == tmp_path / "mine"
    with pytest.raises(UnknownNameError, match="Did you mean 'carotid'"):
        shipped.course_file("carotis")


def test_a_package_that_is_not_installed_has_no_registry() -> None:
    assert shipped.registry("simtrainer.absent") is None


def test_a_real_registry_is_found_in_its_module() -> None:
    found = shipped.registry("simtrainer.curriculum.metric")
    assert found is not None
    assert "sparc" in found.names()

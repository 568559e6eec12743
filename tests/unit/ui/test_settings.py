from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.error import InputError
from simtrainer.ui import settings
from simtrainer.ui.settings import Origin, load

NOWHERE = "/nowhere/at/all"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@given(st.sets(st.sampled_from([Origin.FLAG, Origin.ENVIRONMENT, Origin.FILE])))
def test_the_strongest_of_what_is_set_is_in_force(
    tmp_path_factory: pytest.TempPathFactory, given_by: set[Origin]
) -> None:
    file = tmp_path_factory.mktemp("s") / "settings.toml"
    file.write_text("db = 'by-file'\n" if Origin.FILE in given_by else "", encoding="utf-8")
    env = {"SIMTRAINER_CONFIG": str(file)}
    if Origin.ENVIRONMENT in given_by:
        env["SIMTRAINER_DB"] = "by-environment"
    found = load({"db": "by-flag" if Origin.FLAG in given_by else None}, env).values["db"]
    strongest = next((origin for origin in Origin if origin in given_by), Origin.DEFAULT)
    assert found.origin is strongest
    assert found.value == ("" if strongest is Origin.DEFAULT else f"by-{strongest.value}")


def test_an_empty_variable_counts_as_unset() -> None:
    assert load({}, {"SIMTRAINER_LANGUAGE": ""}).values["language"].origin is not Origin.ENVIRONMENT


def test_a_relative_folder_in_the_file_is_beside_the_file(file: Path) -> None:
    file.write_text("data_dir = 'attempts'\n", encoding="utf-8")
    assert load({"config": str(file)}, {}).folder("data_dir") == file.parent / "attempts"


def test_a_relative_folder_of_a_flag_is_below_the_current_one() -> None:
    assert load({"data_dir": "here"}, {}).folder("data_dir") == Path.cwd() / "here"


def test_defaults_are_absolute_folders_of_the_user() -> None:
    found = load({}, {})
    assert all(found.folder(name).is_absolute() for name in ("data_dir", "cache_dir", "log_dir"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("langauge = 'de'", "no setting is called 'langauge'. Did you mean 'language'?"),
        ("language = 'fr'", "no language is called 'fr'. Known: de, en."),
        ("language = 7", "language is text in quotes, not 7"),
        ("language = ", "is not TOML"),
    ],
)
def test_a_settings_file_that_cannot_be_used_says_why_and_where(file: Path, text: str, words: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load({"config": str(file)}, {})
    assert words in str(error.value)
    assert str(file) in str(error.value)


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        load({}, {"SIMTRAINER_CONFIG": str(file)})


def test_a_file_that_was_asked_for_must_be_there() -> None:
    with pytest.raises(InputError, match="there is no settings file"):
        load({"config": NOWHERE}, {})


def test_the_default_file_need_not_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FILE_NAME", "no-such-settings.toml")
    assert not load({}, {}).file.exists()

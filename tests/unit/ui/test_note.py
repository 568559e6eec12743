"""What a card says about an imported patient, in the language of the session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import yaml

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.header import Mode
from simtrainer.debrief import word
from simtrainer.instruments import instruments
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.ui.case import Case, open_course
from simtrainer.ui.note import notes, of_programs


@pytest.fixture(scope="module")
def world() -> Exercise:
    world = EXERCISE.world("adult_male_type1")
    assert isinstance(world, Exercise)
    return world


def case_with(world: Exercise, package: AnatomyPackage, language: str, flush: str = "ascending_aorta") -> Case:
    facts = replace(world.facts, words={**world.facts.words, "flush_vessel": flush})
    course = open_course("selective_left_carotid")
    around = SimpleNamespace(
        world=SimpleNamespace(package=package, facts=facts, landmarks={}),
        course=course,
        live=SimpleNamespace(language=language, mode=Mode.PRACTICE),
    )
    return cast("Case", around)


def test_a_built_in_patient_needs_no_note(world: Exercise) -> None:
    assert notes(case_with(world, world.package, "en")) == ()


@pytest.mark.parametrize(
    ("language", "entered", "flush"), [("en", "Entered", "descending aorta"), ("de", "Zugang", "Aorta descendens")]
)
def test_an_imported_patient_is_described_in_the_language_of_the_session(
    world: Exercise, language: str, entered: str, flush: str
) -> None:
    package = replace(
        world.package, origin="imported", warnings=("is the aorta really 9 cm wide?", "one body left out")
    )
    said = notes(case_with(world, package, language, "descending_aorta"))
    assert entered in said[0]
    assert any(flush in line for line in said[1:3])
    assert said[-2:] == ("Is the aorta really 9 cm wide?", "One body left out.")


def test_steps_that_wait_for_a_vessel_that_is_missing_are_counted(world: Exercise) -> None:
    package = replace(world.package, origin="imported")
    whole = notes(case_with(world, package, "en"))
    assert not any(" / " in line for line in whole), "the course names no vessel that this patient lacks"


def test_programs_without_landmarks_say_where_they_stop(world: Exercise) -> None:
    english, german = (of_programs(case_with(world, world.package, language)) for language in ("en", "de"))
    assert len(english) == len(german) == 1
    assert english != german


def test_every_vessel_and_instrument_of_the_product_has_a_german_word(world: Exercise) -> None:
    names = {branch.name for branch in world.package.tree.branches} | set(instruments.names())
    words = yaml.safe_load(Path(word.__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    assert [name for name in sorted(names) if "de" not in words.get(f"word.{name}", {})] == []

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.error import InputError
from simtrainer.curriculum.course import check_course
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.ui.case import Case, open_case, open_course
from simtrainer.ui.note import notes
from simtrainer.ui.show import job as job_module
from simtrainer.ui.show.index import MARK, VALIDITY, check_index, write_index
from simtrainer.ui.show.job import Job, Outcome
from simtrainer.ui.show.stage import new_run


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def outcome(folder: Path, hand: str) -> Outcome:
    run = folder / "run-001"
    run.mkdir(exist_ok=True)
    paths = {name: run / f"{hand} & co.{name}" for name in ("webp", "html", "jsonl", "png")}
    for path in paths.values():
        path.touch()
    return Outcome(
        "some_patient",
        "A <man>",
        hand,
        score=0.42,
        seconds=125.0,
        critical=("Flush & wait",),
        attempt=paths["jsonl"],
        debrief=paths["html"],
        film=paths["webp"],
        pictures={"the whole way": paths["png"]},
    )


def test_every_link_of_the_index_leads_to_a_file(tmp_path: Path) -> None:
    page = write_index(tmp_path, [outcome(tmp_path, "expert"), outcome(tmp_path, "novice")], ["3D"], "A <course>")
    text = page.read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert len(links.found) == 2 * 5
    assert all((tmp_path / link).is_file() for link in links.found)
    assert "A &lt;course&gt;" in text
    assert "Flush &amp; wait" in text
    assert "2:05" in text
    assert "<pre>simtrainer train selective_left_carotid</pre>" in text
    assert "Not passed because of" in text
    assert VALIDITY in text


def test_an_attempt_that_was_stopped_says_so(tmp_path: Path) -> None:
    stopped = replace(outcome(tmp_path, "expert"), ended="time_limit")
    text = write_index(tmp_path, [stopped], [], "c", program="/opt/x/simtrainer").read_text(encoding="utf-8")
    assert "2:05 simulated, stopped by the limit of simulated time" in text
    assert "/opt/x/simtrainer train selective_left_carotid" in text


def test_a_fault_in_one_attempt_is_said_with_its_details_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(job: Job) -> Outcome:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(job_module, "_run", stumble)
    job = Job(
        number=1, course="c", patient="p", hand="expert", seed=5, language="en", folder=tmp_path, limit_s=1.0,
        film=False, pictures=False,
    )  # fmt: skip
    found = job_module.run(job)
    assert found.fault.startswith("went wrong: ZeroDivisionError: by nothing (details in ")
    assert "stumble" in (tmp_path / "fault-1.txt").read_text(encoding="utf-8")


def test_a_fault_of_one_attempt_stands_where_its_score_would(tmp_path: Path) -> None:
    page = write_index(tmp_path, [Outcome("p", "", "expert", fault="DivergedError: tick 7")], [], "c")
    assert "DivergedError: tick 7" in page.read_text(encoding="utf-8")


def test_an_index_of_ours_is_renewed_and_anybody_elses_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(f"{MARK} old", encoding="utf-8")
    write_index(tmp_path, [], [], "c")
    assert "old" not in page.read_text(encoding="utf-8")
    page.write_text("my own page", encoding="utf-8")
    with pytest.raises(InputError, match="was not made by simtrainer demo"):
        check_index(tmp_path)
    assert page.read_text(encoding="utf-8") == "my own page"


def test_a_second_run_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "run-x").mkdir()
    assert [new_run(tmp_path).name for _ in range(2)] == ["run-001", "run-002"]
    (tmp_path / "run-041").touch()
    assert new_run(tmp_path).name == "run-042"


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="choose another folder with --out"):
        new_run(tmp_path / "file")


def test_what_is_doubtful_about_an_imported_patient_stands_once_above_its_scores(tmp_path: Path) -> None:
    pair = [replace(outcome(tmp_path, hand), notes=("No vessel here is <named>.",)) for hand in ("expert", "novice")]
    page = write_index(tmp_path, pair, [], "A course", program="simtrainer").read_text(encoding="utf-8")
    assert page.count("No vessel here is &lt;named&gt;.") == 1
    assert page.index("No vessel here") < page.index("of 100")


def unnamed(case: Case) -> Case:
    """Return `case` on the same vessels without their names, as an import gives them."""
    package = case.world.package
    bare = tuple(replace(b, name=f"branch_{i}") for i, b in enumerate(package.tree.branches))
    target = f"branch_{package.tree.number(package.target)}"
    access = replace(package.access, branch="branch_0")
    package = replace(
        package, origin="imported", target=target, access=access, tree=CentrelineTree(bare), warnings=("it is made up",)
    )
    return replace(case, world=Exercise(package))


def test_an_anatomy_without_names_is_told_what_stands_for_the_ascending_aorta() -> None:
    case = open_case(open_course("selective_left_carotid"), patient="adult_male_type1")
    assert notes(case) == ()
    root = case.world.package.tree.number("ascending_aorta")
    said = notes(unnamed(case))
    assert "to be reached is branch 13" in said[0]
    assert f"Where the course says ascending aorta, branch {root} is meant here" in said[1]
    assert said[2] == "It is made up."


def test_an_anatomy_without_the_landmark_of_a_course_is_told_which_steps_it_lacks() -> None:
    case = open_case(open_course("selective_left_carotid"), patient="adult_male_type1")
    path, vocabulary = case.course.path, case.procedure.vocabulary
    named = path.read_text(encoding="utf-8").replace("{fact: flush_vessel}", "ascending_aorta")
    course = check_course(path, vocabulary, text=named).course
    assert course is not None
    said = notes(unnamed(replace(case, course=course)))
    assert "No vessel here is called ascending aorta, so these steps cannot be done (2 / 24)" in said[2]

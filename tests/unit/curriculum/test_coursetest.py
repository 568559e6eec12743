"""Educators' own tests, new courses and graphs."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from simtrainer.core.error import InputError
from simtrainer.core.resource import resource_path
from simtrainer.curriculum.course import Course, check_course
from simtrainer.curriculum.coursetest import path_of_tests, run_course_tests
from simtrainer.curriculum.graph import GraphFormat, graph
from simtrainer.curriculum.problem import CourseError
from simtrainer.curriculum.template import CourseTemplate, new_course
from simtrainer.curriculum.vocabulary import Vocabulary

TESTS = resource_path("curricula") / "selective_left_carotid.tests.yaml"


def test_every_test_beside_the_shipped_course_holds(carotid: Course) -> None:
    results = run_course_tests(carotid)
    assert path_of_tests(carotid) == TESTS
    assert len(results) >= 25
    assert {result.id: result.differences for result in results if not result.passed} == {}


def test_leaving_out_any_critical_step_is_tested_and_fails_exactly_there(carotid: Course) -> None:
    left_out = {result.id: result.score for result in run_course_tests(carotid) if result.id.startswith("without_")}
    for step in carotid.spec.steps:
        if step.critical:
            assert left_out[f"without_{step.id}"].critical_failures == (step.id,)


def _changed(tmp_path: Path, old: str, new: str) -> Path:
    text = TESTS.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "changed.tests.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_test_that_does_not_hold_says_what_was_expected_and_what_came(carotid: Course, tmp_path: Path) -> None:
    path = _changed(tmp_path, "critical_failures: [perforation]", "critical_failures: [air], score: {min: 0.99}")
    result = next(result for result in run_course_tests(carotid, path) if result.id == "puncture")
    assert not result.passed
    assert result.differences[0].startswith("score: expected 0.99 to 1, got 0.800")
    assert result.differences[1] == "critical_failures: expected ['air'], got ['perforation']"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("event: TimeOutDone", "event: TimeoutDone", "SIM-E020"),
        ("device: pigtail", "divice: pigtail", "SIM-E021"),
        ("contrast_ml: [[139", "contrast: [[139", "SIM-E022"),
        ("based_on: whole", "based_on: hole", "SIM-E025"),
        ("without: [haemostasis]", "without: [haemostatis]", "SIM-E025"),
        ("deductions: [forbidden.perforation]", "deductions: [perforation]", "SIM-E025"),
        ("course: selective_left_carotid", "course: another", "SIM-E029"),
        ("passed: true", "passed: yes", "SIM-E005"),
        ("id: slow_and_safe", "id: whole", "SIM-E030"),
        ("says:", "sais:", "SIM-E010"),
        ("    based_on: whole\n    without: [time_out]\n", "    without: [time_out]\n", "SIM-E015"),
    ],
)
def test_a_broken_file_of_tests_is_told_with_its_place(
    old: str, new: str, code: str, carotid: Course, tmp_path: Path
) -> None:
    with pytest.raises(CourseError) as caught:
        run_course_tests(carotid, _changed(tmp_path, old, new))
    assert code in {problem.code for problem in caught.value.problems}
    assert caught.value.problems[0].line > 1


def test_a_test_without_the_facts_that_metrics_need_is_told(carotid: Course, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"given\.numbers lacks wall_force_limit_n"):
        run_course_tests(carotid, _changed(tmp_path, "wall_force_limit_n: 1.0, ", ""))


def test_a_course_without_tests_says_where_they_belong(carotid: Course, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        run_course_tests(carotid, tmp_path / "none.tests.yaml")


@pytest.mark.parametrize("template", list(CourseTemplate))
def test_a_new_course_passes_the_check(template: CourseTemplate, tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = new_course("chest_drain", vocabulary, today=date(2026, 11, 22), template=template)
    checked = check_course(tmp_path / "chest_drain.yaml", vocabulary, text=text)
    assert checked.problems == ()
    assert checked.course is not None
    assert checked.course.text("title") == "Chest drain"


@pytest.mark.parametrize("name", ["Chest Drain", "2nd", "_x", "süß", ""])
def test_a_name_that_cannot_be_an_id_is_refused(name: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError, match="cannot be the id of a course"):
        new_course(name, vocabulary, today=date(2026, 11, 22))


def test_a_procedure_without_events_cannot_have_a_course() -> None:
    with pytest.raises(InputError, match="declares no event"):
        new_course("x", Vocabulary(procedure="dull"), today=date(2026, 11, 22))


def test_the_mermaid_graph_holds_every_step_and_every_edge(carotid: Course) -> None:
    lines = graph(carotid).splitlines()
    assert lines[0] == "flowchart TD"
    edges = sum(len(s.before) + len({*s.requires, *s.after}) for s in carotid.spec.steps)
    assert sum(bool(re.fullmatch(r"    \w+ (-->|-\.->|-\. closes \.->) \w+", line)) for line in lines) == edges
    for step in carotid.spec.steps:
        mark = ":::critical" if step.critical else ""
        assert f'    {step.id}["{carotid.text(step.do)}"]{mark}' in lines


def test_the_dot_graph_is_balanced_and_speaks_german(carotid: Course) -> None:
    text = graph(carotid, GraphFormat.DOT, "de")
    assert text.startswith('digraph "selective_left_carotid" {')
    assert text.endswith("}\n")
    assert text.count('"') % 2 == 0
    assert "Blutstillung an der Leiste" in text

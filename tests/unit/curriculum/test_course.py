"""Reading courses: every fault has its place, its code and its sentence, all of them at once."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.resource import resource_path
from simtrainer.curriculum.course import (
    Course,
    check_course,
    course_json_schema,
    course_paths,
    load_course,
    procedure_of,
)
from simtrainer.curriculum.document import MAX_NODES, read_document
from simtrainer.curriculum.problem import CODES, CourseError
from simtrainer.curriculum.sentence import GENERAL, holes
from simtrainer.curriculum.vocabulary import Vocabulary

BROKEN = sorted((Path(__file__).parents[2] / "broken" / "courses").glob("*.yaml"))
CAROTID = resource_path("curricula") / "selective_left_carotid.yaml"
EXPECTED = re.compile(r"# (SIM-[EW]\d{3}) (\d+):(\d+) (.+)")


def test_there_are_at_least_twenty_five_broken_courses() -> None:
    assert len(BROKEN) >= 25


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_course_gives_the_one_message_of_its_first_line(path: Path, vocabulary: Vocabulary) -> None:
    wanted = EXPECTED.fullmatch(path.read_text(encoding="utf-8").splitlines()[0])
    assert wanted is not None
    checked = check_course(path, vocabulary)
    assert checked.course is None
    assert [(p.code, p.line, p.column, p.message) for p in checked.problems] == [
        (wanted[1], int(wanted[2]), int(wanted[3]), wanted[4])
    ]
    assert checked.problems[0].code in CODES


def test_the_message_shows_file_line_column_caret_and_suggestion(vocabulary: Vocabulary) -> None:
    path = next(path for path in BROKEN if path.stem == "unknown_event")
    with pytest.raises(CourseError) as caught:
        load_course(path, vocabulary)
    rows = str(caught.value).splitlines()
    assert rows[0] == f"{path}:27:20: SIM-E020: no event is called 'CatheterEngagd'"
    assert rows[1][rows[2].index("^") :].startswith("CatheterEngagd")
    assert rows[3].strip() == "Did you mean 'CatheterEngaged'?"
    assert rows[-1] == "1 error"


def test_all_faults_of_a_file_are_told_at_once(vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8")
    text = text.replace("weight: 4", "wieght: 4", 1).replace("event: RoadmapMade", "event: RoadmapMde")
    text = text.replace("cut: 0.75", "cut: 7").replace("requires: [exchange]", "requires: [exchnge]")
    codes = [problem.code for problem in check_course(CAROTID, vocabulary, text=text).problems]
    assert sorted(codes) == ["SIM-E010", "SIM-E013", "SIM-E020", "SIM-E025"]


def test_the_shipped_course_has_no_problem_and_is_honest(carotid: Course, vocabulary: Vocabulary) -> None:
    assert check_course(CAROTID, vocabulary, today=date(2026, 11, 22)).problems == ()
    assert carotid.spec.reviewed_by is None
    assert carotid.spec.pass_rule.provisional
    assert 0 < carotid.unverified < len(carotid.spec.items())
    assert carotid.spec.modes.assessed.aids == ()


def test_every_critical_item_of_the_shipped_course_names_what_harm_it_prevents(carotid: Course) -> None:
    assert all(item.safety for item in carotid.spec.items() if item.critical)


def test_the_shipped_course_is_whole_in_english_and_german(carotid: Course) -> None:
    assert carotid.strings.languages() == ("de", "en")
    assert {carotid.strings.coverage_percent(language) for language in ("de", "en")} == {100.0}
    same = [k for k in carotid.strings.keys if carotid.text(k, "de") == carotid.text(k, "en")]
    assert same == ["step.roadmap"]


def test_what_the_texts_leave_open_is_carried_by_the_events(carotid: Course) -> None:
    for rule in carotid.spec.forbidden:
        for language in ("de", "en"):
            assert set(holes(carotid.text(rule.say, language))) <= set(carotid.vocabulary.events[rule.never.event])


def test_a_hole_that_the_event_does_not_fill_is_a_warning_in_each_language(vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8").replace("never: {event: AirInjected}", "never: {event: TimeOutDone}")
    checked = check_course(CAROTID, vocabulary, text=text)
    assert [(p.code, p.message) for p in checked.problems] == [
        ("SIM-W107", f"the text 'say.air' in '{language}' has {{volume_ml}}, which nothing fills")
        for language in ("de", "en")
    ]


def test_courses_are_found_by_name_and_know_their_procedure_even_when_broken() -> None:
    assert course_paths(CAROTID.parent)["selective_left_carotid"] == CAROTID
    assert not any(name.endswith(".tests") for name in course_paths(CAROTID.parent))
    assert procedure_of(CAROTID) == "selective_catheterisation"
    by_name = {path.stem: path for path in BROKEN}
    assert procedure_of(by_name["unknown_key"]) == "selective_catheterisation"
    assert procedure_of(by_name["empty"]) == ""


def test_every_general_sentence_is_there_in_every_language_with_the_same_holes() -> None:
    for language, sentences in GENERAL.items():
        assert sentences.keys() == GENERAL["en"].keys(), language
        for key, sentence in sentences.items():
            assert set(holes(sentence)) == set(holes(GENERAL["en"][key])), (language, key)


def test_a_missing_language_falls_back_to_english(carotid: Course) -> None:
    assert carotid.text("step.roadmap", "fr") == "Roadmap"
    assert carotid.strings.coverage_percent("fr") == 0.0
    assert carotid.text("no.such.key") == "no.such.key"


def test_an_incomplete_translation_is_a_warning_with_its_coverage(tmp_path: Path, vocabulary: Vocabulary) -> None:
    course = tmp_path / "selective_left_carotid.yaml"
    course.write_bytes(CAROTID.read_bytes())
    folder = tmp_path / "locale"
    folder.mkdir()
    english = (CAROTID.parent / "locale" / "selective_left_carotid.en.csv").read_bytes()
    (folder / "selective_left_carotid.en.csv").write_bytes(english)
    (folder / "selective_left_carotid.fr.csv").write_text("key,text\ntitle,Titre\ntitel,Titre\n", encoding="utf-8")
    problems = check_course(course, vocabulary).problems
    assert [(p.code, p.line) for p in problems] == [("SIM-W104", 1), ("SIM-W105", 3)]
    assert problems[0].message.startswith("1 % is translated; missing: briefing")
    assert problems[1].hint == "Did you mean 'title'?"
    assert load_course(course, vocabulary).text("title", "fr") == "Titre"


@pytest.mark.parametrize(
    ("table", "line"),
    [("wrong,text\n", 1), ("key,text\ntitle,A\ntitle,B\n", 3), ("key,text\ntitle\n", 2), ('key,text\ntitle,"A\n', 2)],
)
def test_a_broken_table_of_texts_is_an_error_at_its_line(
    table: str, line: int, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    course = tmp_path / "selective_left_carotid.yaml"
    course.write_bytes(CAROTID.read_bytes())
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "selective_left_carotid.de.csv").write_text(table, encoding="utf-8")
    problems = check_course(course, vocabulary).problems
    assert [p.line for p in problems if p.code == "SIM-E036"] == [line]


def test_the_table_for_a_translator_holds_every_key_with_the_text_of_the_author(carotid: Course) -> None:
    rows = carotid.strings.to_csv("fr").splitlines()
    assert rows[0] == "key,text,source"
    assert len(rows) == len(carotid.strings.keys) + 1


def test_comments_and_texts_do_not_change_the_hash_and_a_weight_does(carotid: Course, vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8")
    same = check_course(CAROTID, vocabulary, text="# a remark\n" + text).course
    other = check_course(CAROTID, vocabulary, text=text.replace("weight: 8", "weight: 7", 1)).course
    assert same is not None
    assert other is not None
    assert same.hash == carotid.hash != other.hash


def test_warnings_are_told_and_do_not_stop_a_course(vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8").replace(
        '(legend read)", url', '(legend read)", superseded_by: "a new one", url'
    )
    text = text.replace("sources:\n", 'sources:\n  spare: {cite: "Never cited", v: seen}\n')
    text = re.sub(r"(critical: true\n    safety: .*\n    weight:) 2", r"\1 0", text, count=1)
    checked = check_course(CAROTID, vocabulary, text=text, today=date(2028, 1, 1))
    codes = {problem.code for problem in checked.problems}
    assert codes == {"SIM-W101", "SIM-W102", "SIM-W103", "SIM-W106"}
    assert checked.course is not None


def test_a_step_behind_an_unreachable_step_is_unreachable_too(vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8")
    text = text.replace("    requires: [exchange]\n", "    requires: [exchange]\n    before: [pigtail_arch]\n")
    problems = [p for p in check_course(CAROTID, vocabulary, text=text).problems if p.code == "SIM-E032"]
    assert "closes with it" in problems[0].message
    assert any("'roadmap' can never be done: it needs 'engage'" in p.message for p in problems)


def test_a_window_from_the_start_that_the_holds_before_it_use_up_cannot_be_met(vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8")
    hold = "    hold: {signal: wall_force_max_n, max: 1, for_s: 90}\n"
    text = text.replace("    until: {event: TimeOutDone}\n", hold)
    step = "where: {landmark: {fact: flush_vessel}, device: j_wire}}\n"
    assert step in text
    text = text.replace(step, f"{step}    requires: [time_out]\n    within: {{s: 60}}\n")
    problems = check_course(CAROTID, vocabulary, text=text).problems
    assert [p.code for p in problems] == ["SIM-E033"]
    assert "within 60 s of the start, but cannot be done in order before 90 s" in problems[0].message


VALUES = ("null", "[]", "{}", "5", '"x"', "[1, 2]", "{a: 1}", "true", ".nan", "1e400", "", "[[]]", "{is: [1]}", "start")


def _spoilt(lines: list[str], rng: np.random.Generator) -> str:
    spoilt = list(lines)
    for _ in range(int(rng.integers(1, 4))):
        i, kind = int(rng.integers(len(spoilt))), rng.random()
        if kind < 0.2:
            del spoilt[i]
        elif kind < 0.4:
            spoilt.insert(i, spoilt[int(rng.integers(len(spoilt)))])
        elif kind < 0.8:
            spoilt[i] = spoilt[i].split(":")[0] + ": " + VALUES[int(rng.integers(len(VALUES)))]
        else:
            j = int(rng.integers(len(spoilt[i]) + 1))
            spoilt[i] = spoilt[i][:j] + str(rng.choice(list("{}[]:,-#'\"&*!|> \t"))) + spoilt[i][j:]
    return "\n".join(spoilt)


def test_no_spoilt_course_ends_in_anything_but_messages_with_a_place(vocabulary: Vocabulary) -> None:
    rng = np.random.default_rng(7)
    path = next(path for path in BROKEN if path.stem == "unknown_event")
    lines = path.read_text(encoding="utf-8").replace("CatheterEngagd", "CatheterEngaged").splitlines()
    usable = 0
    for _ in range(300):
        checked = check_course(path, vocabulary, text=_spoilt(lines, rng))
        usable += checked.course is not None
        assert (checked.course is None) == any(problem.is_error for problem in checked.problems)
        assert all(problem.text() and problem.line >= 1 and problem.code in CODES for problem in checked.problems)
    assert 0 < usable < 100


def test_a_step_cannot_be_called_start(vocabulary: Vocabulary) -> None:
    text = CAROTID.read_text(encoding="utf-8").replace("id: dose_noted", "id: start")
    assert [p.code for p in check_course(CAROTID, vocabulary, text=text).problems] == ["SIM-E030"]


def test_a_file_that_is_not_there_or_not_text_is_one_message(tmp_path: Path, vocabulary: Vocabulary) -> None:
    assert [p.code for p in check_course(tmp_path / "none.yaml", vocabulary).problems] == ["SIM-E001"]
    path = tmp_path / "latin.yaml"
    path.write_bytes("schema_version: 1\nid: grün\n".encode("latin-1"))
    problem = check_course(path, vocabulary).problems[0]
    assert (problem.code, problem.line, problem.column) == ("SIM-E001", 2, 7)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e3", 1000.0), ("12", 12), ("-3", -3), (".5", 0.5), ("~", None), ("", None), ("true", True), ("False", False),
        ("2026-11-22", "2026-11-22"), ('"yes"', "yes"), ("'12:30'", "12:30"), ("y", "y"), ("NO1", "NO1"), ("0", 0),
        ("1.0.0", "1.0.0"), ("on time", "on time"), ("=", "="), ("<<", "<<"),
    ],
)  # fmt: skip
def test_a_plain_value_means_what_yaml_1_2_says(text: str, value: object) -> None:
    document, problems = read_document(Path("x.yaml"), f"k: {text}\n")
    assert problems == ()
    assert document is not None
    assert document.data["k"] == value
    assert type(document.data["k"]) is type(value)


@pytest.mark.parametrize("text", ["yes", "No", "ON", "off", "12:30", "1:2:3.5", "010", "0x1F", "0o17", "1_000"])
def test_a_plain_value_that_yaml_1_1_takes_for_something_else_is_refused(text: str) -> None:
    _, problems = read_document(Path("x.yaml"), f"k: {text}\n")
    assert [(p.code, p.line, p.column) for p in problems] == [("SIM-E005", 1, 4)]


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "k: " + "[" * 60 + "]" * 60, "k: [" + "1," * (MAX_NODES + 1) + "]"])
def test_what_grows_without_end_is_stopped(text: str) -> None:
    document, problems = read_document(Path("x.yaml"), text)
    assert document is None
    assert [p.code for p in problems] == ["SIM-E004"]


def test_two_documents_in_a_file_are_refused() -> None:
    _, problems = read_document(Path("x.yaml"), "a: 1\n---\nb: 2\n")
    assert [(p.code, p.line) for p in problems] == [("SIM-E007", 2)]


def test_the_schema_for_editors_is_json_and_knows_every_key_of_the_shipped_course() -> None:
    schema = course_json_schema()
    assert json.loads(json.dumps(schema)) == schema
    document, _ = read_document(CAROTID)
    assert document is not None
    assert set(document.data) <= set(schema["properties"])
    assert schema["additionalProperties"] is False

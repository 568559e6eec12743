"""Strip, force bar, step list, captions and time line, each as plain values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.event import Event
from simtrainer.core.fact import SessionFacts
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.curriculum.live import Progress, Status
from simtrainer.curriculum.schema import Aid
from simtrainer.ui.monitor.caption import LEAST_S, MOST, CaptionQueue
from simtrainer.ui.monitor.level import Level, level_of
from simtrainer.ui.monitor.step_list import step_list_of
from simtrainer.ui.monitor.strip import force_bar_of, readings, strip_of
from simtrainer.ui.monitor.timeline import timeline_of
from simtrainer.ui.monitor.word import MONITOR, Words, minutes, texts
from simtrainer.ui.workplace import workplace

FACTS = SessionFacts({"wall_force_limit_n": 2.0, "contrast_limit_ml": 150.0})
LAB = workplace("selective_catheterisation")
VALUES = {name: 0.0 for gauge in LAB.gauges for name in gauge.signals}


def _progress(*statuses: Status) -> tuple[Progress, ...]:
    return tuple(Progress(f"s{k}", f"Step {k}", s, False, 100 * k, f"hint {k}") for k, s in enumerate(statuses))


def test_readings_go_by_the_name_of_the_signal() -> None:
    snapshot = Snapshot(1, np.array([2.0, 3.0]))
    assert readings((Signal("b", ""), Signal("a", "")), snapshot) == {"b": 2.0, "a": 3.0}


def test_the_strip_shows_what_a_person_has_anyway_and_aids_only_where_they_are_allowed() -> None:
    bare = [cell.id for cell in strip_of(VALUES, FACTS, 0.0, place=LAB, aids=(), language="en").cells]
    helped = [cell.id for cell in strip_of(VALUES, FACTS, 0.0, place=LAB, aids=tuple(Aid), language="en").cells]
    assert bare == ["time", "fluoroscopy_s", "dose_gy_cm2", "contrast_ml", "hand_force"]
    assert set(helped) - set(bare) == {"air_in_catheter_ml", "wall_force_max_n"}


def test_a_gauge_without_its_signal_is_left_out() -> None:
    cells = strip_of({"contrast_ml": 3.0}, FACTS, 0.0, place=LAB, aids=tuple(Aid), language="en").cells
    assert [cell.id for cell in cells] == ["time", "contrast_ml"]


def test_the_hand_force_is_the_greater_one_with_its_sign() -> None:
    values = VALUES | {"hand_force_wire_n": 0.4, "hand_force_catheter_n": -1.26}
    cell = next(
        c for c in strip_of(values, FACTS, 0.0, place=LAB, aids=(), language="de").cells if c.id == "hand_force"
    )
    assert (cell.value, cell.label) == ("-1,3", "Handkraft")


@pytest.mark.parametrize(("given_ml", "level"), [(10.0, Level.CALM), (110.0, Level.CARE), (150.0, Level.ALARM)])
def test_contrast_is_judged_by_the_limit_of_the_patient(given_ml: float, level: Level) -> None:
    cells = strip_of(VALUES | {"contrast_ml": given_ml}, FACTS, 0.0, place=LAB, aids=(), language="en").cells
    assert next(c for c in cells if c.id == "contrast_ml").level is level


def test_air_in_the_catheter_alarms() -> None:
    cells = strip_of(
        VALUES | {"air_in_catheter_ml": 0.4}, FACTS, 0.0, place=LAB, aids=(Aid.HINTS,), language="en"
    ).cells
    assert next(c for c in cells if c.id == "air_in_catheter_ml").level is Level.ALARM


def test_the_force_bar_is_one_at_the_limit_and_says_what_to_do() -> None:
    bar = force_bar_of({"wall_force_max_n": 2.0}, FACTS, LAB, "en")
    assert bar is not None
    assert (bar.share, bar.level) == (1.0, Level.ALARM)
    assert "pull back" in bar.word


def test_there_is_no_force_bar_without_a_limit() -> None:
    assert force_bar_of({"wall_force_max_n": 2.0}, SessionFacts(), LAB, "en") is None
    assert force_bar_of({}, FACTS, LAB, "en") is None


@given(st.floats(0.0, 1e3), st.floats(0.01, 1e3))
def test_a_level_never_falls_when_the_value_rises(value: float, limit: float) -> None:
    order = list(Level)
    assert order.index(level_of(value, limit)) <= order.index(level_of(1.1 * value, limit))


def test_the_current_step_is_the_first_open_one_and_alone_has_a_hint() -> None:
    rows = _progress(Status.DONE, Status.MISSED, Status.OPEN, Status.OPEN, Status.WAITING)
    view = step_list_of(rows, hints=True, language="en")
    assert (view.current, view.done) == (2, 1)
    assert [row.hint for row in view.rows] == ["", "", "hint 2", "", ""]
    assert [row.word for row in view.rows][1:3] == ["missed", "now possible"]


def test_without_hints_there_is_none() -> None:
    view = step_list_of(_progress(Status.OPEN), hints=False, language="en")
    assert view.rows[0].hint == ""


@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 45))
def test_the_window_of_the_list_always_shows_the_current_step(total: int, current: int, capacity: int) -> None:
    current = min(current, total - 1)
    statuses = [Status.DONE] * current + [Status.OPEN] * (total - current)
    first, last = step_list_of(_progress(*statuses), hints=False, language="en").window(capacity)
    assert 0 <= first <= current < last <= total
    assert last - first == min(capacity, total)


def test_a_caption_stands_long_enough_to_be_read_and_then_goes() -> None:
    queue = CaptionQueue().said("x" * 70, 10.0)
    assert queue.at(14.9).captions
    assert not queue.at(15.1).captions
    assert CaptionQueue().said("x", 0.0).captions[0].until_s == LEAST_S


def test_the_same_words_stand_once_and_longer() -> None:
    queue = CaptionQueue().said("hum", 0.0).said("hum", 2.0)
    assert [c.until_s for c in queue.captions] == [2.0 + LEAST_S]


def test_an_alarm_does_not_give_way_to_calm_words() -> None:
    queue = CaptionQueue().said("perforation", 0.0, Level.ALARM)
    for k in range(5):
        queue = queue.said(f"calm {k}", 0.1)
    assert len(queue.captions) == MOST
    assert queue.captions[0].text == "perforation"


def test_the_time_line_marks_steps_and_only_forbidden_events() -> None:
    events = (Event("VesselEntered", 50, {}), Event("AirInjected", 150, {}))
    rows = _progress(Status.WAITING, Status.LATE, Status.DONE)
    rows = (Progress("w", "Later", Status.WAITING, False, -1, ""), *rows[1:])
    view = timeline_of(rows, events, frozenset({"AirInjected"}), ticks=200, tick_hz=100)
    assert view.end_s == 2.0
    assert [(m.share, m.level) for m in view.steps] == [(0.5, Level.CARE), (1.0, Level.CALM)]
    assert [(m.text, m.time_s) for m in view.events] == [("AirInjected", 1.5)]


def test_every_text_of_the_view_models_is_there_in_both_languages() -> None:
    for key, said in texts(MONITOR).items():
        assert set(said) == {"en", "de"}, key


def test_numbers_follow_the_language_and_zero_has_no_sign() -> None:
    say = Words(MONITOR, "de")
    assert (say.number(1.25, 1), say.number(-0.04, 1)) == ("1,2", "0,0")
    assert minutes(247.9) == "4:07"

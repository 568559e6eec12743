from __future__ import annotations

from pathlib import Path

import pytest

from simtrainer.core.action import Control
from simtrainer.core.snapshot import Signal
from simtrainer.procedures.open_vessel_control import catalogue as wound
from simtrainer.procedures.selective_catheterisation import catalogue as lab
from simtrainer.ui.desktop.binding import BindingTable, shipped
from simtrainer.ui.workplace import Sees, Workplace, said, workplace

KNOWN: dict[str, tuple[tuple[Control, ...], tuple[Signal, ...]]] = {
    "selective_catheterisation": (lab.CONTROLS, lab.SIGNALS),
    "open_vessel_control": (wound.CONTROLS, wound.SIGNALS),
}


def texts(place: Workplace) -> list[dict[str, str]]:
    """Return every text of a place."""
    found = [*(h.label for h in place.hands), *(h.empty for h in place.hands), *(p.label for p in place.pedals)]
    found += [*(g.label for g in place.gauges), *(r.label for r in place.readouts), *(t.label for t in place.tracks)]
    found += [phrase.text for readout in place.readouts for phrase in readout.phrases]
    found += [*(t.text for t in place.tasks), *place.cameras.values(), *place.words.values()]
    if place.force is not None:
        found += [place.force.title, place.force.short, place.force.alarm]
    return [dict(text) for text in found]


@pytest.fixture(params=sorted(KNOWN))
def place(request: pytest.FixtureRequest) -> Workplace:
    return workplace(request.param)


def test_every_file_names_its_procedure() -> None:
    folder = Path(workplace.__wrapped__.__code__.co_filename).with_name("workplaces")
    names = {path.stem for path in folder.glob("*.yaml")}
    assert names == set(KNOWN)
    assert all(workplace(name).procedure == name for name in names)


def test_a_procedure_without_a_file_gets_a_plain_place() -> None:
    place = workplace("nothing_of_the_kind")
    assert place.sees is Sees.PERSON
    assert (place.hands, place.pedals, place.gauges, place.force, place.tasks) == ((), (), (), None, ())


def test_every_signal_of_a_place_is_one_of_its_procedure(place: Workplace) -> None:
    signals = {signal.name for signal in KNOWN[place.procedure][1]}
    named = {name for gauge in place.gauges for name in gauge.signals}
    named |= {name for hand in place.hands for name in (hand.inside, hand.force, hand.closed, hand.height) if name}
    named |= {name for r in place.readouts for name in (r.signal, r.when) if name} | {
        p.lamp for p in place.pedals if p.lamp
    }
    named |= {place.force.signal} if place.force is not None else set()
    assert len(named) > 5
    assert named <= signals


def test_every_control_of_a_place_is_one_of_its_procedure(place: Workplace) -> None:
    controls = {control.name for control in KNOWN[place.procedure][0]}
    named = {track.control for track in place.tracks} | {track.turn for track in place.tracks if track.turn}
    named |= {task.control for task in place.tasks} | {pedal.control for pedal in place.pedals if pedal.control}
    meant = {name.replace("*", hand.id) for name in named for hand in place.hands}
    assert len(meant) > 5
    assert meant <= controls


def test_every_row_of_a_place_is_one_of_its_bindings(place: Workplace) -> None:
    table: BindingTable = shipped(place.procedure)
    rows = {row.id for row in table.rows}
    named = {pedal.row for pedal in place.pedals} | {task.row for task in place.tasks} | set(place.tray)
    assert len(named) > 5
    assert named <= rows
    assert {hand.id for hand in place.hands} == set(table.hands)


def test_everything_is_said_in_both_languages(place: Workplace) -> None:
    found = texts(place)
    assert len(found) > 10
    assert all(text.get("en") and text.get("de") for text in found)


def test_what_to_turn_and_to_reach_in_the_warm_up_has_a_track(place: Workplace) -> None:
    for task in place.tasks:
        if task.does == "reach":
            assert task.control in {track.control for track in place.tracks}
        if task.does == "turn":
            assert task.control in {track.turn for track in place.tracks}


def test_every_tool_of_the_open_table_has_a_name_and_a_place_on_the_tray() -> None:
    place = workplace("open_vessel_control")
    assert set(place.words) == set(wound.TOOLS)
    assert {row.removeprefix("take_") for row in place.tray} == set(wound.TOOLS)


def test_a_language_that_is_missing_falls_back_to_english() -> None:
    assert said({"en": "wound", "de": "Wunde"}, "fr") == "wound"
    assert said({"en": "wound", "de": "Wunde"}, "de") == "Wunde"

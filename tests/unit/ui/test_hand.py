from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.action import Action, Control
from simtrainer.core.error import InputError
from simtrainer.ui.hand import ScriptHand, read_script

CONTROLS = (
    Control("wire.push", "Push", "m/s", -0.1, 0.1, held=True),
    Control("beam.mode", "Pedal", choices=("off", "fluoro"), held=True),
    Control("chart.read", "Read"),
)


def written(folder: Path, text: str, name: str = "script.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def acts(hand: ScriptHand) -> dict[int, tuple[Action, ...]]:
    found, tick = {}, 0
    while not hand.done:
        tick += 1
        if given_now := hand.act(None, tick):
            found[tick] = given_now
    return found


def test_a_script_acts_at_its_times_and_is_done_after_its_last_line(tmp_path: Path) -> None:
    text = "- {t: 0, control: chart.read}\n- {t: 0.05, control: wire.push, value: 9}\n- {t: 0.1}\n"
    hand = read_script(written(tmp_path, text), CONTROLS, 100)
    assert acts(hand) == {1: (Action("chart.read", 1.0),), 5: (Action("wire.push", 0.1),)}
    assert hand.done
    assert not hand.sees


def test_yaml_words_for_truth_still_name_a_pedal(tmp_path: Path) -> None:
    hand = read_script(written(tmp_path, "- {t: 0, control: beam.mode, value: off}\n"), CONTROLS, 100)
    assert acts(hand) == {1: (Action("beam.mode", "off"),)}


def test_json_is_read_as_well(tmp_path: Path) -> None:
    text = json.dumps([{"t": 0.02, "control": "beam.mode", "value": "fluoro"}])
    assert acts(read_script(written(tmp_path, text, "s.json"), CONTROLS, 100)) == {2: (Action("beam.mode", "fluoro"),)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is a list"),
        ("{t: 1}", "is a list"),
        ("- 7", "[0]: is 7"),
        ("- {t: 0, contrl: x}", "Did you mean 'control'?"),
        ("- {t: 0}\n- {t: 0, control: wire.pish}", "[1].control: no control is called 'wire.pish'"),
        ("- {t: -1, control: wire.push}", "[0].t: is a time in seconds"),
        ("- {t: soon, control: wire.push}", "not 'soon'"),
        ("- {t: 0, control: wire.push, value: fast}", "wire.push takes a number"),
        ("- {t: 0, control: beam.mode, value: flouro}", "Did you mean 'fluoro'?"),
        ("- {t: 0, control: wire.push, value: [1]}", "[0].value: is a number or a word"),
        ("- {t: 0", "is neither YAML nor JSON"),
    ],
)
def test_a_wrong_line_of_a_script_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_script(written(tmp_path, text), CONTROLS, 100)
    assert says in str(caught.value)


def test_a_missing_script_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: no such file"):
        read_script(tmp_path / "none.yaml", CONTROLS, 100)


@given(
    st.lists(
        st.fixed_dictionaries({"t": st.floats(0.0, 5.0), "control": st.just("wire.push"), "value": st.floats(-1, 1)}),
        min_size=1,
        max_size=8,
    )
)
def test_no_line_of_a_script_is_lost(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    path = written(tmp_path_factory.mktemp("script"), json.dumps(rows), "s.json")
    found = acts(read_script(path, CONTROLS, 100))
    assert sum(len(given_now) for given_now in found.values()) == len(rows)
    assert set(found) == {max(1, round(row["t"] * 100)) for row in rows}

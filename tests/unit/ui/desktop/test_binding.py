"""One table binds, helps, mirrors and can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.procedures import procedures
from simtrainer.procedures.selective_catheterisation.catalogue import CONTROLS
from simtrainer.ui.desktop.binding import (
    BindingTable,
    Own,
    Profile,
    bound,
    check_targets,
    keys_of,
    pads_of,
    read_own,
    shipped,
)
from simtrainer.ui.desktop.help import help_of
from simtrainer.ui.desktop.pump import key_names

TABLE = shipped("selective_catheterisation")


def _bound(table: BindingTable, own: Own) -> BindingTable:
    return bound(table, own, key_names(), where="controls.yaml")


@pytest.mark.parametrize("left", [False, True])
def test_the_shipped_table_is_sound_for_either_hand(left: bool) -> None:
    check_targets(_bound(TABLE, Own(left_handed=left)), CONTROLS)


def test_every_procedure_has_a_table() -> None:
    for name in procedures.names():
        assert shipped(name).procedure == name


def test_every_control_can_be_reached_from_the_keyboard() -> None:
    reached = {row.control for row in TABLE.rows if row.kind != "command" and keys_of(row)}
    assert {control.name for control in CONTROLS} - reached == {"chart.read"}  # read on the case card


def test_every_word_of_a_choice_can_be_chosen() -> None:
    for control in CONTROLS:
        given = {row.value for row in TABLE.rows if row.kind in ("tap", "hold") and row.control == control.name}
        assert not control.choices or set(control.choices) - {"off"} <= given, control.name


def test_speeds_stay_within_what_the_controls_allow() -> None:
    controls = {control.name: control for control in CONTROLS}
    for row in TABLE.rows:
        if row.kind == "axis":
            assert abs(row.full) <= controls[row.control].high


def test_mirroring_twice_gives_the_table_back_and_once_changes_sides() -> None:
    assert TABLE.mirrored().mirrored() == TABLE
    rows = {row.id: row for row in TABLE.mirrored().rows}
    assert keys_of(rows["wire_push"]) == ("w", "s")
    assert pads_of(rows["wire_push"]) == ("left_y",)
    assert getattr(rows["wire_push"], "pad", "") == "-left_y"


def test_a_person_can_change_a_key() -> None:
    rows = {row.id: row for row in _bound(TABLE, Own(rows={"cine": {"keys": "f9"}})).rows}
    assert keys_of(rows["cine"]) == ("f9",)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (Own(rows={"cin": {"keys": "f9"}}), "Did you mean 'cine'"),
        (Own(rows={"cine": {"kees": "f9"}}), "Did you mean 'keys'"),
        (Own(rows={"cine": {"keys": "spcae"}}), "Did you mean 'space'"),
        (Own(rows={"cine": {"keys": "space"}}), "bound twice, to 'fluoro' and to 'cine'"),
        (Own(rows={"cine": {"pad": "q"}}), "no part of a gamepad is called 'q'"),
    ],
)
def test_what_cannot_be_bound_is_refused_with_what_was_meant(own: Own, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _bound(TABLE, own)


def test_a_procedure_without_a_table_is_named() -> None:
    with pytest.raises(UnknownNameError, match="selective_catheterisation"):
        shipped("selective_catheterization")


def test_an_own_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "controls.yaml"
    path.write_text("left_handed: true\nprofile: trackpad\nrows: {cine: {keys: [f9]}}\n")
    own = read_own(path)
    assert (own.left_handed, own.profile) == (True, Profile.TRACKPAD)
    path.write_text("")
    assert read_own(path) == Own()


@pytest.mark.parametrize("text", ["rows: [", "left_handed: perhaps", "colour: red", "- 1"])
def test_a_spoilt_own_file_gives_one_clear_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "controls.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"controls\.yaml"):
        read_own(path)


def test_an_own_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml"):
        read_own(tmp_path / "none.yaml")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("profile", list(Profile))
def test_the_help_names_every_row_once(language: str, profile: Profile) -> None:
    groups = help_of(TABLE, language, profile)
    said = [line for group in groups for line in group.lines]
    assert len(said) == len(TABLE.rows) + 2  # two more for the pointer
    assert all(line.does and line.keys for line in said)


def test_the_help_follows_the_table_that_is_in_force() -> None:
    table = _bound(TABLE, Own(left_handed=True, rows={"cine": {"keys": "f9"}}))
    lines = {line.does: line.keys for group in help_of(table, "en", Profile.MOUSE) for line in group.lines}
    assert lines["record (cine), while held"] == "F9"
    assert help_of(table, "en", Profile.MOUSE)[0].lines[0].keys == "W / S"

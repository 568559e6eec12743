"""A person's own keys: given one by one, swapped where taken, and kept in a file that is read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from simtrainer.core.error import InputError
from simtrainer.ui.desktop.binding import (
    PAD_BUTTONS,
    BindingTable,
    LevelRow,
    Own,
    Profile,
    Row,
    bound,
    read_own,
    shipped,
)
from simtrainer.ui.desktop.help import key_word
from simtrainer.ui.desktop.pump import key_names
from simtrainer.ui.desktop.rebinding import (
    BEFORE,
    MARK,
    Cell,
    as_shipped,
    button_given,
    button_in,
    cells_of,
    given,
    keys_in,
    other_hand,
    owner_of,
    owner_of_button,
    write_own,
)

TABLE = shipped("selective_catheterisation")
NAMES = key_names()
CELLS = [cell for row in TABLE.rows for cell in cells_of(row)]
PUSH, PULL, FLUSH = Cell("wire_push", "plus"), Cell("wire_push", "minus"), Cell("saline", "keys")


def in_force(own: Own) -> BindingTable:
    return bound(TABLE, own, NAMES, where="test")


def test_every_row_has_a_cell_and_an_axis_has_two() -> None:
    assert {cell.row for cell in CELLS} == {row.id for row in TABLE.rows}
    assert [cell.field for cell in CELLS if cell.row == "wire_push"] == ["plus", "minus"]


def test_a_free_key_is_given_and_the_old_one_is_free_again() -> None:
    own = given(TABLE, Own(), PUSH, "p")
    table = in_force(own)
    assert keys_in(table, PUSH) == ("p",)
    assert owner_of(table, "up") is None


def test_a_key_that_is_taken_changes_places() -> None:
    table = in_force(given(TABLE, Own(), PUSH, "e"))
    assert keys_in(table, PUSH) == ("e",)
    assert keys_in(table, FLUSH) == ("up",)
    both = in_force(given(TABLE, Own(), PUSH, "down"))
    assert (keys_in(both, PUSH), keys_in(both, PULL)) == (("down",), ("up",))


def test_the_key_that_leaves_a_dialog_is_not_given_away() -> None:
    with pytest.raises(InputError, match="'escape' leaves a dialog"):
        given(TABLE, Own(), PUSH, "escape")


@settings(max_examples=25, deadline=None)  # a shared machine
@drawn(
    st.booleans(), st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(sorted(NAMES - {"escape"}))), max_size=8)
)
def test_whatever_is_given_no_key_means_two_things_and_each_cell_keeps_a_key(
    left: bool, wishes: list[tuple[Cell, str]]
) -> None:
    own = Own(left_handed=left)
    for cell, key in wishes:
        own = given(in_force(own), own, cell, key)
        table = in_force(own)  # refuses a key that is bound twice
        assert keys_in(table, cell)[0] == key or keys_in(TABLE, cell) == keys_in(table, cell)
        assert owner_of(table, key) == cell
    assert all(keys_in(in_force(own), cell) for cell in CELLS)


@settings(max_examples=25, deadline=None)  # a shared machine
@drawn(st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(sorted(NAMES - {"escape"}))), max_size=5))
def test_the_other_hand_and_back_is_where_one_was_and_never_binds_a_key_twice(wishes: list[tuple[Cell, str]]) -> None:
    own = Own()
    for cell, key in wishes:
        own = given(in_force(own), own, cell, key)
    left = other_hand(TABLE, own)
    in_force(left)
    assert other_hand(TABLE, left) == own


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "controls.yaml"
    own = given(TABLE, Own(left_handed=True, volume=0.4), Cell("load_j", "keys"), "y")
    write_own(own, path)
    assert read_own(path) == own
    assert path.read_text(encoding="utf-8").startswith(MARK)
    write_own(as_shipped(own), path)
    assert read_own(path) == Own(left_handed=True, volume=0.4)
    assert [p.name for p in path.parent.iterdir()] == ["controls.yaml"], "nothing is left lying about"


def test_a_file_that_a_person_wrote_is_kept_and_so_is_its_pointer(tmp_path: Path) -> None:
    path = tmp_path / "controls.yaml"
    mine = "# my keys\nprofile: trackpad\n"
    path.write_text(mine, encoding="utf-8")
    write_own(given(TABLE, Own(), PUSH, "p"), path)
    assert path.with_name(path.name + BEFORE).read_text(encoding="utf-8") == mine
    assert read_own(path).profile is Profile.TRACKPAD
    assert read_own(path).rows == {"wire_push": {"plus": ("p",)}}


def test_a_file_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        write_own(Own(), tmp_path / "file" / "controls.yaml")


def test_keys_of_the_number_block_are_told_apart() -> None:
    assert (key_word("-", "en"), key_word("[-]", "en"), key_word("[", "en")) == ("-", "Num -", "[")


def test_a_button_of_the_gamepad_changes_places_with_its_owner() -> None:
    own = button_given(TABLE, Own(), FLUSH, "y")  # the pump's
    table = in_force(own)
    assert button_in(table, FLUSH) == "y"
    assert button_in(table, Cell("run", "keys")) == "b"
    assert keys_in(table, FLUSH) == keys_in(TABLE, FLUSH)


def test_a_trigger_that_loses_its_pedal_pushes_no_axis_to_one_side() -> None:
    own = button_given(TABLE, Own(), Cell("fluoro", "keys"), "dpad_right")
    table = in_force(own)
    assert owner_of_button(table, "dpad_right") == Cell("fluoro", "keys")
    assert button_in(table, Cell("carm_lao", "plus")) == ""


def test_a_trigger_goes_to_no_deed_that_is_done_once_or_turned_over() -> None:
    for cell in (Cell("pause", "keys"), Cell("note", "keys"), Cell("roadmap", "keys")):
        own = button_given(TABLE, Own(), Cell("fluoro", "keys"), button_in(TABLE, cell))
        assert button_in(in_force(own), cell) == ""


def test_buttons_change_sides_with_the_hand() -> None:
    own = button_given(TABLE, Own(), FLUSH, "left_shoulder")
    left = other_hand(TABLE, own)
    assert button_in(in_force(left), FLUSH) == "right_shoulder"
    assert other_hand(TABLE, left) == own


def test_what_leaves_a_dialog_and_what_moves_by_steps_take_no_button() -> None:
    with pytest.raises(InputError, match="leaves a dialog"):
        button_given(TABLE, Own(), FLUSH, "b")
    steps = next(cell for cell in CELLS if isinstance(row_of(cell), LevelRow))
    with pytest.raises(InputError, match="cannot be moved by the gamepad"):
        button_given(TABLE, Own(), steps, "y")


def row_of(cell: Cell) -> Row:
    return next(row for row in TABLE.rows if row.id == cell.row)


@settings(max_examples=60, deadline=None)
@drawn(st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(PAD_BUTTONS)), max_size=8), st.booleans())
def test_whatever_buttons_are_given_the_table_stays_whole(gifts: list[tuple[Cell, str]], left_handed: bool) -> None:
    own = Own(left_handed=left_handed)
    for cell, button in gifts:
        try:
            own = button_given(in_force(own), own, cell, button)
        except InputError:
            continue
        assert owner_of_button(in_force(own), button) == cell
    in_force(other_hand(TABLE, own))

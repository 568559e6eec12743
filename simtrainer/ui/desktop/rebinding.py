"""Changes a person's own bindings, one key or button at a time, and writes them into their file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from simtrainer.core.error import InputError
from simtrainer.ui.desktop.binding import PAD_BUTTONS, BindingTable, HoldRow, Own, Row, read_own

MARK = "# Written by simtrainer (help, F1). You may edit it; names of keys are those of pygame.\n"
BEFORE = ".before"
"""Ending under which a file that a person wrote is kept when it is written over."""
_KEYS = ("plus", "minus", "keys")
_PADS = {"plus": "pad_plus", "minus": "pad_minus", "keys": "pad"}
"""Where a row keeps the button of the gamepad for what those keys do."""
RESERVED, PAD_RESERVED = frozenset({"escape"}), frozenset({"b"})
"""Keys, and buttons of the gamepad, that leave a dialog and cannot be given away."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that a key can be given to: a row of the table, and which of its directions."""

    row: str
    field: str


def cells_of(row: Row) -> tuple[Cell, ...]:
    """Return the cells of a row: both directions of an axis, or its one deed."""
    return tuple(Cell(row.id, name) for name in _KEYS if name in type(row).model_fields)


def keys_in(table: BindingTable, cell: Cell) -> tuple[str, ...]:
    """Return the keys of a cell."""
    row = next(row for row in table.rows if row.id == cell.row)
    keys: tuple[str, ...] = getattr(row, cell.field)
    return keys


def owner_of(table: BindingTable, key: str) -> Cell | None:
    """Return the cell that has `key`."""
    cells = (cell for row in table.rows for cell in cells_of(row))
    return next((cell for cell in cells if key in keys_in(table, cell)), None)


def given(table: BindingTable, own: Own, cell: Cell, key: str) -> Own:
    """Return `own` with `key` on `cell`, where `table` is in force; who had the key before gets the old one of `cell`.

    InputError for a key that cannot be given away.
    """
    if key in RESERVED:
        raise InputError(f"'{key}' leaves a dialog, so it cannot be bound")
    other = owner_of(table, key)
    if other == cell:
        return own
    old = keys_in(table, cell)
    changes: dict[Cell, tuple[str, ...]] = {cell: (key,)}
    if other is not None:
        rest = tuple(k for k in keys_in(table, other) if k != key)
        changes[other] = rest or old
    rows = {name: dict(fields) for name, fields in own.rows.items()}
    for changed, keys in changes.items():
        rows.setdefault(changed.row, {})[changed.field] = keys
    return own.model_copy(update={"rows": rows})


def button_in(table: BindingTable, cell: Cell) -> str:
    """Return the button or axis of the gamepad of a cell, empty for none."""
    row = next(row for row in table.rows if row.id == cell.row)
    return str(getattr(row, _PADS[cell.field], ""))


def owner_of_button(table: BindingTable, button: str) -> Cell | None:
    """Return the cell that has `button` of the gamepad."""
    cells = (cell for row in table.rows for cell in cells_of(row))
    return next((cell for cell in cells if button_in(table, cell) == button), None)


def button_given(table: BindingTable, own: Own, cell: Cell, button: str) -> Own:
    """Return `own` with `button` of the gamepad on `cell`; who had it before gets the old one if that works.

    InputError for a button that cannot be given away, and for a row that no button can move.
    """
    if button in PAD_RESERVED:
        raise InputError(f"'{button}' of the gamepad leaves a dialog, so it cannot be bound")
    row = next(row for row in table.rows if row.id == cell.row)
    if _PADS[cell.field] not in type(row).model_fields:
        raise InputError(f"'{row.id}' cannot be moved by the gamepad")
    other, old = owner_of_button(table, button), button_in(table, cell)
    if other == cell:
        return own
    changes = {cell: button}
    if other is not None:
        changes[other] = old if old in PAD_BUTTONS or _is_pedal(table, other) else ""
    rows = {name: dict(fields) for name, fields in own.rows.items()}
    for changed, given_to_it in changes.items():
        rows.setdefault(changed.row, {})[_PADS[changed.field]] = given_to_it
    return own.model_copy(update={"rows": rows})


def _is_pedal(table: BindingTable, cell: Cell) -> bool:
    """Tell whether a cell is held while it is pressed, so that a trigger can work it."""
    row = next(row for row in table.rows if row.id == cell.row)
    return isinstance(row, HoldRow) and not row.latch


def other_hand(base: BindingTable, own: Own) -> Own:
    """Return `own` for the other hand: the keys that the person gave change sides with all others."""
    side = {**base.mirror, **{b: a for a, b in base.mirror.items()}}
    pad = {**base.pad_mirror, **{b: a for a, b in base.pad_mirror.items()}}

    def turned(keys: tuple[str, ...] | str, field: str) -> tuple[str, ...] | str:
        listed = (keys,) if isinstance(keys, str) else keys
        if field in _KEYS:
            return tuple(side.get(key, key) for key in listed)
        part = "".join(listed)
        bare = part.lstrip("-")
        return part.replace(bare, pad.get(bare, bare)) if bare else ""

    rows = {name: {f: turned(keys, f) for f, keys in fields.items()} for name, fields in own.rows.items()}
    return own.model_copy(update={"left_handed": not own.left_handed, "rows": rows})


def as_shipped(own: Own) -> Own:
    """Return `own` without any changed key."""
    return own.model_copy(update={"rows": {}})


def write_own(own: Own, path: Path) -> None:
    """Write `own` to `path`; a file that a person wrote is kept beside it. InputError where it cannot be written.

    Which pointer is at hand belongs to the sitting, not to this change: the file keeps what it says about that.
    """
    try:
        if path.is_file():
            own = own.model_copy(update={"profile": read_own(path).profile})
            if not path.read_text(encoding="utf-8").startswith(MARK):
                path.replace(path.with_name(path.name + BEFORE))
        else:
            own = own.model_copy(update={"profile": Own().profile})
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        fresh.write_text(MARK + yaml.safe_dump(_plain(own), allow_unicode=True, sort_keys=False), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def _plain(own: Own) -> Mapping[str, object]:
    plain: dict[str, object] = own.model_dump(mode="json")
    return plain

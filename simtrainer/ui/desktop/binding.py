"""One table binds keys, mouse and gamepad to controls, draws the help, and can be rebound and mirrored.

The table of a procedure is `bindings/<procedure>.yaml`. A person's own file changes rows of it by their id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simtrainer.core.action import Control
from simtrainer.core.error import InputError, UnknownNameError

_FOLDER = Path(__file__).with_name("bindings")

COMMANDS = (
    "help", "pause", "undo", "screenshot", "finish", "hand", "camera", "text_size", "mute", "quieter", "louder",
    "palette", "card",
)  # fmt: skip
"""What the window itself can be told; none of it is an action of the session."""
PAD_AXES = ("left_x", "left_y", "right_x", "right_y", "left_trigger", "right_trigger")
PAD_BUTTONS = (
    "a", "b", "x", "y", "left_shoulder", "right_shoulder", "back", "start", "dpad_up", "dpad_down", "dpad_left",
    "dpad_right", "left_stick", "right_stick",
)  # fmt: skip


class Profile(Enum):
    """What the hands have."""

    MOUSE = "mouse"
    TRACKPAD = "trackpad"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Row(_Closed):
    id: str
    group: str
    does: dict[str, str]


class DragBinding(_Closed):
    """Movement of the pointer: `axis` of it, and the travel of the control for each pixel (its unit times seconds).

    Where no row has `wheel`, the wheel counts for `y`.
    """

    axis: Literal["x", "y", "wheel"]
    per_pixel: float


class AxisRow(_Row):
    """A held number, pushed one way by `plus` and the other by `minus`, up to `full` after `ramp_s` seconds.

    `hand` names the device that a drag moves when it is chosen; `pad` is an axis of the gamepad, `-` turns it round.
    """

    kind: Literal["axis"]
    control: str
    full: float
    ramp_s: Annotated[float, Field(ge=0)] = 0.0
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    pad: str = ""
    pad_plus: str = ""
    pad_minus: str = ""
    hand: str = ""
    drag: DragBinding | None = None


class HoldRow(_Row):
    """A held control that is `value` while a key is down and `rest` after; `latch` makes each press turn it over.

    A `*` in the control stands for the chosen hand. `hand` is set in `for_hands`, never in a file.
    """

    kind: Literal["hold"]
    control: str
    value: float | str
    rest: float | str
    latch: bool = False
    keys: tuple[str, ...] = ()
    pad: str = ""
    hand: str = ""


class TapRow(_Row):
    """A single deed; `*` as in a hold. It lets go of the latched control `opens`, if that is given."""

    kind: Literal["tap"]
    control: str
    value: float | str = 1.0
    keys: tuple[str, ...] = ()
    pad: str = ""
    opens: str = ""
    hand: str = ""


class LevelRow(_Row):
    """A number that stays: each press moves it by `step`, beginning at `start`."""

    kind: Literal["level"]
    control: str
    step: float
    start: float
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


class CommandRow(_Row):
    """Something that the window does."""

    kind: Literal["command"]
    command: str
    keys: tuple[str, ...] = ()
    pad: str = ""


Row: TypeAlias = Annotated[AxisRow | HoldRow | TapRow | LevelRow | CommandRow, Field(discriminator="kind")]
_KEY_FIELDS = ("keys", "plus", "minus")
_PAD_FIELDS = ("pad", "pad_plus", "pad_minus")


class BindingTable(_Closed):
    """All bindings of a procedure; `hands` are the devices that a drag can move, the first one chosen at the start."""

    schema_version: Literal[1]
    procedure: str
    hands: tuple[str, ...]
    groups: dict[str, dict[str, str]]
    mirror: dict[str, str] = {}
    pad_mirror: dict[str, str] = {}
    rows: tuple[Row, ...]

    def mirrored(self) -> BindingTable:
        """Return the table for a left-handed person: keys and sticks change sides by `mirror` and `pad_mirror`."""
        keys, pad = _both_ways(self.mirror), _both_ways(self.pad_mirror)

        def turned(row: Row) -> Row:
            change: dict[str, object] = {
                name: tuple(keys.get(key, key) for key in getattr(row, name)) for name in _fields(row, _KEY_FIELDS)
            }
            for name in _fields(row, _PAD_FIELDS):
                given = str(getattr(row, name))
                bare = given.lstrip("-")
                change[name] = given.replace(bare, pad.get(bare, bare)) if bare else ""
            return row.model_copy(update=change)

        return self.model_copy(update={"rows": tuple(turned(row) for row in self.rows)})


class Own(_Closed):
    """A person's own file: a profile, the side, how loud it is, and changed keys by row."""

    schema_version: Literal[1] = 1
    profile: Profile = Profile.MOUSE
    left_handed: bool = False
    volume: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    rows: dict[str, dict[str, tuple[str, ...] | str]] = {}


def shipped(procedure: str) -> BindingTable:
    """Return the table that ships for `procedure`; UnknownNameError where none does."""
    path = _FOLDER / f"{procedure}.yaml"
    if not path.is_file():
        raise UnknownNameError("binding table", procedure, (p.stem for p in _FOLDER.glob("*.yaml")))
    return BindingTable.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def read_own(path: Path) -> Own:
    """Return a person's own bindings; InputError names the place that cannot be used."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Own.model_validate({} if data is None else data)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: this is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from None


def bound(table: BindingTable, own: Own, key_names: frozenset[str], *, where: str) -> BindingTable:
    """Return `table` as the person wants it; InputError for unknown rows and keys, or a key bound twice."""
    table = table.mirrored() if own.left_handed else table
    rows = {row.id: row for row in table.rows}
    for name, change in own.rows.items():
        if name not in rows:
            raise UnknownNameError("row of the binding table", name, rows, where)
        allowed = _fields(rows[name], (*_KEY_FIELDS, *_PAD_FIELDS))
        for field, value in change.items():
            if field not in allowed:
                raise UnknownNameError(f"binding of '{name}'", field, allowed, where)
            listed = field in _KEY_FIELDS and isinstance(value, str)
            rows[name] = rows[name].model_copy(update={field: (value,) if listed else value})
    table = table.model_copy(update={"rows": tuple(rows.values())})
    _check_keys(table, key_names, where)
    return table


def check_targets(table: BindingTable, controls: Sequence[Control]) -> None:
    """Refuse a table that moves something that the procedure does not have; InputError names the row."""
    known = {control.name: control for control in controls}
    for row in table.rows:
        where = f"binding table of {table.procedure}: {row.id}"
        if isinstance(row, CommandRow):
            if row.command not in COMMANDS:
                raise UnknownNameError("command", row.command, COMMANDS, where)
            continue
        for meant in _meant(row, table.hands):
            if isinstance(meant, CommandRow):
                continue
            if meant.control not in known:
                raise UnknownNameError("control", meant.control, known, where)
            if isinstance(meant, HoldRow | TapRow):
                known[meant.control].checked(meant.value)
            if isinstance(meant, TapRow) and meant.opens and meant.opens not in known:
                raise UnknownNameError("control", meant.opens, known, where)


def for_hands(table: BindingTable) -> tuple[Row, ...]:
    """Return the rows of `table` with one in place of each hand for those whose control has a `*`."""
    return tuple(meant for row in table.rows for meant in _meant(row, table.hands))


def _meant(row: Row, hands: tuple[str, ...]) -> tuple[Row, ...]:
    if isinstance(row, CommandRow) or "*" not in row.control:
        return (row,)
    made = []
    for hand in hands:
        change = {"control": row.control.replace("*", hand), "hand": hand, "id": f"{row.id}:{hand}"}
        if isinstance(row, TapRow):
            change["opens"] = row.opens.replace("*", hand)
        made.append(row.model_copy(update=change))
    return tuple(made)


def keys_of(row: Row) -> tuple[str, ...]:
    """Return every key of a row."""
    return tuple(key for name in _fields(row, _KEY_FIELDS) for key in getattr(row, name))


def pads_of(row: Row) -> tuple[str, ...]:
    """Return every axis and button of the gamepad of a row, without sign."""
    return tuple(str(getattr(row, name)).lstrip("-") for name in _fields(row, _PAD_FIELDS) if getattr(row, name))


def _fields(row: Row, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in type(row).model_fields)


def _both_ways(pairs: Mapping[str, str]) -> dict[str, str]:
    return {**pairs, **{b: a for a, b in pairs.items()}}


def _check_keys(table: BindingTable, key_names: frozenset[str], where: str) -> None:
    owner: dict[str, str] = {}
    for row in table.rows:
        for key in keys_of(row):
            if key not in key_names:
                raise UnknownNameError("key", key, key_names, f"{where}: {row.id}")
        for pad in pads_of(row):
            if pad not in (*PAD_AXES, *PAD_BUTTONS):
                raise UnknownNameError("part of a gamepad", pad, (*PAD_AXES, *PAD_BUTTONS), f"{where}: {row.id}")
        for thing in _things(row):
            if thing in owner:
                raise InputError(f"{where}: {thing} is bound twice, to '{owner[thing]}' and to '{row.id}'")
            owner[thing] = row.id


def _things(row: Row) -> Iterator[str]:
    yield from (f"key '{key}'" for key in keys_of(row))
    yield from (f"gamepad '{pad}'" for pad in pads_of(row))

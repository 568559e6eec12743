"""Bindings of two hands: what belongs to the chosen one, and a wheel of its own."""

from __future__ import annotations

import pytest

from simtrainer.core.action import Action
from simtrainer.core.error import UnknownNameError
from simtrainer.imaging.open_field import camera_axes
from simtrainer.procedures.open_vessel_control.catalogue import CONTROLS
from simtrainer.procedures.open_vessel_control.sight import CAMERAS
from simtrainer.ui.desktop.binding import BindingTable, Own, Profile, bound, check_targets, for_hands, keys_of, shipped
from simtrainer.ui.desktop.device import HandDevice, InputFrame, Reach
from simtrainer.ui.desktop.help import help_of
from simtrainer.ui.desktop.pump import key_names

TABLE = shipped("open_vessel_control")
HZ = 100


def held_after(device: HandDevice, frames: list[InputFrame]) -> dict[str, float | str]:
    """Return what was sent last on every control."""
    sent: dict[str, float | str] = {}
    for tick, frame in enumerate(frames):
        device.commands(frame)
        sent |= {action.control: action.value for action in device.poll(frame, tick)}
    return sent


def struck(*keys: str) -> list[InputFrame]:
    """Return frames in which each key is pressed and let go of."""
    return [f for key in keys for f in (InputFrame(struck=(key,), down=frozenset({key})), InputFrame())]


@pytest.mark.parametrize("left", [False, True])
def test_the_open_table_is_sound_for_either_hand(left: bool) -> None:
    check_targets(bound(TABLE, Own(left_handed=left), key_names(), where="controls.yaml"), CONTROLS)


def test_every_control_of_the_open_table_can_be_reached_from_the_keyboard() -> None:
    reached = {row.control for row in for_hands(TABLE) if row.kind != "command" and keys_of(row)}
    assert {control.name for control in CONTROLS} - reached == {"chart.read"}  # read on the case card


def test_every_tool_can_be_taken_into_either_hand() -> None:
    for control in CONTROLS:
        given = {row.value for row in for_hands(TABLE) if row.kind == "tap" and row.control == control.name}
        assert not control.choices or set(control.choices) == given, control.name


def test_speeds_stay_within_what_the_hands_can_do() -> None:
    controls = {control.name: control for control in CONTROLS}
    for row in TABLE.rows:
        if row.kind == "axis":
            assert abs(row.full) <= controls[row.control].high


def test_a_star_that_no_hand_answers_to_is_refused() -> None:
    rows = tuple(row.model_copy(update={"control": "*.sew"}) if row.id == "leave" else row for row in TABLE.rows)
    with pytest.raises(UnknownNameError, match=r"right\.sew"):
        check_targets(TABLE.model_copy(update={"rows": rows}), CONTROLS)


def test_what_belongs_to_the_chosen_hand_goes_to_that_hand_alone() -> None:
    device = HandDevice(TABLE, HZ)
    first = held_after(device, struck("2", "space"))
    assert first == {"right.take": "forceps", "right.close": 1.0}
    second = held_after(device, struck("tab", "9", "space"))
    assert second == {"left.take": "clamp", "left.close": 1.0}, "the right hand keeps its hold"
    assert held_after(device, struck("space"))["left.close"] == 0.0


@pytest.mark.parametrize("key", ["x", "c", "1"])
def test_a_hand_that_lets_go_of_its_tool_is_open_for_the_next(key: str) -> None:
    device = HandDevice(TABLE, HZ)
    held_after(device, struck("9", "space"))
    assert held_after(device, struck(key))["right.close"] == 0.0
    assert held_after(device, struck("space"))["right.close"] == 1.0


def test_a_clamp_is_left_before_the_hand_opens() -> None:
    device = HandDevice(TABLE, HZ)
    held_after(device, struck("9", "space"))
    actions = device.poll(struck("x")[0], 9)
    assert [action.control for action in actions] == ["right.leave", "right.close"]


def drawn(table: BindingTable, frame: InputFrame, profile: Profile = Profile.MOUSE) -> dict[str, float]:
    """Return how far [m] each control travels for one movement of the pointer."""
    device = HandDevice(table, HZ, profile=profile)
    way: dict[str, float] = {}
    now: dict[str, float] = {}
    for tick in range(400):
        for action in device.poll(frame if tick == 0 else InputFrame(), tick):
            now[action.control] = float(action.value)
        way = {name: way.get(name, 0.0) + value / HZ for name, value in now.items()}
    return {name: value for name, value in way.items() if abs(value) > 1e-9}


@pytest.mark.parametrize("profile", list(Profile))
def test_the_wheel_goes_into_the_depth_and_the_pointer_over_the_plane(profile: Profile) -> None:
    assert set(drawn(TABLE, InputFrame(wheel=(0.0, 2.0)), profile)) == {"right.y"}
    assert set(drawn(TABLE, InputFrame(drag=(30.0, 0.0)), profile)) == {"right.x"}
    assert set(drawn(TABLE, InputFrame(drag=(0.0, 30.0)), profile)) == {"right.z"}


def test_what_moves_right_and_up_on_the_pointer_moves_so_in_the_surgeons_picture() -> None:
    right, up, _ = camera_axes(CAMERAS["surgeon"])
    across = drawn(TABLE, InputFrame(drag=(50.0, 0.0)))["right.x"]
    along = drawn(TABLE, InputFrame(drag=(0.0, -50.0)))["right.z"]
    assert across * right[0] == pytest.approx(50 * 0.00016)
    assert along * up[2] == pytest.approx(50 * 0.00016, rel=0.1)


@pytest.mark.parametrize(("key", "control"), [("right", "right.x"), ("d", "left.x")])
def test_keys_that_point_right_move_a_hand_right_in_the_picture(key: str, control: str) -> None:
    device = HandDevice(TABLE, HZ)
    speed = held_after(device, [InputFrame(down=frozenset({key}))] * 50)[control]
    assert float(speed) * camera_axes(CAMERAS["surgeon"])[0][0] == pytest.approx(0.06)


def test_sticks_move_both_hands_at_once_and_triggers_lower_them() -> None:
    device = HandDevice(TABLE, HZ, reach=Reach(pad=True))
    frame = InputFrame(axes={"left_x": 1.0, "right_y": -1.0, "right_trigger": 1.0})
    sent = held_after(device, [frame] * 20)
    assert float(sent["right.z"]) > 0.0, "pushed away from oneself it goes to the head"
    assert float(sent["right.y"]) < 0.0
    assert float(sent["left.x"]) * camera_axes(CAMERAS["surgeon"])[0][0] > 0.0
    assert Action("left.y", 0.0) not in device.poll(frame, 21)


def test_the_help_names_the_wheel_where_it_has_a_meaning_of_its_own() -> None:
    for language, wheel in (("en", "wheel, 2 fingers"), ("de", "Rad, 2 Finger")):
        lines = [line for group in help_of(TABLE, language, Profile.MOUSE) for line in group.lines]
        assert any(line.keys == wheel for line in lines)
        assert len([line for line in lines if line.row.startswith("take_")]) == 10, "one line a tool, for either hand"

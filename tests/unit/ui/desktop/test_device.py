"""Hands without a toolkit: frames in, actions out."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtrainer.core.action import Action
from simtrainer.ui.desktop.binding import Profile, shipped
from simtrainer.ui.desktop.device import DEAD, HandDevice, InputFrame, Reach, ScriptDevice, merged

TABLE = shipped("selective_catheterisation")
HZ = 100
NONE = InputFrame()


def _hand(profile: Profile = Profile.MOUSE, *, pad: bool = False) -> HandDevice:
    return HandDevice(TABLE, HZ, profile=profile, reach=Reach(pad=pad))


def _travel(hand: HandDevice, frames: Iterable[InputFrame], control: str) -> float:
    """Return the travel of a held control over frames of one tick each."""
    value, total = 0.0, 0.0
    for tick, frame in enumerate(frames):
        for action in hand.poll(frame, tick):
            if action.control == control:
                assert isinstance(action.value, float)
                value = action.value
        total += value / HZ
    return total


def _held(hand: HandDevice, frame: InputFrame, ticks: int) -> dict[str, float | str]:
    held: dict[str, float | str] = {}
    for tick in range(ticks):
        held |= {action.control: action.value for action in hand.poll(frame, tick)}
    return held


def test_hands_that_do_nothing_say_nothing() -> None:
    hand = _hand(pad=True)
    assert all(hand.poll(NONE, tick) == () for tick in range(50))


def test_a_held_key_ramps_up_to_full_speed_and_stops_at_once() -> None:
    hand = _hand()
    frame = InputFrame(down=frozenset({"up"}))
    first = hand.poll(frame, 1)
    assert 0.0 < float(first[0].value) < 0.01
    assert _held(hand, frame, 40)["wire.push"] == pytest.approx(0.05)
    assert hand.poll(NONE, 50) == (Action("wire.push", 0.0),)


def test_shift_is_fine() -> None:
    frame = InputFrame(down=frozenset({"up"}), shift=True)
    assert _held(_hand(), frame, 60)["wire.push"] == pytest.approx(0.0125)


def test_both_hands_move_at_once() -> None:
    held = _held(_hand(), InputFrame(down=frozenset({"up", "s", "d"})), 40)
    assert held["wire.push"] == pytest.approx(0.05)
    assert held["catheter.push"] == pytest.approx(-0.05)
    assert held["catheter.twist"] == pytest.approx(6.0)


def test_opposite_keys_cancel() -> None:
    assert _held(_hand(), InputFrame(down=frozenset({"up", "down"})), 20) == {}


def test_the_pedal_is_on_while_held_and_the_last_pressed_pedal_counts() -> None:
    hand = _hand()
    assert hand.poll(InputFrame(down=frozenset({"space"})), 1) == (Action("beam.mode", "fluoro"),)
    assert hand.poll(InputFrame(down=frozenset({"space", "v"})), 2) == (Action("beam.mode", "cine"),)
    assert hand.poll(InputFrame(down=frozenset({"space"})), 3) == (Action("beam.mode", "fluoro"),)
    assert hand.poll(NONE, 4) == (Action("beam.mode", "off"),)


def test_a_latch_holds_without_a_finger() -> None:
    hand = _hand()
    struck = InputFrame(struck=("f",), down=frozenset({"f"}))
    assert hand.poll(struck, 1) == (Action("beam.mode", "fluoro"),)
    assert hand.poll(NONE, 2) == ()
    assert hand.poll(struck, 3) == (Action("beam.mode", "off"),)


def test_a_tap_is_one_deed() -> None:
    hand = _hand()
    assert hand.poll(InputFrame(struck=("3",), down=frozenset({"3"})), 1) == (Action("catheter.load", "pigtail"),)
    assert hand.poll(InputFrame(down=frozenset({"3"})), 2) == ()


def test_shutters_move_in_steps_and_stop_at_their_ends() -> None:
    hand = _hand()
    narrower = InputFrame(struck=(",",))
    values = [float(a.value) for tick in range(12) for a in hand.poll(narrower, tick)]
    assert values[0] == pytest.approx(0.9)
    assert min(values) == pytest.approx(0.1)


@settings(deadline=None, max_examples=25)
@given(st.floats(-200.0, 200.0).filter(lambda pixels: abs(pixels) > 1.0))
def test_a_drag_moves_the_device_as_far_as_the_pointer_went(pixels: float) -> None:
    frames = [InputFrame(drag=(0.0, pixels)), *[NONE] * 300]
    travel = _travel(_hand(), frames, "wire.push")
    assert travel == pytest.approx(-0.0004 * pixels, rel=1e-6, abs=1e-9)


def test_a_drag_moves_only_the_device_that_was_chosen() -> None:
    hand = _hand()
    assert hand.commands(InputFrame(struck=("tab",))) == ("hand",)
    held = _held(hand, InputFrame(drag=(0.0, -10.0)), 3)
    assert "catheter.push" in held
    assert "wire.push" not in held


def test_on_a_trackpad_a_drag_pushes_and_two_fingers_or_shift_twist() -> None:
    plain = _held(_hand(Profile.TRACKPAD), InputFrame(drag=(9.0, -9.0)), 1)
    shifted = _held(_hand(Profile.TRACKPAD), InputFrame(drag=(9.0, -9.0), shift=True), 1)
    fingers = _held(_hand(Profile.TRACKPAD), InputFrame(wheel=(1.0, 0.0)), 1)
    assert set(plain) == {"wire.push"}
    assert set(shifted) == set(fingers) == {"wire.twist"}


def test_a_stick_has_a_dead_middle_and_reaches_full_speed() -> None:
    assert _held(_hand(pad=True), InputFrame(axes={"right_y": -0.9 * DEAD}), 3) == {}
    assert _held(_hand(pad=True), InputFrame(axes={"right_y": -1.0}), 3)["wire.push"] == pytest.approx(0.05)
    assert _held(_hand(pad=True), InputFrame(axes={"left_x": 1.0}), 3)["catheter.twist"] == pytest.approx(6.0)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_stick_pushed_further_is_never_slower(one: float, other: float) -> None:
    low, high = sorted((one, other))
    speeds = [
        float(_held(_hand(pad=True), InputFrame(axes={"right_x": x}), 1).get("wire.twist", 0.0)) for x in (low, high)
    ]
    assert speeds[0] <= speeds[1]


def test_triggers_are_pedals_and_a_pad_is_deaf_where_it_is_not_the_hand() -> None:
    frame = InputFrame(axes={"right_trigger": 0.9}, pad_down=frozenset({"a"}))
    assert _held(_hand(pad=True), frame, 1) == {"beam.mode": "fluoro", "syringe.aspirate": 1.5}
    assert _held(_hand(), frame, 1) == {}


def test_letting_go_ends_all_that_is_held() -> None:
    hand = _hand()
    _held(hand, InputFrame(down=frozenset({"up", "space", "q"})), 20)
    assert {(a.control, a.value) for a in hand.release()} == {
        ("wire.push", 0.0), ("beam.mode", "off"), ("syringe.aspirate", 0.0),
    }  # fmt: skip
    assert hand.release() == ()


def test_rumble_starts_before_the_limit_and_is_full_beyond_it() -> None:
    felt: list[float] = []
    hand = HandDevice(TABLE, HZ, rumble=felt.append)
    for share in (0.0, 0.69, 1.0, 2.0):
        hand.set_force(share)
    assert felt == [0.0, 0.0, pytest.approx(0.5), 1.0]


def test_what_happened_once_is_not_lost_between_two_ticks() -> None:
    first = InputFrame(struck=("1",), drag=(1.0, 2.0), pad_struck=("a",), down=frozenset({"1"}))
    both = merged(first, InputFrame(drag=(3.0, 4.0), down=frozenset({"up"})))
    assert (both.struck, both.drag, both.pad_struck) == (("1",), (4.0, 6.0), ("a",))
    assert both.down == {"up"}
    assert both.later().struck == ()
    assert both.later().down == {"up"}


def test_the_same_frames_give_the_same_actions() -> None:
    frames = [InputFrame(down=frozenset({"up"}), drag=(math.sin(k), math.cos(k))) for k in range(80)]
    one, other = _hand(), _hand()
    assert [one.poll(f, k) for k, f in enumerate(frames)] == [other.poll(f, k) for k, f in enumerate(frames)]


def test_a_script_acts_at_its_ticks() -> None:
    script = ScriptDevice({5: (Action("chart.read"),)})
    assert [script.poll(NONE, tick) for tick in (4, 5, 6)] == [(), (Action("chart.read"),), ()]

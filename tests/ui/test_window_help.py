"""The help of F1: it changes keys, sides and loudness, and keeps them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from simtrainer.procedures.selective_catheterisation.catalogue import SIGNALS
from simtrainer.ui.desktop.binding import Own, read_own
from simtrainer.ui.desktop.help_page import HelpPage
from simtrainer.ui.desktop.run_screen import Overlay
from simtrainer.ui.desktop.window import Look
from tests.ui.pad import VirtualPad, sdl_library
from tests.ui.player import Player

Opener = Callable[..., Player]


def help_of(player: Player) -> HelpPage:
    page = player.run.help
    assert page.is_open
    return page


def choose(player: Player, row: str) -> None:
    """Move the focus to `row` as a person does, and press Enter."""
    page = help_of(player)
    for _ in range(100):
        if page.menu.focus == row:
            break
        player.tap("down")
    assert page.menu.focus == row
    player.tap("return")


@pytest.fixture
def player(opened: Opener, tmp_path: Path) -> Player:
    """Return a window in mid-attempt with the help before it."""
    found = opened()
    found.window.desk.controls = tmp_path / "controls.yaml"
    found.begin()
    found.tap("f1")
    return found


def said(player: Player) -> str:
    return " | ".join(caption.text for caption in player.window.desk.captions.captions)


def test_a_key_is_given_in_the_window_works_at_once_and_is_kept(player: Player, tmp_path: Path) -> None:
    choose(player, "wire_push")
    player.tap("p", "o")  # both directions, one after the other
    assert not player.window.desk.capturing
    player.tap("f1", "1")
    player.down("p")
    player.seconds(1.0)
    player.up("p")
    player.frames(2)
    assert player.attempt.held["wire.push"] == 0.0
    wire = [signal.name for signal in SIGNALS].index("wire_in_mm")
    assert 20.0 < player.attempt.state.snapshot.signals[wire] < 60.0
    assert read_own(tmp_path / "controls.yaml").rows["wire_push"] == {"plus": ("p",), "minus": ("o",)}
    assert "C-arm to head / feet" in said(player), "whose key it was is told"


def test_while_a_key_is_asked_for_it_means_nothing_else(player: Player) -> None:
    choose(player, "puff")
    size = player.window.desk.canvas.scale
    player.tap("f3")
    assert player.window.desk.canvas.scale == size
    assert player.window.desk.own.rows == {"puff": {"keys": ("f3",)}, "text_size": {"keys": ("x",)}}
    choose(player, "puff")
    player.tap("escape")
    assert player.run.help.is_open, "Escape leaves the question, not the page"
    player.tap("escape")
    assert player.run.overlay is Overlay.NONE


def test_a_line_can_be_clicked_and_the_page_closed_by_its_button(player: Player) -> None:
    page = help_of(player)
    player.click(page.menu.rects["cine"].center)
    assert player.window.desk.capturing
    player.tap("n")
    assert player.window.desk.own.rows == {"cine": {"keys": ("n",)}}
    player.click(page.menu.rects["close"].center)
    assert player.run.overlay is Overlay.NONE


def test_the_hand_changes_sides_and_all_keys_come_back(player: Player, tmp_path: Path) -> None:
    choose(player, "cine")
    player.tap("n")
    choose(player, "left_handed")
    player.tap("f1", "1")
    player.down("w")
    player.seconds(0.5)
    assert player.attempt.held["wire.push"] == pytest.approx(0.05)
    player.up("w")
    player.tap("f1")
    assert player.window.desk.own.rows == {"cine": {"keys": ("x",)}}, "one's own keys change sides as well"
    choose(player, "shipped")
    assert read_own(tmp_path / "controls.yaml") == Own(left_handed=True)


def test_the_help_of_the_case_card_and_of_the_warm_up_change_keys_too(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    player.tap("f1", "down", "return", "p", "i", "escape")
    assert player.window.desk.own.rows["wire_push"] == {"plus": ("p",), "minus": ("i",)}
    player.tap("tab", "tab", "return")
    player.down("p")
    player.frames(30)
    state = player.window.screen.state  # type: ignore[union-attr]  # the warm-up
    assert state.at["wire.push"] > 0.01
    player.up("p")


def test_a_folder_that_cannot_be_written_is_told_and_the_key_holds(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    player = opened()
    player.window.desk.controls = tmp_path / "file" / "controls.yaml"
    player.begin()
    player.tap("f1")
    choose(player, "cine")
    player.tap("n")
    assert "not kept" in said(player)
    assert player.window.desk.own.rows == {"cine": {"keys": ("n",)}}


def loudness(player: Player, written: Path) -> float:
    """Return the greatest sample of the hum of the beam as it is written now."""
    start = written.stat().st_size // 2 if written.exists() else 0
    heard = np.zeros(0)
    player.down("space")
    for _ in range(3000):
        player.frames(1)
        heard = np.fromfile(written, dtype="<i2")[start:].astype(np.float64)
        if np.count_nonzero(heard) > 11025:
            break
    player.up("space")
    player.frames(2)
    return float(np.abs(heard[np.flatnonzero(heard)[2000:]]).max())


def test_louder_and_quieter_are_heard_said_and_kept(opened: Opener, tmp_path: Path) -> None:
    player = opened(look=Look(sound=True))
    player.window.desk.controls = tmp_path / "controls.yaml"
    player.begin()
    full = loudness(player, tmp_path / "sound.raw")
    player.tap(*["-"] * 5)
    assert "Sound 50 %" in said(player)
    assert player.window.desk.speaker.volume == pytest.approx(0.5)
    player.tap("f2", "f2")  # silences the tone that told the loudness
    half = loudness(player, tmp_path / "sound.raw")
    assert half == pytest.approx(0.5 * full, rel=0.1)
    assert read_own(tmp_path / "controls.yaml").volume == pytest.approx(0.5)
    player.tap(*["="] * 12)
    assert player.window.desk.speaker.volume == 1.0


def test_louder_lifts_the_silence_and_without_a_device_it_is_said(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = opened(look=Look(sound=True), own=Own(volume=0.2))
    player.frames(1)
    player.tap("f2", "=")
    assert not player.window.desk.speaker.muted
    assert player.window.desk.speaker.volume == pytest.approx(0.3)
    player.window.desk.speaker.close()
    monkeypatch.setenv("SDL_AUDIODRIVER", "none_such")
    silent = opened(look=Look(sound=True))
    silent.tap("=")
    assert "No sound device" in said(silent)


@pytest.mark.skipif(sdl_library() is None, reason="the place of pygame's SDL is known on Linux only")
def test_a_button_of_the_gamepad_is_given_in_the_window_and_works_at_once(opened: Opener, tmp_path: Path) -> None:
    pygame.joystick.init()
    pad = VirtualPad()
    player = opened(hand="gamepad")
    player.window.desk.controls = tmp_path / "controls.yaml"
    player.begin()
    player.tap("f1")
    choose(player, "saline")
    press(player, pad, X)
    assert not player.window.desk.capturing
    assert "press on the groin" in said(player), "whose button it was is told"
    choose(player, "run")
    press(player, pad, START)
    assert player.window.desk.own.rows["run"] == {"pad": "start"}, "while it is asked for it pauses nothing"
    choose(player, "run")
    press(player, pad, B)
    assert not player.window.desk.capturing
    assert player.window.desk.own.rows["run"] == {"pad": "start"}, "B leaves the question"
    player.tap("f1", "1")
    pad.button(X, down=True)
    player.seconds(0.5)
    assert player.attempt.held["syringe.saline"] == 2.5
    assert read_own(tmp_path / "controls.yaml").rows["press"] == {"pad": "b"}
    pad.detach()


B, X, START = 1, 2, 6
"""Numbers of buttons, as in SDL_GameControllerButton."""


def press(player: Player, pad: VirtualPad, button: int) -> None:
    pad.button(button, down=True)
    player.frames(2)
    pad.button(button, down=False)
    player.frames(2)

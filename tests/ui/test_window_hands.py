"""Hands, scripts, sound and what is refused at the window, without a screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from simtrainer.core.action import Action
from simtrainer.core.attempt import read_attempt
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.procedures.selective_catheterisation.catalogue import SIGNALS
from simtrainer.ui.desktop.binding import Own
from simtrainer.ui.desktop.end_screen import RatingScreen
from simtrainer.ui.desktop.window import Look, made_desk
from tests.ui.bench import BenchProcedure, bench_case
from tests.ui.pad import VirtualPad, sdl_library
from tests.ui.player import Player

Opener = Callable[..., Player]
LEFT_X, RIGHT_Y, RIGHT_TRIGGER = 0, 3, 5


def _signal(player: Player, name: str) -> float:
    names = [signal.name for signal in SIGNALS]
    return float(player.attempt.state.snapshot.signals[names.index(name)])


def area_of_beam(player: Player) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return player.pixels()[120:560, 360:600]


def test_a_left_handed_person_pushes_the_wire_with_the_left(opened: Opener) -> None:
    player = opened(own=Own(left_handed=True))
    player.begin()
    player.tap("1")
    player.down("w")
    player.seconds(1.0)
    assert _signal(player, "wire_in_mm") > 20.0


def test_a_drag_of_the_pointer_pushes_the_wire(opened: Opener) -> None:
    player = opened(hand="trackpad")
    player.begin()
    player.tap("1")
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=(600, 600)))
    for _ in range(20):
        pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, rel=(0, -5), pos=(600, 500), buttons=(1, 0, 0)))
        player.frames(1, 0.02)
    player.seconds(2.0)
    assert _signal(player, "wire_in_mm") == pytest.approx(40.0, abs=0.5)


@pytest.mark.skipif(sdl_library() is None, reason="the place of pygame's SDL is known on Linux only")
def test_a_gamepad_pushes_twists_and_steps_on_the_pedal(opened: Opener) -> None:
    pygame.joystick.init()
    pad = VirtualPad()
    player = opened(hand="gamepad")
    pad.axis(RIGHT_TRIGGER, -1.0)
    player.begin()
    player.tap("1")
    pad.axis(RIGHT_Y, -1.0)
    pad.axis(LEFT_X, 1.0)
    pad.axis(RIGHT_TRIGGER, 1.0)
    pad.button(0, down=True)
    player.seconds(1.0)
    held = player.attempt.held
    assert held["wire.push"] == pytest.approx(0.05, rel=0.02)
    assert held["catheter.twist"] == pytest.approx(6.0, rel=0.02)
    assert held["beam.mode"] == "fluoro"
    assert held["syringe.aspirate"] == 1.5
    assert player.attempt.sitting.device == "gamepad"
    pad.detach()


def test_without_a_gamepad_the_hand_is_refused_with_what_can_be_done() -> None:
    case = bench_case()
    with (
        pytest.raises(InputError, match="no gamepad is plugged in"),
        made_desk(case.course, BenchProcedure(), "en", own=Own(), look=Look(), hand="gamepad"),
    ):
        pass


def test_an_unknown_hand_is_refused() -> None:
    case = bench_case()
    with (
        pytest.raises(UnknownNameError, match="Did you mean 'keyboard'"),
        made_desk(case.course, BenchProcedure(), "en", own=Own(), look=Look(), hand="keybord"),
    ):
        pass


def test_without_a_display_it_says_what_else_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.delenv("DISPLAY", raising=False)
    case = bench_case()
    with (
        pytest.raises(InputError, match=r"--view none, or --film FILE\.mp4"),
        made_desk(case.course, BenchProcedure(), "en", own=Own(), look=Look(), hand="keyboard"),
    ):
        pass


def test_a_script_is_played_before_the_eyes_of_the_trainee(opened: Opener, tmp_path: Path) -> None:
    script = tmp_path / "deeds.yaml"
    script.write_text(
        "- {t: 0.1, control: wire.load, value: j_wire}\n- {t: 0.2, control: wire.push, value: 0.05}\n- {t: 1.0}\n"
    )
    player = opened(hand=f"script:{script}")
    player.begin()
    player.seconds(1.1)
    assert isinstance(player.window.screen, RatingScreen)
    attempt = read_attempt(player.attempt.path)
    assert attempt.header.sitting.device == "script"
    assert attempt.actions[20] == (Action("wire.push", 0.05),)


def test_the_beam_is_heard(opened: Opener, tmp_path: Path) -> None:
    player = opened(look=Look(sound=True))
    assert player.window.desk.speaker.works
    player.begin()
    player.down("space")
    written = tmp_path / "sound.raw"
    samples = np.zeros(0)
    for _ in range(3000):  # the mixer's thread writes what it plays, silence first
        player.frames(1)
        heard = np.fromfile(written, dtype="<i2").astype(np.float64)
        samples = heard[int(np.argmax(heard != 0.0)) :] if heard.any() else np.zeros(0)
        if len(samples) > 22050:
            break
    player.window.desk.speaker.close()
    assert len(samples) > 22050
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1.0 / 22050)[int(spectrum.argmax())] == pytest.approx(100.0, abs=2.0)


def test_without_a_sound_device_it_is_silent_and_says_so(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "none_such")
    player = opened(look=Look(sound=True))
    assert not player.window.desk.speaker.works
    player.tap("f2")
    assert any("No sound device" in caption.text for caption in player.window.desk.captions.captions)

"""The window from case card to score, without a screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest

from simtrainer.core.attempt import read_attempt
from simtrainer.core.header import Mode
from simtrainer.core.replay import verify
from simtrainer.procedures.selective_catheterisation.catalogue import SIGNALS
from simtrainer.ui.desktop.card_screen import CardScreen
from simtrainer.ui.desktop.case_image import CaseImage
from simtrainer.ui.desktop.end_screen import RatingScreen, ScoreScreen
from simtrainer.ui.desktop.run_screen import MOST_TICKS, Overlay
from simtrainer.ui.desktop.warm_screen import WarmScreen
from simtrainer.ui.desktop.window import Look
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.player import Ended
from tests.ui.bench import bench_case
from tests.ui.player import Player

Opener = Callable[..., Player]
LEFT_X, RIGHT_Y, RIGHT_TRIGGER = 0, 3, 5


def _signal(player: Player, name: str) -> float:
    names = [signal.name for signal in SIGNALS]
    return float(player.attempt.state.snapshot.signals[names.index(name)])


def area_of_beam(player: Player) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return player.pixels()[120:560, 360:600]


def test_what_is_done_on_the_case_card_are_the_actions_of_the_first_tick(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    assert isinstance(player.window.screen, CardScreen)
    player.tap("return", "return")  # read the card; the focus goes on to the time-out
    player.tap("return", "return", "return")  # three lines said aloud
    player.tap("tab", "return")
    player.seconds(0.1)
    assert [event.name for event in player.attempt.events] == ["CaseCardRead", "TimeOutDone"]
    assert [row.status.value for row in player.attempt.progress()[:2]] == ["done", "done"]


def test_a_trainee_may_begin_without_reading_and_that_is_recorded(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(0.2)
    assert not player.attempt.events


def test_the_warm_up_ticks_off_what_was_found_and_starts_no_attempt(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    player.tap("tab", "tab", "return")
    screen = player.window.screen
    assert isinstance(screen, WarmScreen)
    player.down("space")
    player.frames(2)
    player.up("space")
    player.down("up")
    player.frames(150)
    player.up("up")
    assert {"beam", "wire_push"} <= screen.state.found
    player.tap("escape")
    assert isinstance(player.window.screen, CardScreen)
    assert player.window.attempt is None


def test_keys_become_actions_of_the_session_and_the_pace_is_that_of_the_clock(opened: Opener) -> None:
    player = opened()
    player.begin()
    start = player.attempt.state.tick
    player.tap("1")
    player.down("space", "up")
    player.seconds(2.0)
    assert player.attempt.state.tick - start == pytest.approx(200 + 3, abs=4)
    assert 60.0 < _signal(player, "wire_in_mm") < 100.0
    assert _signal(player, "fluoroscopy_s") == pytest.approx(2.0, abs=0.1)
    player.up("space", "up")
    player.seconds(0.1)
    assert player.attempt.held["beam.mode"] == "off"
    assert player.attempt.held["wire.push"] == 0.0


def test_a_slow_machine_is_told_of_and_runs_slower_instead_of_jumping(opened: Opener) -> None:
    player = opened()
    player.begin()
    before = player.attempt.state.tick
    player.frames(12, dt=0.2)
    ticks = player.attempt.state.tick - before
    assert 12 <= ticks <= 12 * MOST_TICKS
    assert player.run.model(player.now).percent <= 25


def test_the_attempt_file_is_written_while_it_runs_and_verifies(opened: Opener, tmp_path: Path) -> None:
    player = opened()
    player.begin()
    player.tap("1")
    player.down("up")
    player.seconds(2.5)
    path = player.attempt.path
    assert read_attempt(path).ticks >= 200  # as a crash would leave it
    player.tap("f10", "right", "return")
    attempt = read_attempt(path)
    assert attempt.outcome is not None
    assert (attempt.header.sitting.trainee, attempt.header.sitting.device) == ("anna", "keyboard_mouse")
    assert attempt.header.sitting.aids == ("hints", "step_list", "force_bar")  # no 3D view on this machine
    assert verify(attempt, bench_case().session).identical


def test_undo_goes_back_ten_seconds_in_a_branch_of_its_own(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.tap("1")
    player.down("up")
    player.seconds(11.5)
    before, parent = player.attempt.state.tick, player.attempt.path
    player.up("up")
    player.frames(1)
    player.tap("backspace")
    assert player.attempt.path != parent
    assert before - 1110 < player.attempt.state.tick <= before - 990
    player.seconds(1.2)
    assert player.attempt.held["wire.push"] == 0.0
    player.tap("f10", "right", "return")
    branch = read_attempt(player.attempt.path)
    assert branch.header.parent is not None
    assert branch.header.parent.digest == read_attempt(parent).digest
    assert "undo" in branch.header.sitting.aids
    assert verify(branch, bench_case().session).identical


def test_an_assessment_shows_no_aid_has_no_undo_and_its_pause_ends_it(opened: Opener) -> None:
    player = opened(Mode.ASSESSED)
    player.begin()
    player.tap("1")
    player.down("up")
    player.seconds(3.0)
    player.up("up")
    model = player.run.model(player.now)
    assert model.steps is None
    assert model.force is None
    assert model.view is None
    assert "wall_force_max_n" not in [cell.id for cell in model.strip.cells]
    path = player.attempt.path
    player.tap("backspace")
    assert player.attempt.path == path
    player.tap("escape")
    assert player.run.overlay is Overlay.PAUSE
    tick = player.attempt.state.tick
    player.seconds(0.5)
    assert player.attempt.state.tick > tick + 40  # the clock goes on
    player.tap("right", "return")
    assert isinstance(player.window.screen, RatingScreen)
    assert player.window.played is not None
    assert player.window.played.ended is Ended.INTERRUPTED


def test_a_pause_in_practice_stops_the_clock_and_lets_go_of_the_pedal(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.down("space")
    player.seconds(0.5)
    player.tap("escape")
    tick = player.attempt.state.tick
    player.seconds(1.0)
    assert player.attempt.state.tick == tick
    player.up("space")
    player.tap("escape")
    player.seconds(0.2)
    assert player.attempt.held["beam.mode"] == "off"
    assert player.attempt.state.tick > tick


def test_the_rating_comes_before_the_score_and_the_result_holds_both(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(0.3)
    player.tap("f10", "right", "return")
    screen = player.window.screen
    assert isinstance(screen, RatingScreen)
    player.tap("up", "up", "right")
    assert screen.points == 71
    player.tap("tab", "return")
    assert isinstance(player.window.screen, ScoreScreen)
    rating = player.window.self_rating
    assert rating is not None
    assert (rating.points, rating.would_pass) == (71, False)
    assert not player.tap("return")
    assert player.window.played is not None
    assert not player.window.played.score.passed


def test_the_first_frame_counts_the_speed_from_the_first_tick(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(1.0)
    assert player.run.model(player.now).percent >= 98


def test_a_screenshot_is_a_picture_and_its_state_in_json(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(0.3)
    player.tap("f12")
    picture = next(player.attempt.path.parent.glob("*.png"))
    data = json.loads(picture.with_suffix(".json").read_text())
    assert pygame.image.load(str(picture)).get_size() == (1366, 768)
    assert (data["seed"], data["patient"]) == (1, "bench")
    assert set(data["signals"]) == {signal.name for signal in SIGNALS}
    assert len(data["digest"]) == 64


def test_force_over_the_limit_is_said_in_words(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.tap("1")
    player.down("up")
    player.seconds(4.0)
    assert _signal(player, "wall_force_max_n") > 2.0
    assert any("warning tone" in caption.text for caption in player.window.desk.captions.captions)
    force = player.run.model(player.now).force
    assert force is not None
    assert force.level is Level.ALARM


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size", [(1366, 768), (1280, 720)])
def test_every_screen_paints_at_every_size_and_in_both_languages(
    opened: Opener, language: str, scale: float, size: tuple[int, int]
) -> None:
    player = opened(language=language, look=Look(size=size, text_scale=scale, sound=False))
    seen = [player.frames(1) and player.pixels().std()]
    player.tap("f1")
    seen.append(player.pixels().std())
    player.tap("f1")
    player.begin()
    for key in ("f6", "f6", "f1", "f1", "escape", "escape", "f10"):
        player.tap(key)
        seen.append(player.pixels().std())
    player.tap("right", "return")
    seen.append(player.pixels().std())
    player.tap("return")
    seen.append(player.pixels().std())
    assert min(seen) > 5.0  # no empty screen
    assert player.pixels().shape == (size[1], size[0], 3)


def test_text_grows_and_colours_change_by_key(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    canvas = player.window.desk.canvas
    player.tap("f3", "f5")
    assert canvas.scale == 1.25
    assert canvas.palette.name == "contrast"
    player.tap("f3", "f3")
    assert canvas.scale == 1.0


def test_the_machine_s_picture_reaches_the_window(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.tap("1")
    player.down("space", "up")
    player.seconds(2.0)
    assert player.run.eyes.screen.settle(10.0)
    player.frames(1)
    assert (area_of_beam(player) == 40).mean() > 0.5
    bar = player.pixels()[42:90, 600:720]  # the wire is a white bar from the top of the picture
    assert (bar >= 240).all(axis=2).sum() > 100


def test_a_closed_window_ends_the_attempt_with_its_score(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(1.5)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    player.frames(1)
    assert player.window.played is not None
    assert player.window.played.ended is Ended.INTERRUPTED
    assert not read_attempt(player.attempt.path).cut_off


def test_a_window_that_dies_leaves_an_attempt_that_counts_as_cut_off(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(1.5)
    player.window.close()
    assert read_attempt(player.attempt.path).cut_off


def test_the_card_marks_the_goal_and_says_what_is_doubtful_about_the_patient(opened: Opener) -> None:
    player = opened(language="de")
    loaded = player.window.loader.loaded
    assert loaded is not None
    care = np.array(player.window.desk.canvas.palette.care[:3])
    grey = np.zeros((40, 40), dtype=np.uint8)

    def care_pixels(notes: tuple[str, ...], goal: tuple[float, float] | None) -> tuple[int, int]:
        image = CaseImage("card.front", grey, goal)
        player.window.loader.loaded = replace(loaded, notes=notes, images=(image, CaseImage("card.oblique", grey)))
        player.frames(1)
        marked = np.all(player.pixels() == care, axis=2)
        right = round(0.7 * marked.shape[1])
        return int(marked[:, right:].sum()), int(marked[:, :right].sum())

    plain_images, plain_text = care_pixels((), None)
    ring, text = care_pixels((), (0.5, 0.25))
    assert (ring > plain_images + 40, text) == (True, plain_text), "a ring in the images, nothing in the text"
    moved, _ = care_pixels((), (0.25, 0.75))
    assert moved == pytest.approx(ring, rel=0.2)
    ringless, noted = care_pixels(("Die Aorta ist 9 cm weit.",), None)
    assert (ringless, noted > plain_text + 20) == (plain_images, True), "the heading of the notes is in that colour"

"""The window at an open table, without a screen: two hands, two pictures, its own gauges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.attempt import read_attempt
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.replay import verify
from simtrainer.procedures.open_vessel_control.sight import CAMERAS
from simtrainer.ui.aftermath import debriefed, draw_3d, tip_ways, vessel_lines
from simtrainer.ui.desktop import live
from simtrainer.ui.desktop.binding import Own
from simtrainer.ui.desktop.card_screen import CardScreen
from simtrainer.ui.desktop.live import LiveAttempt
from simtrainer.ui.desktop.loader import Loader
from simtrainer.ui.desktop.room import RoomThread
from simtrainer.ui.desktop.run_model import RunModel
from simtrainer.ui.desktop.warm_screen import WarmScreen
from simtrainer.ui.desktop.window import Look, Window, Wish, made_desk
from simtrainer.ui.film import Film
from simtrainer.ui.gallery import Gallery
from simtrainer.ui.monitor.level import Level
from simtrainer.ui.panel import Caption, Panel
from simtrainer.ui.player import Ended
from tests.ui.open_bench import SIZE, Board, BoardEye, BoardProcedure, BoardState, board_case
from tests.ui.player import Player

Opener = Callable[..., Player]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Return what opens a window on the board; all are closed at the end."""
    with ExitStack() as stack:

        def make(mode: Mode = Mode.PRACTICE, *, language: str = "en", look: Look | None = None) -> Player:
            case = board_case(tmp_path, mode, language)
            chosen = look or Look(sound=False)
            desk, pump = stack.enter_context(
                made_desk(case.course, BoardProcedure(), language, own=Own(), look=chosen, hand="keyboard")
            )
            loader = Loader(lambda: case, wants_3d=False)
            window = Window(desk, pump, loader, Wish(mode, "anna", tmp_path / "out", "keyboard"))
            stack.callback(window.close)
            assert loader.wait(60.0)
            return Player(window)

        yield make


def model(player: Player) -> RunModel:
    return player.run.model(player.now)


def room(player: Player) -> RoomThread:
    screen = player.run.eyes.screen
    assert isinstance(screen, RoomThread)
    return screen


def test_the_case_card_shows_what_will_be_seen(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    assert isinstance(player.window.screen, CardScreen)
    loaded = player.window.loader.loaded
    assert loaded is not None
    assert [image.view for image in loaded.images] == ["surgeon's view", "assistant's view"]
    assert all(image.pixels.shape == (SIZE, SIZE, 3) for image in loaded.images)


def test_the_table_shows_two_pictures_and_a_key_goes_on_to_the_next_camera(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(0.2)
    assert room(player).settle(20.0)
    first = model(player)
    assert (first.sees, first.camera) == ("surgeon's view", "assistant's view")
    assert first.picture is not None
    assert first.view is not None
    assert first.picture.shape == (SIZE, SIZE, 3)
    assert not np.array_equal(first.picture, first.view)
    player.tap("f4")
    assert room(player).settle(20.0)
    second = model(player)
    assert (second.sees, second.camera) == ("assistant's view", "from near")
    assert second.picture is not None
    assert not np.array_equal(second.picture, first.picture)


def test_the_camera_changes_while_the_clock_stands(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.seconds(0.1)
    room(player).settle(20.0)
    before = model(player).picture
    player.run.eyes.next_camera({})
    assert room(player).settle(20.0)
    after = model(player).picture
    assert before is not None
    assert after is not None
    assert not np.array_equal(before, after)


def test_what_the_hands_hold_and_feel_is_read_beside_the_pictures(opened: Opener) -> None:
    player = opened(look=Look(size=(1920, 1080), sound=False))
    player.begin()
    player.tap("2", "space", "tab", "8")
    player.down("page down")
    player.seconds(1.2)
    player.up("page down")
    player.seconds(0.1)
    seen = model(player)
    assert seen.snapshot.words == {"left_tool": "suction", "right_tool": "forceps"}
    assert seen.values["right_close"] == 1.0
    assert seen.values["right_force_n"] > 3.0
    assert seen.hand == "left"
    cells = {cell.id: cell for cell in seen.strip.cells}
    assert list(cells)[:2] == ["time", "lost_ml"]
    assert float(cells["hand_force"].value) == pytest.approx(seen.values["right_force_n"], abs=0.05)


def test_the_force_bar_warns_of_tissue_at_the_limit_of_the_course(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.down("page down")
    player.seconds(1.6)
    force = model(player).force
    assert force is not None
    assert force.title == "Force on tissue"
    assert force.level is Level.ALARM
    assert "ease off" in force.word
    assert any("force on tissue" in caption.text for caption in player.window.desk.captions.captions)


def test_a_deed_of_the_team_lights_its_lamp(opened: Opener) -> None:
    player = opened()
    player.begin()
    dark = player.pixels().copy()
    player.tap("f8")
    player.seconds(0.2)
    assert [event.name for event in player.attempt.events] == ["AnaesthesiaCalled"]
    lamp = player.window.desk.canvas.palette.care
    lit = (player.pixels() == lamp).all(axis=2).sum() - (dark == lamp).all(axis=2).sum()
    assert lit > 500


def test_the_warm_up_is_that_of_the_open_table(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    player.tap("tab", "tab", "return")
    screen = player.window.screen
    assert isinstance(screen, WarmScreen)
    player.tap("2", "space")
    player.down("a", "home")
    player.frames(120)
    player.up("a", "home")
    assert screen.state.found == {"take", "close", "left_x", "right_turn"}
    assert player.window.attempt is None


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_every_screen_is_painted_in_either_language(opened: Opener, language: str, size: tuple[int, int]) -> None:
    player = opened(language=language, look=Look(size=size, sound=False))
    player.frames(1)
    pages = [player.pixels().copy()]
    player.begin()
    player.seconds(0.1)
    for key in ("f1", "f6", "f10"):
        player.tap(key)
        pages.append(player.pixels().copy())
        player.tap("escape")
    assert len({page.tobytes() for page in pages}) == 4


def test_an_attempt_at_the_open_table_is_undone_scored_and_told_back(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.tap("1")
    player.seconds(12.0)
    lost = player.attempt.state.world.lost_ml
    player.tap("backspace")
    player.seconds(0.1)
    assert player.attempt.state.world.lost_ml < lost
    case, gallery = player.attempt.case, player.attempt.gallery
    player.tap("f8")
    player.seconds(0.1)
    player.tap("f10", "tab", "return")
    played = player.window.played
    assert played is not None
    assert played.ended is Ended.DONE
    attempt = read_attempt(played.path)
    assert verify(attempt, case.session).identical
    told = debriefed(case, played, gallery)
    page = told.page.read_text(encoding="utf-8")
    assert "data:image/png" in page
    assert "A board" in page
    assert vessel_lines(case.world) == ()
    assert tip_ways(attempt) == ()
    assert draw_3d(case, attempt, told.page.parent, "stem", works=True) == {}


def test_the_eyes_of_a_person_need_no_past_and_give_colour(tmp_path: Path) -> None:
    case = board_case(tmp_path)
    gallery, eye = Gallery(case), BoardEye()
    state = case.session.start()
    step = case.session.step(state, ())
    gallery(step)
    np.testing.assert_array_equal(gallery.now(step), eye.look(step.state.world, 1))


def test_a_film_shows_the_wound_in_colour_with_hands_and_loss(tmp_path: Path) -> None:
    case = board_case(tmp_path)
    state = case.session.start()
    frame = Panel(case, "expert", 432).frame(BoardEye().look(BoardState(), 0), state, Caption("A remark", 0))
    assert frame.shape == (432, 768, 3)
    picture = frame[100:300, 150:300].reshape(-1, 3).astype(int)
    assert (picture[:, 0] > picture[:, 2] + 20).mean() > 0.5, "skin is red, not grey"
    path = tmp_path / "film.webp"
    with Film(case, "expert", path, speed=4.0, height=144) as film:
        for _ in range(60):
            step = case.session.step(state, ())
            state = step.state
            film(step)
    assert film.frames >= 2
    assert path.stat().st_size > 0


def test_moments_of_long_ago_stay_only_every_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FAR_S", 10)
    case = board_case(tmp_path)
    attempt = LiveAttempt(case, lambda: tmp_path / "long.attempt.jsonl", Sitting(mode=Mode.PRACTICE))
    for _ in range(100 * 30):
        attempt.step(())
    seconds = [moment.state.tick // 100 for moment in attempt._moments]
    assert seconds == [5, 10, 15, 20, *range(21, 31)]
    attempt.abandon()


def test_only_the_newest_state_is_looked_at(opened: Opener) -> None:
    thread = RoomThread(BoardProcedure(), Board(), 1, pace_hz=20.0)
    try:
        for tick in range(200):
            thread.show(BoardState(), tick)
        assert thread.settle(20.0)
        eye = thread._eye
        assert isinstance(eye, BoardEye)
        ticks = [tick for camera, tick in eye.looks if camera == "surgeon"]
        assert ticks[-1] == 199
        assert len(ticks) < 50
        assert thread.cameras == tuple(CAMERAS)
    finally:
        thread.close()


def test_an_eye_that_fails_is_told_to_the_window() -> None:
    class Blind(BoardEye):
        def look(self, state: BoardState, tick: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
            raise ValueError("no light")

    class Dark(BoardProcedure):
        def eye(self, world: object, streams: object) -> BoardEye:
            return Blind()

    thread = RoomThread(Dark(), Board(), 1)
    try:
        thread.show(BoardState(), 1)
        assert thread.settle(20.0)
        assert isinstance(thread.error, ValueError)
    finally:
        thread.close()

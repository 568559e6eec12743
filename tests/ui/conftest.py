"""Windows without a screen: SDL's dummy drivers, set before pygame opens anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from simtrainer.core.header import Mode
from simtrainer.ui.desktop.binding import Own
from simtrainer.ui.desktop.loader import Loader
from simtrainer.ui.desktop.window import Look, Window, Wish, made_desk
from tests.ui.bench import BenchProcedure, bench_case
from tests.ui.player import Player

Opener = Callable[..., Player]


@pytest.fixture(autouse=True)
def dummy_drivers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(tmp_path / "sound.raw"))
    monkeypatch.setenv("SDL_DISKAUDIODELAY", "0")
    monkeypatch.setenv("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Return what opens a window on the bench; all are closed at the end."""
    with ExitStack() as stack:

        def make(
            mode: Mode = Mode.PRACTICE, *, hand: str = "keyboard", language: str = "en", own: Own | None = None,
            look: Look | None = None,
        ) -> Player:  # fmt: skip
            case = bench_case(mode, language)
            chosen = look or Look(sound=False)
            desk, pump = stack.enter_context(
                made_desk(case.course, BenchProcedure(), language, own=own or Own(), look=chosen, hand=hand)
            )
            loader = Loader(lambda: case, wants_3d=False)
            window = Window(desk, pump, loader, Wish(mode, "anna", tmp_path / "out", hand))
            stack.callback(window.close)
            assert loader.wait(30.0)
            return Player(window)

        yield make

"""Plays a window by posted events and a clock of its own."""

from __future__ import annotations

import numpy as np
import pygame
from numpy.typing import NDArray

from simtrainer.ui.desktop.live import LiveAttempt
from simtrainer.ui.desktop.run_screen import RunScreen
from simtrainer.ui.desktop.window import Window


def _codes() -> dict[str, int]:
    return {pygame.key.name(getattr(pygame, n)): int(getattr(pygame, n)) for n in dir(pygame) if n.startswith("K_")}


class Player:
    """Presses keys and lets time pass."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.now = 0.0
        self._code = _codes()

    def down(self, *keys: str) -> None:
        for key in keys:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=self._code[key], mod=0, unicode="", scancode=0))

    def up(self, *keys: str) -> None:
        for key in keys:
            pygame.event.post(pygame.event.Event(pygame.KEYUP, key=self._code[key], mod=0, unicode="", scancode=0))

    def tap(self, *keys: str) -> bool:
        """Press and let go of each key in a frame of its own."""
        alive = True
        for key in keys:
            self.down(key)
            alive = self.frames(1)
            self.up(key)
            alive = self.frames(1) if alive else False
        return alive

    def click(self, place: tuple[int, int]) -> bool:
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=place))
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, button=1, pos=place))
        return self.frames(1)

    def frames(self, count: int, dt: float = 1.0 / 60.0) -> bool:
        alive = True
        for _ in range(count):
            self.now += dt
            alive = self.window.frame(self.now)
        return alive

    def seconds(self, time_s: float) -> None:
        """Let the session run for `time_s` at 50 frames a second."""
        self.frames(round(50 * time_s), 0.02)

    def begin(self) -> None:
        """Go from the case card to the table, doing nothing there."""
        self.frames(1)
        self.tap("tab", "tab", "tab", "return")
        assert isinstance(self.window.screen, RunScreen)

    @property
    def run(self) -> RunScreen:
        assert isinstance(self.window.screen, RunScreen)
        return self.window.screen

    @property
    def attempt(self) -> LiveAttempt:
        assert self.window.attempt is not None
        return self.window.attempt

    def pixels(self) -> NDArray[np.uint8]:
        """Return the window as RGB, shape (height, width, 3)."""
        surface = self.window.desk.canvas.surface
        picture: NDArray[np.uint8] = pygame.surfarray.array3d(surface).swapaxes(0, 1)
        return picture

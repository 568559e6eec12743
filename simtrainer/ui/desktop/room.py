"""Draws what a person's own eyes see, in a thread of its own, from the cameras of the procedure's eye.

Such an eye has no memory: only the newest state is looked at, and never more often than a rate, for the sake of the
mechanics. An eye with several cameras gives two pictures: the large one from the chosen camera, and a smaller one from
the next.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.stream import Streams
from simtrainer.procedures.procedure import Procedure
from simtrainer.ui.workplace import CameraEye

ASIDE = 3
"""The second camera looks once for so many looks of the first. because: design, four pictures a second"""
LEAST_REST = 0.5
"""Shortest rest after a look, as a share of the time that it took. because: design; two cores, one for the mechanics"""


class Looking(Protocol):
    """What makes the large picture of a window: a thread around an eye."""

    error: Exception | None
    version: int

    def show(self, state: Any, tick: int) -> None:
        """Hand over the state of a tick."""
        ...

    def go_back(self, tick: int) -> None:
        """Forget what was seen after `tick`."""
        ...

    def picture(self) -> NDArray[np.uint8] | None:
        """Return the newest picture; None before the first."""
        ...

    def settle(self, timeout_s: float) -> bool:
        """Wait until all that was handed over has been looked at; False where it took longer."""
        ...

    def close(self) -> None:
        """End the thread."""
        ...


class RoomThread:
    """Looks at the newest state from the chosen camera, and now and then from the next one."""

    def __init__(self, procedure: Procedure, world: Any, seed: int, *, pace_hz: float = 15.0) -> None:
        """Start the thread; `world` is one of its own, as in `xray.XrayThread`."""
        self._eye = procedure.eye(world, Streams(seed))
        self.cameras: tuple[str, ...] = self._eye.cameras if isinstance(self._eye, CameraEye) else ()
        self.camera = self.cameras[0] if self.cameras else ""
        self.error: Exception | None = None
        self.version = 0
        self._least = 1.0 / pace_hz
        self._newest: tuple[Any, int] | None = None
        self._fresh = self._busy = self._stopped = False
        self._wake = threading.Condition()
        self._picture: NDArray[np.uint8] | None = None
        self._aside: NDArray[np.uint8] | None = None
        self._looks = 0
        self._thread = threading.Thread(target=self._run, name="room", daemon=True)
        self._thread.start()

    @property
    def aside(self) -> str:
        """Name of the camera of the smaller picture; empty where there is only one."""
        if len(self.cameras) < 2:
            return ""
        return self.cameras[(self.cameras.index(self.camera) + 1) % len(self.cameras)]

    def show(self, state: Any, tick: int) -> None:
        """Hand over the state of a tick; an older one that was not yet looked at is passed over."""
        with self._wake:
            self._newest, self._fresh = (state, tick), True
            self._wake.notify_all()

    def go_back(self, tick: int) -> None:
        """Do nothing: eyes remember nothing, and the state of before is shown next."""

    def next_camera(self) -> None:
        """Look from the next camera, also while the clock stands."""
        if not self.cameras:
            return
        with self._wake:
            self.camera = self.aside or self.camera
            self._looks, self._fresh = 0, self._newest is not None
            self._wake.notify_all()

    def picture(self) -> NDArray[np.uint8] | None:
        """Return the newest picture, uint8, shape (n, n, 3); None before the first."""
        return self._picture

    def picture_aside(self) -> NDArray[np.uint8] | None:
        """Return the newest picture of the second camera; None before the first, or where there is none."""
        return self._aside

    def settle(self, timeout_s: float) -> bool:
        """Wait until the newest state has been looked at; False where it took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._fresh and not self._busy, timeout_s)

    def close(self) -> None:
        """End the thread."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: self._fresh or self._stopped)
                if self._stopped or self._newest is None:
                    return
                (state, tick), self._fresh, self._busy = self._newest, False, True
                main, aside = self.camera, self.aside
            began = time.perf_counter()
            try:
                self._look(state, tick, main, aside)
            except Exception as error:  # shown by the window; a thread has nobody to raise to
                self.error = error
                with self._wake:
                    self._busy = False
                    self._wake.notify_all()
                return
            took = time.perf_counter() - began
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: self._stopped, max(self._least - took, LEAST_REST * took))

    def _look(self, state: Any, tick: int, main: str, aside: str) -> None:
        eye = self._eye
        if isinstance(eye, CameraEye):
            eye.camera = main
        self._picture = eye.look(state, tick)
        if aside and isinstance(eye, CameraEye) and self._looks % ASIDE == 0:
            eye.camera = aside
            self._aside = eye.look(state, tick)
        self._looks += 1
        self.version += 1

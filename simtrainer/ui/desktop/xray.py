"""Draws the machine's picture in a thread of its own, on a patient of its own, so that nothing is shared."""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.stream import Streams
from simtrainer.procedures.procedure import Eye, Procedure

WAITING = 20
"""States that may wait to be looked at; with more the oldest are passed over. because: design, a fifth of a second"""


KEPT_TICKS = 200
"""Ticks between two memories of the screen that are kept. because: design, two seconds"""
MOST_KEPT = 24
"""Memories of the screen; of the older half every second one goes. because: design, at most some 70 MB"""


class XrayThread:
    """Looks at every state that is handed over, in order; kernels run without the interpreter's lock.

    The world of this thread is a second one: solvers and picture chain keep buffers that two threads must not share.
    """

    def __init__(self, procedure: Procedure, world: Any, seed: int) -> None:
        """Start the thread."""
        self._fresh: Callable[[], Eye] = lambda: procedure.eye(world, Streams(seed))
        self._eye = self._fresh()
        self._kept: list[tuple[int, Eye]] = []
        self._states: deque[tuple[Any, int]] = deque(maxlen=WAITING)
        self._wake = threading.Condition()
        self._busy = False
        self._stopped = False
        self._picture: NDArray[np.uint8] | None = None
        self.error: Exception | None = None
        self.version = 0
        self._thread = threading.Thread(target=self._run, name="fluoroscopy", daemon=True)
        self._thread.start()

    def show(self, state: Any, tick: int) -> None:
        """Hand over the state of a tick."""
        with self._wake:
            self._states.append((state, tick))
            self._wake.notify()

    def go_back(self, tick: int) -> None:
        """Forget what was seen after `tick`: lag, mask, roadmap and last image are those of shortly before it."""
        with self._wake:
            self._states.clear()
            self._wake.wait_for(lambda: not self._busy, timeout=5.0)
            self._kept = [(at, eye) for at, eye in self._kept if at <= tick]
            self._eye = copy.copy(self._kept[-1][1]) if self._kept else self._fresh()

    def picture(self) -> NDArray[np.uint8] | None:
        """Return the newest picture, uint8, shape (n, n); None before the first."""
        return self._picture

    def settle(self, timeout_s: float) -> bool:
        """Wait until all that was handed over has been looked at; False where it took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._states and not self._busy, timeout_s)

    def close(self) -> None:
        """End the thread."""
        with self._wake:
            self._stopped = True
            self._states.clear()
            self._wake.notify()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: bool(self._states) or self._stopped)
                if self._stopped:
                    return
                state, tick = self._states.popleft()
                self._busy = True
            try:
                picture = self._eye.look(state, tick)
            except Exception as error:  # shown by the window; a thread has nobody to raise to
                self.error = error
                return
            self._remember(tick)
            if picture is not self._picture:
                self._picture = picture
                self.version += 1

    def _remember(self, tick: int) -> None:
        """Keep a copy of the eye now and then; what it remembers is never written to, so the copy is shallow."""
        if self._kept and tick < self._kept[-1][0] + KEPT_TICKS:
            return
        self._kept.append((tick, copy.copy(self._eye)))
        if len(self._kept) > MOST_KEPT:
            del self._kept[1 : MOST_KEPT // 2 : 2]

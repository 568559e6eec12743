"""What draws the pictures of an attempt: the large one, and one beside it, by a machine, by eyes or in 3D."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.ui.desktop.desk import Desk
from simtrainer.ui.desktop.room import Looking, RoomThread
from simtrainer.ui.desktop.view3d import FOLLOW, View3D
from simtrainer.ui.workplace import said


@dataclass(frozen=True, slots=True)
class Beside:
    """The smaller picture, None where there is none yet; names of its camera and of the large picture's."""

    picture: NDArray[np.uint8] | None
    camera: str
    sees: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """The drawing threads; `view` is None where no 3D view is shown, and `note` says why."""

    screen: Looking
    view: View3D | None
    note: str

    def beside(self, desk: Desk) -> Beside:
        """Return the smaller picture with the names of both cameras."""
        view, screen = self.view, self.screen
        if isinstance(screen, RoomThread):
            names = desk.place.cameras
            aside, main = (said(names[c], desk.language) if c in names else c for c in (screen.aside, screen.camera))
            return Beside(screen.picture_aside(), aside, main)
        if view is None:
            return Beside(None, "", "")
        return Beside(view.picture(), desk.say("run.follow") if view.camera == FOLLOW else view.camera, "")

    def note_of(self, desk: Desk) -> str:
        """Return what stands in the place of the smaller picture while there is none; empty where none is offered."""
        if isinstance(self.screen, RoomThread):
            return desk.say("run.wait_picture") if self.screen.aside else ""
        if self.view is None:
            return self.note
        return desk.say("run.no_3d", why=self.view.error) if self.view.error else desk.say("run.wait_3d")

    def next_camera(self, curves: Mapping[str, NDArray[np.float64]]) -> None:
        """Look from the next camera."""
        if isinstance(self.screen, RoomThread):
            self.screen.next_camera()
        if self.view is not None:
            self.view.next_camera()
            self.view.show(curves)

    def close(self) -> None:
        """End the threads."""
        self.screen.close()
        if self.view is not None:
            self.view.close()

"""Buffers that a picture of an open wound is made in, kept from one picture to the next, each thread its own.

Fresh pages cost more than the drawing itself; nothing of these buffers leaves `open_field.render`.
"""

from __future__ import annotations

import threading

import numpy as np

from simtrainer.imaging.open_raster import B1, F8
from simtrainer.imaging.open_shade import COLUMNS

MOST = 4
"""Sizes of pictures that a thread keeps buffers for; design: a window, its second camera, a score, a film."""

SHADOW = 320
"""Cells of the map of shadows, either way; design: a cell is about half a millimetre of the wound."""


class Room:
    """Buffers of one size of picture (h, w)."""

    def __init__(self, size: tuple[int, int]) -> None:
        """Take the memory."""
        self.inverse, self.over = np.empty(size), np.empty(size)
        self.face, self.over_face = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
        self.rough = np.empty((max(size[0] // 2, 1), max(size[1] // 2, 1)))
        self.sky, self.open_sky = np.empty_like(self.rough), np.ones((1, 1))
        self.pixels = np.empty((*size, 3), dtype=np.uint8)
        self.row = np.zeros((2, size[1], 3))
        self.shadow, self.no_shadow = np.empty((SHADOW, SHADOW)), np.zeros((SHADOW, SHADOW))
        self.shadow_face = np.empty((SHADOW, SHADOW), dtype=np.int32)
        self.work = np.empty((4, 4))
        self._facts = np.empty((0, COLUMNS))
        self._needed = np.zeros(0, dtype=np.bool_)

    def facts_of(self, triangles: int) -> tuple[F8, B1]:
        """Return room for what the pixels of each triangle share, and for which of them are seen (all False)."""
        if len(self._facts) < triangles:
            self._facts = np.empty((triangles + triangles // 4, COLUMNS))
            self._needed = np.zeros(len(self._facts), dtype=np.bool_)
        self._needed[:] = False
        return self._facts[:triangles], self._needed[:triangles]


class _Rooms(threading.local):
    def __init__(self) -> None:
        self.by_size: dict[tuple[int, int], Room] = {}


_rooms = _Rooms()


def room_of(size: tuple[int, int]) -> Room:
    """Return this thread's buffers for pictures of `size` (h, w); the size asked for longest ago is given up."""
    kept = _rooms.by_size
    room = kept.pop(size, None) or Room(size)
    kept[size] = room
    if len(kept) > MOST:
        del kept[next(iter(kept))]
    return room

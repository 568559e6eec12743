"""A film of an attempt: what the machine's screen showed, with time, steps, force and captions beside it.

MP4 with VP9, which every present browser plays; where OpenCV is missing, an animated WebP of the same frames.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.session import SessionState, Step
from simtrainer.ui.case import Case
from simtrainer.ui.gallery import look_due
from simtrainer.ui.panel import Caption, Panel
from simtrainer.ui.workplace import Sees, workplace

if TYPE_CHECKING:
    from PIL import Image

FPS = 15
"""Frames a second: the pulse rate of fluoroscopy, so that at normal speed every pulse is one frame."""
SUFFIXES = (".mp4", ".webp")
FOURCC = "vp09"
SLOWEST, FASTEST = 0.2, 1000.0
LOOK_AHEAD = 2.5
"""Pulses before a frame that are looked at, so that the lag of the detector is that of the session, not of the film."""
RUNS_HZ = (4,)
"""Rate of subtraction, whose first frame is the mask: never left out."""
MOST_WEBP = 450
"""Frames that an animated WebP may hold. because: design; half a minute of film, half a gigabyte while it is made"""


class FilmWriter(Protocol):
    """Takes frames, RGB uint8 of one size, and makes a file of them."""

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Append one frame."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class Mp4Writer:
    """VP9 in MP4 by OpenCV."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Open `path`; InputError where this OpenCV cannot write VP9."""
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "8")  # it names a harmless fallback tag on standard error
        import cv2  # noqa: PLC0415  # an extra; only films need it

        self._cv2 = cv2
        self._writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*FOURCC), float(FPS), (width, height))
        if not self._writer.isOpened():
            raise InputError(
                f"{path}: cannot be written as VP9 by OpenCV {cv2.__version__}; try a name ending in .webp"
            )

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Append one frame."""
        self._writer.write(self._cv2.cvtColor(frame, self._cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        """Finish the file."""
        self._writer.release()


class WebpWriter:
    """Animated WebP by Pillow: a tenth of the time of VP9, and shown by every browser as a picture.

    Frames stand in memory until the end. When `MOST_WEBP` are there, every second one goes, and from then on every
    second one is taken: a long session gives a faster film, not a longer one.
    """

    def __init__(self, path: Path) -> None:
        """Write to `path` at the end."""
        self._path = path
        self._frames: list[Image.Image] = []
        self._apart = 1
        self._seen = 0

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Keep one frame, or pass over it."""
        from PIL import Image  # noqa: PLC0415  # an extra; only films need it

        if self._seen % self._apart == 0:
            self._frames.append(Image.fromarray(frame))
        self._seen += 1
        if len(self._frames) >= MOST_WEBP:
            del self._frames[1::2]
            self._apart *= 2

    def close(self) -> None:
        """Write the file."""
        if self._frames:
            first, *rest = self._frames
            first.save(
                self._path, save_all=True, append_images=rest, duration=round(1000 / FPS), loop=0, quality=60, method=0
            )


def can_film() -> bool:
    """Tell whether this installation can draw films at all."""
    return importlib.util.find_spec("PIL") is not None


def checked_film(path: Path) -> Path:
    """Return `path` where a film can be written there; InputError says what is in the way."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"film {path}: ends in '{path.suffix}'; allowed are {' and '.join(SUFFIXES)}")
    if path.exists():
        raise InputError(f"film {path}: exists already; a film is never overwritten")
    needed = {"PIL": "film"} | ({"cv2": "film"} if path.suffix.lower() == ".mp4" else {})
    for module, extra in needed.items():
        if importlib.util.find_spec(module) is None:
            raise InputError(f"film {path}: needs {module}. Type: pip install 'simtrainer[{extra}]'")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"film {path}: its folder cannot be made: {error.strerror}") from None
    return path


class Film:
    """Watches a session and films it.

    Parameters
    ----------
    speed
        Seconds of the session in one second of film.
    height
        Of the frames in pixels; they are 16 to 9.
    """

    def __init__(self, case: Case, hand: str, path: Path, *, speed: float = 1.0, height: int = 720) -> None:
        """Film `case`, in which `hand` acts, into `path`."""
        if not SLOWEST <= speed <= FASTEST:
            raise InputError(f"a film runs {SLOWEST} to {FASTEST:.0f} times as fast as the session, not {speed}")
        self.path = path
        self.frames = 0
        self._panel = Panel(case, hand, height)
        self._eye = case.eye()
        self._hz: int = case.world.tick_hz
        self._speed = speed
        self._remembers = workplace(case.procedure.name).sees is Sees.MACHINE
        self._caption: Caption | None = None
        self._screen: NDArray[np.uint8] = np.zeros((512, 512), np.uint8)
        self._writer: FilmWriter = (
            Mp4Writer(path, self._panel.width, self._panel.height)
            if path.suffix.lower() == ".mp4"
            else WebpWriter(path)
        )

    def __enter__(self) -> Self:
        """Return the film."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file with the frames that there are."""
        with contextlib.suppress(OSError) if error is not None else contextlib.nullcontext():
            self._writer.close()

    def __call__(self, step: Step[Any, Any]) -> None:
        """Take in one step; look at the screen when a pulse is due, take a frame when the film needs one."""
        for remark in step.feedback:
            self._caption = Caption(remark.text, remark.tick)
        tick = step.state.tick
        left = self._next(tick) - tick
        if not self._remembers:
            self._screen = self._eye.look(step.state.world, tick) if left == 0 else self._screen
        elif look_due(tick, self._hz) and (left <= LOOK_AHEAD * self._hz / FPS or look_due(tick, self._hz, RUNS_HZ)):
            self._screen = self._eye.look(step.state.world, tick)
        if left == 0:
            self.take(step.state)

    def take(self, state: SessionState[Any, Any]) -> None:
        """Append a frame of `state` with the screen as it was last seen."""
        self._writer.add(self._panel.frame(self._screen, state, self._caption))
        self.frames += 1

    def _next(self, tick: int) -> int:
        """Return the first tick from `tick` on that the film takes: frame k is due at k * speed / FPS seconds."""
        apart = self._speed * self._hz / FPS
        return math.ceil((math.floor((tick - 1) / apart) + 1) * apart)

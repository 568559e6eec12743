"""A virtual gamepad, made with the SDL that pygame carries; needs no device and no rights.

Source: SDL_joystick.h, SDL_JoystickAttachVirtual and its neighbours, SDL 2.0.14 and later.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pygame

GAMECONTROLLER = 1
AXES, BUTTONS = 6, 15


class VirtualPad:
    """A gamepad with six axes and fifteen buttons."""

    def __init__(self) -> None:
        self._sdl = _sdl()
        self._number = int(self._sdl.SDL_JoystickAttachVirtual(GAMECONTROLLER, AXES, BUTTONS, 0))
        assert self._number >= 0
        self._sdl.SDL_JoystickOpen.restype = ctypes.c_void_p
        self._joystick = ctypes.c_void_p(self._sdl.SDL_JoystickOpen(self._number))

    def axis(self, number: int, value: float) -> None:
        self._sdl.SDL_JoystickSetVirtualAxis(self._joystick, number, ctypes.c_int16(int(32767 * value)))

    def button(self, number: int, down: bool) -> None:
        self._sdl.SDL_JoystickSetVirtualButton(self._joystick, number, ctypes.c_uint8(down))

    def detach(self) -> None:
        self._sdl.SDL_JoystickClose(self._joystick)
        self._sdl.SDL_JoystickDetachVirtual(self._number)


def sdl_library() -> Path | None:
    """Return the SDL that pygame has loaded; None where its place is not known."""
    folder = Path(pygame.__file__).parent.parent / "pygame.libs"
    return next(iter(folder.glob("libSDL2-2*")), None) if sys.platform == "linux" else None


def _sdl() -> ctypes.CDLL:
    library = sdl_library()
    assert library is not None
    return ctypes.CDLL(str(library))

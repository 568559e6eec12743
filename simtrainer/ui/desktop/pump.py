"""From pygame's events to an `InputFrame`: the only place that knows pygame's names of keys, pads and pointers."""

from __future__ import annotations

from typing import Any

import pygame
from pygame._sdl2 import controller

from simtrainer.ui.desktop.device import InputFrame

PAD_AXES = {
    "left_x": pygame.CONTROLLER_AXIS_LEFTX, "left_y": pygame.CONTROLLER_AXIS_LEFTY,
    "right_x": pygame.CONTROLLER_AXIS_RIGHTX, "right_y": pygame.CONTROLLER_AXIS_RIGHTY,
    "left_trigger": pygame.CONTROLLER_AXIS_TRIGGERLEFT, "right_trigger": pygame.CONTROLLER_AXIS_TRIGGERRIGHT,
}  # fmt: skip
PAD_BUTTONS = {
    "a": pygame.CONTROLLER_BUTTON_A, "b": pygame.CONTROLLER_BUTTON_B, "x": pygame.CONTROLLER_BUTTON_X,
    "y": pygame.CONTROLLER_BUTTON_Y, "left_shoulder": pygame.CONTROLLER_BUTTON_LEFTSHOULDER,
    "right_shoulder": pygame.CONTROLLER_BUTTON_RIGHTSHOULDER, "back": pygame.CONTROLLER_BUTTON_BACK,
    "start": pygame.CONTROLLER_BUTTON_START, "dpad_up": pygame.CONTROLLER_BUTTON_DPAD_UP,
    "dpad_down": pygame.CONTROLLER_BUTTON_DPAD_DOWN, "dpad_left": pygame.CONTROLLER_BUTTON_DPAD_LEFT,
    "dpad_right": pygame.CONTROLLER_BUTTON_DPAD_RIGHT, "left_stick": pygame.CONTROLLER_BUTTON_LEFTSTICK,
    "right_stick": pygame.CONTROLLER_BUTTON_RIGHTSTICK,
}  # fmt: skip
_FULL = 32767.0


def key_names() -> frozenset[str]:
    """Return the names of all keys that can be bound."""
    codes = (getattr(pygame, name) for name in dir(pygame) if name.startswith("K_"))
    return frozenset(name for name in (pygame.key.name(code) for code in codes) if name)


class Pump:
    """Gathers what the hands do; at most one gamepad."""

    def __init__(self) -> None:
        """Open the first gamepad, if there is one."""
        self._down: set[str] = set()
        self._dragging = False
        self._pad: Any = None
        self._pad_down: frozenset[str] = frozenset()
        controller.init()
        self._open_pad()

    @property
    def pad_name(self) -> str:
        """Name of the gamepad; empty where there is none."""
        return str(self._pad.name) if self._pad is not None else ""

    def frame(self) -> InputFrame:
        """Return what happened since the last call."""
        struck: list[str] = []
        clicks: list[tuple[int, int]] = []
        drag, wheel = [0.0, 0.0], [0.0, 0.0]
        typed, quitting = "", False
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                quitting = True
            elif event.type in (pygame.KEYDOWN, pygame.KEYUP):
                self._key(event, struck)
            elif event.type == pygame.TEXTINPUT:
                typed += event.text
            elif event.type == pygame.WINDOWFOCUSLOST:
                self._down.clear()  # a key that is let go elsewhere never tells
                self._dragging = False
            elif event.type in (pygame.CONTROLLERDEVICEADDED, pygame.CONTROLLERDEVICEREMOVED):
                self._open_pad()
            else:
                self._pointer(event, clicks, drag, wheel)
        axes, pad_down = self._pad_state()
        pad_struck = tuple(sorted(pad_down - self._pad_down))
        self._pad_down = pad_down
        return InputFrame(
            down=frozenset(self._down), struck=tuple(struck),
            shift="left shift" in self._down or "right shift" in self._down,
            drag=(drag[0], drag[1]), wheel=(wheel[0], wheel[1]), axes=axes, pad_down=pad_down, pad_struck=pad_struck,
            clicks=tuple(clicks), typed=typed, quit=quitting,
        )  # fmt: skip

    def rumble(self, strength: float) -> None:
        """Shake the gamepad, for as long as it is told again and again."""
        if self._pad is not None:
            self._pad.rumble(0.4 * strength, strength, 120 if strength > 0.0 else 1)

    def close(self) -> None:
        """Let go of the gamepad."""
        if self._pad is not None:
            self._pad.quit()
            self._pad = None
        controller.quit()

    def _key(self, event: Any, struck: list[str]) -> None:
        name = pygame.key.name(event.key)
        if event.type == pygame.KEYUP:
            self._down.discard(name)
        elif name not in self._down:  # a held key repeats; that is no second press
            self._down.add(name)
            struck.append(name)

    def _pointer(self, event: Any, clicks: list[tuple[int, int]], drag: list[float], wheel: list[float]) -> None:
        if event.type == pygame.MOUSEBUTTONDOWN and event.button in (1, 3):
            self._dragging = True
            clicks.append((int(event.pos[0]), int(event.pos[1])))
        elif event.type == pygame.MOUSEBUTTONUP and event.button in (1, 3):
            self._dragging = False
        elif event.type == pygame.MOUSEMOTION and self._dragging:
            drag[0] += event.rel[0]
            drag[1] += event.rel[1]
        elif event.type == pygame.MOUSEWHEEL:
            wheel[0] += event.precise_x
            wheel[1] += event.precise_y

    def _pad_state(self) -> tuple[dict[str, float], frozenset[str]]:
        if self._pad is None or not self._pad.attached():
            return {}, frozenset()
        axes = {name: max(-1.0, self._pad.get_axis(code) / _FULL) for name, code in PAD_AXES.items()}
        return axes, frozenset(name for name, code in PAD_BUTTONS.items() if self._pad.get_button(code))

    def _open_pad(self) -> None:
        if self._pad is not None and self._pad.attached():
            return
        self._pad = None
        for number in range(controller.get_count()):
            if controller.is_controller(number):
                self._pad = controller.Controller(number)
                return

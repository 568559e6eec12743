"""Finds out what this machine can show, play and be steered with, each in a child process that may die.

VTK ends its process with a segmentation fault where no OpenGL is found, and SDL may hang on a broken sound server.
So `probe` starts `python -m simtrainer.ui.probe PART`, waits a bounded time, and reads one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

TIMEOUT_S = 60.0
"""Longest wait for one child; a first import of VTK from a cold disk takes some seconds."""


class Part(Enum):
    """What can be probed."""

    GL = "gl"
    DISPLAY = "display"
    SOUND = "sound"
    GAMEPAD = "gamepad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a child found: whether the part works, and one line about it."""

    works: bool
    detail: str


_CRASHED = {Part.GL: "no OpenGL here that VTK can use: its trial crashed"}
"""What a crash of a trial means, for people. because: VTK ends in a segmentation fault without libEGL and libOSMesa"""


def probe(part: Part) -> Finding:
    """Return whether `part` works on this machine; a child that dies or hangs counts as no."""
    command = [sys.executable, "-m", "simtrainer.ui.probe", part.value]
    env = os.environ | {"PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and module
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, env=env, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding(works=False, detail=f"no answer within {TIMEOUT_S:.0f} s")
    lines = done.stdout.splitlines()
    if done.returncode < 0:
        return Finding(works=False, detail=_CRASHED.get(part, f"its trial ended with signal {-done.returncode}"))
    try:
        data = json.loads(lines[-1])
        return Finding(bool(data["works"]), str(data["detail"]))
    except (IndexError, ValueError, KeyError, TypeError):
        return Finding(works=False, detail=f"its trial ended with code {done.returncode}")


def _gl() -> Finding:
    import vtkmodules.vtkRenderingOpenGL2  # noqa: F401, PLC0415  # registers the factories
    from vtkmodules.vtkFiltersSources import vtkConeSource  # noqa: PLC0415
    from vtkmodules.vtkRenderingCore import (  # noqa: PLC0415
        vtkActor,
        vtkPolyDataMapper,
        vtkRenderer,
        vtkRenderWindow,
        vtkWindowToImageFilter,
    )

    cone = vtkConeSource()
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(cone.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    renderer = vtkRenderer()
    renderer.AddActor(actor)
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetSize(64, 64)
    window.AddRenderer(renderer)
    window.Render()
    grab = vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.Update()
    low, high = grab.GetOutput().GetScalarRange()
    lines = window.ReportCapabilities().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("OpenGL renderer string")]
    return Finding(high > low, f"{window.GetClassName()}, {names[0] if names else 'unknown renderer'}")


def _display() -> Finding:
    import pygame  # noqa: PLC0415

    pygame.display.init()
    driver = pygame.display.get_driver()
    shows = driver in {"x11", "wayland", "windows", "cocoa"}
    size = pygame.display.get_desktop_sizes()[0] if shows else (0, 0)
    pygame.display.quit()
    return Finding(shows, f"{driver}, {size[0]} x {size[1]}" if shows else f"only the driver '{driver}', no screen")


def _sound() -> Finding:
    import pygame  # noqa: PLC0415

    pygame.mixer.init()
    rate, _, channels = pygame.mixer.get_init()
    pygame.mixer.quit()
    return Finding(works=True, detail=f"{rate} Hz, {channels} channels")


def _gamepad() -> Finding:
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    import pygame  # noqa: PLC0415

    pygame.display.init()
    pygame.joystick.init()
    names = [pygame.joystick.Joystick(i).get_name() for i in range(pygame.joystick.get_count())]
    pygame.quit()
    return Finding(bool(names), ", ".join(names) or "none is plugged in")


_PROBES: dict[Part, Callable[[], Finding]] = {
    Part.GL: _gl,
    Part.DISPLAY: _display,
    Part.SOUND: _sound,
    Part.GAMEPAD: _gamepad,
}


def _child(part: Part) -> int:
    try:
        found = _PROBES[part]()
    except Exception as error:  # whatever a driver throws is the answer
        found = Finding(works=False, detail=f"{type(error).__name__}: {error}")
    sys.stdout.write(json.dumps({"works": found.works, "detail": found.detail}) + "\n")
    sys.stdout.flush()
    return 0 if found.works else 1


if __name__ == "__main__":
    sys.exit(_child(Part(sys.argv[1])))

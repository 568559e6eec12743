"""Makes a case ready in a thread, so that the case card can be read meanwhile and progress is seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simtrainer.core.error import SimtrainerError
from simtrainer.core.scene import Scene
from simtrainer.core.stream import Streams
from simtrainer.ui.case import Case
from simtrainer.ui.desktop.case_image import CaseImage, case_images, eye_images
from simtrainer.ui.note import notes
from simtrainer.ui.probe import Finding, Part, probe
from simtrainer.ui.workplace import Sees, said, workplace


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything that the window needs of a case.

    Parameters
    ----------
    second
        The world of the thread that draws the machine's pictures.
    graphics
        Whether a 3D view is possible here.
    notes
        What must be known about an imported patient.
    """

    case: Case
    second: Any
    scene: Scene
    images: tuple[CaseImage, ...]
    graphics: Finding
    notes: tuple[str, ...] = ()


STAGES = ("load.patient", "load.mechanics", "load.pictures", "load.graphics", "load.ready")


class Loader:
    """Runs `opened` and what follows from it; `stage` is the key of what it does now."""

    def __init__(self, opened: Callable[[], Case], *, wants_3d: bool) -> None:
        """Start the thread."""
        self.stage = STAGES[0]
        self.error: Exception | None = None
        self.loaded: Loaded | None = None
        self._opened = opened
        self._wants_3d = wants_3d
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)
        self._thread.start()

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return STAGES.index(self.stage) / (len(STAGES) - 1)

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is ready; False where it takes longer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._load()
        except SimtrainerError as error:
            self.error = error
        except Exception as error:  # raised again in the main thread; a thread has nobody to raise to
            self.error = error

    def _load(self) -> None:
        case = self._opened()
        self.stage = STAGES[1]
        start = case.session.start()
        case.session.step(start, ())  # compiles what a tick needs, where progress can be shown
        self.stage = STAGES[2]
        second: Any = case.procedure.world(_again(case))
        scene = case.procedure.scene(case.world)
        images = _images(case, scene, start.world)
        case.procedure.observe(case.world, start.world, 0, Streams(case.seed))
        self.stage = STAGES[3]
        graphics = probe(Part.GL) if self._wants_3d else Finding(works=False, detail="")
        self.loaded = Loaded(case, second, scene, images, graphics, notes(case))
        self.stage = STAGES[4]


def _images(case: Case, scene: Scene, state: Any) -> tuple[CaseImage, ...]:
    """Return the images of the case card: of a machine before, or what eyes will see."""
    place = workplace(case.procedure.name)
    if place.sees is Sees.MACHINE:
        return case_images(scene, case.world.facts.ideal_path)
    names = {camera: said(name, case.live.language) for camera, name in place.cameras.items()}
    return eye_images(case.eye(), state, names)


def _again(case: Case) -> str:
    """Return by what name or folder the patient is found once more."""
    return case.labels.get("patient_folder") or case.patient

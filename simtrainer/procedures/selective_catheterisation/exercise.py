"""The procedure as courses, hands and views meet it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.package import load_package
from simtrainer.core.error import UnknownNameError
from simtrainer.core.scene import Body, Camera, Curve, Scene
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.imaging.patient import patient_bodies
from simtrainer.procedures import procedures
from simtrainer.procedures.procedure import Bot, Drafting
from simtrainer.procedures.selective_catheterisation import fact
from simtrainer.procedures.selective_catheterisation.bots.cast import BOTS, DRAFTING
from simtrainer.procedures.selective_catheterisation.bots.expert import STEPS
from simtrainer.procedures.selective_catheterisation.catalogue import CATHETERS, EVENTS, PROJECTIONS, SIGNALS, WIRES
from simtrainer.procedures.selective_catheterisation.eye import FluoroscopeEye
from simtrainer.procedures.selective_catheterisation.observation import Observation, observe
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import Exercise

_LUMEN = (0.78, 0.20, 0.18)
_WIRE = (0.93, 0.93, 0.96)
_CATHETER = (0.16, 0.55, 0.85)


class SelectiveCatheterisation:
    """Procedure `selective_catheterisation`; see `procedures.procedure.Procedure`."""

    name = "selective_catheterisation"

    @property
    def vocabulary(self) -> Vocabulary:
        """Every name that a course for this procedure may use."""
        return Vocabulary(
            procedure=self.name,
            events={kind.name: kind.fields for kind in EVENTS},
            signals=tuple(signal.name for signal in SIGNALS),
            numbers=fact.NUMBERS,
            facts=fact.WORDS,
            words={
                "device": (*WIRES, *CATHETERS),
                "landmark": ("ascending_aorta",),
                "projection": PROJECTIONS,
                "straightened": ("yes", "no"),
            },
        )

    def world(self, patient: str | Path) -> Exercise:
        """Return the exercise on a built-in patient or on the package in a folder."""
        return Exercise(load_package(patient))

    def scene(self, world: Exercise) -> Scene:
        """Return lumen, bones and devices, with four cameras."""
        package = world.package
        lumen = Body("lumen", package.lumen_points, package.lumen_triangles, _LUMEN, 0.35)
        bones = tuple(
            body for body in patient_bodies(package.body_parts) if body.attenuation_per_m > 0.0 and body.name != "body"
        )
        curves = (Curve("catheter", 0.83 * MM, _CATHETER), Curve("wire", 0.45 * MM, _WIRE))
        return Scene((lumen, *bones), curves, _cameras(world))

    def eye(self, world: Exercise, streams: Streams) -> FluoroscopeEye:
        """Return what draws the fluoroscope's pictures."""
        return FluoroscopeEye(world, streams)

    def observe(self, world: Exercise, state: TableState, tick: int, streams: Streams) -> Observation:
        """Return what a person at the table could see and feel."""
        return observe(world, state, tick, streams)

    @property
    def bots(self) -> tuple[str, ...]:
        """Names of the bots."""
        return tuple(BOTS)

    @property
    def steps_left_out(self) -> tuple[str, ...]:
        """Steps that a bot can leave out."""
        return STEPS

    @property
    def drafting(self) -> Drafting:
        """On what the bots were written, and what follows where they leave a step out."""
        return DRAFTING

    def bot(self, name: str, seed: int, leave_out: str = "") -> Bot:
        """Return the bot called `name`, which forgets the step `leave_out` if that is not empty."""
        if name not in BOTS:
            raise UnknownNameError("bot", name, BOTS)
        if leave_out and leave_out not in STEPS:
            raise UnknownNameError("step that a bot can leave out", leave_out, STEPS)
        return BOTS[name](seed, leave_out)


def _cameras(world: Exercise) -> tuple[Camera, ...]:
    points = world.package.lumen_points
    low, high = points.min(axis=0), points.max(axis=0)
    middle = 0.5 * (low + high)
    reach = float(np.linalg.norm(high - low))
    arch = world.atlas.origin(world.package.tree.number(world.package.target))
    head = (0.0, 0.0, 1.0)

    def camera(name: str, focus: NDArray[np.float64], away: tuple[float, float, float]) -> Camera:
        x, y, z = (float(v) for v in focus)
        return Camera(name, (x + away[0], y + away[1], z + away[2]), (x, y, z), head)

    return (
        camera("whole, from the front", middle, (0.0, 1.3 * reach, 0.0)),
        camera("whole, from the left", middle, (-1.3 * reach, 0.0, 0.0)),
        camera("arch, left anterior oblique", arch, (-0.18, 0.18, 0.02)),
        camera("arch, from the front", arch, (0.0, 0.25, 0.0)),
    )


EXERCISE = procedures.put(SelectiveCatheterisation.name, SelectiveCatheterisation())

"""The procedure as courses, hands and views meet it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simtrainer.anatomy.block import load_block
from simtrainer.anatomy.block_kind import block_names
from simtrainer.core.error import UnknownNameError
from simtrainer.core.scene import Body, Camera, Curve, Scene
from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.curriculum.vocabulary import Vocabulary
from simtrainer.imaging.open_shape import tube
from simtrainer.procedures import procedures
from simtrainer.procedures.open_vessel_control import fact
from simtrainer.procedures.open_vessel_control.bots.cast import BOTS, DRAFTING
from simtrainer.procedures.open_vessel_control.bots.expert import STEPS
from simtrainer.procedures.open_vessel_control.catalogue import EVENTS, LAYERS, SIGNALS, TOOLS
from simtrainer.procedures.open_vessel_control.eye import OpenEye
from simtrainer.procedures.open_vessel_control.observation import Observation, observe
from simtrainer.procedures.open_vessel_control.sight import CAMERAS, COLOURS, TUBE_COLOURS
from simtrainer.procedures.open_vessel_control.state import WoundState
from simtrainer.procedures.open_vessel_control.world import Exercise
from simtrainer.procedures.procedure import Bot, Drafting

_STEEL = (0.72, 0.74, 0.77)


class OpenVesselControl:
    """Procedure `open_vessel_control`; see `procedures.procedure.Procedure`."""

    name = "open_vessel_control"

    @property
    def vocabulary(self) -> Vocabulary:
        """Every name that a course for this procedure may use; its patients are soft blocks."""
        side, answer = ("proximal", "distal"), ("yes", "no")
        return Vocabulary(
            procedure=self.name,
            events={kind.name: kind.fields for kind in EVENTS},
            signals=tuple(signal.name for signal in SIGNALS),
            numbers=fact.NUMBERS,
            facts=fact.WORDS,
            words={
                "tool": TOOLS,
                "hand": ("left", "right"),
                "layer": LAYERS,
                "where": side,
                "seen": answer,
                "right": answer,
                "holds": ("artery", "tissue"),
                "cause": ("itself", "blade"),
                "by": ("pressure", "clamps", "ties"),
            },
            patients=block_names(),
        )

    def world(self, patient: str | Path) -> Exercise:
        """Return the exercise on a built-in block or on the block in a folder."""
        return Exercise(load_block(patient))

    def scene(self, world: Exercise) -> Scene:
        """Return the block, its vessels and the tools, with the cameras of the eye."""
        surfaces = world.field.tissue(world.mesh.points, np.ones(len(world.mesh.kind), dtype=np.bool_))
        bodies = [
            Body(name, world.mesh.points, surface.triangles, COLOURS[name], 0.35)
            for name, surface in zip(world.names, surfaces, strict=True)
            if len(surface.triangles)
        ]
        for name, vessel in world.bed.tubes.items():
            points, triangles = tube(vessel.points, vessel.radii)
            bodies.append(Body(name, points, triangles, TUBE_COLOURS[name]))
        curves = (Curve("left_tool", 2.0 * MM, _STEEL), Curve("right_tool", 2.0 * MM, _STEEL))
        return Scene(tuple(bodies), curves, tuple(_camera(name) for name in CAMERAS))

    def eye(self, world: Exercise, streams: Streams) -> OpenEye:
        """Return what draws the wound; its pictures have no noise of their own."""
        del streams
        return OpenEye(world)

    def observe(self, world: Exercise, state: WoundState, tick: int, streams: Streams) -> Observation:
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


def _camera(name: str) -> Camera:
    seen = CAMERAS[name]
    (px, py, pz), (fx, fy, fz), (ux, uy, uz) = ((float(v) for v in p) for p in (seen.position, seen.focus, seen.up))
    return Camera(name, (px, py, pz), (fx, fy, fz), (ux, uy, uz))


EXERCISE = procedures.put(OpenVesselControl.name, OpenVesselControl())

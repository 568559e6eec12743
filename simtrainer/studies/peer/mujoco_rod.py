"""MuJoCo: a chain of capsules on hinges, in a tube of boxes or of triangles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from simtrainer.core.units import MM, MS
from simtrainer.studies.peer import peers
from simtrainer.studies.peer.engine import Engine, Peer
from simtrainer.studies.peer.task import (
    BEND_END,
    DENSITY,
    EI,
    END,
    FRICTION,
    LENGTH,
    LUMEN,
    RADIUS,
    SEGMENTS,
    SHEATH,
    STRAIGHT,
    Floats,
    Task,
    laid,
    middle_line,
    surface,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

SEGMENT = LENGTH / SEGMENTS
BENDING = EI / SEGMENT
"""Spring of a joint [N m/rad]: a chain with it bends as the wire does."""
WIRE_BIT, WALL_BIT = "1", "2"
"""So that the wire touches the wall and not itself."""
SIDES, THICK, OVERLAP = 24, 1.5 * MM, 1.25
"""Boxes around the tube, their half thickness [m], and by how much each is too wide, so that no gap is left."""
RINGS = 17
"""Rings of boxes in the bend, 3.7 mm each."""
SKIN = 0.5 * MM
"""Thickness that a flexible surface must have [m]."""
ALONG, AROUND = 80, 24
"""Rings and corners of the tube of triangles."""


class Mujoco:
    """A chain of capsules whose back rides on a slide and a turning joint."""

    def __init__(self, task: Task, step: float, armature: float, wall: Callable[[Element], None]) -> None:
        """Have MuJoCo compile the model and stand at its beginning."""
        import mujoco  # noqa: PLC0415  # an optional extra

        self._step: Callable[[Any, Any], None] = mujoco.mj_step
        self._model = mujoco.MjModel.from_xml_string(_scene(task, step, armature, wall))
        self._data = mujoco.MjData(self._model)
        mujoco.mj_forward(self._model, self._data)
        self._tip: int = self._model.site("tip").id

    def advance(self, pushed: float, turned: float) -> None:
        """Go on by a step."""
        self._data.ctrl[0] = pushed
        self._data.ctrl[1] = turned
        self._step(self._model, self._data)

    def nodes(self) -> Floats:
        """Return the joints, and the tip."""
        return np.vstack([self._data.xpos[1:], self._data.site_xpos[self._tip]])


def _scene(task: Task, step: float, armature: float, wall: Callable[[Element], None]) -> str:
    """Return the model in MuJoCo's XML.

    A contact is as stiff as the step allows: a time constant of two steps, the shortest that MuJoCo keeps.
    """
    root = Element("mujoco")
    option = SubElement(
        root, "option", timestep=f"{step}", gravity="0 0 0", integrator="implicitfast", cone="elliptic", iterations="50"
    )
    SubElement(option, "flag", autoreset="disable")
    SubElement(root, "size", memory="200M")
    geom = SubElement(SubElement(root, "default"), "geom")
    geom.attrib |= _touch(step)
    world = SubElement(root, "worldbody")
    wall(world)
    _chain(world, task, armature)
    actuator = SubElement(root, "actuator")
    SubElement(actuator, "position", joint="push", kp="2000", kv="20")
    SubElement(actuator, "position", joint="turn", kp="0.05", kv="0.0005")
    return tostring(root, encoding="unicode")


def _touch(step: float) -> dict[str, str]:
    return {
        "condim": "3", "friction": f"{FRICTION} 0 0", "solref": f"{2.0 * step} 1", "solimp": "0.99 0.999 0.0001",
    }  # fmt: skip


def _chain(world: Element, task: Task, armature: float) -> None:
    """Add the wire; each joint is damped by half of what is critical for its spring and armature [kg m2]."""
    damping = f"{np.sqrt(BENDING * armature)}"
    body = SubElement(world, "body", pos=_words(laid(task)[0]))
    SubElement(body, "joint", name="push", type="slide", axis="1 0 0", damping="0.01")
    SubElement(body, "joint", name="turn", type="hinge", axis="1 0 0", damping="1e-5", armature="1e-6")
    for k in range(SEGMENTS):
        if k > 0:
            body = SubElement(body, "body", pos=f"{SEGMENT} 0 0")
            for axis in ("0 1 0", "0 0 1"):
                SubElement(
                    body, "joint", type="hinge", axis=axis, stiffness=f"{BENDING}", damping=damping,
                    armature=f"{armature}",
                )  # fmt: skip
        SubElement(
            body, "geom", type="capsule", fromto=f"0 0 0 {SEGMENT} 0 0", size=f"{RADIUS}", density=f"{DENSITY}",
            contype=WIRE_BIT, conaffinity=WALL_BIT,
        )  # fmt: skip
    SubElement(body, "site", name="tip", pos=f"{SEGMENT} 0 0")


def _boxes(world: Element) -> None:
    """Add the wall: long boxes along the straight pieces, rings of short ones around the bend."""
    borders = np.concatenate(([-SHEATH], np.linspace(STRAIGHT, BEND_END, RINGS + 1), [END]))
    points, tangents = middle_line(0.5 * (borders[1:] + borders[:-1]))
    up = np.array([0.0, 0.0, 1.0])
    for point, tangent, length in zip(points, tangents, np.diff(borders), strict=True):
        for angle in 2.0 * np.pi * np.arange(SIDES) / SIDES:
            outwards = np.cos(angle) * np.cross(tangent, up) + np.sin(angle) * up
            size = np.array([0.5 * length + 0.2 * MM, OVERLAP * LUMEN * np.tan(np.pi / SIDES), THICK])
            SubElement(
                world, "geom", type="box", size=_words(size), pos=_words(point + (LUMEN + THICK) * outwards),
                xyaxes=_words(np.concatenate((tangent, np.cross(outwards, tangent)))),
                contype=WALL_BIT, conaffinity=WIRE_BIT,
            )  # fmt: skip


def _triangles(world: Element, step: float) -> None:
    """Add the wall as a rigid surface of triangles, so much further out as it is thick."""
    vertices, corners = surface(ALONG, AROUND, LUMEN + SKIN)
    flex = SubElement(
        world, "flexcomp", name="tube", type="direct", dim="2", radius=f"{SKIN}", rigid="true",
        point=_words(vertices.ravel()), element=" ".join(str(k) for k in corners.ravel()),
    )  # fmt: skip
    contact = SubElement(flex, "contact", contype=WALL_BIT, conaffinity=WIRE_BIT, selfcollide="none")
    contact.attrib |= _touch(step)


def _words(numbers: Floats) -> str:
    return " ".join(f"{number:.7g}" for number in numbers)


def _boxed(task: Task, *, step: float, armature: float) -> Engine:
    return Mujoco(task, step, armature, _boxes)


def _meshed(task: Task, *, step: float, armature: float) -> Engine:
    return Mujoco(task, step, armature, partial(_triangles, step=step))


# because: the longest step, and the armature, with which the wire stays in: at 2 ms it left the tube by 6 mm (measured)
peers.put("mujoco_boxes", Peer("MuJoCo, wall of boxes", "mujoco", MS, partial(_boxed, step=MS, armature=1e-4)))
peers.put("mujoco_flex", Peer("MuJoCo, wall of triangles", "mujoco", MS, partial(_meshed, step=MS, armature=1e-4)))

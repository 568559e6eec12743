"""What the needle's kernels share: columns of their arrays, the model and the body that they change. All in SI."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

F8: TypeAlias = NDArray[np.float64]

CUT, STATIC, KINETIC, SHEAR, PUSH, SIDE, REST, RATE = range(8)
"""Columns of a layer: cutting force [N], static and kinetic friction [N/m], shear stiffness [N/m2], stiffness before
the tip [N/m], lateral stiffness [N/m2], share that does not relax, rate of relaxation [1/s]."""
LAYER = 8
LINEAR, SQUARE, PIERCE, FADE, FADING, RECOIL = range(6)
"""Columns of a wall: a1 [N/m], a2 [N/m2], puncture force [N], share that relaxes, its rate, rate of recoil [1/s]."""
WALL = 6
KIND, SIGN, PLACE, AIM, WIDE, GRID, BEYOND_IT = 0, 1, 2, 5, 8, 9, 10
"""Columns of a surface: what it is, sign of its distance, a point [m], a unit vector, radius [m], number of its grid,
and the layer inside it."""
SURFACE = 11
PLANE, CYLINDER, FIELD = 0, 1, 2
"""Kinds of surfaces."""

ARC, WHICH, SENSE, BEYOND, PIERCED, LAG, SLACK, WHEN = range(8)
"""Columns of a crossing of the track with a surface: arc length [m], surface, +1 inwards or -1 outwards, layer beyond,
whether it is pierced, the wall's slow displacement [m], what is left of its displacement after piercing [m], tick of
piercing."""
CROSS = 8
CROSSINGS = 32
"""Most crossings of one track. because: design; a central line meets fewer than ten"""
L_WHICH, L_SENSE, L_WHEN, L_FORCE, L_BEYOND, L_ARC = range(6)
"""Columns of the log of punctures; the force at the tip [N]."""
LOG, LOGGED = 6, 64
"""Width of the log, and how many punctures it keeps, the latest."""

STRETCH, SLIDES, STIFF, MOST, MOVING, LEFT, FADES, LATERAL, COVERED = range(9)
"""Columns of a cell of the track: shear displacement [m], whether it slides, stiffness [N/m], static and sliding
limit [N], what does not relax [N], rate of relaxation [1/s], lateral stiffness [N/m], covered length [m]."""
CELL = 9

Z, SEEN, REACH, COVER, TIP, HERE, ON, COUNT, PUNCTURES, TICK, WORK, LOST, PEAK, AXIAL, CURVED, SLIPPED, FRONT = range(
    17
)
"""Scalars of a body: arc length of the tip [m], how far surfaces were looked for, how far the track is cut, how far
tissue lies around the shaft [m], elastic displacement before the tip [m], layer of the tip, whether it touches tissue,
number of crossings, of punctures, tick, work of the hand along the track [J], of it lost [J], largest force of the
step and force at its end [N], the latter's part from the bent track [N], share of the shaft that slides, force at the
tip [N]."""
SCALARS = 17


class Model(NamedTuple):
    """A needle and the tissue before it, as kernels read them.

    Parameters
    ----------
    layers, walls, surfaces
        (l, LAYER), (j, WALL), (j, SURFACE).
    bricks, shapes, starts, values, corners
        Sampled surfaces end to end: bricks, counts of bricks (g, 3), where each begins (g, 2), samples, and origin and
        spacing [m] (g, 4).
    beam
        Length [m], EI [N m2], lateral over cutting force, distance of nodes, of cells and largest stride of the tip,
        how near a tip must be to a track to follow it [m].
    nodes
        Number of nodes.
    """

    layers: F8
    walls: F8
    surfaces: F8
    bricks: NDArray[np.int32]
    shapes: NDArray[np.int64]
    starts: NDArray[np.int64]
    values: NDArray[np.float32]
    corners: F8
    beam: F8
    nodes: int


LONG, RIGID, LEAN, STEP, SPAN, STRIDE, NEAR = range(7)
"""Columns of `Model.beam`."""


class Body(NamedTuple):
    """A needle between steps.

    Parameters
    ----------
    scalars
        (SCALARS,).
    hub
        Position [m], axis and two directions across it in W, (4, 3).
    bend
        Deflection [m] and slope of each node along the two directions, (2, n, 2).
    tip
        Position [m] and direction of the tip in W, (2, 3).
    track
        Where the tip cut, every `SPAN` of arc length [m] in W, (m, 3); the last row is its end.
    cells
        (m - 1, CELL).
    cross
        (CROSSINGS, CROSS).
    field
        Distance [m] of the end of what was seen from each surface, (j,).
    log
        (LOGGED, LOG).
    load
        Force [N] and torque [N m] of the hand along the hub's axes, the torque about the hub, (2, 3).
    """

    scalars: F8
    hub: F8
    bend: F8
    tip: F8
    track: F8
    cells: F8
    cross: F8
    field: F8
    log: F8
    load: F8


class Scratch(NamedTuple):
    """Buffers of one step.

    Parameters
    ----------
    band, right
        Of the beam, (2 n + 2, 4) and (2, 2 n + 2).
    begin
        Hub before the step, (4, 3).
    place, goal, touch
        Points and directions, (2, 3).
    walk
        Distances of surfaces, (2, j).
    """

    band: F8
    right: F8
    begin: F8
    place: F8
    goal: F8
    touch: F8
    walk: F8

"""TubeNav: a wire is pushed and turned through a rigid tube with one bend; the wall is known exactly.

The tube lies in the plane z = 0 and begins straight along x. Its middle line is a straight piece of 400 mm, the last
100 mm of it with x > 0, a quarter of a circle of radius 40 mm, and 60 mm straight along y. Arc positions count from
x = 0. What lies before it is a sheath: it keeps the wire from buckling in free air.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import GPA, MM

Floats = NDArray[np.float64]
SHEATH, STRAIGHT, BEND, BEYOND = 0.300, 0.100, 0.040, 0.060
"""Lengths of sheath and first straight piece, radius of the bend, length of the last piece [m]."""
LUMEN = 4.0 * MM
"""Radius of the tube [m]."""
BEND_END = STRAIGHT + 0.5 * np.pi * BEND
"""Arc position of the end of the bend [m]."""
END = BEND_END + BEYOND

RADIUS, LENGTH, SEGMENTS = 0.45 * MM, 0.300, 100
"""Of the wire: radius and length [m], and the segments that engines of a fixed wire cut it into."""
YOUNG, POISSON, DENSITY = 17.0 * GPA, 1.0 / 3.0, 6500.0
"""because: flexural modulus of a stiff 0.035 inch guidewire, Harrison 2011, doi 10.1583/11-3592.1"""
AREA = np.pi * RADIUS**2
EI = YOUNG * np.pi / 4.0 * RADIUS**4
GJ = EI / (1.0 + POISSON)
FRICTION = 0.1
SPEED, TURN = 0.020, 0.5
"""Of the hand: push [m/s] and turn [rad/s]."""


@dataclass(frozen=True, slots=True)
class Task:
    """A stretch of the way.

    Parameters
    ----------
    tip
        Arc position of the wire's tip at the beginning [m].
    seconds
        How long it is pushed and turned [s].
    """

    tip: float
    seconds: float

    @property
    def ideal(self) -> float:
        """Arc position of the tip at the end if the wire followed the middle line [m]."""
        return self.tip + SPEED * self.seconds


WHOLE = Task(0.010, 8.0)
QUICK = Task(0.090, 4.0)
"""The second half of WHOLE, from 10 mm before the bend to 7 mm behind it."""


def laid(task: Task) -> Floats:
    """Return the nodes [m] of a straight wire at the beginning, tip last, shape (SEGMENTS + 1, 3)."""
    nodes = np.zeros((SEGMENTS + 1, 3))
    nodes[:, 0] = np.linspace(task.tip - LENGTH, task.tip, SEGMENTS + 1)
    return nodes


def middle_line(arc: Floats) -> tuple[Floats, Floats]:
    """Return points [m] and unit tangents of the middle line at arc positions (n,), each shape (n, 3)."""
    angle = np.clip((arc - STRAIGHT) / BEND, 0.0, 0.5 * np.pi)
    tangents = np.column_stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)])
    points = BEND * np.column_stack([np.sin(angle), 1.0 - np.cos(angle), np.zeros_like(angle)])
    points[:, 0] += np.minimum(arc, STRAIGHT)
    points[:, 1] += np.maximum(arc - BEND_END, 0.0)
    return points, tangents


def nearest(points: Floats) -> tuple[Floats, Floats]:
    """Return the distance [m] of points (n, 3) from the middle line and the arc position nearest to them, each (n,).

    Each of the three pieces gives its own nearest arc position in closed form; the nearest of the three counts.
    """
    x, y, _ = points.T
    turned = np.arctan2(x - STRAIGHT, BEND - y)
    arcs = np.stack(
        [
            np.clip(x, -SHEATH, STRAIGHT),
            STRAIGHT + BEND * np.clip(turned, 0.0, 0.5 * np.pi),
            np.clip(BEND_END + y - BEND, BEND_END, END),
        ]
    )
    distances = np.stack([np.linalg.norm(points - middle_line(arc)[0], axis=1) for arc in arcs])
    best, column = distances.argmin(axis=0), np.arange(len(points))
    return distances[best, column], arcs[best, column]


def clearance(points: Floats) -> Floats:
    """Return the distance [m] of points (n, 3) to the wall, positive inside; the tube's ends are round caps."""
    return np.asarray(LUMEN - nearest(points)[0])


def depth(points: Floats) -> Floats:
    """Return how deep [m] the surface of a wire whose middle passes through points (n, 3) lies beyond the wall, (n,).

    Negative where it does not reach the wall.
    """
    return np.asarray(RADIUS - clearance(points))


def surface(along: int, around: int, radius: float = LUMEN) -> tuple[Floats, NDArray[np.int32]]:
    """Return a tube of `radius` [m] as triangles: vertices [m] (v, 3) and corners (t, 3).

    Corners go counter-clockwise seen from within. The flat sides touch the round wall from outside, midway
    between vertices around; `along` rings make what lies behind the sheath.
    """
    arc = np.concatenate((np.linspace(-SHEATH, 0.0, 12)[:-1], np.linspace(0.0, END, along)))
    points, tangents = middle_line(arc)
    angle = 2.0 * np.pi * np.arange(around) / around
    up = np.array([0.0, 0.0, 1.0])
    outwards = np.cross(tangents, up)
    ring = np.cos(angle)[:, None] * outwards[:, None, :] + np.sin(angle)[:, None] * up
    vertices = points[:, None, :] + radius / np.cos(np.pi / around) * ring
    here = np.arange(around)
    after = (here + 1) % around
    first = around * np.arange(len(arc) - 1)[:, None]
    a, b, c, d = first + here, first + after, first + around + here, first + around + after
    corners = np.stack([np.stack([a, b, c], axis=-1), np.stack([b, d, c], axis=-1)], axis=-2)
    return vertices.reshape(-1, 3), corners.reshape(-1, 3).astype(np.int32)

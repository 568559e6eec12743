"""What a needle goes through: layers, the walls between them, and the surfaces where those stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.grid import SparseGrid
from simtrainer.physics.needle_check import check_boundaries, check_fields, check_stack, check_vectors
from simtrainer.physics.needle_problem import CYLINDER, FIELD, PLANE, SURFACE

F8 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layer:
    """A tissue that is the same all over.

    Parameters
    ----------
    cutting
        Force at the tip that advances in it [N].
    friction
        Of the shaft that slides, per embedded length [N/m].
    stiction
        Static over sliding friction, at least 1.
    shear_stiffness
        Of the tissue that sticks to the shaft, per embedded length [N/m2].
    tip_stiffness
        Of the tissue before the tip until it cuts [N/m].
    lateral_stiffness
        Force per length of shaft and displacement across it [N/m2].
    relaxing, relaxation_time
        Share of cutting force and friction that fades while the hand rests, and its time constant [s].
    """

    name: str
    cutting: float = 0.0
    friction: float = 0.0
    stiction: float = 1.0
    shear_stiffness: float = 5e4
    tip_stiffness: float = 2e3
    lateral_stiffness: float = 0.0
    relaxing: float = 0.0
    relaxation_time: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers that no tissue has; InputError says which."""
        where = f"layer '{self.name}'"
        check_fields(
            where, least=0.0, cutting=self.cutting, friction=self.friction, lateral_stiffness=self.lateral_stiffness
        )
        check_fields(where, least=1.0, stiction=self.stiction)
        check_fields(where, least=1.0, shear_stiffness=self.shear_stiffness, tip_stiffness=self.tip_stiffness)
        check_fields(where, least=0.0, most=0.95, relaxing=self.relaxing)
        check_fields(where, least=1e-3, relaxation_time=self.relaxation_time)

    def row(self) -> tuple[float, ...]:
        """Return it as the kernels read it."""
        return (
            self.cutting, self.friction * self.stiction, self.friction, self.shear_stiffness, self.tip_stiffness,
            self.lateral_stiffness, 1.0 - self.relaxing, 1.0 / self.relaxation_time,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands between two layers and must be pierced.

    Parameters
    ----------
    puncture
        Force at the tip that pierces it [N], with the cutting force of the layer before it; 0 for a border without a
        wall. Where that layer alone needs as much it gives way without a peak.
    stiffness, stiffening
        Force of the wall that the tip carries before it over displacement: a1 d + a2 d^2, [N/m] and [N/m2].
    relaxing, relaxation_time
        Share of a1 that fades while it is held, and its time constant [s].
    recoil_time
        Time constant with which it slides back along the shaft once pierced [s].
    """

    name: str
    puncture: float = 0.0
    stiffness: float = 500.0
    stiffening: float = 0.0
    relaxing: float = 0.0
    relaxation_time: float = 1.0
    recoil_time: float = 0.015

    def __post_init__(self) -> None:
        """Refuse numbers that no wall has; InputError says which."""
        where = f"wall '{self.name}'"
        check_fields(where, least=0.0, puncture=self.puncture, stiffening=self.stiffening)
        check_fields(where, least=1.0, stiffness=self.stiffness)
        check_fields(where, least=0.0, most=0.95, relaxing=self.relaxing)
        check_fields(where, least=1e-3, relaxation_time=self.relaxation_time, recoil_time=self.recoil_time)

    def row(self) -> tuple[float, ...]:
        """Return it as the kernels read it."""
        return (
            self.stiffness, self.stiffening, self.puncture, self.relaxing, 1.0 / self.relaxation_time,
            1.0 / self.recoil_time,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane through `point` [m] in W whose `normal`, any length, points out of what lies beyond it; each (3,)."""

    point: F8
    normal: F8


@dataclass(frozen=True, slots=True)
class Cylinder:
    """An endless round vessel: a `point` on its axis [m] and the `direction` of it in W, each (3,), `radius` [m]."""

    point: F8
    direction: F8
    radius: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """A surface that is sampled: positive inside as a vessel's clearance is; where it knows nothing is outside."""

    grid: SparseGrid


Surface: TypeAlias = Plane | Cylinder | Sampled


@dataclass(frozen=True, slots=True)
class Boundary:
    """A surface, the wall that stands on it, and the layer inside it.

    A vessel has one boundary: its near wall is crossed inwards, its far wall outwards.
    """

    surface: Surface
    wall: Wall
    beyond: Layer

    def __post_init__(self) -> None:
        """Refuse a surface that is none."""
        where = f"boundary '{self.wall.name}'"
        if isinstance(self.surface, Plane):
            check_vectors(where, point=self.surface.point, normal=self.surface.normal)
        elif isinstance(self.surface, Cylinder):
            check_vectors(where, point=self.surface.point, direction=self.surface.direction)
            check_fields(where, least=1e-4, radius=self.surface.radius)


AIR = Layer("air")
"""What lies outside of everything."""


@dataclass(frozen=True, slots=True)
class Tissue:
    """Boundaries from the outside inwards.

    Where several surfaces enclose a point the last of them says which layer it is in. A surface that is crossed without
    a change of layer has no wall there.
    """

    boundaries: tuple[Boundary, ...]

    def __post_init__(self) -> None:
        """Refuse planes that are out of order or too near to each other."""
        planes = [
            (one.wall.name, np.asarray(one.surface.point), np.asarray(one.surface.normal))
            for one in self.boundaries
            if isinstance(one.surface, Plane)
        ]
        check_boundaries(len(self.boundaries), planes)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Air, then the layer inside each boundary, one after the other, each once."""
        return tuple(dict.fromkeys((AIR, *(one.beyond for one in self.boundaries))))

    def rows(self) -> tuple[F8, F8, F8]:
        """Return layers, walls and surfaces as the kernels read them, (l, LAYER), (j, WALL), (j, SURFACE)."""
        layers = self.layers
        surfaces = np.zeros((len(self.boundaries), SURFACE))
        grids = 0
        for row, one in zip(surfaces, self.boundaries, strict=True):
            beyond = layers.index(one.beyond)
            row[-1] = beyond
            if isinstance(one.surface, Sampled):
                row[:2], row[9] = (FIELD, -1.0), grids
                grids += 1
                continue
            round_ = isinstance(one.surface, Cylinder)
            aim = np.asarray(one.surface.direction if isinstance(one.surface, Cylinder) else one.surface.normal, float)
            row[:2] = (CYLINDER if round_ else PLANE), 1.0
            row[2:5] = one.surface.point
            row[5:8] = aim / np.linalg.norm(aim)
            row[8] = one.surface.radius if isinstance(one.surface, Cylinder) else 0.0
        walls = np.array([one.wall.row() for one in self.boundaries])
        return np.array([layer.row() for layer in layers]), walls, surfaces

    def grids(self) -> tuple[SparseGrid, ...]:
        """Return the sampled surfaces in the order of their numbers."""
        return tuple(one.surface.grid for one in self.boundaries if isinstance(one.surface, Sampled))


def stack(point: F8, normal: F8, layers: Sequence[tuple[Wall, Layer, float]]) -> tuple[Boundary, ...]:
    """Return plane layers one below the other.

    Parameters
    ----------
    point, normal
        A point [m] on the first surface, and the direction out of the tissue, each (3,).
    layers
        The wall that is met, the layer below it, and its thickness [m]; that of the last counts for nothing.
    """
    check_vectors("stack", point=point, normal=normal)
    check_stack([(wall.name, thick) for wall, _, thick in layers])
    out = np.asarray(normal, float) / np.linalg.norm(normal)
    tops = np.concatenate(([0.0], np.cumsum([thick for _, _, thick in layers])))
    return tuple(
        Boundary(Plane(np.asarray(point, float) - deep * out, out), wall, layer)
        for (wall, layer, _), deep in zip(layers, tops[:-1], strict=True)
    )

"""From closed surfaces to tetrahedra whose nodes lie on the surface, with angles that a solver can live with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simtrainer.anatomy.distance import surface_clearance, triangle_tree
from simtrainer.anatomy.repair import area, volume
from simtrainer.anatomy.tetra_check import bodies, check_surface, farthest, place
from simtrainer.anatomy.tetra_lattice import crossings, lattice
from simtrainer.anatomy.tetra_stencil import clipped, warped
from simtrainer.core.error import InputError
from simtrainer.core.units import MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VOLUME_ERROR = 0.01
"""Largest share of the volume that may be lost. because: design; what a tetrahedron cuts off a round body."""
AWAY = 0.75
"""How far the surface may be from that of the tetrahedra, over the spacing. because: measured; the corner of a cube is
at most 0.63 away, a part that the lattice has missed as far as it is long."""
FAR = 0.2
"""Farthest that nodes move to keep the volume, over the spacing. because: design; then the lattice is too coarse."""
MOST_CELLS = 4_000_000
"""Cubes of lattice about a body. because: design; more is a spacing in the wrong unit."""
FACES = ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1))
"""Corners of the outward faces of a tetrahedron."""


class Placing(Enum):
    """Where the nodes of the surface come to lie."""

    ON_SURFACE = "on_surface"
    """On it: a round body loses what lies between its surface and the triangles."""
    KEEP_VOLUME = "keep_volume"
    """All off it by one distance, such that the volume is right: for round bodies and few tetrahedra."""


@dataclass(frozen=True, slots=True)
class Tetrahedra:
    """Tetrahedra of a body, and how good they are.

    Parameters
    ----------
    points, tets, labels
        Nodes [m] in W (n, 3), nodes of each tetrahedron, of positive volume, (e, 4), and its label (e,).
    least_angle, largest_angle
        Of all angles between faces [rad].
    volume_error
        Volume over that of the surface, less 1.
    away
        Farthest that a vertex or the middle of a triangle of the surface is from the tetrahedra [m].
    offset
        How far the nodes of the surface were moved off it [m].
    """

    points: Floats
    tets: Ints
    labels: Ints
    least_angle: float
    largest_angle: float
    volume_error: float
    away: float
    offset: float


@dataclass(frozen=True, slots=True)
class Part:
    """A closed surface within a body, and the label of what it encloses: vertices [m] (n, 3), triangles (m, 3)."""

    label: int
    points: Floats
    triangles: Ints


def tetrahedralise(
    body: Part,
    spacing: float,
    *,
    parts: Sequence[Part] = (),
    placing: Placing = Placing.ON_SURFACE,
    volume_error: float = VOLUME_ERROR,
) -> Tetrahedra:
    """Fill a closed surface with tetrahedra of about 12 to a cube of edge `spacing` [m].

    Tetrahedra whose middle lies in one of `parts` get its label, of several that of the last; their common faces follow
    the lattice, not the part's surface. InputError for surfaces that are open, inside out or cross themselves, and
    for a lattice too coarse: it names the place and the number. Method: isosurface stuffing, see `tetra_stencil`.
    """
    if not (np.isfinite(spacing) and spacing > 0.0):
        raise InputError(f"tetrahedra: spacing is {spacing} m; it must be finite and above 0")
    for part in (body, *parts):
        check_surface(part.points, part.triangles, f"surface of label {part.label}")
    where = f"surface of label {body.label}, spacing {spacing / MM:g} mm"
    cells = float(np.prod(np.ptp(body.points, axis=0) / spacing + 3.0))
    if cells > MOST_CELLS:
        raise InputError(f"{where}: {cells:.2g} cubes of lattice; at most {MOST_CELLS:g}. Is the unit right?")
    points, tets = _stuffed(body, spacing, where)
    offset = 0.0
    if placing is Placing.KEEP_VOLUME:
        offset = _swell(points, tets, volume(body.points, body.triangles))
        if abs(offset) > FAR * spacing:
            raise InputError(f"{where}: nodes would have to move by {offset / MM:.2f} mm; the lattice is too coarse")
    return _judged(body, (points, tets), offset, (spacing, volume_error, where), parts)


def _stuffed(body: Part, spacing: float, where: str) -> tuple[Floats, Ints]:
    """Return nodes (n, 3) and tetrahedra of positive volume (e, 4)."""
    tree = triangle_tree(body.points, body.triangles)
    grid = lattice(tree, spacing)
    if not len(grid.tets):
        raise InputError(f"{where}: no point of the lattice lies inside; choose a smaller spacing")
    ends, cuts = crossings(tree, grid)
    moved, sign = warped(grid, ends, cuts)
    tets = clipped(grid, sign, ends)
    if not len(tets):
        raise InputError(f"{where}: nothing of the lattice remains inside; choose a smaller spacing")
    used, tets = np.unique(tets, return_inverse=True)
    points, tets = np.concatenate((moved, cuts))[used], tets.reshape(-1, 4).astype(np.int64)
    back = _volumes(points, tets) < 0.0
    tets[back] = tets[back][:, [1, 0, 2, 3]]
    return points, tets


def _swell(points: Floats, tets: Ints, wanted: float) -> float:
    """Move the nodes of the surface along its normals until the volume is as `wanted` [m3]; return how far [m]."""
    triangles = _skin(tets)
    total = 0.0
    for _ in range(4):
        a, b, c = (points[triangles[:, k]] for k in range(3))
        normal = np.zeros_like(points)
        for k in range(3):
            np.add.at(normal, triangles[:, k], np.cross(b - a, c - a))
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
        step = (wanted - float(_volumes(points, tets).sum())) / area(points, triangles)
        points += step * normal
        total += step
    return total


def _judged(
    body: Part, made: tuple[Floats, Ints], offset: float, asked: tuple[float, float, str], parts: Sequence[Part]
) -> Tetrahedra:
    """Return what was made with its figures; InputError where it is not the body that was given."""
    (points, tets), (spacing, volume_error, where) = made, asked
    skin = _skin(tets)
    away, at = farthest(body.points, body.triangles, (points, skin))
    if away > AWAY * spacing:
        raise InputError(
            f"{where}: the tetrahedra miss the surface at {place(at)} by {away / MM:.2f} mm; at most "
            f"{AWAY * spacing / MM:.2f} mm are allowed. Something there is thinner than the lattice: choose a smaller "
            "spacing"
        )
    pieces, wanted = _pieces(len(points), tets), bodies(body.points, body.triangles)
    if pieces != wanted:
        raise InputError(f"{where}: {wanted} bodies became {pieces} pieces; choose a smaller spacing")
    size, true = _volumes(points, tets), volume(body.points, body.triangles)
    lost = float(size.sum()) / true - 1.0
    if abs(lost) > volume_error:
        raise InputError(
            f"{where}: the volume is off by {100.0 * lost:+.2f} %, at most {100.0 * volume_error:g} % are allowed; the "
            f"farthest point is {place(at)}, {away / MM:.2f} mm away. Choose a spacing of "
            f"{0.9 * spacing * np.sqrt(volume_error / abs(lost)) / MM:.2g} mm, or Placing.KEEP_VOLUME"
        )
    angle = angles(points, tets)
    if not size.min() > 0.0:
        raise InputError(f"{where}: a tetrahedron at {place(points[tets[np.argmin(size)]].mean(axis=0))} has no volume")
    labels = np.full(len(tets), body.label, dtype=np.int64)
    middle = points[tets].mean(axis=1)
    for part in parts:
        labels[surface_clearance(triangle_tree(part.points, part.triangles), middle) > 0.0] = part.label
    return Tetrahedra(points, tets, labels, float(angle.min()), float(angle.max()), lost, away, offset)


def angles(points: Floats, tets: Ints) -> Floats:
    """Return the six angles between the faces of each tetrahedron [rad], shape (e, 6)."""
    normals = []
    for face in FACES:
        a, b, c = (points[tets[:, k]] for k in face)
        normal = np.cross(b - a, c - a)
        normals.append(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300))
    cosine = [-np.einsum("ei,ei->e", normals[i], normals[j]) for i, j in combinations(range(4), 2)]
    return np.asarray(np.arccos(np.clip(np.stack(cosine, axis=1), -1.0, 1.0)))


def _volumes(points: Floats, tets: Ints) -> Floats:
    return np.asarray(np.linalg.det(points[tets[:, 1:]] - points[tets[:, :1]]) / 6.0)


def _skin(tets: Ints) -> Ints:
    """Return the outward triangles that only one tetrahedron has, shape (m, 3)."""
    faces = tets[:, FACES].reshape(-1, 3)
    _, first, count = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    return np.asarray(faces[np.sort(first[count == 1])])


def _pieces(count: int, tets: Ints) -> int:
    rows, columns = np.repeat(tets[:, 0], 3), tets[:, 1:].ravel()
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return int(connected_components(graph, directed=False)[0])

"""An anatomy package: a folder with a manifest, loaded and made ready for physics, imaging and procedures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.block_kind import is_block
from simtrainer.anatomy.cache import derived
from simtrainer.anatomy.distance import triangle_tree
from simtrainer.anatomy.field import FieldError, Shape, build_field, field_error, tree_shape, tunnel_cone
from simtrainer.anatomy.isosurface import wall
from simtrainer.anatomy.manifest import Content, FileEntry, Manifest, PatientEntry, read_manifest, verified
from simtrainer.anatomy.part import BodyPart
from simtrainer.anatomy.store import read_parts, read_tree
from simtrainer.anatomy.surface_file import read_wall
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.frame import frozen
from simtrainer.core.grid import SparseGrid
from simtrainer.core.resource import resource_path
from simtrainer.core.units import MM

WALL_SPACING, _FINEST_WALL = 1.2 * MM, 0.5 * MM
"""Lattice [m] of the surface that pictures use. because: design; under a third of the carotid's diameter"""
_TRIANGLES = 150_000.0


@dataclass(frozen=True, slots=True)
class Access:
    """Where instruments enter.

    Parameters
    ----------
    branch
        Name of the branch entered: the root of the tree.
    point
        First point of its centreline [m] in W, shape (3,).
    direction
        Unit vector into the vessel, shape (3,); the sheath tunnel lies the other way.
    """

    branch: str
    point: NDArray[np.float64]
    direction: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """Where the model of a vessel ends and the vessel does not: the field is closed there by a ball.

    Parameters
    ----------
    branch
        Name of the branch.
    point
        Its last point [m] in W, shape (3,).
    direction
        Unit vector out of the model, shape (3,).
    radius
        Radius there [m].
    """

    branch: str
    point: NDArray[np.float64]
    direction: NDArray[np.float64]
    radius: float


@dataclass(frozen=True, slots=True)
class AnatomyPackage:
    """One patient's geometry, ready for use.

    Parameters
    ----------
    name, title
        Name of the package, and one line for people.
    folder
        Where it was read from.
    origin
        `generated` or `imported`.
    tree
        Centrelines with radii, root at the access.
    field
        Clearance to the wall [m], positive in the lumen.
    field_error
        Its error against the exact distance.
    lumen_points, lumen_triangles
        Closed surface of the lumen [m] in W with outward winding, shapes (n, 3) and (m, 3).
    lumen_branch
        Number of the branch that each triangle belongs to, shape (m,).
    body_parts
        Closed surfaces of body outline, bones, lungs and heart by name.
    access
        Where instruments enter.
    target
        Name of the branch to be reached.
    ends
        The far ends of the model.
    patient
        Sex, age, arch, difficulty.
    manifest
        All that the manifest says: sources, licences, hashes, numbers, repairs.
    warnings
        What is doubtful about this package, in sentences.
    """

    name: str
    title: str
    folder: Path
    origin: str
    tree: CentrelineTree
    field: SparseGrid
    field_error: FieldError
    lumen_points: NDArray[np.float64]
    lumen_triangles: NDArray[np.int64]
    lumen_branch: NDArray[np.int64]
    body_parts: Mapping[str, BodyPart]
    access: Access
    target: str
    ends: tuple[OpenEnd, ...]
    patient: PatientEntry
    manifest: Manifest
    warnings: tuple[str, ...]


def builtin_names() -> tuple[str, ...]:
    """Return the names of the patients with vessels that travel with the product, sorted."""
    folders = [path.parent for path in resource_path("meshes").glob("*/manifest.yaml")]
    return tuple(sorted(folder.name for folder in folders if not is_block(folder)))


def load_package(which: str | Path) -> AnatomyPackage:
    """Return the package in a folder, or the built-in patient of that name.

    Every file is checked against the hash in the manifest; nothing is read that the manifest does not list.
    InputError says what is missing or was changed.
    """
    folder = _folder(which)
    manifest = read_manifest(folder)
    tree = read_tree(verified(folder, _entry(manifest, Content.TREE)))
    _check(manifest, tree, folder)
    parts = {}
    for entry in manifest.files:
        if entry.content is Content.BODY:
            parts.update(read_parts(verified(folder, entry)))
    arrays = _derived(manifest, folder, tree)
    error = arrays["error"]
    return AnatomyPackage(
        name=manifest.name,
        title=manifest.title,
        folder=folder,
        origin=manifest.origin,
        tree=_locked(tree),
        field=SparseGrid(
            arrays["origin"].astype(np.float64),
            float(arrays["spacing"]),
            arrays["index"].astype(np.int32),
            arrays["values"].astype(np.float32, copy=False),
        ),
        field_error=FieldError(float(error[0]), float(error[1]), float(error[2]), int(error[3])),
        lumen_points=arrays["points"].astype(np.float64),
        lumen_triangles=arrays["triangles"].astype(np.int64),
        lumen_branch=arrays["branch"].astype(np.int64),
        body_parts=parts,
        access=_access(manifest),
        target=manifest.target,
        ends=open_ends(tree),
        patient=manifest.patient,
        manifest=manifest,
        warnings=manifest.warnings,
    )


def open_ends(tree: CentrelineTree) -> tuple[OpenEnd, ...]:
    """Return where the model ends and the vessels do not."""
    found = []
    for number in tree.ends():
        branch = tree.branches[number]
        ahead = branch.points[-1] - branch.points[-2]
        direction = ahead / np.linalg.norm(ahead)
        found.append(OpenEnd(branch.name, frozen(branch.points[-1]), frozen(direction), float(branch.radii[-1])))
    return tuple(found)


def _folder(which: str | Path) -> Path:
    path = Path(which)
    if path.is_dir():
        return path
    names = builtin_names()
    if str(which) in names:
        return resource_path("meshes") / str(which)
    if path.exists():
        raise InputError(f"{path} is a file; an anatomy package is a folder. Import a surface with `anatomy import`")
    raise UnknownNameError("patient", str(which), names)


def _entry(manifest: Manifest, content: Content) -> FileEntry:
    for entry in manifest.files:
        if entry.content is content:
            return entry
    raise InputError(f"{manifest.name}: the manifest lists no {content.value} file")


def _check(manifest: Manifest, tree: CentrelineTree, folder: Path) -> None:
    names = [branch.name for branch in tree.branches]
    for where, name in (("access.branch", manifest.access.branch), ("target", manifest.target)):
        if name not in names:
            raise UnknownNameError("vessel", name, names, f"{folder / 'manifest.yaml'}: {where}")


def _derived(manifest: Manifest, folder: Path, tree: CentrelineTree) -> dict[str, NDArray[np.generic]]:
    sources = {entry.file: entry.sha256 for entry in manifest.files if entry.content is not Content.BODY}
    spacing = manifest.field.spacing_mm * MM
    sources["spacing_mm"] = str(manifest.field.spacing_mm)

    def make() -> dict[str, NDArray[np.generic]]:
        shape = package_shape(manifest, folder, tree)
        return derive(shape, tree, spacing, WALL_SPACING if manifest.origin == "generated" else _wall_spacing(tree))

    return derived("field", sources, make)


def package_shape(manifest: Manifest, folder: Path, tree: CentrelineTree) -> Shape:
    """Return the exact shape that the field of a package is built from."""
    if manifest.origin == "generated":
        return tree_shape(tree)
    points, triangles = read_wall(verified(folder, _entry(manifest, Content.LUMEN)))
    root = tree.branches[0]
    return surface_shape(points, triangles, root.points, root.radii)


def surface_shape(
    points: NDArray[np.float64],
    triangles: NDArray[np.int64],
    root_points: NDArray[np.float64],
    root_radii: NDArray[np.float64],
) -> Shape:
    """Return a closed surface [m] with the sheath tunnel added at the first point of the root branch."""
    tunnel = tunnel_cone(root_points, root_radii)[None]
    return Shape(tunnel, np.zeros(1, dtype=np.int64), triangle_tree(points, triangles))


def _wall_spacing(tree: CentrelineTree) -> float:
    """Return the lattice [m] on which thin vessels are drawn whole as well: half the radius of the thinnest tenth.

    It is no finer than 150 000 triangles need, so that a large tree is drawn smoothly without a graphics card too.
    """
    thin = float(np.percentile([float(np.median(branch.radii)) for branch in tree.branches], 10))
    area = sum(2.0 * np.pi * float(branch.radii.mean()) * branch.length for branch in tree.branches)
    least = max(_FINEST_WALL, float(np.sqrt(2.0 * area / _TRIANGLES)))  # two triangles for each square of the lattice
    return float(np.clip(0.5 * thin, min(least, WALL_SPACING), WALL_SPACING))


def derive(
    shape: Shape, tree: CentrelineTree, spacing: float, wall_spacing: float = WALL_SPACING
) -> dict[str, NDArray[np.generic]]:
    """Return all arrays that are derived from a shape: field, its error, wall and whose branch each triangle is."""
    field = build_field(shape, spacing)
    error = field_error(field, shape)
    points, triangles = wall(field, wall_spacing)
    return {
        "origin": field.origin,
        "spacing": np.array(field.spacing),
        "index": field.index,
        "values": field.values,
        "error": np.array([error.largest, error.p99, error.mean, error.count]),
        "points": points.astype(np.float32),
        "triangles": triangles.astype(np.int32),
        "branch": _branch_of(points[triangles].mean(axis=1), tree).astype(np.int16),
    }


def _branch_of(points: NDArray[np.float64], tree: CentrelineTree) -> NDArray[np.int64]:
    """Return the number of the branch whose wall is nearest to each point: least |distance to axis - radius|."""
    from scipy.spatial import cKDTree  # noqa: PLC0415  # only when a package is first derived

    nearest = np.full(len(points), np.inf)
    owner = np.zeros(len(points), dtype=np.int64)
    for number, branch in enumerate(tree.branches):
        distance, at = cKDTree(branch.points).query(points)
        gap = np.abs(distance - branch.radii[at])
        closer = gap < nearest
        nearest[closer], owner[closer] = gap[closer], number
    return owner


def _access(manifest: Manifest) -> Access:
    entry = manifest.access
    return Access(entry.branch, frozen(np.array(entry.point)), frozen(np.array(entry.direction)))


def _locked(tree: CentrelineTree) -> CentrelineTree:
    for branch in tree.branches:
        branch.points.setflags(write=False)
        branch.radii.setflags(write=False)
    return tree

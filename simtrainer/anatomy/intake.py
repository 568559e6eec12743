"""Makes an anatomy package of a surface file: reads, repairs, measures, questions, writes, and reports it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.build import access_of
from simtrainer.anatomy.centreline import End, EndKind, Extraction, Extractor
from simtrainer.anatomy.curve import arc_length
from simtrainer.anatomy.description import BranchFacts, FieldFacts, describe
from simtrainer.anatomy.distance import triangle_tree
from simtrainer.anatomy.doubt import field_doubts, ring_doubts, window_doubts
from simtrainer.anatomy.field import Shape, build_field, spacing_for
from simtrainer.anatomy.manifest import (
    AccessEntry,
    Content,
    FieldEntry,
    FileEntry,
    Manifest,
    PatientEntry,
    sha256,
    write_manifest,
)
from simtrainer.anatomy.mesh_io import read_surface
from simtrainer.anatomy.naming import chosen_branch, named, read_names
from simtrainer.anatomy.organ import ORGANS, volume_doubts
from simtrainer.anatomy.package import load_package
from simtrainer.anatomy.phantom import WARNING, phantom
from simtrainer.anatomy.plausible import check_frame, check_size, check_widths, fitting_units
from simtrainer.anatomy.repair import Repaired, repaired, volume
from simtrainer.anatomy.store import write_parts, write_tree
from simtrainer.anatomy.surface_file import write_wall
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.anatomy.wording import counted
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.frame import offset_to_ras, rotation_to_ras
from simtrainer.core.units import LENGTH_UNITS, MM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str], None]

KINDS = ("vessel", "airway")
"""What a surface may be."""
_VOXELS = 0.8e6
_SLENDER = 2.0
_FAR = 20.0 * MM
_CATHETER = 1.3 * MM
"""Least radius [m] that counts as reachable. because: a 5F catheter is 0.83 mm in radius; half as much again to turn"""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person may say about a surface beyond unit and frame.

    Parameters
    ----------
    name
        Name of the package; default: that of the folder it is written to.
    openings
        Where vessels were cut, in the unit and frame of the file; default: all ends that are found.
    names
        YAML file that maps names of branches to points, in the unit and frame of the file.
    access, target
        Point near the end that is entered, in the unit and frame of the file, and name of the branch to be reached.
    source, licence
        Where the surface comes from and under which licence; both go into the manifest.
    """

    name: str = ""
    openings: tuple[tuple[float, float, float], ...] = ()
    names: Path | None = None
    access: tuple[float, float, float] | None = None
    target: str = ""
    source: str = "imported by a user"
    licence: str = "not stated; stays with its owner"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a surface.

    Parameters
    ----------
    package_path
        Folder of the package.
    repairs, warnings
        What was done to the surface, and what is doubtful about it, in sentences.
    branches, field
        What `anatomy inspect` shows.
    access, target
        Branch that instruments enter, and branch to be reached.
    openings
        Ends of the vessel, in sentences, that which is entered first; not where ways about a ring meet.
    """

    package_path: Path
    repairs: tuple[str, ...]
    warnings: tuple[str, ...]
    branches: tuple[BranchFacts, ...]
    field: FieldFacts
    access: str
    target: str
    openings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    """The surface's own unit and frame: a file point p becomes (R_WF p + offset) factor in W."""

    factor: float
    R_WF: Floats
    offset: Floats

    def world(self, points: Floats) -> Floats:
        """Return points [m] in W."""
        return np.asarray((points @ self.R_WF.T + self.offset) * self.factor)


def import_surface(
    file: Path,
    out: Path,
    *,
    unit: str | None,
    frame: str | None,
    kind: str = "vessel",
    options: ImportOptions | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a triangle surface into the package folder `out` and report what was done and what is doubtful.

    InputError says in one sentence why a surface cannot be used; nothing is written then.
    """
    chosen = options or ImportOptions()
    say = progress or (lambda _: None)
    if kind not in (*KINDS, *ORGANS):
        raise UnknownNameError("kind of surface", kind, KINDS)
    _check_folder(out)
    given = _given(unit, frame, file)
    say("reading")
    raw = read_surface(file)
    say(f"repairing {len(raw.triangles)} triangles")
    with np.errstate(over="ignore"):
        work = repaired(given.world(raw.points), raw.triangles, str(file))
    if kind in ORGANS:
        _refuse_organ(kind, work, file)
    doubts = [*work.doubts, *check_size(work.points, work.triangles, unit or "", file)]
    doubts += check_frame(work.points, frame or "")
    say("finding centrelines")
    found, widths = _extracted(work, given, chosen, kind, file)
    tree, more = _named(found.tree, given, chosen)
    doubts += [*ring_doubts(work, found), *window_doubts(work, found), *more, *check_widths(tree), *widths]
    if found.bumps:
        doubts.append(f"left out of the tree, as too short for branches: {counted(found.bumps, 'bump')} of the wall")
    target = _target(tree, chosen)
    say("writing")
    package = _Package(chosen.name or out.name, kind, file, chosen, tuple(work.done), (*doubts, WARNING))
    _write(out, package, work, tree, target)
    say("building the contact field")
    loaded = load_package(out)
    if unsure := field_doubts(loaded):
        write_manifest(out, loaded.manifest.model_copy(update={"warnings": (*unsure, *loaded.warnings)}))
        loaded = load_package(out)
    facts = describe(loaded)
    return ImportReport(
        out, tuple(work.done), loaded.warnings, facts.branches, facts.field, loaded.access.branch, loaded.target,
        (f"{_sentence(found.root)}; entered here", *(_sentence(e) for e in found.ends if e.kind is not EndKind.RING)),
    )  # fmt: skip


def _given(unit: str | None, frame: str | None, file: Path) -> _Given:
    if not unit:
        fitting = fitting_units(read_surface(file).points)
        likely = f"; by its size {' or '.join(fitting)} may be meant" if fitting else ""
        raise InputError(
            f"{file}: say in which unit it is: --unit {' | '.join(LENGTH_UNITS)}; a mesh does not say it itself{likely}"
        )
    if not frame:
        raise InputError(
            f"{file}: say where its axes point: --frame LPS (DICOM), RAS (NIfTI), x=L,y=S,z=A, or nine numbers; "
            "a mesh does not say it itself"
        )
    if unit not in LENGTH_UNITS:
        raise UnknownNameError("unit", unit, LENGTH_UNITS)
    return _Given(LENGTH_UNITS[unit], rotation_to_ras(frame), offset_to_ras(frame))


def _refuse_organ(kind: str, work: Repaired, file: Path) -> None:
    doubts = volume_doubts(kind, abs(volume(work.points, work.triangles)))
    raise InputError(
        f"{file}: {' '.join((*doubts, 'No wire goes into a solid organ;'))} only these become patients so far: --kind "
        f"{' | '.join(KINDS)}"
    )


def _check_folder(out: Path) -> None:
    if out.is_file():
        raise InputError(f"{out} is a file; give a folder for the package")
    if out.is_dir() and any(out.iterdir()) and not (out / "manifest.yaml").is_file():
        raise InputError(f"{out} holds other files; give a new folder, or one that holds a package to be replaced")


def centrelines(points: Floats, triangles: Ints, where: str = "surface") -> CentrelineTree:
    """Return the centreline tree of a surface [m], repaired and rooted as an import does it, without a package."""
    work = repaired(points, triangles, where)
    return _extracted(work, _Given(1.0, np.eye(3), np.zeros(3)), ImportOptions(), "vessel", Path(where))[0].tree


def _extracted(
    work: Repaired, given: _Given, chosen: ImportOptions, kind: str, file: Path
) -> tuple[Extraction, list[str]]:
    """Return the centrelines rooted at the access, and doubts about where that is."""
    shape = Shape(np.zeros((0, 8)), np.zeros(0, dtype=np.int64), triangle_tree(work.points, work.triangles))
    inside = abs(volume(work.points, work.triangles))
    spacing = float(np.clip(np.cbrt(inside / _VOXELS), 0.4 * MM, 1.0 * MM))
    openings = [_opening(given.world(np.array(point)), work, file) for point in chosen.openings]
    try:
        extractor = Extractor(build_field(shape, spacing, 1.0 * MM), shape.clearance, openings)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    if all(end.kind is EndKind.RING for end in extractor.ends):
        raise InputError(f"{file}: it is a closed ring without an end; cut it where instruments should enter")
    root, doubts = _access(extractor.ends, given, chosen, kind)
    found = extractor.rooted(root)
    _check_slender(found.tree, file)
    return found, doubts


def _opening(point: Floats, work: Repaired, file: Path) -> Floats:
    """Return an opening that a person gave, if it lies near the surface."""
    away = float(np.linalg.norm(work.points - point, axis=1).min())
    if away > _FAR:
        raise InputError(
            f"{file}: an opening that was given lies {away / MM:.0f} mm from the surface; give points in the unit and "
            "frame of the file"
        )
    return point


def _check_slender(tree: CentrelineTree, file: Path) -> None:
    """Refuse what is hardly longer than wide: an organ, a bone, a drop."""
    ways = [tree.path_to(number) for number in tree.ends()]
    points, radii = max(ways, key=lambda way: float(arc_length(way[0])[-1]))
    long, wide = float(arc_length(points)[-1]), 2.0 * float(radii.max())
    if long < _SLENDER * wide:
        raise InputError(
            f"{file}: this is no vessel: its longest way is {long / MM:.0f} mm at a width of {wide / MM:.0f} mm; is it "
            "an organ, or a piece of a vessel shorter than twice its width?"
        )


def _access(ends: tuple[End, ...], given: _Given, chosen: ImportOptions, kind: str) -> tuple[int, list[str]]:
    """Return the end that is entered: the one named, or the largest distal opening.

    The widest end of all is taken for the side of the heart. Distal are the ends in the lowest quarter of the
    vessel; where none of those is wide enough, all others. An airway is entered at its widest end.
    """
    radii = np.array([0.0 if end.kind is EndKind.RING else end.radius for end in ends])
    if chosen.access is not None:
        point = given.world(np.array(chosen.access))
        gaps = [float(np.linalg.norm(end.point - point)) for end in ends]
        best = int(np.argmin(gaps))
        far = gaps[best] > _FAR
        doubt = [f"the access given lies {gaps[best] / MM:.0f} mm from the nearest end, which is taken"] if far else []
        return best, doubt
    widest = int(np.argmax(radii))
    if kind == "airway" or (len(ends) == 2 and radii.min() < _CATHETER):
        return widest, []
    heights = np.array([end.point[2] for end in ends])
    low = heights <= heights.min() + 0.25 * np.ptp(heights)
    others = np.arange(len(ends)) != widest
    fits = others & (radii >= _CATHETER)
    for group in (fits & low, fits):
        if group.any():
            return int(np.flatnonzero(group)[np.argmax(radii[group])]), []
    return widest, ["no distal opening is wide enough for a catheter; the vessel is entered at its widest end"]


def _named(tree: CentrelineTree, given: _Given, chosen: ImportOptions) -> tuple[CentrelineTree, list[str]]:
    if chosen.names is None:
        return tree, []
    points = {name: given.world(np.array(point)) for name, point in read_names(chosen.names).items()}
    return named(tree, points)


def _target(tree: CentrelineTree, chosen: ImportOptions) -> str:
    """Return the branch to be reached: the one named, or the most selective that a catheter can reach.

    Most selective: past most forks; of several such, the thinnest.
    """
    if chosen.target:
        return tree.branches[chosen_branch(tree, chosen.target, "target")].name
    reachable = [i for i in range(len(tree.branches)) if tree.path_to(i)[1].min() >= _CATHETER]
    ranks = {i: (len(tree.lineage(i)), -float(np.median(tree.branches[i].radii))) for i in reachable or (0,)}
    return tree.branches[max(ranks, key=lambda i: ranks[i])].name


@dataclass(frozen=True, slots=True)
class _Package:
    name: str
    kind: str
    file: Path
    options: ImportOptions
    repairs: tuple[str, ...]
    warnings: tuple[str, ...]


def _write(out: Path, package: _Package, work: Repaired, tree: CentrelineTree, target: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    parts = phantom(work.points)
    write_wall(out / "lumen.npz", work.points, work.triangles)
    write_tree(out / "tree.json", tree)
    write_parts(out / "body.npz", parts)
    named_branches = tuple(branch.name for branch in tree.branches)
    rows = (
        ("lumen.npz", Content.LUMEN, "m", package.options.source, package.options.licence, ("wall",)),
        (
            "tree.json",
            Content.TREE,
            "mm",
            f"extracted from {package.file.name}",
            package.options.licence,
            named_branches,
        ),
        ("body.npz", Content.BODY, "0.05 mm", "synthetic phantom", "Apache-2.0", tuple(parts)),
    )
    files = tuple(
        FileEntry(
            file=file, content=content, sha256=sha256(out / file), unit=unit, frame="RAS", source=source,
            licence=licence, structures=structures,
        )
        for file, content, unit, source, licence, structures in rows
    )  # fmt: skip
    wanted = tree.path_to(tree.number(target))[1]
    access: AccessEntry = access_of(tree.branches[0])
    write_manifest(out, Manifest.model_validate({
        "schema_version": 1, "name": package.name, "title": f"imported from {package.file.name}", "kind": package.kind,
        "origin": "imported", "source": package.options.source, "licence": package.options.licence,
        "patient": PatientEntry(), "access": access, "target": target, "files": files,
        "field": FieldEntry(spacing_mm=spacing_for(wanted) / MM),
        "repairs": package.repairs, "warnings": package.warnings,
    }))  # fmt: skip


def _sentence(end: End) -> str:
    x, y, z = end.point / MM
    return f"{end.kind.value} of radius {end.radius / MM:.2f} mm at R {x:.1f}, A {y:.1f}, S {z:.1f} mm"

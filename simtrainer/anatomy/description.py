"""What there is to say about a package: vessels, contact field, doubts; for `anatomy inspect` and import reports."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.units import MM


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """One vessel in millimetres; `parent` is empty for the one that is entered."""

    name: str
    parent: str
    length_mm: float
    radius_mm: float
    smallest_radius_mm: float
    largest_radius_mm: float


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """The contact field: spacing, and its error against the exact distance within 3 mm of the wall."""

    spacing_mm: float
    error_largest_mm: float
    error_p99_mm: float
    points: int


@dataclass(frozen=True, slots=True)
class Description:
    """All that a person or a program asks about a package."""

    name: str
    title: str
    origin: str
    access: str
    target: str
    branches: tuple[BranchFacts, ...]
    field: FieldFacts
    repairs: tuple[str, ...]
    warnings: tuple[str, ...]


def describe(package: AnatomyPackage) -> Description:
    """Return what there is to say about a package."""
    tree = package.tree
    branches = tuple(
        BranchFacts(
            branch.name,
            tree.branches[branch.parent].name if branch.parent >= 0 else "",
            branch.length / MM,
            float(branch.radii.mean()) / MM,
            float(branch.radii.min()) / MM,
            float(branch.radii.max()) / MM,
        )
        for branch in tree.branches
    )
    error = package.field_error
    field = FieldFacts(package.field.spacing / MM, error.largest / MM, error.p99 / MM, error.count)
    return Description(
        package.name, package.title, package.origin, package.access.branch, package.target, branches, field,
        package.manifest.repairs, package.warnings,
    )  # fmt: skip

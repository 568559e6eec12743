"""Look at patients and at what was imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.units import MM
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened

if TYPE_CHECKING:
    from simtrainer.anatomy.package import AnatomyPackage


@click.group()
def command() -> None:
    """Look at patients and at what was imported; PATIENT is the name of a built-in one or a folder."""


@command.command()
@click.argument("patient")
@json_option
def inspect(patient: str, as_json: bool) -> ExitCode:
    """Check every file of PATIENT against its manifest, and describe its vessels, contact field and sources."""
    from simtrainer.anatomy.package import load_package

    with opened(as_json) as out:
        if not as_json:
            out.progress("reading; the contact field is derived when this patient is loaded for the first time ...")
        package = load_package(patient)
        out.document(described(package))
        _tell(out, package)
    return ExitCode.DONE


def described(package: AnatomyPackage) -> dict[str, Any]:
    """Return what `--json` says of an anatomy package; lengths in millimetres."""
    error = package.field_error
    return {
        "package": package.folder,
        "name": package.name,
        "title": package.title,
        "origin": package.origin,
        "patient": package.patient.model_dump(mode="json"),
        "access": package.access.branch,
        "target": package.target,
        "repairs": package.manifest.repairs,
        "warnings": package.warnings,
        "branches": [
            {
                "name": branch.name,
                "parent": package.tree.branches[branch.parent].name if branch.parent >= 0 else None,
                "length_mm": branch.length / MM,
                "radius_mm": float(branch.radii.mean()) / MM,
                "smallest_radius_mm": float(branch.radii.min()) / MM,
            }
            for branch in package.tree.branches
        ],
        "field": {
            "spacing_mm": package.field.spacing / MM,
            "error_mm": {"largest": error.largest / MM, "p99": error.p99 / MM, "mean": error.mean / MM},
            "points": error.count,
        },
        "licences": sorted({entry.licence for entry in package.manifest.files}),
        "source": package.manifest.source,
    }


def _tell(out: Output, package: AnatomyPackage) -> None:
    facts = described(package)
    out.words(f"{package.name}: {package.title} ({package.origin})")
    out.words(f"in {package.folder}; enters at {package.access.branch}, target {package.target}")
    out.words(f"source: {package.manifest.source}; licence: {', '.join(facts['licences'])}")
    out.words(f"\n{'vessel':<32} {'from':<32} {'length':>9} {'radius':>9}")
    for row in facts["branches"]:
        start = row["parent"] or "(access)"
        out.words(f"{row['name']:<32} {start:<32} {row['length_mm']:>6.1f} mm {row['radius_mm']:>6.2f} mm")
    error = facts["field"]["error_mm"]
    out.words(
        f"\ncontact field: spacing {facts['field']['spacing_mm']:.2f} mm; error against the exact distance at most "
        f"{error['largest']:.3f} mm, 99 % under {error['p99']:.3f} mm ({facts['field']['points']} points)"
    )
    for kind in ("repairs", "warnings"):
        for line in facts[kind]:
            out.words(f"{kind[:-1]}: {line}")

"""Import vessels from a surface file, look at patients, and check what was imported."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.group import ToldGroup
from simtrainer.ui.cli.output import Output, json_option, opened

if TYPE_CHECKING:
    from simtrainer.anatomy.block import Block
    from simtrainer.anatomy.intake import ImportReport
    from simtrainer.anatomy.package import AnatomyPackage


@click.group(cls=ToldGroup)
def command() -> None:
    """Import, inspect and view patients; PATIENT is the name of a built-in one or a folder."""


@command.command()
@click.argument("patient")
@json_option
def inspect(patient: str, as_json: bool) -> ExitCode:
    """Check every file of PATIENT against its manifest, and describe its vessels, or the layers of a soft block."""
    from simtrainer.anatomy.package import load_package
    from simtrainer.ui import block_portrait

    with opened(as_json) as out:
        block = _block(patient)
        if block is not None:
            out.document(block_portrait.described(block))
            for line in block_portrait.sentences(block):
                out.words(line)
            return ExitCode.DONE
        if not as_json:
            out.progress("reading; the contact field is derived when this patient is loaded for the first time ...")
        package = load_package(patient)
        out.document(described(package))
        _tell(out, package)
    return ExitCode.DONE


def _block(patient: str) -> Block | None:
    """Return the soft block that is called so, or that lies in the folder; None where it is no block."""
    from simtrainer.anatomy.block import load_block
    from simtrainer.anatomy.block_kind import is_block
    from simtrainer.ui import shipped

    folder = Path(patient)
    is_one = patient in shipped.block_folders() or ((folder / "manifest.yaml").is_file() and is_block(folder))
    return load_block(patient) if is_one else None


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


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", metavar="mm|cm|m|in|um", help="Unit of the file, which does not say it itself.")
@click.option(
    "--frame",
    metavar="LPS|RAS|AXES",
    help="Where its axes point: LPS, RAS, x=L,y=S,z=A, or a matrix of 9 or 16 numbers to RAS.",
)
@click.option(
    "--kind", default="vessel", metavar="KIND", show_default=True, help="What the surface is: vessel or airway."
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder to make; default: the file's name, here."
)
@click.option(
    "--names", type=click.Path(path_type=Path), metavar="FILE", help="YAML: names of vessels and a point in each."
)
@click.option(
    "--opening",
    "openings",
    metavar="X,Y,Z",
    multiple=True,
    help="Where the vessel was cut, in the file's unit and frame; give two or more. Default: all ends that are found.",
)
@click.option("--access", metavar="X,Y,Z", help="A point near the end that is entered, in the file's unit and frame.")
@click.option("--target", metavar="VESSEL", default="", help="The vessel to be reached.")
@click.option(
    "--source", metavar="TEXT", default="imported by a user", help="Where it comes from; kept with the patient."
)
@click.option(
    "--licence",
    metavar="TEXT",
    default="not stated; stays with its owner",
    help="Who may use it how; kept with the patient.",
)
@json_option
def import_(file: Path, as_json: bool, **given: Any) -> ExitCode:
    """Make a patient of the vessel surface in FILE (STL, OBJ, PLY, VTP, VTK, GLB): repair it, find its centrelines."""
    from simtrainer.anatomy.intake import ImportOptions, import_surface

    options = ImportOptions(
        names=given["names"],
        openings=tuple(_point(text, "--opening") for text in given["openings"]),
        access=_point(given["access"], "--access") if given["access"] is not None else None,
        target=given["target"],
        source=given["source"],
        licence=given["licence"],
    )
    folder: Path = given["out"] or Path(file.stem)
    with opened(as_json) as out:
        report = import_surface(
            file,
            folder,
            unit=given["unit"],
            frame=given["frame"],
            kind=given["kind"],
            options=options,
            progress=lambda text: out.progress(f"{text} ..."),
        )
        out.document(
            {
                "package": report.package_path,
                "access": report.access,
                "target": report.target,
                "openings": report.openings,
                "repairs": report.repairs,
                "warnings": report.warnings,
                "branches": [asdict(branch) for branch in report.branches],
                "field": {
                    "spacing": report.field.spacing_mm,
                    "error": report.field.error_largest_mm,
                    "unit": "mm",
                    **asdict(report.field),
                },
            }
        )
        _tell_import(out, report)
    return ExitCode.DONE


def _point(text: str, option: str) -> tuple[float, float, float]:
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{option} is three numbers with commas, X,Y,Z, not '{text}'") from None
    return x, y, z


def _tell_import(out: Output, report: ImportReport) -> None:
    for kind, lines in (("repaired", report.repairs), ("end", report.openings), ("doubt", report.warnings)):
        for line in lines:
            out.words(f"{kind}: {line}")
    out.words(f"\n{'vessel':<32} {'length':>9} {'radius':>9}")
    for row in report.branches:
        out.words(f"{row.name:<32} {row.length_mm:>6.1f} mm {row.radius_mm:>6.2f} mm")
    out.words(
        f"\ncontact field: spacing {report.field.spacing_mm:.2f} mm, error {report.field.error_largest_mm:.3f} mm"
    )
    out.words(f"entered at {report.access}, target {report.target}; written to {report.package_path}")
    out.words(f"next: simtrainer anatomy view {report.package_path}")
    out.words(f"      simtrainer train selective_left_carotid --patient {report.package_path}")


@command.command()
@click.argument("patient")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE.png", help="Picture to write instead of a window."
)
@json_option
def view(patient: str, out: Path | None, as_json: bool) -> ExitCode:
    """Show the vessels of PATIENT with their centrelines: in a window where there is a screen, else as a picture.

    A soft block is always shown as a picture, with a quarter of it cut away.
    """
    from simtrainer.anatomy.package import load_package
    from simtrainer.ui import block_portrait
    from simtrainer.ui.picture import can_draw
    from simtrainer.ui.portrait import Shown, portrait
    from simtrainer.ui.probe import Part, probe

    if out is not None and out.suffix.lower() != ".png":
        raise InputError(f"--out {out}: the picture is a PNG; give a name ending in .png")
    with opened(as_json) as output:
        block = _block(patient)
        if block is not None:
            drawn = _fresh(out or Path(f"{block.name}.png"))
            block_portrait.portrait(block, drawn)
            output.document({"package": block.folder, "picture": drawn})
            output.words(f"{drawn}")
            return ExitCode.DONE
        package = load_package(patient)
        found = can_draw()
        if not found.works:
            raise InputError(
                f"no 3D picture can be drawn here ({found.detail}); 'simtrainer doctor' says how to mend it"
            )
        in_window = out is None and probe(Part.DISPLAY).works
        path = None if in_window else _fresh(out or Path(f"{package.name}.png"))
        portrait(package, Shown.WINDOW if path is None else Shown.PICTURE, path)
        output.document({"package": package.folder, "picture": path})
        output.words(f"{path}" if path is not None else "the window was closed")
    return ExitCode.DONE


def _fresh(path: Path) -> Path:
    """Return a path where nothing lies yet."""
    if path.exists():
        raise InputError(f"{path} exists already; choose another name with --out")
    return path

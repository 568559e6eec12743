"""Perform recorded manoeuvres and measure what has to hold of the mechanics."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import json_option, opened, plain

if TYPE_CHECKING:
    from simtrainer.studies.manoeuvre.case import Performed
    from simtrainer.studies.manoeuvre.finding import Finding
    from simtrainer.studies.validity.case import Measured

MANOEUVRES, VALIDITY = "manoeuvres", "validity"
"""Names that stand for all of a kind."""
EVERY = 10
"""Ticks between two that the document holds: every 0.1 s."""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAMES]")
@click.option("--list", "as_list", is_flag=True, help="Say what there is, and do nothing.")
@click.option(
    "--patient", metavar="NAME|FOLDER",
    help="Built-in or imported patient for the table of validity. Default: older_female_type3.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Write mechanics.html, a page with all plots, and mechanics.json into FOLDER.",
)  # fmt: skip
@click.option("--markdown", is_flag=True, help="Write the tables as Markdown.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@json_option
def command(names: tuple[str, ...], as_json: bool, **given: Any) -> ExitCode:
    """Perform manoeuvres of a wire and a catheter, and measure what has to hold beyond closed forms.

    NAMES are manoeuvres (such as exchange or buckle), measurements (such as node_spacing or capstan), or
    `manoeuvres` or `validity` for all of a kind; without any, both: four minutes of a core. --list tells them all.

    Ends with 1 where a number misses what is expected of it.
    """
    if as_json and given["markdown"]:
        raise InputError("--json and --markdown both ask for standard output; choose one")
    manoeuvres, validities = _chosen(names)
    with opened(as_json) as output:
        if given["as_list"]:
            rows = _listed(manoeuvres, validities)
            output.words("\n".join(f"{name:<24}{title}" for name, title in rows))
            output.document({"names": [{"name": name, "title": title} for name, title in rows]})
            return ExitCode.DONE
        folder: Path | None = given["out"]
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        say = (lambda text: None) if given["quiet"] else output.progress
        performed, measured = _done(manoeuvres, validities, given["patient"], say)
        told = [(run.title, run.findings) for run in performed] + [(one.title, one.findings) for one in measured]
        for title, findings in told:
            output.words(_table(title, findings, markdown=given["markdown"]) + "\n")
        document = _document(performed, measured)
        output.document(document)
        if folder is not None:
            _write(folder, document, performed, measured)
            say(f"written to {folder / 'mechanics.html'}")
        faults = [f for _, findings in told for f in findings if f.judged and not f.holds]
        for fault in faults:
            output.words(f"missed: {fault.what}: {fault.got:.4g} {fault.unit}, has to be {fault.bound}")
    return ExitCode.ANSWER_IS_NO if faults else ExitCode.DONE


def _chosen(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from simtrainer.studies.manoeuvre import manoeuvres
    from simtrainer.studies.validity import validities

    known = (MANOEUVRES, VALIDITY, *manoeuvres.names(), *validities.names())
    for name in names:
        if name not in known:
            raise UnknownNameError("manoeuvre or measurement", name, known)
    wanted = names or (MANOEUVRES, VALIDITY)
    return (
        tuple(name for name in manoeuvres.names() if name in wanted or MANOEUVRES in wanted),
        tuple(name for name in validities.names() if name in wanted or VALIDITY in wanted),
    )


def _listed(some: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    from simtrainer.studies.manoeuvre import manoeuvres
    from simtrainer.studies.validity import validities

    return [(n, manoeuvres.get(n).title) for n in some] + [(n, validities.get(n).title) for n in others]


def _done(
    manoeuvres: Sequence[str], validities: Sequence[str], patient: str | None, say: Callable[[str], None]
) -> tuple[list[Performed], list[Measured]]:
    from simtrainer.studies.manoeuvre.case import performed
    from simtrainer.studies.validity.case import PATIENT, measured

    runs, tables = [], []
    for name in manoeuvres:
        say(f"manoeuvre: {name} ...")
        runs.append(performed(name))
    for name in validities:
        say(f"validity: {name} ...")
        tables.append(measured(name, patient or PATIENT))
    return runs, tables


def _table(title: str, findings: Sequence[Finding], *, markdown: bool) -> str:
    from simtrainer.ui.table import Table

    rows = tuple(
        (f.what, f"{f.got:.4g} {f.unit}".strip(), f.bound if f.judged or f.expected is None else f"~ {f.expected:.4g}",
         "" if not f.judged else "yes" if f.holds else "NO")
        for f in findings
    )  # fmt: skip
    table = Table(title, ("what", "got", "has to be", "holds"), rows)
    return table.markdown() if markdown else table.text()


def _document(performed: Sequence[Performed], measured: Sequence[Measured]) -> dict[str, object]:
    return {
        "schema_version": 1,
        "manoeuvres": [
            {"name": one.name, "title": one.title, "holds": one.holds, "findings": _rows(one.findings),
             "recording": _recording(one)}
            for one in performed
        ],
        "validity": [
            {"name": one.name, "title": one.title, "holds": one.holds, "findings": _rows(one.findings)}
            for one in measured
        ],
    }  # fmt: skip


def _rows(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [asdict(f) | {"holds": f.holds if f.judged else None} for f in findings]


def _recording(one: Performed) -> dict[str, object]:
    run = one.recording
    columns = {
        "time_s": run.times, "inserted_m": run.inserted, "hub_rad": run.hub, "hand_force_n": run.hand_force,
        "hand_torque_n_m": run.hand_torque, "tip_m": run.tip, "tip_angle_rad": run.tip_angle,
        "wall_force_n": run.wall_force, "residual_n": run.residual, "halvings": run.halvings,
        "unconverged": run.unconverged,
    }  # fmt: skip
    return {
        "vessel": run.vessel, "devices": run.devices, "dt_s": run.dt, "ticks": len(run.times), "every": EVERY,
        "marks": [asdict(mark) for mark in run.marks],
        "signals": {name: values[::EVERY].tolist() for name, values in columns.items()},
        "shapes": [
            {"tick": m.tick, "label": m.label, "inserted_m": m.inserted.tolist(), "points_m": m.points.tolist()}
            for m in run.moments if m.label
        ],
    }  # fmt: skip


def _write(
    folder: Path, document: dict[str, object], performed: Sequence[Performed], measured: Sequence[Measured]
) -> None:
    from simtrainer.ui.manoeuvre_plot import page

    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False)
    (folder / "mechanics.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    (folder / "mechanics.html").write_text(page(performed, measured), encoding="utf-8", newline="\n")

"""Measure how exact, fast and robust the product is on this machine."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened, plain

if TYPE_CHECKING:
    from simtrainer.ui.bench_run import Bench

SECONDS, QUICK_SECONDS = 60.0, 3.0
"""Simulated time that each patient is shaken for [s]."""
SEEDS, QUICK_SEEDS = 20, 2
"""Hands that try each catheter in each patient."""
SEED = 1
_MEASURING = ("quick", "seconds", "seeds", "patients", "peers", "markdown", "out", "as_json")
"""What has no meaning where nothing is measured."""


@click.command()
@click.argument("kind", required=False, type=click.Choice(["physics", "imaging", "anatomy", "engagement"]))
@click.option("--quick", is_flag=True, help="Fewer patients and shorter runs: half a minute instead of minutes.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600.0), metavar="S",
    help=f"Simulated time that each patient is shaken for; {SECONDS:g}, with --quick {QUICK_SECONDS:g}.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**64 - 1), default=SEED, show_default=True, help="Seed of the random hands."
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), metavar="N",
    help=f"Hands that try each catheter in each arch, for engagement; {SEEDS}, with --quick {QUICK_SEEDS}.",
)  # fmt: skip
@click.option(
    "--patient", "patients", multiple=True, metavar="NAME",
    help="For engagement, one of its patients; for anatomy, a built-in patient or tube. Repeat it; default: all.",
)  # fmt: skip
@click.option(
    "--peers", is_flag=True,
    help="For physics, a wire through a bend by MuJoCo and Newton too, as far as they are installed, and by ours.",
)  # fmt: skip
@click.option("--markdown", is_flag=True, help="Write the tables as Markdown.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Also write the document of --json to FILE."
)
@click.option(
    "--page", type=click.Path(path_type=Path), metavar="FILE",
    help="Also write one HTML page with all tables, plots and numbers to FILE; it fetches nothing. The page kept in "
    "this repository: simtrainer bench physics --peers --page tests/bench/physics.html --out tests/bench/physics.json",
)  # fmt: skip
@click.option(
    "--from", "source", type=click.Path(path_type=Path), metavar="FILE",
    help="Measure nothing: make the --page again from a document that --out wrote.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@json_option
def command(kind: str | None, as_json: bool, **given: Any) -> ExitCode:
    """Measure accuracy, speed and robustness of the mechanics (physics), pictures a second (imaging), or both.

    Only when asked for by name: anatomy holds extracted centrelines against axes that are known, in four minutes of a
    core; engagement counts how often two catheters engage the left common carotid of arches of type III and I, in the
    better part of an hour of a core for 20 hands.

    Times are those of a core, so that other programs count little, and ratios to a matrix product of the same run.
    Ends with 1 where a closed form misses its limit, a number is not finite, or our wire does not come through the bend
    of --peers; times, and how others fare, are only told.
    """
    if as_json and given["markdown"]:
        raise InputError("--json and --markdown both ask for standard output; choose one")
    if given["peers"] and kind not in (None, "physics"):
        raise InputError(f"--peers belongs to physics, not to {kind}; say 'simtrainer bench physics --peers'")
    if given["source"] is not None:
        return _again(kind, given | {"as_json": as_json})
    _check_files(given)
    with opened(as_json) as output:
        bench = _bench(kind, output, given)
        _measure(kind, bench)
        output.document(bench.found)
        _write(bench, given["out"], given["page"])
        for fault in bench.faults:
            output.words(f"missed: {fault}")
    return ExitCode.ANSWER_IS_NO if bench.faults else ExitCode.DONE


def _bench(kind: str | None, output: Output, given: Mapping[str, Any]) -> Bench:
    from simtrainer.ui.bench_run import Bench

    return Bench(
        words=output.words, say=(lambda text: None) if given["quiet"] else output.progress,
        command=_typed(kind, given), quick=given["quick"], markdown=given["markdown"],
        seconds=given["seconds"] or (QUICK_SECONDS if given["quick"] else SECONDS), seed=given["seed"],
        seeds=given["seeds"] or (QUICK_SEEDS if given["quick"] else SEEDS), peers=given["peers"],
        patients=given["patients"],
    )  # fmt: skip


def _measure(kind: str | None, bench: Bench) -> None:
    bench.begin()
    if kind in (None, "physics"):
        from simtrainer.ui.bench_physics import physics

        physics(bench)
    if kind in (None, "imaging", "anatomy", "engagement"):
        from simtrainer.ui import bench_other

        others = {"anatomy": bench_other.anatomy, "engagement": bench_other.engagement}
        others.get(kind or "", bench_other.imaging)(bench)
    bench.end()


def _write(bench: Bench, out: Path | None, page: Path | None) -> None:
    document = plain(bench.found)
    if out is not None:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
        out.write_text(text + "\n", encoding="utf-8", newline="\n")
        bench.say(f"written to {out}")
    if page is not None:
        from simtrainer.ui.bench_document import checked
        from simtrainer.ui.bench_page import page as html

        page.write_text(html(checked(document, where="this run")), encoding="utf-8", newline="\n")
        bench.say(f"written to {page}")


def _again(kind: str | None, given: Mapping[str, Any]) -> ExitCode:
    """Make a page from a document that was kept."""
    from simtrainer.ui.bench_document import read
    from simtrainer.ui.bench_page import page as html

    named = {"patients": "patient", "as_json": "json"}
    useless = [f"--{named.get(name, name)}" for name in _MEASURING if given[name]]
    if useless:
        raise InputError(f"--from measures nothing; leave out {', '.join(useless)}")
    page: Path | None = given["page"]
    if page is None:
        raise InputError("--from makes a page; say where to with --page FILE")
    found = read(given["source"], kind)
    _check_file("--page", page)
    page.write_text(html(found), encoding="utf-8", newline="\n")
    if not given["quiet"]:
        click.echo(f"written to {page}", err=True)
    return ExitCode.DONE


def _typed(kind: str | None, given: Mapping[str, Any]) -> str:
    """Return the command that measures this again."""
    words = ["simtrainer", "bench", *([kind] if kind else [])]
    words += [f"--{name}" for name in ("quick", "peers") if given[name]]
    words += ["--seed", str(given["seed"])] if given["seed"] != SEED else []
    for name in ("seconds", "seeds", "page", "out"):
        if given[name] is not None:
            value = given[name]
            words += [f"--{name}", f"{value:g}" if isinstance(value, float) else str(value)]
    return shlex.join([*words, *(word for name in given["patients"] for word in ("--patient", name))])


def _check_files(given: Mapping[str, Any]) -> None:
    """Refuse files that could not be written after minutes of work."""
    for name in ("out", "page"):
        if given[name] is not None:
            _check_file(f"--{name}", given[name])
    if given["out"] is not None and given["page"] is not None and given["out"].absolute() == given["page"].absolute():
        raise InputError(f"--out and --page both name {given['out']}; choose two files")


def _check_file(option: str, path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{option} {path}: is a folder; name a file in it")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{option} {path}: there is no folder {path.parent}")
    path.open("a", encoding="utf-8").close()

"""Measure how exact, fast and robust the product is on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.ui import shipped
from simtrainer.ui.cli.exit_code import ExitCode
from simtrainer.ui.cli.output import Output, json_option, opened, plain

if TYPE_CHECKING:
    from simtrainer.ui.table import Table

SECONDS, QUICK_SECONDS = 60.0, 3.0
"""Simulated time that each patient is shaken for [s]."""
TICKS, QUICK_TICKS = 200, 40
FRAMES, QUICK_FRAMES = 60, 20
QUICK_PATIENTS = 3
QUICK_BLOCKS, TISSUE_PART = 3, 4
"""Blocks of tissue of a quick run, and the share of the ticks that each is timed for: they cost ten times a wire's."""
SEEDS, QUICK_SEEDS = 20, 2
"""Hands that try each catheter in each patient."""


@dataclass(slots=True)
class Bench:
    """One call: what was asked for, what was found, and where it is told."""

    out: Output
    say: Callable[[str], None]
    quick: bool
    markdown: bool
    seconds: float
    seed: int
    seeds: int
    peers: bool = False
    patients: tuple[str, ...] = ()
    found: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def show(self, table: Table) -> None:
        """Write a table as soon as it is complete."""
        self.out.words((table.markdown() if self.markdown else table.text()) + "\n")


@click.command()
@click.argument("kind", required=False, type=click.Choice(["physics", "imaging", "anatomy", "engagement"]))
@click.option("--quick", is_flag=True, help="Fewer patients and shorter runs: half a minute instead of minutes.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600.0), metavar="S",
    help=f"Simulated time that each patient is shaken for; {SECONDS:g}, with --quick {QUICK_SECONDS:g}.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**64 - 1), default=1, show_default=True, help="Seed of the random hands."
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
    file: Path | None = given["out"]
    if as_json and given["markdown"]:
        raise InputError("--json and --markdown both ask for standard output; choose one")
    if given["peers"] and kind not in (None, "physics"):
        raise InputError(f"--peers belongs to physics, not to {kind}; say 'simtrainer bench physics --peers'")
    if file is not None:
        _check_file(file)
    with opened(as_json) as output:
        seconds = given["seconds"] or (QUICK_SECONDS if given["quick"] else SECONDS)
        say = (lambda text: None) if given["quiet"] else output.progress
        seeds = given["seeds"] or (QUICK_SEEDS if given["quick"] else SEEDS)
        bench = Bench(
            output, say, given["quick"], given["markdown"], seconds, given["seed"], seeds, given["peers"],
            given["patients"],
        )  # fmt: skip
        _machine(bench)
        if kind in (None, "physics"):
            _physics(bench)
        if kind in (None, "imaging"):
            _imaging(bench)
        if kind == "anatomy":
            _anatomy(bench)
        if kind == "engagement":
            _engagement(bench)
        bench.found["faults"] = bench.faults
        output.document(bench.found)
        if file is not None:
            file.write_text(json.dumps(plain(bench.found), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            bench.say(f"written to {file}")
        for fault in bench.faults:
            output.words(f"missed: {fault}")
    return ExitCode.ANSWER_IS_NO if bench.faults else ExitCode.DONE


def _check_file(path: Path) -> None:
    """Refuse a file that could not be written after minutes of work."""
    if path.is_dir():
        raise InputError(f"--out {path}: is a folder; name a file in it")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--out {path}: there is no folder {path.parent}")
    path.open("a", encoding="utf-8").close()


def _machine(bench: Bench) -> None:
    import os
    import platform
    from importlib.metadata import version

    from simtrainer import __version__
    from simtrainer.core import kernel

    versions = {name: version(name) for name in ("numpy", "numba", "scipy")}
    bench.found["machine"] = {
        "simtrainer": __version__, "python": platform.python_version(), "class": kernel.machine_class(),
        "cores": os.cpu_count(), **versions,
    }  # fmt: skip
    bench.found |= {"quick": bench.quick, "seed": bench.seed}
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    bench.out.words(
        f"simtrainer {__version__}, Python {platform.python_version()}, {named}; "
        f"{os.cpu_count()} cores, {kernel.machine_class()}\n"
    )


def _physics(bench: Bench) -> None:
    bench.found |= {"accuracy": _accuracy(bench), "speed": [*_speed(bench), *_tissue(bench)]}
    bench.found["robustness"] = _robustness(bench)
    bench.found["peers"] = _peers(bench) if bench.peers else []


def _peers(bench: Bench) -> list[dict[str, object]]:
    from simtrainer.studies.peer import peers, race
    from simtrainer.studies.peer.engine import Run
    from simtrainer.studies.peer.ours import OURS
    from simtrainer.studies.peer.task import QUICK, WHOLE
    from simtrainer.ui.bench_table import not_installed, peer_table, told

    task = QUICK if bench.quick else WHOLE
    others = {name: peers.get(name) for name in peers.names()}
    here = {name: peer for name, peer in others.items() if peer.version is not None}
    bench.say(f"peers: {len(OURS)} runs of ours, {len(here)} of others; what compiles takes minutes the first time ...")
    done = race.race(OURS | here, task, time.process_time, heard=lambda one: bench.say(f"peers: {told(one)}"))
    runs = [one for one in done if isinstance(one, Run)]
    failed = [one for one in done if isinstance(one, race.Fault)]
    ours = [one for one in runs if one.name in OURS]
    compared = [(one, race.compare(one, ours)) for one in runs if one.name in here]
    bench.faults += [f"peers: {told(one)}" for one in done if one.name in OURS and not one.did_it]
    absent = [peer for name, peer in others.items() if name not in here]
    bench.show(peer_table(task, ours, compared, (*(f"{told(one)}." for one in failed), *not_installed(absent))))
    bench.found["tube_nav"] = {
        "task": asdict(task), "ours": [asdict(one) for one in ours], "failed": [asdict(one) for one in failed],
        "not_installed": [name for name in others if name not in here],
    }  # fmt: skip
    return [asdict(run) | asdict(ratio) for run, ratio in compared]


def _accuracy(bench: Bench) -> list[dict[str, object]]:
    from simtrainer.studies.closed_form import closed_forms
    from simtrainer.studies.closed_form.case import judged
    from simtrainer.ui.bench_table import accuracy_table

    bench.say("accuracy (the first time kernels are compiled for about a minute) ...")
    found = []
    for name in closed_forms.names():
        found.append(judged(name, closed_forms.get(name)))
        bench.say(f"accuracy: {name}, {100.0 * found[-1].relative_error:+.3f} %")
    bench.faults += [f"{one.title}: off by {100.0 * one.relative_error:.2f} %" for one in found if not one.holds]
    bench.show(accuracy_table(found))
    return [asdict(one) | {"holds": one.holds} for one in found]


def _speed(bench: Bench) -> list[dict[str, object]]:
    from simtrainer.studies.bench.exercise import time_exercise
    from simtrainer.studies.bench.speed import LOADS, growth, time_load
    from simtrainer.ui.bench_table import speed_table

    found = []
    for load in LOADS:
        found.append(time_load(load, time.thread_time, ticks=QUICK_TICKS if bench.quick else TICKS))
        bench.say(f"speed: {load.id}, {found[-1].core_ms_per_10ms:.2f} core-ms for 10 ms")
    found.append(time_exercise(time.thread_time, ticks=QUICK_TICKS if bench.quick else TICKS))
    bench.say(f"speed: {found[-1].id}, {found[-1].core_ms_per_10ms:.2f} core-ms for 10 ms")
    grown = [line for line in (growth(tuple(found), devices) for devices in (1, 2, 3)) if line is not None]
    bench.found["growth"] = [asdict(line) for line in grown]
    bench.show(speed_table(found, grown))
    return [asdict(one) for one in found]


def _tissue(bench: Bench) -> list[dict[str, object]]:
    from simtrainer.studies.bench.needle import needle_speeds
    from simtrainer.studies.bench.tissue import TISSUE_LOADS, time_tissue
    from simtrainer.ui.tissue_table import tissue_table

    ticks = QUICK_TICKS if bench.quick else TICKS
    blocks = []
    for load in TISSUE_LOADS[: QUICK_BLOCKS if bench.quick else None]:
        blocks.append(time_tissue(load, time.thread_time, ticks=ticks // TISSUE_PART))
        bench.say(f"speed: {blocks[-1].id}, {blocks[-1].core_ms_per_10ms:.1f} core-ms for 10 ms")
    needles = list(needle_speeds(time.thread_time, ticks=ticks))
    bench.show(tissue_table(blocks, needles))
    return [*map(asdict, blocks), *map(asdict, needles)]


def _robustness(bench: Bench) -> list[dict[str, object]]:
    from simtrainer.studies.bench.stress import Robustness
    from simtrainer.studies.bench.ward import shake_ward
    from simtrainer.ui.bench_table import robustness_table

    patients = list(shipped.patient_folders())
    if bench.quick:
        patients = patients[:: max(1, len(patients) // QUICK_PATIENTS)]

    def heard(one: Robustness, left: int) -> None:
        bench.say(f"robustness: {one.vessel}, worst {one.worst_core_ms_per_10ms:.0f} ms; {left} patients to come")

    bench.say(f"robustness: shaking {len(patients)} patients for {bench.seconds:g} s each ...")
    found = shake_ward(patients, time.thread_time, seed=bench.seed, seconds=bench.seconds, heard=heard)
    bench.faults += [f"{one.vessel}: a number was not finite" for one in found if one.nan]
    bench.show(robustness_table(found))
    return [asdict(one) for one in found]


def _imaging(bench: Bench) -> None:
    from simtrainer.studies.bench.picture import pictures
    from simtrainer.ui.bench_table import picture_table

    bench.say("imaging: preparing a patient ...")
    found = []
    for one in pictures(time.thread_time, frames=QUICK_FRAMES if bench.quick else FRAMES):
        found.append(one)
        bench.say(f"imaging: {one.id}, {one.frames_per_s:.0f} frames a second")
    bench.show(picture_table(found))
    bench.found["imaging"] = [asdict(one) for one in found]


def _anatomy(bench: Bench) -> None:
    from simtrainer.anatomy.accuracy import accuracy_table as accuracies
    from simtrainer.anatomy.accuracy import tubes
    from simtrainer.anatomy.build import PATIENTS
    from simtrainer.ui.bench_table import centreline_table

    _check_names(bench.patients, (*tubes(), *PATIENTS))
    found = accuracies(bench.patients or (tuple(tubes()) if bench.quick else ()), lambda n: bench.say(f"anatomy: {n}"))
    bench.show(centreline_table(found))
    bench.found["anatomy"] = [asdict(one) for one in found]


def _check_names(given: Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise UnknownNameError("patient of this measurement", name, known)


def _engagement(bench: Bench) -> None:
    from simtrainer.studies.engagement.batch import ARCHES, CATHETERS, attempt_all, trials
    from simtrainer.studies.engagement.count import row
    from simtrainer.studies.engagement.trial import Outcome, Trial
    from simtrainer.ui.engagement_table import engagement_table

    def heard(trial: Trial, outcome: Outcome, left: int) -> None:
        came = "engaged" if outcome.engaged else "missed"
        bench.say(f"engagement: {trial.catheter}, {trial.patient}, seed {trial.seed}: {came}; {left} to come")

    _check_names(bench.patients, tuple(name for patients in ARCHES.values() for name in patients))
    asked = {
        arch: tuple(name for name in patients if name in bench.patients or not bench.patients)
        for arch, patients in ARCHES.items()
    }
    arches = {arch: patients for arch, patients in asked.items() if patients}
    wanted = trials(range(bench.seed, bench.seed + bench.seeds), [name for group in arches.values() for name in group])
    bench.say(f"engagement: {len(wanted)} trials ...")
    done = attempt_all(wanted, heard)
    groups: dict[str, tuple[str, ...]] = {name: (name,) for patients in arches.values() for name in patients}
    groups |= {f"all {arch}": patients for arch, patients in arches.items()}
    rows = [(name, row(catheter, patients, done)) for name, patients in groups.items() for catheter in CATHETERS]
    bench.show(engagement_table(rows))
    bench.found["engagement"] = {
        "counts": [asdict(one) | {"name": name} for name, one in rows],
        "trials": [asdict(trial) | asdict(outcome) for trial, outcome in done],
    }

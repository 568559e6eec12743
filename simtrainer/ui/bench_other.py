"""Measures pictures a second, extracted centrelines and engagement, for `simtrainer bench`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict

from simtrainer.anatomy import accuracy
from simtrainer.anatomy.build import PATIENTS
from simtrainer.core.error import UnknownNameError
from simtrainer.studies.bench import picture
from simtrainer.studies.engagement import batch
from simtrainer.studies.engagement.count import row
from simtrainer.studies.engagement.trial import Outcome, Trial
from simtrainer.ui.bench_run import FRAMES, QUICK_FRAMES, Bench
from simtrainer.ui.bench_table import centreline_table, picture_table
from simtrainer.ui.engagement_table import engagement_table


def imaging(bench: Bench) -> None:
    """Measure what pictures cost."""
    bench.say("imaging: preparing a patient ...")
    found = []
    for one in picture.pictures(time.thread_time, frames=QUICK_FRAMES if bench.quick else FRAMES):
        found.append(one)
        bench.say(f"imaging: {one.id}, {one.frames_per_s:.0f} frames a second")
    bench.show(picture_table(found))
    bench.found["imaging"] = [asdict(one) for one in found]


def anatomy(bench: Bench) -> None:
    """Hold extracted centrelines against axes that are known."""
    _check_names(bench.patients, (*accuracy.tubes(), *PATIENTS))
    chosen = bench.patients or (tuple(accuracy.tubes()) if bench.quick else ())
    found = accuracy.accuracy_table(chosen, lambda name: bench.say(f"anatomy: {name}"))
    bench.show(centreline_table(found))
    bench.found["anatomy"] = [asdict(one) for one in found]


def engagement(bench: Bench) -> None:
    """Count how often catheters engage a vessel."""

    def heard(trial: Trial, outcome: Outcome, left: int) -> None:
        came = "engaged" if outcome.engaged else "missed"
        bench.say(f"engagement: {trial.catheter}, {trial.patient}, seed {trial.seed}: {came}; {left} to come")

    _check_names(bench.patients, tuple(name for patients in batch.ARCHES.values() for name in patients))
    asked = {
        arch: tuple(name for name in patients if name in bench.patients or not bench.patients)
        for arch, patients in batch.ARCHES.items()
    }
    arches = {arch: patients for arch, patients in asked.items() if patients}
    seeds = range(bench.seed, bench.seed + bench.seeds)
    wanted = batch.trials(seeds, [name for group in arches.values() for name in group])
    bench.say(f"engagement: {len(wanted)} trials ...")
    done = batch.attempt_all(wanted, heard)
    groups: dict[str, tuple[str, ...]] = {name: (name,) for patients in arches.values() for name in patients}
    groups |= {f"all {arch}": patients for arch, patients in arches.items()}
    rows = [(name, row(catheter, patients, done)) for name, patients in groups.items() for catheter in batch.CATHETERS]
    bench.show(engagement_table(rows))
    bench.found["engagement"] = {
        "counts": [asdict(one) | {"name": name} for name, one in rows],
        "trials": [asdict(trial) | asdict(outcome) for trial, outcome in done],
    }


def _check_names(given: Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise UnknownNameError("patient of this measurement", name, known)

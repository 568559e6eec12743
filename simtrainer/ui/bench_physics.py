"""Measures how exact, fast and robust the mechanics are, for `simtrainer bench physics`."""

from __future__ import annotations

import time
from dataclasses import asdict

from simtrainer.studies.bench import exercise, limit, needle, speed, tet, tissue, ward
from simtrainer.studies.bench.stress import Robustness
from simtrainer.studies.closed_form import case, closed_forms
from simtrainer.studies.peer import peers, race
from simtrainer.studies.peer.engine import Run
from simtrainer.studies.peer.ours import OURS
from simtrainer.studies.peer.task import QUICK, WHOLE
from simtrainer.ui import shipped
from simtrainer.ui.bench_run import QUICK_BLOCKS, QUICK_BODIES, QUICK_PATIENTS, TISSUE_PART, Bench
from simtrainer.ui.bench_table import (
    accuracy_table,
    not_installed,
    peer_table,
    robustness_table,
    speed_table,
    told,
)  # fmt: skip
from simtrainer.ui.tissue_table import tissue_table


def physics(bench: Bench) -> None:
    """Measure all of it."""
    bench.found |= {"accuracy": _accuracy(bench), "speed": [*_speed(bench), *_tissue(bench)]}
    bench.found["robustness"] = _robustness(bench)
    bench.found["peers"] = _peers(bench) if bench.peers else []


def _accuracy(bench: Bench) -> list[dict[str, object]]:
    bench.say("accuracy (the first time kernels are compiled for about a minute) ...")
    found = []
    for name in closed_forms.names():
        found.append(case.judged(name, closed_forms.get(name)))
        bench.say(f"accuracy: {name}, {100.0 * found[-1].relative_error:+.3f} %")
    bench.faults += [f"{one.title}: off by {100.0 * one.relative_error:.2f} %" for one in found if not one.holds]
    bench.show(accuracy_table(found))
    return [asdict(one) | {"holds": one.holds} for one in found]


def _speed(bench: Bench) -> list[dict[str, object]]:
    found = []
    for load in speed.LOADS:
        found.append(speed.time_load(load, time.thread_time, ticks=bench.ticks))
        bench.say(f"speed: {load.id}, {found[-1].core_ms_per_10ms:.2f} core-ms for 10 ms")
    found.append(exercise.time_exercise(time.thread_time, ticks=bench.ticks))
    bench.say(f"speed: {found[-1].id}, {found[-1].core_ms_per_10ms:.2f} core-ms for 10 ms")
    grown = [line for line in (speed.growth(tuple(found), devices) for devices in (1, 2, 3)) if line is not None]
    bench.found["growth"] = [asdict(line) for line in grown]
    limits = [limit.measure(load, time.thread_time) for load in limit.MEASURED]
    bench.found["limit"] = [asdict(one) for one in limits]
    bench.show(speed_table(found, grown, limits))
    return [asdict(one) for one in found]


def _tissue(bench: Bench) -> list[dict[str, object]]:
    blocks = []
    for load in tissue.TISSUE_LOADS[: QUICK_BLOCKS if bench.quick else None]:
        blocks.append(tissue.time_tissue(load, time.thread_time, ticks=bench.ticks // TISSUE_PART))
        bench.say(f"speed: {blocks[-1].id}, {blocks[-1].core_ms_per_10ms:.1f} core-ms for 10 ms")
    bodies = []
    for body in tet.TET_LOADS[: QUICK_BODIES if bench.quick else None]:
        bodies.append(tet.time_tets(body, time.thread_time, ticks=bench.ticks // TISSUE_PART))
        bench.say(f"speed: {bodies[-1].id}, {bodies[-1].core_ms_per_10ms:.1f} core-ms for 10 ms")
    needles = list(needle.needle_speeds(time.thread_time, ticks=bench.ticks))
    bench.show(tissue_table(blocks, bodies, needles))
    return [*map(asdict, blocks), *map(asdict, bodies), *map(asdict, needles)]


def _robustness(bench: Bench) -> list[dict[str, object]]:
    patients = list(shipped.patient_folders())
    if bench.quick:
        patients = patients[:: max(1, len(patients) // QUICK_PATIENTS)]

    def heard(one: Robustness, left: int) -> None:
        bench.say(f"robustness: {one.vessel}, worst {one.worst_core_ms_per_10ms:.0f} ms; {left} patients to come")

    bench.say(f"robustness: shaking {len(patients)} patients for {bench.seconds:g} s each ...")
    found = ward.shake_ward(patients, time.thread_time, seed=bench.seed, seconds=bench.seconds, heard=heard)
    bench.faults += [f"{one.vessel}: a number was not finite" for one in found if one.nan]
    bench.show(robustness_table(found))
    return [asdict(one) for one in found]


def _peers(bench: Bench) -> list[dict[str, object]]:
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

"""What a whole tick of the exercise costs: instruments, solver, contrast, sensors, snapshot and detectors."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from simtrainer.core.action import Action
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.core.units import MS
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest
from simtrainer.studies.bench.patient import package
from simtrainer.studies.bench.picture import injected, prepared
from simtrainer.studies.bench.speed import BLOCK, DT, PATIENT, PERIOD, PUSH, ROUNDS, TURN, WARM_TICKS, Speed


def time_exercise(clock: Clock, *, ticks: int) -> Speed:
    """Push and turn a wire in a catheter, contrast in the aorta and the beam on, and time each tick of the session."""
    world = Exercise(package(PATIENT))
    session: Session[Any, None] = Session(world, NoCurriculum(), 1)
    table = injected(world, prepared(world))
    state = replace(session.start(), world=table)
    state = session.step(state, (Action("beam.mode", "fluoro"),)).state
    stick = Yardstick(clock)
    spent, products, segments, unconverged = [], [stick.ms()], [], 0
    for tick in range(ticks + WARM_TICKS):
        phase = 2.0 * np.pi * tick * DT / PERIOD
        hands = (
            Action("wire.push", PUSH * float(np.cos(phase))), Action("wire.twist", TURN * float(np.sin(phase))),
            Action("catheter.push", -PUSH * float(np.cos(phase))),
        )  # fmt: skip
        seconds, step = quickest(clock, partial(session.step, state, hands), ROUNDS)
        state = step.state
        if tick < WARM_TICKS:
            continue
        read = world.reading(state.world)
        spent.append(seconds)
        segments.append(len(read.arc) - 1)
        unconverged += read.unconverged > 0
        if tick % BLOCK == 0:
            products.append(stick.ms())
    mean, product = float(np.mean(spent)) / MS, float(np.median(products))
    count = round(float(np.mean(segments)))
    return Speed(
        id="exercise", title=f"whole tick of the exercise, {count} segments, a wire in a catheter", segments=count,
        devices=2, step_ms=DT / MS / world.rod(table.wire, table.catheter).settings.substeps, core_ms_per_10ms=mean,
        worst_core_ms=max(spent) / MS, matrix_product_ms=product, ratio=mean / product,
        unconverged_share=unconverged / ticks,
    )  # fmt: skip

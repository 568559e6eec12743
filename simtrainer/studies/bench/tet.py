"""What a tick of tetrahedra costs, over their number, a ball pressed in, beside a fixed matrix product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.tetrahedralise import Part, Placing, tetrahedralise
from simtrainer.core.units import MM, MS
from simtrainer.physics.tet import TetTissue
from simtrainer.physics.tet_mesh import tet_mesh
from simtrainer.physics.tissue_mesh import Attachment
from simtrainer.physics.tissue_state import TissueControl, TissueState
from simtrainer.physics.tissue_tool import Sphere
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest
from simtrainer.studies.bench.tissue import (
    BLOCK,
    CONTACTS,
    DEPTH,
    DT,
    PERIOD,
    ROUNDS,
    SWAY,
    TONGUE,
    WARM_TICKS,
)  # fmt: skip

F8 = NDArray[np.float64]
HALF_AXES = (30.0 * MM, 25.0 * MM, 20.0 * MM)
"""Of the ellipsoid [m]. because: design; about a tongue, as the block of bricks."""
BONDED = 0.5
"""Share of its lower half that is bonded, from below."""
ROUND = 48
"""Triangles round the ellipsoid."""


@dataclass(frozen=True, slots=True)
class TetLoad:
    """What is timed: an ellipsoid bonded below, of about so many tetrahedra."""

    tets: int

    @property
    def id(self) -> str:
        """Name in documents."""
        return f"tets_{self.tets}"

    @property
    def spacing(self) -> float:
        """Edge of the lattice's cubes [m]: 12 tetrahedra each."""
        volume = 4.0 / 3.0 * np.pi * float(np.prod(HALF_AXES))
        return float((12.0 * volume / self.tets) ** (1.0 / 3.0))


TET_LOADS = tuple(TetLoad(tets) for tets in (1000, 3000, 8000))


@dataclass(frozen=True, slots=True)
class TetSpeed:
    """What a tick of 10 ms cost.

    Parameters
    ----------
    contacts, iterations
        Mean points in contact, and mean conjugate gradient iterations, a tick.
    core_ms_per_10ms, least_core_ms, median_core_ms, worst_core_ms
        Mean, least, median and worst work of a core.
    matrix_product_ms, ratio
        Of the fixed matrix product, timed in between; mean work over it.
    unconverged_share
        Share of ticks that did not converge.
    """

    id: str
    title: str
    tets: int
    nodes: int
    contacts: float
    iterations: float
    core_ms_per_10ms: float
    least_core_ms: float
    median_core_ms: float
    worst_core_ms: float
    matrix_product_ms: float
    ratio: float
    unconverged_share: float


def ellipsoid(half: tuple[float, float, float], around: int) -> Part:
    """Return the surface of an ellipsoid about the origin, with `around` triangles round it."""
    rows = around // 2
    turn, tilt = np.arange(around) * 2.0 * np.pi / around, np.arange(1, rows) * np.pi / rows
    ring = np.stack([np.cos(turn), np.sin(turn), np.zeros(around)], axis=1)
    rings = np.sin(tilt)[:, None, None] * ring + np.cos(tilt)[:, None, None] * np.array([0.0, 0.0, 1.0])
    points = np.concatenate((rings.reshape(-1, 3), [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])) * np.array(half)
    here = np.arange(around)
    there, top, low = (here + 1) % around, len(points) - 2, (rows - 2) * around
    triangles = [np.stack((np.full(around, top), here, there), axis=1)]
    for k in range(rows - 2):
        a, b = k * around + here, k * around + there
        triangles += [np.stack((a, a + around, b), axis=1), np.stack((b, a + around, b + around), axis=1)]
    triangles.append(np.stack((np.full(around, top + 1), low + there, low + here), axis=1))
    return Part(1, points, np.concatenate(triangles))


def at_rest(load: TetLoad) -> tuple[TetTissue, TissueState]:
    """Return the ellipsoid, bonded below, and a ball that meets about CONTACTS points of its surface."""
    made = tetrahedralise(ellipsoid(HALF_AXES, ROUND), load.spacing, placing=Placing.KEEP_VOLUME)
    mesh = tet_mesh(made.points, made.tets, made.labels, {1: TONGUE})
    fixed = mesh.points[:, 2] < -BONDED * HALF_AXES[2]
    areas = TetTissue(mesh, Attachment(fixed)).body.skin.area
    radius = max(CONTACTS * float(areas.mean()) / (np.pi * DEPTH), DEPTH)
    top = mesh.points[:, 2] > 0.5 * HALF_AXES[2]
    tissue = TetTissue(mesh, Attachment(fixed), tools=(Sphere(radius),), expected=top)
    return tissue, tissue.init()


def pressing(tissue: TetTissue, tick: int) -> TissueControl:
    """Return the control of a ball that is pressed in from above within WARM_TICKS, and then goes to and fro."""
    ball = tissue.tools[0]
    assert isinstance(ball, Sphere)
    deep = DEPTH * min(1.0, (tick + 1) / WARM_TICKS)
    phase = 2.0 * np.pi * max(0, tick - WARM_TICKS) * DT / PERIOD
    pose = np.eye(4)
    pose[:3, 3] = SWAY * np.sin(phase), 0.0, HALF_AXES[2] + ball.radius - deep
    return TissueControl(poses=(pose,))


def time_tets(load: TetLoad, clock: Clock, *, ticks: int) -> TetSpeed:
    """Press a ball in and move it to and fro for `ticks`, and time each tick."""
    tissue, state = at_rest(load)
    stick = Yardstick(clock)
    spent, products, touched, its, unconverged = [], [stick.ms()], [], [], 0
    for tick in range(ticks + WARM_TICKS):
        seconds, state = quickest(clock, partial(tissue.step, state, pressing(tissue, tick), DT), ROUNDS)
        if tick < WARM_TICKS:
            continue
        read = tissue.read(state)
        spent.append(seconds)
        touched.append(read.contacts)
        its.append(read.iterations)
        unconverged += read.unconverged
        if tick % BLOCK == 0:
            products.append(stick.ms())
    mean, product, count = float(np.mean(spent)) / MS, float(np.median(products)), len(tissue.mesh.tets)
    return TetSpeed(
        id=load.id, title=f"soft tissue, {count} tetrahedra, a ball pressed in", tets=count,
        nodes=len(tissue.mesh.points), contacts=float(np.mean(touched)), iterations=float(np.mean(its)),
        core_ms_per_10ms=mean, least_core_ms=min(spent) / MS,
        median_core_ms=float(np.median(spent)) / MS, worst_core_ms=max(spent) / MS,
        matrix_product_ms=product, ratio=mean / product,
        unconverged_share=unconverged / ticks,
    )  # fmt: skip

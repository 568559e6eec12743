"""What a tick of soft tissue costs, over the number of bricks, a ball pressed in, beside a fixed matrix product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM, MS
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_brick import BYTES, FLOPS, FORCE_BYTES, FORCE_FLOPS
from simtrainer.physics.tissue_mesh import Attachment, Material, voxel_mesh
from simtrainer.physics.tissue_state import TissueControl, TissueSettings, TissueState
from simtrainer.physics.tissue_tool import Sphere
from simtrainer.studies.bench.clock import Clock, Yardstick, quickest

F8 = NDArray[np.float64]
DT, BLOCK = 0.01, 25
"""Length of a tick [s], and ticks between two goes of the matrix product."""
COPIED, COPIES = 32_000_000, 8
"""Bytes of the copy that tells the bandwidth, far more than a core's own cache, and goes of it."""
ROUNDS = 2
"""Goes of each tick, from the same state, of which the quicker counts."""
WARM_TICKS = 12
"""Ticks before anything counts: they compile, and bring the tool into contact."""
BLOCK_SIZE = (60.0 * MM, 50.0 * MM, 40.0 * MM)
"""Edges of the block [m]. because: design; about a tongue."""
TONGUE = Material(
    youngs_modulus=8e3, poisson_ratio=0.45, density=1060.0, damping=0.02,
    because="G' 2.67 kPa, Cheng 2011 (MRE of the tongue); density of muscle 1060 kg/m3, Ward and Lieber 2005; damping: "
    "design, loss factor 0.1 at 0.8 Hz",
)  # fmt: skip
DEPTH, SWAY, PERIOD = 2.0 * MM, 4.0 * MM, 1.0
"""How deep the tool goes below the surface, how far it goes to and fro [m], and how long that takes [s]."""
CONTACTS = 20
"""Points in contact that the load asks for. because: the target that the physics of the house was given."""
BUDGET_MS, BUDGET_BRICKS = 6.0, 3000
"""What a tick may cost [core-ms], at how many bricks. because: the same target."""


@dataclass(frozen=True, slots=True)
class TissueLoad:
    """What is timed: a block bonded below, of about so many bricks."""

    bricks: int

    @property
    def id(self) -> str:
        """Name in documents."""
        return f"tissue_{self.bricks}"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Bricks along each edge of the block."""
        edge = float((np.prod(BLOCK_SIZE) / self.bricks) ** (1.0 / 3.0))
        i, j, k = (max(2, round(size / edge)) for size in BLOCK_SIZE)
        return i, j, k


TISSUE_LOADS = tuple(TissueLoad(bricks) for bricks in (500, 1000, 3000, 8000, 20_000))


@dataclass(frozen=True, slots=True)
class TissueSpeed:
    """What a tick of 10 ms cost.

    Parameters
    ----------
    bricks, nodes
        Of the block.
    contacts, iterations
        Mean points in contact, and mean conjugate gradient iterations, a tick.
    core_ms_per_10ms, worst_core_ms
        Mean and worst work of a core.
    matrix_product_ms, ratio
        Of the fixed matrix product, timed in between; mean work over it.
    unconverged_share
        Share of ticks that did not converge.
    product_share, copy_share
        Operations a second over those of the matrix product, which is in double precision, and bytes a second over
        those of a copy of COPIED bytes: how far a tick is from what the machine can do. See `work_of`; None where not
        counted.
    """

    id: str
    title: str
    bricks: int
    nodes: int
    contacts: float
    iterations: float
    core_ms_per_10ms: float
    worst_core_ms: float
    matrix_product_ms: float
    ratio: float
    unconverged_share: float
    product_share: float | None = None
    copy_share: float | None = None


def time_tissue(load: TissueLoad, clock: Clock, *, ticks: int) -> TissueSpeed:
    """Press a ball into the block and move it to and fro for `ticks`, and time each tick."""
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
    mean, product = float(np.mean(spent)) / MS, float(np.median(products))
    flops, moved = work_of(tissue, float(np.mean(its)))
    copied = 2.0 * COPIED / copy_ms(clock)
    bricks = len(tissue.mesh.kind)
    return TissueSpeed(
        id=load.id, title=f"soft tissue, {bricks} bricks, a ball pressed in", bricks=bricks,
        nodes=len(tissue.mesh.points), contacts=float(np.mean(touched)), iterations=float(np.mean(its)),
        core_ms_per_10ms=mean, worst_core_ms=max(spent) / MS, matrix_product_ms=product, ratio=mean / product,
        unconverged_share=unconverged / ticks, product_share=flops / mean / (stick.flops / product),
        copy_share=moved / mean / copied,
    )  # fmt: skip


def work_of(tissue: Tissue, iterations: float) -> tuple[float, float]:
    """Return the operations and the bytes of a tick of so many `iterations`; what has to be done, not what is.

    Counted are products with the stiffness, 2 smoothing + 1 an iteration and one for the first guess; forces, once
    before and once after each Newton iteration; passes through the coarse factor. Vectors and contacts are not.
    """
    settings, bricks = tissue.settings, len(tissue.mesh.kind)
    factor = tissue.derived.begin_factor(tissue.init().alive, DT).result()
    band = 4.0 * len(factor.pivot) * factor.down.shape[1]
    products, forces = iterations * (2 * settings.smoothing + 1) + 2.0, settings.newton + 1
    flops = bricks * (FLOPS * products + FORCE_FLOPS * forces) + band * iterations
    moved = bricks * (BYTES * products + FORCE_BYTES * forces) + 2.0 * band * iterations
    return flops, moved


def copy_ms(clock: Clock) -> float:
    """Return core-milliseconds of a copy of COPIED bytes, the quickest of some."""
    source = np.ones(COPIED // 8)
    target = np.empty_like(source)
    seconds, _ = quickest(clock, partial(np.copyto, target, source), COPIES)
    return seconds / MS


def at_rest(load: TissueLoad) -> tuple[Tissue, TissueState]:
    """Return the block, bonded below, and a ball that meets about CONTACTS points of its surface.

    A ball of radius R that is d deep touches pi R d (Hertz); four points of the surface stand for a face of a brick.
    """
    shape = load.shape
    spacing = np.array(BLOCK_SIZE) / np.array(shape)
    mesh = voxel_mesh(np.ones(shape, dtype=np.int64), spacing, np.zeros(3), {1: TONGUE})
    fixed = mesh.points[:, 2] < 0.5 * spacing[2]
    patch = CONTACTS * float(spacing[0] * spacing[1]) / 4.0
    radius = max(patch / (np.pi * DEPTH), DEPTH)
    tissue = Tissue(mesh, Attachment(fixed), TissueSettings(), tools=(Sphere(radius),))
    return tissue, tissue.init()


def pressing(tissue: Tissue, tick: int) -> TissueControl:
    """Return the control of a ball that is pressed in within WARM_TICKS, and then goes to and fro."""
    ball = tissue.tools[0]
    assert isinstance(ball, Sphere)
    deep = DEPTH * min(1.0, (tick + 1) / WARM_TICKS)
    phase = 2.0 * np.pi * max(0, tick - WARM_TICKS) * DT / PERIOD
    pose = np.eye(4)
    pose[:3, 3] = np.array(BLOCK_SIZE) * (0.5, 0.5, 1.0)
    pose[0, 3] += SWAY * np.sin(phase)
    pose[2, 3] += ball.radius - deep
    return TissueControl(poses=(pose,))

"""Bars and blocks of soft tissue whose answer is known: bent, pulled, swollen, and bent far."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_bvp

from simtrainer.core.units import MM
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_mesh import Attachment, Loose, Material, VoxelMesh, voxel_mesh
from simtrainer.physics.tissue_state import TissueControl, TissueSettings, TissueState
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair

F8 = NDArray[np.float64]
BAR = (100.0 * MM, 20.0 * MM, 20.0 * MM)
"""Edges of the bar [m]. because: the bar that the physics reference measured."""
MODULUS, DENSITY = 10e3, 1000.0
"""[Pa], [kg/m3]. because: the same bar; soft as muscle at rest."""
LIGHT = 0.1
"""Gravity that bends it a little [m/s2]: 3.9 mm of 100, where a straight beam's theory holds to 0.2 %."""
SLIM, FAR = (100.0 * MM, 10.0 * MM, 10.0 * MM), 0.25
"""A bar that is bent far: edges [m], gravity [m/s2]; its end sinks by 34 mm of 100."""
PULL = 0.1
"""Strain that the pulled bar comes to."""
CUBE, SUCTION = 30.0 * MM, 300.0
"""A cube [m] pulled on all sides [Pa]; pressed by forces that do not turn with it, it would turn over."""


def bar(edges: tuple[float, float, float], step: float, ratio: float) -> VoxelMesh:
    """Return a bar along x of bricks with edges of about `step` [m]."""
    shape = tuple(max(1, round(edge / step)) for edge in edges)
    material = Material(MODULUS, ratio, DENSITY, "an experiment with a known answer", damping=0.02)
    return voxel_mesh(np.ones(shape, dtype=np.int64), np.array(edges) / np.array(shape), np.zeros(3), {1: material})


def rest(tissue: Tissue, control: TissueControl, *, ticks: int, dt: float) -> TissueState:
    """Return the tissue after `ticks` steps of `dt` [s]: long steps of an implicit method settle it."""
    state = tissue.init()
    for _ in range(ticks):
        state = tissue.step(state, control, dt)
    return state


def hanging(
    edges: tuple[float, float, float], step: float, ratio: float, gravity: float, *, ticks: int = 12, dt: float = 1.0
) -> tuple[float, float]:
    """Return where the middle of the free end of a clamped bar comes to lie, along x and below the axis [m]."""
    mesh = bar(edges, step, ratio)
    settings = TissueSettings(gravity=(0.0, 0.0, -gravity), tolerance=1e-7, newton=8, iterations=200)
    tissue = Tissue(mesh, Attachment(mesh.within(np.zeros(3), np.array([0.0, *edges[1:]]))), settings)
    state = rest(tissue, TissueControl(), ticks=ticks, dt=dt)
    end = mesh.points[:, 0] > edges[0] - 0.1 * step
    middle = state.position[end].mean(axis=0)
    return float(middle[0]), float(0.5 * edges[2] - middle[2])


def timoshenko(edges: tuple[float, float, float], ratio: float, gravity: float) -> float:
    """Return the sag [m] of the end of a cantilever under its own weight, bending and shear."""
    length, wide, high = edges
    area, second = wide * high, wide * high**3 / 12.0
    load = DENSITY * area * gravity
    shear = MODULUS / (2.0 * (1.0 + ratio))
    share = 10.0 * (1.0 + ratio) / (12.0 + 11.0 * ratio)
    return float(load * length**4 / (8.0 * MODULUS * second) + load * length**2 / (2.0 * share * shear * area))


def elastica(edges: tuple[float, float, float], gravity: float) -> float:
    """Return how far the end of a thin bar sinks under its own weight [m]: EI phi'' = w (L - s) cos phi."""
    length, wide, high = edges
    ratio = DENSITY * wide * high * gravity / (MODULUS * wide * high**3 / 12.0)
    s = np.linspace(0.0, length, 101)
    solved = solve_bvp(
        lambda at, y: np.array([y[1], ratio * (length - at) * np.cos(y[0])]),
        lambda a, b: np.array([a[0], b[1]]), s, np.zeros((2, 101)), tol=1e-8, max_nodes=50_000,
    )  # fmt: skip
    assert solved.success
    phi = solved.sol(np.linspace(0.0, length, 2001))[0]
    return float(-np.trapezoid(np.sin(phi), dx=length / 2000))


def on_face(mesh: VoxelMesh, axis: int, side: int, traction: F8) -> F8:
    """Return nodal forces [N] (n, 3) of a uniform `traction` [Pa] (3,) on the low (0) or high (1) face of a box."""
    at = mesh.lattice[:, axis] == side * mesh.shape[axis]
    share = np.prod(np.delete(mesh.spacing, axis)) * np.ones(len(mesh.points))
    for other in {0, 1, 2} - {axis}:
        edge = (mesh.lattice[:, other] == 0) | (mesh.lattice[:, other] == mesh.shape[other])
        share = share * np.where(edge, 0.5, 1.0)
    return np.asarray((share * at)[:, None] * traction)


def free_box(mesh: VoxelMesh, force: F8) -> TissueState:
    """Return a box that nothing holds under forces that balance; its own inertia keeps it in place."""
    settings = TissueSettings(tolerance=1e-8, newton=4, iterations=300, loose=Loose.ALLOWED)
    tissue = Tissue(mesh, Attachment(np.zeros(len(mesh.points), dtype=np.bool_)), settings)
    return rest(tissue, TissueControl(force=force), ticks=120, dt=0.01)


def _sag(ratio: float, step: float) -> Pair:
    return Pair(timoshenko(BAR, ratio, LIGHT), hanging(BAR, step, ratio, LIGHT)[1])


def _far(step: float) -> Pair:
    return Pair(elastica(SLIM, FAR), hanging(SLIM, step, 0.0, FAR, ticks=120, dt=0.1)[1])


def _stretch(step: float) -> Pair:
    mesh = bar(BAR, step, 0.45)
    pull = np.array([PULL * MODULUS, 0.0, 0.0])
    state = free_box(mesh, on_face(mesh, 0, 1, pull) + on_face(mesh, 0, 0, -pull))
    ends = [state.position[mesh.lattice[:, 0] == i, 0].mean() for i in (0, mesh.shape[0])]
    return Pair(PULL * BAR[0], float(ends[1] - ends[0]) - BAR[0])


def _swell(step: float) -> Pair:
    mesh = bar((CUBE, CUBE, CUBE), step, 0.49)
    force = np.zeros_like(mesh.points)
    for axis in range(3):
        pull = SUCTION * np.eye(3)[axis]
        force += on_face(mesh, axis, 1, pull) - on_face(mesh, axis, 0, pull)
    state = free_box(mesh, force)
    size = np.ptp(state.position, axis=0)
    return Pair(3.0 * (1.0 - 2.0 * 0.49) * SUCTION / MODULUS, float(np.sum(size / CUBE - 1.0)))


for _percent in (30, 45, 49):
    closed_forms.put(
        f"tissue_cantilever_{_percent}",
        ClosedForm(
            title=f"Sag of a bar of tissue, Poisson's ratio 0.{_percent}",
            unit="m",
            source="Timoshenko beam: w L^4 / 8EI + w L^2 / 2kGA, k = 10 (1 + nu) / (12 + 11 nu), Cowper 1966",
            limit=0.08,
            node_steps=(10.0 * MM, 5.0 * MM, 4.0 * MM),
            measure=partial(_sag, _percent / 100.0),
        ),
    )
closed_forms.put(
    "tissue_cantilever_00",
    ClosedForm(
        title="The same without Poisson's effect: a clamp as the beam has it, the mesh alone errs",
        unit="m",
        source="Timoshenko beam, as before",
        limit=0.02,
        node_steps=(10.0 * MM, 5.0 * MM, 10.0 / 3.0 * MM),
        measure=partial(_sag, 0.0),
    ),
)
closed_forms.put(
    "tissue_elastica",
    ClosedForm(
        title="Sag of a thin bar of tissue that is bent far",
        unit="m",
        source="elastica: EI phi'' = w (L - s) cos phi",
        limit=0.03,
        node_steps=(5.0 * MM, 10.0 / 3.0 * MM),
        measure=_far,
    ),
)
closed_forms.put(
    "tissue_stretch",
    ClosedForm(
        title="Longer by 10 % under its stress, Poisson's ratio 0.45",
        unit="m",
        source="Hooke: stress = E strain; exact for bricks of any size",
        limit=1e-4,
        node_steps=(10.0 * MM,),
        measure=_stretch,
    ),
)
closed_forms.put(
    "tissue_swell",
    ClosedForm(
        title="Gain of volume under tension on all sides, Poisson's ratio 0.49",
        unit="1",
        source="3 (1 - 2 nu) p / E",
        limit=1e-3,
        node_steps=(10.0 * MM,),
        measure=_swell,
    ),
)

"""Bars and blocks of tetrahedra: against closed forms, against what finer meshes come to, and against bricks."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from simtrainer.anatomy.tetrahedralise import Part, tetrahedralise
from simtrainer.core.units import MM
from simtrainer.physics.tet import TetTissue
from simtrainer.physics.tet_domain import Rule
from simtrainer.physics.tet_mesh import TetMesh, tet_mesh
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_mesh import Attachment, Loose, Material
from simtrainer.physics.tissue_state import TissueControl, TissueSettings, TissueState
from simtrainer.physics.tissue_tool import Sphere
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair
from simtrainer.studies.closed_form.tissue import (
    BAR,
    CUBE,
    DENSITY,
    FAR,
    LIGHT,
    MODULUS,
    PULL,
    SLIM,
    SUCTION,
    bar,
    elastica,
    timoshenko,
)  # fmt: skip

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
CORNERS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
"""Corners 4 i + 2 j + k of the faces of a box, outward."""


def box_surface(edges: tuple[float, float, float]) -> Part:
    """Return the surface of a box with its low corner at the origin."""
    corner = np.array([[k >> 2, (k >> 1) & 1, k & 1] for k in range(8)]) * np.array(edges)
    triangles = np.array([[f[0], f[i], f[i + 1]] for f in CORNERS for i in (1, 2)])
    return Part(1, corner, triangles)


def tet_bar(edges: tuple[float, float, float], step: float, ratio: float, *, damping: float = 0.02) -> TetMesh:
    """Return a box of tetrahedra, 12 to a cube of edge `step` [m]; its edges are whole numbers of it."""
    made = tetrahedralise(box_surface(edges), step)
    material = Material(MODULUS, ratio, DENSITY, "an experiment with a known answer", damping=damping)
    return tet_mesh(made.points, made.tets, made.labels, {1: material})


def settle(tissue: TetTissue, control: TissueControl, *, ticks: int, dt: float) -> TissueState:
    """Return the tissue after `ticks` steps of `dt` [s]: long steps of an implicit method settle it."""
    state = tissue.init()
    for _ in range(ticks):
        state = tissue.step(state, control, dt)
    return state


def hang(
    mesh: TetMesh, edges: tuple[float, float, float], gravity: float, *, rule: Rule = Rule.EDGE, ticks: int = 8,
    dt: float = 1.0,
) -> float:  # fmt: skip
    """Return how far the middle of the free end of a bar clamped at x = 0 sinks [m]."""
    settings = TissueSettings(gravity=(0.0, 0.0, -gravity), tolerance=1e-7, newton=8, iterations=200)
    held = mesh.within(np.zeros(3), np.array([0.0, *edges[1:]]))
    tissue = TetTissue(mesh, Attachment(held), settings, rule=rule)
    state = settle(tissue, TissueControl(), ticks=ticks, dt=dt)
    end = int(np.argmin(np.linalg.norm(mesh.points - np.array(edges) * (1.0, 0.5, 0.5), axis=1)))
    return float(mesh.points[end, 2] - state.position[end, 2])


def on_face(mesh: TetMesh, axis: int, at: float, traction: F8) -> F8:
    """Return nodal forces [N] (n, 3) of a uniform `traction` [Pa] (3,) on the surface where x_axis is `at` [m]."""
    triangles = mesh.skin()
    flat = np.all(np.abs(mesh.points[triangles][:, :, axis] - at) < 1e-9, axis=1)
    a, b, c = (mesh.points[triangles[flat][:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    share = np.bincount(triangles[flat].ravel(), weights=np.repeat(area / 3.0, 3), minlength=len(mesh.points))
    return np.asarray(share[:, None] * traction)


def free_box(mesh: TetMesh, force: F8) -> TissueState:
    """Return a box that nothing holds under forces that balance; its own inertia keeps it in place."""
    settings = TissueSettings(tolerance=1e-8, newton=4, iterations=300, loose=Loose.ALLOWED)
    tissue = TetTissue(mesh, Attachment(np.zeros(len(mesh.points), dtype=np.bool_)), settings)
    return settle(tissue, TissueControl(force=force), ticks=120, dt=0.01)


def _sag(ratio: float, step: float) -> Pair:
    return Pair(timoshenko(BAR, ratio, LIGHT), hang(tet_bar(BAR, step, ratio), BAR, LIGHT))


CONVERGED = {0.3: 3.840e-3, 0.45: 3.768e-3, 0.49: 3.739e-3}
"""Sag [m] of the clamped BAR under LIGHT gravity, small strains, that ever finer bricks come to, by Poisson's ratio.
because: `extrapolated` from bricks of 5, 2.5 and 1.67 mm, their order 1.3 to 1.4 (the clamp's edges are singular); at
ratios of 0.3 and 0.45 ever finer tetrahedra come to the same within 0.2 % from the other side, at 0.49 the meshes tried
were too coarse to tell. tests/physics/test_tet.py makes them anew."""
FAINT = 0.01
"""Gravity so faint [m/s2] that a clamped bar answers linearly, to 2e-5."""


def extrapolated(steps: tuple[float, float, float], values: tuple[float, float, float]) -> tuple[float, float]:
    """Return what values at falling node steps come to, and their order: value = limit + c step^order."""
    ratio = (values[1] - values[0]) / (values[2] - values[1])

    def miss(p: float) -> float:
        return float((steps[0] ** p - steps[1] ** p) / (steps[1] ** p - steps[2] ** p)) - ratio

    p = float(brentq(miss, 0.05, 6.0))
    slope = (values[1] - values[2]) / (steps[1] ** p - steps[2] ** p)
    return float(values[2] - slope * steps[2] ** p), p


def converging(ratio: float, rule: Rule, step: float) -> Pair:
    """Return the sag [m] of the clamped bar that meshes come to, and that of tetrahedra with edges of `step` [m]."""
    return Pair(CONVERGED[ratio], hang(tet_bar(BAR, step, ratio), BAR, FAINT, rule=rule) / FAINT * LIGHT)


def _far(step: float) -> Pair:
    return Pair(elastica(SLIM, FAR), hang(tet_bar(SLIM, step, 0.0), SLIM, FAR, ticks=60, dt=0.2))


def _stretch(step: float) -> Pair:
    mesh, pull = tet_bar(BAR, step, 0.45), np.array([PULL * MODULUS, 0.0, 0.0])
    state = free_box(mesh, on_face(mesh, 0, BAR[0], pull) + on_face(mesh, 0, 0.0, -pull))
    ends = [state.position[np.abs(mesh.points[:, 0] - x) < 1e-9, 0].mean() for x in (0.0, BAR[0])]
    return Pair(PULL * BAR[0], float(ends[1] - ends[0]) - BAR[0])


def _swell(step: float) -> Pair:
    mesh = tet_bar((CUBE, CUBE, CUBE), step, 0.49)
    force = np.zeros_like(mesh.points)
    for axis in range(3):
        pull = SUCTION * np.eye(3)[axis]
        force += on_face(mesh, axis, CUBE, pull) - on_face(mesh, axis, 0.0, pull)
    size = np.ptp(free_box(mesh, force).position, axis=0)
    return Pair(3.0 * (1.0 - 2.0 * 0.49) * SUCTION / MODULUS, float(np.sum(size / CUBE - 1.0)))


BLOCK = (40.0 * MM, 40.0 * MM, 20.0 * MM)
"""Edges of a block that a ball is pressed into [m]."""
BALL, DEPTHS = 10.0 * MM, (1.0 * MM, 2.0 * MM, 3.0 * MM, 4.0 * MM)
"""Radius of the ball, and how deep it goes [m]."""


def press_ball(tissue: Tissue | TetTissue, depths: tuple[float, ...]) -> F8:
    """Return the force [N] on a ball that is pressed into the middle of the top of the block, by depth."""
    out = []
    state = tissue.init()
    pose = np.eye(4)
    for depth in depths:
        pose = pose.copy()
        pose[:3, 3] = np.array(BLOCK) * (0.5, 0.5, 1.0) + (0.0, 0.0, BALL - depth)
        for _ in range(3):
            state = tissue.step(state, TissueControl(poses=(pose,)), 0.5)
        out.append(tissue.read(state).tool_force[0, 2])
    return np.array(out)


def indented(step: float, ratio: float = 0.45) -> tuple[F8, F8]:
    """Return the forces [N] at DEPTHS on a ball in the block of bricks, and of tetrahedra, with edges of `step` [m]."""
    settings = TissueSettings(tolerance=1e-3, newton=6, iterations=200, friction=0.0)
    bricks, tets = bar(BLOCK, step, ratio), tet_bar(BLOCK, step, ratio)
    fixed = [mesh.points[:, 2] < 1e-9 for mesh in (bricks, tets)]
    ball, top = (Sphere(BALL),), np.array(BLOCK) * (0.5, 0.5, 1.0)
    near = np.linalg.norm(tets.points - top, axis=1) < BALL
    return (
        press_ball(Tissue(bricks, Attachment(fixed[0]), settings, tools=ball), DEPTHS),
        press_ball(TetTissue(tets, Attachment(fixed[1]), settings, tools=ball, expected=near), DEPTHS),
    )


def _indent(step: float) -> Pair:
    bricks, tets = indented(step)
    return Pair(float(bricks[-1]), float(tets[-1]))


for _ratio in CONVERGED:
    closed_forms.put(
        f"tissue_tet_cantilever_{round(100 * _ratio)}",
        ClosedForm(
            title=f"Sag of a bar of tetrahedra, Poisson's ratio {_ratio:g}",
            unit="m",
            source="Timoshenko beam, as for bricks",
            limit=0.08,
            node_steps=(10.0 * MM, 20.0 / 3.0 * MM, 5.0 * MM),
            measure=partial(_sag, _ratio),
        ),
    )
    closed_forms.put(
        f"tissue_tet_converged_{round(100 * _ratio)}",
        ClosedForm(
            title=f"The same against what finer meshes come to, Poisson's ratio {_ratio:g}",
            unit="m",
            source="Richardson's extrapolation of bricks, see CONVERGED",
            limit=0.02,
            node_steps=(10.0 * MM, 20.0 / 3.0 * MM, 5.0 * MM),
            measure=partial(converging, _ratio, Rule.EDGE),
        ),
    )
closed_forms.put(
    "tissue_tet_elastica",
    ClosedForm(
        title="Sag of a thin bar of tetrahedra that is bent far",
        unit="m",
        source="elastica: EI phi'' = w (L - s) cos phi",
        limit=0.04,
        node_steps=(5.0 * MM, 10.0 / 3.0 * MM),
        measure=_far,
    ),
)
closed_forms.put(
    "tissue_tet_stretch",
    ClosedForm(
        title="Tetrahedra longer by 10 % under their stress, Poisson's ratio 0.45",
        unit="m",
        source="Hooke: stress = E strain; exact for tetrahedra of any shape",
        limit=1e-4,
        node_steps=(10.0 * MM,),
        measure=_stretch,
    ),
)
closed_forms.put(
    "tissue_tet_swell",
    ClosedForm(
        title="Gain of volume of tetrahedra under tension on all sides, Poisson's ratio 0.49",
        unit="1",
        source="3 (1 - 2 nu) p / E",
        limit=1e-3,
        node_steps=(10.0 * MM,),
        measure=_swell,
    ),
)
closed_forms.put(
    "tissue_tet_indentation",
    ClosedForm(
        title="Force on a ball in a block: tetrahedra against bricks of the same edge, 4 mm deep",
        unit="N",
        source="the other solver, `tissue.Tissue`: two meshes of one body",
        limit=0.08,
        node_steps=(5.0 * MM, 4.0 * MM),
        measure=_indent,
    ),
)

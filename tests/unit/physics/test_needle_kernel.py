"""The needle's kernels beside plain NumPy: walls, friction, surfaces, the beam, and a whole insertion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics import needle_problem as at
from simtrainer.physics.needle import Needle
from simtrainer.physics.needle_axial import drag, free_at, tent
from simtrainer.physics.needle_beam import shape
from simtrainer.physics.needle_spec import NeedleControl, NeedleSettings, NeedleSpec
from simtrainer.physics.needle_tissue import Boundary, Cylinder, Layer, Plane, Sampled, Surface, Tissue, Wall, stack
from simtrainer.physics.needle_track import distance
from simtrainer.studies.rig import field_of

Floats = NDArray[np.float64]
UP, SIDE, ORIGIN = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), np.zeros(3)
SPEC = NeedleSpec(0.06, 0.4 * MM)
SOFT = Layer("soft", cutting=0.3, friction=15.0, lateral_stiffness=3e4)
FIRM = Layer("firm", cutting=0.6, friction=30.0, lateral_stiffness=8e4)
SKIN, FASCIA = Wall("skin", 1.5, 400.0, 3e4), Wall("fascia", 1.2, 800.0)


def held(deep: float, aside: float = 0.0) -> NeedleControl:
    return NeedleControl.aimed(np.array([aside, 0.0, SPEC.length - deep]), -UP, up=SIDE)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.floats(0.0, 0.9), st.floats(0.0, 1e5))
def test_a_wall_pushes_with_the_slope_of_its_energy_and_is_free_where_it_does_not_push(
    d: float, lag: float, fade: float, square: float
) -> None:
    wall = np.array([400.0, square, 1.0, fade, 1.0, 1.0])
    h = 1e-8
    force, _ = tent(wall, d * MM, lag * MM)
    low, high = tent(wall, d * MM - h, lag * MM)[1], tent(wall, d * MM + h, lag * MM)[1]
    assert force == pytest.approx((high - low) / (2.0 * h), abs=1e-4)
    free = free_at(wall, lag * MM)
    assert tent(wall, free, lag * MM)[0] == pytest.approx(0.0, abs=1e-9)


def slow_friction(way: Floats, stiff: float, most: float, moving: float) -> float:
    """Follow a spring behind a slider by tiny steps; return its displacement."""
    x, slides = 0.0, False
    for to in np.diff(way):
        for _ in range(2000):
            dx = to / 2000
            trial = x + dx
            if slides and trial * dx <= 0.0:
                slides = False
            limit = (moving if slides else most) / stiff
            if abs(trial) > limit + 1e-15:
                x, slides = math.copysign(moving / stiff, trial), True
            else:
                x = trial
                slides = slides and trial * dx > 0.0
    return x


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-200, 200), min_size=1, max_size=6))
@example([79, 0, -1])
def test_friction_over_one_stride_is_that_of_many_small_ones_and_only_loses_energy(ends: list[int]) -> None:
    stiff, most, moving = 50.0, 0.03, 0.02
    cell, s = np.zeros(at.CELL), np.zeros(at.SCALARS)
    cell[at.STIFF], cell[at.MOST], cell[at.MOVING] = stiff, most, moving
    way = np.concatenate(([0.0], 0.01013 * np.array(ends))) * MM
    before = 0.0
    for to in np.diff(way):
        drag(cell, s, to)
        assert s[at.LOST] >= before - 1e-18
        before = s[at.LOST]
    assert s[at.WORK] == pytest.approx(s[at.LOST] + 0.5 * stiff * cell[at.STRETCH] ** 2, abs=1e-15)
    # a stride that gives way ends on the sliding limit, small ones may stand up to a step beside it
    assert cell[at.STRETCH] == pytest.approx(slow_friction(way, stiff, most, moving), abs=3e-6)


def test_surfaces_are_as_far_away_as_numpy_says() -> None:
    axis = np.array([1.0, 2.0, -0.5]) / np.linalg.norm([1.0, 2.0, -0.5])
    point = np.array([0.002, -0.001, 0.003])

    def ball(p: Floats) -> Floats:
        return np.asarray(5.0 * MM - np.linalg.norm(p, axis=1))

    grids = [
        field_of(ball, np.full(3, -0.009), np.full(3, 0.009), 0.5 * MM, 3.0 * MM),
        field_of(lambda p: ball(p - 0.02), np.full(3, 0.011), np.full(3, 0.029), 0.5 * MM, 3.0 * MM),
    ]
    surfaces: tuple[Surface, ...] = (
        Plane(point, 3.0 * axis),
        Cylinder(point, 2.0 * axis, 4.0 * MM),
        *(Sampled(grid) for grid in grids),
    )
    model = Needle(SPEC, Tissue(tuple(Boundary(one, SKIN, SOFT) for one in surfaces)))._model[0]
    for p in np.random.default_rng(1).uniform(-0.004, 0.004, (50, 3)):
        off = p - point
        x, y, z = (float(v) for v in p)
        assert distance(model, 0, x, y, z) == pytest.approx(float(off @ axis), abs=1e-12)
        beside = float(np.linalg.norm(off - (off @ axis) * axis)) - 4.0 * MM
        assert distance(model, 1, x, y, z) == pytest.approx(beside, abs=1e-12)
        assert distance(model, 2, x, y, z) == pytest.approx(-grids[0].sample(p[None])[0][0], abs=1e-8)
        assert distance(model, 3, x + 0.02, y + 0.02, z + 0.02) == pytest.approx(
            -grids[1].sample(p[None] + 0.02)[0][0], abs=1e-8
        )
    assert distance(model, 2, 1.0, 1.0, 1.0) > 0.0


def dense_beam(needle: Needle, deep: float, aside: float) -> Floats:
    """Return the deflection [m] of nodes whose hub is `aside` [m], tissue beside it at its old place."""
    n, h = needle._model[0].nodes, float(needle._model[0].beam[at.STEP])
    A, b = np.zeros((2 * n, 2 * n)), np.zeros(2 * n)
    k = SPEC.flexural_rigidity / h**3
    edge = k * np.array([[12, 6, -12, 6], [6, 4, -6, 2], [-12, -6, 12, -6], [6, 2, -6, 4]])
    for e in range(n - 1):
        A[2 * e : 2 * e + 4, 2 * e : 2 * e + 4] += edge
        for u in (np.arange(400) + 0.5) / 400:
            arc = deep - SPEC.length + (e + u) * h
            if arc < 0.0:
                continue
            w = np.array(shape(float(u)))
            A[2 * e : 2 * e + 4, 2 * e : 2 * e + 4] += SOFT.lateral_stiffness * h / 400 * np.outer(w, w)
            b[2 * e : 2 * e + 4] += SOFT.lateral_stiffness * h / 400 * w * -aside
    free = slice(2, None)
    y = np.zeros(2 * n)
    y[free] = np.linalg.solve(A[free, free], b[free])
    return y[::2]


def test_the_beam_bends_as_a_dense_system_says() -> None:
    tissue = Tissue(stack(ORIGIN, UP, [(Wall("none"), SOFT, 1.0)]))
    needle = Needle(SPEC, tissue, NeedleSettings(stride=0.25 * MM))
    state = needle.init(held(-1.0 * MM))
    deep = 27.0 * MM
    for k in range(1, 61):
        state = needle.step(state, held(-1.0 * MM + 28.0 * MM * k / 60), 0.01)
    for k in range(1, 21):
        state = needle.step(state, held(deep, 0.05 * k * MM), 0.01)
    found = state.body.bend[0, :, 0]
    expected = dense_beam(needle, deep, 1.0 * MM)
    assert found == pytest.approx(expected, abs=0.01 * MM)
    assert np.abs(expected).max() > 0.5 * MM


def plain_insertion(way: Floats, top: float) -> Floats:
    """Return the force [N] over depth of skin, soft, fascia and firm without rest or recoil, written down plainly."""
    force, pierced = [], [False, False]
    walls = ((0.0, SKIN), (top, FASCIA))
    for z in way:
        tip = 0.0
        layer = (None, SOFT, FIRM)[sum(pierced)]
        tip += layer.cutting if layer else 0.0
        for k, (arc, wall) in enumerate(walls):
            if not pierced[k] and z > arc:
                tip += wall.stiffness * (z - arc) + wall.stiffening * (z - arc) ** 2
                if tip >= wall.puncture:
                    pierced[k], tip = True, (SOFT, FIRM)[k].cutting
        cover = 0.0 if not pierced[0] else z if pierced[1] or z < top else top
        force.append(tip + SOFT.friction * min(cover, top) + FIRM.friction * max(cover - top, 0.0))
    return np.array(force)


def test_a_slow_insertion_feels_as_the_laws_written_down_plainly() -> None:
    top = 12.0 * MM
    tissue = Tissue(stack(ORIGIN, UP, [(SKIN, SOFT, top), (FASCIA, FIRM, 1.0)]))
    needle = Needle(SPEC, tissue)
    state, way, found = needle.init(held(-1.0 * MM)), np.linspace(-1.0 * MM, 40.0 * MM, 411)[1:], []
    for z in way:
        state = needle.step(state, held(float(z)), 0.1)
        found.append(needle.read(state).axial_force)
    expected = plain_insertion(way, top)
    off = np.abs(np.array(found) - expected)
    assert np.median(off) < 0.01  # tissue just cut is not strained fully yet
    assert np.mean(off > 0.05) < 0.05  # a stride beside a puncture, and while the wall still slides back

"""A needle in layers: what it refuses, what it feels, what it remembers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.units import MM
from simtrainer.physics.needle import Needle, NeedleState
from simtrainer.physics.needle_read import Grip, Puncture, Way
from simtrainer.physics.needle_spec import NeedleControl, NeedleSettings, NeedleSpec
from simtrainer.physics.needle_tissue import Boundary, Cylinder, Layer, Plane, Sampled, Tissue, Wall, stack
from simtrainer.studies.rig import field_of

Floats = NDArray[np.float64]
UP, SIDE, ORIGIN = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), np.zeros(3)
SPEC = NeedleSpec(0.08, 0.6 * MM, 0.4 * MM)
SOFT = Layer("soft", cutting=0.3, friction=15.0, stiction=1.3, lateral_stiffness=3e4, relaxing=0.3, relaxation_time=0.5)
FIRM = Layer("firm", cutting=0.6, friction=30.0, stiction=1.2, lateral_stiffness=6e4)
SKIN = Wall("skin", puncture=2.0, stiffness=400.0, stiffening=3e4, relaxing=0.2)
FASCIA = Wall("fascia", puncture=1.2, stiffness=800.0)
VEIN = Wall("vein", puncture=0.8, stiffness=150.0)
BLOOD = Layer("blood")
COARSE = NeedleSettings(stride=0.25 * MM)


def scene(*more: Boundary, thick: float = 10.0 * MM) -> Tissue:
    return Tissue((*stack(ORIGIN, UP, [(SKIN, SOFT, thick), (FASCIA, FIRM, 0.1)]), *more))


def vein(deep: float = 25.0 * MM, radius: float = 4.0 * MM) -> Boundary:
    return Boundary(Cylinder(np.array([0.0, 0.0, -deep]), np.array([0.0, 1.0, 0.0]), radius), VEIN, BLOOD)


def at(deep: float, *, aside: float = 0.0, roll: float = 0.0, turn: Floats | None = None) -> NeedleControl:
    """Return the hub where a straight needle is `deep` [m] in the tissue, the whole scene turned by `turn` (3, 3)."""
    R = np.eye(3) if turn is None else turn
    return NeedleControl.aimed(R @ np.array([aside, 0.0, SPEC.length - deep]), R @ -UP, up=R @ SIDE, roll=roll)


def driven(
    needle: Needle, state: NeedleState, way: tuple[float, float], *, steps: int = 60, dt: float = 0.01
) -> tuple[NeedleState, Floats]:
    """Return the state after a straight push or pull between two depths, and the force on the way, (steps,)."""
    forces = []
    for k in range(1, steps + 1):
        state = needle.step(state, at(way[0] + (way[1] - way[0]) * k / steps), dt)
        forces.append(needle.read(state).axial_force)
    return state, np.array(forces)


def inside(needle: Needle, deep: float, *, steps: int = 60) -> NeedleState:
    return driven(needle, needle.init(at(-1.0 * MM)), (-1.0 * MM, deep), steps=steps)[0]


def same(a: NeedleState, b: NeedleState) -> bool:
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a.body, b.body, strict=True))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layer("a", cutting=-1.0), "layer 'a': cutting is -1.0"),
        (lambda: Layer("a", friction=math.nan), "friction is nan"),
        (lambda: Layer("a", stiction=0.9), "stiction is 0.9"),
        (lambda: Layer("a", relaxing=1.0), "at most 0.95"),
        (lambda: Wall("w", puncture=-0.1), "wall 'w': puncture is -0.1"),
        (lambda: Wall("w", stiffness=-5.0), "stiffness is -5.0"),
        (lambda: NeedleSpec(0.6, 1.0 * MM), "length is 0.6"),
        (lambda: NeedleSpec(0.1, 0.0), "radius is 0.0"),
        (lambda: NeedleSpec(0.1, 1.0 * MM, 1.0 * MM), "bore is 0.001"),
        (lambda: NeedleSettings(stride=0.0), "stride is 0.0"),
        (lambda: Tissue(()), "no boundary"),
        (lambda: stack(ORIGIN, UP, [(SKIN, SOFT, 0.1 * MM), (FASCIA, FIRM, 1.0)]), "0.1 mm thick, at least 0.2 mm"),
        (lambda: stack(ORIGIN, np.zeros(3), [(SKIN, SOFT, 1.0)]), "normal is zero"),
        (lambda: Boundary(Cylinder(ORIGIN, UP, -1.0), VEIN, BLOOD), "radius is -1.0"),
        (
            lambda: Tissue(
                (Boundary(Plane(-0.01 * UP, UP), SKIN, SOFT), Boundary(Plane(ORIGIN, UP), FASCIA, FIRM))
            ),
            "'fascia' lies -10 mm below 'skin'",
        ),
        (lambda: NeedleControl.aimed(ORIGIN, UP, up=UP), "up must lie across"),
    ],
)  # fmt: skip
def test_what_no_needle_and_no_tissue_can_be_is_refused_with_its_number(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(InputError, match=message):
        make()


def test_a_hub_that_jumps_or_is_no_pose_is_refused_and_the_state_stays() -> None:
    needle = Needle(SPEC, scene())
    state = needle.init(at(-1.0 * MM))
    for control, message in (
        (at(50.0 * MM), "position jumps by 0.051 m in one step; at most 0.02 m"),
        (at(-1.0 * MM, roll=3.0), "roll jumps"),
        (NeedleControl(np.full((4, 4), np.nan)), "finite"),
        (NeedleControl(2.0 * np.eye(4)), "orthonormal"),
    ):
        with pytest.raises(InputError, match=message):
            needle.step(state, control, 0.01)
    with pytest.raises(InputError, match=r"dt is 0\.0"):
        needle.step(state, at(-1.0 * MM), 0.0)
    with pytest.raises(InputError, match=r"begins 2\.00 mm behind 'skin'"):
        needle.init(at(2.0 * MM))


def test_a_hub_below_the_skin_is_refused() -> None:
    needle = Needle(SPEC, scene(), COARSE)
    state = inside(needle, SPEC.length + 5.0 * MM)
    assert needle.read(state).buried
    with pytest.raises(InputError, match="more than 20 mm below"):
        driven(needle, state, (SPEC.length + 5.0 * MM, SPEC.length + 25.0 * MM))


def test_a_state_that_is_no_number_ends_as_diverged() -> None:
    needle = Needle(SPEC, scene(), COARSE)
    state = inside(needle, 20.0 * MM, steps=30)
    broken = state.body.track.copy()
    broken[:] = np.nan
    with pytest.raises(DivergedError, match="finite"):
        needle.step(NeedleState(state.body._replace(track=broken)), at(20.0 * MM), 0.01)


def test_force_rises_to_each_wall_drops_behind_it_and_grows_with_depth() -> None:
    needle = Needle(SPEC, scene(), COARSE)
    state = needle.init(at(-1.0 * MM))
    peaks: list[float] = []
    events: list[Puncture] = []
    for k in range(1, 401):
        state = needle.step(state, at(-1.0 * MM + 41.0 * MM * k / 400), 5e-3)
        read = needle.read(state)
        if read.count > len(events):
            events.append(read.punctures[-1])
            peaks.append(read.peak_force)
    assert [(one.name, one.way) for one in events] == [("skin", Way.IN), ("fascia", Way.IN)]
    assert [one.force for one in events] == [pytest.approx(2.0), pytest.approx(1.2)]
    assert peaks[0] == pytest.approx(2.0)
    assert peaks[1] > 1.2  # friction of the fat on top
    assert events[0].tick < events[1].tick <= 400
    assert events[1].depth == pytest.approx(10.0 * MM, abs=0.1 * MM)
    held = FIRM.cutting + SOFT.friction * 10.0 * MM + FIRM.friction * 30.0 * MM
    assert read.axial_force == pytest.approx(held, rel=0.02)
    assert read.depths == pytest.approx([0.0, 10.0 * MM, 30.0 * MM], abs=0.1 * MM)
    assert (read.layer_name, read.grip) == ("firm", Grip.SLIDING)


def test_tissue_goes_before_the_tip_until_it_is_pierced_and_then_slides_back() -> None:
    needle = Needle(SPEC, Tissue((*stack(ORIGIN, UP, [(Wall("w", 1.0, stiffness=200.0), BLOOD, 1.0)]),)))
    state, _ = driven(needle, needle.init(at(-1.0 * MM)), (-1.0 * MM, 4.0 * MM), steps=50)
    read = needle.read(state)
    assert read.displacement[0] == pytest.approx(4.0 * MM)
    assert read.axial_force == pytest.approx(0.8)
    assert (read.layer_name, read.count, read.crossings[0].pierced) == ("air", 0, False)
    back, _ = driven(needle, state, (4.0 * MM, 1.0 * MM), steps=20)
    assert needle.read(back).axial_force == pytest.approx(0.2)
    state, _ = driven(needle, state, (4.0 * MM, 5.1 * MM), steps=11)
    read = needle.read(state)
    assert (read.layer_name, read.count) == ("blood", 1)
    held = needle.step(state, at(5.1 * MM), 0.015)
    # one time constant of recoil later the wall has gone back by 1 - 1/e of what it was displaced
    ratio = needle.read(held).displacement[0] / read.displacement[0]
    assert ratio == pytest.approx(math.exp(-1.0), rel=1e-6)


def test_a_needle_goes_through_and_through_a_vein_near_wall_first() -> None:
    needle = Needle(SPEC, scene(vein()), COARSE)
    state = inside(needle, 40.0 * MM, steps=160)
    read = needle.read(state)
    assert [(one.name, one.way) for one in read.punctures[-2:]] == [("vein", Way.IN), ("vein", Way.OUT)]
    assert read.through == (2,)
    assert read.layer_name == "firm"
    assert read.depths[3] == pytest.approx(8.0 * MM, abs=0.1 * MM)


def test_a_needle_that_stops_in_the_lumen_is_in_it_and_has_not_gone_through() -> None:
    needle = Needle(SPEC, scene(vein()), COARSE)
    read = needle.read(inside(needle, 27.0 * MM, steps=120))
    assert (read.layer_name, read.through) == ("blood", ())
    assert read.punctures[-1].way is Way.IN


def test_a_soft_vein_is_pressed_flat_before_its_near_wall_gives_way_and_the_far_wall_soon_after() -> None:
    limp = replace(vein(radius=1.0 * MM), wall=replace(VEIN, puncture=2.0, stiffness=100.0, stiffening=1e5))
    needle = Needle(SPEC, scene(limp), COARSE)
    state = inside(needle, 23.0 * MM, steps=120)
    ticks: dict[Way, int] = {}
    for k in range(1, 201):
        state = needle.step(state, at((23.0 + 0.1 * k) * MM), 0.01)
        walls = [one for one in needle.read(state).crossings if one.name == "vein"]
        ticks |= {one.way: one.tick for one in walls if one.pierced and one.way not in ticks}
        if len(walls) == 2 and not any(one.pierced for one in walls):
            flat = walls
    assert flat[0].displacement - flat[1].displacement == pytest.approx(2.0 * MM, abs=0.05 * MM)
    assert ticks[Way.OUT] - ticks[Way.IN] < 60


def test_a_vein_that_is_sampled_is_pierced_where_its_walls_stand() -> None:
    def clearance(p: Floats) -> Floats:
        return np.asarray(4.0 * MM - np.hypot(p[:, 0], p[:, 2] + 25.0 * MM))

    grid = field_of(clearance, np.array([-0.01, -0.01, -0.035]), np.array([0.01, 0.01, -0.015]), 0.5 * MM, 2.0 * MM)
    needle = Needle(SPEC, scene(Boundary(Sampled(grid), VEIN, BLOOD)), COARSE)
    read = needle.read(inside(needle, 40.0 * MM, steps=160))
    assert read.through == (2,)
    assert [one.depth for one in read.crossings[2:]] == pytest.approx([21.0 * MM, 29.0 * MM], abs=0.05 * MM)


def test_drawing_back_takes_friction_only_and_the_old_track_has_no_peak() -> None:
    needle = Needle(SPEC, scene(vein()), COARSE)
    state, into = driven(needle, needle.init(at(-1.0 * MM)), (-1.0 * MM, 40.0 * MM), steps=160)
    state, out = driven(needle, state, (40.0 * MM, 5.0 * MM), steps=140)
    count = needle.read(state).count
    state, again = driven(needle, state, (5.0 * MM, 39.0 * MM), steps=140)
    assert np.all(out[5:] < 0.0)
    assert np.abs(out[5:]).max() < into[-1]
    assert needle.read(state).count == count
    friction = SOFT.friction * 10.0 * MM + FIRM.friction * 21.0 * MM
    assert again.max() < 1.3 * friction
    state, _ = driven(needle, state, (39.0 * MM, 45.0 * MM), steps=30)
    assert needle.read(state).tip_force == pytest.approx(FIRM.cutting)


def test_a_needle_that_comes_out_finds_its_hole_again_but_elsewhere_meets_the_skin_anew() -> None:
    needle = Needle(SPEC, scene(), COARSE)
    state, _ = driven(needle, inside(needle, 20.0 * MM), (20.0 * MM, -2.0 * MM))
    read = needle.read(state)
    assert (read.grip, read.depth, read.axial_force) == (Grip.FREE, 0.0, 0.0)
    again, forces = driven(needle, state, (-2.0 * MM, 15.0 * MM))
    assert needle.read(again).count == 2
    assert forces.max() < 0.6
    for k in range(1, 11):
        state = needle.step(state, at(-2.0 * MM, aside=0.5 * k * MM), 0.01)
    for k in range(1, 61):
        state = needle.step(state, at((-2.0 + 17.0 * k / 60) * MM, aside=5.0 * MM), 0.01)
    assert needle.read(state).count == 4


def test_a_tip_that_comes_to_rest_on_the_skin_still_feels_it_afterwards() -> None:
    needle = Needle(SPEC, scene())
    state = needle.init(at(-0.2 * MM))
    for deep in (-0.1 * MM, 0.0, -1e-17, 1e-17, 0.0, 0.1 * MM, 1.0 * MM):
        state = needle.step(state, at(deep), 1e-3)
    assert needle.read(state).displacement[0] == pytest.approx(1.0 * MM)


def test_a_resting_needle_sticks_and_gives_way_only_beyond_static_friction() -> None:
    layer = replace(SOFT, relaxing=0.0)
    needle = Needle(SPEC, Tissue(stack(ORIGIN, UP, [(Wall("none"), layer, 1.0)])))
    state, _ = driven(needle, inside(needle, 20.0 * MM, steps=100), (20.0 * MM, 15.0 * MM))
    slide = layer.friction * 15.0 * MM
    state = needle.step(state, at(15.0 * MM), 0.01)
    assert needle.read(state).axial_force == pytest.approx(-slide, rel=0.02)
    assert needle.read(state).grip is Grip.STUCK
    peak = 0.0
    for k in range(1, 121):
        state = needle.step(state, at(15.0 * MM - 0.01 * k * MM), 0.01)
        peak = min(peak, needle.read(state).axial_force)
    assert peak == pytest.approx(-layer.stiction * slide, rel=0.03)
    assert needle.read(state).axial_force == pytest.approx(-slide, rel=0.1)


def test_stored_and_lost_energy_never_fall_short_and_nothing_is_gained() -> None:
    needle = Needle(SPEC, scene(vein()), COARSE)
    state = needle.init(at(-1.0 * MM))
    lost, deep = 0.0, -1.0 * MM
    rng = np.random.default_rng(5)
    for to in (12.0, 8.0, 30.0, 30.0, 10.0, 26.0, -2.0, 14.0):
        for k in range(1, 41):
            way = deep + (to * MM - deep) * k / 40 + 0.05 * MM * rng.uniform(-1.0, 1.0)
            state = needle.step(state, at(way), 0.01)
            read = needle.read(state)
            assert read.lost >= lost - 1e-15
            assert read.work == pytest.approx(read.stored + read.lost, abs=1e-12)
            lost = read.lost
        deep = way


def test_the_bevel_leans_away_from_where_it_faces_and_turns_with_the_roll() -> None:
    needle = Needle(replace(SPEC, lean=0.3), scene(), COARSE)
    tips = []
    for roll in (0.0, math.pi, 0.5 * math.pi):
        state = needle.init(at(-1.0 * MM, roll=roll))
        for k in range(1, 81):
            state = needle.step(state, at((-1.0 + 0.5 * k) * MM, roll=roll), 0.02)
        tips.append(needle.read(state).tip)
    assert tips[0][0] < -0.1 * MM
    assert tips[1][0] == pytest.approx(-tips[0][0], rel=1e-6)
    # aimed with up = x, axis = -z: a quarter turn about the axis brings x to -y, so that the tip leans to +y
    assert tips[2][1] == pytest.approx(-tips[0][0], rel=1e-6)
    assert tips[2][0] == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31))
def test_a_scene_that_is_turned_as_a_whole_gives_the_same_force(seed: int) -> None:
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    R = q * np.sign(np.diag(r))
    R *= np.linalg.det(R)
    found = []
    for turn in (np.eye(3), R):
        skin = Boundary(Plane(ORIGIN, turn @ UP), SKIN, SOFT)
        wall = Boundary(
            Cylinder(turn @ np.array([0.0, 0.0, -0.02]), turn @ np.array([0.0, 1.0, 0.0]), 0.004), VEIN, BLOOD
        )
        needle = Needle(replace(SPEC, lean=0.2), Tissue((skin, wall)), COARSE)
        state = needle.init(at(-1.0 * MM, turn=turn))
        for k in range(1, 61):
            state = needle.step(state, at((-1.0 + 0.3 * k) * MM, aside=0.01 * k * MM, turn=turn), 0.01)
        read = needle.read(state)
        found.append((read.axial_force, turn.T @ read.hand_force, turn.T @ read.hand_torque, turn.T @ read.tip))
    for one, other in zip(*found, strict=True):
        assert other == pytest.approx(one, rel=1e-6, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(st.floats(2.0, 18.0), st.floats(0.0, 10.0))
def test_a_thicker_firm_layer_never_takes_less_force(above: float, more: float) -> None:
    forces = []
    for thick in (above + more, above):  # less soft above leaves more firm below
        needle = Needle(SPEC, scene(thick=thick * MM), COARSE)
        forces.append(needle.read(inside(needle, 40.0 * MM, steps=80)).axial_force)
    assert forces[0] <= forces[1] + 1e-3


@settings(max_examples=8, deadline=None)
@given(st.floats(5.0, 40.0), st.floats(2.0, 30.0))
def test_drawing_back_never_takes_more_force_than_going_in(deep: float, speed: float) -> None:
    needle = Needle(SPEC, scene(), COARSE)
    steps = 60
    dt = (deep + 1.0) / speed / steps
    state, _ = driven(needle, needle.init(at(-1.0 * MM)), (-1.0 * MM, deep * MM), steps=steps, dt=dt)
    most = needle.read(state)
    _, out = driven(needle, state, (deep * MM, 0.2 * deep * MM), steps=steps, dt=dt)
    if most.count:
        stuck = SOFT.stiction * (SOFT.friction * most.depths[1] + FIRM.friction * most.depths[2])
        assert np.abs(out).max() <= max(abs(most.axial_force), stuck) + 1e-6


def test_the_same_hand_gives_the_same_bits_from_any_state_on() -> None:
    needle = Needle(replace(SPEC, lean=0.3), scene(vein()), COARSE)
    half = inside(needle, 15.0 * MM)
    before = [array.copy() for array in half.body]
    one, _ = driven(needle, half, (15.0 * MM, 35.0 * MM))
    two, _ = driven(Needle(replace(SPEC, lean=0.3), scene(vein()), COARSE), half, (15.0 * MM, 35.0 * MM))
    assert same(one, two)
    assert all(np.array_equal(a, b) for a, b in zip(before, half.body, strict=True))
    assert not any(array.flags.writeable for array in one.body)

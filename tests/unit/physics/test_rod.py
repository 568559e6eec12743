"""The solver's surface: what it refuses, that a step is a pure function, and what the readout tells."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.grid import SparseGrid
from simtrainer.core.units import MM, N_MM2
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.physics.rod_check import check_way
from simtrainer.physics.rod_device import Profile
from simtrainer.physics.wall import Wall
from simtrainer.studies.rig import feed, field_of, free_space, uniform

Floats = NDArray[np.float64]
X, ORIGIN = np.array([1.0, 0.0, 0.0]), np.zeros(3)
BORE = 4.0 * MM


@pytest.fixture(scope="module")
def tube() -> SparseGrid:
    low, high = np.array([-0.01, -0.012, -0.012]), np.array([0.3, 0.012, 0.012])
    return field_of(lambda p: BORE - np.hypot(p[:, 1], p[:, 2]), low, high, 1.0 * MM, 6.0 * MM)


@pytest.fixture(scope="module")
def pair(tube: SparseGrid) -> Rod:
    wire = uniform(300.0, curvature=60.0, curved=15.0 * MM)
    catheter = uniform(150.0, curvature=40.0, curved=20.0 * MM, radius=0.8 * MM, length=1.0)
    return Rod(tube, ORIGIN, X, (wire, catheter))


@pytest.fixture(scope="module")
def inside(pair: Rod) -> RodState:
    state = feed(pair, pair.init(), np.array([0.2, 0.0]), ticks=30, dt=0.05)
    return feed(pair, state, np.array([0.2, 0.15]), ticks=30, dt=0.05, hub=np.array([0.5, -0.5]))


def bits(state: RodState) -> list[bytes]:
    arrays = (*state.shape, state.wall, state.hand, state.report)
    return [array.tobytes() for array in arrays]


# A step is a pure function ------------------------------------------------------------------------------------------


def test_the_same_step_gives_the_same_bits(pair: Rod, inside: RodState) -> None:
    control = RodControl(np.array([0.201, 0.149]), np.array([0.55, -0.5]))
    assert bits(pair.step(inside, control, 0.01)) == bits(pair.step(inside, control, 0.01))


def test_another_solver_of_the_same_devices_gives_the_same_bits(pair: Rod, inside: RodState) -> None:
    twin = Rod(pair.field, pair.entry, pair.direction, pair.devices, pair.settings)
    control = RodControl(np.array([0.201, 0.149]), np.array([0.55, -0.5]))
    pair.step(inside, RodControl(np.array([0.19, 0.15]), np.zeros(2)), 0.01)  # what a solver did before leaves no trace
    assert bits(pair.step(inside, control, 0.01)) == bits(twin.step(inside, control, 0.01))


def test_a_step_leaves_its_inputs_alone_and_gives_arrays_that_cannot_be_written(pair: Rod, inside: RodState) -> None:
    control = RodControl(np.array([0.205, 0.15]), np.array([0.5, -0.4]))
    before, asked = bits(inside), (control.inserted.tobytes(), control.hub.tobytes())
    after = pair.step(inside, control, 0.01)
    assert bits(inside) == before
    assert (control.inserted.tobytes(), control.hub.tobytes()) == asked
    for array in (*after.shape, after.wall, after.hand, after.report):
        assert not array.flags.writeable
        for old in inside.shape:
            assert not np.shares_memory(array, old)


def test_a_readout_cannot_be_written_and_shares_nothing_with_the_state(pair: Rod, inside: RodState) -> None:
    read = pair.read(inside)
    for field in dataclasses.fields(read):
        value = getattr(read, field.name)
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable, field.name
            assert not any(np.shares_memory(value, array) for array in (*inside.shape, inside.wall, inside.hand))


def test_a_rod_in_equilibrium_stays_where_it_is(pair: Rod, inside: RodState) -> None:
    held = RodControl(np.array([0.2, 0.15]), np.array([0.5, -0.5]))
    state = inside
    for _ in range(40):
        state = pair.step(state, held, 0.05)
    still = pair.read(state)
    later = pair.read(pair.step(state, held, 0.01))
    assert np.abs(still.points - later.points).max() < 1e-3 * MM
    assert later.iterations <= 2


def test_the_first_state_is_at_rest_in_a_bent_vessel() -> None:
    """The sheath, laid along a polyline with corners, has found its place before the first tick."""
    bend = 60.0 * MM
    low, high = np.array([-0.02, -0.012, -0.02]), np.array([0.09, 0.012, 0.09])
    field = field_of(
        lambda p: BORE - np.hypot(np.hypot(p[:, 0], p[:, 2] - bend) - bend, p[:, 1]), low, high, 1.0 * MM, 6.0 * MM
    )
    angle = np.linspace(0.0, 2.0, 12)
    path = bend * np.column_stack([np.sin(angle), 0.0 * angle, 1.0 - np.cos(angle)])
    rod = Rod(field, ORIGIN, X, (uniform(300.0),))
    start = rod.init(path)
    still = rod.step(start, RodControl(np.zeros(1), np.zeros(1)), 0.01)
    assert np.abs(still.shape.x - start.shape.x).max() < 1e-2  # mm
    assert rod.read(still).residual < 1e-3
    assert rod.read(still).iterations <= 2
    assert rod.read(still).penetration < 0.2 * MM


# What the readout tells -----------------------------------------------------------------------------------------------


def test_the_readout_tells_where_devices_end_and_how_the_wall_presses(pair: Rod, inside: RodState) -> None:
    read = pair.read(inside)
    n = len(read.points)
    assert read.inserted == pytest.approx([0.2, 0.15])
    assert read.arc[-1] == pytest.approx(0.2)
    assert np.linalg.norm(np.diff(read.points, axis=0), axis=1).sum() == pytest.approx(0.2, rel=2e-3)
    assert read.wall_force.shape == (n, 3)
    assert read.friction.shape == (n, 3)
    assert read.wall_pressure.shape == (n,)
    pressing = np.linalg.norm(read.wall_force, axis=1) > 1e-3
    assert pressing.any()
    assert (read.wall_pressure[pressing] > 0.0).all()
    inwards = read.wall_force * (-read.points * [0.0, 1.0, 1.0])
    assert (inwards.sum(axis=1)[pressing] > 0.0).all()
    assert read.penetration < 0.2 * MM
    assert not read.escaped.any()


def test_friction_is_nowhere_above_mu_times_the_wall_force(pair: Rod, inside: RodState) -> None:
    state = pair.step(inside, RodControl(np.array([0.2005, 0.1505]), np.array([0.5, -0.5])), 0.01)
    for _ in range(20):
        now = pair.read(state).inserted
        state = pair.step(state, RodControl(now + 0.1 * MM, np.array([0.5, -0.5])), 0.01)
    read = pair.read(state)
    push, rub = np.linalg.norm(read.wall_force, axis=1), np.linalg.norm(read.friction, axis=1)
    assert rub.max() > 1e-4
    assert (rub <= pair.settings.friction * push * 1.2 + 2e-3).all()  # the limit is that of the step before


def test_a_wire_beyond_the_wall_is_told_as_escaped(tube: SparseGrid) -> None:
    rod = Rod(tube, ORIGIN, X, (uniform(300.0),))
    state = feed(rod, rod.init(), np.array([0.2]), ticks=20, dt=0.05)
    assert not rod.read(state).escaped.any()
    held = RodControl(np.array([0.2]), np.zeros(1))
    brief = 1e-7  # s: inertia keeps it where it was put
    for off, deeper in ((6.4, 2.0 * MM), (40.0, 0.0)):  # 2.4 mm beyond the bore of 4 mm, and out of all bricks
        x = np.array(state.shape.x)
        x[:, 1] += off * np.clip((state.shape.s - 120.0) / 60.0, 0.0, 1.0) ** 2
        read = rod.read(rod.step(replace(state, shape=state.shape._replace(x=x)), held, brief))
        assert read.escaped[-1]
        assert not read.escaped[:20].any()
        assert read.penetration > deeper


def test_in_free_space_nothing_escapes_and_nothing_presses() -> None:
    rod = Rod(free_space(), ORIGIN, X, (uniform(300.0),))
    read = rod.read(feed(rod, rod.init(), np.array([0.2]), ticks=10, dt=0.05))
    assert not read.escaped.any()
    assert read.penetration == 0.0
    assert read.wall_pressure.max() == 0.0


def test_a_device_that_stays_outside_changes_nothing(tube: SparseGrid) -> None:
    """One device alone, beside an empty place, and beside another that is not inserted give the same motion."""
    wire, other = uniform(300.0, curvature=60.0, curved=15.0 * MM), uniform(150.0, radius=0.8 * MM)
    found = []
    for devices in ((wire,), (wire, None), (wire, other)):
        rod = Rod(tube, ORIGIN, X, devices)
        to = np.zeros(len(devices))
        to[0] = 0.18
        state = feed(rod, rod.init(), to, ticks=40, dt=0.02)
        found.append(rod.read(state))
    for read in found[1:]:
        assert np.array_equal(read.points, found[0].points)
        assert read.hand_force[0] == found[0].hand_force[0]
        assert read.hand_force[1] == 0.0


def test_an_empty_place_lets_nothing_in(tube: SparseGrid) -> None:
    rod = Rod(tube, ORIGIN, X, (None, None))
    state = rod.step(rod.init(), RodControl(np.array([0.05, 0.05]), np.zeros(2)), 0.01)
    assert rod.read(state).inserted == pytest.approx([0.0, 0.0])


def test_a_device_goes_in_as_its_hub_is_turned(tube: SparseGrid) -> None:
    rod = Rod(tube, ORIGIN, X, (uniform(300.0, curvature=20.0, curved=15.0 * MM),))
    state = rod.init()
    for _ in range(10):
        state = rod.step(state, RodControl(np.zeros(1), np.array([float(state.shape.hub[0]) + 0.2])), 0.01)
    state = feed(rod, state, np.array([0.05]), ticks=10, dt=0.01)
    assert rod.read(state).tip_angle[0] == pytest.approx(2.0, abs=0.05)


# What hands cannot do -------------------------------------------------------------------------------------------------


def test_a_device_is_pulled_no_further_than_out_and_pushed_no_further_than_its_length(tube: SparseGrid) -> None:
    rod = Rod(tube, ORIGIN, X, (uniform(300.0, length=0.15),))
    state = rod.step(rod.init(), RodControl(np.array([-0.05]), np.zeros(1)), 0.01)
    assert rod.read(state).inserted[0] == 0.0
    state = feed(rod, state, np.array([0.14]), ticks=10, dt=0.05)
    state = rod.step(state, RodControl(np.array([0.3]), np.zeros(1)), 0.05)
    assert rod.read(state).inserted[0] == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("inserted", "hub", "words"),
    [
        ([1.4], [0.0], "inserted[0] goes from 0 to 1.4 m in one step; at most 0.1 m"),
        ([0.0], [100.0], "hub[0] goes from 0 to 100 rad"),
        ([np.nan], [0.0], "inserted is [nan], it must be finite"),
        ([0.0], [np.inf], "hub is [inf], it must be finite"),
        ([0.0, 0.1], [0.0, 0.0], "inserted has shape (2,), the rod has 1 places"),
        ([0.0], [0.0, 0.0], "hub has shape (2,), the rod has 1 places"),
    ],
)
def test_a_control_that_no_hand_can_give_is_refused(inserted: list[float], hub: list[float], words: str) -> None:
    rod = Rod(free_space(), ORIGIN, X, (uniform(300.0),))
    with pytest.raises(InputError) as error:
        rod.step(rod.init(), RodControl(np.array(inserted), np.array(hub)), 0.01)
    assert words in str(error.value)


def test_a_long_push_in_one_step_is_taken_in_short_ones(tube: SparseGrid) -> None:
    rod = Rod(tube, ORIGIN, X, (uniform(300.0),))
    state = feed(rod, rod.init(), np.array([0.12]), ticks=20, dt=0.05)
    read = rod.read(rod.step(state, RodControl(np.array([0.2]), np.zeros(1)), 0.05))
    assert read.inserted[0] == pytest.approx(0.2)
    assert read.unconverged == 0
    assert read.penetration < 0.1 * MM


def test_a_state_that_is_not_finite_raises() -> None:
    rod = Rod(free_space(), ORIGIN, X, (uniform(300.0),))
    state = feed(rod, rod.init(), np.array([0.15]), ticks=10, dt=0.05)
    x = np.array(state.shape.x)
    x[-1] = np.nan
    with pytest.raises(DivergedError):
        rod.step(replace(state, shape=state.shape._replace(x=x)), RodControl(np.array([0.15]), np.zeros(1)), 0.01)


# What is no rod -------------------------------------------------------------------------------------------------------


def spoilt(**change: Floats | float) -> Profile:
    good = Profile(
        np.array([0.0, 10.0, 20.0]) * MM, np.full(3, 300.0) * N_MM2, np.zeros(3), np.full(3, 225.0) * N_MM2,
        np.full(3, 0.45 * MM), np.full(3, 4e-3), 1.5,
    )  # fmt: skip
    return replace(good, **change)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"flexural_rigidity": np.array([1e-4, -2e-4, 1e-4])}, "row 1: flexural_rigidity is -0.0002"),
        ({"torsional_rigidity": np.array([1e-4, 0.0, 1e-4])}, "row 1: torsional_rigidity is 0.0"),
        ({"radius": np.array([1e-3, 1e-3, np.nan])}, "row 2: radius is nan, it must be finite and above 0"),
        ({"mass_per_length": np.array([np.inf, 1e-3, 1e-3])}, "row 0: mass_per_length is inf"),
        ({"curvature": np.array([0.0, np.nan, 0.0])}, "row 1: curvature is nan, it must be finite"),
        ({"distance": np.array([0.0, 0.02, 0.01])}, "row 2: distance is 0.01 m, distances from the tip must increase"),
        ({"distance": np.array([0.01, 0.02, 0.03])}, "begins with 0"),
        ({"radius": np.array([1e-3, 1e-3])}, "radius has 2 values, distance has 3"),
        ({"length": 0.005}, "length is 0.005 m, it must reach at least the last row at 0.02 m"),
        ({"length": np.nan}, "length is nan m"),
    ],
)
def test_a_profile_that_no_device_has_is_refused_with_its_row(change: dict[str, Floats | float], words: str) -> None:
    with pytest.raises(InputError) as error:
        Rod(free_space(), ORIGIN, X, (spoilt(**change),))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("given_settings", "words"),
    [
        (RodSettings(friction=-0.1), "friction is -0.1, it must be finite and at least 0"),
        (RodSettings(coarse=0.0), "coarse is 0.0, it must be finite and at least 0.0001"),
        (RodSettings(substeps=0), "substeps is 0"),
        (RodSettings(sheath_length=0.001), "sheath_length is 0.001"),
        (RodSettings(tolerance=float("nan")), "tolerance is nan"),
        (RodSettings(gravity=(0.0, float("inf"), 0.0)), "gravity is (0.0, inf, 0.0)"),
    ],
)
def test_settings_of_no_rod_are_refused(given_settings: RodSettings, words: str) -> None:
    with pytest.raises(InputError) as error:
        Rod(free_space(), ORIGIN, X, (uniform(300.0),), given_settings)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("entry", "direction", "words"),
    [
        ([0.0, 0.0058, 0.0], [1, 0, 0], "access (0.0, 5.8, 0.0) mm lies 1.82 mm outside the vessel"),
        ([0.0, 0.5, 0.0], [1, 0, 0], "lies far outside the vessel"),
        ([0.0, 0.0038, 0.0], [1, 0, 0], "the lumen is 0.17 mm in radius, the thickest device 0.45 mm"),
        ([0.0, np.nan, 0.0], [1, 0, 0], "must be three finite coordinates"),
        ([0.0, 0.0, 0.0], [0, 0, 0], "must be a vector that is not zero"),
    ],
)
def test_an_access_outside_the_lumen_is_refused(
    tube: SparseGrid, entry: list[float], direction: list[float], words: str
) -> None:
    with pytest.raises(InputError) as error:
        Rod(tube, np.array(entry), np.array(direction, dtype=np.float64), (uniform(300.0),))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        (Wall(0.0), "wall: give is 0.0, it must be finite and at least 1"),
        (Wall(1e5, harden=-1.0), "wall: harden is -1.0"),
        (Wall(1e5, escape=np.nan), "wall: escape is nan"),
    ],
)
def test_a_wall_that_is_none_is_refused(wall: Wall, words: str) -> None:
    with pytest.raises(InputError) as error:
        Rod(free_space(), ORIGIN, X, (uniform(300.0),), RodSettings(wall=wall))
    assert words in str(error.value)


def test_four_devices_are_refused() -> None:
    with pytest.raises(InputError, match="4 places for devices; one, two or three"):
        Rod(free_space(), ORIGIN, X, (uniform(1.0), uniform(1.0), uniform(1.0), uniform(1.0)))


@pytest.mark.parametrize("path", [np.zeros((1, 3)), np.zeros((5, 2)), np.full((4, 3), np.nan)])
def test_a_path_that_is_none_is_refused(path: Floats) -> None:
    with pytest.raises(InputError, match="path of the sheath"):
        Rod(free_space(), ORIGIN, X, (uniform(300.0),)).init(path)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-0.002, 0.002), st.floats(-0.002, 0.002), st.floats(-0.2, 0.2)), min_size=3, max_size=8
    )
)
def test_whatever_hands_do_the_rod_keeps_its_length_and_its_tube(moves: list[tuple[float, float, float]]) -> None:
    low, high = np.array([-0.01, -0.012, -0.012]), np.array([0.3, 0.012, 0.012])
    field = field_of(lambda p: BORE - np.hypot(p[:, 1], p[:, 2]), low, high, 2.0 * MM, 6.0 * MM)
    rod = Rod(field, ORIGIN, X, (uniform(300.0, curvature=60.0, curved=15.0 * MM), uniform(150.0, radius=0.8 * MM)))
    state = feed(rod, rod.init(), np.array([0.16, 0.14]), ticks=20, dt=0.05)
    for wire, catheter, turn in moves:
        read = rod.read(state)
        control = RodControl(read.inserted + np.array([wire, catheter]), state.shape.hub + np.array([turn, -turn]))
        state = rod.step(state, control, 0.01)
    read = rod.read(state)
    stretch = np.linalg.norm(np.diff(read.points, axis=0), axis=1) / np.diff(read.arc) - 1.0
    assert np.abs(stretch).max() < 0.01
    assert read.penetration < 0.2 * MM
    assert not read.escaped.any()


def test_a_device_has_fine_nodes_along_its_whole_shape_and_a_straight_one_the_least(tube: SparseGrid) -> None:
    distance = np.array([0.0, 0.12, 0.121, 0.2])
    ones = np.ones(4)
    hook = Profile(distance, 1e-4 * ones, np.array([20.0, 20.0, 0.0, 0.0]), 1e-4 * ones, 1e-3 * ones, 3e-3 * ones, 1.0)
    assert hook.shaped == pytest.approx(0.121)
    path = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0]])
    for curvature, least in ((hook.curvature, 0.121), (0.0 * hook.curvature, 0.05)):
        device = dataclasses.replace(hook, curvature=curvature)
        solver = Rod(tube, ORIGIN, X, (device,))
        steps = np.diff(solver.read(solver.lay(path, np.array([0.4]))).arc)[::-1]
        fine = float(steps[: int(np.argmax(steps > 3.0 * MM))].sum())
        assert least - 1e-9 <= fine < least + 0.025


def test_a_way_that_a_device_can_go_is_let_pass(tube: SparseGrid) -> None:
    check_way(tube, np.array([[0.0, 0.0, 0.0], [0.25, 0.0, 0.0]]), 0.8 * MM)


@pytest.mark.parametrize(
    ("path", "radius", "words"),
    [
        (
            [[0.0, 0.0, 0.0], [0.1, 0.0, 0.0]],
            4.5,
            r"mm from the access, the lumen is 3\.\d\d mm in radius and the device",
        ),
        ([[0.0, 0.0, 0.0], [0.1, 0.0034, 0.0]], 0.45, r"mm in radius; samples every 1\.00 mm are too coarse"),
        ([[0.0, 0.0, 0.0], [0.1, 0.006, 0.0]], 0.4, r"the way leaves the vessel at \(99\.\d, 6\.0, 0\.0\) mm, 100 mm"),
        ([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0]], 0.4, r"the way leaves the vessel at \(301\.5"),
    ],
)
def test_a_way_too_thin_for_device_or_field_is_refused_with_its_place(
    tube: SparseGrid, path: list[list[float]], radius: float, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        check_way(tube, np.array(path), radius * MM)

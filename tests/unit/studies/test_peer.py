"""TubeNav: its wall against brute force, how a wire is driven and judged, and that ours and others do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtrainer import __version__
from simtrainer.core.units import MM
from simtrainer.studies.bench.clock import Clock
from simtrainer.studies.peer import peers
from simtrainer.studies.peer.engine import LOOK, Peer, drive
from simtrainer.studies.peer.ours import OURS
from simtrainer.studies.peer.task import (
    BEND,
    BEND_END,
    END,
    LENGTH,
    LUMEN,
    RADIUS,
    SEGMENTS,
    SHEATH,
    SPEED,
    STRAIGHT,
    WHOLE,
    Floats,
    Task,
    clearance,
    depth,
    laid,
    middle_line,
    nearest,
    surface,
)

FINE = 0.1 * MM
"""Distance of the points that brute force tries [m]."""
LINE = middle_line(np.linspace(-SHEATH, END, round((SHEATH + END) / FINE) + 1))[0]
SHORT = Task(BEND_END - 1.0 * MM, 0.1)
somewhere = st.tuples(st.floats(-0.35, 0.2), st.floats(-0.06, 0.16), st.floats(-0.05, 0.05))


def ticking(step: float) -> Clock:
    """A clock that goes on by `step` [s] each time it is read."""
    seconds = count(0.0, step)
    return lambda: next(seconds)


@settings(deadline=None)
@given(somewhere)
def test_the_distance_to_the_middle_line_is_that_of_brute_force(point: tuple[float, float, float]) -> None:
    at = np.array([point])
    (distance,), arc = nearest(at)
    brute = np.linalg.norm(LINE - at, axis=1).min()
    assert brute - 0.51 * FINE < distance < brute + 1e-12
    assert np.linalg.norm(middle_line(arc)[0] - at) == pytest.approx(distance, abs=1e-12)


def test_arc_positions_are_lengths_and_tangents_point_along() -> None:
    arc = np.linspace(-SHEATH, END, 2001)
    points, tangents = middle_line(arc)
    steps = np.diff(points, axis=0)
    assert np.linalg.norm(steps, axis=1) == pytest.approx(np.diff(arc), rel=1e-4)
    assert np.einsum("ij,ij->i", steps, tangents[1:]) == pytest.approx(np.diff(arc), rel=1e-4)
    assert nearest(points)[1] == pytest.approx(arc, abs=1e-9)


def test_a_wire_is_as_deep_as_its_surface_lies_beyond_the_wall() -> None:
    out = np.array([[0.05, 0.0, 0.0], [0.05, LUMEN - RADIUS, 0.0], [STRAIGHT + BEND + LUMEN, 0.06, 0.0]])
    assert depth(out) == pytest.approx([RADIUS - LUMEN, 0.0, RADIUS])
    gone_straight_on = np.array([[STRAIGHT + 0.1, 0.0, 0.0]])
    assert depth(gone_straight_on)[0] > 0.03


def test_a_wire_of_fixed_length_begins_straight_and_within_the_sheath() -> None:
    nodes = laid(WHOLE)
    assert len(nodes) == SEGMENTS + 1
    assert nodes[-1, 0] - nodes[0, 0] == pytest.approx(LENGTH)
    assert nodes[0, 0] > -SHEATH
    assert WHOLE.ideal == pytest.approx(0.170)


def test_the_triangles_lie_close_around_the_wall_and_face_inwards() -> None:
    vertices, corners = surface(80, 24)
    outside = -clearance(vertices[SHEATH_ROWS:])
    assert outside.min() > -1e-9
    assert outside.max() < 0.05 * MM
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    middle = (a + b + c) / 3.0
    inwards = middle_line(nearest(middle)[1])[0] - middle
    assert np.all(np.einsum("ij,ij->i", np.cross(b - a, c - a), inwards) > 0.0)
    assert -clearance(surface(80, 24, LUMEN + 1.0 * MM)[0]).min() > 0.9 * MM


SHEATH_ROWS = 24
"""The first ring stands where the tube's rounded end begins."""


@dataclass
class Led:
    """A wire whose tip keeps to the middle line for a while; then it goes on, or becomes no number."""

    tip: float
    after: float = np.inf
    then: Floats = field(default_factory=lambda: np.full(3, np.nan))
    pushed: float = 0.0

    def advance(self, pushed: float, turned: float) -> None:
        assert turned == pytest.approx(25.0 * pushed)
        self.pushed = pushed

    def nodes(self) -> Floats:
        points = middle_line(np.linspace(-0.1, self.tip + self.pushed, 400))[0]
        return points if self.pushed < self.after else np.vstack([points, self.then])


def led(task: Task) -> Led:
    return Led(task.tip)


def lost(task: Task) -> Led:
    return Led(task.tip, after=0.5 * SPEED * task.seconds)


def torn(task: Task) -> Led:
    return Led(task.tip, 0.5 * SPEED * task.seconds, np.array([0.12, 0.05, 0.0]))


def test_a_wire_on_the_middle_line_does_the_task_and_costs_what_the_clock_says() -> None:
    run = drive("led", Peer("led", "numpy", 2e-3, led), SHORT, ticking(1e-3))
    assert run.did_it
    assert run.steps == 50
    assert run.core_ms_per_10ms == pytest.approx(5.0)
    assert run.seconds_per_core_second == pytest.approx(2.0)
    assert run.products == pytest.approx(5.0)
    assert run.max_penetration_mm == pytest.approx((RADIUS - LUMEN) / MM, abs=2e-3)
    assert run.tip_mm == pytest.approx(run.ideal_mm)
    assert run.version == np.__version__


def test_several_steps_in_one_advance_count_as_steps() -> None:
    run = drive("led", Peer("led", "numpy", 2e-3, led, steps=5), SHORT, ticking(1e-3))
    assert run.steps == 50
    assert run.core_ms_per_10ms == pytest.approx(1.0)


def test_a_wire_that_ends_before_the_bend_does_is_not_through() -> None:
    run = drive("led", Peer("led", "numpy", 2e-3, led), Task(0.05, 0.1), ticking(1e-3))
    assert run.in_vessel
    assert not run.through
    assert not run.did_it


def test_a_wire_outside_its_tube_is_seen_even_if_it_came_back() -> None:
    run = drive("torn", Peer("torn", "numpy", 2e-3, torn), SHORT, ticking(1e-3))
    assert run.finite
    assert not run.in_vessel
    assert run.max_penetration_mm > 10.0


def test_a_number_that_is_not_finite_ends_the_run() -> None:
    run = drive("lost", Peer("lost", "numpy", 2e-3, lost), SHORT, ticking(1e-3))
    assert not run.finite
    assert not run.did_it
    assert run.steps == round((0.5 * SHORT.seconds + 0.5 * LOOK) / LOOK) * 10
    assert np.isnan(run.max_penetration_mm)


def test_a_package_that_is_not_there_has_no_version() -> None:
    assert Peer("none", "no-such-engine", 1e-3, led).version is None
    assert OURS["simtrainer_5ms"].version == __version__


@pytest.mark.parametrize("name", tuple(OURS))
def test_our_wire_comes_out_of_the_bend_and_stays_in_its_tube(name: str) -> None:
    run = drive(name, OURS[name], Task(BEND_END - 3.0 * MM, 0.2), ticking(1e-3))
    assert run.did_it
    assert abs(run.max_penetration_mm) < 0.1
    assert run.tip_mm == pytest.approx(run.ideal_mm, abs=3.0)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what others warn of is theirs
@pytest.mark.parametrize("name", peers.names())
def test_a_peer_that_is_installed_moves_as_the_hand_does(name: str) -> None:
    peer = peers.get(name)
    if peer.version is None:
        pytest.skip(f"{peer.package} is not installed")
    run = drive(name, peer, Task(0.05, 0.4), ticking(1e-3))
    assert run.in_vessel
    assert run.tip_mm == pytest.approx(run.ideal_mm, abs=0.5)  # Newton starts with a lag


def test_every_peer_can_be_looked_at_evenly() -> None:
    for peer in (*OURS.values(), *peers):
        looks = LOOK / (peer.step * peer.steps)
        assert looks == pytest.approx(round(looks))
